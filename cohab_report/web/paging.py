"""A long answer in pages with stable addresses. It counts and slices; it knows nothing of HTTP or of SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
SIZE = 50
FURTHEST = 10_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items of a longer answer: page `number` (from 1), `size` to a page, of `total` items in all."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def previous(self) -> int | None:
        """The number of the page before, or None on the first."""
        return min(self.number - 1, self.count) if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The number of the page after, or None on the last."""
        return self.number + 1 if self.number < self.count else None


def offset(number: int, size: int = SIZE) -> int:
    """How many items stand before this page."""
    return (number - 1) * size


def page_number(text: str | None) -> int:
    """The page that an address asks for; the first when the text is no sensible number."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 6:
        return 1
    return min(max(int(text), 1), FURTHEST)
