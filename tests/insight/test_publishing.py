"""Publications stay as they were, are made by workers alone, and hold nothing that they hide; on both databases."""

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
from cohab_report.errors import NotFound
from cohab_report.insight import jobs, operations, queries
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.publishing import table_builder
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


def content_of(audience: Audience, quarter: Quarter = SUMMER) -> str:
    """The stored publication, to the last character."""
    publication = published.publications(audience, [quarter])[quarter]
    db.session.refresh(publication)
    return json.dumps([publication.made_at.isoformat(), publication.content])


def count_again() -> int:
    """An hour later the worker counts and publishes; returns how many publications it made."""
    operations.recount_months(at=LATER)
    db.session.commit()
    return publishing.publish_quarters(at=LATER)


def change_the_summer(cast: Cast) -> None:
    """Cases of the summer close late, and an observation of August is imported."""
    for case in db.session.scalars(select(Case).where(Case.state == "received")).all()[:12]:
        triage.accept(case, by=cast.ana, at=COUNTED)
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=COUNTED)
    for _number in range(30):
        factories.accepted_case(cast.ana, "DECHET-1", at=AUGUST)
    db.session.commit()


def test_a_public_quarter_stays_to_the_last_character_whatever_happens_later(summer: Cast, page: Page) -> None:
    before, csv_before = content_of(Audience.PUBLIC), page._ask("GET", "/bilan/2026-T3/mois.csv", as_=None).data
    change_the_summer(summer)
    count_again()
    assert content_of(Audience.PUBLIC) == before
    assert page._ask("GET", "/bilan/2026-T3/mois.csv", as_=None).data == csv_before
    assert "Chiffres arrêtés le 20 novembre 2026" in page.get("figures.index").text_content()


def test_the_committees_quarter_follows_the_count(summer: Cast, page: Page) -> None:
    before = content_of(Audience.COMMITTEE)
    change_the_summer(summer)
    assert content_of(Audience.COMMITTEE) == before
    assert count_again() >= 1
    assert content_of(Audience.COMMITTEE) != before
    assert "79 observations" in page.get("committee.overview", as_=summer.charlie).text_content().replace("\xa0", " ")


def test_nothing_is_made_again_when_nothing_changed(summer: Cast) -> None:
    before = content_of(Audience.COMMITTEE)
    assert count_again() == 0
    assert content_of(Audience.COMMITTEE) == before
    assert published.publications(Audience.COMMITTEE, [SUMMER])[SUMMER].counted_at == LATER


def test_a_change_in_one_quarter_leaves_older_ones_alone(summer: Cast) -> None:
    before = content_of(Audience.COMMITTEE, SPRING)
    change_the_summer(summer)
    assert count_again() == 1
    assert content_of(Audience.COMMITTEE, SPRING) == before


def test_the_next_quarter_compares_itself_anew(summer: Cast) -> None:
    june = datetime(2026, 6, 10, 15, tzinfo=UTC)
    for _number in range(60):
        factories.observation("LIEU-1", at=june, network=None)
    db.session.commit()
    count_again()
    comparison = published.publications(Audience.COMMITTEE, [SUMMER])[SUMMER].content["comparison"]
    assert comparison is not None
    assert comparison[0] == pytest.approx(49 / 92 / (61 / 91), abs=1e-5)


def test_a_correction_is_asked_for_and_recorded(summer: Cast) -> None:
    before = content_of(Audience.PUBLIC)
    change_the_summer(summer)
    count_again()
    publishing.publish_again(SUMMER, by=journal.SYSTEM, at=LATER)
    assert content_of(Audience.PUBLIC) != before
    (event,) = journal.history("quarter:2026-T3")
    assert event.name == "figures.corrected"
    with pytest.raises(NotFound):
        publishing.publish_again(Quarter(2026, 4), by=journal.SYSTEM, at=LATER)


def test_the_slower_of_two_workers_leaves_what_the_quicker_one_published(summer: Cast, session: Session) -> None:
    before = content_of(Audience.PUBLIC)
    slower = Publication(
        audience=Audience.PUBLIC, quarter=SUMMER.first_day, made_at=LATER, counted_at=LATER, content={"tables": []}
    )
    assert publishing._store_publication(slower) is False
    assert content_of(Audience.PUBLIC) == before
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
            return jobs.count_and_publish()

    with ThreadPoolExecutor(2) as workers:
        assert list(workers.map(work, range(2))) == [2, 2]
    with app.app_context():
        publications = db.session.execute(select(Publication.audience, Publication.quarter)).all()
        assert sorted(publications) == [(Audience.COMMITTEE, SUMMER.first_day), (Audience.PUBLIC, SUMMER.first_day)]
        db.session.remove()
        db.engine.dispose()


def test_an_older_count_does_not_replace_a_later_one(summer: Cast) -> None:
    change_the_summer(summer)
    count_again()
    before = content_of(Audience.COMMITTEE)
    old = Publication(
        audience=Audience.COMMITTEE, quarter=SUMMER.first_day, made_at=LATER, counted_at=COUNTED, content={"tables": []}
    )
    publishing._store_publication(old)
    assert content_of(Audience.COMMITTEE) == before


def test_the_committee_stops_reading_a_quarter_of_which_nothing_is_left(summer: Cast) -> None:
    queries.delete_counts(SPRING.first_day, SPRING.next.first_day)
    db.session.commit()
    publishing.publish_quarters(at=LATER)
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
        monkeypatch.setattr(table_builder, name, refuse)
    for library in ("scipy", "scipy.special", "scipy.optimize"):
        monkeypatch.setitem(sys.modules, library, None)
    assert page._ask("GET", address, as_=summer.charlie).status_code == 200


def test_a_web_server_starts_without_the_library_that_solves_programs() -> None:
    names = "sorted(name for name in sys.modules if name.startswith('scipy'))[:3]"
    script = f"import sys, cohab_report; print({names})"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output == "[]\n"
