"""E-mail: by SMTP where the settings name a server, otherwise into the local mailbox folder that a page for admins shows."""

import re
import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from cohab_report.notify.channels import ChannelError, Letter, mailbox
from cohab_report.settings import Settings

SECONDS = 10
UNBROKEN = ("List-Unsubscribe", "List-Id", "In-Reply-To", "References")
"""Headers that programs read sign by sign (RFC 2369, 2): a long one stays on its line, where Python would make encoded words of it."""
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
MENDABLE = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)
"""Refusals of us, not of the letter: a setting that somebody corrects must not have cost a message."""
_STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
"""What a refusal is about, by RFC 3463: 5.1 the address, 5.7 a policy."""
_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")
"""What would break a subject's line, or look as if; spaces that French asks for stay."""
_ADDRESS = re.compile(r"[!#-'*+./0-9=?A-Z^_`a-z{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


class _Unbroken(BaseHeader):
    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = UnstructuredHeader.value_parser(value), value

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    for name in UNBROKEN:
        headers.map_to_type(name, _Unbroken)
    return SMTP.clone(header_factory=headers)


POLICY = _policy()


def send(address: str, letter: Letter, *, settings: Settings) -> None:
    """The letter is with the next server, or in the local mailbox; raises ChannelError, permanent when the server said so (5xx)."""
    message = message_of(address, letter, settings)
    if not settings.smtp_url:
        mailbox.keep(letter.number, bytes(message), settings.mailbox_dir)
        return
    try:
        _hand_in(message, urlsplit(settings.smtp_url))
    except (smtplib.SMTPException, OSError) as error:
        raise _trouble(error) from error


def message_of(address: str, letter: Letter, settings: Settings) -> EmailMessage:
    """The letter as it travels: plain text and HTML, in its case's thread; raises ChannelError for an address that is none."""
    if not _ADDRESS.fullmatch(address):
        raise ChannelError("bad_address", permanent=True, no_such_address=True)
    host = urlsplit(settings.base_url).hostname or "localhost"
    message = EmailMessage(policy=POLICY)
    message["From"] = settings.mail_from
    message["To"] = Address(addr_spec=address)
    message["Subject"] = _BREAKS.sub(" ", letter.subject)
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<delivery-{letter.number}@{host}>"
    message["In-Reply-To"] = message["References"] = f"<{letter.thread}@{host}>"
    message["List-Id"] = f"{letter.list_name} <{letter.list_name.lower()}.{host}>"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def _hand_in(message: EmailMessage, server: SplitResult) -> None:
    host, port = server.hostname or "localhost", server.port or PORTS[server.scheme]
    trust = ssl.create_default_context()
    encrypted = server.scheme == "smtps"
    line = (
        smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=trust)
        if encrypted
        else smtplib.SMTP(host, port, timeout=SECONDS)
    )
    try:
        if server.scheme == "smtp+starttls":
            line.starttls(context=trust)
        if server.username:
            line.login(unquote(server.username), unquote(server.password or ""))
        line.send_message(message)
    finally:
        # The letter is accepted before the farewell: a server that hangs up without a word must not make us send it twice.
        with suppress(smtplib.SMTPException, OSError):
            line.quit()
        line.close()


def _trouble(error: smtplib.SMTPException | OSError) -> ChannelError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = max(error.recipients.values(), default=(0, b""))
        return ChannelError(
            f"smtp_{code}", permanent=500 <= code < 600, no_such_address=_blames_the_address(code, said)
        )
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, MENDABLE):
        return ChannelError(f"smtp_{error.smtp_code}", permanent=500 <= error.smtp_code < 600)
    return ChannelError(type(error).__name__, permanent=False)


def _blames_the_address(code: int, said: bytes) -> bool:
    """Whether a refused recipient is one that does not exist; a server that refuses our sender, or a letter, says so by another status."""
    status = _STATUS.search(said.decode("ascii", "replace"))
    return 500 <= code < 600 and (status is None or status[0].startswith("5.1.") or status[0] == "5.2.1")
