"""When addresses are forgotten by themselves: what the schedule asks for every night (domain.md 4.2)."""

from datetime import datetime, timedelta

from flask import current_app

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import shed_old_pages, transaction
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import operations, queries
from cohab_report.intake.contacts.models import Ending

AFTER_CLOSING = timedelta(days=30)


def forget_contacts(*, at: datetime) -> int:
    """Addresses that nobody confirmed within seven days, and those of observations closed for thirty, are erased; returns how many."""
    endings = [(contact, Ending.UNCONFIRMED) for contact in queries.unconfirmed_before(at - operations.CONFIRM_WITHIN)]
    for contact in queries.kept_of_finished():
        finished = intake.finished_at(contact.observation)
        if finished is not None and at - finished > AFTER_CLOSING:
            endings.append((contact, Ending.EXPIRED))
    for contact, ending in endings:
        operations.end(contact, ending, by=journal.SYSTEM, at=at)
    return len({contact.id for contact, _ending in endings})


def forget_contacts_now() -> int:
    """`forget_contacts` at this instant, down to the bytes that the database had set aside."""
    with current_app.app_context():
        with transaction():
            forgotten = forget_contacts(at=now())
        shed_old_pages()
        return forgotten
