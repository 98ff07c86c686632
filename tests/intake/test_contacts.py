"""An e-mail address of a resident: encrypted, confirmed by its owner alone, and erased down to its bytes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from cohab_report import create_app, journal
from cohab_report.db import db, transaction, truncate_write_ahead_log
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import encryption, expiry, operations, queries
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.triage import operations as triage
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_for
from tests.factories import MONDAY

ROSA = "rosa.tremblay+suivi@courriel.example"
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


def requested_contact(address: str = ROSA, *, language: str = "fr") -> Contact:
    return operations.request_confirmation(factories.observation(), address, language=language, at=MONDAY)


def token(contact: Contact, purpose: str = encryption.CONFIRM) -> str:
    return encryption.link_token(purpose, contact.seed or "")


def confirmed_contact(address: str = ROSA) -> Contact:
    return operations.confirm(token(requested_contact(address)), at=MONDAY)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "rosa",
        "rosa@",
        "@b.ca",
        "rosa@b",
        "rosa@b..ca",
        "rosa@-b.ca",
        ".rosa@b.ca",
        "ro sa@b.ca",
        "rosa@b.4c",
        "é@b.ca",
        "rosa@b.ca\r\nBcc: c@d.ca",
        "rosa@b.ca, c@d.ca",
        f"{'r' * 65}@b.ca",
        f"r@{'b.' * 126}ca",
    ],
)
def test_what_no_mail_server_would_take_is_no_address(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        requested_contact(address)
    assert (refused.value.field, refused.value.reason) == ("email", "malformed")


def test_no_column_holds_the_address_or_a_token(session: Session) -> None:
    contact = requested_contact(f" {ROSA} ")
    row = session.execute(text("SELECT * FROM contact")).one()
    row_text = " ".join(str(value) for value in row)
    secrets = (ROSA, "tremblay", "courriel", token(contact), token(contact, encryption.STOP))
    assert [secret for secret in secrets if secret in row_text] == []
    assert encryption.decrypt(contact.encrypted_address or "") == ROSA
    assert len(token(contact)) == 43, "256 bits"
    event_text = " ".join(f"{event.thread} {event.facts}" for event in session.scalars(select(journal.Event)))
    assert [secret for secret in secrets if secret in event_text] == []


@pytest.mark.usefixtures("session")
def test_a_link_confirms_once_and_within_seven_days() -> None:
    contact = requested_contact()
    link = token(contact)
    assert operations.contact_to_confirm(link, at=MONDAY + 7 * A_DAY) is contact
    assert operations.contact_to_confirm(link, at=MONDAY + 7 * A_DAY + A_MINUTE) is None
    assert operations.contact_to_confirm(token(contact, encryption.STOP), at=MONDAY) is None, (
        "a link to stop confirms nothing"
    )
    operations.confirm(link, at=MONDAY + A_DAY)
    assert contact.is_confirmed and contact.confirm_hash is None
    with pytest.raises(MoveRefused):
        operations.confirm(link, at=MONDAY + A_DAY)


@pytest.mark.usefixtures("session")
def test_a_changed_address_waits_to_be_confirmed_and_the_links_of_the_old_one_are_dead() -> None:
    contact = confirmed_contact()
    old = token(contact, encryption.STOP)
    operations.request_confirmation(contact.observation, "omar@ailleurs.example", language="en", at=MONDAY + A_DAY)
    assert contact.is_waiting and contact.language == "en"
    operations.stop(old, at=MONDAY + A_DAY)
    assert encryption.decrypt(contact.encrypted_address or "") == "omar@ailleurs.example"


@pytest.mark.usefixtures("session")
def test_a_confirmation_is_requested_three_times_a_day_for_an_observation() -> None:
    observation = factories.observation()
    for minutes in range(3):
        operations.request_confirmation(observation, ROSA, language="fr", at=MONDAY + minutes * A_MINUTE)
    with pytest.raises(Invalid) as refused:
        operations.request_confirmation(observation, "another@b.example", language="fr", at=MONDAY + A_DAY - A_MINUTE)
    assert (refused.value.field, refused.value.reason) == ("email", "too_often")
    operations.request_confirmation(observation, ROSA, language="fr", at=MONDAY + A_DAY)
    operations.request_confirmation(factories.observation(), ROSA, language="fr", at=MONDAY)


@pytest.mark.parametrize("ends", ["stop", "withdraw", "follow page"])
def test_whoever_ends_it_erases_it(session: Session, ends: str) -> None:
    contact = confirmed_contact()
    link = token(contact, encryption.STOP)
    for _ in range(2):
        if ends == "stop":
            operations.stop(link, at=MONDAY)
        elif ends == "withdraw":
            intake.withdraw(contact.observation, at=MONDAY)
        else:
            operations.end_contact_of(contact.observation, Ending.STOPPED, by=journal.RESIDENT, at=MONDAY)
    secrets = [contact.encrypted_address, contact.seed, contact.confirm_hash, contact.stop_hash]
    assert secrets == [None] * 4 and contact.ended_at == MONDAY
    assert contact.ending is (Ending.WITHDRAWN if ends == "withdraw" else Ending.STOPPED)
    assert len(session.scalars(select(journal.Event).where(journal.Event.name == "contact.ended")).all()) == 1


def test_each_step_is_recorded_by_who_took_it_at_that_moment(session: Session) -> None:
    noise = requested_contact()
    contact = operations.request_confirmation(
        factories.observation(), ROSA, language="en", at=MONDAY + A_MINUTE, held_back=True
    )
    assert (contact.asked_at, contact.confirmed_at, contact.ended_at) == (MONDAY + A_MINUTE, None, None)
    operations.confirm(token(contact), at=MONDAY + 2 * A_MINUTE)
    assert contact.confirmed_at == MONDAY + 2 * A_MINUTE
    operations.request_confirmation(contact.observation, ROSA, language="en", at=MONDAY + 3 * A_MINUTE)
    operations.stop(token(contact, encryption.STOP), at=MONDAY + 4 * A_MINUTE)
    steps = journal.history(f"contact:{contact.id}")
    assert [(step.name, step.happened_at, step.facts) for step in reversed(steps)] == [
        ("contact.asked", MONDAY + A_MINUTE, {"contact": contact.id, "held_back": True}),
        ("contact.confirmed", MONDAY + 2 * A_MINUTE, {"contact": contact.id}),
        ("contact.asked", MONDAY + 3 * A_MINUTE, {"contact": contact.id}),
        ("contact.ended", MONDAY + 4 * A_MINUTE, {"contact": contact.id, "ending": "stopped"}),
    ]
    assert {step.actor for step in steps} == {journal.RESIDENT.journal_name}
    assert noise.is_waiting and len(journal.history(f"contact:{noise.id}")) == 1


@pytest.mark.usefixtures("session")
def test_what_ends_by_the_clock_is_ended_by_nobody_at_that_moment() -> None:
    contact, over = requested_contact(), MONDAY + 8 * A_DAY
    assert expiry.erase_expired_contacts(at=over) == 1
    ended, *_ = journal.history(f"contact:{contact.id}")
    assert (ended.name, ended.actor, ended.happened_at) == ("contact.ended", journal.SYSTEM.journal_name, over)
    assert (ended.facts["ending"], contact.ended_at) == ("unconfirmed", over)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("mangled", ["", "\ud800", "x" * 43])
def test_a_mangled_link_confirms_and_ends_nothing(mangled: str) -> None:
    contact = requested_contact()
    assert operations.contact_to_confirm(mangled, at=MONDAY) is None
    operations.stop(mangled, at=MONDAY)
    assert contact.is_waiting


@pytest.mark.usefixtures("session")
def test_every_address_is_encrypted_anew_and_each_that_no_key_reads_is_counted() -> None:
    readable, lost, gone = ([requested_contact() for _ in range(2)] for _ in range(3))
    for contact in lost:
        contact.encrypted_address = "x"
    for contact in gone:
        operations.end_contact(contact, Ending.STOPPED, by=journal.RESIDENT, at=MONDAY)
    assert operations.reencrypt_all() == (2, 2)
    assert [encryption.decrypt(contact.encrypted_address or "") for contact in readable] == [ROSA, ROSA]
    assert [contact.encrypted_address for contact in (*lost, *gone)] == ["x", "x", None, None]


@pytest.mark.usefixtures("session")
def test_the_longest_address_is_one_and_a_character_more_is_none() -> None:
    longest = f"{'r' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.ca"
    assert len(longest) == operations.LONGEST_ADDRESS == 254
    assert encryption.decrypt(requested_contact(longest).encrypted_address or "") == longest
    with pytest.raises(Invalid):
        requested_contact(longest.replace("@b", "@bb").replace("ccc.", "cc."))
    with pytest.raises(Invalid):
        requested_contact(longest.replace(".ca", ".can"))


@pytest.mark.usefixtures("session")
def test_a_withdrawn_observation_asks_for_no_address_and_a_used_link_confirms_nothing() -> None:
    observation, contact = factories.observation(), confirmed_contact()
    intake.withdraw(observation, at=MONDAY)
    with pytest.raises(MoveRefused) as refused:
        operations.request_confirmation(observation, ROSA, language="fr", at=MONDAY)
    with pytest.raises(MoveRefused) as used:
        operations.confirm(token(contact), at=MONDAY)
    for each, facts in ((refused, ("ended", "waiting", "withdrawn")), (used, ("unknown", "confirmed", "token"))):
        assert (each.value.noun, each.value.state, each.value.target, each.value.why) == ("contact", *facts)


@pytest.mark.usefixtures("session")
def test_an_unconfirmed_address_is_erased_after_seven_days() -> None:
    waiting, noise = requested_contact(), confirmed_contact()
    assert expiry.erase_expired_contacts(at=MONDAY + 7 * A_DAY) == 0
    assert expiry.erase_expired_contacts(at=MONDAY + 7 * A_DAY + A_MINUTE) == 1
    assert waiting.ending is Ending.UNCONFIRMED and noise.has_address


@pytest.mark.usefixtures("session")
def test_an_address_is_erased_thirty_days_after_closing_and_not_while_it_is_open_again(cast: Cast) -> None:
    def closed() -> Contact:
        case = factories.accepted_case(cast.ana)
        contact = operations.request_confirmation(case.observations[0], ROSA, language="fr", at=MONDAY)
        operations.confirm(token(contact), at=MONDAY)
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=MONDAY + A_DAY)
        return contact

    expired, reopened, still_open = closed(), closed(), confirmed_contact()
    intake.request_reopening(reopened.observation, at=MONDAY + 9 * A_DAY)
    assert expiry.erase_expired_contacts(at=MONDAY + 31 * A_DAY) == 0
    assert expiry.erase_expired_contacts(at=MONDAY + 31 * A_DAY + A_MINUTE) == 1
    assert expired.ending is Ending.EXPIRED and reopened.has_address and still_open.has_address


def with_keys(monkeypatch: pytest.MonkeyPatch, app: Flask, *keys: str) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], contact_key=keys))


@pytest.mark.usefixtures("session")
def test_an_older_key_still_reads_and_the_command_makes_it_dispensable(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact, old, new = requested_contact(), "e" * 40, "n" * 40
    link = token(contact)
    before = contact.encrypted_address
    with_keys(monkeypatch, app, new, old)
    assert encryption.decrypt(contact.encrypted_address or "") == ROSA
    assert operations.reencrypt_all() == (1, 0)
    assert contact.encrypted_address != before
    with_keys(monkeypatch, app, new)
    assert encryption.decrypt(contact.encrypted_address or "") == ROSA
    assert operations.contact_to_confirm(link, at=MONDAY) is contact, "links outlive the keys of addresses"


@pytest.mark.usefixtures("session")
def test_without_its_key_an_address_is_unreadable_and_left_as_it_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = requested_contact()
    before = contact.encrypted_address
    with_keys(monkeypatch, app, "n" * 40)
    with pytest.raises(encryption.UndecryptableAddress):
        encryption.decrypt(contact.encrypted_address or "")
    assert operations.reencrypt_all() == (0, 1) and contact.encrypted_address == before
    assert operations.reencrypt_all() == (0, 1)


def test_an_application_that_can_not_keep_it_secret_asks_for_no_address() -> None:
    here = settings_for("sqlite://")
    assert here.may_ask_for_addresses and not replace(here, contact_key=()).may_ask_for_addresses
    live = replace(here, env="production")
    assert not live.may_ask_for_addresses, "the local mailbox would keep it readable"
    assert replace(live, smtp_url="smtps://mail.example").may_ask_for_addresses


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_command_says_how_many_addresses_it_reencrypted(
    engine: str, new_database: Callable[[str, str], str]
) -> None:
    app = create_app(settings_for(new_database(engine, "resealed"), contact_key=("n" * 40, "e" * 40)))
    with app.app_context():
        with transaction():
            requested_contact()
        result = app.test_cli_runner().invoke(args=["reseal-contacts"])
        assert result.exit_code == 0 and result.output == "1 addresses encrypted anew\n"
        db.session.remove()
        db.engine.dispose()


def test_not_a_byte_of_an_erased_address_is_left_in_the_database_file(new_database: Callable[[str, str], str]) -> None:
    url = new_database("sqlite", "erased")
    folder = Path(url.removeprefix("sqlite:///")).parent
    app = create_app(settings_for(url))
    with app.app_context():
        with transaction():
            contact = confirmed_contact()
            number, encrypted, hashes = (
                contact.id,
                contact.encrypted_address or "",
                [contact.stop_hash or "", contact.seed or ""],
            )
            noise = confirmed_contact("noise@b.example").encrypted_address or ""
        traces = [encrypted[:40], encrypted[40:80], *hashes]
        truncate_write_ahead_log()
        assert all(trace in bytes_of(folder) for trace in [*traces, noise]) and ROSA not in bytes_of(folder)
        with transaction():
            contact_to_end = queries.contact_by_id(number)
            assert contact_to_end is not None
            operations.end_contact(contact_to_end, Ending.STOPPED, by=journal.RESIDENT, at=MONDAY)
        expiry.erase_expired_contacts_now()
        remaining_bytes = bytes_of(folder)
        assert [trace for trace in traces if trace in remaining_bytes] == [] and noise in remaining_bytes
        assert "contact" in inspect(db.engine).get_table_names()
        db.session.remove()
        db.engine.dispose()


def bytes_of(folder: Path) -> str:
    """Every byte that the database keeps: its file and its logs."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.iterdir()) if path.is_file())
