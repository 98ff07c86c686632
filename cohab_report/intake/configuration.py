"""The settings of the running application, for operations and jobs of intake, which must not import `web`."""

from typing import cast

from flask import current_app

from cohab_report.settings import Settings


def current_settings() -> Settings:
    """Returns the settings of the running application."""
    return cast(Settings, current_app.config["SETTINGS"])
