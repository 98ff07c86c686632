"""The import job: each batch has a transaction of its own, so that it can be stopped anywhere and restarted.

Every row goes through `receive` like a resident's own, notifies nobody (it is history), and is imported once only.
Whether rows finished elsewhere are closed here is decided downstream, by the caller's `close_imported`.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from cohab_report import csv_tables, journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.db import transaction
from cohab_report.errors import Invalid
from cohab_report.intake import queries, receiving
from cohab_report.intake.imports import translation
from cohab_report.intake.imports.mapping import SourceMapping
from cohab_report.intake.imports.reading import ExportRow
from cohab_report.intake.imports.translation import TranslatedRow
from cohab_report.intake.models import Observation
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory

CloseImported = Callable[[Observation, TranslatedRow], bool]
"""Closes what was finished elsewhere; returns whether it closed anything."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not imported: its number, its id in the other system and why, in codes.

    It holds no word of a resident.
    """

    row: int
    their_id: str
    field: str
    reason: str


@dataclass
class ImportProgress:
    """Counts of an import so far."""

    rows: int = 0
    imported: int = 0
    existing: int = 0
    closed: int = 0
    refusal_counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        counts = (
            f"{self.rows} rows: {self.imported} imported ({self.closed} of them closed), {self.existing} already there"
        )
        reasons = (f"  {reason}: {count}" for reason, count in self.refusal_counts.most_common())
        return "\n".join([f"{counts}, {self.refusal_counts.total()} refused", *reasons])


class _RollBack(Exception):
    """Ends each batch of a dry run."""


@contextmanager
def batch_transaction(*, is_dry_run: bool) -> Iterator[None]:
    """Opens the transaction of one batch; it is rolled back at the end if `is_dry_run`."""
    with suppress(_RollBack), transaction():
        yield
        _roll_back_if(is_dry_run=is_dry_run)


def _roll_back_if(*, is_dry_run: bool) -> None:
    if is_dry_run:
        raise _RollBack


@dataclass
class Import:
    """One run over a file's rows: `run` imports them, `progress` counts them."""

    mapping: SourceMapping
    at: datetime
    close_imported: CloseImported | None = None
    is_dry_run: bool = False
    progress: ImportProgress = field(default_factory=ImportProgress)
    _rehearsed_ids: set[UUID] = field(default_factory=set)

    def run(self, rows: Iterable[ExportRow], *, batch: int = 200) -> Iterator[tuple[int, Sequence[RefusedRow]]]:
        """Imports the rows batch by batch; yields after each commit the number of rows and the refused ones.

        Raises `csv_tables.TableRefused` before the first batch when the mapping names a category that does not exist.
        """
        asking_belongings, zone, remaining = (
            categories_asking_belongings(self.mapping),
            territory.city_facts().zone,
            iter(rows),
        )
        while batch_rows := list(islice(remaining, batch)):
            with batch_transaction(is_dry_run=self.is_dry_run), journal.without_announcement():
                known_ids = set(queries.received_client_ids(self._ids(batch_rows))) | self._rehearsed_ids
                refusals = [
                    refusal for row in batch_rows if (refusal := self._take(row, asking_belongings, zone, known_ids))
                ]
            if self.is_dry_run:  # nothing of it is in the database, to be found there by the next batch
                self._rehearsed_ids |= known_ids
            yield len(batch_rows), refusals

    def _take(
        self, row: ExportRow, asking_belongings: Container[str], zone: ZoneInfo, known_ids: set[UUID]
    ) -> RefusedRow | None:
        self.progress.rows += 1
        try:
            translated = translation.translate_row(
                row,
                self.mapping,
                asking_belongings=asking_belongings,
                key=current_settings().newest_code_key,
                zone=zone,
                now=self.at,
            )
            if not known_ids.isdisjoint(self._ids([row])):
                self.progress.existing += 1
                return None
            observation = receiving.receive(translated.submission, at=translated.received_at)
        except Invalid as refusal:
            self.progress.refusal_counts[f"{refusal.field}.{refusal.reason}"] += 1
            return RefusedRow(row.number, row.values.get(self.mapping.columns["id"], ""), refusal.field, refusal.reason)
        known_ids.add(translated.submission.client_id)
        self.progress.imported += 1
        if self.close_imported is not None and translated.closed_at is not None:
            self.progress.closed += self.close_imported(observation, translated)
        return None

    def _ids(self, rows: Iterable[ExportRow]) -> list[UUID]:
        """Returns the client ids of these rows, also those that older code keys gave them."""
        column = self.mapping.columns["id"]
        return [
            translation.import_client_id(self.mapping.source, row.values[column], key)
            for row in rows
            if row.values.get(column)
            for key in current_settings().code_keys
        ]


def categories_asking_belongings(mapping: SourceMapping) -> frozenset[str]:
    """Returns the codes of the categories that ask about belongings.

    Raises `csv_tables.TableRefused` when the mapping names a category that can't be imported to.
    """
    categories = {category.code: category for category in catalogue.categories()}
    unknown = [
        csv_tables.unknown_code_sentence(code, categories, "categories")
        for code in mapping.category_codes
        if code not in categories
    ]
    closed = [
        f"'{code}' only gives a signpost"
        for code in mapping.category_codes & set(categories)
        if not categories[code].opens_the_form
    ]
    if unknown or closed:
        raise csv_tables.TableRefused(
            csv_tables.Mistake("mapping", 1, "categories", problem) for problem in (*unknown, *closed)
        )
    return frozenset(code for code, category in categories.items() if category.asks_belongings)
