"""Makes submissions for demo observations: a place, answers, and a harmless text marked as a test."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Kind
from cohab_report.geo import Point
from cohab_report.intake import codes
from cohab_report.intake.models import Belongings, Channel, Precision
from cohab_report.intake.rules import Submission
from cohab_report.territory.models import Place
from cohab_report.territory.queries import CityFacts

NEAR_DEGREES = 0.0009
"""Degrees of longitude and latitude: within about 70 to 100 m of the place."""
POINT_TRIES = 20
DEMO_TEXTS = {
    Kind.CLEANLINESS: (
        "C’est comme ça depuis quelques jours.",
        "Vu en passant ce matin.",
        "Juste à côté du banc.",
        "Près de l’entrée.",
        "Ce serait bien de passer avant la fin de semaine.",
        "Déjà mieux qu’en avril.",
    ),
    Kind.SAFETY: (
        "On y voit mal le soir.",
        "C’est au bout du passage.",
        "Le sol est inégal à cet endroit.",
        "Surtout quand il pleut.",
        "Plus de lumière aiderait.",
    ),
    Kind.POSITIVE: (
        "Un bel après-midi ici, merci.",
        "Très agréable, on y revient.",
        "Merci à toute l’équipe.",
        "Le lieu est bien tenu.",
        "Belle ambiance, on s’y parle.",
    ),
    Kind.CONCERN: (),
}
DEMO_MARK = "(texte d’essai)"


@dataclass(frozen=True)
class SubmissionMaker:
    """Makes submissions from a city's places and outline with one random generator; `key` keeps client ids
    unguessable.
    """

    places: Sequence[Place]
    city: CityFacts
    rng: Random
    key: str

    def make_submission(
        self, number: int, category: Category, at: datetime, belongings: Belongings | None = None
    ) -> Submission:
        """Makes the submission of the demo observation of this number; the same each time for one city, day and key."""
        place = self._random_place()
        point = self._point_near(place) if self.rng.random() < 0.55 else None
        return Submission(
            client_id=demo_client_id(number, self.key),
            category=category.code,
            point=point,
            place=place.code if point is None or self.rng.random() < 0.5 else "",
            precision=Precision.PLACE if point is None else Precision.POINT,
            observed_on=at.astimezone(self.city.zone).date(),
            text=self._random_text(category),
            answers=self._random_answers(category),
            channel=Channel.DEMO,
            belongings=(belongings or self._random_belongings()) if category.asks_belongings else Belongings.NOT_ASKED,
        )

    def _random_place(self) -> Place:
        """Draws a place, at times of a sector drawn first: most places lie in the middle, and other sectors must appear
        too.
        """
        if self.rng.random() < 0.4:
            sector = self.rng.choice(sorted({place.sector_id for place in self.places}))
            return self.rng.choice([place for place in self.places if place.sector_id == sector])
        return self.rng.choice(self.places)

    def _point_near(self, place: Place) -> Point | None:
        points = (
            Point(place.lon + self._random_offset(), place.lat + self._random_offset()) for _ in range(POINT_TRIES)
        )
        return next((point for point in points if self.city.contains(point)), None)

    def _random_offset(self) -> float:
        return round(self.rng.uniform(-NEAR_DEGREES, NEAR_DEGREES), 6)

    def _random_text(self, category: Category) -> str:
        texts = DEMO_TEXTS[category.kind]
        return f"{self.rng.choice(texts)} {DEMO_MARK}" if texts and self.rng.random() < 0.6 else ""

    def _random_answers(self, category: Category) -> dict[str, str]:
        """Draws an answer to each required question and to half of the others, never one that blocks the form."""
        answers = {}
        for question in catalogue.questions_of(category):
            harmless = [code for code in question.option_codes if code not in question.blocks]
            if harmless and (question.is_required or self.rng.random() < 0.5):
                answers[question.code] = self.rng.choice(harmless)
        return answers

    def _random_belongings(self) -> Belongings:
        return self.rng.choices((Belongings.NO, Belongings.UNKNOWN, Belongings.YES), (82, 11, 7))[0]


def demo_client_id(number: int, key: str) -> UUID:
    """Returns the client id of the demo observation of this number, derived from the key (HMAC-SHA-256) so that nobody
    can guess it.
    """
    return UUID(bytes=hmac.new(key.encode(), f"demo\0{number}".encode(), hashlib.sha256).digest()[:16], version=4)


def demo_client_ids(count: int, keys: Sequence[str]) -> Mapping[UUID, UUID]:
    """Returns the client ids of the first demo observations by the keyed hashes that are stored of them."""
    ids_and_keys = ((demo_client_id(number, key), key) for key in keys for number in range(1, count + 1))
    return {codes.client_hash(client_id, key): client_id for client_id, key in ids_and_keys}
