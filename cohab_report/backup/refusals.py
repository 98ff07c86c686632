"""The reasons for which a backup is not made, not believed or not restored; `commands` has their sentences."""

from enum import StrEnum

from cohab_report.errors import CohabError


class Refusal(StrEnum):
    """Why a backup or a restore was refused."""

    FILE_EXISTS = "file_exists"
    FOLDER_MISSING = "folder_missing"
    NO_ROOM = "no_room"
    BUSY = "busy"
    DISK = "disk"
    NO_DATABASE_FILE = "no_database_file"
    DATABASE_AWAY = "database_away"
    NOT_MIGRATED = "not_migrated"
    PICTURES_AWAY = "pictures_away"
    NO_PROGRAM = "no_program"
    PROGRAM_FAILED = "program_failed"
    NO_FILE = "no_file"
    NOT_A_BACKUP = "not_a_backup"
    ALTERED = "altered"
    UNEXPECTED_MEMBER = "unexpected_member"
    OTHER_MEMBERS = "other_members"
    OTHER_FORMAT = "other_format"
    BROKEN_DATABASE = "broken_database"
    OTHER_ROWS = "other_rows"
    OTHER_ENGINE = "other_engine"
    NEWER = "newer"
    OTHER_KEYS = "other_keys"
    FULL_DATABASE = "full_database"
    FULL_PICTURES = "full_pictures"
    NO_EXTENSION = "no_extension"
    NO_KEYS = "no_keys"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105 (a reason)
    SHORT_PASSPHRASE = "short_passphrase"  # noqa: S105 (a reason)
    KEY_EXISTS = "key_exists"


class BackupRefused(CohabError):
    """A backup or a restore is refused for `reason`; `detail` names the file, table, program or number."""

    def __init__(self, reason: Refusal, detail: object = "") -> None:
        super().__init__(f"{reason.value} {detail}".strip())
        self.reason, self.detail = reason, str(detail)
