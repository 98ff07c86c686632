"""Writes the file of a backup in a working folder beside it, and gives it its name once it is whole and on the disk."""

import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

from cohab_report.backup.archive.manifest import MANIFEST_NAME, Manifest, Member
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.media import sync_folder

WORK_SUFFIX = ".part"
"""The ending of the working folder's name, beside the file that is being made."""
WORK_FILES = ("archive", "database")
"""How the names of files in the working folder begin: nothing else is ever deleted there."""


class ArchiveWriter:
    """Writes the members one after the other, notes their hashes, then the manifest and the hash of the whole."""

    def __init__(self, path: Path, *, at: datetime) -> None:
        self._file = _HashedFile(open_private(path))
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._written_at = int(at.timestamp())
        self._members: list[Member] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.file.close()

    def add_file(self, name: str, path: Path) -> None:
        """Adds the bytes of this file under this name."""
        with path.open("rb") as stream:
            self._add(name, stream, path.stat().st_size)

    def add_bytes(self, name: str, data: bytes) -> None:
        """Adds these bytes under this name."""
        self._add(name, io.BytesIO(data), len(data))

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest, with the members that were added, and the hash of all; the file is on the disk then."""
        self.add_bytes(MANIFEST_NAME, replace(manifest, members=tuple(self._members)).to_json())
        self._tar.close()
        self._file.file.write(b"cohab-report backup sha256 " + self._file.hash.hexdigest().encode() + b"\n")
        self._file.file.flush()
        os.fsync(self._file.file.fileno())

    def _add(self, name: str, stream: BinaryIO, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self._written_at
        hashed = _HashedStream(stream)
        self._tar.addfile(info, hashed)
        self._members.append(Member(name, size, hashed.hash.hexdigest()))


@contextmanager
def working_folder(target: Path) -> Iterator[Path]:
    """Makes the private folder in which the file `target` is made, and deletes it afterwards.

    What a killed process left in it is deleted first. Raises BackupRefused when the target exists, when its folder is
    missing or can't be written, and when somebody else is making this very file.
    """
    refuse_existing(target)
    if not target.parent.is_dir():
        raise BackupRefused(Refusal.FOLDER_MISSING, target.parent)
    folder = target.with_name(target.name + WORK_SUFFIX)
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = _locked(folder)
    try:
        empty_working_folder(folder)
        yield folder
    finally:
        empty_working_folder(folder)
        with suppress(OSError):
            folder.rmdir()
        os.close(handle)


def publish(draft: Path, target: Path) -> None:
    """Gives the whole file its name; raises BackupRefused when another file has it meanwhile."""
    refuse_existing(target)
    draft.rename(target)
    sync_folder(target.parent)


def refuse_existing(target: Path, reason: Refusal = Refusal.FILE_EXISTS) -> None:
    """Raises BackupRefused when something has this name: no backup, and no key, is ever written over."""
    if os.path.lexists(target):
        raise BackupRefused(reason, target)


def delete_stale_working_folder(folder: Path) -> None:
    """Deletes the working folder of a process that was killed; one that is in use stays."""
    with suppress(BackupRefused, OSError):
        handle = _locked(folder)
        empty_working_folder(folder)
        folder.rmdir()
        os.close(handle)


def empty_working_folder(folder: Path) -> None:
    """Deletes the files that a backup works with; others, whosever they are, stay."""
    for path in folder.iterdir():
        if path.name.startswith(WORK_FILES):
            path.unlink()


def open_private(path: Path) -> BinaryIO:
    """Opens a new file for writing that only its owner can read."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _locked(folder: Path) -> int:
    """Returns a handle that locks the folder until it is closed; raises BackupRefused when another process does."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BackupRefused(Refusal.BUSY) from None
    return handle


class _HashedFile(io.RawIOBase):
    """A file that is only written, and the SHA-256 of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.hash, self._written = file, hashlib.sha256(), 0

    def write(self, data: Any) -> int:
        self.hash.update(data)
        count = self.file.write(data)
        self._written += count
        return count

    def tell(self) -> int:
        return self._written


class _HashedStream(io.RawIOBase):
    """A stream that is only read, and the SHA-256 of what was."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.hash = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.hash.update(data)
        return data
