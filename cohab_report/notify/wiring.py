"""Tells the app what notify gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report import jobs
from cohab_report.notify import listeners, operations, views
from cohab_report.partners.models import Role
from cohab_report.web import navigation


def init_app(app: Flask) -> None:
    """Registers the listeners and the schedule by which messages are made and sent, and the admins’ page."""
    listeners.init_app(app)
    jobs.schedule(app, operations.deliver_due_now, every=60)
    app.register_blueprint(views.bp)
    navigation.add_item(app, "admin.installation", _("Admin"), order=10, roles=(Role.ADMIN,))
