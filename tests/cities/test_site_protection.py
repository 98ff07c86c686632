"""A protected site that is new, moved or gone: protection only rises, for what was received before it, too."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import delete, func, select, update

from cohab_report.catalogue.models import Protection
from cohab_report.cities import site_protection
from cohab_report.cities.loader import load_profile
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.intake import queries as intake
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Belongings, Observation
from cohab_report.journal import Event
from cohab_report.territory import queries as territory
from cohab_report.territory.models import City, ProtectedBlock, ProtectedSite
from cohab_report.triage.models import Case, CaseObservation
from cohab_report.triage.operations import surroundings
from tests import factories
from tests.cast import Cast
from tests.conftest import RIVEBELLE
from tests.factories import BANK, MONDAY
from tests.page import Page

pytestmark = pytest.mark.usefixtures("session")


def add_site(point: Point = BANK, code: str = "clinique") -> None:
    values: dict[str, Any] = {"kind": "clinic", "name_fr": "Clinique", "radius": 150}
    db.session.add(
        ProtectedSite(code=code, lon=point.lon, lat=point.lat, is_approximate=False, is_retired=False, **values)
    )
    db.session.flush()


def how_many_blocks() -> int:
    return db.session.scalar(select(func.count()).select_from(ProtectedBlock)) or 0


@pytest.fixture
def another_key(app: Flask) -> Iterator[None]:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, code_key="n" * 40)
    yield
    app.config["SETTINGS"] = settings


def test_loading_a_city_saves_the_blocks_of_its_sites_and_loading_it_again_adds_none() -> None:
    blocks = how_many_blocks()
    assert blocks == 2 * 3, "each of its two sites has a block, and two more around nothing"
    assert site_protection.protect_sites(at=MONDAY) == site_protection.ProtectionReport()
    assert how_many_blocks() == blocks


def test_a_new_site_protects_at_once_and_what_was_received_before_it_with_the_next_look(cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    hidden = factories.observation("DECHET-1", belongings=Belongings.YES)
    (seen,) = case.observations
    assert case.protection is Protection.PUBLIC_EXACT and not seen.is_near_protected
    add_site()
    assert factories.observation().protection is Protection.PUBLIC_CELL, "from its first moment"
    report = site_protection.protect_sites(at=MONDAY)
    db.session.expire_all()
    assert {case.protection, seen.protection} == {Protection.PUBLIC_CELL} and seen.is_near_protected
    assert hidden.protection is Protection.NEVER_PUBLIC and hidden.is_near_protected
    assert (report.blocks, report.cases) == (3, 1) and report.observations >= 2
    factories.accepted_case(cast.ana)
    editions.make_edition(at=MONDAY)
    (told,) = intake.recent_public_observations(intake.ObservationFilter(since=MONDAY.date()))
    assert told.is_cell, "what was public by its point has left with the edition"


def test_a_raised_case_has_one_event_that_its_page_tells_and_nobody_outside_reads(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    version, changed_at = case.version, case.changed_at
    add_site()
    for _look in range(2):
        site_protection.protect_sites(at=MONDAY)
    rows = db.session.scalars(select(Event).where(Event.name == "case.protected")).all()
    assert [(row.thread, row.actor, row.is_public) for row in rows] == [(case.reference, "system", False)]
    assert case.version > version, "who acts on an older page is told"
    assert case.changed_at == changed_at, "an answer that waits to be read still waits"
    text = page.get("triage.case", as_=cast.ana, reference=case.reference).text_content()
    assert "Lieu mieux protégé" in text


def test_a_new_site_raises_all_that_is_near_it_batch_by_batch_and_nothing_far_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "BATCH", 2)
    lattice = territory.city_facts().lattice
    far = factories.accepted_case(cast.ana, point=Point(BANK.lon - 9 * lattice.dlon, BANK.lat - 9 * lattice.dlat))
    near = [factories.accepted_case(cast.ana) for _ in range(5)]
    add_site()
    assert site_protection.protect_sites(at=MONDAY).cases == 5
    db.session.expire_all()
    assert {case.protection for case in near} == {Protection.PUBLIC_CELL}
    assert {far.protection, far.observations[0].protection} == {Protection.PUBLIC_EXACT}


def test_an_observation_joined_to_one_near_a_site_is_raised_with_it(cast: Cast) -> None:
    lattice = territory.city_facts().lattice
    case = factories.accepted_case(cast.ana)
    far = factories.observation(point=Point(BANK.lon - 9 * lattice.dlon, BANK.lat - 9 * lattice.dlat))
    moved = update(CaseObservation).where(CaseObservation.observation_id == far.id)
    db.session.execute(moved.values(case_id=case.id))
    db.session.expire_all()
    add_site()
    site_protection.protect_sites(at=MONDAY)
    assert not far.is_near_protected and far.protection is Protection.PUBLIC_CELL


def test_blocks_protect_from_memory_until_they_are_saved() -> None:
    saved = territory.city_facts().protected_cells
    db.session.execute(delete(ProtectedBlock))
    assert territory.city_facts().protected_cells == saved
    assert site_protection.protect_sites(at=MONDAY).blocks == 6 and how_many_blocks() == 6


@pytest.mark.usefixtures("another_key")
def test_another_key_takes_no_cell_away_and_adds_none_to_compare() -> None:
    assert current_app.config["SETTINGS"].code_key == "n" * 40
    blocks = db.session.scalars(select(ProtectedBlock)).all()
    db.session.scalars(select(City)).one().loaded_at = MONDAY  # something of the city changed: it is read anew
    db.session.flush()
    assert site_protection.protect_sites(at=MONDAY).blocks == 0
    assert db.session.scalars(select(ProtectedBlock)).all() == blocks
    add_site()
    assert site_protection.protect_sites(at=MONDAY).blocks == 3, "a new site is drawn with the new key"


def test_a_site_that_moves_keeps_its_old_block_beside_the_new_one() -> None:
    before = territory.city_facts().protected_cells
    site = db.session.scalars(select(ProtectedSite).where(ProtectedSite.code == "abri")).one()
    site.lon -= 0.03
    db.session.flush()
    site_protection.protect_sites(at=MONDAY)
    after = territory.city_facts()
    assert before < after.protected_cells and after.is_near_protected(Point(site.lon, site.lat))


def test_a_site_that_leaves_the_profile_leaves_its_block(tmp_path: Path) -> None:
    before = territory.city_facts().protected_cells
    folder = Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))
    table = folder / "protected_sites.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:-1]))
    load_profile(folder, at=MONDAY)
    assert territory.city_facts().protected_cells == before, "nobody sees that it closed"


def test_without_a_city_the_nightly_look_does_nothing() -> None:
    db.session.execute(delete(City))
    site_protection.protect_sites_of_loaded_city(at=MONDAY)


def test_what_is_protected_more_already_stays_so(cast: Cast) -> None:
    case = factories.case("DECHET-2")
    add_site()
    site_protection.protect_sites(at=MONDAY)
    assert case.protection is Protection.NEVER_PUBLIC
    assert {one.protection for one in db.session.scalars(select(Observation))} == {Protection.NEVER_PUBLIC}
    assert cast.ana and db.session.scalar(select(func.count()).select_from(Case)) == 1
