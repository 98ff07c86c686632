"""The manifest of a backup: when it was made, by which version, and the size and SHA-256 of each member of the file."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.media import is_file_name

FORMAT = 1
MANIFEST_NAME = "manifest.json"
KEYS_NAME = "keys.encrypted"
DATABASE_NAMES = {"sqlite": "database.sqlite3.gz", "postgresql": "database.pgdump"}
"""The name of the database's member, by the name of its engine."""
PICTURES_FOLDER = "pictures/"
TRAILER = re.compile(rb"cohab-report backup sha256 ([0-9a-f]{64})\n")
TRAILER_SIZE = len(b"cohab-report backup sha256 \n") + 64


@dataclass(frozen=True)
class Member:
    """One file inside the archive: its name, its size in bytes and its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup holds and where it comes from; names of files, numbers and hashes only."""

    version: str
    """The version of the program that made it."""
    made_at: datetime
    """When it was begun (UTC): the state of the database is no older."""
    is_nightly: bool
    """Whether the schedule made it, so that the schedule may delete it."""
    engine: str
    revision: str
    """The migration that the database stands at."""
    database_size: int
    """Bytes of the database's member when it is unpacked."""
    rows: Mapping[str, int]
    """How many rows each table has."""
    missing_pictures: Sequence[str]
    """Files of photos that the database refers to and that were deleted before they could be copied."""
    unreferenced_pictures: Sequence[str]
    """Files that were copied, and whose photo was gone when the database's turn came: they are never restored."""
    key_fingerprints: Mapping[str, Sequence[str]]
    members: Sequence[Member] = field(default_factory=tuple)
    """All members but this manifest, in the order of the file."""

    @property
    def database_name(self) -> str:
        """The name of the database's member."""
        return DATABASE_NAMES[self.engine]

    @property
    def picture_names(self) -> list[str]:
        """The names of the photo files that the database refers to, as the media store knows them."""
        left_out = set(self.unreferenced_pictures)
        pictures = (each.name for each in self.members if each.name.startswith(PICTURES_FOLDER))
        return [name for each in pictures if (name := each.removeprefix(PICTURES_FOLDER)) not in left_out]

    def to_json(self) -> bytes:
        """Returns the manifest as the archive holds it."""
        facts = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Returns the manifest of this text; raises BackupRefused when it is none, or of another format."""
        try:
            facts: dict[str, Any] = json.loads(text)
            if facts.pop("format") != FORMAT:
                raise BackupRefused(Refusal.OTHER_FORMAT)
            members = tuple(Member(each["name"], each["size"], each["sha256"]) for each in facts.pop("members"))
            made_at = datetime.fromisoformat(facts.pop("made_at"))
            manifest = cls(members=members, made_at=made_at, **facts)
            is_known_engine = manifest.engine in DATABASE_NAMES
            _refuse_other_types(manifest)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BackupRefused(Refusal.NOT_A_BACKUP) from error
        if not is_known_engine:
            raise BackupRefused(Refusal.OTHER_FORMAT)
        return manifest


def _refuse_other_types(manifest: Manifest) -> None:
    """Raises TypeError when a fact is not what the program writes."""
    texts = [manifest.version, manifest.revision, *manifest.missing_pictures, *manifest.unreferenced_pictures]
    numbers = [manifest.database_size, *manifest.rows.values(), *(each.size for each in manifest.members)]
    fingerprints = [text for each in manifest.key_fingerprints.values() for text in each]
    if not all(isinstance(text, str) for text in [*texts, *manifest.rows, *fingerprints]):
        raise TypeError
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise TypeError


def is_member_name(name: str) -> bool:
    """Tells whether a backup may have a member of this name: no name leads out of a folder."""
    if name in {MANIFEST_NAME, KEYS_NAME, *DATABASE_NAMES.values()}:
        return True
    return name.startswith(PICTURES_FOLDER) and is_file_name(name.removeprefix(PICTURES_FOLDER))
