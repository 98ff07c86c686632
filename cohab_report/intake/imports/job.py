"""The import itself: batch after batch, each in a transaction of its own, so that it can be stopped anywhere and started again.

Every row goes through `receive` like a resident's own, tells nobody (it is history), and doubles nothing: a row that is already there is
counted as such. What should become of rows that were finished elsewhere is decided downstream, by the `settle` that the caller gives.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app

from cohab_report import journal, sheets
from cohab_report.catalogue import queries as catalogue
from cohab_report.db import transaction
from cohab_report.errors import Invalid
from cohab_report.intake import operations, queries
from cohab_report.intake.imports import translation
from cohab_report.intake.imports.mapping import SourceMapping
from cohab_report.intake.imports.reading import ForeignRow
from cohab_report.intake.imports.translation import Translated
from cohab_report.intake.models import Observation
from cohab_report.settings import Settings
from cohab_report.territory import queries as territory

Settle = Callable[[Observation, Translated], bool]
"""Does what is due for a row that was finished elsewhere, and says whether anything was."""


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken: its number, what they call it, and why, in codes; never a word of a resident."""

    row: int
    their_id: str
    field: str
    reason: str


@dataclass
class ImportReport:
    """How far an import is."""

    rows: int = 0
    imported: int = 0
    already: int = 0
    settled: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        taken = (
            f"{self.rows} rows: {self.imported} imported ({self.settled} of them closed), {self.already} already there"
        )
        reasons = (f"  {reason}: {count}" for reason, count in self.refused.most_common())
        return "\n".join([f"{taken}, {self.refused.total()} refused", *reasons])


class _Undone(Exception):
    """What a rehearsal ends each of its batches with."""


@contextmanager
def kept_unless(*, undone: bool) -> Iterator[None]:
    """A transaction, committed on return unless it is to be `undone`."""
    with suppress(_Undone), transaction():
        yield
        _end(undone=undone)


def _end(*, undone: bool) -> None:
    if undone:
        raise _Undone


@dataclass
class Import:
    """One run over a file's rows: `run` goes through them, `report` tells how far it is."""

    mapping: SourceMapping
    at: datetime
    settle: Settle | None = None
    is_rehearsal: bool = False
    report: ImportReport = field(default_factory=ImportReport)
    _seen: set[UUID] = field(default_factory=set)

    def run(self, rows: Iterable[ForeignRow], *, batch: int = 200) -> Iterator[tuple[int, Sequence[Refusal]]]:
        """Takes the rows batch by batch and tells after each commit how many rows it was and which of them were refused.

        Raises `sheets.Refused` before the first one when the mapping names a category that is not there.
        """
        asking, zone, waiting = asking_categories(self.mapping), territory.ground().zone, iter(rows)
        while taken := list(islice(waiting, batch)):
            with kept_unless(undone=self.is_rehearsal), journal.told_to_nobody():
                known = set(queries.known_client_ids(self._ids(taken))) | self._seen
                refusals = [refusal for row in taken if (refusal := self._take(row, asking, zone, known))]
            if self.is_rehearsal:  # nothing of it is in the database, to be found there by the next batch
                self._seen |= known
            yield len(taken), refusals

    def _take(self, row: ForeignRow, asking: Container[str], zone: ZoneInfo, known: set[UUID]) -> Refusal | None:
        self.report.rows += 1
        try:
            found = translation.translated(row, self.mapping, asking=asking, key=_key(), zone=zone, now=self.at)
            if found.draft.client_id in known:
                self.report.already += 1
                return None
            observation = operations.receive(found.draft, at=found.at)
        except Invalid as trouble:
            self.report.refused[f"{trouble.field}.{trouble.reason}"] += 1
            return Refusal(row.number, row.values.get(self.mapping.columns["id"], ""), trouble.field, trouble.reason)
        known.add(found.draft.client_id)
        self.report.imported += 1
        if self.settle is not None and found.closed_at is not None:
            self.report.settled += self.settle(observation, found)
        return None

    def _ids(self, rows: Iterable[ForeignRow]) -> list[UUID]:
        column = self.mapping.columns["id"]
        return [
            translation.client_id(self.mapping.source, row.values[column], _key())
            for row in rows
            if row.values.get(column)
        ]


def asking_categories(mapping: SourceMapping) -> frozenset[str]:
    """The categories that ask about belongings; raises `sheets.Refused` when the mapping names one that can't be imported to."""
    there = {category.code: category for category in catalogue.categories()}
    unknown = [sheets.unknown(code, there, "categories") for code in mapping.category_codes if code not in there]
    closed = [
        f"'{code}' only gives a signpost"
        for code in mapping.category_codes & set(there)
        if not there[code].opens_the_form
    ]
    if unknown or closed:
        raise sheets.Refused(sheets.Mistake("mapping", 1, "categories", what) for what in (*unknown, *closed))
    return frozenset(code for code, category in there.items() if category.asks_belongings)


def _key() -> str:
    return cast(Settings, current_app.config["SETTINGS"]).code_key
