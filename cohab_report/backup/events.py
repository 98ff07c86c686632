"""What happens to backups."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class BackupMade(JournalEvent):
    """A backup was made and checked; its thread is `backup:` and the second of its snapshot."""

    name = "backup.made"
    has_caption = False
    nightly: bool
    rows: int
    pictures: int
    missing: int
    """How many photo files were deleted between the database's snapshot and their turn."""
    size: int
    """Bytes of the file."""
