"""The home page, and the map data that the residents' maps share.

The form, the public list and the other pages have rooms of their own.
"""

from typing import Any

import shapely
from flask import Response as FlaskResponse
from flask import json, render_template

from cohab_report.intake import queries
from cohab_report.intake.queries import PUBLIC_DAYS, ObservationFilter
from cohab_report.resident.asking import views as asking_views
from cohab_report.resident.asking import where as where_views
from cohab_report.resident.blueprint import bp
from cohab_report.resident.duplicates import views as already_views
from cohab_report.resident.emails import views as letter_views
from cohab_report.resident.explaining import scripts as script_views
from cohab_report.resident.explaining import views as explaining_views
from cohab_report.resident.following import views as follow_views
from cohab_report.resident.inquiries import views as inquiry_views
from cohab_report.resident.listing import views as listing_views
from cohab_report.resident.listing.list_address import first_day
from cohab_report.resident.offline import views as offline_views
from cohab_report.resident.photos import views as photo_views
from cohab_report.resident.sending import views as sending_views
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.territory.queries import SectorFacts
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import cacheable
from cohab_report.web.languages import words

RESIDENT_VIEW_MODULES = (
    asking_views,
    where_views,
    already_views,
    sending_views,
    follow_views,
    photo_views,
    letter_views,
    inquiry_views,
    listing_views,
    explaining_views,
    script_views,
    offline_views,
)
"""The modules with the other views of the blueprint: importing them registers their routes."""
__all__ = ["RESIDENT_VIEW_MODULES", "bp"]
LATEST_OBSERVATIONS = 3


@bp.get("/")
@open_to_all
def home() -> str:
    """Shows what the service is, the four entries to the form, and the latest public observations."""
    return render_template(
        "resident/home.html",
        latest=queries.recent_public_observations(
            ObservationFilter(since=first_day(PUBLIC_DAYS)), limit=LATEST_OBSERVATIONS
        ),
    )


@bp.get("/signaler/carte.json")
@open_to_all
@cacheable
def base_map() -> FlaskResponse:
    """Returns the city's outline, and the points of its sectors and public places, as GeoJSON (WGS84 lon/lat) for the
    maps.
    """
    city = territory.city_facts()
    outline = {
        "type": "Feature",
        "properties": {"kind": "boundary"},
        "geometry": shapely.geometry.mapping(city.outline),
    }
    sectors = [_as_feature("sector", sector) for sector in city.sectors]
    places = [_as_feature("place", place) for place in territory.places()]
    collection = {
        "type": "FeatureCollection",
        "centre": [city.centre.lon, city.centre.lat],
        "features": [outline, *sectors, *places],
    }
    return FlaskResponse(json.dumps(collection), mimetype="application/geo+json")


def _as_feature(kind: str, place: Place | SectorFacts) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [place.point.lon, place.point.lat]}
    return {"type": "Feature", "properties": {"kind": kind, "name": words(place.name)}, "geometry": point}
