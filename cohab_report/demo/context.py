"""Gives every template the flag by which pages say that they show demo data."""

from flask import Flask

from cohab_report.demo import queries
from cohab_report.web import context


def init_app(app: Flask) -> None:
    """Registers `is_demo` for every template: whether a demo account is open here."""
    context.provide_fact(app, "is_demo", queries.has_active_demo_people)
