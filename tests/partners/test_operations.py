"""Sign-in of staff; a changed password ends every session."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.db import db, transaction
from cohab_report.errors import Invalid, NotFound
from cohab_report.partners import operations, passwords, queries
from cohab_report.partners.models import Person, Role
from tests.cast import Cast
from tests.factories import MONDAY

PASSWORD = "quatre saules au bord de l’eau"


@pytest.fixture
def lin(cast: Cast) -> Person:
    cast.lin.password_hash = passwords.hash_password(PASSWORD)
    db.session.commit()
    return cast.lin


def test_lin_signs_in_however_she_types_her_address(lin: Person) -> None:
    person = operations.sign_in(" Lin@Rivebelle.Example ", PASSWORD, at=MONDAY)
    assert person is lin
    assert lin.last_sign_in_at == MONDAY
    assert [event.name for event in journal.history(lin.journal_name)] == ["person.signed_in"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("lin@rivebelle.example", PASSWORD + " "),
        ("lin@rivebelle.example", ""),
        ("nobody@rivebelle.example", PASSWORD),
        ("", ""),
        ("lin@rivebelle.example\0", PASSWORD),
        ("x" * 100_000, "y" * 100_000),
    ],
)
def test_whoever_does_not_know_both_is_refused_alike(lin: Person, email: str, password: str) -> None:
    if "\0" in email:
        email = email.replace("\0", "%00")
    with pytest.raises(Invalid) as refused:
        operations.sign_in(email, password, at=MONDAY)
    assert (refused.value.field, refused.value.reason) == ("password", "no_match")
    assert lin.last_sign_in_at is None


def test_a_closed_account_is_refused_like_a_wrong_password(lin: Person) -> None:
    lin.is_active = False
    db.session.commit()
    with pytest.raises(Invalid):
        operations.sign_in(lin.email, PASSWORD, at=MONDAY)


def test_a_hash_that_is_no_hash_opens_to_nobody(cast: Cast) -> None:
    with pytest.raises(Invalid):
        operations.sign_in(cast.ana.email, "not-a-hash", at=MONDAY)


def test_an_unknown_address_takes_as_long_as_a_wrong_password(lin: Person) -> None:
    def duration(email: str) -> float:
        start = perf_counter()
        with pytest.raises(Invalid):
            operations.sign_in(email, "wrong", at=MONDAY)
        return perf_counter() - start

    duration("warm-up@rivebelle.example")
    known, unknown = (
        min(duration(lin.email) for _ in range(3)),
        min(duration("nobody@rivebelle.example") for _ in range(3)),
    )
    assert unknown > known / 3, "an address is told to be unknown by the time it takes"


def test_a_weak_old_hash_is_made_anew_at_the_next_sign_in(lin: Person) -> None:
    lin.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.commit()
    operations.sign_in(lin.email, PASSWORD, at=MONDAY)
    assert not passwords.is_outdated(lin.password_hash)
    assert passwords.matches(PASSWORD, lin.password_hash)


def test_a_changed_password_a_closed_account_and_another_role_end_every_session(lin: Person) -> None:
    def ends_sessions(change: Callable[[], object]) -> bool:
        operations.start_session(lin, at=MONDAY)
        db.session.flush()
        token = lin.get_id()
        assert queries.person_of_session(token) is lin
        change()
        db.session.flush()
        return queries.person_of_session(token) is None and queries.open_sessions(lin) == []

    new_hash = passwords.hash_password("un autre mot de passe")
    assert ends_sessions(lambda: operations.change_password(lin, new_hash, by=lin, at=MONDAY))
    assert ends_sessions(lambda: operations.change_role(lin, Role.TRIAGER, by=journal.SYSTEM, at=MONDAY))
    assert ends_sessions(lambda: operations.close_account(lin, by=journal.SYSTEM, at=MONDAY))
    db.session.commit()
    with pytest.raises(Invalid):
        operations.sign_in(lin.email, PASSWORD, at=MONDAY)


def test_sessions_are_ended_one_by_one_or_all_but_the_present_one_and_never_another_person_s(
    cast: Cast, lin: Person
) -> None:
    tokens = []
    for person in (lin, lin, lin, cast.ana):
        operations.start_session(person, at=MONDAY)
        db.session.flush()
        tokens.append(person.session_token)
    of_ana = queries.session_by_token(tokens[3])
    with pytest.raises(NotFound):
        operations.end_session(lin, of_ana.id, at=MONDAY)
    operations.end_session(lin, queries.session_by_token(tokens[0]).id, at=MONDAY)
    assert [queries.person_of_session(token) for token in tokens] == [None, lin, lin, cast.ana]
    assert operations.end_sessions(lin, by=lin, at=MONDAY, except_token=tokens[2]) == 1
    assert [queries.person_of_session(token) for token in tokens] == [None, None, lin, cast.ana]


def test_a_copy_of_the_database_opens_no_session(lin: Person) -> None:
    operations.start_session(lin, at=MONDAY)
    db.session.flush()
    stored = queries.session_by_token(lin.session_token)
    assert lin.session_token not in stored.token_hash
    assert queries.person_of_session(stored.token_hash) is None


def test_sessions_that_no_cookie_opens_any_more_are_deleted(lin: Person) -> None:
    for age in (timedelta(hours=23), timedelta(hours=25)):
        operations.start_session(lin, at=MONDAY - age)
    db.session.flush()
    assert operations.delete_old_sessions(at=MONDAY) == 1
    assert len(queries.open_sessions(lin)) == 1


@pytest.mark.parametrize("token", ["", "1", "1.1", "x" * 43, "\u0661", "\ud800", "a" * 10_000])
def test_a_made_up_session_belongs_to_nobody(cast: Cast, token: str) -> None:
    operations.start_session(cast.ana, at=MONDAY)
    db.session.flush()
    assert queries.person_of_session(token) is None


def test_no_password_is_hashed_while_other_writers_wait(session: Session, cast: Cast) -> None:
    with transaction():
        for slow in (lambda: passwords.hash_password(PASSWORD), lambda: passwords.matches(PASSWORD, "a hash")):
            with pytest.raises(RuntimeError, match="inside a transaction"):
                slow()


@pytest.mark.parametrize(
    ("email", "name", "role", "refused"),
    [
        ("nora", "Nora", Role.PILOT, "email: malformed"),
        ("no ra@rivebelle.example", "Nora", Role.PILOT, "email: malformed"),
        (" LIN@rivebelle.example", "Lin", Role.PILOT, "email: taken"),
        ("nora@rivebelle.example", " ", Role.PILOT, "name: missing"),
        ("nora@rivebelle.example", "Nora", Role.PARTNER, "partner: missing"),
    ],
)
def test_an_account_that_nobody_could_use_is_not_created(
    cast: Cast, email: str, name: str, role: Role, refused: str
) -> None:
    with pytest.raises(Invalid) as error:
        operations.create_person(email, name, role, None, password_hash="hash", by=journal.SYSTEM, at=MONDAY)
    assert f"{error.value.field}: {error.value.reason}" == refused
