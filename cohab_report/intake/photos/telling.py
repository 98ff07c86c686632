"""What the author of an observation reads of their photos: never what somebody else's answer did to them.

A photo is destroyed at once when somebody may live at its place; saying so would tell it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cohab_report.intake.photos.models import STANDING_PHOTO_STATES, Photo, PhotoReason, PhotoState

SILENT_REASONS = (PhotoReason.OCCUPANCY, PhotoReason.PROTECTED)
"""Why a photo was destroyed without its author reading it."""


@dataclass(frozen=True)
class ToldPhoto:
    """A photo as its author reads of it."""

    reference: str
    position: int
    state: PhotoState
    reason: PhotoReason | None
    received_at: datetime
    width: int | None
    height: int | None

    @property
    def is_standing(self) -> bool:
        """Whether its author thinks that it takes one of the places of the observation."""
        return self.state in STANDING_PHOTO_STATES

    @property
    def is_approved(self) -> bool:
        """Whether its author may see it."""
        return self.state is PhotoState.APPROVED


def told_photos(photos: Iterable[Photo], *, shares_a_case: bool) -> list[ToldPhoto]:
    """Returns what the author reads of these photos; who shares a case reads only that each arrived, or was removed."""
    return [_told_photo(photo, shares_a_case=shares_a_case) for photo in photos]


def _told_photo(photo: Photo, *, shares_a_case: bool) -> ToldPhoto:
    state, reason = _told_state(photo, shares_a_case=shares_a_case)
    size = (None, None) if shares_a_case else (photo.width, photo.height)
    return ToldPhoto(photo.reference, photo.position, state, reason, photo.received_at, *size)


def _told_state(photo: Photo, *, shares_a_case: bool) -> tuple[PhotoState, PhotoReason | None]:
    if photo.state is PhotoState.REMOVED:
        return photo.state, photo.reason
    if shares_a_case:
        return PhotoState.RECEIVED, None
    if photo.reason not in SILENT_REASONS:
        return photo.state, photo.reason
    # One that its author has seen can't be shown any more; any other waits, as far as its author knows.
    return (PhotoState.WAITING, None) if photo.decided_by_id is None else (PhotoState.REJECTED, PhotoReason.OTHER)
