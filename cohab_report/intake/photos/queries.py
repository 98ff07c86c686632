"""Queries of photos. Who may see one is decided by the page of the observation or the case, not here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from cohab_report.db import claim_row, db, updated_rows
from cohab_report.errors import NotFound
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.photos.models import STANDING_PHOTO_STATES, Photo, PhotoState


def photos_of(observations: Iterable[Observation], *states: PhotoState) -> Sequence[Photo]:
    """Returns the photos of these observations in the order they came; only those in `states`, if any are named."""
    query = (
        select(Photo)
        .where(Photo.observation_id.in_([observation.id for observation in observations]))
        .order_by(Photo.observation_id, Photo.id)
    )
    if states:
        query = query.where(Photo.state.in_(states))
    return db.session.scalars(query).all()


def photo_or_refuse(observations: Iterable[Observation], reference: str) -> Photo:
    """Returns the photo of this reference if it belongs to one of these observations; raises NotFound."""
    photo = db.session.scalars(select(Photo).where(Photo.reference == reference)).one_or_none()
    if photo is None or photo.observation_id not in {observation.id for observation in observations}:
        raise NotFound
    return photo


def lock_photos(observation: Observation) -> Sequence[Photo]:
    """Locks and returns all photos of an observation: nobody else adds or changes one until this transaction ends."""
    # Receiving, dropping and deciding lock the observation's row first: none works on photos that another just changed.
    db.session.execute(select(Observation.id).where(Observation.id == observation.id).with_for_update())
    query = select(Photo).where(Photo.observation_id == observation.id).order_by(Photo.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def photo_ids_to_reencode(*, silent_since: datetime, limit: int = 50) -> Sequence[int]:
    """Returns the ids of received photos that no worker has claimed since `silent_since`, the oldest first."""
    query = (
        select(Photo.id)
        .where(_is_received(), _is_unclaimed(silent_since), Photo.received_at < silent_since)
        .order_by(Photo.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def claim_photo(photo_id: int, *, silent_since: datetime, at: datetime) -> bool:
    """Claims a received photo for re-encoding; True for exactly one of several workers."""
    return claim_row(
        update(Photo)
        .where(Photo.id == photo_id, _is_received(), _is_unclaimed(silent_since))
        .values(tried_at=at, tries=Photo.tries + 1)
    )


def give_try_back(photo_id: int) -> None:
    """Takes back the try that the last claim counted; the photo stays claimed until its lease is over."""
    claimed = update(Photo).where(Photo.id == photo_id, _is_received(), Photo.tries > 0)
    updated_rows(claimed.values(tries=Photo.tries - 1))


def finished_observations_with_photos() -> Sequence[Observation]:
    """Returns the finished observations that still have photos."""
    ids_with_photos = select(Photo.observation_id).where(Photo.state.in_(STANDING_PHOTO_STATES))
    finished = Observation.status.in_((Status.DONE, Status.REDIRECTED))
    return db.session.scalars(
        select(Observation).where(Observation.id.in_(ids_with_photos), finished).order_by(Observation.id)
    ).all()


def received_photos_count() -> int:
    """Returns how many received photos wait for being re-encoded."""
    return db.session.scalar(select(func.count()).select_from(Photo).where(_is_received())) or 0


def received_photos_age(*, at: datetime) -> float:
    """Returns how many seconds the longest waiting of these has waited; 0 when none waits."""
    oldest = db.session.scalar(select(func.min(Photo.received_at)).where(_is_received()))
    return 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())


def referenced_files(names: Collection[str]) -> set[str]:
    """Returns those of these file names that a photo refers to."""
    referenced: set[str] = set()
    for column in (Photo.incoming_name, Photo.full_name, Photo.small_name):
        referenced.update(name for name in db.session.scalars(select(column).where(column.in_(names))) if name)
    return referenced


def all_referenced_files() -> set[str]:
    """Returns the names of all files that photos refer to: encrypted originals and re-encoded pictures."""
    columns = (Photo.incoming_name, Photo.full_name, Photo.small_name)
    return {
        name for column in columns for name in db.session.scalars(select(column).where(column.is_not(None))) if name
    }


def _is_received() -> ColumnElement[bool]:
    # A literal, not a bound value: SQLite uses a partial index only for the very expression it was created with.
    return Photo.state == bindparam("received", PhotoState.RECEIVED, literal_execute=True)


def _is_unclaimed(silent_since: datetime) -> ColumnElement[bool]:
    return or_(Photo.tried_at.is_(None), Photo.tried_at < silent_since)
