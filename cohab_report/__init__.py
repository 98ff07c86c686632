"""The application factory of Cohab Report, `create_app`; nothing else lives here, and no package imports from it."""

from flask import Flask

from cohab_report import cache_stamps, db, jobs, journal, media, web
from cohab_report.admin import wiring as admin_wiring
from cohab_report.backup import wiring as backup_wiring
from cohab_report.catalogue import wiring as catalogue_wiring
from cohab_report.cities import wiring as cities_wiring
from cohab_report.demo import wiring as demo_wiring
from cohab_report.insight import wiring as insight_wiring
from cohab_report.intake import wiring as intake_wiring
from cohab_report.notify import wiring as notify_wiring
from cohab_report.partners import wiring as partners_wiring
from cohab_report.plan import wiring as plan_wiring
from cohab_report.resident import wiring as resident_wiring
from cohab_report.routing import wiring as routing_wiring
from cohab_report.settings import Settings
from cohab_report.territory import wiring as territory_wiring
from cohab_report.triage import wiring as triage_wiring

UPSTREAM = (territory_wiring, partners_wiring, plan_wiring, catalogue_wiring)
CASES = (intake_wiring, triage_wiring, routing_wiring, notify_wiring, insight_wiring, resident_wiring)
RIVER = (*UPSTREAM, *CASES, cities_wiring, backup_wiring, demo_wiring, admin_wiring)


def create_app(settings: Settings | None = None) -> Flask:
    """Creates the application: database, journal, media, queue, web frame, then each package from upstream down."""
    settings = settings or Settings.from_env()
    app = Flask(__name__)
    db.init_app(app, settings)
    cache_stamps.init_app(app)
    journal.init_app(app)
    media.init_app(app, settings)
    jobs.init_app(app, settings)
    web.init_app(app, settings)
    for package in RIVER:
        package.init_app(app)
    return app
