"""The navigation: who is shown which item, in which order, and which one is current."""

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.web import navigation
from cohab_report.web.navigation import VISITOR


@pytest.fixture
def items(app: Flask) -> Flask:
    navigation.add_item(app, "plan.index", _("Plan"), order=40, within=("plan.action",))
    navigation.add_item(app, "triage.dashboard", _("Tri"), order=10, roles=("triager",), within=("triage",))
    navigation.add_item(app, "resident.follow", _("Suivre"), order=20, roles=(VISITOR,))
    navigation.add_footer_link(app, "resident.privacy", _("Confidentialité"), order=80)
    navigation.add_footer_link(app, "sign_in.sign_in", _("Connexion"), order=10, roles=(VISITOR,))
    return app


@pytest.mark.parametrize(
    ("role", "endpoints"),
    [
        (VISITOR, ["resident.follow", "plan.index"]),
        ("triager", ["triage.dashboard", "plan.index"]),
        ("partner", ["plan.index"]),
    ],
)
def test_readers_are_shown_the_items_of_their_role_and_those_for_everybody_in_order(
    items: Flask, role: str, endpoints: list[str]
) -> None:
    with items.app_context():
        assert [item.endpoint for item in navigation.navigation_items(role)] == endpoints


def test_the_foot_of_the_page_has_links_of_its_own(items: Flask) -> None:
    with items.app_context():
        assert [link.endpoint for link in navigation.footer_links(VISITOR)] == ["sign_in.sign_in", "resident.privacy"]
        assert [link.endpoint for link in navigation.footer_links("triager")] == ["resident.privacy"]


@pytest.mark.parametrize(
    ("endpoint", "current"),
    [
        ("triage.dashboard", ["triage.dashboard"]),
        ("triage.case", ["triage.dashboard"]),
        ("counter.enter_observation", ["triage.dashboard"]),
        ("plan.action", ["plan.index"]),
        ("plan.other", []),
        ("triageless.case", []),
        ("", []),
    ],
)
def test_a_page_lies_within_its_item_by_endpoint_or_by_blueprint(
    items: Flask, endpoint: str, current: list[str]
) -> None:
    navigation.place_within(items, "counter", item="triage.dashboard")
    with items.app_context():
        shown = navigation.navigation_items("triager")
        assert [item.endpoint for item in shown if navigation.is_current_item(item, endpoint)] == current


def test_home_is_the_item_of_the_role_and_never_one_for_everybody(items: Flask) -> None:
    with items.app_context():
        assert navigation.home_endpoint("triager") == "triage.dashboard"
        assert navigation.home_endpoint("partner") is None
