"""Tells the app what plan gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.plan import action_page, commands, views
from cohab_report.web import navigation


def init_app(app: Flask) -> None:
    """Registers the plan's pages, and the commands for the plan in a file."""
    action_page.init_app(app)
    app.register_blueprint(views.bp)
    app.cli.add_command(commands.export_plan)
    app.cli.add_command(commands.import_plan)
    navigation.add_item(app, "plan.index", _("Plan"), order=40, within=("plan",))
    navigation.add_footer_link(app, "plan.index", _("Plan d’action"), order=40)
