"""The flask commands that load and check city profiles."""

from pathlib import Path

import click

from cohab_report.cities import loader
from cohab_report.cities.tables import profile_folder
from cohab_report.clock import now
from cohab_report.command_line import prints_mistakes
from cohab_report.db import transaction
from cohab_report.settings import current_settings


@click.command("load-city")
@click.argument("profile", required=False)
@click.option("--boundary", type=click.Path(path_type=Path), help="The official outline, in GeoJSON.")
@prints_mistakes
def load_city(profile: str | None, boundary: Path | None) -> None:
    """Load a city profile: one that ships with the product, by name, or a folder of your own.

    Loading it again changes nothing.
    """
    with transaction():
        reports: list[object] = [loader.load_profile(_selected_profile(profile), at=now())]
        if boundary is not None:
            reports.append(loader.load_boundary(boundary, at=now()))
    for report in reports:
        click.echo(str(report))


@click.command("check-city")
@click.argument("profile", required=False)
@prints_mistakes
def check_city(profile: str | None) -> None:
    """Read a city profile and name all its mistakes, without writing anything."""
    checked = loader.check_profile(_selected_profile(profile))
    for warning in checked.warnings:
        click.echo(str(warning), err=True)
    click.echo(f"{checked.city_toml['code']}: no mistake in {len(checked.tables)} tables")


def _selected_profile(name: str | None) -> Path:
    return profile_folder(name or current_settings().city)
