"""Tells the app what cities gives it."""

from flask import Flask

from cohab_report.cities import commands


def init_app(app: Flask) -> None:
    """Registers the commands that load and check a city profile."""
    app.cli.add_command(commands.load_city)
    app.cli.add_command(commands.check_city)
