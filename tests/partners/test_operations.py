"""Sign-in of staff; a changed password ends every session."""

from datetime import timedelta
from time import perf_counter

import pytest
from argon2 import PasswordHasher

from cohab_report import journal
from cohab_report.errors import Invalid
from cohab_report.partners import operations, passwords, queries
from cohab_report.partners.models import Person
from tests.cast import Cast
from tests.factories import MONDAY

PASSWORD = "quatre saules au bord de l’eau"


@pytest.fixture
def lin(cast: Cast) -> Person:
    cast.lin.password_hash = passwords.hash_password(PASSWORD)
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
    operations.sign_in(lin.email, PASSWORD, at=MONDAY)
    assert not passwords.is_outdated(lin.password_hash)
    assert passwords.matches(PASSWORD, lin.password_hash)


def test_a_changed_password_ends_every_session(lin: Person) -> None:
    before = lin.get_id()
    assert queries.person_of_session(before) is lin
    operations.change_password(lin, "un autre mot de passe", by=lin, at=MONDAY + timedelta(days=1))
    assert queries.person_of_session(before) is None
    assert queries.person_of_session(lin.get_id()) is lin
    with pytest.raises(Invalid):
        operations.sign_in(lin.email, PASSWORD, at=MONDAY)


@pytest.mark.parametrize(
    "session_id", ["", "1", "1.", ".1", "x.1", "1.x", "-1.1", "9" * 40 + ".1", "\u0661.1", "1.1.1"]
)
def test_a_made_up_session_belongs_to_nobody(cast: Cast, session_id: str) -> None:
    assert queries.person_of_session(session_id) is None
