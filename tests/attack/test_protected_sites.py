"""Who moves a point about to find a shelter learns nothing from the site, and from what is public a block at most."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from statistics import mean
from types import FrameType

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.territory import queries as territory
from cohab_report.territory.models import ProtectedSite
from cohab_report.web import throttle
from tests import factories
from tests.attack import protected_sites as attack
from tests.cast import Cast
from tests.factories import BANK

pytestmark = pytest.mark.usefixtures("session")
SHIPPED = "trois_rivieres"
FARTHER_THAN_LUCK = 150
"""Metres from the best guess of an attacker to the shelter, on average over many keys."""


@pytest.fixture
def visitor(app: Flask, cast: Cast) -> Iterator[attack.Visitor]:
    """A stranger at the form on one Monday."""
    del cast
    with time_machine.travel(factories.MONDAY, tick=False):
        visitor = attack.Visitor(app.test_client(), factories.MONDAY.date().isoformat())
        visitor.begin()
        yield visitor


@pytest.fixture
def shelter() -> Point:
    site = db.session.scalars(select(ProtectedSite).where(ProtectedSite.code == "abri")).one()
    return Point(site.lon, site.lat)


def test_the_review_says_the_same_wherever_the_point_is(visitor: attack.Visitor, shelter: Point) -> None:
    found, probes = attack.scan(visitor.review_words, attack.moved(shelter, 30, -40), metres=450, step=150)
    assert probes == 49 and found is None
    assert attack.bisect(visitor.review_words, shelter, reach=900) is None
    assert "150" in visitor.review_words(shelter), "it says that some places are told by their cell"


def test_ones_own_file_says_the_same_wherever_the_point_is(visitor: attack.Visitor, shelter: Point) -> None:
    assert visitor.own_protection(shelter) == visitor.own_protection(BANK)
    near, far = factories.observation(point=shelter), factories.observation(point=BANK)
    assert near.protection > far.protection and near.received_protection is far.received_protection


def test_what_is_public_leads_to_the_borders_of_a_block_and_no_further(
    visitor: attack.Visitor, shelter: Point, cast: Cast
) -> None:
    guess = attack.bisect(lambda point: visitor.shape_on_map(point, by=cast.ana), shelter, reach=900)
    assert guess is not None, "this attacker has the team accept all that it sends"
    lattice = territory.city_facts().lattice
    up, down, right, left = guess.borders
    for axis, borders, step in (("lat", (up, -down), lattice.dlat), ("lon", (right, -left), lattice.dlon)):
        ends = [getattr(attack.moved(shelter, each, each), axis) / step for each in borders]
        assert all(abs(end - round(end)) < 0.02 for end in ends), "the borders are lines of the map's own grid"
        assert round(ends[0] - ends[1]) >= 5, "a block of whole cells"


def test_a_point_costs_the_same_wherever_it_is(visitor: attack.Visitor, shelter: Point) -> None:
    """The time of an answer tells nothing: the program does the same, however near or far the sites are."""
    city = territory.city_facts()
    assert not [name for name in vars(city) if "site" in name], "nothing that a request reads knows of a site"
    for point in (shelter, BANK):
        visitor.review_words(point)
    assert calls_of(lambda: city.is_near_protected(shelter)) == calls_of(lambda: city.is_near_protected(BANK))
    assert calls_of(lambda: visitor.review_words(shelter)) == calls_of(lambda: visitor.review_words(BANK))


def calls_of(act: Callable[[], object]) -> Counter[str]:
    """Counts the calls of this program's functions while it acts, by module and name."""
    calls = Counter[str]()

    def note(frame: FrameType, event: str, _of_event: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("cohab_report"):
            calls[f"{module}.{frame.f_code.co_qualname}"] += 1

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


@pytest.fixture
def throttled(app: Flask) -> Iterator[None]:
    throttle.limiter.reset()
    app.config["THROTTLED"] = True
    yield
    app.config["THROTTLED"] = False
    throttle.limiter.reset()


@pytest.mark.usefixtures("throttled")
def test_moving_a_place_again_and_again_has_to_wait_and_a_phone_with_gloves_has_not(
    visitor: attack.Visitor, shelter: Point
) -> None:
    moves = [visitor.move_to(attack.moved(shelter, step, step)) for step in range(40)]
    accepted = moves.count(303)
    assert moves == [303] * accepted + [429] * (40 - accepted)
    assert accepted >= 20, "somebody who misses the point twenty times still gets it"
    assert visitor.client.get("/signaler/verifier").status_code == 200, "and what was chosen last can be sent"
    other = attack.Visitor(visitor.client.application.test_client(), visitor.day)
    other.begin()
    assert other.move_to(shelter) == 303, "a neighbour of the same network has moves of their own"


@pytest.mark.usefixtures("throttled")
def test_a_new_draft_for_every_few_points_ends_at_the_limit_of_the_network(
    visitor: attack.Visitor, shelter: Point
) -> None:
    moves = []
    for _draft in range(16):
        stranger = attack.Visitor(visitor.client.application.test_client(), visitor.day)
        stranger.begin()
        moves += [stranger.move_to(attack.moved(shelter, step, step)) for step in range(20)]
    assert 200 < moves.count(303) < 260 and moves[-1] == 429


def test_whoever_knows_every_protected_cell_of_the_city_still_looks_for_its_shelters() -> None:
    """The strongest attacker: it knows all protected cells of the city, and guesses the middle of each piece."""
    metres, share = attack.guess_by_pieces(
        *attack.sites_and_ground(SHIPPED), keys=[f"key {number}".ljust(40, "x") for number in range(12)]
    )
    assert mean(metres) > FARTHER_THAN_LUCK
    assert share < 0.4, "most pieces are around no site"
