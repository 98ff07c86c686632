"""The local mailbox: a folder with one file a message, for an installation without a mail server.

It sends nothing to anybody.
"""

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

from cohab_report.encrypted_numbers import ENCRYPTED_LENGTH
from cohab_report.errors import NotFound
from cohab_report.notify.channels import ChannelError

MOST_STORED_MESSAGES = 50
_MESSAGE_FILE_NAME = re.compile(rf"[A-Za-z0-9_-]{{{ENCRYPTED_LENGTH}}}\.eml", re.ASCII)


@dataclass(frozen=True)
class StoredMessage:
    """One message of the folder, as an admin reads it."""

    name: str
    subject: str
    to: str
    written_at: datetime | None
    text: str


def store_message(name: str, message: bytes, folder: str) -> None:
    """Stores the message in the folder, whole or not at all, once for each name (32 characters, which tell no order).

    Raises ChannelError.
    """
    target = Path(folder) / f"{name}.eml"
    part = target.with_suffix(f".part{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(message)
        part.replace(target)
    except OSError as error:
        raise ChannelError(type(error).__name__, permanent=False) from error


def stored_messages(folder: str, *, limit: int = MOST_STORED_MESSAGES) -> Sequence[StoredMessage]:
    """Returns the latest messages, the newest first; none when there is no folder yet."""
    if not Path(folder).is_dir():
        return []
    files = [path for path in Path(folder).iterdir() if _MESSAGE_FILE_NAME.fullmatch(path.name)]
    files.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [stored_message(folder, path.name) for path in files[:limit]]


def stored_message(folder: str, name: str) -> StoredMessage:
    """Returns the message with this file name; raises NotFound for a name that isn't one of ours, or that is gone."""
    if not _MESSAGE_FILE_NAME.fullmatch(name):
        raise NotFound
    try:
        message = message_from_bytes((Path(folder) / name).read_bytes(), _class=EmailMessage, policy=default)
    except OSError:
        raise NotFound from None
    body = message.get_body(("plain",))
    return StoredMessage(
        name,
        subject=str(message["Subject"]),
        to=str(message["To"]),
        written_at=parsedate_to_datetime(str(message["Date"])) if message["Date"] else None,
        text=body.get_content() if body else "",
    )
