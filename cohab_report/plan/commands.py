"""The flask commands that write the plan's actions to a file and take them from one."""

from pathlib import Path

import click

from cohab_report import csv_tables, journal
from cohab_report.clock import now
from cohab_report.command_line import prints_mistakes
from cohab_report.db import transaction
from cohab_report.plan import operations as plan


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
