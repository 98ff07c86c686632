"""Cohab Report: `create_app` is its table of contents, and nobody imports from here."""

from flask import Flask

from cohab_report import cli, db, jobs, journal, media, web
from cohab_report.catalogue import provided as catalogue_provided
from cohab_report.demo import provided as demo_provided
from cohab_report.insight.reading import views as insight_views
from cohab_report.intake.photos import listeners as photos_listeners
from cohab_report.notify import listeners as notify_listeners
from cohab_report.notify import views as notify_views
from cohab_report.partners import views as partners_views
from cohab_report.resident import views as resident_views
from cohab_report.resident.counter import views as counter_views
from cohab_report.routing import desk as routing_desk
from cohab_report.routing import views as routing_views
from cohab_report.settings import Settings
from cohab_report.territory import provided as territory_provided
from cohab_report.triage import listeners as triage_listeners
from cohab_report.triage import views as triage_views


def create_app(settings: Settings | None = None) -> Flask:
    """The application, laid from the spring to the mouth: ground, frame, then each package in the order of the river."""
    settings = settings or Settings.from_env()
    app = Flask(__name__)
    db.init_app(app, settings)
    journal.init_app(app)
    media.init_app(app, settings)
    jobs.init_app(app, settings)
    web.init_app(app, settings)
    territory_provided.init_app(app)
    app.register_blueprint(partners_views.bp)
    catalogue_provided.init_app(app)
    photos_listeners.init_app(app)
    app.register_blueprint(resident_views.bp)
    triage_listeners.init_app(app)
    app.register_blueprint(routing_views.bp)
    triage_views.init_app(app)
    app.register_blueprint(counter_views.bp)
    routing_desk.init_app(app)
    notify_listeners.init_app(app)
    app.register_blueprint(notify_views.bp)
    app.register_blueprint(insight_views.bp)
    demo_provided.init_app(app)
    cli.register(app)
    return app
