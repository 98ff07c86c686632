"""Sign-in, sessions, passwords and own choices of staff accounts. Rate limits and cookies are `web`'s.

Passwords are hashed before a transaction begins: that is slow on purpose, and other writers would wait.
"""

from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.db import db, transaction
from cohab_report.errors import Invalid
from cohab_report.partners import events, passwords, queries, session_tokens
from cohab_report.partners.models import Partner, Person, Role, ShortcutKeys, StaffSession
from cohab_report.scheduled_jobs import job_now

OLD_SESSION = timedelta(days=1)
"""After so long a session is over, whatever became of it: `web.sessions` lets none last longer."""


def sign_in(email: str, password: str, *, at: datetime) -> Person:
    """Returns the person with this e-mail address and password, with the token of a new session; records the sign-in.

    Makes its own transaction, and none for whoever is refused. Raises Invalid for an unknown address, a wrong password
    and a closed account alike, in the same time.
    """
    person = queries.person_by_email(email)
    checked_hash = person.password_hash if person else None
    is_right = passwords.matches(password, checked_hash)
    if person is None or checked_hash is None or not is_right or not person.is_active:
        raise Invalid("password", "no_match")
    new_hash = passwords.hash_password(password) if passwords.is_outdated(checked_hash) else checked_hash
    with transaction():
        if not person.is_active or person.password_hash != checked_hash:
            raise Invalid("password", "no_match")
        person.password_hash = new_hash
        person.last_sign_in_at = at
        start_session(person, at=at)
        journal.record(events.PersonSignedIn(thread=person.journal_name), by=person, at=at)
    return person


def start_session(person: Person, *, at: datetime) -> None:
    """Starts a session of this person, whose `session_token` opens it from then on."""
    person.session_token = session_tokens.new_token()
    token_hash = session_tokens.hash_of(person.session_token)
    db.session.add(StaffSession(person_id=person.id, token_hash=token_hash, started_at=at))


def create_person(
    email: str, name: str, role: Role, partner: Partner | None, password_hash: str, *, by: journal.Actor, at: datetime
) -> Person:
    """Creates a staff account and returns it.

    Raises Invalid(field, reason): `email` malformed or taken, `name` missing, `partner` missing for those who work for
    one.
    """
    tidy_email = email.strip().lower()
    if "@" not in tidy_email[1:-1] or any(character.isspace() for character in tidy_email):
        raise Invalid("email", "malformed")
    if queries.person_by_email(tidy_email) is not None:
        raise Invalid("email", "taken")
    if not name.strip():
        raise Invalid("name", "missing")
    if role is Role.PARTNER and partner is None:
        raise Invalid("partner", "missing")
    person = Person(email=tidy_email, name=name.strip(), role=role, partner=partner, password_hash=password_hash)
    db.session.add(person)
    db.session.flush()
    journal.record(events.PersonCreated(thread=person.journal_name), by=by, at=at)
    return person


def change_password(person: Person, password_hash: str, *, by: journal.Actor, at: datetime) -> None:
    """Sets the person's password by its hash and ends all their sessions."""
    person.password_hash = password_hash
    end_sessions(person, by=by, at=at)
    journal.record(events.PasswordChanged(thread=person.journal_name), by=by, at=at)


def choose_shortcut_keys(person: Person, shortcut_keys: ShortcutKeys) -> None:
    """Stores how the person presses keyboard shortcuts; their own choice, which the journal need not know."""
    person.shortcut_keys = shortcut_keys


def close_account(person: Person, *, by: journal.Actor, at: datetime) -> None:
    """Closes the account, if it is open, and ends all its sessions."""
    if person.is_active:
        person.is_active = False
        end_sessions(person, by=by, at=at)
        journal.record(events.AccountClosed(thread=person.journal_name), by=by, at=at)


def change_role(person: Person, role: Role, *, by: journal.Actor, at: datetime) -> None:
    """Gives the person another role and ends all their sessions: they sign in again, with what that role may do."""
    if person.role is not role:
        person.role = role
        end_sessions(person, by=by, at=at)
        journal.record(events.RoleChanged(thread=person.journal_name, role=role.value), by=by, at=at)


def end_sessions(person: Person, *, by: journal.Actor, at: datetime, except_token: str = "") -> int:
    """Ends the person's sessions, except that of a token; returns how many."""
    kept = session_tokens.hash_of(except_token)
    ended = [each for each in queries.open_sessions(person) if each.token_hash != kept]
    for each in ended:
        each.ended_at = at
    if ended:
        journal.record(events.SessionsEnded(thread=person.journal_name, count=len(ended)), by=by, at=at)
    return len(ended)


def end_session_of(person: Person, *, at: datetime) -> None:
    """Ends the session in which the person was found: they sign out."""
    end_session(person, queries.session_by_token(person.session_token).id, at=at)


def end_session(person: Person, session_id: int, *, at: datetime) -> None:
    """Ends one of the person's own sessions; raises NotFound for another's. One that is over stays as it is."""
    ended = queries.session_or_refuse(person, session_id)
    if ended.ended_at is None:
        ended.ended_at = at
        journal.record(events.SessionsEnded(thread=person.journal_name, count=1), by=person, at=at)


def delete_old_sessions(*, at: datetime) -> int:
    """Deletes the sessions that began longer ago than any lasts; returns how many."""
    return queries.delete_sessions_before(at - OLD_SESSION)


delete_old_sessions_now = job_now(delete_old_sessions)
