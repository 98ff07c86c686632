"""An observation as its own author may take it away: plain values, in the words that the tables use."""

from collections.abc import Sequence
from typing import Any

from cohab_report.intake.models import Observation
from cohab_report.journal import Event


def own_record(observation: Observation, events: Sequence[Event]) -> dict[str, Any]:
    """All that is kept of what the resident sent, and what they may read of its history; times in UTC, WGS84 degrees."""
    point = observation.exact_point
    return {
        "reference": observation.reference,
        "kind": observation.kind.value,
        "category": {"code": observation.category.code, "fr": observation.category.name.fr, "en": observation.category.name.en},
        "sector": observation.sector.name.fr,
        "place": observation.place.name.fr if observation.place else None,
        "landmark": observation.landmark,
        "point": {"lon": point.lon, "lat": point.lat} if point else None,
        "text": observation.text,
        "answers": observation.answers,
        "belongings": observation.belongings.value,
        "observed_on": observation.observed_on.isoformat(),
        "received_at": observation.received_at.isoformat(),
        "language": observation.language,
        "status": observation.status.value,
        "protection": observation.protection.name.lower(),
        "satisfaction": observation.satisfaction,
        "history": [{"what": event.name, "at": event.happened_at.isoformat()} for event in events],
    }
