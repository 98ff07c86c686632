"""Where pictures lie: bytes under a name, in a folder of this machine. It knows neither what they show nor who may see them.

Four verbs, `put`, `get`, `delete` and `names`, so that a store of objects may take the folder's place. What is put is there whole or not at
all, also after a power cut.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from cohab_report.errors import NotThere, Unavailable
from cohab_report.settings import Settings

PART = ".part"
"""What the name of a file ends with while it is still being written."""
_NAME = re.compile(r"[a-z]+/[A-Za-z0-9_-]+(\.[a-z0-9]+){0,2}")
_SHELF = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Stored:
    """A name in the store, and when it was put there."""

    name: str
    put_at: datetime


class Media:
    """The store in the folder `home`, made when first needed and closed to other accounts."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def put(self, name: str, data: bytes) -> None:
        """The bytes are on the disk under this name; raises Unavailable when they can't be kept."""
        path = self._path(name)
        draft = path.with_name(path.name + PART)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(draft, "wb", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            _sync(path.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise Unavailable from error

    def get(self, name: str) -> bytes:
        """The bytes of this name; raises NotThere."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotThere from None
        except OSError as error:
            raise Unavailable from error

    def delete(self, name: str) -> None:
        """Nothing has this name any more; deleting twice changes nothing."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable from error

    def names(self, shelf: str) -> Iterator[Stored]:
        """All that lies on a shelf (the part of a name before its slash), what a crash left half written included."""
        if not _SHELF.fullmatch(shelf):
            raise NotThere
        folder = self.home / shelf
        if not folder.is_dir():
            return
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                yield Stored(f"{shelf}/{entry.name}", datetime.fromtimestamp(entry.stat().st_mtime, tz=UTC))

    def _path(self, name: str) -> Path:
        # Nothing but letters between one slash: no name leads out of the folder.
        if not _NAME.fullmatch(name):
            raise NotThere
        return self.home / name


def init_app(app: Flask, settings: Settings) -> None:
    """The app has its store."""
    app.extensions["media"] = Media(Path(settings.media_dir).absolute())


def store() -> Media:
    """The current app's store."""
    return cast(Media, current_app.extensions["media"])


def new_name(shelf: str, ending: str = "") -> str:
    """A name on this shelf that nobody can guess and that says nothing."""
    return f"{shelf}/{secrets.token_hex(16)}{ending}"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
