"""The photos of one's own observation: receiving those of a form, one by one, and showing them to their author."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, session
from werkzeug.datastructures import FileStorage

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, Unavailable
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations, queries, rules
from cohab_report.intake.photos.models import MAX_PHOTOS
from cohab_report.intake.photos.telling import ToldPhoto, told_photos
from cohab_report.intake.stories.queries import story_of
from cohab_report.web.errors import CONNECTION_ERRORS

PHOTOS_FIELD, REFUSED_PHOTOS_KEY = "photos", "photos_refused"
LARGEST_FORM = MAX_PHOTOS * rules.LARGEST_PHOTO + 512 * 1024
"""Bytes of a form with as many photos as an observation may carry."""


@dataclass(frozen=True)
class OwnPhotos:
    """What the author's pages show of their photos."""

    photos: Sequence[ToldPhoto]
    remaining: int
    """How many more may be sent now."""
    refused: Sequence[tuple[int, str]]
    """Number in the form (0 for all together) and reason of those that were just refused."""
    shares_a_case: bool
    """Whether the author reads only that each arrived."""


def receive_form_photos(observation: Observation) -> list[tuple[int, str]]:
    """Receives the photos of the request's form, each by itself: a refused one never costs the observation.

    Returns number (from 1; 0 for all after the twelfth) and reason of each that was refused: empty, too_large,
    not_a_picture, not_welcome, late, too_many, unavailable, or the reason for which the very same file was refused
    before.
    """
    sent = [file for file in request.files.getlist(PHOTOS_FIELD) if file.filename]
    looked_at, others = sent[: rules.MAX_PHOTO_ATTEMPTS], sent[rules.MAX_PHOTO_ATTEMPTS :]
    refused = [
        (number, reason) for number, file in enumerate(looked_at, 1) if (reason := _receive_photo(observation, file))
    ]
    # Each costs a file and a transaction: a form of hundreds must hold neither the disk nor the other writers.
    return [*refused, (0, "too_many")] if others else refused


def show_on_next_page(refused: Sequence[tuple[int, str]]) -> None:
    """Stores in the session which photos were refused and why, for the author's next page."""
    if refused:
        session[REFUSED_PHOTOS_KEY] = list(refused)


def own_photos_of(observation: Observation) -> OwnPhotos:
    """Returns the author's photos, how many more may be sent, and the just refused ones (only once)."""
    shares_a_case = story_of(observation).shares_a_case
    photos = told_photos(queries.photos_of([observation]), shares_a_case=shares_a_case)
    return OwnPhotos(photos, _remaining(observation, photos), pop_refused_photos(), shares_a_case)


def pop_refused_photos() -> list[tuple[int, str]]:
    """Takes from the session number (0 for all together) and reason of each photo that was refused in the last form."""
    return [(int(number), str(reason)) for number, reason in session.pop(REFUSED_PHOTOS_KEY, [])]


def _receive_photo(observation: Observation, file: FileStorage) -> str | None:
    """Receives one photo; returns the reason if it is refused."""
    # One byte more than the limit tells that it is too large; the rest is never read.
    try:
        original = operations.store_original(observation, file.stream.read(rules.LARGEST_PHOTO + 1))
    except Invalid as error:
        return error.reason
    except Unavailable:
        return "unavailable"
    try:
        with transaction():
            operations.receive_photo(observation, original, at=now())
    except Invalid as error:
        operations.delete_files(original.name)
        return error.reason
    except CONNECTION_ERRORS:
        operations.delete_files(original.name)
        return "unavailable"
    return None


def _remaining(observation: Observation, photos: Sequence[ToldPhoto]) -> int:
    protection = observation.received_protection
    is_allowed = rules.photos_allowed(observation.category.photo, observation.belongings, protection)
    if not is_allowed or observation.is_withdrawn or rules.is_photo_window_over(observation.received_at, now()):
        return 0
    return MAX_PHOTOS - sum(photo.is_standing for photo in photos)
