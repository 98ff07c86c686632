"""Where it is: found by typing, pointed at on the map, given by the phone or chosen from the list; all of them without scripts but two."""

from collections.abc import Sequence

from flask import Response, render_template, request

from cohab_report.errors import Invalid
from cohab_report.intake.wording import FindingKind, screen
from cohab_report.resident import journey
from cohab_report.resident.already.views import look_around
from cohab_report.resident.answers import as_json
from cohab_report.resident.door import bp
from cohab_report.resident.forms import MESSAGES, PlaceForm
from cohab_report.resident.journey import Answer, after_danger
from cohab_report.resident.sketch import Sketch
from cohab_report.territory import queries as territory
from cohab_report.territory import search
from cohab_report.territory.names import LONGEST, civic_number, corner_of
from cohab_report.territory.queries import Ground
from cohab_report.territory.search import Spot
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import settings
from cohab_report.web.headers import kept_briefly
from cohab_report.web.languages import words

LONG_LIST, SHOWN = 60, 40
"""A list of more places than this many is cut to the nearest so many; the others are behind the search, or one press away."""


@bp.route("/signaler/lieu", methods=["GET", "POST"])
@open_to_all
@after_danger
def place() -> Answer:
    """Where it is: by position, on the map or in the list, all three optional and equal. What was searched for narrows the list."""
    sketch = journey.sketch()
    if (elsewhere := journey.too_early(sketch, "place")) is not None:
        return elsewhere
    known, typed = territory.ground(), request.args.get("q", "")[:LONGEST]
    spots = offered(known, sketch.place, typed)
    form = PlaceForm(
        data={
            "place": sketch.place,
            "lon": sketch.lon,
            "lat": sketch.lat,
            "landmark": sketch.landmark or hint_in(typed),
        }
    )
    form.offer(spots, known.sectors)
    if form.is_submitted():
        keep(form, sketch)
        try:
            if form.validate():
                journey.where(sketch)
                look_around(sketch)
                return journey.go_on(sketch)
        except Invalid as error:
            form.refuse(error.reason)
    page = render_template(
        "resident/place.html", form=form, typed=typed, spots={spot.value: spot for spot in spots}, total=len(known.places),
        outside=MESSAGES["place", "outside"] in form.place.errors, step=journey.progress(sketch, "place"), settings=settings(),
        is_dwelling=names_a_dwelling(typed, form.landmark.data or ""), finding_kinds=list(FindingKind),
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.get("/signaler/lieux.json")
@open_to_all
@kept_briefly
def places() -> Response:
    """What is found of the typed words, the best first; scripts ask this when the page's own list is only a part of the city's."""
    found = search.search(request.args.get("q", "")[:LONGEST])
    return as_json([{"value": spot.value, "name": words(spot.name), "sector": words(spot.sector)} for spot in found])


def offered(known: Ground, place: str, typed: str) -> Sequence[Spot]:
    """What the list shows: what was searched for, else all places, else the nearest; what is already chosen is always among them."""
    if typed.strip():
        spots = list(search.search(typed))
    elif len(known.places) > LONG_LIST and "tous" not in request.args:
        spots = [search.spot_of(each) for each in known.nearest_places(to=None)[:SHOWN]]
    else:
        spots = [search.spot_of(each) for each in known.places]
    chosen = known.place_of(place)
    own = search.spot_of(chosen) if chosen else search.corner_spot(known, place)
    return spots if own is None or own.value in {spot.value for spot in spots} else [own, *spots]


def keep(form: PlaceForm, sketch: Sketch) -> None:
    """The sketch has what was chosen: a point counts more than a name, since it was given last and is finer."""
    sketch.lon, sketch.lat = form.lon.data or "", form.lat.data or ""
    sketch.place = "" if sketch.lon or sketch.lat else form.place.data or ""
    sketch.landmark, sketch.again = form.landmark.data or "", ""


def hint_in(typed: str) -> str:
    """An address or a corner as it was typed, to be kept beside the street; empty for the bare name of a place."""
    return typed.strip()[:80] if civic_number(typed) or corner_of(typed) else ""


def names_a_dwelling(*typed: str) -> bool:
    """Whether the words name a flat or where somebody lives."""
    return any(finding.kind is FindingKind.DWELLING for each in typed for finding in screen(each))
