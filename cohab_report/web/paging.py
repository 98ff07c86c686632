"""Pagination: page numbers, offsets and counts. Knows neither HTTP nor SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
PAGE_SIZE = 50
LAST_PAGE_NUMBER = 10_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a longer list: page `number` (from 1), of `size` items, of `total` items in all."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """Returns the number of pages, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def previous(self) -> int | None:
        """Returns the number of the page before, or None on the first."""
        return min(self.number - 1, self.count) if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """Returns the number of the page after, or None on the last."""
        return self.number + 1 if self.number < self.count else None


def offset(number: int, size: int = PAGE_SIZE) -> int:
    """Returns how many items precede this page."""
    return (number - 1) * size


def page_number(text: str | None) -> int:
    """Returns the page number of an address, from 1 to LAST_PAGE_NUMBER; 1 when the text is no such number."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 6:
        return 1
    return min(max(int(text), 1), LAST_PAGE_NUMBER)
