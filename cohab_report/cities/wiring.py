"""Tells the app what cities gives it."""

from flask import Flask

from cohab_report import jobs
from cohab_report.cities import commands, site_protection


def init_app(app: Flask) -> None:
    """Registers the commands that begin, check and load a city profile, and the nightly look at its protected sites."""
    app.cli.add_command(commands.load_city)
    app.cli.add_command(commands.check_city)
    app.cli.add_command(commands.new_city)
    jobs.schedule(app, site_protection.protect_sites_of_loaded_city_now, cron="52 8 * * *")
