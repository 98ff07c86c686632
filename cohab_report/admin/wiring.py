"""Tells the app what admin gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.admin import commands, views
from cohab_report.partners.models import Role
from cohab_report.web import navigation


def init_app(app: Flask) -> None:
    """Registers the admins' pages and commands."""
    app.register_blueprint(views.bp)
    app.cli.add_command(commands.events)
    navigation.add_item(app, "admin.installation", _("Admin"), order=10, roles=(Role.ADMIN,))
