"""Worker jobs for photos: re-encode new ones, delete expired ones, delete files that no photo refers to.

A photo is re-encoded between two short transactions, so that nobody waits at the database for a picture. Every job may
run twice.
"""

import logging
from datetime import datetime, timedelta
from itertools import islice

from cryptography.fernet import InvalidToken

from cohab_report import journal, media
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.errors import NotFound, Unavailable
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations, photo_sandbox, queries
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.intake.photos.operations import EncryptedOriginal
from cohab_report.intake.photos.photo_sandbox import (
    DecoderStopped,
    DecoderUnprotected,
    PictureRefused,
    ReencodedPicture,
)
from cohab_report.scheduled_jobs import job_now
from cohab_report.settings import current_settings

log = logging.getLogger(__name__)
REENCODE_LEASE = timedelta(minutes=2)
"""How long a worker may work on a photo before another one claims it; several times what a picture may take."""
MAX_REENCODE_TRIES = 3
"""A photo whose worker or decoder is killed each time is refused after so many tries.

What is not the picture's fault, such as a disk that fails, costs no try: the picture waits for better times.
"""
ORPHAN_AGE = timedelta(hours=1)
"""A younger file that no photo refers to may belong to a transaction that is under way."""
DELETE_PHOTOS_AFTER = timedelta(days=30)
"""How long the photos of a finished observation are stored (domain.md 4.2)."""
SWEEP_BATCH = 400


def reencode_photo(photo_id: int) -> None:
    """Re-encodes a received photo, after which it waits for triage or is refused, and deletes its original.

    Does nothing when another worker has claimed it or it has ended.
    """
    at = now()
    with transaction():
        if not queries.claim_photo(photo_id, silent_since=at - REENCODE_LEASE, at=at):
            return
        photo = db.session.get_one(Photo, photo_id)
        original, is_hopeless = operations.original_of(photo), photo.tries > MAX_REENCODE_TRIES
    if is_hopeless:
        _refuse_in_transaction(photo_id, PhotoReason.UNREADABLE)
    else:
        _reencode_original(photo_id, original)


def reencode_due_photos(*, at: datetime) -> int:
    """Re-encodes the photos whose job got lost or whose worker died; returns how many."""
    photo_ids = queries.photo_ids_to_reencode(silent_since=at - REENCODE_LEASE)
    for photo_id in photo_ids:
        reencode_photo(photo_id)
    return len(photo_ids)


reencode_due_photos_now = job_now(reencode_due_photos, in_transaction=False)


def delete_expired_photos(*, at: datetime) -> int:
    """Deletes the photos of observations finished thirty days ago; returns of how many observations."""
    expired = [
        observation for observation in queries.finished_observations_with_photos() if _is_expired(observation, at)
    ]
    for observation in expired:
        operations.drop_photos(observation, PhotoReason.EXPIRED, by=journal.SYSTEM, at=at)
    return len(expired)


delete_expired_photos_now = job_now(delete_expired_photos)


def delete_orphan_files(*, at: datetime) -> int:
    """Deletes stored files that no photo refers to, left by a crash between two steps; returns how many."""
    return sum(
        _delete_orphans(folder, before=at - ORPHAN_AGE) for folder in (operations.ORIGINALS, operations.PICTURES)
    )


delete_orphan_files_now = job_now(delete_orphan_files, in_transaction=False)


def _is_expired(observation: Observation, at: datetime) -> bool:
    finished_at = intake.finished_at(observation)
    return finished_at is not None and at - finished_at > DELETE_PHOTOS_AFTER


def _reencode_original(photo_id: int, original: EncryptedOriginal) -> None:
    try:
        _store_pictures(photo_id, _reencoded(operations.decrypt_original(original)))
    except PictureRefused as refused:
        _refuse_in_transaction(photo_id, refused.reason)
    except (NotFound, InvalidToken):
        _refuse_in_transaction(photo_id, PhotoReason.LOST)
    except DecoderStopped:
        log.warning("decoder stopped, the photo is tried again", extra={"photo": photo_id})
    except DecoderUnprotected:
        _let_photo_wait(photo_id, "decoder not protected by the kernel")
    except Unavailable:
        _let_photo_wait(photo_id, "photo store or decoder away")


def _reencoded(data: bytes) -> ReencodedPicture:
    settings = current_settings()
    return photo_sandbox.reencode(data, unprotected=settings.may_decode_unprotected, service=settings.decoder_socket)


def _let_photo_wait(photo_id: int, cause: str) -> None:
    with transaction():
        queries.give_try_back(photo_id)
    log.warning("the photo waits: %s", cause, extra={"photo": photo_id})


def _refuse_in_transaction(photo_id: int, reason: PhotoReason) -> None:
    with transaction():
        photo = _locked_photo(photo_id)
        if photo.may_move_to(PhotoState.REFUSED):
            operations.refuse_photo(photo, reason, at=now())
            log.info("photo refused", extra={"photo": photo_id, "reason": reason.value})


def _store_pictures(photo_id: int, picture: ReencodedPicture) -> None:
    store, full, small = (
        media.media_store(),
        media.random_name(operations.PICTURES, ".webp"),
        media.random_name(operations.PICTURES, ".webp"),
    )
    store.put(full, picture.full)
    store.put(small, picture.small)
    with transaction():
        photo = _locked_photo(photo_id)
        if is_expected := photo.may_move_to(PhotoState.WAITING):
            operations.attach_pictures(photo, full, small, width=picture.width, height=picture.height)
            operations.drop_if_protected(photo, at=now())
    if not is_expected:
        # It was removed or dropped while it was being re-encoded.
        operations.delete_files(full, small)


def _locked_photo(photo_id: int) -> Photo:
    photo = db.session.get_one(Photo, photo_id)
    queries.lock_photos(photo.observation)
    return photo


def _delete_orphans(folder: str, *, before: datetime) -> int:
    store, deleted = media.media_store(), 0
    old_files = (file.name for file in store.list_files(folder) if file.stored_at < before)
    while names := list(islice(old_files, SWEEP_BATCH)):
        unreferenced = set(names) - queries.referenced_files(names)
        for name in unreferenced:
            store.delete(name)
        deleted += len(unreferenced)
    return deleted
