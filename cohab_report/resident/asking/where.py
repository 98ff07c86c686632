"""The form's page of the place: searched by name, chosen from the list, pointed at on the map or given by the phone.

The first two work without scripts.
"""

from collections.abc import Sequence

from flask import Response, render_template, request
from flask_babel import lazy_gettext as _

from cohab_report.errors import Invalid
from cohab_report.intake.wording import FindingKind, screen
from cohab_report.resident import steps
from cohab_report.resident.blueprint import bp
from cohab_report.resident.draft import Draft
from cohab_report.resident.duplicates.views import note_nearby_duplicates
from cohab_report.resident.forms import MESSAGES, PlaceForm
from cohab_report.resident.json_response import json_response
from cohab_report.resident.steps import PageResponse, danger_screen_required
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.territory import search
from cohab_report.territory.names import LONGEST_PLACE_QUERY, civic_number, corner_of
from cohab_report.territory.queries import CityFacts
from cohab_report.territory.search import Spot
from cohab_report.web import throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import cacheable
from cohab_report.web.languages import words
from cohab_report.web.typed_text import gives_back

LONG_LIST, SHORT_LIST = 60, 40
"""A list of more places than this many is cut to the nearest so many.

The others are behind the search, or one press away.
"""


@bp.route("/signaler/lieu", methods=["GET", "POST"])
@throttle.limit_places(lambda: steps.session_draft().client_id)
@open_to_all
@danger_screen_required
@gives_back(PlaceForm, q=_("Recherche"))
def place() -> PageResponse:
    """Asks for the place: by position, on the map or in the list, none preferred; a search (`q`) narrows the list."""
    draft = steps.session_draft()
    if (redirection := steps.redirect_if_too_early(draft, "place")) is not None:
        return redirection
    city, typed = territory.city_facts(), request.args.get("q", "")[:LONGEST_PLACE_QUERY]
    spots = places_to_choose(city, draft.place, typed)
    form = PlaceForm(
        data={
            "place": draft.place,
            "lon": draft.lon,
            "lat": draft.lat,
            "landmark": draft.landmark or address_typed(typed),
        }
    )
    form.offer(spots, city.sectors)
    if form.is_submitted():
        fill_draft(form, draft)
        try:
            if form.validate():
                steps.point_and_name(draft)
                note_nearby_duplicates(draft)
                return steps.save_and_go_on(draft)
        except Invalid as error:
            form.refuse(error.reason)
    page = render_template(
        "resident/place.html",
        form=form,
        typed=typed,
        spots={spot.value: spot for spot in spots},
        total=len(city.places),
        outside=MESSAGES["place", "outside"] in form.place.errors,
        step=steps.progress(draft, "place"),
        settings=current_settings(),
        is_dwelling=names_a_dwelling(typed, form.landmark.data or ""),
        finding_kinds=list(FindingKind),
    )
    return page, 422 if form.errors else 200


@bp.get("/signaler/lieux.json")
@open_to_all
@cacheable
def place_matches() -> Response:
    """Returns the places that match the typed words (`q`), the best first.

    For scripts, where the page's list is only a part.
    """
    spots = search.find_places(request.args.get("q", "")[:LONGEST_PLACE_QUERY])
    return json_response(
        [{"value": spot.value, "name": words(spot.name), "sector": words(spot.sector)} for spot in spots]
    )


def places_to_choose(city: CityFacts, place: str, typed: str) -> Sequence[Spot]:
    """Returns the places of the list: those that match a search, else all, else the nearest to the centre.

    Always with the chosen one.
    """
    if typed.strip():
        spots = list(search.find_places(typed))
    elif len(city.places) > LONG_LIST and "tous" not in request.args:
        spots = [search.spot_of(each) for each in city.nearest_places(to=None)[:SHORT_LIST]]
    else:
        spots = [search.spot_of(each) for each in city.places]
    place_row = city.place_of(place)
    chosen = search.spot_of(place_row) if place_row else search.corner_spot(city, place)
    return spots if chosen is None or chosen.value in {spot.value for spot in spots} else [chosen, *spots]


def fill_draft(form: PlaceForm, draft: Draft) -> None:
    """Writes the chosen place into the draft: a point counts more than a name, since it was given last and is finer."""
    draft.lon, draft.lat = form.lon.data or "", form.lat.data or ""
    draft.place = "" if draft.lon or draft.lat else form.place.data or ""
    draft.landmark, draft.again = form.landmark.data or "", ""


def address_typed(typed: str) -> str:
    """Returns a typed search that is an address or a corner, to be the landmark beside the street.

    "" for the bare name of a place.
    """
    return typed.strip()[:80] if civic_number(typed) or corner_of(typed) else ""


def names_a_dwelling(*typed: str) -> bool:
    """Whether one of the texts names a flat or where somebody lives."""
    return any(finding.kind is FindingKind.DWELLING for each in typed for finding in screen(each))
