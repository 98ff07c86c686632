"""Tells the app what resident and its rooms give it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.resident import views
from cohab_report.resident.counter import views as counter_views
from cohab_report.web import navigation
from cohab_report.web.navigation import VISITOR

PAGES_OF_THE_FORM = (
    "resident.begun_draft",
    "resident.subject",
    "resident.place",
    "resident.category",
    "resident.duplicates",
    "resident.questions",
    "resident.belongings",
    "resident.review",
    "resident.send",
    "resident.help_now",
    "resident.advice",
    "resident.receipt",
    "resident.ask_from_receipt",
    "resident.offline_form",
)
PAGES_OF_FOLLOWING = ("resident.withdraw", "resident.reply", "resident.ask_from_follow", "resident.add_photos")


def init_app(app: Flask) -> None:
    """Registers the residents’ pages and those on which staff enter a caller’s observation."""
    app.register_blueprint(views.bp)
    app.register_blueprint(counter_views.bp)
    _add_navigation(app)
    _add_footer_links(app)


def _add_navigation(app: Flask) -> None:
    navigation.add_item(
        app, "resident.danger_screen", _("Signaler"), order=10, roles=(VISITOR,), within=PAGES_OF_THE_FORM
    )
    navigation.add_item(app, "resident.follow", _("Suivre"), order=20, roles=(VISITOR,), within=PAGES_OF_FOLLOWING)
    navigation.add_item(app, "resident.observations", _("Observations"), order=30)
    navigation.place_within(app, "counter", item="triage.dashboard")


def _add_footer_links(app: Flask) -> None:
    navigation.add_footer_link(app, "resident.danger_screen", _("Signaler"), order=10)
    navigation.add_footer_link(app, "resident.follow", _("Suivre une observation"), order=20)
    navigation.add_footer_link(app, "resident.observations", _("Observations"), order=30)
    navigation.add_footer_link(app, "resident.decisions", _("Comment les décisions sont prises"), order=60)
    navigation.add_footer_link(app, "resident.open_data", _("Données ouvertes"), order=70)
    navigation.add_footer_link(app, "resident.privacy", _("Confidentialité"), order=80)
    navigation.add_footer_link(app, "resident.accessibility", _("Accessibilité"), order=90)
