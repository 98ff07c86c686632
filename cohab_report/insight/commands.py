"""The flask command that counts the figures anew."""

import click

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import NotFound
from cohab_report.insight import operations as insight
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.quarters import Quarter


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
