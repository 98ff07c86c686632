"""Consistent snapshots of the database: how each engine takes, checks and restores one."""

from pathlib import Path
from typing import Protocol

from cohab_report.backup.archive.manifest import Manifest
from cohab_report.backup.snapshots.postgres import PostgresSnapshots
from cohab_report.backup.snapshots.sqlite import SqliteSnapshots


class Snapshots(Protocol):
    """What can be done with the snapshots of an engine."""

    def begin(self) -> None:
        """Begins a transaction of the session that reads one state of the database, whoever writes meanwhile."""

    def size(self) -> int:
        """Returns about how many bytes the database takes."""

    def dump(self, folder: Path) -> tuple[Path, int]:
        """Writes the state that the session reads into a file of this folder.

        Returns the file and its size when it is unpacked.
        """

    def check(self, packed: Path, manifest: Manifest) -> None:
        """Raises BackupRefused unless the database opens and is whole; works beside the file."""

    def refuse_filled(self) -> None:
        """Raises BackupRefused when the database of the settings has rows."""

    def restore(self, packed: Path, manifest: Manifest) -> None:
        """Puts the snapshot into the empty database of the settings: all of it, or nothing."""


SNAPSHOTS: dict[str, Snapshots] = {"sqlite": SqliteSnapshots(), "postgresql": PostgresSnapshots()}
"""By the name of the engine, as manifests have it."""
