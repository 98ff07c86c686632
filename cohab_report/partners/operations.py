"""What people of the partners do with their own account. Who may try how often, and what a session is, belongs to the web frame."""

from datetime import datetime

from cohab_report import journal
from cohab_report.errors import Invalid
from cohab_report.partners import passwords, queries
from cohab_report.partners.models import Person


def sign_in(email: str, password: str, *, at: datetime) -> Person:
    """The person whose address and password these are, now known to have been here at `at`.

    An unknown address, a wrong password and a closed account are refused alike, by Invalid, and in the same time.
    """
    person = queries.person_by_email(email)
    is_theirs = passwords.matches(password[: passwords.LONGEST], person.password_hash if person else None)
    if person is None or not is_theirs or not person.is_active:
        raise Invalid("password", "no_match")
    if passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hashed(password[: passwords.LONGEST])
    person.last_sign_in_at = at
    journal.record("person.signed_in", thread=person.journal_name, by=person, at=at)
    return person


def change_password(person: Person, password: str, *, by: Person, at: datetime) -> None:
    """The person's password is this one, and whoever was signed in as them is so no longer."""
    person.password_hash = passwords.hashed(password[: passwords.LONGEST])
    person.session_version += 1
    journal.record("person.password_changed", thread=person.journal_name, by=by, at=at)
