"""How long a signed-in person stays so: two hours without a sign of life, twelve at most. Residents' drafts live in the same cookie.

The cookie is signed, not secret, and holds no name. It is emptied when somebody signs in or out, except for the language they read.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import session
from flask_login import login_user

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SIGN_OF_LIFE = timedelta(minutes=1)
SINCE, SEEN = "since", "seen"
SURVIVES = ("language",)


def begin(person: Any, *, at: datetime) -> None:
    """A new session belongs to this person; nothing of the one before is left in it but the language."""
    end()
    session[SINCE] = session[SEEN] = int(at.timestamp())
    login_user(person)


def end() -> None:
    """The session is empty but for the language."""
    survivors = {name: session[name] for name in SURVIVES if name in session}
    session.clear()
    session.update(survivors)


def is_over(*, at: datetime) -> bool:
    """Whether the signed-in part of this session has lasted, or slept, too long; otherwise this visit is its latest sign of life."""
    since, seen = session.get(SINCE), session.get(SEEN)
    if not isinstance(since, int) or not isinstance(seen, int):
        return True
    present = int(at.timestamp())
    if present - since > LONGEST.total_seconds() or present - seen > IDLE.total_seconds():
        return True
    if present - seen > SIGN_OF_LIFE.total_seconds():
        session[SEEN] = present
    return False
