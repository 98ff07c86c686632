"""The flask command for events that were set aside."""

import click

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.jobs import operations
from cohab_report.journal import SYSTEM


@click.command("retry-events")
@click.argument("event_ids", nargs=-1, type=int)
@transaction()
def retry_events(event_ids: tuple[int, ...]) -> None:
    """Try events anew whose listeners failed too often: those with these ids, or all."""
    put_back_ids = operations.put_events_back(event_ids or None, by=SYSTEM, at=now())
    click.echo(f"{len(put_back_ids)} events will be tried again within a minute")
