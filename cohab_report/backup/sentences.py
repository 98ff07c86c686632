"""The sentence for each refusal of a backup, for whoever types the command; `{}` is the detail."""

from collections.abc import Mapping

from cohab_report.backup.refusals import BackupRefused, Refusal

SENTENCES: Mapping[Refusal, str] = {
    Refusal.FILE_EXISTS: "{} exists: no backup is written over; choose another name",
    Refusal.FOLDER_MISSING: "the folder {} is missing: make it, or mount its disk",
    Refusal.NO_ROOM: "the disk has too little room: {}",
    Refusal.BUSY: "another process is making this file",
    Refusal.DISK: "the disk refuses ({}): nothing was left under the file's name",
    Refusal.NO_DATABASE_FILE: "there is no database file to back up or to restore into: COHAB_DATABASE_URL",
    Refusal.DATABASE_AWAY: "the database does not answer, or refuses ({}): COHAB_DATABASE_URL",
    Refusal.NOT_MIGRATED: "the database has no tables yet: flask db upgrade",
    Refusal.PICTURES_AWAY: "the photo folder {} can't be read or written: COHAB_MEDIA_DIR",
    Refusal.NO_PROGRAM: "{} is missing: install PostgreSQL's client tools, as new as the server"
    " (Debian: apt-get install postgresql-client)",
    Refusal.PROGRAM_FAILED: "the database was not read or written: {}",
    Refusal.NO_FILE: "the backup can't be opened: {}",
    Refusal.NOT_A_BACKUP: "this is no backup, or only a part of one: its end is missing",
    Refusal.ALTERED: "{} is not as it was when the backup was made: don't use it",
    Refusal.UNEXPECTED_MEMBER: "it holds something that no backup holds: {}",
    Refusal.OTHER_MEMBERS: "its files are not those of its manifest: {}",
    Refusal.OTHER_FORMAT: "it was made by a version that writes backups in another way",
    Refusal.BROKEN_DATABASE: "its database is broken: {}",
    Refusal.OTHER_ROWS: "the rows of {} are not as many as the manifest says",
    Refusal.OTHER_ENGINE: "it is a backup of {}: restore it into a database of its own kind",
    Refusal.NEWER: "it was made by a newer version of this program ({}): install that one first",
    Refusal.OTHER_KEYS: "it was made under another {}: put the site's own keys in place first, since codes and"
    " addresses can't be read without them; or say --other-keys",
    Refusal.FULL_DATABASE: "the database is not empty ({} has rows): a backup is restored into an empty place only",
    Refusal.FULL_PICTURES: "the photo folder is not empty ({}): a backup is restored into an empty place only",
    Refusal.NO_EXTENSION: "the database has no PostGIS and this role may not add it: as a superuser of the server,"
    " CREATE EXTENSION postgis in this database, then the same command again",
    Refusal.NO_KEYS: "no keys are in this backup: it was made without --with-keys",
    Refusal.WRONG_PASSPHRASE: "the keys can't be read with this passphrase",
    Refusal.SHORT_PASSPHRASE: "a passphrase has at least {} characters",
    Refusal.KEY_EXISTS: "{} exists: no key is written over",
}


def sentence(refused: BackupRefused) -> str:
    """Returns what to tell the person at the keyboard."""
    return SENTENCES[refused.reason].format(refused.detail)
