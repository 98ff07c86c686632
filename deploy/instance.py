"""The files of one machine: keys (made once), the database, the queue's files, logs, sockets.

Makes folders and keys and names their paths. Starts nothing, and never overwrites a key: whoever loses a key loses what
it protects.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET_PATH = 92  # bytes; the limit is 104 to 108, and the supervisor first binds a longer name
UNAMBIGUOUS_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0/O, 1/I/L, U


@dataclass(frozen=True)
class Instance:
    """The paths under the folder `home`.

    `sockets` is elsewhere when the path of `home` is too long for a unix socket.
    """

    home: Path
    sockets: Path

    @property
    def secrets(self) -> Path:
        """The folder of keys and the demo password, one per file."""
        return self.home / "secrets"

    @property
    def run(self) -> Path:
        """The folder of one run: the generated configuration and the lock."""
        return self.home / "run"

    @property
    def queue(self) -> Path:
        """The folder of the queue server's append-only files."""
        return self.home / "queue"

    @property
    def logs(self) -> Path:
        """The folder of logs, one per part."""
        return self.home / "logs"

    @property
    def queue_socket(self) -> Path:
        """The socket on which the queue server listens."""
        return self.sockets / "queue.sock"

    @property
    def control_socket(self) -> Path:
        """The socket on which the supervisor listens."""
        return self.sockets / "control.sock"

    def environ(self, inherited: Mapping[str, str], address: str) -> dict[str, str]:
        """Returns the `inherited` environment, completed by this instance's defaults.

        `address` is its URL for browsers.
        """
        defaults = {
            "COHAB_ENV": "development",
            "COHAB_SECRET_KEY_FILE": str(self.secrets / "secret_key"),
            "COHAB_CODE_KEY_FILE": str(self.secrets / "code_key"),
            "COHAB_CONTACT_KEY_FILE": str(self.secrets / "contact_key"),
            "COHAB_DATABASE_URL": f"sqlite:///{self.home / 'cohab.db'}",
            "COHAB_QUEUE_URL": f"unix://{quote(str(self.queue_socket))}",
            "COHAB_BASE_URL": address,
            "COHAB_MAILBOX_DIR": str(self.home / "mailbox"),
            "COHAB_MEDIA_DIR": str(self.home / "media"),
        }
        if inherited.get("COHAB_ENV") != "production":
            defaults["COHAB_DEMO_PASSWORD_FILE"] = str(self.secrets / "demo_password")
        missing = {name: value for name, value in defaults.items() if not _is_set(name, inherited)}
        return {**inherited, **missing, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "FLASK_APP": "wsgi"}


def prepare_instance(home: Path) -> Instance:
    """Makes the folders, closed to other accounts, and the keys that do not exist yet."""
    instance = Instance(home, _socket_folder(home))
    shared = (instance.home / "mailbox", instance.home / "media")
    for folder in (instance.home, instance.secrets, instance.run, instance.queue, instance.logs, *shared):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("secret_key", "code_key", "contact_key"):
        _write_if_missing(instance.secrets / name, secrets.token_urlsafe(48))
    _write_if_missing(
        instance.secrets / "demo_password",
        "-".join("".join(secrets.choice(UNAMBIGUOUS_CHARACTERS) for _ in range(4)) for _ in range(3)),
    )
    return instance


def _is_set(name: str, environ: Mapping[str, str]) -> bool:
    plain_name = name.removesuffix("_FILE")
    return bool(environ.get(plain_name) or environ.get(f"{plain_name}_FILE"))


def _write_if_missing(path: Path, text: str) -> None:
    """Writes the text to the file unless it holds one already.

    Nobody else can read it, and it is never half written.
    """
    if path.exists() and path.read_text(encoding="utf-8").strip():
        return
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _socket_folder(home: Path) -> Path:
    inside = home / "run"
    if len(os.fsencode(inside / "control.sock")) <= LONGEST_SOCKET_PATH:
        return inside
    home_hash = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    outside = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"cohab-{home_hash}"
    outside.mkdir(mode=0o700, exist_ok=True)
    status = outside.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise PermissionError(f"{outside} is not a private folder of this account; remove it and start again")
    return outside
