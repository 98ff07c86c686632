"""What is not public changes no byte of any public route and format.

Routes are found in the application, not listed here. A new one is read automatically; one with variables in its address
needs their values in `ROUTE_VALUES`, and one that answers differently to queries may have some in `ROUTE_QUERIES`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta
from math import cos, radians
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.routing import Rule

from cohab_report.catalogue.models import Category, Protection
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.geo import METRES_PER_DEGREE, Point
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.author_sessions import operations as author_sessions
from cohab_report.intake.author_sessions.models import AuthorPage
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Belongings, Observation, Status
from cohab_report.intake.rules import SQUARE_METRES
from cohab_report.partners.models import Person
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.web.access import access_of
from tests import factories
from tests.cast import Cast

ROUTE_VALUES = {
    "plan.action": {"code": "BER-1"},
    "figures.table": {"quarter": "2026-T3", "code": "secteurs"},
    "resident.confirm_address": {"token": "x" * 43},
    "resident.stop_emails": {"token": "x" * 43},
    "resident.own_photo": {"photo": "nothing", "size": "small"},
}
"""The values of the variables in the addresses of routes."""
NO_PHOTO = "/suivi/photos/nothing/small"
"""The address of an own photo; this visitor has none."""
ROUTE_QUERIES = {
    "resident.observations": ("?sujet=cleanliness", "?sujet=positive&jours=30", "?secteur=rive-nord", "?etat=taken_up"),
    "resident.cells": (
        "?zoom=10",
        "?zoom=13",
        "?zoom=15&jours=30",
        "?zoom=16&cadre=-1.26,47.15,-1.24,47.16",
        "?zoom=18&cadre=-1.253,47.154,-1.249,47.157",
        "?zoom=16&cadre=-1.25,47.14,-1.23,47.15&sujet=cleanliness",
    ),
    "resident.danger_screen": ("?sujet=concern",),
    "resident.advice": ("?pour=B&pour=GIVE",),
}
"""The queries with which a route is read, besides none."""
DRAFTS = {
    language: {
        "client_id": "6f1f1f5e-3c7b-4c11-9d0e-2f5b0c7a9e01",
        "kind": "cleanliness",
        "category": category,
        "near": "yes",
        "lon": str(factories.BANK.lon),
        "lat": str(factories.BANK.lat),
    }
    for language, category in (("fr", "DECHET-1"), ("en", "DECHET-3"))
}
"""The draft of a visitor who is about to see open observations nearby, in each language."""
RECEIPT = {"code": "K7QF-2M9T-4XWD-81RZ-0CVB", "joins": "", "lon": "", "lat": "", "place": "halle", "landmark": ""}
"""What the visitor's receipt shows."""
NEVER_PUBLIC_CATEGORIES = ("DECHET-2", "LIEU-2", "SOUCI")
TOKEN = re.compile(rb'(name="csrf_token" value="|"token":")[^"]*')
FEW_EXAMPLES = settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # no shrinking: each example reads all routes
)
inside = st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
"""A position in a cell, as shares of its width and height."""


IN_SUMMER = factories.MONDAY - timedelta(days=88)
"""A date in a quarter that is published by that Monday."""


def public_routes(app: Flask) -> list[Rule]:
    """Returns every route that everybody may read, except static files."""
    rules = []
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        if "GET" in (rule.methods or ()) and access is not None and access.is_open and rule.endpoint != "static":
            rules.append(rule)
    return sorted(rules, key=lambda rule: rule.endpoint)


def addresses(app: Flask, more: Mapping[str, dict[str, str]] | None = None) -> list[str]:
    """Returns the addresses of all public routes; `more` adds values of variables."""
    urls_to_read, values = [], {**ROUTE_VALUES, **(more or {})}
    with app.test_request_context():
        urls = app.create_url_adapter(None)
        assert urls is not None
        for rule in public_routes(app):
            parts = values.get(rule.endpoint, {})
            missing = rule.arguments - set(parts)
            assert not missing, (
                f"say in ROUTE_VALUES of tests/house/test_visibility.py what {missing} may be for {rule.endpoint}"
            )
            address = urls.build(rule.endpoint, parts, method="GET")
            urls_to_read += [address, *(address + query for query in ROUTE_QUERIES.get(rule.endpoint, ()))]
    return urls_to_read


class PublicPages:
    """The public pages as they are now."""

    def __init__(self, app: Flask, visitor: Observation) -> None:
        seed = contacts.request_confirmation(visitor, "rosa@example.org", language="fr", at=now()).seed or ""
        links = {"resident.confirm_address": encryption.CONFIRM, "resident.stop_emails": encryption.STOP}
        self.app = app
        self.addresses = addresses(
            app, {route: {"token": encryption.link_token(purpose, seed)} for route, purpose in links.items()}
        )
        self.session_values = {
            "danger_passed": True,
            "followed": author_sessions.begin_session(visitor, AuthorPage.FOLLOW, at=now()),
            "followed_at": int(now().timestamp()),
            "sent": author_sessions.begin_session(visitor, AuthorPage.RECEIPT, content=RECEIPT, at=now()),
        }

    def read(self) -> dict[tuple[str, str], tuple[int, bytes]]:
        """Returns status and bytes by language and address, without the session's own token."""
        db.session.commit()
        return {(language, address): answer for language in DRAFTS for address, answer in self._read_in(language)}

    def _read_in(self, language: str) -> Iterator[tuple[str, tuple[int, bytes]]]:
        client = self.app.test_client()
        with client.session_transaction() as session:
            session.update(self.session_values, language=language, sketch=DRAFTS[language])
        for address in self.addresses:
            reply = Context().run(client.get, address)
            yield address, (reply.status_code, TOKEN.sub(rb"\1", reply.data))


@pytest.fixture
def public(app: Flask, cast: Cast) -> Iterator[PublicPages]:
    """The public pages on one Monday, with some public observations of every kind."""
    with time_machine.travel(factories.MONDAY + timedelta(hours=2), tick=False):
        for category in ("DECHET-1", "DECHET-3", "LIEU-1", "BIEN-1"):
            accepted_observation(cast.ana, category)
            accepted_observation(cast.ana, category, at=IN_SUMMER)
        insight.recount_months(at=now())
        db.session.commit()
        publishing.publish_quarters(at=now())
        yield PublicPages(app, factories.observation("BIEN-1", point=factories.BY_THE_SCHOOL))


def accepted_observation(by: Person, category: str, **changes: Any) -> Observation:
    """Receives an observation and accepts its case."""
    received = factories.observation(category, **changes)
    triage.accept(queries.case_of_observation(received.id), by=by, at=now())
    return received


@contextmanager
def rolled_back() -> Iterator[None]:
    """Rolls back afterwards what happens inside it."""
    db.session.commit()
    connection: Any = db.engine  # inside a test it is the test's own connection
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        db.session.rollback()
        savepoint.rollback()
        db.session.expire_all()


def in_cell_of(point: Point, share: tuple[float, float]) -> Point:
    lattice = territory.city_facts().lattice
    middle = lattice.centre(lattice.cell(point))
    return Point(middle.lon + (share[0] - 0.5) * lattice.dlon, middle.lat + (share[1] - 0.5) * lattice.dlat)


def in_square_of(point: Point, share: tuple[float, float]) -> Point:
    lattice = territory.city_facts().lattice
    middle = lattice.square_centre(point, SQUARE_METRES)
    width, height = (SQUARE_METRES / METRES_PER_DEGREE / scale for scale in (cos(radians(middle.lat)), 1))
    # The squares of this city are some 25 m: a tenth less than a whole one stays inside.
    return Point(middle.lon + (share[0] - 0.5) * width * 0.9, middle.lat + (share[1] - 0.5) * height * 0.9)


def test_every_public_route_is_read(app: Flask) -> None:
    read = addresses(app)
    assert {
        "/",
        "/observations",
        "/observations/cellules.json",
        "/plan/BER-1",
        "/suivi",
        "/signaler/carte.json",
    } <= set(read)
    unknown = (set(ROUTE_VALUES) | set(ROUTE_QUERIES)) - {rule.endpoint for rule in public_routes(app)}
    assert not unknown, "these are no public routes"


def test_what_is_let_be_read_does_change_what_is_read(public: PublicPages, cast: Cast) -> None:
    before = public.read()
    accepted_observation(
        cast.ana, "DECHET-1"
    ).reference = "XXXXXXX"  # the last one in the alphabet is the first of its day
    silent = {address for (_language, address), (status, _bytes) in before.items() if status not in (200, 303)}
    assert silent == {NO_PHOTO}, "every other route answers with a page"
    changed = {
        address for (_language, address), answer in public.read().items() if answer != before[_language, address]
    }
    assert {
        "/",
        "/observations",
        "/observations?sujet=cleanliness",
        "/signaler/deja",
        "/observations/cellules.json?zoom=16&cadre=-1.26,47.15,-1.24,47.16",
    } <= changed


@FEW_EXAMPLES
@given(
    category=st.sampled_from(NEVER_PUBLIC_CATEGORIES),
    share=inside,
    text=st.text(st.characters(exclude_categories=["C"]), max_size=60),
    days=st.integers(0, 80),
    north=st.booleans(),
)
def test_what_is_never_public_changes_no_public_byte(
    public: PublicPages, cast: Cast, category, share, text, days, north
) -> None:
    before = public.read()
    point = in_cell_of(factories.BANK if north else factories.BY_THE_SCHOOL, share)
    hidden = accepted_observation(
        cast.ana, category, at=factories.MONDAY - timedelta(days=days), point=point, text=text
    )
    assert public.read() == before
    intake.set_public_status(hidden, Status.DONE)
    assert public.read() == before


@FEW_EXAMPLES
@given(
    answer=st.sampled_from([Belongings.YES, Belongings.UNKNOWN]),
    share=inside,
    category=st.sampled_from(["DECHET-1", "DECHET-3"]),
)
def test_belongings_in_use_change_no_public_byte(public: PublicPages, answer, share, category) -> None:
    before = public.read()
    factories.observation(category, belongings=answer, point=in_cell_of(factories.BANK, share))
    assert public.read() == before


@FEW_EXAMPLES
@given(category=st.sampled_from(["DECHET-1", "DECHET-3", "BIEN-1"]), share=inside)
def test_nothing_changes_before_it_is_accepted_nor_once_it_is_taken_back(
    public: PublicPages, cast: Cast, category, share
) -> None:
    before = public.read()
    received = factories.observation(category, point=in_cell_of(factories.BANK, share))
    assert public.read() == before, "nobody has read it yet"
    triage.accept(queries.case_of_observation(received.id), by=cast.ana, at=now())
    assert public.read() != before
    intake.withdraw(received, at=now())
    assert public.read() == before, "it is as if it had never been"
    editions.make_edition(at=now())
    assert public.read() == before


@FEW_EXAMPLES
@given(moves=st.lists(st.tuples(inside, inside), min_size=1, max_size=4))
def test_where_in_their_cell_they_are_changes_no_public_byte(public: PublicPages, cast: Cast, moves) -> None:
    """Reads twice, with the same observations at different positions within their cells."""
    one, other = (_read_with_observations(public, cast, [move[which] for move in moves]) for which in (0, 1))
    assert one == other


def _read_with_observations(
    public: PublicPages,
    cast: Cast,
    shares: Sequence[tuple[float, float]],
    category: str = "DECHET-3",
    position: Callable[[Point, tuple[float, float]], Point] = in_cell_of,
) -> dict[tuple[str, str], tuple[int, bytes]]:
    with rolled_back():
        for number, share in enumerate(shares):
            seen = accepted_observation(cast.ana, category, point=position(factories.BANK, share))
            seen.reference = f"SAME{number}"
        return public.read()


RISES = ("an answer", "a doubt", "a site near by", "another category")
"""What raises the protection of an observation that is public."""


@FEW_EXAMPLES
@given(rise=st.sampled_from(RISES), share=inside)
def test_a_protection_that_rises_changes_no_public_byte_before_the_nights_edition(
    public: PublicPages, cast: Cast, rise, share
) -> None:
    seen = accepted_observation(cast.ana, "DECHET-1", point=in_cell_of(factories.BANK, share))
    editions.make_edition(at=now())
    before = public.read()
    raise_protection_by(rise, seen, cast.ana)
    assert seen.protection > Protection.PUBLIC_EXACT and public.read() == before
    assert not editions.make_due_edition(at=now()), "this night's edition is made already"
    with rolled_back():
        editions.make_edition(at=now() + timedelta(days=1))
        after = public.read()
    assert after != before
    seen.protection, seen.public_until = Protection.PUBLIC_EXACT, now().date()
    editions.make_edition(at=now() + timedelta(days=1))
    assert public.read() == after, "it leaves as if its own time were over"


def raise_protection_by(rise: str, seen: Observation, triager: Person) -> None:
    """Raises the protection of an observation that is public, in one of the ways of the house."""
    case = queries.case_of_observation(seen.id)
    match rise:
        case "an answer":
            answer = factories.submission(
                seen.category.code, joins=seen.reference, point=seen.exact_point, belongings=Belongings.UNKNOWN
            )
            receiving.receive(answer, at=now())
        case "a doubt":
            triage.request_occupancy_check(case, by=triager, at=now())
        case "a site near by":
            intake.raise_protection(seen, Protection.PUBLIC_CELL, at=now())
        case "another category":
            new = db.session.scalars(select(Category).where(Category.code == "DECHET-2")).one()
            triage.recode(case, new, reason="Plus juste", by=triager, at=now())
    db.session.commit()


@FEW_EXAMPLES
@given(moves=st.lists(st.tuples(inside, inside), min_size=1, max_size=4))
def test_where_in_their_square_public_pins_are_changes_no_public_byte(public: PublicPages, cast: Cast, moves) -> None:
    """Reads twice, with the same pins at different positions within their squares of about 25 m."""
    one, other = (
        _read_with_observations(public, cast, [move[which] for move in moves], "DECHET-1", in_square_of)
        for which in (0, 1)
    )
    assert one == other


@FEW_EXAMPLES
@given(share=inside)
def test_joining_what_is_public_changes_no_public_byte(public: PublicPages, cast: Cast, share) -> None:
    seen = accepted_observation(cast.ana, "DECHET-3")
    before = public.read()
    joined = receiving.receive(
        factories.submission("DECHET-3", point=in_cell_of(factories.BANK, share), joins=seen.reference), at=now()
    )
    assert queries.case_of_observation(joined.id).id == queries.case_of_observation(seen.id).id
    assert public.read() == before
