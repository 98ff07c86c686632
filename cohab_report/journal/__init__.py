"""The journal: one table of what happened, as audit trail, outbox, the resident's history and the source of trends.

An event is written in the same transaction as the change that it records, and holds ids and small facts only: never a
name, an address or free text. Each package declares its events as classes in its `events.py` and records them; packages
downstream listen to those classes, and nobody upstream knows of them.
"""

from cohab_report.journal.attempts import (
    CLAIM_LEASE,
    MAX_ATTEMPTS,
    WORKER_DIED,
    claim_event,
    fail_attempt,
    pause_after,
    put_back,
    retried_events,
    set_aside_count,
    set_aside_events,
    unclaimed_event_ids,
    waiting_age,
    waiting_count,
)
from cohab_report.journal.declaration import (
    JournalEvent,
    declared_events,
    event_class,
    fact_names,
    names_of,
    no_fact,
    optional_fact,
)
from cohab_report.journal.models import Actor, Event
from cohab_report.journal.queries import history, latest_at
from cohab_report.journal.recording import (
    RESIDENT,
    SYSTEM,
    Listener,
    Listeners,
    init_app,
    listen_after_commit,
    listen_in_transaction,
    listeners,
    record,
    without_announcement,
)

__all__ = [
    "CLAIM_LEASE",
    "MAX_ATTEMPTS",
    "RESIDENT",
    "SYSTEM",
    "WORKER_DIED",
    "Actor",
    "Event",
    "JournalEvent",
    "Listener",
    "Listeners",
    "claim_event",
    "declared_events",
    "event_class",
    "fact_names",
    "fail_attempt",
    "history",
    "init_app",
    "latest_at",
    "listen_after_commit",
    "listen_in_transaction",
    "listeners",
    "names_of",
    "no_fact",
    "optional_fact",
    "pause_after",
    "put_back",
    "record",
    "retried_events",
    "set_aside_count",
    "set_aside_events",
    "unclaimed_event_ids",
    "waiting_age",
    "waiting_count",
    "without_announcement",
]
