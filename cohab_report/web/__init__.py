"""The frame around every page: who may enter, what errors look like, headers, languages, limits. It knows of no feature.

Packages further down the river hang their blueprints, their listeners and their facts (`web.context.provide`) on it; it never
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
    headers,
    health,
    languages,
    logs,
    throttle,
)


def init_app(app: Flask, settings: Settings) -> None:
    """The application has its frame. The order matters: who may enter is asked before any form is read."""
    configuration.init_app(app, settings)
    logs.init_app(app, settings)
    errors.init_app(app)
    access.init_app(app)
    extensions.init_app(app)
    throttle.init_app(app, settings)
    languages.init_app(app, settings)
    context.init_app(app)
    filters.init_app(app)
    headers.init_app(app, settings)
    health.init_app(app)
