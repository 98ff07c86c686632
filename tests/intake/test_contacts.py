"""An address that a resident left: sealed, confirmed by its owner alone, and erased down to its bytes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from cohab_report import create_app, journal
from cohab_report.db import db, shed_old_pages, transaction
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import expiry, operations, queries, sealing
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.triage import operations as triage
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_for
from tests.factories import MONDAY

ROSA = "rosa.tremblay+suivi@courriel.example"
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


def asked(address: str = ROSA, *, language: str = "fr") -> Contact:
    return operations.ask(factories.observation(), address, language=language, at=MONDAY)


def token(contact: Contact, purpose: str = sealing.CONFIRM) -> str:
    return sealing.token_for(purpose, contact.seed or "")


def confirmed(address: str = ROSA) -> Contact:
    return operations.confirm(token(asked(address)), at=MONDAY)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "address",
    [
        "", "rosa", "rosa@", "@b.ca", "rosa@b", "rosa@b..ca", "rosa@-b.ca", ".rosa@b.ca", "ro sa@b.ca", "rosa@b.4c", "é@b.ca",
        "rosa@b.ca\r\nBcc: c@d.ca", "rosa@b.ca, c@d.ca", f"{'r' * 65}@b.ca", f"r@{'b.' * 126}ca",
    ],
)  # fmt: skip
def test_what_no_mail_server_would_take_is_no_address(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(address)
    assert (refused.value.field, refused.value.reason) == ("email", "malformed")


def test_no_column_holds_the_address_or_a_token(session: Session) -> None:
    contact = asked(f" {ROSA} ")
    row = session.execute(text("SELECT * FROM contact")).one()
    written = " ".join(str(value) for value in row)
    secrets = (ROSA, "tremblay", "courriel", token(contact), token(contact, sealing.STOP))
    assert [secret for secret in secrets if secret in written] == []
    assert sealing.unseal(contact.sealed or "") == ROSA
    assert len(token(contact)) == 43, "256 bits"
    told = " ".join(f"{event.thread} {event.facts}" for event in session.scalars(select(journal.Event)))
    assert [secret for secret in secrets if secret in told] == []


@pytest.mark.usefixtures("session")
def test_a_link_confirms_once_and_within_seven_days() -> None:
    contact = asked()
    link = token(contact)
    assert operations.to_confirm(link, at=MONDAY + 7 * A_DAY) is contact
    assert operations.to_confirm(link, at=MONDAY + 7 * A_DAY + A_MINUTE) is None
    assert operations.to_confirm(token(contact, sealing.STOP), at=MONDAY) is None, "a link to stop confirms nothing"
    operations.confirm(link, at=MONDAY + A_DAY)
    assert contact.is_confirmed and contact.confirm_hash is None
    with pytest.raises(MoveRefused):
        operations.confirm(link, at=MONDAY + A_DAY)


@pytest.mark.usefixtures("session")
def test_a_changed_address_waits_to_be_confirmed_and_the_links_of_the_old_one_are_dead() -> None:
    contact = confirmed()
    old = token(contact, sealing.STOP)
    operations.ask(contact.observation, "omar@ailleurs.example", language="en", at=MONDAY + A_DAY)
    assert contact.is_waiting and contact.language == "en"
    operations.stop(old, at=MONDAY + A_DAY)
    assert sealing.unseal(contact.sealed or "") == "omar@ailleurs.example"


@pytest.mark.usefixtures("session")
def test_a_letter_is_asked_for_three_times_a_day_for_an_observation() -> None:
    observation = factories.observation()
    for minutes in range(3):
        operations.ask(observation, ROSA, language="fr", at=MONDAY + minutes * A_MINUTE)
    with pytest.raises(Invalid) as refused:
        operations.ask(observation, "another@b.example", language="fr", at=MONDAY + A_DAY - A_MINUTE)
    assert refused.value.reason == "too_often"
    operations.ask(observation, ROSA, language="fr", at=MONDAY + A_DAY)
    operations.ask(factories.observation(), ROSA, language="fr", at=MONDAY)


@pytest.mark.parametrize("ends", ["stop", "withdraw", "follow page"])
def test_whoever_ends_it_erases_it(session: Session, ends: str) -> None:
    contact = confirmed()
    link = token(contact, sealing.STOP)
    for _ in range(2):
        if ends == "stop":
            operations.stop(link, at=MONDAY)
        elif ends == "withdraw":
            intake.withdraw(contact.observation, at=MONDAY)
        else:
            operations.end_of(contact.observation, Ending.STOPPED, by=journal.RESIDENT, at=MONDAY)
    kept = [contact.sealed, contact.seed, contact.confirm_hash, contact.stop_hash]
    assert kept == [None] * 4 and contact.ended_at == MONDAY
    assert contact.ending is (Ending.WITHDRAWN if ends == "withdraw" else Ending.STOPPED)
    assert len(session.scalars(select(journal.Event).where(journal.Event.name == "contact.ended")).all()) == 1


@pytest.mark.usefixtures("session")
def test_an_observation_that_was_taken_back_asks_for_no_address() -> None:
    observation = factories.observation()
    intake.withdraw(observation, at=MONDAY)
    with pytest.raises(MoveRefused):
        operations.ask(observation, ROSA, language="fr", at=MONDAY)


@pytest.mark.usefixtures("session")
def test_what_nobody_confirmed_is_forgotten_after_seven_days() -> None:
    waiting, noise = asked(), confirmed()
    assert expiry.forget_contacts(at=MONDAY + 7 * A_DAY) == 0
    assert expiry.forget_contacts(at=MONDAY + 7 * A_DAY + A_MINUTE) == 1
    assert waiting.ending is Ending.UNCONFIRMED and noise.is_kept


@pytest.mark.usefixtures("session")
def test_an_address_is_forgotten_thirty_days_after_closing_and_not_while_it_is_open_again(cast: Cast) -> None:
    def closed() -> Contact:
        case = factories.accepted(cast.ana)
        contact = operations.ask(case.observations[0], ROSA, language="fr", at=MONDAY)
        operations.confirm(token(contact), at=MONDAY)
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=MONDAY + A_DAY)
        return contact

    over, again, still_open = closed(), closed(), confirmed()
    intake.request_reopening(again.observation, at=MONDAY + 9 * A_DAY)
    assert expiry.forget_contacts(at=MONDAY + 31 * A_DAY) == 0
    assert expiry.forget_contacts(at=MONDAY + 31 * A_DAY + A_MINUTE) == 1
    assert over.ending is Ending.EXPIRED and again.is_kept and still_open.is_kept


def with_keys(monkeypatch: pytest.MonkeyPatch, app: Flask, *keys: str) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], contact_key=keys))


@pytest.mark.usefixtures("session")
def test_an_older_key_still_reads_and_the_command_makes_it_dispensable(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact, old, new = asked(), "e" * 40, "n" * 40
    link = token(contact)
    before = contact.sealed
    with_keys(monkeypatch, app, new, old)
    assert sealing.unseal(contact.sealed or "") == ROSA
    assert operations.reseal_all() == (1, 0)
    assert contact.sealed != before
    with_keys(monkeypatch, app, new)
    assert sealing.unseal(contact.sealed or "") == ROSA
    assert operations.to_confirm(link, at=MONDAY) is contact, "links outlive the keys of addresses"


@pytest.mark.usefixtures("session")
def test_without_its_key_an_address_is_unreadable_and_left_as_it_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = asked()
    before = contact.sealed
    with_keys(monkeypatch, app, "n" * 40)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(contact.sealed or "")
    assert operations.reseal_all() == (0, 1) and contact.sealed == before
    assert operations.reseal_all() == (0, 1)


def test_a_house_without_a_way_to_keep_it_secret_asks_for_no_address() -> None:
    here = settings_for("sqlite://")
    assert here.may_ask_for_addresses and not replace(here, contact_key=()).may_ask_for_addresses
    live = replace(here, env="production")
    assert not live.may_ask_for_addresses, "the local mailbox would keep it readable"
    assert replace(live, smtp_url="smtps://mail.example").may_ask_for_addresses


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_command_says_what_it_encrypted_anew(engine: str, new_database: Callable[[str, str], str]) -> None:
    app = create_app(settings_for(new_database(engine, "resealed"), contact_key=("n" * 40, "e" * 40)))
    with app.app_context():
        with transaction():
            asked()
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
            contact = confirmed()
            number, sealed, hashes = contact.id, contact.sealed or "", [contact.stop_hash or "", contact.seed or ""]
            noise = confirmed("noise@b.example").sealed or ""
        traces = [sealed[:40], sealed[40:80], *hashes]
        shed_old_pages()
        assert all(trace in bytes_of(folder) for trace in [*traces, noise]) and ROSA not in bytes_of(folder)
        with transaction():
            found = queries.by_number(number)
            assert found is not None
            operations.end(found, Ending.STOPPED, by=journal.RESIDENT, at=MONDAY)
        expiry.forget_contacts_now()
        left = bytes_of(folder)
        assert [trace for trace in traces if trace in left] == [] and noise in left
        assert "contact" in inspect(db.engine).get_table_names()
        db.session.remove()
        db.engine.dispose()


def bytes_of(folder: Path) -> str:
    """Every byte that the database keeps: its file and its logs."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.iterdir()) if path.is_file())
