"""Tells the app what territory gives it."""

from flask import Flask

from cohab_report.territory import context
from cohab_report.web import health


def init_app(app: Flask) -> None:
    """Registers the city and its place names for every template, and the health of the city profile."""
    context.init_app(app)
    health.provide_check(app, "profile", context.profile_state, needed=True)
