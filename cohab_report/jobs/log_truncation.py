"""Truncates the embedded database's write-ahead log every minute: for erased words that a reader kept in it."""

from flask import current_app

from cohab_report.db import truncate_write_ahead_log


def truncate_log() -> bool:
    """Truncates the write-ahead log; returns False while a reader still needs it, until the next minute."""
    with current_app.app_context():
        return truncate_write_ahead_log()
