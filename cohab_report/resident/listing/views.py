"""The public list, and the data of the map beside it. Both render public observations and nothing else."""

from typing import Any

from flask import Response as FlaskResponse
from flask import json, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.catalogue.captions import KIND_CAPTIONS
from cohab_report.catalogue.models import Kind
from cohab_report.geo import Lattice
from cohab_report.intake import queries
from cohab_report.intake.cells import queries as cell_queries
from cohab_report.intake.models import Status
from cohab_report.intake.queries import PUBLIC_PAGE_SIZE, ObservationFilter, PublicObservation
from cohab_report.resident.blueprint import bp
from cohab_report.resident.listing import list_address, squares
from cohab_report.resident.listing.squares import Window
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.web.access import open_to_all
from cohab_report.web.filters import local_date
from cohab_report.web.headers import cacheable
from cohab_report.web.languages import words

KIND_FILTERS = (None, Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE)
MOST_POINTS = 100
"""More observations than these in a window are shown as squares with counts."""


@bp.get("/observations")
@open_to_all
def observations() -> str:
    """Lists the public observations, the newest day first; filters and position are in the address."""
    listed = queries.recent_public_observations(
        list_address.filter_of_address(), after=list_address.position_of_address(), limit=PUBLIC_PAGE_SIZE + 1
    )
    older = None
    if len(listed) > PUBLIC_PAGE_SIZE:
        older = list_address.changed_address(apres=list_address.position_after(listed[PUBLIC_PAGE_SIZE - 1]))
    sectors = [(sector.code, words(sector.name)) for sector in territory.city_facts().sectors]
    return render_template(
        "resident/observations.html",
        observations=listed[:PUBLIC_PAGE_SIZE],
        older=older,
        sectors=sectors,
        days=list_address.days(),
        kinds=KIND_FILTERS,
        statuses=[status for status in Status if status is not Status.WITHDRAWN],
        address=list_address.changed_address,
        is_first="apres" not in request.args,
        source=list_address.map_address(),
        settings=current_settings(),
    )


@bp.get("/observations/cellules.json")
@open_to_all
@cacheable
def cells() -> Response:
    """Returns the filtered public observations of a map's window (`zoom`, `cadre`) as GeoJSON: counts by square, or
    points from close by.
    """
    city = territory.city_facts()
    zoom = request.args.get("zoom", squares.WHOLE_CITY, type=int)
    window = squares.window(zoom, squares.box_or_city(request.args.get("cadre", ""), city.accept_box), city.lattice)
    observation_filter = list_address.filter_of_address()
    points = _points_from_close_by(window, observation_filter)
    counts = cell_queries.cell_counts(
        window.span, observation_filter, days=list_address.days(), without_points=points is not None
    )
    features = [_square_feature(cell, count, window, city.lattice) for cell, count in counts if window.shows(cell)]
    collection = {"type": "FeatureCollection", "features": features + [_point_feature(each) for each in points or []]}
    response = FlaskResponse(json.dumps(collection), mimetype="application/geo+json")
    response.add_etag()
    return response.make_conditional(request)


def _points_from_close_by(window: Window, observation_filter: ObservationFilter) -> list[PublicObservation] | None:
    """Returns the observations to show as points, from close by; None where squares show them."""
    if window.level > 0:
        return None
    observations = cell_queries.exact_observations(window.cells(), observation_filter, limit=MOST_POINTS + 1)
    return list(observations) if len(observations) <= MOST_POINTS else None


def _square_feature(cell: int, count: int, window: Window, lattice: Lattice) -> dict[str, Any]:
    rounded = squares.rounded_count(count)
    text = _("environ %(count)s", count=rounded) if rounded else _("moins de %(count)s", count=squares.FEWEST_COUNTED)
    shape = {"type": "Polygon", "coordinates": [squares.outline(cell, window.level, lattice)]}
    return {"type": "Feature", "properties": {"shape": "square", "text": text}, "geometry": shape}


def _point_feature(each: PublicObservation) -> dict[str, Any]:
    text = _(
        "%(kind)s : %(category)s, %(place)s, %(day)s",
        kind=KIND_CAPTIONS[each.kind],
        category=words(each.category),
        place=words(each.place) if each.place else words(each.sector),
        day=local_date(each.on),
    )
    facts = {"shape": "point", "kind": each.kind.value, "reference": each.reference, "text": text}
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Point", "coordinates": [each.lon, each.lat]}}
