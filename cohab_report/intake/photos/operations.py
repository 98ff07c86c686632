"""What may be done with a photo: seal it, receive it, keep or refuse what came out of the darkroom, approve, reject, remove, drop it.

Whatever ends a photo destroys its files as soon as that is committed; its row stays, to say why.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from cryptography.fernet import Fernet
from flask import current_app

from cohab_report import journal, media
from cohab_report.db import after_commit, db
from cohab_report.errors import Invalid, Unavailable
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import queries, rules
from cohab_report.intake.photos.models import MOST, REJECTIONS, Photo, PhotoReason, PhotoState
from cohab_report.partners.models import Person
from cohab_report.settings import Settings

log = logging.getLogger(__name__)
INCOMING, KEPT = "incoming", "photos"
"""The shelves of the store: sealed originals, and developed pictures."""


@dataclass(frozen=True)
class Sealed:
    """An original that lies encrypted in the store; the key is here and, once the photo is received, in its row."""

    name: str
    key: str
    digest: str


def seal(observation: Observation, data: bytes) -> Sealed:
    """The bytes lie in the store, readable with a fresh key only; raises what `rules.refuse_impossible` raises, or Unavailable.

    Done before the transaction that receives the photo, so that nobody waits at the database for a disk.
    """
    rules.refuse_impossible(data)
    key = Fernet.generate_key()
    sealed = Sealed(media.new_name(INCOMING), key.decode(), _digest(observation, data))
    media.store().put(sealed.name, Fernet(key).encrypt(data))
    return sealed


def sealed_of(photo: Photo) -> Sealed:
    """The photo's original, as it lies in the store."""
    return Sealed(photo.incoming_name or "", photo.incoming_key or "", photo.digest)


def opened(sealed: Sealed) -> bytes:
    """The bytes that were sent; raises NotThere when they are gone and InvalidToken when they are not what was sealed."""
    return Fernet(sealed.key).decrypt(media.store().get(sealed.name))


def destroy(*names: str) -> None:
    """Nothing in the store has these names; what the store can't delete now stays for the sweeper, since no photo knows it."""
    for name in names:
        try:
            media.store().delete(name)
        except Unavailable:
            log.warning("a file of no photo stays for the sweeper")


def receive(observation: Observation, sealed: Sealed, *, at: datetime) -> Photo:
    """The photo is among those of the observation and a worker will develop it; the same file again is the same photo.

    Raises Invalid("photos", reason): not_welcome, late, too_many, or the reason for which this very file was refused before.
    A sealed original that no new photo took is destroyed when the transaction is committed.
    """
    photos = queries.hold(observation)
    db.session.refresh(observation)
    _refuse_unless_welcome(observation, at)
    known = next((photo for photo in photos if photo.digest == sealed.digest), None)
    if known is not None and not known.may_be_tried_again:
        after_commit(lambda: destroy(sealed.name))
        return _still_there(known)
    photo = known or Photo(reference=secrets.token_hex(12), observation_id=observation.id, digest=sealed.digest)
    photo.position = _free_position(photos)
    photo.state, photo.reason = PhotoState.RECEIVED, None
    photo.received_at, photo.tried_at, photo.tries = at, None, 0
    photo.incoming_name, photo.incoming_key = sealed.name, sealed.key
    db.session.add(photo)
    db.session.flush()
    _record(photo, observation, "photo.received", by=journal.RESIDENT, at=at)
    return photo


def keep(photo: Photo, full: str, small: str, *, width: int, height: int) -> None:
    """The developed picture waits for triage, and its original is gone; raises MoveRefused when the photo ended meanwhile."""
    photo.move_to(PhotoState.WAITING)
    _destroy_original(photo)
    photo.full_name, photo.small_name, photo.width, photo.height = full, small, width, height


def refuse(photo: Photo, reason: PhotoReason, *, at: datetime) -> None:
    """The photo can't be developed, for this reason, and its original is gone."""
    photo.move_to(PhotoState.REFUSED)
    photo.reason, photo.decided_at = reason, at
    _destroy(photo)
    _record(photo, photo.observation, "photo.refused", by=journal.SYSTEM, at=at, reason=reason)


def approve(photo: Photo, *, by: Person, at: datetime) -> None:
    """Whoever works on the case and the photo's author may see it; raises MoveRefused (why: photo) unless it waits."""
    queries.hold(photo.observation)
    photo.move_to(PhotoState.APPROVED)
    photo.decided_by, photo.decided_at = by, at
    _record(photo, photo.observation, "photo.approved", by=by, at=at)


def reject(photo: Photo, reason: PhotoReason, *, by: Person, at: datetime) -> None:
    """The photo is destroyed and its author reads why; raises Invalid("reason", "missing"), or MoveRefused (why: photo)."""
    if reason not in REJECTIONS:
        raise Invalid("reason", "missing")
    queries.hold(photo.observation)
    photo.move_to(PhotoState.REJECTED)
    photo.reason, photo.decided_by, photo.decided_at = reason, by, at
    _destroy(photo)
    _record(photo, photo.observation, "photo.rejected", by=by, at=at, reason=reason)


def remove(photo: Photo, *, at: datetime) -> None:
    """Its author took the photo back: it is destroyed. Removing what is not there any more changes nothing."""
    queries.hold(photo.observation)
    if photo.is_standing:
        _end(photo, photo.observation, PhotoState.REMOVED, PhotoReason.BY_AUTHOR, by=journal.RESIDENT, at=at)


def drop(observation: Observation, reason: PhotoReason, *, by: journal.Actor, at: datetime) -> None:
    """All photos of the observation are destroyed, for this reason (domain.md 6.4, guard rail 1); without photos nothing happens."""
    state = PhotoState.REMOVED if reason is PhotoReason.WITHDRAWN else PhotoState.DROPPED
    for photo in queries.hold(observation):
        if photo.is_standing:
            _end(photo, observation, state, reason, by=by, at=at)


def _end(
    photo: Photo, observation: Observation, state: PhotoState, reason: PhotoReason, *, by: journal.Actor, at: datetime
) -> None:
    photo.move_to(state)
    photo.reason, photo.decided_at = reason, at
    _destroy(photo)
    _record(photo, observation, f"photo.{state.value}", by=by, at=at, reason=reason)


def _refuse_unless_welcome(observation: Observation, at: datetime) -> None:
    welcome = rules.are_welcome(observation.category.photo, observation.belongings, observation.protection)
    if not welcome or observation.is_withdrawn:
        raise Invalid("photos", "not_welcome")
    if rules.is_late(observation.received_at, at):
        raise Invalid("photos", "late")


def _still_there(known: Photo) -> Photo:
    if known.is_standing:
        return known
    raise Invalid("photos", known.reason.value if known.reason else PhotoReason.OTHER.value)


def _free_position(photos: Sequence[Photo]) -> int:
    taken = {photo.position for photo in photos if photo.is_standing}
    free = [position for position in range(1, MOST + 1) if position not in taken]
    if not free or len(photos) >= rules.MOST_ROWS:
        raise Invalid("photos", "too_many")
    return free[0]


def _destroy(photo: Photo) -> None:
    for name in (photo.full_name, photo.small_name):
        _delete_once_committed(name)
    photo.full_name = photo.small_name = None
    _destroy_original(photo)


def _destroy_original(photo: Photo) -> None:
    _delete_once_committed(photo.incoming_name)
    photo.incoming_name = photo.incoming_key = None


def _delete_once_committed(name: str | None) -> None:
    # A transaction that is undone keeps its files; one whose process dies right after its commit leaves them to the sweeper.
    if name is not None:
        after_commit(lambda: destroy(name))


def _record(
    photo: Photo, observation: Observation, name: str, *, by: journal.Actor, at: datetime, reason: PhotoReason | None = None
) -> None:  # fmt: skip
    facts: dict[str, object] = {"photo": photo.id}
    if reason is not None:
        facts["reason"] = reason.value
    journal.record(name, thread=observation.reference, by=by, at=at, facts=facts)


def _digest(observation: Observation, data: bytes) -> str:
    settings = cast(Settings, current_app.config["SETTINGS"])
    keyed = hmac.new(settings.code_key.encode(), f"photo {observation.id} ".encode(), hashlib.sha256)
    keyed.update(data)
    return keyed.hexdigest()
