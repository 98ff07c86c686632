"""Opens the file of a backup and believes nothing in it before every byte was compared with its hash.

Members are read as streams under names that a backup may have; nothing is ever unpacked by the name that a file tells.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cohab_report.backup.archive.manifest import (
    MANIFEST_NAME,
    TRAILER,
    TRAILER_SIZE,
    Manifest,
    Member,
    is_member_name,
)
from cohab_report.backup.refusals import BackupRefused, Refusal

CHUNK = 1024 * 1024
"""Bytes that are read at a time."""
LARGEST_MANIFEST = 256 * 1024 * 1024
"""Bytes: the hashes of more than a million photos."""
MOST_MEMBERS = 4_000_000


class Archive:
    """An open backup whose every byte was compared with its hash."""

    def __init__(self, manifest: Manifest, tar: tarfile.TarFile, infos: dict[str, tarfile.TarInfo]) -> None:
        self.manifest = manifest
        self._tar, self._infos = tar, infos
        self._members = {member.name: member for member in manifest.members}

    def has(self, name: str) -> bool:
        """Tells whether there is a member of this name."""
        return name in self._members

    def copy(self, name: str, target: BinaryIO) -> None:
        """Copies a member's bytes; raises BackupRefused when they are not those of its hash any more."""
        if _hash_of(self._tar, self._infos[name], target) != self._members[name].sha256:
            raise BackupRefused(Refusal.ALTERED, name)

    def read(self, name: str) -> bytes:
        """Returns a member's bytes; raises BackupRefused when they are not those of its hash any more."""
        data = io.BytesIO()
        self.copy(name, data)
        return data.getvalue()


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Opens the backup of this path after comparing every byte of it; raises BackupRefused with the reason."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupRefused(Refusal.NO_FILE, error.strerror) from error
    with file:
        _refuse_altered(file)
        try:
            tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 (closed with its file)
            infos, members = _members_of(tar)
            manifest = _manifest_of(tar, infos)
        except tarfile.TarError as error:
            raise BackupRefused(Refusal.NOT_A_BACKUP) from error
        if list(manifest.members) != members:
            raise BackupRefused(Refusal.OTHER_MEMBERS, _difference(manifest.members, members))
        if manifest.database_name not in infos:
            raise BackupRefused(Refusal.OTHER_MEMBERS, manifest.database_name)
        yield Archive(manifest, tar, infos)


def manifest_without_check(path: Path) -> Manifest | None:
    """Returns what the manifest of this file says, without comparing hashes; None when it has none."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            return _manifest_of(tar, {info.name: info for info in tar})
    except (BackupRefused, OSError, tarfile.TarError):
        return None


def _refuse_altered(file: BinaryIO) -> None:
    """Compares the whole file with the hash at its end: any other byte, or a missing end, is told."""
    body_size = file.seek(0, os.SEEK_END) - TRAILER_SIZE
    file.seek(max(body_size, 0))
    trailer = TRAILER.fullmatch(file.read(TRAILER_SIZE))
    if trailer is None:
        raise BackupRefused(Refusal.NOT_A_BACKUP)
    file.seek(0)
    digest, left = hashlib.sha256(), body_size
    while left and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    if digest.hexdigest().encode() != trailer[1]:
        raise BackupRefused(Refusal.ALTERED, "the file")
    file.seek(0)


def _members_of(tar: tarfile.TarFile) -> tuple[dict[str, tarfile.TarInfo], list[Member]]:
    """Returns the entries by name, and each member but the manifest with its true size and hash."""
    infos: dict[str, tarfile.TarInfo] = {}
    members: list[Member] = []
    for info in tar:
        is_regular = info.type == tarfile.REGTYPE and not info.linkname and not info.issparse()
        if not is_regular or not is_member_name(info.name) or info.name in infos or len(infos) >= MOST_MEMBERS:
            raise BackupRefused(Refusal.UNEXPECTED_MEMBER, repr(info.name))
        infos[info.name] = info
        if info.name != MANIFEST_NAME:
            members.append(Member(info.name, info.size, _hash_of(tar, info)))
    return infos, members


def _manifest_of(tar: tarfile.TarFile, infos: dict[str, tarfile.TarInfo]) -> Manifest:
    info = infos.get(MANIFEST_NAME)
    if info is None or info.size > LARGEST_MANIFEST or next(reversed(infos)) != MANIFEST_NAME:
        raise BackupRefused(Refusal.NOT_A_BACKUP)
    stream = tar.extractfile(info)
    return Manifest.from_json(stream.read() if stream else b"")


def _hash_of(tar: tarfile.TarFile, info: tarfile.TarInfo, target: BinaryIO | None = None) -> str:
    """Returns the SHA-256 of a member's bytes, which are copied to `target` on the way."""
    digest, stream = hashlib.sha256(), tar.extractfile(info)
    while stream and (chunk := stream.read(CHUNK)):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


def _difference(expected: object, found: list[Member]) -> str:
    """Returns the name of the first member in which both lists differ."""
    wanted = {member.name: member for member in expected} if isinstance(expected, tuple) else {}
    present = {member.name: member for member in found}
    names = [*wanted, *(name for name in present if name not in wanted)]
    return next((name for name in names if wanted.get(name) != present.get(name)), "the order")
