"""The public list's map: the same observations under the same filters, counted in words, and pointed at only from close
by.
"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.geo import Lattice, Point
from cohab_report.intake import operations as intake
from cohab_report.intake.cells.models import CELL_LEVELS
from cohab_report.intake.models import Observation
from cohab_report.resident.listing import squares
from tests import factories
from tests.factories import BANK
from tests.page import Page

CITY = (-1.34, 47.09, -1.16, 47.21)
LATTICE = Lattice(0.002, 0.0014)
CLOSE_BY = "zoom=17&cadre=-1.26,47.15,-1.24,47.16"
needs_session = pytest.mark.usefixtures("session")


def published(category: str = "DECHET-1", **changes: Any) -> Observation:
    observation = factories.observation(category, at=now() - timedelta(hours=1), **changes)
    intake.publish(observation, at=now())
    return observation


def map_features(page: Page, query: str = "") -> list[dict[str, Any]]:
    db.session.commit()
    answer = page.client.get(f"/observations/cellules.json?{query}")
    assert answer.status_code == 200 and answer.mimetype == "application/geo+json" and answer.json is not None
    return [each["properties"] for each in answer.json["features"]]


@needs_session
def test_cells_say_few_and_about_and_never_a_number(page: Page) -> None:
    published()
    assert [each["text"].replace("\xa0", " ") for each in map_features(page)] == ["moins de 10"]
    for _ in range(11):
        published()
    assert [each["text"].replace("\xa0", " ") for each in map_features(page)] == ["environ 10"]


@needs_session
def test_cells_have_points_only_from_close_by_and_only_where_the_point_is_public(page: Page) -> None:
    public, hidden = (
        published(text="mot secret"),
        [published("DECHET-3"), published("DECHET-2"), factories.observation()],
    )
    assert {each["shape"] for each in map_features(page, "zoom=13")} == {"square"}
    shapes = map_features(page, CLOSE_BY)
    points = [each for each in shapes if each["shape"] == "point"]
    assert [each["reference"] for each in points] == [public.reference]
    assert (
        "Propreté" in points[0]["text"] and "Déchets sur la berge" in points[0]["text"] and "secret" not in str(shapes)
    )
    assert len([each for each in shapes if each["shape"] == "square"]) == 1, (
        "what may be told by cell only is in a square"
    )
    assert not any(each.reference in str(shapes) for each in hidden)


@needs_session
def test_cells_tell_very_many_points_by_squares(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        published()
    monkeypatch.setattr("cohab_report.resident.listing.views.MOST_POINTS", 2)
    assert [each["shape"] for each in map_features(page, CLOSE_BY)] == ["square"]


@needs_session
def test_cells_keep_the_filters_of_the_list(page: Page) -> None:
    published()
    published("BIEN-1")
    html = page.visit("/observations?sujet=positive&secteur=rive-nord&jours=30")
    (source,) = html.xpath("//*[@data-behaviour='public-map']/@data-cells")
    assert source == "/observations/cellules.json?sujet=positive&secteur=rive-nord&jours=30"
    assert [each["kind"] for each in map_features(page, f"sujet=positive&{CLOSE_BY}") if each["shape"] == "point"] == [
        "positive"
    ]
    assert map_features(page, "sujet=safety") == [] and map_features(page, "secteur=rive-sud") == []


@needs_session
def test_an_empty_list_tells_why_and_what_next(page: Page) -> None:
    nothing_yet = page.get("resident.observations").xpath("//main")[0]
    assert (
        "Rien n’est publié" in nothing_yet.text_content().replace("\xa0", " ")
        and "Signaler" in nothing_yet.text_content()
    )
    narrowed = page.get("resident.observations", sujet="positive").xpath("//main")[0]
    assert "ne correspond" in narrowed.text_content() and "Voir toute la liste" in narrowed.text_content()


@needs_session
def test_positive_ones_are_as_visible_as_the_others(page: Page) -> None:
    published()
    published("BIEN-1")
    kinds = [each["kind"] for each in map_features(page, CLOSE_BY) if each["shape"] == "point"]
    assert sorted(kinds) == ["cleanliness", "positive"]


@needs_session
@pytest.mark.parametrize(
    "query",
    [
        "zoom=x&cadre=y",
        "zoom=-5",
        "zoom=99999999999999999999",
        "cadre=1,2,3",
        "cadre=nan,nan,nan,nan",
        "cadre=5,5,1,1",
        "zoom=17&cadre=-180,-90,180,90",
        "cadre=7,46,8,47",
        "zoom=17&cadre=inf,1,2,3",
        "jours=31",
        "sujet=people&etat=lost&secteur=atlantis",
    ],
)
def test_cells_survive_a_mangled_address(page: Page, query: str) -> None:
    published()
    map_features(page, query)


@needs_session
def test_cells_are_sent_again_only_when_they_changed(page: Page) -> None:
    published()
    db.session.commit()
    first = page.client.get("/observations/cellules.json")
    again = page.client.get("/observations/cellules.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, first.headers["Cache-Control"]) == (304, b"", "private, no-cache")
    published("BIEN-1", point=Point(BANK.lon, BANK.lat - 0.03))
    db.session.commit()
    assert (
        page.client.get("/observations/cellules.json", headers={"If-None-Match": first.headers["ETag"]}).status_code
        == 200
    )


@given(
    zoom=st.integers(-3, 30), box=st.tuples(*[st.floats(-200, 200) | st.floats(47.0, 47.3) | st.floats(-1.4, -1.1)] * 4)
)
def test_a_window_is_never_large_and_lies_in_the_city(zoom: int, box: tuple[float, float, float, float]) -> None:
    clamped = squares.box_or_city(",".join(map(str, box)), CITY)
    assert CITY[0] <= clamped[0] <= clamped[2] <= CITY[2] and CITY[1] <= clamped[1] <= clamped[3] <= CITY[3]
    window = squares.window(zoom, clamped, LATTICE)
    assert window.level in CELL_LEVELS and window.size <= squares.MOST_SQUARES
    assert all(window.shows(cell) and window.span.first <= cell <= window.span.last for cell in window.cells())


@pytest.mark.parametrize("level", CELL_LEVELS)
def test_a_square_holds_its_point(level: int) -> None:
    corners = squares.outline(LATTICE.cell(BANK) // 4**level, level, LATTICE)
    assert corners[0] == corners[-1]
    assert corners[0][0] <= BANK.lon <= corners[2][0] and corners[0][1] <= BANK.lat <= corners[2][1]


@pytest.mark.parametrize(("count", "rounded"), [(1, None), (9, None), (10, 10), (12, 10), (13, 15), (99, 100)])
def test_counts_are_rounded_to_fives_and_few_are_not_published(count: int, rounded: int | None) -> None:
    assert squares.rounded_count(count) == rounded
