"""The photos of one's own observation: taking in those that a form carried, one by one, and what its pages show of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, session
from werkzeug.datastructures import FileStorage

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, Unavailable
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations, queries, rules
from cohab_report.intake.photos.models import MOST, Photo
from cohab_report.web.errors import OUT_OF_REACH

FIELD, REFUSED = "photos", "photos_refused"
LARGEST_FORM = MOST * rules.LARGEST + 512 * 1024
"""Bytes of a form with as many photos as an observation may carry."""


@dataclass(frozen=True)
class Own:
    """What an author reads of their photos."""

    photos: Sequence[Photo]
    left: int
    """How many more may be sent now."""
    refused: Sequence[tuple[int, str]]
    """Number in the form and reason of those that were just not taken."""


def take_in(observation: Observation) -> list[tuple[int, str]]:
    """The photos of the present form are received, each for itself, and never at the cost of the observation.

    Returns number (from 1) and reason of each that was refused: empty, too_large, not_a_picture, not_welcome, late, too_many,
    unavailable, or the reason for which the very same file was refused before.
    """
    sent = [file for file in request.files.getlist(FIELD) if file.filename]
    return [(number, reason) for number, file in enumerate(sent, 1) if (reason := _why_refused(observation, file))]


def tell_later(refused: Sequence[tuple[int, str]]) -> None:
    """The next page of the author tells which photos were not taken, and why."""
    if refused:
        session[REFUSED] = list(refused)


def shown(observation: Observation) -> Own:
    """The author's photos, how many more may come, and what was refused a moment ago, told once."""
    photos = queries.of([observation])
    return Own(photos, _left(observation, photos), just_refused())


def just_refused() -> list[tuple[int, str]]:
    """Number (0 for all together) and reason of what the form before this page could not take, told once."""
    return [(int(number), str(reason)) for number, reason in session.pop(REFUSED, [])]


def _why_refused(observation: Observation, file: FileStorage) -> str | None:
    # One byte more than the limit tells that it is too large; the rest is never read.
    try:
        sealed = operations.seal(observation, file.stream.read(rules.LARGEST + 1))
    except Invalid as error:
        return error.reason
    except Unavailable:
        return "unavailable"
    try:
        with transaction():
            operations.receive(observation, sealed, at=now())
    except Invalid as error:
        operations.destroy(sealed.name)
        return error.reason
    except OUT_OF_REACH:
        operations.destroy(sealed.name)
        return "unavailable"
    return None


def _left(observation: Observation, photos: Sequence[Photo]) -> int:
    welcome = rules.are_welcome(observation.category.photo, observation.belongings, observation.protection)
    if not welcome or observation.is_withdrawn or rules.is_late(observation.received_at, now()):
        return 0
    return MOST - sum(photo.is_standing for photo in photos)
