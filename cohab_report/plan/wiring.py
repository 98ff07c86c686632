"""Tells the app what plan gives it."""

from flask import Flask

from cohab_report.plan import commands


def init_app(app: Flask) -> None:
    """Registers the commands for the plan in a file."""
    app.cli.add_command(commands.export_plan)
    app.cli.add_command(commands.import_plan)
