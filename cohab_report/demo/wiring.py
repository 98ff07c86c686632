"""Tells the app what demo gives it."""

from flask import Flask

from cohab_report.demo import commands, context


def init_app(app: Flask) -> None:
    """Registers the mark of demo data for every template, and the command that makes such data."""
    context.init_app(app)
    app.cli.add_command(commands.demo)
