"""The flask commands: each calls one operation, commits, and prints the result.

Decides nothing by itself; whatever is worth testing lives in the packages it calls.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask

from cohab_report import csv_tables, journal
from cohab_report.cities import loader
from cohab_report.cities.tables import profile_folder
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.demo import operations as demo_data
from cohab_report.errors import NotFound, Unavailable
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.quarters import Quarter
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.imports.job import Import
from cohab_report.intake.imports.mapping import read_mapping
from cohab_report.intake.imports.reading import read_rows
from cohab_report.intake.imports.refusals import refusals_file
from cohab_report.intake.imports.translation import columns_to_read
from cohab_report.plan import operations as plan
from cohab_report.routing import operations as routing
from cohab_report.settings import current_settings
from cohab_report.triage import imported

DEMO_REFUSALS: dict[type[Exception], str] = {
    demo_data.DemoRefused: "demo data and demo accounts are refused where COHAB_ENV=production: residents may be real",
    NotFound: "the city profile needs a triage team, a works partner and a rule that sends outreach to occupied places",
    Unavailable: "no city is loaded yet: flask load-city",
}
"""The sentence for each error that refuses demo data."""


def register(app: Flask) -> None:
    """Adds the commands to `flask`."""
    for command in (
        load_city,
        check_city,
        export_plan,
        import_plan,
        import_observations,
        check_rules,
        recount_figures,
        reseal_contacts,
        demo,
    ):
        app.cli.add_command(command)


def prints_mistakes(command: Callable[..., None]) -> Callable[..., None]:
    """Decorates a command: when its files are refused, prints each mistake on a line and exits with status 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except csv_tables.TableRefused as refused:
            for mistake in refused.mistakes:
                click.echo(str(mistake), err=True)
            raise click.ClickException(f"{len(refused.mistakes)} to mend, nothing was written") from None

    return run


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
    click.echo(f"{checked.city_toml['code']}: no mistake in {len(checked.tables)} tables")


@click.command("export-plan")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_plan(file: Path) -> None:
    """Write the plan's actions to a CSV file."""
    file.write_bytes(plan.export_actions().encode())
    click.echo(f"{file}: written")


@click.command("import-plan")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@prints_mistakes
def import_plan(file: Path) -> None:
    """Take the plan's actions from a CSV file as `export-plan` writes it."""
    text, unreadable = csv_tables.read_text(file)
    if unreadable:
        raise csv_tables.TableRefused(unreadable)
    with transaction():
        report = plan.import_actions(text, by=journal.SYSTEM, at=now(), file=file.name)
    click.echo(str(report))


@click.command("import-observations")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    "mapping_file",
    required=True,
    type=click.Path(path_type=Path),
    help="How their columns and words become ours.",
)
@click.option(
    "--refused",
    type=click.Path(path_type=Path),
    help="Where refused rows are listed [FILE-refused.csv, in this folder].",
)
@click.option(
    "--by", help="The e-mail of the triage person in whose name finished requests are closed; without it all stay open."
)
@click.option("--batch", type=click.IntRange(1, 5000), default=200, show_default=True, help="Rows a transaction.")
@click.option("--dry-run", is_flag=True, help="Try everything and keep nothing.")
@prints_mistakes
def import_observations(
    *, file: Path, mapping_file: Path, refused: Path | None, by: str | None, batch: int, dry_run: bool
) -> None:
    """Import another 311 system's export (CSV, JSON, GeoJSON).

    Doing it again, or after it was stopped, doubles nothing.
    """
    mapping = read_mapping(mapping_file)
    rows = read_rows(file, columns_to_read(mapping), encoding=mapping.encoding, delimiter=mapping.delimiter)
    run = Import(mapping, now(), close_imported=imported.case_closer(mapping, by) if by else None, is_dry_run=dry_run)
    refused_file = refused or Path(f"{file.stem}-refused.csv")
    with refusals_file(refused_file) as write_refusals, click.progressbar(length=len(rows), label=file.name) as bar:
        for row_count, refusals in run.run(rows, batch=batch):
            write_refusals(refusals)
            bar.update(row_count)
    click.echo(f"{'Tried, nothing kept: ' if dry_run else ''}{run.progress}\nRefused rows: {refused_file}")


@click.command("tally")
@click.option(
    "--again",
    metavar="QUARTER",
    help="Correct what the public reads of a quarter (2026-T3); without it that stays as it is.",
)
def recount_figures(again: str | None) -> None:
    """Count the monthly figures anew and publish what is missing; a worker does so by itself."""
    with transaction():
        quarters = insight.recount_months(at=now())
    publications = publishing.publish_quarters(at=now())
    if again:
        try:
            publishing.publish_again(Quarter.from_code(again), by=journal.SYSTEM, at=now())
        except NotFound:
            raise click.ClickException(f"{again}: nothing is published of such a quarter") from None
    click.echo(f"{quarters} quarters counted, {publications + bool(again)} publications made")


@click.command("reseal-contacts")
def reseal_contacts() -> None:
    """Encrypt each resident's address anew with the first of the keys; afterwards the older keys may be forgotten."""
    with transaction():
        encrypted, unreadable = contacts.reencrypt_all()
    click.echo(f"{encrypted} addresses encrypted anew")
    if unreadable:
        raise click.ClickException(
            f"{unreadable} addresses can't be read with any of the keys: they were left as they are"
        )


@click.command("check-rules")
@click.option(
    "--latest", default=200, show_default=True, type=click.IntRange(1, 5000), help="How many cases to try them on."
)
def check_rules(latest: int) -> None:
    """Try the routing rules on the latest cases.

    Ends with status 1 when one of them can't do what it says. Nothing is changed.
    """
    report = routing.dry_run(latest=latest)
    for code, count in report.cases_by_rule.items():
        click.echo(f"{count:6}  {code}")
    click.echo(f"{report.cases_without_rule:6}  of {report.cases} cases without a rule: a person chooses")
    for (code, why), count in report.faults.items():
        click.echo(f"{code}: {why}, {count} cases stay with triage", err=True)
    if report.faults:
        raise click.ClickException(f"{len(report.faults)} rules to mend")


@click.command("demo")
@click.option("--password", default="", help="For all demo accounts; otherwise COHAB_DEMO_PASSWORD, or a random one.")
@click.option("--reset", is_flag=True, help="Delete what is made up and close the demo accounts, instead.")
def demo(*, password: str, reset: bool) -> None:
    """Fill a trial with made-up observations and accounts, once. Refused in production."""
    try:
        with transaction():
            if reset:
                message = f"{demo_data.delete_demo_data(at=now())} made-up observations deleted"
            else:
                message = str(demo_data.create_demo_data(password, at=now()))
    except tuple(DEMO_REFUSALS) as refused:
        raise click.ClickException(DEMO_REFUSALS[type(refused)]) from None
    click.echo(message)


def _selected_profile(name: str | None) -> Path:
    return profile_folder(name or current_settings().city)
