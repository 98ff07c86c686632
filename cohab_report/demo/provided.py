"""Every page says so where what it shows is made up."""

from flask import Flask

from cohab_report.demo import queries
from cohab_report.web import context


def init_app(app: Flask) -> None:
    """Every template knows `is_demo`: whether made-up people may sign in here."""
    context.provide(app, "is_demo", queries.is_a_trial)
