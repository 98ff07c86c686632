"""The flask commands that load and check city profiles."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from cohab_report.cities import loader, operations
from cohab_report.cities.skeleton import FolderNotEmpty, write_skeleton
from cohab_report.cities.tables import profile_folder
from cohab_report.clock import now
from cohab_report.command_line import prints_mistakes
from cohab_report.settings import current_settings

NOT_AGREED = 3
"""The exit code of `load-city` when it would have changed something and nobody agreed."""


@click.command("load-city")
@click.argument("profile", required=False)
@click.option("--boundary", type=click.Path(path_type=Path), help="The official outline, in GeoJSON.")
@click.option("--yes", is_flag=True, help="Change what is loaded without asking.")
@prints_mistakes
def load_city(profile: str | None, boundary: Path | None, *, yes: bool) -> None:
    """Load a city profile: one that ships with the product, by name, or a folder of your own.

    Loading it again changes nothing. What another profile would change is named, and asked about.
    """
    try:
        reports = operations.load_city(_selected_profile(profile), boundary, agrees=_agreement(yes=yes), at=now())
    except operations.NotAgreed:
        click.echo("Nothing was written. Is COHAB_CITY your city's profile? To load this one: --yes", err=True)
        raise click.exceptions.Exit(NOT_AGREED) from None
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig).splitlines()[0]
        raise click.ClickException(f"the database can't be used ({reason}): did flask db upgrade run?") from None
    for report in filter(None, reports):
        click.echo(str(report))


def _agreement(*, yes: bool) -> operations.Agreement:
    def agrees(changes: Sequence[str]) -> bool:
        click.echo("This profile is not the one that is loaded. It would change:")
        for change in changes:
            click.echo(f"  {change}")
        return yes or (sys.stdin.isatty() and click.confirm("Change it?"))

    return agrees


@click.command("check-city")
@click.argument("profile", required=False)
@prints_mistakes
def check_city(profile: str | None) -> None:
    """Read a city profile and name all its mistakes, without writing anything."""
    checked = loader.check_profile(_selected_profile(profile))
    for warning in checked.warnings:
        click.echo(str(warning), err=True)
    click.echo(f"{checked.city_toml['code']}: no mistake in {len(checked.tables)} tables")


@click.command("new-city")
@click.argument("folder", type=click.Path(path_type=Path))
def new_city(folder: Path) -> None:
    """Write the skeleton of a city profile into a new folder: made-up examples to replace, with comments."""
    try:
        files = write_skeleton(folder)
    except (FolderNotEmpty, OSError) as error:
        reason = "it is not empty" if isinstance(error, FolderNotEmpty) else str(error.strerror).lower()
        raise click.ClickException(f"{folder}: nothing was written, {reason}") from None
    click.echo(f"{folder}: {files} files. Replace what they say, then: flask check-city {folder}")


def _selected_profile(name: str | None) -> Path:
    return profile_folder(name or current_settings().city)
