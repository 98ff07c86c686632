"""Tells the app what demo gives it."""

from flask import Flask

from cohab_report.demo import commands, queries
from cohab_report.web.context import provide_fact


def init_app(app: Flask) -> None:
    """Registers `is_demo` for every template (whether a demo account is open here), and the command for demo data."""
    provide_fact(app, "is_demo", queries.has_active_demo_people)
    app.cli.add_command(commands.demo)
