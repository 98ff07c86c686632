"""Row numbers as they stand outside."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.encrypted_numbers import ENCRYPTED_LENGTH, decrypt_number, encrypt_number
from cohab_report.errors import NotFound

KEY, OTHER_KEY = "c" * 40, "d" * 40
numbers = st.integers(0, 2**63 - 1)


@given(number=numbers)
def test_a_number_comes_back_from_its_text_and_from_no_other_table_or_key(number: int) -> None:
    text = encrypt_number("case", number, key=KEY)
    assert len(text) == ENCRYPTED_LENGTH and re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert decrypt_number("case", text, keys=[KEY]) == number
    for table, key in (("handover", KEY), ("case", OTHER_KEY)):
        with pytest.raises(NotFound):
            decrypt_number(table, text, keys=[key])


@given(number=numbers)
def test_neighbours_and_other_tables_look_alike_in_nothing(number: int) -> None:
    texts = {encrypt_number(table, number + more, key=KEY) for table in ("case", "handover") for more in (0, 1)}
    assert len({text[:6] for text in texts}) == 4


@pytest.mark.parametrize("text", ["", "1", "12", "x" * 32, "é" * 32, "=" * 32, "x" * 33, "\x00" * 32])
def test_what_is_no_such_text_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        decrypt_number("case", text, keys=[KEY])
