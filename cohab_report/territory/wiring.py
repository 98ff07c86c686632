"""Tells the app what territory gives it."""

from flask import Flask

from cohab_report import cache_stamps, jobs
from cohab_report.territory import context, names
from cohab_report.web.context import provide_fact
from cohab_report.web.health import provide_check


def init_app(app: Flask) -> None:
    """Registers `city` (None until a profile is loaded) and `place_names` (for the scripts' place search) for every
    template, the health of the city profile, and the nightly job that keeps the stamps of caches few.
    """
    provide_fact(app, "city", context.city_context)
    app.jinja_env.globals["place_names"] = names.tables_for_scripts()
    provide_check(app, "profile", context.profile_state, needed=True)
    jobs.schedule(app, cache_stamps.sum_up_stamps, cron="37 8 * * *")
