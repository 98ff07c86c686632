"""Stores the original of a photo, receives, attaches or refuses its pictures, approves, rejects, removes and drops it.

Ending a photo deletes its files after the commit; its row stays, to say why.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet

from cohab_report import journal, media
from cohab_report.catalogue.models import Protection
from cohab_report.db import after_commit, db, truncate_log_after_commit
from cohab_report.errors import Invalid, Unavailable
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import events, queries, rules
from cohab_report.intake.photos.models import MAX_PHOTOS, REJECTION_REASONS, Photo, PhotoReason, PhotoState
from cohab_report.intake.photos.telling import ToldPhoto, told_photos
from cohab_report.intake.stories.queries import story_of
from cohab_report.partners.models import Person
from cohab_report.settings import current_settings

log = logging.getLogger(__name__)
ORIGINALS, PICTURES = "incoming", "photos"
"""Folders of the media store: encrypted originals, and re-encoded pictures."""

ENDED_EVENTS: Mapping[PhotoState, type[events.PhotoEnded]] = {
    PhotoState.REFUSED: events.PhotoRefused,
    PhotoState.REJECTED: events.PhotoRejected,
    PhotoState.REMOVED: events.PhotoRemoved,
    PhotoState.DROPPED: events.PhotoDropped,
}
"""The event that tells of each state in which a photo ends."""


@dataclass(frozen=True)
class EncryptedOriginal:
    """The encrypted original of a photo in the media store, with its key.

    Once the photo is received, the key is in its row.
    """

    name: str
    key: str
    digest: str
    older_digests: Sequence[str] = ()
    """The digests that older code keys gave the same bytes."""

    def is_of(self, photo: Photo) -> bool:
        """Tells whether the photo was made from the same bytes."""
        return photo.digest in (self.digest, *self.older_digests)


def store_original(observation: Observation, data: bytes) -> EncryptedOriginal:
    """Encrypts the bytes of a photo with a new key and stores them.

    Raises what `rules.refuse_impossible_photo` raises, or Unavailable. Called before the transaction that receives the
    photo, so that nobody waits at the database for a disk.
    """
    rules.refuse_impossible_photo(data)
    key = Fernet.generate_key()
    digest, *older = (_keyed_digest(observation, data, code_key) for code_key in current_settings().code_keys)
    original = EncryptedOriginal(media.random_name(ORIGINALS), key.decode(), digest, older)
    media.media_store().put(original.name, Fernet(key).encrypt(data))
    return original


def original_of(photo: Photo) -> EncryptedOriginal:
    """Returns where the encrypted original of the photo is stored, and its key."""
    return EncryptedOriginal(photo.incoming_name or "", photo.incoming_key or "", photo.digest)


def decrypt_original(original: EncryptedOriginal) -> bytes:
    """Returns the bytes that were sent; raises NotFound when the file is gone and InvalidToken when it was altered."""
    return Fernet(original.key).decrypt(media.media_store().get(original.name))


def delete_files(*names: str) -> None:
    """Deletes these files; what the store can't delete now, the hourly job for orphan files will."""
    for name in names:
        try:
            media.media_store().delete(name)
        except Unavailable:
            log.warning("a file of no photo stays for the sweeper")


def receive_photo(observation: Observation, original: EncryptedOriginal, *, at: datetime) -> Photo:
    """Adds a photo to the observation, to be re-encoded by a worker; the same file again is the same photo.

    Raises Invalid("photos", reason): not_welcome, late, too_many, or the reason for which this very file was refused
    before. An original that no new photo took is deleted after the commit.
    """
    photos = queries.lock_photos(observation)
    db.session.refresh(observation)
    _refuse_unless_allowed(observation, at)
    told = told_photos(photos, shares_a_case=story_of(observation).shares_a_case)
    same_photo = next((photo for photo in photos if original.is_of(photo)), None)
    if same_photo is not None and not same_photo.may_be_tried_again:
        after_commit(lambda: delete_files(original.name))
        return _standing_or_refuse(same_photo, told[photos.index(same_photo)])
    photo = same_photo or Photo(reference=secrets.token_hex(12), observation_id=observation.id, digest=original.digest)
    photo.position = _free_position([each for each in told if each.reference != photo.reference])
    photo.state, photo.reason = PhotoState.RECEIVED, None
    photo.received_at, photo.tried_at, photo.tries = at, None, 0
    photo.incoming_name, photo.incoming_key = original.name, original.key
    db.session.add(photo)
    db.session.flush()
    event = events.PhotoReceived(thread=observation.reference, photo=photo.id)
    journal.record(event, by=journal.RESIDENT, at=at)
    return photo


def attach_pictures(photo: Photo, full: str, small: str, *, width: int, height: int) -> None:
    """Attaches the re-encoded pictures, for triage to decide, and deletes the original.

    Raises MoveRefused when the photo ended meanwhile.
    """
    photo.move_to(PhotoState.WAITING)
    _delete_original(photo)
    photo.full_name, photo.small_name, photo.width, photo.height = full, small, width, height


def drop_if_protected(photo: Photo, *, at: datetime) -> None:
    """Drops a photo whose observation somebody else's answer made never public before the photo came.

    Refusing it when it came would have told its author of that answer.
    """
    if photo.observation.protection is Protection.NEVER_PUBLIC:
        _end_photo(photo, PhotoState.DROPPED, PhotoReason.PROTECTED, by=journal.SYSTEM, at=at)


def refuse_photo(photo: Photo, reason: PhotoReason, *, at: datetime) -> None:
    """Refuses a photo that can't be re-encoded, for this reason, and deletes its original."""
    photo.move_to(PhotoState.REFUSED)
    photo.reason, photo.decided_at = reason, at
    _delete_pictures(photo)
    _record_end(photo, reason, by=journal.SYSTEM, at=at)


def approve_photo(photo: Photo, *, by: Person, at: datetime) -> None:
    """Approves a photo for those who work on the case and its author; raises MoveRefused (why: photo)."""
    queries.lock_photos(photo.observation)
    photo.move_to(PhotoState.APPROVED)
    photo.decided_by, photo.decided_at = by, at
    journal.record(events.PhotoApproved(thread=photo.observation.reference, photo=photo.id), by=by, at=at)


def reject_photo(photo: Photo, reason: PhotoReason, *, by: Person, at: datetime) -> None:
    """Rejects a photo and deletes it; its author reads why.

    Raises Invalid("reason", "missing"), MoveRefused (why: photo).
    """
    if reason not in REJECTION_REASONS:
        raise Invalid("reason", "missing")
    queries.lock_photos(photo.observation)
    photo.move_to(PhotoState.REJECTED)
    photo.reason, photo.decided_by, photo.decided_at = reason, by, at
    _delete_pictures(photo)
    _record_end(photo, reason, by=by, at=at)


def remove_photo(photo: Photo, *, at: datetime) -> None:
    """Deletes a photo at its author's wish; one that its author knows to be gone changes nothing."""
    queries.lock_photos(photo.observation)
    (told,) = told_photos([photo], shares_a_case=story_of(photo.observation).shares_a_case)
    if told.is_standing:
        _end_photo(photo, PhotoState.REMOVED, PhotoReason.BY_AUTHOR, by=journal.RESIDENT, at=at)


def drop_photos(observation: Observation, reason: PhotoReason, *, by: journal.Actor, at: datetime) -> None:
    """Deletes all photos of the observation, for this reason (domain.md 6.4, guard rail 1)."""
    state = PhotoState.REMOVED if reason is PhotoReason.WITHDRAWN else PhotoState.DROPPED
    photos = queries.lock_photos(observation)
    ending = [photo for photo in photos if photo.is_standing]
    if reason is PhotoReason.WITHDRAWN:
        told = told_photos(photos, shares_a_case=story_of(observation).shares_a_case)
        ending = [photo for photo, each in zip(photos, told, strict=True) if each.is_standing]
    for photo in ending:
        _end_photo(photo, state, reason, by=by, at=at)


def _end_photo(photo: Photo, state: PhotoState, reason: PhotoReason, *, by: journal.Actor, at: datetime) -> None:
    photo.move_to(state)
    photo.reason, photo.decided_at = reason, at
    _delete_pictures(photo)
    _record_end(photo, reason, by=by, at=at)


def _refuse_unless_allowed(observation: Observation, at: datetime) -> None:
    protection = observation.received_protection
    allowed = rules.photos_allowed(observation.category.photo, observation.belongings, protection)
    if not allowed or observation.is_withdrawn:
        raise Invalid("photos", "not_welcome")
    if rules.is_photo_window_over(observation.received_at, at):
        raise Invalid("photos", "late")


def _standing_or_refuse(photo: Photo, told: ToldPhoto) -> Photo:
    if told.is_standing:
        return photo
    raise Invalid("photos", told.reason.value if told.reason else PhotoReason.OTHER.value)


def _free_position(photos: Sequence[ToldPhoto]) -> int:
    taken_positions = {photo.position for photo in photos if photo.is_standing}
    free_positions = [position for position in range(1, MAX_PHOTOS + 1) if position not in taken_positions]
    if not free_positions or len(photos) >= rules.MAX_PHOTO_ATTEMPTS:
        raise Invalid("photos", "too_many")
    return free_positions[0]


def _delete_pictures(photo: Photo) -> None:
    for name in (photo.full_name, photo.small_name):
        _delete_after_commit(name)
    photo.full_name = photo.small_name = None
    _delete_original(photo)


def _delete_original(photo: Photo) -> None:
    _delete_after_commit(photo.incoming_name)
    photo.incoming_name = photo.incoming_key = None
    truncate_log_after_commit()


def _delete_after_commit(name: str | None) -> None:
    # A transaction that is rolled back keeps its files; a process that dies right after the commit leaves orphans.
    if name is not None:
        after_commit(lambda: delete_files(name))


def _record_end(photo: Photo, reason: PhotoReason, *, by: journal.Actor, at: datetime) -> None:
    ended = ENDED_EVENTS[photo.state](thread=photo.observation.reference, photo=photo.id, reason=reason.value)
    journal.record(ended, by=by, at=at)


def _keyed_digest(observation: Observation, data: bytes, code_key: str) -> str:
    digest = hmac.new(code_key.encode(), f"photo {observation.id} ".encode(), hashlib.sha256)
    digest.update(data)
    return digest.hexdigest()
