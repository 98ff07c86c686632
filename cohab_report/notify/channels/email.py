"""E-mail: by SMTP where the settings name a server, otherwise into the local mailbox folder that a page for admins
shows.
"""

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

from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.notify.channels import ChannelError, OutgoingMessage, mailbox
from cohab_report.settings import Settings

SMTP_TIMEOUT_SECONDS = 10
UNFOLDED_HEADERS = ("List-Unsubscribe", "List-Id", "In-Reply-To", "References")
"""Headers that programs read character by character (RFC 2369, 2): a long one isn't folded, where Python would make
encoded words of it.
"""
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
CORRECTABLE_ERRORS = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)
"""Refusals of the sender, not of the message: they are temporary, since a wrong setting must not cost a message."""
_STATUS_PATTERN = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
"""The status code of a refusal, by RFC 3463: 5.1 is about the address, 5.7 about a policy."""
_LINE_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")
"""White space that would break a subject's line or look like it; no-break spaces, which French needs, stay."""
_ADDRESS_PATTERN = re.compile(r"[!#-'*+./0-9=?A-Z^_`a-z{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


class _UnfoldedHeader(BaseHeader):
    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = UnstructuredHeader.value_parser(value), value

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    for name in UNFOLDED_HEADERS:
        headers.map_to_type(name, _UnfoldedHeader)
    return SMTP.clone(header_factory=headers)


POLICY = _policy()


def send_email(address: str, message: OutgoingMessage, *, settings: Settings) -> None:
    """Sends the message by SMTP, or stores it in the local mailbox.

    Raises ChannelError, permanent when the server said so (5xx).
    """
    mime = mime_message(address, message, settings)
    if not settings.smtp_url:
        name = encrypt_number("delivery", message.number, key=settings.newest_code_key)
        mailbox.store_message(name, bytes(mime), settings.mailbox_dir)
        return
    try:
        _submit(mime, urlsplit(settings.smtp_url))
    except (smtplib.SMTPException, OSError) as error:
        raise _channel_error(error) from error


def mime_message(address: str, message: OutgoingMessage, settings: Settings) -> EmailMessage:
    """Builds the MIME message: plain text and HTML, in its case's thread.

    Raises ChannelError for a malformed address.
    """
    if not _ADDRESS_PATTERN.fullmatch(address):
        raise ChannelError("bad_address", permanent=True, no_such_address=True)
    host = urlsplit(settings.base_url).hostname or "localhost"
    mime = EmailMessage(policy=POLICY)
    mime["From"] = settings.mail_from
    mime["To"] = Address(addr_spec=address)
    mime["Subject"] = _LINE_BREAKS.sub(" ", message.subject)
    mime["Date"] = format_datetime(message.written_at)
    name = encrypt_number("delivery", message.number, key=settings.newest_code_key)
    thread = encrypt_number(*message.thread, key=settings.newest_code_key)
    mime["Message-ID"] = f"<{name}@{host}>"
    mime["In-Reply-To"] = mime["References"] = f"<{thread}@{host}>"
    mime["List-Id"] = f"{message.list_name} <{message.list_name.lower()}.{host}>"
    if message.unsubscribe:
        mime["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mime["Auto-Submitted"] = "auto-generated"
    mime.set_content(message.text, cte="quoted-printable")
    mime.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mime


def _submit(mime: EmailMessage, server: SplitResult) -> None:
    host, port = server.hostname or "localhost", server.port or PORTS[server.scheme]
    trust = ssl.create_default_context()
    encrypted = server.scheme == "smtps"
    connection = (
        smtplib.SMTP_SSL(host, port, timeout=SMTP_TIMEOUT_SECONDS, context=trust)
        if encrypted
        else smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_SECONDS)
    )
    try:
        if server.scheme == "smtp+starttls":
            connection.starttls(context=trust)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(mime)
    finally:
        # The message is accepted before QUIT: a server that hangs up instead of answering it must not make us send it
        # twice.
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _channel_error(error: smtplib.SMTPException | OSError) -> ChannelError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = max(error.recipients.values(), default=(0, b""))
        return ChannelError(
            f"smtp_{code}", permanent=500 <= code < 600, no_such_address=_is_unknown_address(code, reply)
        )
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, CORRECTABLE_ERRORS):
        return ChannelError(f"smtp_{error.smtp_code}", permanent=500 <= error.smtp_code < 600)
    return ChannelError(type(error).__name__, permanent=False)


def _is_unknown_address(code: int, reply: bytes) -> bool:
    """Whether a refused recipient does not exist.

    A server that refuses our sender, or the message, says so by another status.
    """
    status = _STATUS_PATTERN.search(reply.decode("ascii", "replace"))
    return 500 <= code < 600 and (status is None or status[0].startswith("5.1.") or status[0] == "5.2.1")
