"""The outbox: announces committed events to a worker, calls their listeners, and relays those that nobody was told of.

Claims are in the journal; what a listener does is in the package that registered it.
"""

import logging

from flask import current_app

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.jobs.queues import QueueName, enqueue_once

log = logging.getLogger(__name__)


def announce(event_id: int) -> bool:
    """Enqueues the delivery of an event, unless it waits in its queue already; returns whether it did.

    When the queue server is away, the relay finds the event later.
    """
    return enqueue_once(deliver, event_id, queue=QueueName.EVENTS)


def deliver(event_id: int) -> None:
    """Claims an event, calls its listeners, then marks it done, so that a crash repeats the work and never loses it.

    When a listener fails, nothing of what the listeners did stays, and the event waits for its next attempt.
    """
    with current_app.app_context():
        claimed_at = now()
        with transaction():
            is_claimed = journal.claim_event(event_id, at=claimed_at)
        if not is_claimed:
            return
        error = _listener_error(event_id)
        if error is not None:
            with transaction():
                journal.fail_attempt(event_id, error, claimed_at=claimed_at, at=now())


def _listener_error(event_id: int) -> str | None:
    """Calls the event's listeners and marks it done; returns the type's name of the error that one of them raised.

    Never its text or its traceback, which may hold what a resident wrote: not for the log, and not for the queue
    server, where a job that fails leaves them, those of the error before it included.
    """
    try:
        _call_listeners(event_id)
    except Exception as error:  # noqa: BLE001 (whatever a listener raises is written down as its attempt)
        log.error("a listener failed", extra={"event": event_id, "error": type(error).__name__})  # noqa: TRY400
        return type(error).__name__
    return None


@transaction()
def _call_listeners(event_id: int) -> None:
    event = db.session.get_one(journal.Event, event_id)
    for listener in journal.listeners().after_commit.get(event.name, []):
        listener(event)
    event.done_at = now()


def relay_unclaimed() -> int:
    """Enqueues the events that no worker was informed of, whose pause is over, or whose worker died; returns how many.

    Those that wait in their queue already are not enqueued again.
    """
    with current_app.app_context():
        return sum(announce(event_id) for event_id in journal.unclaimed_event_ids(at=now()))
