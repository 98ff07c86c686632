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
