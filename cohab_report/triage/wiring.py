"""Tells the app what triage gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report import journal
from cohab_report.intake.events import ObservationReceived, ReopeningRequested
from cohab_report.partners.models import Role
from cohab_report.triage import captions, case_page, commands, listeners, views
from cohab_report.triage.inquiries import views as inquiry_views
from cohab_report.web import navigation
from cohab_report.web.captions import provide_captions
from cohab_report.web.event_captions import provide_event_captions


def init_app(app: Flask) -> None:
    """Registers the team’s pages, the listeners that open cases, and the import of other systems’ requests."""
    journal.listen_in_transaction(app, ObservationReceived, listeners.open_or_join_case)
    journal.listen_in_transaction(app, ReopeningRequested, listeners.pass_on_reopening_request)
    case_page.add_case_panel(app, inquiry_views.inquiry_panel)
    app.register_blueprint(views.bp)
    provide_captions(app, captions)
    provide_event_captions(app, captions.EVENT_CAPTIONS)
    app.cli.add_command(commands.import_observations)
    navigation.add_item(app, "triage.dashboard", _("Tri"), order=10, roles=(Role.TRIAGER,), within=("triage",))
