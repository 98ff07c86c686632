"""The address of the public list: reads its filters and builds addresses with them.

The map beside the list has the same filters.
"""

from datetime import date, timedelta
from typing import Any

from flask import request, url_for

from cohab_report.catalogue.models import Kind
from cohab_report.clock import today
from cohab_report.intake.cells.models import CELL_SPANS
from cohab_report.intake.models import Status
from cohab_report.intake.queries import PUBLIC_DAYS, ObservationFilter, PublicObservation
from cohab_report.territory import queries as territory

FILTERS = ("sujet", "etat", "secteur", "jours")


def days() -> int:
    """Returns the number of days that the address names, if it is one of the spans; else ninety."""
    typed = request.args.get("jours", "")
    return next((span for span in CELL_SPANS if str(span) == typed), PUBLIC_DAYS)


def first_day(days: int) -> date:
    """Returns the day so many days before today, in the city's time zone."""
    return today(territory.city_facts().zone) - timedelta(days=days)


def filter_of_address() -> ObservationFilter:
    """Returns the filter that the address names; a part that can't be read filters nothing."""
    kind, status, sector = (request.args.get(name, "") for name in ("sujet", "etat", "secteur"))
    return ObservationFilter(
        since=first_day(days()),
        kind=Kind(kind) if kind in list(Kind) else None,
        sector=sector or None,
        status=Status(status) if status in list(Status) else None,
    )


def position_of_address() -> tuple[date, str] | None:
    """Returns the day and reference after which the list goes on.

    None for its beginning, or for one that can't be read.
    """
    day, _, reference = request.args.get("apres", "").partition("_")
    try:
        return (date.fromisoformat(day), reference) if reference else None
    except ValueError:
        return None


def position_after(last: PublicObservation) -> str:
    """Returns the address's text for the position after this observation, the last of a page."""
    return f"{last.on.isoformat()}_{last.reference}"


def changed_address(**changes: Any) -> str:
    """Returns this list's address with these parts changed; a changed filter begins the list anew."""
    return _address_with_filters("resident.observations", changes)


def map_address() -> str:
    """Returns the address of the map's data, with this list's filters."""
    return _address_with_filters("resident.cells", {})


def _address_with_filters(endpoint: str, changes: dict[str, Any]) -> str:
    filters = {name: text for name, text in request.args.items() if name in FILTERS}
    return url_for(endpoint, **{name: text for name, text in {**filters, **changes}.items() if text})
