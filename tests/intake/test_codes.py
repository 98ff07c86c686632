"""A follow-up code can be read aloud, mistyped and recognised; it can't be guessed."""

import itertools
import math
import random
from collections import Counter
from uuid import UUID, uuid1, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.errors import Invalid
from cohab_report.intake.codes import (
    ALPHABET,
    CODE_LENGTH,
    REFERENCE_CHARACTERS,
    REFERENCE_LENGTH,
    REFERENCE_LETTERS,
    code_for,
    code_hash,
    code_problem,
    new_reference,
)

KEY = "a key for tests only"
ROSA = UUID("6f1c0a52-7a0e-4c57-9a35-0d3a5b8a7c11")


def codes(count: int, seed: int = 7) -> list[str]:
    """Codes of so many random version 4 UUIDs."""
    rng = random.Random(seed)
    return [code_for(UUID(int=rng.getrandbits(128), version=4), KEY) for _ in range(count)]


def characters_of(code: str) -> str:
    return code.replace("-", "")


def test_a_code_is_five_groups_of_four_and_the_same_for_the_same_observation() -> None:
    code = code_for(ROSA, KEY)
    assert [len(group) for group in code.split("-")] == [4] * 5
    assert set(characters_of(code)) <= set(ALPHABET)
    assert code == code_for(ROSA, KEY.encode())
    assert code != code_for(ROSA, "another key")


def test_the_same_uuid_gives_the_same_code_from_one_release_to_the_next() -> None:
    assert code_for(ROSA, KEY) == "AQ66-0A6N-4MT2-RD42-CEKB"


@pytest.mark.parametrize(
    "client_id",
    [
        uuid1(),
        UUID(int=0),
        UUID(int=2**128 - 1),
        UUID("6f1c0a52-7a0e-7c57-9a35-0d3a5b8a7c11"),
        UUID("6f1c0a52-7a0e-4c57-1a35-0d3a5b8a7c11"),
    ],
    ids=["version 1", "nil", "max", "version 7", "version 4 of another variant"],
)
def test_only_a_random_uuid_is_accepted(client_id: UUID) -> None:
    with pytest.raises(Invalid, match="not_version_4"):
        code_for(client_id, KEY)


def test_two_hundred_thousand_codes_never_collide_and_use_every_character_evenly() -> None:
    many = codes(200_000)
    assert len(set(many)) == len(many)
    for place in range(CODE_LENGTH):
        counts = Counter(characters_of(code)[place] for code in many)
        assert len(counts) == 32
        expected = len(many) / 32
        chi_square = sum((count - expected) ** 2 / expected for count in counts.values())
        assert chi_square < 85, f"place {place}: {chi_square}"  # 31 degrees of freedom: p ≈ 5e-7
    assert (CODE_LENGTH - 1) * math.log2(len(ALPHABET)) == 95


def test_the_check_character_detects_every_wrong_character() -> None:
    for code in codes(20):
        characters = characters_of(code)
        for place, wrong in itertools.product(range(CODE_LENGTH), ALPHABET):
            if wrong != characters[place]:
                typed = characters[:place] + wrong + characters[place + 1 :]
                assert code_problem(typed) == "check"


def test_the_check_character_detects_every_swap_of_two_characters() -> None:
    for code in codes(40):
        characters = characters_of(code)
        for one, other in itertools.combinations(range(CODE_LENGTH), 2):
            if characters[one] != characters[other]:
                swapped = list(characters)
                swapped[one], swapped[other] = swapped[other], swapped[one]
                assert code_problem("".join(swapped)) == "check"


@given(st.uuids(version=4), st.data())
def test_a_code_is_read_back_however_it_is_written(client_id: UUID, data: st.DataObject) -> None:
    code = code_for(client_id, KEY)
    typed = ""
    for character in characters_of(code):
        alike = {"0": "0Oo", "1": "1IiLl"}.get(character, character + character.lower())
        typed += data.draw(st.sampled_from(alike)) + data.draw(
            st.sampled_from(["", "", " ", "-", "\u00a0", "–", "\u200b"])
        )
    assert code_hash(typed, KEY) == code_hash(code, KEY)
    assert code_problem(typed) is None


@pytest.mark.parametrize(
    "typed",
    ["", "K7QF", "AQ66-0A6N-4MT2-RD42-CEKB-", "UUUU-UUUU-UUUU-UUUU-UUUU", "é" * 20, "AQ66-0A6N-4MT2-RD42-CEKB9"],
)
def test_what_is_not_a_code_differs_from_a_code_with_a_mistake(typed: str) -> None:
    trailing_dash_only = typed.endswith("-")
    assert code_problem(typed) == (None if trailing_dash_only else "malformed")


@given(st.text())
def test_anything_may_be_typed(typed: str) -> None:
    assert code_problem(typed) in {None, "malformed", "check"}


def test_only_a_keyed_hash_is_stored() -> None:
    code = code_for(ROSA, KEY)
    stored = code_hash(code, KEY)
    assert stored == code_hash(characters_of(code).lower(), KEY)
    assert stored != code_hash(code, "another key")
    assert len(stored) == 64
    assert characters_of(code) not in stored.upper()
    with pytest.raises(Invalid, match="check"):
        code_hash(code[:-1] + ("0" if code[-1] != "0" else "1"), KEY)


def test_code_and_hash_are_not_the_same_mac() -> None:
    assert code_hash(code_for(ROSA, KEY), KEY)[:19].upper() != characters_of(code_for(ROSA, KEY))[:19]


def test_a_reference_is_short_and_spells_nothing() -> None:
    rng = random.Random(7)
    many = [new_reference(rng) for _ in range(5_000)]
    for reference in many:
        assert len(reference) == REFERENCE_LENGTH
        assert set(reference) <= set(REFERENCE_CHARACTERS)
        letters = "".join(character if character in REFERENCE_LETTERS else " " for character in reference)
        assert max(map(len, letters.split()), default=0) <= 2
    assert not set(REFERENCE_CHARACTERS) & set("AEIOUY01LBS5ZG")
    assert len(set(many)) == len(many)
    assert new_reference() != new_reference()


def test_codes_of_two_observations_differ_everywhere() -> None:
    one, other = characters_of(code_for(uuid4(), KEY)), characters_of(code_for(uuid4(), KEY))
    assert sum(a != b for a, b in zip(one, other, strict=True)) > 8
