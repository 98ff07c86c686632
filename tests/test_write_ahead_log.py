"""What is erased is in no byte of SQLite's files: neither in the tables nor in the write-ahead log."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from pysqlite3 import dbapi2 as sqlite

import cohab_report.db
from cohab_report import create_app, jobs, journal
from cohab_report.cities.events import BoundaryLoaded
from cohab_report.db import db, transaction
from cohab_report.intake import floods, operations
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Ending
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Observation
from cohab_report.jobs.log_truncation import truncate_log
from deploy.write_ahead_log import write_back_log
from tests import factories
from tests.conftest import settings_for
from tests.factories import MONDAY

WORDS = ["Un vélo orange sous le porche", "devant le kiosque vert", "Plutôt le banc gris"]
NETWORK = "192.0.2.7"


@pytest.fixture
def url(new_database: Callable[[str, str], str]) -> str:
    return new_database("sqlite", "erased_words")


@pytest.fixture
def file_app(url: str) -> Iterator[Flask]:
    """The application on a database file of its own, with connections that stay open as on a server."""
    app = create_app(settings_for(url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def bytes_of(url: str) -> bytes:
    """Every byte that the database keeps on disk: its file and its logs."""
    folder = Path(url.removeprefix("sqlite:///")).parent
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def words_on_disk(url: str) -> list[str]:
    """Returns which of the words are on disk."""
    content = bytes_of(url)
    return [words for words in WORDS if words.encode() in content]


def receive_words() -> int:
    """Receives an observation with the words, in the present transaction; returns its number."""
    text, landmark, answer = WORDS
    observation = factories.observation(text=text, landmark=landmark, network=NETWORK)
    inquiries.ask_author(observation, "Près de quel banc ?", by=journal.SYSTEM, at=MONDAY)
    inquiries.answer_inquiry(observation, answer, at=MONDAY)
    return observation.id


def erase_words(erase: Callable[[Observation], object], number: int) -> None:
    with transaction():
        erase(db.session.get_one(Observation, number))


def withdraw(observation: Observation) -> None:
    operations.withdraw(observation, at=MONDAY)


def redact(observation: Observation) -> None:
    operations.redact_text(observation, by=journal.RESIDENT, at=MONDAY)


@pytest.mark.parametrize("erase", [withdraw, redact])
def test_erased_words_are_in_no_byte_of_the_file_or_its_log(file_app: Flask, url: str, erase) -> None:
    with transaction():
        number = receive_words()
    assert words_on_disk(url) == WORDS
    erase_words(erase, number)
    assert words_on_disk(url) == []


def test_a_replaced_or_ended_address_leaves_no_byte(file_app: Flask, url: str) -> None:
    with transaction():
        observation = factories.observation()
        number = observation.id
        contact = contacts.request_confirmation(observation, "rosa@example.org", language="fr", at=MONDAY)
        first = [contact.encrypted_address or "", contact.seed or "", contact.stop_hash or ""]
    with transaction():
        observation = db.session.get_one(Observation, number)
        contact = contacts.request_confirmation(observation, "rosa@example.com", language="fr", at=MONDAY)
        second = [contact.encrypted_address or "", contact.seed or "", contact.stop_hash or ""]
    assert [text for text in first if text.encode() in bytes_of(url)] == []
    with transaction():
        contacts.end_contact_of(db.session.get_one(Observation, number), Ending.STOPPED, by=journal.RESIDENT, at=MONDAY)
    assert [text for text in second if text.encode() in bytes_of(url)] == []


def test_an_erased_network_hash_leaves_no_byte(file_app: Flask, url: str) -> None:
    with transaction():
        receive_words()
        network_hash = floods.daily_network_hash(NETWORK, MONDAY).encode()
    assert network_hash in bytes_of(url)
    floods.erase_old_network_hashes_now()
    assert network_hash not in bytes_of(url)


def test_words_that_a_reader_kept_in_the_log_go_with_the_next_minute(file_app: Flask, url: str) -> None:
    with transaction():
        number = receive_words()
    with closing(sqlite.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM observation").fetchone() == (1,)
        erase_words(withdraw, number)
        assert words_on_disk(url) == WORDS, "the reader still reads what was"
        assert truncate_log() is False
        reader.execute("COMMIT")
    assert truncate_log() is True
    assert words_on_disk(url) == []
    assert [each.every for each in jobs.job_schedule(file_app) if each.function is truncate_log] == [60]


def test_a_request_never_waits_long_for_a_reader_of_the_log() -> None:
    assert cohab_report.db.TRUNCATION_BUSY_MILLISECONDS <= 500


def test_a_log_that_grew_is_cut_to_its_limit_by_the_next_write(
    file_app: Flask, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cohab_report.engines.LOG_SIZE_LIMIT", 32 * 1024)
    db.engine.dispose()
    log = Path(url.removeprefix("sqlite:///") + "-wal")
    with transaction():
        for _ in range(40):
            receive_words()
    assert log.stat().st_size > 4 * 32 * 1024
    with closing(db.engine.raw_connection()) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    with transaction():
        journal.record(BoundaryLoaded(thread="city", approximate=False), by=journal.SYSTEM, at=MONDAY)
    assert log.stat().st_size <= 32 * 1024


def test_what_stopped_without_closing_is_written_back_into_the_file(file_app: Flask, url: str, tmp_path: Path) -> None:
    with transaction():
        receive_words()
    source, copy = Path(url.removeprefix("sqlite:///")), tmp_path / "cohab.db"
    for suffix in ("", "-wal"):  # as after kill -9: the log stands beside an old file
        Path(f"{copy}{suffix}").write_bytes(Path(f"{source}{suffix}").read_bytes())
    assert WORDS[0].encode() not in copy.read_bytes()
    write_back_log(f"sqlite:///{copy}")
    assert WORDS[0].encode() in copy.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohab.db"]


@pytest.mark.parametrize("other", ["", "postgresql+psycopg://nobody@localhost:1/none", "sqlite:////nowhere/cohab.db"])
def test_where_there_is_no_file_nothing_is_written_back(other: str) -> None:
    write_back_log(other)
    assert not Path("/nowhere").exists()
