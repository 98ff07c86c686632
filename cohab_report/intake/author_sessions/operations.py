"""Begins and ends author sessions: what a browser may open of one's own observation without its code."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.fernet import Fernet

from cohab_report.db import db
from cohab_report.intake.author_sessions import queries
from cohab_report.intake.author_sessions.models import AuthorPage, AuthorSession
from cohab_report.intake.models import Observation
from cohab_report.scheduled_jobs import job_now

LONGEST_SESSION: Mapping[AuthorPage, timedelta] = {
    AuthorPage.RECEIPT: timedelta(hours=1),
    AuthorPage.FOLLOW: timedelta(hours=12),
}
"""How long a session lasts at most; a page may close earlier, when nobody reads it."""


def begin_session(
    observation: Observation, page: AuthorPage, *, content: Mapping[str, str] | None = None, at: datetime
) -> str:
    """Begins a session; returns its token, which is stored nowhere. `content` is encrypted with it."""
    token = secrets.token_urlsafe(32)
    session = AuthorSession(
        token_hash=queries.token_hash(token),
        observation_id=observation.id,
        page=page,
        sealed=_cipher(token).encrypt(json.dumps(dict(content or {})).encode()).decode(),
        ends_at=at + LONGEST_SESSION[page],
    )
    db.session.add(session)
    db.session.flush()
    return token


def content_of(session: AuthorSession, token: str) -> Mapping[str, str]:
    """Returns the content that the session began with."""
    content: dict[str, str] = json.loads(_cipher(token).decrypt(session.sealed))
    return content


def end_session(token: str) -> None:
    """Ends the session of this token; an unknown one changes nothing."""
    queries.delete_session(token)


def end_sessions_over(*, at: datetime) -> int:
    """Deletes the sessions that are over; returns how many."""
    return queries.delete_sessions_over(at)


end_sessions_over_now = job_now(end_sessions_over)
"""Scheduled every hour."""


def _cipher(token: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"content {token}".encode()).digest()))
