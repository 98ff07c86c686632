"""What was published stays as it was, is made by workers alone, and holds nothing that it hides; on both databases."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report import create_app, journal
from cohab_report.db import db, transaction
from cohab_report.errors import NotThere
from cohab_report.insight import counting, operations, queries
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.publishing import making
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import Quarter
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_for
from tests.insight.conftest import AUGUST, COUNTED
from tests.page import Page

SPRING, SUMMER = Quarter(2026, 2), Quarter(2026, 3)
LATER = COUNTED + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel(COUNTED, tick=False):
        yield


def kept(audience: Audience, quarter: Quarter = SUMMER) -> str:
    """What is published, to the last sign."""
    found = published.publications(audience, [quarter])[quarter]
    db.session.refresh(found)
    return json.dumps([found.made_at.isoformat(), found.content])


def counted_again() -> int:
    """An hour later the worker counts and publishes; returns how many publications it made."""
    operations.recount(at=LATER)
    db.session.commit()
    return publishing.publish(at=LATER)


def more_happens(cast: Cast) -> None:
    """Cases of the summer close late, and an observation of August is imported."""
    for case in db.session.scalars(select(Case).where(Case.state == "received")).all()[:12]:
        triage.accept(case, by=cast.ana, at=COUNTED)
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=COUNTED)
    for _number in range(30):
        factories.accepted(cast.ana, "DECHET-1", at=AUGUST)
    db.session.commit()


def test_a_public_quarter_stays_to_the_last_sign_whatever_happens_later(summer: Cast, page: Page) -> None:
    before, seen = kept(Audience.PUBLIC), page._ask("GET", "/bilan/2026-T3/mois.csv", as_=None).data
    more_happens(summer)
    counted_again()
    assert kept(Audience.PUBLIC) == before
    assert page._ask("GET", "/bilan/2026-T3/mois.csv", as_=None).data == seen
    assert "Chiffres arrêtés le 20 novembre 2026" in page.get("committee.figures").text_content()


def test_the_committees_quarter_follows_the_count(summer: Cast, page: Page) -> None:
    before = kept(Audience.COMMITTEE)
    more_happens(summer)
    assert kept(Audience.COMMITTEE) == before
    assert counted_again() >= 1
    assert kept(Audience.COMMITTEE) != before
    assert "79 observations" in page.get("committee.home", as_=summer.charlie).text_content().replace("\xa0", " ")


def test_nothing_is_made_again_when_nothing_changed(summer: Cast) -> None:
    before = kept(Audience.COMMITTEE)
    assert counted_again() == 0
    assert kept(Audience.COMMITTEE) == before
    assert published.publications(Audience.COMMITTEE, [SUMMER])[SUMMER].counted_at == LATER


def test_a_change_in_one_quarter_leaves_older_ones_alone(summer: Cast) -> None:
    before = kept(Audience.COMMITTEE, SPRING)
    more_happens(summer)
    assert counted_again() == 1
    assert kept(Audience.COMMITTEE, SPRING) == before


def test_the_next_quarter_compares_itself_anew(summer: Cast) -> None:
    june = datetime(2026, 6, 10, 15, tzinfo=UTC)
    for _number in range(60):
        factories.observation("LIEU-1", at=june, network=None)
    db.session.commit()
    counted_again()
    comparison = published.publications(Audience.COMMITTEE, [SUMMER])[SUMMER].content["comparison"]
    assert comparison is not None
    assert comparison[0] == pytest.approx(49 / 92 / (61 / 91), abs=1e-5)


def test_a_correction_is_asked_for_and_told(summer: Cast) -> None:
    before = kept(Audience.PUBLIC)
    more_happens(summer)
    counted_again()
    publishing.publish_again(SUMMER, by=journal.SYSTEM, at=LATER)
    assert kept(Audience.PUBLIC) != before
    (told,) = journal.history("quarter:2026-T3")
    assert told.name == "figures.corrected"
    with pytest.raises(NotThere):
        publishing.publish_again(Quarter(2026, 4), by=journal.SYSTEM, at=LATER)


def test_the_slower_of_two_workers_leaves_what_the_quicker_one_published(summer: Cast, session: Session) -> None:
    before = kept(Audience.PUBLIC)
    slower = Publication(
        audience=Audience.PUBLIC, quarter=SUMMER.first_day, made_at=LATER, counted_at=LATER, content={"tables": []}
    )
    assert publishing._keep(slower) is False
    assert kept(Audience.PUBLIC) == before
    assert len(session.scalars(select(Publication)).all()) == 4


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_two_workers_at_once_publish_each_quarter_once(engine: str, new_database: Callable[[str, str], str]) -> None:
    app = create_app(settings_for(new_database(engine, "two_workers")))
    with app.app_context(), transaction():
        for _number in range(20):
            factories.observation("DECHET-1", at=AUGUST)
    together = Barrier(2)

    def work(_worker: int) -> int:
        together.wait(timeout=20)
        with app.app_context():
            return counting.count_anew()

    with ThreadPoolExecutor(2) as workers:
        assert list(workers.map(work, range(2))) == [2, 2]
    with app.app_context():
        kept = db.session.execute(select(Publication.audience, Publication.quarter)).all()
        assert sorted(kept) == [(Audience.COMMITTEE, SUMMER.first_day), (Audience.PUBLIC, SUMMER.first_day)]
        db.session.remove()
        db.engine.dispose()


def test_an_older_count_does_not_replace_a_later_one(summer: Cast) -> None:
    more_happens(summer)
    counted_again()
    before = kept(Audience.COMMITTEE)
    old = Publication(
        audience=Audience.COMMITTEE, quarter=SUMMER.first_day, made_at=LATER, counted_at=COUNTED, content={"tables": []}
    )
    publishing._keep(old)
    assert kept(Audience.COMMITTEE) == before


def test_the_committee_stops_reading_a_quarter_of_which_nothing_is_left(summer: Cast) -> None:
    queries.forget_counts(SPRING.first_day, SPRING.next.first_day)
    db.session.commit()
    publishing.publish(at=LATER)
    assert published.published_quarters(Audience.COMMITTEE) == [SUMMER]
    assert published.published_quarters(Audience.PUBLIC) == [SUMMER, SPRING]


@pytest.mark.parametrize(
    "address", ["/plan", "/plan/BER-1", "/bilan", "/bilan/2026-T3/actions.csv", "/comite", "/comite/2026-T3/suites.csv"]
)
def test_no_page_suppresses_or_computes_while_somebody_waits(
    page: Page, summer: Cast, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def refuse(*_facts: object, **_more: object) -> None:
        raise AssertionError("a page suppresses")

    for name in ("suppress", "suppress_together", "poisson_interval", "share_interval"):
        monkeypatch.setattr(making, name, refuse)
    for library in ("scipy", "scipy.special", "scipy.optimize"):
        monkeypatch.setitem(sys.modules, library, None)
    assert page._ask("GET", address, as_=summer.charlie).status_code == 200


def test_a_web_server_starts_without_the_library_that_solves_programs() -> None:
    asked = "import sys, cohab_report, cohab_report.cli; print(sorted(name for name in sys.modules if name.startswith('scipy'))[:3])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert told == "[]\n"
