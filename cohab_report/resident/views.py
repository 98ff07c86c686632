"""The residents' front door: home, the public list, the map's ground and the pages that explain. The form itself is in its own modules."""

from datetime import date, timedelta
from typing import Any

import shapely
from flask import Response as FlaskResponse
from flask import json, render_template, request, url_for

from cohab_report.catalogue.models import Kind
from cohab_report.clock import today
from cohab_report.intake import queries
from cohab_report.intake.models import Status
from cohab_report.intake.queries import PAGE, PUBLIC_DAYS, PublicObservation, Wanted
from cohab_report.resident import asking_views, follow_views, sending_views
from cohab_report.resident.door import bp
from cohab_report.resident.offline import views as offline_views
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.territory.queries import SectorFacts
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import kept_briefly
from cohab_report.web.languages import words

MODULES = (asking_views, sending_views, follow_views, offline_views)
"""Where the other pages of the blueprint are; naming them here hangs them on it."""
__all__ = ["MODULES", "bp"]
FEW = 3


@bp.get("/")
@open_to_all
def home() -> str:
    """What this is, the four ways in, and what people noticed lately."""
    return render_template("resident/home.html", lately=queries.lately(Wanted(since=_first_day(PUBLIC_DAYS)), limit=FEW))


@bp.get("/observations")
@open_to_all
def observations() -> str:
    """What everybody may read, the newest day first; filters and place in the list are in the address."""
    days = 30 if request.args.get("jours") == "30" else PUBLIC_DAYS
    found = queries.lately(_wanted(days), after=_after(request.args.get("apres", "")), limit=PAGE + 1)
    older = _address(apres=_mark(found[PAGE - 1])) if len(found) > PAGE else None
    sectors = [(sector.code, words(sector.name)) for sector in territory.ground().sectors]
    return render_template(
        "resident/observations.html", found=found[:PAGE], older=older, sectors=sectors, days=days, kinds=[None, *_public_kinds()],
        statuses=[status for status in Status if status is not Status.WITHDRAWN], address=_address, is_first="apres" not in request.args,
    )  # fmt: skip


@bp.get("/signaler/carte.json")
@open_to_all
@kept_briefly
def ground() -> FlaskResponse:
    """The city's outline, its sectors' and its public places' points as GeoJSON, for the map on which a pin is placed."""
    known = territory.ground()
    outline = {"type": "Feature", "properties": {"kind": "boundary"}, "geometry": shapely.geometry.mapping(known.outline)}
    sectors = [_as_feature("sector", sector) for sector in known.sectors]
    places = [_as_feature("place", place) for place in territory.places()]
    found = {"type": "FeatureCollection", "centre": [known.centre.lon, known.centre.lat], "features": [outline, *sectors, *places]}
    return FlaskResponse(json.dumps(found), mimetype="application/geo+json")


@bp.get("/confidentialite")
@open_to_all
def privacy() -> str:
    """What is kept, why, for how long, who sees it, and what one may ask."""
    return render_template("resident/privacy.html")


@bp.get("/accessibilite")
@open_to_all
def accessibility() -> str:
    """What works without sight, mouse, script or a good line, what falls short, and whom to tell."""
    return render_template("resident/accessibility.html")


def _as_feature(kind: str, named: Place | SectorFacts) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [named.point.lon, named.point.lat]}
    return {"type": "Feature", "properties": {"kind": kind, "name": words(named.name)}, "geometry": point}


def _first_day(days: int) -> date:
    return today(territory.ground().zone) - timedelta(days=days)


def _public_kinds() -> list[Kind]:
    return [Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE]


def _wanted(days: int) -> Wanted:
    kind, status, sector = (request.args.get(name, "") for name in ("sujet", "etat", "secteur"))
    return Wanted(
        since=_first_day(days),
        kind=Kind(kind) if kind in list(Kind) else None,
        sector=sector or None,
        status=Status(status) if status in list(Status) else None,
    )


def _after(mark: str) -> tuple[date, str] | None:
    """The day and reference that a mark names; None for no mark or one that can't be read."""
    day, _, reference = mark.partition("_")
    try:
        return (date.fromisoformat(day), reference) if reference else None
    except ValueError:
        return None


def _mark(last: PublicObservation) -> str:
    return f"{last.on.isoformat()}_{last.reference}"


def _address(**changed: Any) -> str:
    """This list with something changed; a filter that changes begins the list anew."""
    kept = {name: text for name, text in request.args.items() if name in ("sujet", "etat", "secteur", "jours")}
    return url_for("resident.observations", **{name: text for name, text in {**kept, **changed}.items() if text})
