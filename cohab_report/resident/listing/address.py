"""The address of the public list: its filters as they are read from it and written into it. The map beside the list has the same ones."""

from datetime import date, timedelta
from typing import Any

from flask import request, url_for

from cohab_report.catalogue.models import Kind
from cohab_report.clock import today
from cohab_report.intake.cells.models import SPANS
from cohab_report.intake.models import Status
from cohab_report.intake.queries import PUBLIC_DAYS, PublicObservation, Wanted
from cohab_report.territory import queries as territory

FILTERS = ("sujet", "etat", "secteur", "jours")


def days() -> int:
    """How many days the reader asks for: ninety unless thirty are asked for."""
    asked = request.args.get("jours", "")
    return next((span for span in SPANS if str(span) == asked), PUBLIC_DAYS)


def first_day(of: int) -> date:
    """The first of the last so many days in the city."""
    return today(territory.ground().zone) - timedelta(days=of)


def wanted() -> Wanted:
    """What the address asks for; a filter that can't be read asks for nothing."""
    kind, status, sector = (request.args.get(name, "") for name in ("sujet", "etat", "secteur"))
    return Wanted(
        since=first_day(days()),
        kind=Kind(kind) if kind in list(Kind) else None,
        sector=sector or None,
        status=Status(status) if status in list(Status) else None,
    )


def after() -> tuple[date, str] | None:
    """The day and reference that the address names as the last ones read; None for none, or for one that can't be read."""
    day, _, reference = request.args.get("apres", "").partition("_")
    try:
        return (date.fromisoformat(day), reference) if reference else None
    except ValueError:
        return None


def mark(last: PublicObservation) -> str:
    """How an address names the last observation read."""
    return f"{last.on.isoformat()}_{last.reference}"


def changed(**differently: Any) -> str:
    """This list with something changed; a filter that changes begins the list anew."""
    return _address("resident.observations", differently)


def of_the_map() -> str:
    """Where the map finds what this list shows."""
    return _address("resident.cells", {})


def _address(endpoint: str, differently: dict[str, Any]) -> str:
    kept = {name: text for name, text in request.args.items() if name in FILTERS}
    return url_for(endpoint, **{name: text for name, text in {**kept, **differently}.items() if text})
