"""Erases addresses whose time is over (domain.md 4.2); scheduled every night."""

from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import operations, queries
from cohab_report.intake.contacts.models import Ending
from cohab_report.scheduled_jobs import job_now

ERASE_CONTACT_AFTER = timedelta(days=30)


def erase_expired_contacts(*, at: datetime) -> int:
    """Erases addresses unconfirmed for seven days, or of observations finished thirty days ago; returns how many."""
    endings = [
        (contact, Ending.UNCONFIRMED) for contact in queries.contacts_unconfirmed_since(at - operations.CONFIRM_WITHIN)
    ]
    for contact in queries.contacts_of_finished_observations():
        finished_at = intake.finished_at(contact.observation)
        if finished_at is not None and at - finished_at > ERASE_CONTACT_AFTER:
            endings.append((contact, Ending.EXPIRED))
    for contact, ending in endings:
        operations.end_contact(contact, ending, by=journal.SYSTEM, at=at)
    return len({contact.id for contact, _ending in endings})


erase_expired_contacts_now = job_now(erase_expired_contacts)
"""Scheduled every night."""
