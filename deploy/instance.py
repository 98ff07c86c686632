"""Where one machine keeps what is its own: keys made once, the database, the queue's files, logs, sockets.

It makes folders and keys and says where things are. It starts nothing, and it never overwrites a key: whoever loses a key loses what it
protects.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET = 92  # bytes; the limit is 104 to 108, and the supervisor first binds a longer name
EASY_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read for another


@dataclass(frozen=True)
class Instance:
    """The folder `home` and everything in it by name; `sockets` is elsewhere when `home` lies too deep for a unix socket."""

    home: Path
    sockets: Path

    @property
    def secrets(self) -> Path:
        """Keys and the demo password, one a file."""
        return self.home / "secrets"

    @property
    def run(self) -> Path:
        """What lives as long as a start: the generated configuration and the lock."""
        return self.home / "run"

    @property
    def queue(self) -> Path:
        """The queue server's append-only files."""
        return self.home / "queue"

    @property
    def logs(self) -> Path:
        """One log for each part."""
        return self.home / "logs"

    @property
    def queue_socket(self) -> Path:
        """Where the queue server listens."""
        return self.sockets / "queue.sock"

    @property
    def control_socket(self) -> Path:
        """Where the supervisor listens."""
        return self.sockets / "control.sock"

    def environ(self, given: Mapping[str, str], address: str) -> dict[str, str]:
        """`given`, completed by what this instance decides when nobody else did; `address` is where browsers reach it."""
        own = {
            "COHAB_ENV": "development",
            "COHAB_SECRET_KEY_FILE": str(self.secrets / "secret_key"),
            "COHAB_CODE_KEY_FILE": str(self.secrets / "code_key"),
            "COHAB_CONTACT_KEY_FILE": str(self.secrets / "contact_key"),
            "COHAB_DATABASE_URL": f"sqlite:///{self.home / 'cohab.db'}",
            "COHAB_QUEUE_URL": f"unix://{self.queue_socket}",
            "COHAB_BASE_URL": address,
            "COHAB_MAILBOX_DIR": str(self.home / "mailbox"),
            "COHAB_MEDIA_DIR": str(self.home / "media"),
        }
        if given.get("COHAB_ENV") != "production":
            own["COHAB_DEMO_PASSWORD_FILE"] = str(self.secrets / "demo_password")
        ours = {name: value for name, value in own.items() if not _decided(name, given)}
        return {**given, **ours, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "FLASK_APP": "wsgi"}


def prepare(home: Path) -> Instance:
    """The folders are there, closed to others, and each key exists; what was there is kept."""
    instance = Instance(home, _sockets_for(home))
    shared = (instance.home / "mailbox", instance.home / "media")
    for folder in (instance.home, instance.secrets, instance.run, instance.queue, instance.logs, *shared):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("secret_key", "code_key", "contact_key"):
        _keep(instance.secrets / name, secrets.token_urlsafe(48))
    _keep(
        instance.secrets / "demo_password",
        "-".join("".join(secrets.choice(EASY_LETTERS) for _ in range(4)) for _ in range(3)),
    )
    return instance


def _decided(name: str, given: Mapping[str, str]) -> bool:
    plain = name.removesuffix("_FILE")
    return bool(given.get(plain) or given.get(f"{plain}_FILE"))


def _keep(path: Path, fresh: str) -> None:
    """The file holds what it held, or else `fresh`; nobody else can read it, and it is never half written."""
    if path.exists() and path.read_text(encoding="utf-8").strip():
        return
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(fresh + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _sockets_for(home: Path) -> Path:
    near = home / "run"
    if len(os.fsencode(near / "control.sock")) <= LONGEST_SOCKET:
        return near
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    far = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"cohab-{mark}"
    far.mkdir(mode=0o700, exist_ok=True)
    found = far.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{far} is not a private folder of this account; remove it and start again")
    return far
