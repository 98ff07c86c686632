"""The flask command that imports another system's requests, and closes those that were finished there."""

from pathlib import Path

import click

from cohab_report.clock import now
from cohab_report.command_line import prints_mistakes
from cohab_report.intake.imports.job import Import
from cohab_report.intake.imports.mapping import read_mapping
from cohab_report.intake.imports.reading import read_rows
from cohab_report.intake.imports.refusals import refusals_file
from cohab_report.intake.imports.translation import columns_to_read
from cohab_report.triage import imported


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
