"""The draft of an observation: a form in progress, stored in the resident's encrypted session cookie and nowhere else.

It decides which page comes next. Its values are not trusted: `to_submission` makes what the intake operation validates
as a whole.
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
from cohab_report.intake.rules import Submission
from cohab_report.territory.names import corner_of
from cohab_report.territory.queries import CityFacts, Corner
from cohab_report.territory.search import CORNER_PREFIX
from cohab_report.text_limits import trimmed_lines

ANSWER_PREFIX = "answer_"
SECTOR_PREFIX = "sector:"
NO_DUPLICATE = "other"
PLACE_FIELDS = ("lon", "lat", "place", "landmark")
"""The fields of the place, copied into another observation at the same place."""


@dataclass
class Draft:
    """The answers of a form in progress as they were typed; an empty text is a question without an answer yet.

    The names of the attributes are those of the form's hidden fields and of the session's keys, which phones store:
    they can't be renamed.
    """

    client_id: str = ""
    kind: str = ""
    lon: str = ""
    lat: str = ""
    place: str = ""
    """A place's code; or `corner:` and two streets' codes.

    Or `sector:` and a sector's code, where it isn't known exactly.
    """
    landmark: str = ""
    """A detail of the place: a house number, a thing that stands there."""
    category: str = ""
    asked: str = ""
    """The code of the category whose questions were answered."""
    text: str = ""
    observed_on: str = ""
    belongings: str = ""
    near: str = ""
    """`yes` where public observations of the same category are near the place, so that the step `duplicates` is shown.
    """
    joins: str = ""
    """The reference of the public observation that this one is a duplicate of, or `other` (NO_DUPLICATE)."""
    again: str = ""
    """`yes` where the place is reused from the observation sent before."""
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, *, lon: str = "", lat: str = "", place: str = "", landmark: str = "", again: str = "") -> "Draft":
        """Makes a draft with a client id of its own, perhaps with a place."""
        return cls(client_id=str(uuid4()), lon=lon, lat=lat, place=place, landmark=landmark, again=again)

    @classmethod
    def from_session(cls, stored: object) -> "Draft":
        """Reads the draft from a session's value; makes a new one when that is missing or can't be read."""
        if not isinstance(stored, Mapping) or not stored.get("client_id"):
            return cls.new()
        texts = {name: str(stored.get(name, "")) for name in _text_fields()}
        answers = stored.get("answers")
        return cls(
            **texts,
            answers={str(code): str(text) for code, text in answers.items()} if isinstance(answers, Mapping) else {},
        )

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Draft":
        """Reads the draft from the fields of a form that carries it whole, answers under their prefixed names."""
        texts = {name: form.get(name, "") for name in _text_fields()}
        answers = {name: text for name, text in form.items() if name.startswith(ANSWER_PREFIX) and text}
        return cls(**texts, answers={name.removeprefix(ANSWER_PREFIX): text for name, text in answers.items()})

    def to_session(self) -> dict[str, object]:
        """Returns what the session stores of it: the answered fields only."""
        return {name: value for name, value in asdict(self).items() if value}

    def to_fields(self) -> dict[str, str]:
        """Returns the names and texts of the hidden fields that carry it whole in a form."""
        texts = {name: str(getattr(self, name)) for name in _text_fields()}
        return texts | {ANSWER_PREFIX + code: text for code, text in self.answers.items()}

    def set_kind(self, kind: Kind) -> None:
        """Sets the kind; drops what was answered about another kind."""
        if self.kind != kind.value:
            self.kind, self.category, self.asked, self.belongings, self.answers = kind.value, "", "", "", {}
            self.near = self.joins = ""

    def set_category(self, category: Category) -> None:
        """Sets the category; drops answers that belong to another one."""
        if self.category != category.code:
            self.category, self.asked, self.answers = category.code, "", {}
        if not category.asks_belongings:
            self.belongings = ""

    @property
    def is_duplicate(self) -> bool:
        """Whether its author said that it is a duplicate of a public observation."""
        return self.joins not in ("", NO_DUPLICATE)

    @property
    def has_place(self) -> bool:
        """Whether a place or a point was given."""
        return bool(self.place or (self.lon and self.lat))

    @property
    def is_begun(self) -> bool:
        """Whether it says anything that must not pass to another observation: a place, words, or answers."""
        answered = (self.landmark, self.text, self.observed_on, self.belongings, self.joins, self.answers)
        return self.has_place or any(answered)

    def steps(self, choices: Sequence[Category]) -> list[str]:
        """Returns the pages of this draft in order, as far as its answers tell.

        `choices` are the categories of its kind.
        """
        chosen = next((category for category in choices if category.code == self.category), None)
        asks = chosen.asks_belongings if chosen else any(category.asks_belongings for category in choices)
        middle = {
            "category": len(choices) != 1,
            "duplicates": bool(self.near),
            "questions": not self.is_duplicate,
            "belongings": asks,
        }
        return ["subject", "place", *(step for step, is_there in middle.items() if is_there), "review"]

    def next_step(self, choices: Sequence[Category]) -> str:
        """Returns the first page that still has no answer; `review` when all have."""
        answered = {
            "subject": self.kind,
            "place": self.has_place,
            "category": self.category,
            "duplicates": self.joins,
            "questions": self.category and self.asked == self.category,
            "belongings": self.belongings,
        }
        return next((step for step in self.steps(choices) if not answered.get(step, step == "review")), "review")

    def point(self, city: CityFacts) -> Point | None:
        """Returns the chosen point, the corner's, or the reference point of the chosen sector; None for a place of the
        list.

        WGS84 lon/lat. Raises Invalid("place", unknown | unreadable).
        """
        if self.lon or self.lat:
            return Point(_degrees_or_refuse(self.lon, 180), _degrees_or_refuse(self.lat, 90))
        if self.place.startswith(SECTOR_PREFIX):
            code = self.place.removeprefix(SECTOR_PREFIX)
            point = next((sector.point for sector in city.sectors if sector.code == code), None)
            if point is None:
                raise Invalid("place", "unknown")
            return point
        corner = self.corner(city)
        return corner.point if corner else None

    def corner(self, city: CityFacts) -> Corner | None:
        """Returns the chosen corner of two streets, or None.

        Raises Invalid("place", "unknown") where the two have none.
        """
        if self.lon or self.lat or not self.place.startswith(CORNER_PREFIX):
            return None
        first, _, second = self.place.removeprefix(CORNER_PREFIX).partition(":")
        corner = city.corner(first, second)
        if corner is None:
            raise Invalid("place", "unknown")
        return corner

    def uuid(self) -> UUID:
        """Returns the client id; raises Invalid("client_id", "version") for a text that is no UUID."""
        try:
            return UUID(self.client_id)
        except ValueError:
            raise Invalid("client_id", "version") from None

    def day(self) -> date:
        """Returns the day of the observation; raises Invalid("observed_on", "unreadable")."""
        try:
            return date.fromisoformat(self.observed_on)
        except ValueError:
            raise Invalid("observed_on", "unreadable") from None

    def to_submission(self, city: CityFacts, *, language: str) -> Submission:
        """Makes the submission that intake receives; raises Invalid(field, reason) for values that can't be parsed."""
        is_approximate, corner = self.place.startswith((SECTOR_PREFIX, CORNER_PREFIX)), self.corner(city)
        # A corner is no row of the places: the names of its streets stand in the landmark, for triage, and only once.
        detail = "" if corner and corner_of(self.landmark) else self.landmark.strip()
        landmark = ", ".join(part for part in (corner.name.fr if corner else "", detail) if part)[:LONGEST_LANDMARK]
        return Submission(
            client_id=self.uuid(),
            category=self.category,
            point=self.point(city),
            place="" if is_approximate or self.lon else self.place,
            landmark=landmark,
            precision=Precision.POINT if self.lon else Precision.ABOUT if is_approximate else Precision.PLACE,
            observed_on=self.day(),
            text=trimmed_lines(self.text),
            answers=self.answers,
            belongings=_belongings_or_refuse(self.belongings),
            language=language,
            joins=self.joins if self.is_duplicate else "",
        )


def _text_fields() -> list[str]:
    return [each.name for each in fields(Draft) if each.name != "answers"]


def _degrees_or_refuse(text: str, limit: int) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Invalid("place", "unreadable") from None
    if not math.isfinite(value) or abs(value) > limit:
        raise Invalid("place", "unreadable")
    return value


def _belongings_or_refuse(text: str) -> Belongings:
    if not text:
        return Belongings.NOT_ASKED
    try:
        return Belongings(text)
    except ValueError:
        raise Invalid("belongings", "unknown") from None
