"""Answers about photos. Who may see one is asked of the observation's or the case's page; here only `approved` and `of` tell them apart."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, or_, select, update

from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.photos.models import STANDING, Photo, PhotoState


def of(observations: Iterable[Observation], *states: PhotoState) -> Sequence[Photo]:
    """The photos of these observations, in the order they came; in these states only, if any are named."""
    query = (
        select(Photo)
        .where(Photo.observation_id.in_([one.id for one in observations]))
        .order_by(Photo.observation_id, Photo.id)
    )
    if states:
        query = query.where(Photo.state.in_(states))
    return db.session.scalars(query).all()


def one_of(observations: Iterable[Observation], reference: str) -> Photo:
    """The photo of this reference, if it is one of theirs; raises NotThere."""
    found = db.session.scalars(select(Photo).where(Photo.reference == reference)).one_or_none()
    if found is None or found.observation_id not in {one.id for one in observations}:
        raise NotThere
    return found


def hold(observation: Observation) -> Sequence[Photo]:
    """All photos of an observation, which nobody else adds to or changes until this transaction ends."""
    # Whoever receives, drops or decides takes the observation's row first: none of them works on photos that another has just changed.
    db.session.execute(select(Observation.id).where(Observation.id == observation.id).with_for_update())
    query = select(Photo).where(Photo.observation_id == observation.id).order_by(Photo.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def to_develop(*, silent_since: datetime, limit: int = 50) -> Sequence[int]:
    """The ids of received photos that no worker has begun, or whose worker has been silent since then; the oldest first."""
    query = (
        select(Photo.id)
        .where(_received(), _free(silent_since), Photo.received_at < silent_since)
        .order_by(Photo.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def begin(photo_id: int, *, silent_since: datetime, at: datetime) -> bool:
    """True for exactly one of those who want to develop the photo at the same time."""
    mine = (
        update(Photo)
        .where(Photo.id == photo_id, _received(), _free(silent_since))
        .values(tried_at=at, tries=Photo.tries + 1)
    )
    return bool(db.session.execute(mine, execution_options={"synchronize_session": False}).rowcount == 1)  # type: ignore[attr-defined]


def finished_with_photos() -> Sequence[Observation]:
    """Finished observations that still have photos."""
    standing = select(Photo.observation_id).where(Photo.state.in_(STANDING))
    finished = Observation.status.in_((Status.DONE, Status.REDIRECTED))
    return db.session.scalars(
        select(Observation).where(Observation.id.in_(standing), finished).order_by(Observation.id)
    ).all()


def known_files(names: Collection[str]) -> set[str]:
    """Those of these names that a photo knows."""
    found: set[str] = set()
    for column in (Photo.incoming_name, Photo.full_name, Photo.small_name):
        found.update(name for name in db.session.scalars(select(column).where(column.in_(names))) if name)
    return found


def _received() -> ColumnElement[bool]:
    # Written into the statement, not bound to it: SQLite takes the partial index only for the very words it was made with.
    return Photo.state == bindparam("received", PhotoState.RECEIVED, literal_execute=True)


def _free(silent_since: datetime) -> ColumnElement[bool]:
    return or_(Photo.tried_at.is_(None), Photo.tried_at < silent_since)
