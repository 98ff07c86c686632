"""Tells the app what catalogue gives it."""

from flask import Flask

from cohab_report.catalogue import captions
from cohab_report.catalogue.context import emergency_numbers_context
from cohab_report.web.captions import provide_captions
from cohab_report.web.context import provide_fact


def init_app(app: Flask) -> None:
    """Registers captions, and `emergency_numbers` for every template: even an error page can say whom to call."""
    provide_captions(app, captions)
    provide_fact(app, "emergency_numbers", emergency_numbers_context)
