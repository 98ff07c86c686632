"""Limits of typed text: a line end counts once, as it does in the browser's own limit."""

import pytest

from cohab_report.errors import Invalid
from cohab_report.text_limits import required_text, text_within, trimmed_lines


def posted(characters: int) -> str:
    """Returns a text of so many characters, with line ends, as a browser posts it."""
    return "\r\n".join(["trois"] * 20).ljust(characters + 19, "x")


@pytest.mark.parametrize("check", [text_within, required_text])
def test_a_text_as_long_as_the_limit_is_accepted_and_one_character_more_is_not(check) -> None:
    text = check("note", posted(500), longest=500)
    assert len(text) == 500 and "\r" not in text and text.count("\n") == 19
    with pytest.raises(Invalid, match="note: too_long"):
        check("note", posted(501), longest=500)


def test_space_around_a_text_does_not_count() -> None:
    assert text_within("note", f"  {'x' * 500}\r\n", longest=500) == "x" * 500


@pytest.mark.parametrize("empty", ["", " ", "\r\n\r\n", "\t"])
def test_a_mandatory_text_of_nothing_but_space_is_missing(empty: str) -> None:
    assert text_within("note", empty, longest=500) == ""
    with pytest.raises(Invalid, match="note: missing"):
        required_text("note", empty, longest=500)


def test_a_field_that_was_not_sent_is_an_empty_text() -> None:
    assert trimmed_lines(None) == ""
