"""Queries of author sessions."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, select

from cohab_report.db import db
from cohab_report.intake.author_sessions.models import AuthorPage, AuthorSession
from cohab_report.intake.models import Observation


def token_hash(token: str) -> str:
    """Returns the hash under which a session is stored; its token has too many random bits to be guessed from it."""
    return hashlib.sha256(token.encode()).hexdigest()


def author_session(token: str, page: AuthorPage, *, at: datetime) -> AuthorSession | None:
    """Returns the session of this token for this page, or None: unknown, ended or over."""
    query = select(AuthorSession).where(
        AuthorSession.token_hash == token_hash(token), AuthorSession.page == page, AuthorSession.ends_at > at
    )
    return db.session.scalars(query).one_or_none()


def delete_session(token: str) -> None:
    """Deletes the session of this token, if there is one."""
    db.session.execute(delete(AuthorSession).where(AuthorSession.token_hash == token_hash(token)))


def delete_sessions_of(observation: Observation) -> None:
    """Deletes every session of this observation, in whatever browser."""
    db.session.execute(delete(AuthorSession).where(AuthorSession.observation_id == observation.id))


def delete_sessions_over(at: datetime) -> int:
    """Deletes the sessions that are over; returns how many."""
    found = db.session.scalars(select(AuthorSession.id).where(AuthorSession.ends_at <= at)).all()
    db.session.execute(delete(AuthorSession).where(AuthorSession.id.in_(found)))
    return len(found)
