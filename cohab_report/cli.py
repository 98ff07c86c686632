"""What is done from a terminal: each command calls one operation, commits what it did and says so.

It decides nothing by itself; whatever is worth testing lives in the packages it calls.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from cohab_report import journal, sheets
from cohab_report.cities import loader
from cohab_report.cities.tables import folder_of
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.plan import operations as plan
from cohab_report.settings import Settings


def register(app: Flask) -> None:
    """`flask` knows these commands."""
    for command in (load_city, check_city, export_plan, import_plan):
        app.cli.add_command(command)


def names_mistakes(command: Callable[..., None]) -> Callable[..., None]:
    """A command that was refused its files prints each mistake on a line and ends with status 1, having written nothing."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except sheets.Refused as refused:
            for mistake in refused.mistakes:
                click.echo(str(mistake), err=True)
            raise click.ClickException(f"{len(refused.mistakes)} to mend, nothing was written") from None

    return run


@click.command("load-city")
@click.argument("profile", required=False)
@click.option("--boundary", type=click.Path(path_type=Path), help="The official outline, in GeoJSON.")
@names_mistakes
def load_city(profile: str | None, boundary: Path | None) -> None:
    """Load a city profile: one that ships with the product, by name, or a folder of your own. Loading it again changes nothing."""
    with transaction():
        done: list[object] = [loader.load_profile(_profile(profile), at=now())]
        if boundary is not None:
            done.append(loader.load_boundary(boundary, at=now()))
    for report in done:
        click.echo(str(report))


@click.command("check-city")
@click.argument("profile", required=False)
@names_mistakes
def check_city(profile: str | None) -> None:
    """Read a city profile and name all its mistakes, without writing anything."""
    checked = loader.check_profile(_profile(profile))
    click.echo(f"{checked.settlement['code']}: no mistake in {len(checked.tables)} tables")


@click.command("export-plan")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_plan(file: Path) -> None:
    """Write the plan's actions to a CSV file."""
    file.write_bytes(plan.export_actions().encode())
    click.echo(f"{file}: written")


@click.command("import-plan")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@names_mistakes
def import_plan(file: Path) -> None:
    """Take the plan's actions from a CSV file as `export-plan` writes it."""
    text, unreadable = sheets.text_of(file)
    if unreadable:
        raise sheets.Refused(unreadable)
    with transaction():
        report = plan.import_actions(text, by=journal.SYSTEM, at=now(), file=file.name)
    click.echo(str(report))


def _profile(named: str | None) -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return folder_of(named or settings.city)
