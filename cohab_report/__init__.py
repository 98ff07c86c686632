"""The application factory of Cohab Report, `create_app`; nothing else lives here, and no package imports from it."""

from flask import Flask

from cohab_report import cli, db, jobs, journal, media, web
from cohab_report.catalogue import context as catalogue_context
from cohab_report.demo import context as demo_context
from cohab_report.insight.pages import views as insight_views
from cohab_report.intake import wiring as intake_wiring
from cohab_report.notify import listeners as notify_listeners
from cohab_report.notify import views as notify_views
from cohab_report.partners import views as partners_views
from cohab_report.resident import views as resident_views
from cohab_report.resident.counter import views as counter_views
from cohab_report.routing import partner_panel
from cohab_report.routing import views as routing_views
from cohab_report.settings import Settings
from cohab_report.territory import context as territory_context
from cohab_report.triage import listeners as triage_listeners
from cohab_report.triage import views as triage_views


def create_app(settings: Settings | None = None) -> Flask:
    """Creates the application: database, journal, media, queue, web frame, then each package from upstream down."""
    settings = settings or Settings.from_env()
    app = Flask(__name__)
    db.init_app(app, settings)
    journal.init_app(app)
    media.init_app(app, settings)
    jobs.init_app(app, settings)
    web.init_app(app, settings)
    territory_context.init_app(app)
    app.register_blueprint(partners_views.bp)
    catalogue_context.init_app(app)
    intake_wiring.init_app(app)
    app.register_blueprint(resident_views.bp)
    triage_listeners.init_app(app)
    app.register_blueprint(routing_views.bp)
    triage_views.init_app(app)
    app.register_blueprint(counter_views.bp)
    partner_panel.init_app(app)
    notify_listeners.init_app(app)
    app.register_blueprint(notify_views.bp)
    app.register_blueprint(insight_views.bp)
    demo_context.init_app(app)
    cli.register(app)
    return app
