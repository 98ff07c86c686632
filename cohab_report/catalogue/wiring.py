"""Tells the app what catalogue gives it."""

from flask import Flask

from cohab_report.catalogue import context


def init_app(app: Flask) -> None:
    """Registers the emergency numbers for every template."""
    context.init_app(app)
