"""Tells the app what routing gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.partners.models import Role
from cohab_report.routing import captions, commands, partner_panel, views
from cohab_report.routing.police import views as police_views
from cohab_report.triage import case_page
from cohab_report.web import navigation
from cohab_report.web.event_captions import provide_event_captions


def init_app(app: Flask) -> None:
    """Registers the partners’ pages, the panel on a case’s page, and the trial of the rules."""
    app.register_blueprint(views.bp)
    app.register_blueprint(partner_panel.bp)
    app.register_blueprint(police_views.bp)
    provide_event_captions(app, captions.EVENT_CAPTIONS)
    case_page.add_case_panel(app, partner_panel.handover_panel)
    app.cli.add_command(commands.check_rules)
    for pages in ("partner_panel", "police"):
        navigation.place_within(app, pages, item="triage.dashboard")
    navigation.add_item(app, "partner.inbox", _("Partenaire"), order=10, roles=(Role.PARTNER,), within=("partner",))
