"""The export of an observation for its author: plain values under the names of the database's columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cohab_report.catalogue.models import Protection
from cohab_report.intake import rules
from cohab_report.intake.models import Observation
from cohab_report.intake.photos.models import Photo
from cohab_report.intake.photos.telling import ToldPhoto, told_photos
from cohab_report.intake.stories.queries import AuthorStory


def own_record(observation: Observation, story: AuthorStory, photos: Sequence[Photo]) -> dict[str, Any]:
    """Returns all that is stored of what the resident sent, and the story that the resident may read.

    ISO times in UTC, WGS84 degrees.
    """
    point = observation.exact_point
    return {
        "reference": observation.reference,
        "kind": observation.kind.value,
        "category": {
            "code": observation.category.code,
            "fr": observation.category.name.fr,
            "en": observation.category.name.en,
        },
        "sector": observation.sector.name.fr,
        "place": observation.place.name.fr if observation.place else None,
        "landmark": observation.landmark,
        "point": {"lon": point.lon, "lat": point.lat} if point else None,
        "precision": observation.precision.value,
        "text": observation.text,
        "wording": observation.text_flags,
        "answers": observation.answers,
        "belongings": observation.belongings.value,
        "observed_on": observation.observed_on.isoformat(),
        "received_at": observation.received_at.isoformat(),
        "language": observation.language,
        "channel": observation.channel.value,
        "network_hash_kept": observation.network_hash is not None,
        "status": story.status.value,
        "protection": _protection_by_answers(observation).name.lower(),
        "satisfaction": observation.satisfaction,
        "redacted_at": _iso_or_none(observation.redacted_at),
        "withdrawn_at": _iso_or_none(observation.withdrawn_at),
        "public": _public_record(observation) if observation.is_public else None,
        "photos": [_photo_record(photo) for photo in told_photos(photos, shares_a_case=story.shares_a_case)],
        "history": [{"what": event.name, "at": event.happened_at.isoformat()} for event in story.events],
    }


def _protection_by_answers(observation: Observation) -> Protection:
    """Returns the protection that category and answers ask for: of the place's own, the file must not tell.

    Whoever sends from many points would find the protected sites.
    """
    return rules.protection_of(observation.category, observation.belongings, near_protected=False)


def _public_record(observation: Observation) -> dict[str, Any]:
    """Returns the public place and day, and since when they are public."""
    return {
        "lon": observation.public_lon,
        "lat": observation.public_lat,
        "on": observation.public_on.isoformat(),
        "since": _iso_or_none(observation.published_at),
    }


def _iso_or_none(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _photo_record(photo: ToldPhoto) -> dict[str, Any]:
    return {
        "position": photo.position,
        "state": photo.state.value,
        "reason": photo.reason.value if photo.reason else None,
        "width": photo.width,
        "height": photo.height,
        "received_at": photo.received_at.isoformat(),
    }
