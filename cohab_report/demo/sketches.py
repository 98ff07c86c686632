"""Made-up observations: where, what was answered, and a few harmless words that say themselves that they are made up."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Kind
from cohab_report.geo import Point
from cohab_report.intake.models import Belongings, Channel, Precision
from cohab_report.intake.rules import Draft
from cohab_report.territory.models import Place
from cohab_report.territory.queries import Ground

NEAR = 0.0009
"""Degrees: within about 70 to 100 m of the place."""
TRIES = 20
TEXTS = {
    Kind.CLEANLINESS: (
        "C’est comme ça depuis quelques jours.", "Vu en passant ce matin.", "Juste à côté du banc.", "Près de l’entrée.",
        "Ce serait bien de passer avant la fin de semaine.", "Déjà mieux qu’en avril.",
    ),
    Kind.SAFETY: (
        "On y voit mal le soir.", "C’est au bout du passage.", "Le sol est inégal à cet endroit.", "Surtout quand il pleut.",
        "Plus de lumière aiderait.",
    ),
    Kind.POSITIVE: (
        "Un bel après-midi ici, merci.", "Très agréable, on y revient.", "Merci à toute l’équipe.", "Le lieu est bien tenu.",
        "Belle ambiance, on s’y parle.",
    ),
    Kind.CONCERN: (),
}  # fmt: skip
MADE_UP = "(texte d’essai)"


@dataclass(frozen=True)
class Stage:
    """What a sketch may draw from: the places of the city, its outline, and one source of chance."""

    places: Sequence[Place]
    ground: Ground
    rng: Random
    key: str

    def sketch(self, number: int, category: Category, at: datetime, belongings: Belongings | None = None) -> Draft:
        """The draft of the made-up observation of this number, the same each time for one city, day and key."""
        place = self._place()
        near = self._near(place) if self.rng.random() < 0.55 else None
        return Draft(
            client_id=client_id(number, self.key), category=category.code, point=near,
            place=place.code if near is None or self.rng.random() < 0.5 else "",
            precision=Precision.PLACE if near is None else Precision.POINT, observed_on=at.astimezone(self.ground.zone).date(),
            text=self._text(category), answers=self._answers(category), channel=Channel.DEMO,
            belongings=(belongings or self._belongings()) if category.asks_belongings else Belongings.NOT_ASKED,
        )  # fmt: skip

    def _place(self) -> Place:
        """Any place, or one of a sector drawn first: most places of a city lie in its middle, and the other sectors have a voice too."""
        if self.rng.random() < 0.4:
            sector = self.rng.choice(sorted({place.sector_id for place in self.places}))
            return self.rng.choice([place for place in self.places if place.sector_id == sector])
        return self.rng.choice(self.places)

    def _near(self, place: Place) -> Point | None:
        points = (Point(place.lon + self._step(), place.lat + self._step()) for _ in range(TRIES))
        return next((point for point in points if self.ground.contains(point)), None)

    def _step(self) -> float:
        return round(self.rng.uniform(-NEAR, NEAR), 6)

    def _text(self, category: Category) -> str:
        texts = TEXTS[category.kind]
        return f"{self.rng.choice(texts)} {MADE_UP}" if texts and self.rng.random() < 0.6 else ""

    def _answers(self, category: Category) -> dict[str, str]:
        """An answer to each question that must be answered and to half of the others, never one that opens the danger page."""
        answers = {}
        for question in catalogue.questions_of(category):
            harmless = [code for code in question.option_codes if code not in question.blocks]
            if harmless and (question.is_required or self.rng.random() < 0.5):
                answers[question.code] = self.rng.choice(harmless)
        return answers

    def _belongings(self) -> Belongings:
        return self.rng.choices((Belongings.NO, Belongings.UNKNOWN, Belongings.YES), (82, 11, 7))[0]


def client_id(number: int, key: str) -> UUID:
    """The client id of the made-up observation of this number: the same each time, a guess for nobody without the key."""
    return UUID(bytes=hmac.new(key.encode(), f"demo\0{number}".encode(), hashlib.sha256).digest()[:16], version=4)
