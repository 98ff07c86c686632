"""Sign-in sessions: they expire after two hours without a request, and after twelve hours.

Residents' drafts are in the same cookie.

The cookie is encrypted, and holds no name. Signing in or out empties it, except for the language.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import session
from flask_login import login_user

IDLE_LIMIT = timedelta(hours=2)
SESSION_LIMIT = timedelta(hours=12)
"""How long a session lasts at most, however often it is used."""
LAST_VISIT_PRECISION = timedelta(minutes=1)
"""How old the recorded last visit may get before the cookie is written again."""
SIGNED_IN_KEY, LAST_VISIT_KEY = "since", "seen"
LASTING_KEYS = ("language",)


def begin_session(person: Any, *, at: datetime) -> None:
    """Signs the person in with a new session; of the one before only the language stays."""
    end_session()
    session[SIGNED_IN_KEY] = session[LAST_VISIT_KEY] = int(at.timestamp())
    login_user(person)


def end_session() -> None:
    """Empties the session, except for the language."""
    lasting_values = {name: session[name] for name in LASTING_KEYS if name in session}
    session.clear()
    session.update(lasting_values)


def is_session_over(*, at: datetime) -> bool:
    """Returns whether the sign-in has expired; otherwise records this visit as the latest."""
    signed_in_at, last_visit_at = session.get(SIGNED_IN_KEY), session.get(LAST_VISIT_KEY)
    if not isinstance(signed_in_at, int) or not isinstance(last_visit_at, int):
        return True
    present = int(at.timestamp())
    idle_seconds = present - last_visit_at
    if present - signed_in_at > SESSION_LIMIT.total_seconds() or idle_seconds > IDLE_LIMIT.total_seconds():
        return True
    if idle_seconds > LAST_VISIT_PRECISION.total_seconds():
        session[LAST_VISIT_KEY] = present
    return False
