"""Tells the app what insight and its rooms give it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report import jobs as queue
from cohab_report.clock import now
from cohab_report.insight import commands, jobs, operations
from cohab_report.insight.committee import views as committee_views
from cohab_report.insight.figures import action_panel
from cohab_report.insight.figures import views as figures_views
from cohab_report.metrics import provide_metric
from cohab_report.partners.models import Role
from cohab_report.plan import action_page
from cohab_report.web import health, navigation


def init_app(app: Flask) -> None:
    """Registers the pages of the public figures and of the committee, the panel on each action, and the counting."""
    app.register_blueprint(figures_views.bp)
    app.register_blueprint(committee_views.bp)
    action_page.add_action_panel(app, action_panel.observations_panel)
    app.cli.add_command(commands.recount_figures)
    health.provide_check(app, "figures", _figures_state, needed=False)
    provide_metric(
        app, "figures_age_seconds", "Since the figures were counted.", lambda: operations.count_age(at=now())
    )
    queue.schedule(app, jobs.count_and_publish, every=3600)
    navigation.add_item(app, "committee.overview", _("Comité"), order=10, roles=(Role.COMMITTEE, Role.PILOT))
    navigation.add_item(app, "figures.index", _("Bilan"), order=50)
    navigation.add_footer_link(app, "figures.index", _("Bilan public"), order=50)


def _figures_state() -> str:
    return "late" if operations.is_late(at=now()) else health.OK
