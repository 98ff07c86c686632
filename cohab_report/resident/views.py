"""The residents' front door: home and the map's ground. The form, the public list and the pages that explain have modules of their own."""

from typing import Any

import shapely
from flask import Response as FlaskResponse
from flask import json, render_template

from cohab_report.intake import queries
from cohab_report.intake.queries import PUBLIC_DAYS, Wanted
from cohab_report.resident.already import views as already_views
from cohab_report.resident.asking import views as asking_views
from cohab_report.resident.asking import where as where_views
from cohab_report.resident.door import bp
from cohab_report.resident.explaining import scripts as script_views
from cohab_report.resident.explaining import views as explaining_views
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.inquiries import views as inquiry_views
from cohab_report.resident.letters import views as letter_views
from cohab_report.resident.listing import views as listing_views
from cohab_report.resident.listing.address import first_day
from cohab_report.resident.offline import views as offline_views
from cohab_report.resident.photos import views as photo_views
from cohab_report.resident.sending import views as sending_views
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.territory.queries import SectorFacts
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import kept_briefly
from cohab_report.web.languages import words

MODULES = (
    asking_views, where_views, already_views, sending_views, follow_views, photo_views, letter_views, inquiry_views, listing_views,
    explaining_views, script_views, offline_views,
)  # fmt: skip
"""Where the other pages of the blueprint are; naming them here hangs them on it."""
__all__ = ["MODULES", "bp"]
FEW = 3


@bp.get("/")
@open_to_all
def home() -> str:
    """What this is, the four ways in, and what people noticed lately."""
    return render_template("resident/home.html", lately=queries.lately(Wanted(since=first_day(PUBLIC_DAYS)), limit=FEW))


@bp.get("/signaler/carte.json")
@open_to_all
@kept_briefly
def ground() -> FlaskResponse:
    """The city's outline, its sectors' and its public places' points as GeoJSON, for the map on which a pin is placed."""
    known = territory.ground()
    outline = {
        "type": "Feature",
        "properties": {"kind": "boundary"},
        "geometry": shapely.geometry.mapping(known.outline),
    }
    sectors = [_as_feature("sector", sector) for sector in known.sectors]
    places = [_as_feature("place", place) for place in territory.places()]
    found = {
        "type": "FeatureCollection",
        "centre": [known.centre.lon, known.centre.lat],
        "features": [outline, *sectors, *places],
    }
    return FlaskResponse(json.dumps(found), mimetype="application/geo+json")


def _as_feature(kind: str, named: Place | SectorFacts) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [named.point.lon, named.point.lat]}
    return {"type": "Feature", "properties": {"kind": kind, "name": words(named.name)}, "geometry": point}
