"""Tells the app what backup gives it: three commands, the nightly job, and the age of the last backup."""

from flask import Flask

from cohab_report import jobs
from cohab_report.backup import commands, nightly, queries
from cohab_report.clock import now
from cohab_report.metrics import provide_metric
from cohab_report.web import health


def init_app(app: Flask) -> None:
    """Registers the commands, the nightly backup, and its part of `/readyz`."""
    for command in (commands.backup, commands.check_backup, commands.restore):
        app.cli.add_command(command)
    health.provide_check(app, "backup", _backup_state, needed=False)
    provide_metric(app, "backup_age_seconds", "Since the last backup was begun.", lambda: queries.backup_age(at=now()))
    # Beside the photos, so that no event and no e-mail waits for it.
    jobs.schedule(
        app,
        nightly.make_due_backup_now,
        every=3600,
        queue=jobs.QueueName.PICTURES,
        timeout=nightly.LONGEST_SECONDS,
    )


def _backup_state() -> str:
    state = queries.backup_state(at=now())
    if not state.is_overdue:
        return health.OK
    return f"overdue, the last one is of {state.last_at:%Y-%m-%d %H:%M} UTC" if state.last_at else "none made yet"
