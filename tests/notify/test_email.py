"""E-mails handed to a real mail server on this machine, polite or not; and the local mailbox."""

import email
import socket
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from cohab_report.clock import now
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.errors import NotFound
from cohab_report.notify.channels import ChannelError, OutgoingMessage, mailbox
from cohab_report.notify.channels import email as channel
from cohab_report.settings import Settings


class Sink:
    """A mail server that keeps what it is given, or answers what it is told to."""

    def __init__(self):
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.bytes = b""
        self.at_rcpt: str | None = None
        self.at_data: str | None = None
        # The library looks for these two names, capitals included.
        vars(self).update(handle_RCPT=self.recipient, handle_DATA=self.data)

    async def recipient(self, server, session, envelope, address, options):
        if self.at_rcpt:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def data(self, server, session, envelope):
        if self.at_data:
            return self.at_data
        self.bytes = envelope.content
        self.messages.append(email.message_from_bytes(envelope.content, EmailMessage, policy=default))
        return "250 OK"


@pytest.fixture
def sink():
    server = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


def settings(**changes):
    return Settings(secret_key="s" * 40, code_key="c" * 40, mail_from="tri@rivebelle.example", **changes)


def encrypted(table, number):
    return encrypt_number(table, number, key=settings().code_key)


def outgoing_message(number=1):
    return OutgoingMessage(number, "Dossier K7QF à accepter : Déchets", "Où : ça", "<p>Où : ça</p>", ("case", 1), now())


def test_an_email_arrives_with_its_accents(sink):
    channel.send_email(
        "voirie@rivebelle.example", outgoing_message(), settings=settings(smtp_url=f"smtp://127.0.0.1:{sink.port}")
    )
    (received,) = sink.messages
    assert received["Subject"] == "Dossier K7QF à accepter : Déchets" and received["To"] == "voirie@rivebelle.example"
    assert received.get_body(("plain",)).get_content().strip() == "Où : ça"


def test_what_programs_read_of_an_email_stands_on_one_line_however_long(sink):
    house = f"https://signalements.{'vivre-ensemble.' * 4}rivebelle.example"
    stop = f"{house}/courriel/arreter/{'x' * 43}"
    outgoing = OutgoingMessage(1, "Du nouveau", "Où : ça", "<p>Où : ça</p>", ("contact", 123456), now(), "Suivi", stop)
    channel.send_email(
        "rosa@rivebelle.example", outgoing, settings=settings(smtp_url=f"smtp://127.0.0.1:{sink.port}", base_url=house)
    )
    head = sink.bytes.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    host = house.removeprefix("https://")
    assert {
        f"List-Unsubscribe: <{stop}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"List-Id: Suivi <suivi.{host}>",
        f"In-Reply-To: <{encrypted('contact', 123456)}@{host}>",
        f"References: <{encrypted('contact', 123456)}@{host}>",
        f"Message-ID: <{encrypted('delivery', 1)}@{host}>",
    } <= set(head)


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 no such mailbox", True), ("452 full", False), ("421 later", False)]
)
def test_a_refused_recipient_is_given_up_or_tried_again_as_the_server_says(sink, answer, permanent):
    sink.at_rcpt = answer
    with pytest.raises(ChannelError) as refused:
        channel.send_email(
            "voirie@rivebelle.example", outgoing_message(), settings=settings(smtp_url=f"smtp://127.0.0.1:{sink.port}")
        )
    assert refused.value.permanent is permanent and refused.value.problem == f"smtp_{answer[:3]}"


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("451 greylisted", False)])
def test_a_refused_email_likewise(sink, answer, permanent):
    sink.at_data = answer
    with pytest.raises(ChannelError) as refused:
        channel.send_email(
            "voirie@rivebelle.example", outgoing_message(), settings=settings(smtp_url=f"smtp://127.0.0.1:{sink.port}")
        )
    assert refused.value.permanent is permanent


@pytest.mark.parametrize(
    "address",
    [
        "smtp://127.0.0.1:1",
        "smtps://127.0.0.1:{port}",
        "smtp+starttls://127.0.0.1:{port}",
        "smtp://u:p@127.0.0.1:{port}",
    ],
)
def test_a_server_that_is_away_or_wrongly_set_may_be_mended(sink, address):
    with pytest.raises(ChannelError) as refused:
        channel.send_email(
            "voirie@rivebelle.example", outgoing_message(), settings=settings(smtp_url=address.format(port=sink.port))
        )
    assert not refused.value.permanent and sink.messages == []


def test_without_a_server_the_mailbox_keeps_it_once(tmp_path):
    here = settings(mailbox_dir=str(tmp_path / "boîte"))
    for number in (1, 2, 2):
        channel.send_email("voirie@rivebelle.example", outgoing_message(number), settings=here)
    received = mailbox.stored_messages(here.mailbox_dir)
    names = [f"{encrypted('delivery', number)}.eml" for number in (2, 1)]
    assert [message.name for message in received] == names
    assert received[0].subject == "Dossier K7QF à accepter : Déchets" and received[0].text.strip() == "Où : ça"
    assert sorted(path.name for path in Path(here.mailbox_dir).iterdir()) == sorted(names)


def test_a_mailbox_that_can_not_be_written_may_be_mended(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ChannelError) as refused:
        channel.send_email(
            "voirie@rivebelle.example", outgoing_message(), settings=settings(mailbox_dir=str(tmp_path / "file"))
        )
    assert not refused.value.permanent


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", f"{'x' * 32}.eml/..", "1.eml", f"{'０' * 32}.eml", f"{'x' * 32}.eml", ""]
)
def test_only_the_mailbox_s_own_files_can_be_read(tmp_path, name):
    with pytest.raises(NotFound):
        mailbox.stored_message(str(tmp_path), name)
