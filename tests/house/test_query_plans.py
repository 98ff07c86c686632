"""Query plans: every list and filter uses an index on both databases; no page scans a growing table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake import floods
from cohab_report.intake import queries as intake_queries
from cohab_report.intake.contacts import queries as contacts
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.photos import queries as photos
from cohab_report.intake.stories import queries as stories
from cohab_report.notify import queries as notify
from cohab_report.notify.residents import queries as residents
from cohab_report.routing import operations as routing
from cohab_report.territory import queries as territory
from cohab_report.triage import operations
from cohab_report.triage import queries as triage
from tests import factories
from tests.cast import Cast
from tests.page import Page

GROWING_TABLES = (
    "observation",
    "case",
    "case_observation",
    "link",
    "event",
    "handover",
    "delivery",
    "photo",
    "contact",
    "inquiry",
    "cell_count",
)
"""Tables that grow with every observation; the others come from the city profile and stay small."""
FULL_SCAN = re.compile(
    rf'^SCAN ({"|".join(GROWING_TABLES)})(?!.* USING )|Seq Scan on "?({"|".join(GROWING_TABLES)})"?\b'
)
PUBLIC_ADDRESSES = [
    "/",
    "/observations",
    "/observations?sujet=safety",
    "/observations?etat=done",
    "/observations?secteur=rive-nord",
    "/observations?jours=30",
    "/observations?apres=2026-11-01_ABCDEFGH",
    "/observations?sujet=safety&etat=done&secteur=rive-nord&jours=30",
    "/observations/cellules.json",
    "/observations/cellules.json?zoom=14&sujet=safety&etat=done&secteur=rive-nord&jours=30",
    "/observations/cellules.json?zoom=17&cadre=-1.26,47.15,-1.24,47.16",
]
QUEUE_FILTERS = [
    "",
    "?kind=safety",
    "?category=DECHET-1",
    "?sector=rive-nord",
    "?state=new",
    "?unclaimed=1",
    "?overdue=1",
    "?mine=1",
    "?page=2",
]


class Plans:
    """The statements sent to the database, and their query plans."""

    def __init__(self, session: Session) -> None:
        self.session, self.sent = session, list[tuple[str, Any]]()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Records the statements sent inside it, and asserts that none scans a growing table."""
        engine = self.session.get_bind()

        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            if statement.lstrip().startswith("SELECT"):
                self.sent.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert self.sent, "nothing was asked of the database"
        full_scans = [
            f"{line.strip()}\n    {statement}" for statement, line in self.lines() if FULL_SCAN.search(line.strip())
        ]
        assert not full_scans, "\n".join(full_scans)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yields each statement with each line of its plan, as it would be if the tables were large."""
        connection = self.session.connection()
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in self.sent:
            rows = connection.exec_driver_sql(
                f"{'EXPLAIN QUERY PLAN' if is_sqlite else 'EXPLAIN'} {statement}", parameters
            )
            yield from ((statement, str(row[-1])) for row in rows.fetchall())


@pytest.fixture
def plans(session: Session) -> Plans:
    """The query plans of this test."""
    return Plans(session)


def test_a_full_scan_is_detected(plans: Plans, session: Session, cast: Cast):
    with pytest.raises(AssertionError, match="observation"), plans.watching():
        session.connection().exec_driver_sql("SELECT count(*) FROM observation WHERE text = 'Rosa'")


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_the_public_list_and_its_map_are_read_through_an_index(plans: Plans, page: Page, address: str):
    page.visit("/")
    with plans.watching():
        assert page.client.get(address).status_code == 200


def test_what_is_open_near_a_point_is_found_through_the_index_of_open_ones(plans: Plans, session: Session, cast: Cast):
    seen = factories.accepted_case(cast.ana)
    city, category = territory.city_facts(), catalogue.category_facts("DECHET-1")
    with plans.watching():
        found = nearby.open_observations_near(category.id, factories.BANK, city.lattice, since=factories.MONDAY.date())
        triage.first_reference_of_each_case([each.observation.reference for each in found])
        triage.case_to_join(seen.observations[0].id)
    assert len(found) == 1
    used = any("ix_observation_public_open" in line for _statement, line in plans.lines())
    # PostgreSQL chooses among indexes by the size of the table, tiny here.
    is_by_size = session.connection().dialect.name == "postgresql"
    assert used or is_by_size, "the index holds only what is open, so it stays small however much is over"


@pytest.mark.parametrize("many", [False, True])
def test_the_map_and_what_is_near_ask_the_same_few_questions_however_much_there_is(
    plans: Plans, page: Page, cast: Cast, many: bool
):
    for _ in range(12 if many else 1):
        factories.accepted_case(cast.ana)
    page.client.get("/observations")
    with plans.watching():
        for address in ("/observations", "/observations/cellules.json?zoom=17&cadre=-1.26,47.15,-1.24,47.16"):
            page.client.get(address)
    assert len(plans.sent) <= 10


@pytest.mark.parametrize("filters", QUEUE_FILTERS)
def test_a_queue_is_read_through_an_index(plans: Plans, page: Page, filters: str):
    waiting = factories.case()
    page.get("triage.dashboard", as_=page.cast.ana)
    with plans.watching():
        page.visit(f"/tri/files/{waiting.queue.code}{filters}", as_=page.cast.ana)


def test_queues_are_counted_and_own_cases_found_from_indexes_of_open_cases_alone(
    plans: Plans, session: Session, page: Page
):
    """However many cases are closed, and without reading the cases themselves: the dashboard runs both queries."""
    claimed = factories.case()
    operations.claim_case(claimed, by=page.cast.ana, at=factories.MONDAY)
    db.session.commit()
    with plans.watching():
        page.get("triage.dashboard", as_=page.cast.ana)
    used = [line for _statement, line in plans.lines()]
    counted = (
        r"USING COVERING INDEX ix_case_open\b"
        if session.connection().dialect.name == "sqlite"
        else r"Scan (using|on) ix_case_open\b"
    )
    assert any(re.search(counted, line) for line in used), used
    assert any("ix_case_claimed" in line for line in used), used


def test_a_case_its_history_and_its_neighbours_are_read_through_indexes(plans: Plans, page: Page):
    factories.case()
    here = factories.case()
    with plans.watching():
        page.get("triage.case", as_=page.cast.ana, reference=here.reference)
        page.get("triage.dashboard", as_=page.cast.ana)


def test_a_partners_page_is_read_through_an_index(plans: Plans, page: Page, cast: Cast):
    assert cast.lin.partner is not None
    offered = routing.hand_over(factories.accepted_case(cast.ana), cast.lin.partner, by=cast.ana, at=factories.MONDAY)
    db.session.commit()
    with plans.watching():
        page.get("partner.inbox", as_=cast.lin)
        page.get("partner.handover", as_=cast.lin, number=offered.id)


def test_what_workers_look_for_is_found_through_an_index(plans: Plans, cast: Cast):
    with plans.watching():
        journal.unclaimed_event_ids(at=now())
        journal.set_aside_count()
        journal.set_aside_events()
        journal.retried_events()
        notify.due_delivery_ids(at=now())
        contacts.contacts_unconfirmed_since(now())
        photos.photo_ids_to_reencode(silent_since=now())
        photos.referenced_files(["photos/nothing", "incoming/nothing"])
        intake_queries.recent_count_of_network("0" * 32, at=now(), window=floods.FLOOD_WINDOW, limit=floods.FLOOD_LIMIT)
    used = "\n".join(line for _statement, line in plans.lines())
    assert "ix_event_waiting" in used, "events that are done are not looked at, however many there are"
    assert "ix_event_set_aside_at" in used


def test_a_resident_is_found_through_an_index(plans: Plans, cast: Cast):
    seen = factories.observation()
    with plans.watching():
        intake_queries.by_client_id(factories.client_id_of(seen))
        intake_queries.by_code_hash([seen.code_hash])
        stories.story_of(seen)
        photos.photos_of([seen])
        photos.lock_photos(seen)


def test_who_follows_what_happened_is_found_through_indexes(plans: Plans, cast: Cast):
    case = factories.accepted_case(cast.ana)
    seen = case.observations[0]
    told = [
        event for event in journal.history(case.reference) if event.name in ("case.accepted", "observation.received")
    ]
    with plans.watching():
        assert [residents.confirmed_contacts(event) for event in told] == [[], []]
        residents.unclaimed_news("contact:1")
        contacts.contact_of(seen)
        contacts.contact_by_confirm_hash(["0" * 64])
        contacts.contact_by_stop_hash(["0" * 64])
        inquiries.inquiries_of([seen.id])
        inquiries.open_inquiry_of(seen.id)


@pytest.mark.parametrize("address", ["/bilan", "/comite", "/plan"])
def test_figures_are_read_as_they_were_published(plans: Plans, page: Page, address: str):
    factories.case()
    insight.recount_months(at=now())
    db.session.commit()
    publishing.publish_quarters(at=now())
    with plans.watching():
        page.visit(address, as_=page.cast.omar)
