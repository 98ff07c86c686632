"""The navigation of the whole app: what each role is shown, in which order, and where it is current."""

import pytest
from flask import Flask

from cohab_report import create_app
from cohab_report.partners.models import Role
from cohab_report.web import navigation
from cohab_report.web.navigation import VISITOR
from tests.conftest import settings_for

PUBLIC = ["resident.observations", "plan.index", "figures.index"]
ITEMS = {
    VISITOR: ["resident.danger_screen", "resident.follow", *PUBLIC],
    Role.TRIAGER: ["triage.dashboard", *PUBLIC],
    Role.PARTNER: ["partner.inbox", *PUBLIC],
    Role.COMMITTEE: ["committee.overview", *PUBLIC],
    Role.PILOT: ["committee.overview", *PUBLIC],
    Role.ADMIN: ["admin.installation", *PUBLIC],
}
FOOTER = [
    "resident.danger_screen",
    "resident.follow",
    "resident.observations",
    "plan.index",
    "figures.index",
    "resident.decisions",
    "resident.open_data",
    "resident.privacy",
    "resident.accessibility",
]
CURRENT_ITEMS = {
    "triage.case": "triage.dashboard",
    "counter.enter_observation": "triage.dashboard",
    "partner_panel.hand_over": "triage.dashboard",
    "partner.handover": "partner.inbox",
    "plan.action": "plan.index",
    "resident.review": "resident.danger_screen",
    "resident.add_photos": "resident.follow",
    "resident.privacy": None,
    "admin.mail": None,
}


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application without a database."""
    return create_app(settings_for("sqlite://"))


@pytest.mark.parametrize("role", [VISITOR, *Role])
def test_each_role_is_shown_its_page_first_and_then_what_everybody_reads(app: Flask, role: str) -> None:
    with app.app_context():
        assert [item.endpoint for item in navigation.navigation_items(role)] == ITEMS[role]


def test_each_role_has_a_home_and_a_visitor_may_sign_in_at_the_foot(app: Flask) -> None:
    with app.app_context():
        assert {role: navigation.home_endpoint(role) for role in Role} == {role: ITEMS[role][0] for role in Role}
        assert [link.endpoint for link in navigation.footer_links(VISITOR)] == [*FOOTER, "sign_in.sign_in"]
        assert [link.endpoint for link in navigation.footer_links(Role.TRIAGER)] == FOOTER


@pytest.mark.parametrize(("endpoint", "current"), CURRENT_ITEMS.items())
def test_a_page_is_current_within_one_item_of_its_readers(app: Flask, endpoint: str, current: str | None) -> None:
    assert endpoint in app.view_functions
    with app.app_context():
        items = {item.endpoint: item for role in ITEMS for item in navigation.navigation_items(role)}
        found = [name for name, item in items.items() if navigation.is_current_item(item, endpoint)]
    assert found == ([current] if current else [])


def test_every_item_and_what_lies_within_it_is_a_page_of_the_app(app: Flask) -> None:
    registry = app.extensions[navigation.NAVIGATION_EXTENSION]
    named = {item.endpoint for item in (*registry.items, *registry.footer_links)}.union(
        *registry.pages_within.values(), registry.pages_within
    )
    assert named <= set(app.view_functions) | set(app.blueprints)
