"""The journal: one table of what happened, as audit trail, outbox, the resident's history and the source of trends.

An event is written in the same transaction as the change that it records, and holds ids and small facts only: never a
name, an address or free text. Each package declares its events as classes in its `events.py` and records them; packages
downstream listen to those classes, and nobody upstream knows of them.
"""

from cohab_report.journal.declaration import JournalEvent, declared_events, fact_names, names_of, no_fact, optional_fact
from cohab_report.journal.models import Actor, Event
from cohab_report.journal.queries import CLAIM_LEASE, claim_event, history, unclaimed_event_ids
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
    "RESIDENT",
    "SYSTEM",
    "Actor",
    "Event",
    "JournalEvent",
    "Listener",
    "Listeners",
    "claim_event",
    "declared_events",
    "fact_names",
    "history",
    "init_app",
    "listen_after_commit",
    "listen_in_transaction",
    "listeners",
    "names_of",
    "no_fact",
    "optional_fact",
    "record",
    "unclaimed_event_ids",
    "without_announcement",
]
