"""The public list, and what the map beside it draws. Both render what everybody may read, and nothing else."""

from typing import Any

from flask import Response as FlaskResponse
from flask import json, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cohab_report.catalogue.models import Kind
from cohab_report.geo import Lattice
from cohab_report.intake import queries
from cohab_report.intake.cells import queries as counted
from cohab_report.intake.models import Status
from cohab_report.intake.queries import PAGE, PublicObservation, Wanted
from cohab_report.resident.door import bp
from cohab_report.resident.listing import address, squares
from cohab_report.resident.listing.squares import Window
from cohab_report.territory import queries as territory
from cohab_report.triage.captions import KINDS as KINDS_IN_WORDS
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import settings
from cohab_report.web.filters import local_date
from cohab_report.web.headers import kept_briefly
from cohab_report.web.languages import words

KINDS = (None, Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE)
MOST_POINTS = 100
"""More than these at once are told by squares."""


@bp.get("/observations")
@open_to_all
def observations() -> str:
    """What everybody may read, the newest day first; filters and place in the list are in the address."""
    found = queries.lately(address.wanted(), after=address.after(), limit=PAGE + 1)
    older = address.changed(apres=address.mark(found[PAGE - 1])) if len(found) > PAGE else None
    sectors = [(sector.code, words(sector.name)) for sector in territory.ground().sectors]
    return render_template(
        "resident/observations.html", found=found[:PAGE], older=older, sectors=sectors, days=address.days(), kinds=KINDS,
        statuses=[status for status in Status if status is not Status.WITHDRAWN], address=address.changed,
        is_first="apres" not in request.args, source=address.of_the_map(), settings=settings(),
    )  # fmt: skip


@bp.get("/observations/cellules.json")
@open_to_all
@kept_briefly
def cells() -> Response:
    """What the list's filters leave, as GeoJSON for a map's window (`zoom`, `cadre`): counts by square, and points from close by."""
    ground = territory.ground()
    zoom = request.args.get("zoom", squares.WHOLE_CITY, type=int)
    shown = squares.window(zoom, squares.clamped(request.args.get("cadre", ""), ground.accept_box), ground.lattice)
    points = _points(shown, address.wanted())
    counts = counted.counts(shown.span, address.wanted(), days=address.days(), but_points=points is not None)
    features = [_square(cell, count, shown, ground.lattice) for cell, count in counts if shown.shows(cell)]
    found = {"type": "FeatureCollection", "features": features + [_point(each) for each in points or []]}
    answer = FlaskResponse(json.dumps(found), mimetype="application/geo+json")
    answer.add_etag()
    return answer.make_conditional(request)


def _points(shown: Window, wanted: Wanted) -> list[PublicObservation] | None:
    """What may be told to the point, from close by; None where squares tell it."""
    if shown.level > 0:
        return None
    found = counted.points(shown.cells(), wanted, limit=MOST_POINTS + 1)
    return list(found) if len(found) <= MOST_POINTS else None


def _square(cell: int, count: int, shown: Window, lattice: Lattice) -> dict[str, Any]:
    told = squares.told(count)
    text = _("environ %(count)s", count=told) if told else _("moins de %(count)s", count=squares.FEW)
    shape = {"type": "Polygon", "coordinates": [squares.outline(cell, shown.level, lattice)]}
    return {"type": "Feature", "properties": {"shape": "square", "text": text}, "geometry": shape}


def _point(each: PublicObservation) -> dict[str, Any]:
    where = words(each.place) if each.place else words(each.sector)
    said = {
        "kind": KINDS_IN_WORDS[each.kind],
        "category": words(each.category),
        "place": where,
        "day": local_date(each.on),
    }
    text = _("%(kind)s : %(category)s, %(place)s, %(day)s", **said)
    facts = {"shape": "point", "kind": each.kind.value, "reference": each.reference, "text": text}
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Point", "coordinates": [each.lon, each.lat]}}
