"""The flask command that tells of the journal's events."""

import click

from cohab_report.admin.event_overview import EventOverview, event_overviews


@click.command("events")
def events() -> None:
    """List the journal's events: their facts, who records them, who listens in the transaction and after the commit."""
    for event in event_overviews():
        click.echo(f"{event.name}{' (public)' if event.is_public else ''}: {', '.join(event.facts) or 'no facts'}")
        for label, names in _lines(event):
            click.echo(f"    {label}: {', '.join(names)}")


def _lines(event: EventOverview) -> list[tuple[str, tuple[str, ...]]]:
    """Returns what stands under an event's name: only what there is."""
    lines = [
        ("recorded by", event.recorders),
        ("heard in the transaction by", event.listeners),
        ("heard after the commit by", event.worker_listeners),
    ]
    return [(label, names) for label, names in lines if names]
