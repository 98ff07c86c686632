"""What people who sign in do with their account."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class PersonSignedIn(JournalEvent):
    """A person signed in."""

    name = "person.signed_in"
    has_caption = False


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(JournalEvent):
    """A person's password was changed."""

    name = "person.password_changed"
    has_caption = False


@dataclass(frozen=True, kw_only=True)
class PersonCreated(JournalEvent):
    """A staff account was created."""

    name = "person.created"
    has_caption = False


@dataclass(frozen=True, kw_only=True)
class AccountClosed(JournalEvent):
    """A staff account was closed."""

    name = "person.closed"
    has_caption = False


@dataclass(frozen=True, kw_only=True)
class RoleChanged(JournalEvent):
    """A person was given another role."""

    name = "person.role_changed"
    has_caption = False
    role: str


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(JournalEvent):
    """Sessions of a person were ended before they would have expired; signing out ends one."""

    name = "person.sessions_ended"
    has_caption = False
    count: int
