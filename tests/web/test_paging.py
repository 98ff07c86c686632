"""Page numbers in addresses."""

import pytest

from cohab_report.web.paging import page_number


@pytest.mark.parametrize(
    ("text", "number"),
    [(None, 1), ("", 1), ("0", 1), ("-3", 1), ("7", 7), ("abc", 1), ("\u0663", 1), ("9" * 40, 1), ("999999", 10_000)],
)
def test_an_address_asks_for_a_page_or_gets_the_first(text: str | None, number: int) -> None:
    assert page_number(text) == number
