"""`python -m deploy.restore_keys FILE FOLDER`: writes the keys of a backup that has them into files of this folder.

Comes before everything else on a new machine, so it needs no settings: FOLDER is `instance/secrets` for `make run`, or
where a city keeps its secrets. It never writes over a key.
"""

import argparse
import getpass
import os
import sys
from pathlib import Path

from cohab_report.backup.archive.manifest import KEYS_NAME
from cohab_report.backup.archive.reading import open_archive
from cohab_report.backup.archive.writing import open_private, refuse_existing
from cohab_report.backup.keys import KEY_NAMES, decrypt_keys
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.sentences import sentence


def main(command_line: list[str]) -> int:
    """Writes the keys and returns 0, or prints why not and returns 1."""
    parser = argparse.ArgumentParser(prog="deploy.restore_keys", description="Takes the keys out of a backup.")
    parser.add_argument("file", type=Path, help="a backup that was made with --with-keys")
    parser.add_argument("folder", type=Path, help="where secret_key, code_key and contact_key are written")
    parser.add_argument("--passphrase-file", type=Path, help="read the passphrase there instead of asking for it")
    arguments = parser.parse_args(command_line)
    try:
        names = restore_keys(arguments.file, arguments.folder, arguments.passphrase_file)
    except BackupRefused as refused:
        print(f"Error: {sentence(refused)}", file=sys.stderr)
        return 1
    print(f"{', '.join(names)} written into {arguments.folder}, readable by this account only")
    return 0


def restore_keys(file: Path, folder: Path, passphrase_file: Path | None) -> list[str]:
    """Writes each key into a file of its name; returns the names. Raises BackupRefused before anything is written."""
    with open_archive(file) as archive:
        if not archive.has(KEYS_NAME):
            raise BackupRefused(Refusal.NO_KEYS)
        for name in KEY_NAMES:
            refuse_existing(folder / name, Refusal.KEY_EXISTS)
        passphrase = _passphrase(passphrase_file)
        keys = decrypt_keys(archive.read(KEYS_NAME), passphrase)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in keys.items():
        with open_private(folder / name) as key_file:
            key_file.write(f"{text}\n".encode())
            key_file.flush()
            os.fsync(key_file.fileno())
    return list(keys)


def _passphrase(file: Path | None) -> str:
    return file.read_text(encoding="utf-8").strip() if file else getpass.getpass("Passphrase: ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
