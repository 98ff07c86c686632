"""Sign-in, password changes and own choices of staff accounts. Rate limits and sessions are `web`'s."""

from datetime import datetime

from cohab_report import journal
from cohab_report.errors import Invalid
from cohab_report.partners import events, passwords, queries
from cohab_report.partners.models import Person, ShortcutKeys


def sign_in(email: str, password: str, *, at: datetime) -> Person:
    """Returns the person with this e-mail address and password, and records the sign-in.

    Raises Invalid for an unknown address, a wrong password and a closed account alike, in the same time.
    """
    person = queries.person_by_email(email)
    is_right = passwords.matches(password[: passwords.LONGEST_PASSWORD], person.password_hash if person else None)
    if person is None or not is_right or not person.is_active:
        raise Invalid("password", "no_match")
    if passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hash_password(password[: passwords.LONGEST_PASSWORD])
    person.last_sign_in_at = at
    journal.record(events.PersonSignedIn(thread=person.journal_name), by=person, at=at)
    return person


def change_password(person: Person, password: str, *, by: Person, at: datetime) -> None:
    """Sets the person's password and ends all their sessions."""
    person.password_hash = passwords.hash_password(password[: passwords.LONGEST_PASSWORD])
    person.session_version += 1
    journal.record(events.PasswordChanged(thread=person.journal_name), by=by, at=at)


def choose_shortcut_keys(person: Person, shortcut_keys: ShortcutKeys) -> None:
    """Stores how the person presses keyboard shortcuts; their own choice, which the journal need not know."""
    person.shortcut_keys = shortcut_keys
