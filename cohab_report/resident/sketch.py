"""What a resident has answered so far, kept in their own signed session cookie and nowhere else.

It knows which page comes next. It refuses to be trusted: `to_draft` turns it into what the intake operation checks whole.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from uuid import UUID, uuid4

from cohab_report.catalogue.models import Category, Kind
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake.models import LONGEST_LANDMARK, Belongings, Precision
from cohab_report.intake.rules import Draft
from cohab_report.territory.names import corner_of
from cohab_report.territory.queries import Corner, Ground
from cohab_report.territory.search import CORNER

ANSWER = "answer_"
SECTOR = "sector:"
OTHER = "other"
WHERE = ("lon", "lat", "place", "landmark")
"""What says where: the part that another observation at the same place begins with."""


@dataclass
class Sketch:
    """The answers as they were typed; an empty text is a question that is still open."""

    client_id: str = ""
    kind: str = ""
    lon: str = ""
    lat: str = ""
    place: str = ""
    """A place's code; `corner:` and two streets' codes, or `sector:` and a sector's code, for somebody who doesn't know exactly."""
    landmark: str = ""
    """What was added to say where exactly: a house number, a thing that stands there."""
    category: str = ""
    asked: str = ""
    """The code of the category whose questions were answered."""
    text: str = ""
    observed_on: str = ""
    belongings: str = ""
    near: str = ""
    """`yes` where somebody already told of the same thing near there."""
    joins: str = ""
    """The reference of the observation that says the same, or `other` when none does."""
    again: str = ""
    """`yes` where the place is the one of the observation sent before."""
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begun(cls, *, lon: str = "", lat: str = "", place: str = "", landmark: str = "", again: str = "") -> "Sketch":
        """A new one, with its own client id, perhaps at a known place."""
        return cls(client_id=str(uuid4()), lon=lon, lat=lat, place=place, landmark=landmark, again=again)

    @classmethod
    def kept(cls, known: object) -> "Sketch":
        """The one that a session kept; a new one when there is none, or none that can be read."""
        if not isinstance(known, Mapping) or not known.get("client_id"):
            return cls.begun()
        texts = {name: str(known.get(name, "")) for name in _names()}
        answers = known.get("answers")
        return cls(
            **texts,
            answers={str(code): str(text) for code, text in answers.items()} if isinstance(answers, Mapping) else {},
        )

    @classmethod
    def posted(cls, typed: Mapping[str, str]) -> "Sketch":
        """The one that a form carried whole, answers under their own names."""
        texts = {name: typed.get(name, "") for name in _names()}
        return cls(
            **texts,
            answers={
                name.removeprefix(ANSWER): text for name, text in typed.items() if name.startswith(ANSWER) and text
            },
        )

    def to_keep(self) -> dict[str, object]:
        """What a session keeps of it: only what was answered."""
        return {name: value for name, value in asdict(self).items() if value}

    def hidden(self) -> dict[str, str]:
        """Names and texts that carry it whole in a form."""
        texts = {name: str(getattr(self, name)) for name in _names()}
        return texts | {ANSWER + code: text for code, text in self.answers.items()}

    def about(self, kind: Kind) -> None:
        """It is about something of this kind; what was answered about another kind is dropped."""
        if self.kind != kind.value:
            self.kind, self.category, self.asked, self.belongings, self.answers = kind.value, "", "", "", {}
            self.near = self.joins = ""

    def of(self, category: Category) -> None:
        """It is of this category; answers that belong to another one are dropped."""
        if self.category != category.code:
            self.category, self.asked, self.answers = category.code, "", {}
        if not category.asks_belongings:
            self.belongings = ""

    @property
    def says_the_same(self) -> bool:
        """Whether it says the same as an observation that is there already."""
        return self.joins not in ("", OTHER)

    @property
    def has_place(self) -> bool:
        """Whether it says where."""
        return bool(self.place or (self.lon and self.lat))

    def steps(self, choices: Sequence[Category]) -> list[str]:
        """The pages of this observation in order, as far as one can know; `choices` are the categories of its kind."""
        chosen = next((category for category in choices if category.code == self.category), None)
        asks = chosen.asks_belongings if chosen else any(category.asks_belongings for category in choices)
        middle = {
            "category": len(choices) != 1,
            "already": bool(self.near),
            "questions": not self.says_the_same,
            "belongings": asks,
        }
        return ["subject", "place", *(step for step, is_there in middle.items() if is_there), "review"]

    def next_step(self, choices: Sequence[Category]) -> str:
        """The first page that still has no answer; `review` when all have."""
        answered = {
            "subject": self.kind,
            "place": self.has_place,
            "category": self.category,
            "already": self.joins,
            "questions": self.category and self.asked == self.category,
            "belongings": self.belongings,
        }
        return next((step for step in self.steps(choices) if not answered.get(step, step == "review")), "review")

    def point(self, ground: Ground) -> Point | None:
        """The point that was chosen, or the reference point of the chosen sector; raises Invalid("place", …) for what is no place."""
        if self.lon or self.lat:
            return Point(_degrees(self.lon, 180), _degrees(self.lat, 90))
        if self.place.startswith(SECTOR):
            found = [sector.point for sector in ground.sectors if sector.code == self.place.removeprefix(SECTOR)]
            if not found:
                raise Invalid("place", "unknown")
            return found[0]
        corner = self.corner(ground)
        return corner.point if corner else None

    def corner(self, ground: Ground) -> Corner | None:
        """The corner of two streets that was chosen, if one was; raises Invalid("place", "unknown") where none can be said."""
        if self.lon or self.lat or not self.place.startswith(CORNER):
            return None
        first, _, second = self.place.removeprefix(CORNER).partition(":")
        found = ground.corner(first, second)
        if found is None:
            raise Invalid("place", "unknown")
        return found

    def uuid(self) -> UUID:
        """The client id; raises Invalid("client_id", "version") for what is none."""
        try:
            return UUID(self.client_id)
        except ValueError:
            raise Invalid("client_id", "version") from None

    def day(self) -> date:
        """The day it was seen; raises Invalid("observed_on", "unreadable")."""
        try:
            return date.fromisoformat(self.observed_on)
        except ValueError:
            raise Invalid("observed_on", "unreadable") from None

    def to_draft(self, ground: Ground, *, language: str) -> Draft:
        """What the intake operation is asked to receive; raises Invalid(field, reason) for what can't even be read."""
        about, corner = self.place.startswith((SECTOR, CORNER)), self.corner(ground)
        # A corner is no row of the places: its streets are kept in words, for triage, once.
        added = "" if corner and corner_of(self.landmark) else self.landmark.strip()
        landmark = ", ".join(part for part in (corner.name.fr if corner else "", added) if part)[:LONGEST_LANDMARK]
        precise = Precision.POINT if self.lon else Precision.ABOUT if about else Precision.PLACE
        return Draft(
            client_id=self.uuid(), category=self.category, point=self.point(ground), place="" if about or self.lon else self.place,
            landmark=landmark, precision=precise, observed_on=self.day(), text=self.text.replace("\r\n", "\n"), answers=self.answers,
            belongings=_belongings(self.belongings), language=language, joins=self.joins if self.says_the_same else "",
        )  # fmt: skip


def _names() -> list[str]:
    return [each.name for each in fields(Sketch) if each.name != "answers"]


def _degrees(text: str, limit: int) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Invalid("place", "unreadable") from None
    if not math.isfinite(value) or abs(value) > limit:
        raise Invalid("place", "unreadable")
    return value


def _belongings(text: str) -> Belongings:
    if not text:
        return Belongings.NOT_ASKED
    try:
        return Belongings(text)
    except ValueError:
        raise Invalid("belongings", "unknown") from None
