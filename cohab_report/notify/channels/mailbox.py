"""The local mailbox: a folder with one file a message, for a house that has no mail server yet. It sends nothing to anybody."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from cohab_report.errors import NotThere
from cohab_report.notify.channels import ChannelError

SHOWN = 50
_NAME = re.compile(r"[0-9]{8,19}\.eml", re.ASCII)


@dataclass(frozen=True)
class Kept:
    """One message of the folder, as an admin reads it."""

    name: str
    subject: str
    to: str
    written_at: datetime | None
    text: str


def keep(number: int, message: bytes, folder: str) -> None:
    """The message is in the folder, whole or not at all; kept twice under one number it is there once. Raises ChannelError."""
    target = Path(folder) / f"{number:08d}.eml"
    part = target.with_suffix(f".part{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(message)
        part.replace(target)
    except OSError as error:
        raise ChannelError(type(error).__name__, permanent=False) from error


def messages(folder: str, *, limit: int = SHOWN) -> Sequence[Kept]:
    """The latest messages, the newest first; none when there is no folder yet."""
    if not Path(folder).is_dir():
        return []
    names = sorted(
        (path.name for path in Path(folder).iterdir() if _NAME.fullmatch(path.name)), key=lambda name: (len(name), name)
    )
    return [message(folder, name) for name in names[: -limit - 1 : -1]]


def message(folder: str, name: str) -> Kept:
    """The message of this file name; raises NotThere for a name that isn't one of ours, or that is gone."""
    if not _NAME.fullmatch(name):
        raise NotThere
    try:
        found = message_from_bytes((Path(folder) / name).read_bytes(), _class=EmailMessage, policy=default)
    except OSError:
        raise NotThere from None
    body = found.get_body(("plain",))
    written = parsedate_to_datetime(str(found["Date"])) if found["Date"] else None
    return Kept(name, str(found["Subject"]), str(found["To"]), written, body.get_content() if body else "")
