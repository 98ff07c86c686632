"""Puts events that were set aside back, so that their listeners are called again."""

from collections.abc import Sequence
from datetime import datetime

from cohab_report import journal
from cohab_report.jobs.events import EventPutBack


def put_events_back(event_ids: Sequence[int] | None = None, *, by: journal.Actor, at: datetime) -> Sequence[int]:
    """Makes these events, or all that were set aside, due at once; the relay announces them within a minute.

    Returns their ids; those that are not set aside (any more) are left alone.
    """
    put_back_ids = journal.put_back(event_ids, at=at)
    for event_id in put_back_ids:
        journal.record(EventPutBack(thread=f"event:{event_id}", event=event_id), by=by, at=at)
    return put_back_ids
