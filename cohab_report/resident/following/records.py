"""An observation as its own author may take it away: plain values, in the words that the tables use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cohab_report.intake.models import Observation
from cohab_report.intake.photos.models import Photo
from cohab_report.journal import Event


def own_record(observation: Observation, events: Sequence[Event], photos: Sequence[Photo]) -> dict[str, Any]:
    """All that is kept of what the resident sent, and what they may read of its history; times in UTC, WGS84 degrees."""
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
        "status": observation.status.value,
        "protection": observation.protection.name.lower(),
        "satisfaction": observation.satisfaction,
        "redacted_at": _instant(observation.redacted_at),
        "withdrawn_at": _instant(observation.withdrawn_at),
        "public": _public(observation) if observation.is_public else None,
        "photos": [_photo(photo) for photo in photos],
        "history": [{"what": event.name, "at": event.happened_at.isoformat()} for event in events],
    }


def _public(observation: Observation) -> dict[str, Any]:
    """What everybody may read of where and when it was, and since when."""
    told = {"lon": observation.public_lon, "lat": observation.public_lat, "on": observation.public_on.isoformat()}
    return {**told, "since": _instant(observation.published_at)}


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _photo(photo: Photo) -> dict[str, Any]:
    return {
        "position": photo.position,
        "state": photo.state.value,
        "reason": photo.reason.value if photo.reason else None,
        "width": photo.width,
        "height": photo.height,
        "received_at": photo.received_at.isoformat(),
    }
