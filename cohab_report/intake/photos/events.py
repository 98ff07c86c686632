"""What happens to a photo of an observation."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class PhotoEvent(JournalEvent):
    """Something happened to a photo."""

    photo: int


@dataclass(frozen=True, kw_only=True)
class PhotoReceived(PhotoEvent):
    """A photo's original was stored and waits to be re-encoded."""

    name = "photo.received"


@dataclass(frozen=True, kw_only=True)
class PhotoApproved(PhotoEvent):
    """Triage keeps the photo for those who work on the case."""

    name = "photo.approved"


@dataclass(frozen=True, kw_only=True)
class PhotoEnded(PhotoEvent):
    """The photo's files were deleted."""

    reason: str
    """The code of the reason, as in `PhotoReason`."""


@dataclass(frozen=True, kw_only=True)
class PhotoRefused(PhotoEnded):
    """The file could not be read as a photo."""

    name = "photo.refused"


@dataclass(frozen=True, kw_only=True)
class PhotoRejected(PhotoEnded):
    """Triage does not keep the photo."""

    name = "photo.rejected"


@dataclass(frozen=True, kw_only=True)
class PhotoRemoved(PhotoEnded):
    """The author removed the photo, or withdrew the observation."""

    name = "photo.removed"


@dataclass(frozen=True, kw_only=True)
class PhotoDropped(PhotoEnded):
    """The photo was deleted as a precaution, or because its time is over."""

    name = "photo.dropped"
