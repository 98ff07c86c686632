"""Runs PostgreSQL's client programs on the app's database; a password stands in their environment, never in `ps`."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.db import db
from cohab_report.settings import environ_for_programs

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")


def run_program(
    name: str, arguments: Sequence[str], *, output: BinaryIO | None = None, is_connected: bool = False
) -> str:
    """Runs `pg_dump` or `pg_restore`; returns what it printed, or "" when that goes into `output`.

    `is_connected`: it connects to the app's database. Raises BackupRefused when the program is missing, or fails: then
    with the first line of its complaint that names an error, since the following ones may quote rows.
    """
    connection, secrets = connection_arguments(db.engine.engine.url) if is_connected else ([], {})
    with tempfile.TemporaryFile() as complaints:
        done = subprocess.run(
            [program_path(name), *connection, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=complaints,
            env=program_environ(secrets),
            check=False,
        )
        complaints.seek(0)
        if done.returncode:
            raise BackupRefused(Refusal.PROGRAM_FAILED, _first_error(name, complaints.read(100_000)))
    return (done.stdout or b"").decode(errors="replace")


def connection_arguments(url: URL) -> tuple[list[str], dict[str, str]]:
    """Returns the arguments and the secret environment variables that connect a program to this database."""
    parameters = dict(url.translate_connect_args(username="user", database="dbname"))
    parameters |= {name: str(value) for name, value in url.query.items()}
    parameters.pop("sslpassword", None)
    password = parameters.pop("password", None)
    secrets = {} if password is None else {"PGPASSWORD": str(password)}
    return ["--no-password", f"--dbname={make_conninfo(**parameters)}"], secrets


def program_environ(secrets: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of the program: this process's, without the site's own settings, and the secrets."""
    return {**environ_for_programs(), "LC_ALL": "C.UTF-8", **secrets}


def program_path(name: str) -> str:
    """Returns the path of the newest such program; raises BackupRefused when there is none."""
    # Debian's own `pg_dump` chooses a version by its clusters; a dump needs one as new as the server, wherever it is.
    found = sorted(DEBIAN_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise BackupRefused(Refusal.NO_PROGRAM, name)
    return path


def _first_error(name: str, complaints: bytes) -> str:
    lines = complaints.decode(errors="replace").splitlines()
    errors = (line for line in lines if re.match(rf"{name}: (error|fatal|detail)", line))
    return next(errors, f"{name} failed")[:300]
