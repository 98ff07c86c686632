"""Pagination."""

import pytest

from cohab_report.web.paging import Page, offset, page_number


@pytest.mark.parametrize(
    ("text", "number"),
    [(None, 1), ("", 1), ("0", 1), ("-3", 1), ("7", 7), ("abc", 1), ("\u0663", 1), ("9" * 40, 1), ("999999", 10_000)],
)
def test_an_address_asks_for_a_page_or_gets_the_first(text: str | None, number: int) -> None:
    assert page_number(text) == number


@pytest.mark.parametrize(
    ("number", "total", "count", "previous", "following"),
    [(1, 0, 1, None, None), (1, 50, 1, None, None), (1, 51, 2, None, 2), (2, 51, 2, 1, None), (9, 51, 2, 2, None)],
)
def test_a_page_knows_its_neighbours(
    number: int, total: int, count: int, previous: int | None, following: int | None
) -> None:
    page: Page[str] = Page((), number, 50, total)
    assert (page.count, page.previous, page.next) == (count, previous, following)


def test_the_items_before_a_page() -> None:
    assert [offset(number, 20) for number in (1, 2, 3)] == [0, 20, 40]
