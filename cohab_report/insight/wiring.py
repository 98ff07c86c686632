"""Tells the app what insight gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report import jobs as queue
from cohab_report.insight import commands, jobs
from cohab_report.insight.pages import views
from cohab_report.partners.models import Role
from cohab_report.web import navigation


def init_app(app: Flask) -> None:
    """Registers the pages of the plan, of the public figures and of the committee, and the counting."""
    app.register_blueprint(views.bp)
    app.cli.add_command(commands.recount_figures)
    queue.schedule(app, jobs.count_and_publish, every=3600)
    navigation.add_item(app, "committee.overview", _("Comité"), order=10, roles=(Role.COMMITTEE, Role.PILOT))
    navigation.add_item(app, "committee.plan", _("Plan"), order=40, within=("committee.action",))
    navigation.add_item(app, "committee.figures", _("Bilan"), order=50)
    navigation.add_footer_link(app, "committee.plan", _("Plan d’action"), order=40)
    navigation.add_footer_link(app, "committee.figures", _("Bilan public"), order=50)
