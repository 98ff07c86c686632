"""The web frame around every page: access, error pages, headers, languages, rate limits. Knows no feature.

Packages downstream register their blueprints, listeners and facts (`web.context.provide_fact`) with it; it never
imports them.
"""

from flask import Flask

from cohab_report.settings import Settings
from cohab_report.web import (
    access,
    configuration,
    context,
    errors,
    extensions,
    filters,
    fronts,
    headers,
    health,
    languages,
    logs,
    navigation,
    row_numbers,
    sent_values,
    throttle,
)


def init_app(app: Flask, settings: Settings) -> None:
    """Sets up the frame of the app. The order matters: access is checked before any form is read."""
    configuration.init_app(app, settings)
    row_numbers.init_app(app)
    logs.init_app(app, settings)
    errors.init_app(app)
    sent_values.init_app(app)
    access.init_app(app)
    extensions.init_app(app)
    throttle.init_app(app, settings)
    languages.init_app(app, settings)
    context.init_app(app)
    navigation.init_app(app)
    filters.init_app(app)
    headers.init_app(app, settings)
    health.init_app(app)
    fronts.init_app(app, settings)
