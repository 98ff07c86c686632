"""What workers do with photos: develop those that came, destroy those whose time is over, and sweep what nobody knows out of the store.

A photo is developed between two short transactions, so that nobody waits at the database for a picture. Each job may be asked for twice.
"""

import logging
from datetime import datetime, timedelta
from itertools import islice

from cryptography.fernet import InvalidToken
from flask import current_app

from cohab_report import journal, media
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.errors import NotThere
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import darkroom, operations, queries
from cohab_report.intake.photos.darkroom import Developed, NotKept
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.intake.photos.operations import Sealed

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
"""How long a worker may be silent about a photo before another one takes it; several times what a picture may take."""
MOST_TRIES = 3
"""A photo that takes its worker down each time is refused."""
YOUNG = timedelta(hours=1)
"""A file that no photo knows may belong to a transaction that is under way, for at most this long."""
AFTER_CLOSING = timedelta(days=30)
"""How long photos are kept of what is finished (domain.md 4.2)."""
BATCH = 400


def develop(photo_id: int) -> None:
    """The photo waits for triage or is refused, and its original is gone; nothing happens when somebody else has begun or it has ended."""
    at = now()
    with transaction():
        if not queries.begin(photo_id, silent_since=at - LEASE, at=at):
            return
        photo = db.session.get_one(Photo, photo_id)
        sealed, is_hopeless = operations.sealed_of(photo), photo.tries > MOST_TRIES
    if is_hopeless:
        _refuse(photo_id, PhotoReason.UNREADABLE)
    else:
        _develop(photo_id, sealed)


def develop_due_now() -> int:
    """Photos that no worker was told of, or whose worker died, are developed; returns how many."""
    with current_app.app_context():
        waiting = queries.to_develop(silent_since=now() - LEASE)
        for photo_id in waiting:
            develop(photo_id)
        return len(waiting)


def forget_photos(*, at: datetime) -> int:
    """Photos of observations that have been finished for thirty days are destroyed; returns of how many observations."""
    over = [observation for observation in queries.finished_with_photos() if _is_over(observation, at)]
    for observation in over:
        operations.drop(observation, PhotoReason.EXPIRED, by=journal.SYSTEM, at=at)
    return len(over)


def forget_photos_now() -> int:
    """`forget_photos` at this instant."""
    with current_app.app_context(), transaction():
        return forget_photos(at=now())


def sweep_now() -> int:
    """Files that no photo knows are gone from the store: left by a crash between two steps; returns how many were."""
    with current_app.app_context():
        return sum(_sweep(shelf, before=now() - YOUNG) for shelf in (operations.INCOMING, operations.KEPT))


def _is_over(observation: Observation, at: datetime) -> bool:
    finished = intake.finished_at(observation)
    return finished is not None and at - finished > AFTER_CLOSING


def _develop(photo_id: int, sealed: Sealed) -> None:
    try:
        picture = darkroom.develop(operations.opened(sealed))
    except NotKept as refused:
        _refuse(photo_id, refused.reason)
    except (NotThere, InvalidToken):
        _refuse(photo_id, PhotoReason.LOST)
    else:
        _keep(photo_id, picture)


def _refuse(photo_id: int, reason: PhotoReason) -> None:
    with transaction():
        photo = _held(photo_id)
        if photo.may_move_to(PhotoState.REFUSED):
            operations.refuse(photo, reason, at=now())
            log.info("photo refused", extra={"photo": photo_id, "reason": reason.value})


def _keep(photo_id: int, picture: Developed) -> None:
    store, full, small = (
        media.store(),
        media.new_name(operations.KEPT, ".webp"),
        media.new_name(operations.KEPT, ".webp"),
    )
    store.put(full, picture.full)
    store.put(small, picture.small)
    with transaction():
        photo = _held(photo_id)
        if kept := photo.may_move_to(PhotoState.WAITING):
            operations.keep(photo, full, small, width=picture.width, height=picture.height)
    if not kept:
        # It was taken back or dropped while it was being developed.
        operations.destroy(full, small)


def _held(photo_id: int) -> Photo:
    photo = db.session.get_one(Photo, photo_id)
    queries.hold(photo.observation)
    return photo


def _sweep(shelf: str, *, before: datetime) -> int:
    store, gone = media.store(), 0
    old = (stored.name for stored in store.names(shelf) if stored.put_at < before)
    while names := list(islice(old, BATCH)):
        unknown = set(names) - queries.known_files(names)
        for name in unknown:
            store.delete(name)
        gone += len(unknown)
    return gone
