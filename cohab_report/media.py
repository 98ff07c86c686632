"""The store of photo files: bytes under a name, in a folder of this machine.

Knows neither what they show nor who may see them.

Has few verbs (`put`, `get`, `delete`, `list_files`), so that an object store may replace the folder. A file is
stored whole or not at all, also after a power cut.
"""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from cohab_report.errors import NotFound, Unavailable
from cohab_report.settings import Settings

PARTIAL_SUFFIX = ".part"
"""The ending of a file's name while it is being written."""
LEAST_FREE_BYTES = 256 * 1024 * 1024
"""What a disk needs to take the photos of a busy hour while somebody makes room."""
_FILE_NAME = re.compile(r"[a-z]+/[A-Za-z0-9_-]+(\.[a-z0-9]+){0,2}")
_FOLDER_NAME = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class StoredFile:
    """A file of the store: its name, and when it was stored (UTC)."""

    name: str
    stored_at: datetime


class MediaStore:
    """A store of files in the folder `root`, which is made when first needed and closed to other accounts."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes) -> None:
        """Stores the bytes under this name, on the disk when it returns; raises Unavailable when the disk fails."""
        path = self._path(name)
        draft = path.with_name(path.name + PARTIAL_SUFFIX)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(draft, "wb", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise Unavailable from error

    def get(self, name: str) -> bytes:
        """Returns the bytes of this name; raises NotFound, or Unavailable when the disk fails or its folder is away."""
        path = self._path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            # A folder that is not mounted must not pass for files that are gone.
            raise (NotFound if path.parent.is_dir() else Unavailable) from error
        except OSError as error:
            raise Unavailable from error

    def delete(self, name: str) -> None:
        """Deletes the file of this name, if there is one; raises Unavailable when the disk fails."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable from error

    def list_files(self, folder: str) -> Iterator[StoredFile]:
        """Lists all files of a folder (a name's part before the slash), also those that a crash left half written."""
        if not _FOLDER_NAME.fullmatch(folder):
            raise NotFound
        path = self.root / folder
        if not path.is_dir():
            return
        for entry in os.scandir(path):
            with suppress(FileNotFoundError):
                yield StoredFile(f"{folder}/{entry.name}", datetime.fromtimestamp(entry.stat().st_mtime, tz=UTC))

    def file_names(self) -> Iterator[str]:
        """Returns the names of all files of the store, also those that a crash left half written."""
        if self.root.is_dir():
            folders = [path.name for path in self.root.iterdir() if path.is_dir()]
            for folder in filter(_FOLDER_NAME.fullmatch, folders):
                yield from (file.name for file in self.list_files(folder))

    def total_size(self) -> int:
        """Returns the bytes of all files of the store."""
        total = 0
        for name in self.file_names():
            with suppress(FileNotFoundError):
                total += (self.root / name).stat().st_size
        return total

    def refuse_unless_writable(self) -> None:
        """Writes and deletes a small file; raises Unavailable when that fails or little room is left."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root) as file:
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise Unavailable from error
        if free < LEAST_FREE_BYTES:
            raise Unavailable

    def _path(self, name: str) -> Path:
        # Letters and digits around one slash: no name leads out of the store.
        if not is_file_name(name):
            raise NotFound
        return self.root / name


def init_app(app: Flask, settings: Settings) -> None:
    """Gives the app its store."""
    app.extensions["media"] = MediaStore(Path(settings.media_dir).absolute())


def media_store() -> MediaStore:
    """Returns the current app's store."""
    return cast(MediaStore, current_app.extensions["media"])


def random_name(folder: str, ending: str = "") -> str:
    """Returns a name in this folder that nobody can guess and that says nothing (128 random bits)."""
    return f"{folder}/{secrets.token_hex(16)}{ending}"


def is_file_name(name: str) -> bool:
    """Tells whether a file of the store may have this name: letters and digits around one slash."""
    return _FILE_NAME.fullmatch(name) is not None


def sync_folder(folder: Path) -> None:
    """Brings the names of a folder's files to the disk, so that a new or renamed one survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
