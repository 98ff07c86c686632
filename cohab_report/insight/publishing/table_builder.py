"""Builds the suppressed tables of a quarter: fixed tables, suppressed together, the same for every reader of a page.

Counts in, `QuarterTables` out; no database and no words. A worker builds them now and then, since suppression is hard
work; no page ever does. Concerns for a person are counted apart, in a table of their own that adds up to nothing else:
they are few, and would hide others. The public's tables leave them out altogether, are suppressed below 10 instead of
5, and are rounded to 5.

Tables of the same observations share their totals by kind, so they are suppressed together. The table of actions counts
links, which are more or fewer than observations (two links, none yet), so it is suppressed by itself: no sum ties it to
the others.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cohab_report.catalogue.models import Kind
from cohab_report.insight.intervals import SMALLEST_BASE, Interval, poisson_interval, share_interval
from cohab_report.insight.publishing.quarter_tables import (
    IN_PLAN,
    OTHER,
    OUT_OF_PLAN,
    POSITIVE,
    Figure,
    QuarterTables,
    Share,
    SuppressedRow,
    SuppressedTable,
)
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.queries import ActionQuarterCount, MonthlyCountValues
from cohab_report.insight.suppression import (
    COMMITTEE_THRESHOLD,
    PUBLIC_STEP,
    PUBLIC_THRESHOLD,
    CountTable,
    Entry,
    SafeTable,
    round_table,
    suppress,
    suppress_together,
)

ALL_KINDS = tuple(Kind)
ROUNDING_ERROR = PUBLIC_STEP // 2
"""By how much a rounded number may differ from its count. Its interval covers that of each count it may stand for."""
MAIN_KINDS = (Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE)


@dataclass(frozen=True)
class RowCodes:
    """The codes of the rows in their order, whatever was counted, and the codes of the ids that the counts hold."""

    sectors: tuple[str, ...]
    sector_codes: Mapping[int, str]
    kind_of: Mapping[str, Kind]
    """The kind of each category."""
    category_codes: Mapping[int, str]
    outcomes: tuple[str, ...]
    field_of: Mapping[str, str]
    """The field of each action."""
    action_codes: Mapping[int, str]

    def kind_of_count(self, count: MonthlyCountValues) -> Kind:
        """Returns the kind of the count's category, not the count's own, so that all tables agree."""
        return self.kind_of[self.category_codes[count.category_id]]


def share_with_interval(part: int | None, whole: int | None, *, rounding_error: int = 0) -> Share | None:
    """Returns the share of two shown counts with its exact interval, None when one is hidden or the whole below five.

    `rounding_error` is by how much rounding may have changed each of the two.
    """
    if part is None or whole is None or whole < SMALLEST_BASE:
        return None
    least, most = _rounded_counts(part, rounding_error)
    low = share_interval(least, max(whole + rounding_error, least)).low
    smallest_whole = whole - rounding_error
    return part / whole, Interval(low, share_interval(min(most, smallest_whole), smallest_whole).high)


def _rounded_counts(value: int, rounding_error: int) -> tuple[int, int]:
    """Returns the least and the largest count that a shown number may stand for; zero stands for zero alone."""
    return (value - rounding_error, value + rounding_error) if value else (0, 0)


def committee_tables(
    quarter: Quarter,
    counts: Sequence[MonthlyCountValues],
    action_counts: Sequence[ActionQuarterCount],
    codes: RowCodes,
) -> QuarterTables:
    """Builds the committee's tables of a quarter: all kinds, counts of 1 to 4 hidden, exact otherwise."""
    main_counts, concern_counts = _split_concerns(counts, codes)
    main_categories = tuple(code for code, kind in codes.kind_of.items() if kind in MAIN_KINDS)

    def main_table(
        rows: tuple[str, ...],
        row_of: Callable[[MonthlyCountValues], str],
        only_kind: Mapping[str, Kind] | None = None,
    ) -> CountTable:
        return _count_table(rows, MAIN_KINDS, _sum_by_row_and_kind(main_counts, codes, row_of), only_kind)

    tables = (
        main_table(_month_codes(quarter), lambda count: count.month.isoformat()),
        main_table(codes.sectors, lambda count: codes.sector_codes[count.sector_id]),
        main_table(main_categories, lambda count: codes.category_codes[count.category_id], codes.kind_of),
        main_table(codes.outcomes, lambda count: count.outcome),
        main_table((IN_PLAN, OUT_OF_PLAN), lambda count: OUT_OF_PLAN if count.is_out_of_plan else IN_PLAN),
    )
    months, sectors, categories, outcomes, plan_membership = suppress_together(tables, threshold=COMMITTEE_THRESHOLD)
    concern_sums = _sum_by_row_and_kind(concern_counts, codes, lambda count: count.outcome)
    concerns = _count_table(codes.outcomes, (Kind.CONCERN,), concern_sums)
    actions = _action_table(action_counts, ALL_KINDS, codes, lambda kind: kind.value)
    cases = sum(count.cases for count in main_counts)
    return QuarterTables(
        quarter,
        months=_suppressed_table("mois", months),
        sectors=_suppressed_table("secteurs", sectors),
        actions=_suppressed_table("actions", suppress(actions, threshold=COMMITTEE_THRESHOLD)),
        categories=_suppressed_table("categories", categories),
        outcomes=_suppressed_table("suites", outcomes),
        plan_membership=_suppressed_table("plan", plan_membership),
        concerns=_suppressed_table("inquietudes", suppress(concerns, threshold=COMMITTEE_THRESHOLD)),
        cases=cases if cases >= COMMITTEE_THRESHOLD else None,
        out_of_plan=share_with_interval(plan_membership.row_total(OUT_OF_PLAN).value, months.total.value),
    )


def public_tables(
    quarter: Quarter,
    counts: Sequence[MonthlyCountValues],
    action_counts: Sequence[ActionQuarterCount],
    codes: RowCodes,
) -> QuarterTables:
    """Builds the public tables of a quarter: no concerns for a person, counts of 1 to 9 hidden, others rounded to 5."""
    main_counts, _concern_counts = _split_concerns(counts, codes)
    month_sums = _sum_by_row_and_kind(main_counts, codes, lambda count: count.month.isoformat())
    sector_sums = _sum_by_row_and_kind(main_counts, codes, lambda count: codes.sector_codes[count.sector_id])
    tables = (
        _count_table(_month_codes(quarter), MAIN_KINDS, month_sums),
        _count_table(codes.sectors, MAIN_KINDS, sector_sums),
    )
    months, sectors = map(round_table, suppress_together(tables, threshold=PUBLIC_THRESHOLD))
    positive_or_other = _action_table(
        action_counts, MAIN_KINDS, codes, lambda kind: POSITIVE if kind is Kind.POSITIVE else OTHER
    )
    actions = round_table(suppress(positive_or_other, threshold=PUBLIC_THRESHOLD))
    rounded_table = partial(_suppressed_table, rounding_error=ROUNDING_ERROR)
    return QuarterTables(
        quarter,
        months=rounded_table("mois", months),
        sectors=rounded_table("secteurs", sectors),
        actions=rounded_table("actions", actions),
    )


def _suppressed_table(code: str, safe: SafeTable, *, rounding_error: int = 0) -> SuppressedTable:
    """Adds intervals and shares to the table, and leaves the reasons of hiding out."""
    row = partial(_suppressed_row, safe=safe, rounding_error=rounding_error)
    total = partial(_figure_with_interval, rounding_error=rounding_error)
    return SuppressedTable(
        code,
        safe.columns,
        tuple(row(code, entry_of=partial(safe.entry, code), total=safe.row_total(code)) for code in safe.rows),
        {key[1]: total(entry) for key, entry in safe.entries.items() if key[0] == "group"},
        {column: total(safe.column_total(column)) for column in safe.columns},
        row("total", entry_of=safe.column_total, total=safe.total),
    )


def _suppressed_row(
    code: str, *, safe: SafeTable, entry_of: Callable[[str], Entry | None], total: Entry, rounding_error: int
) -> SuppressedRow:
    entries = {column: entry_of(column) for column in safe.columns}
    positive = entries.get(POSITIVE)
    return SuppressedRow(
        code,
        tuple(None if entry is None else Figure(entry.value) for entry in entries.values()),
        _figure_with_interval(total, rounding_error=rounding_error),
        share_with_interval(positive.value, total.value, rounding_error=rounding_error) if positive else None,
    )


def _figure_with_interval(total: Entry, *, rounding_error: int) -> Figure:
    if total.value is None:
        return Figure(None)
    least, most = _rounded_counts(total.value, rounding_error)
    return Figure(total.value, Interval(poisson_interval(least).outward()[0], poisson_interval(most).outward()[1]))


def _month_codes(quarter: Quarter) -> tuple[str, ...]:
    return tuple(month.isoformat() for month in quarter.months)


def _split_concerns(
    counts: Iterable[MonthlyCountValues], codes: RowCodes
) -> tuple[list[MonthlyCountValues], list[MonthlyCountValues]]:
    """Returns the counts of the three kinds that weigh the same, and those of concerns for a person."""
    main_counts: list[MonthlyCountValues] = []
    concern_counts: list[MonthlyCountValues] = []
    for count in counts:
        (concern_counts if codes.kind_of_count(count) is Kind.CONCERN else main_counts).append(count)
    return main_counts, concern_counts


def _sum_by_row_and_kind(
    counts: Iterable[MonthlyCountValues], codes: RowCodes, row_of: Callable[[MonthlyCountValues], str]
) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for count in counts:
        sums[row_of(count), codes.kind_of_count(count).value] += count.observations
    return sums


def _count_table(
    rows: tuple[str, ...],
    kinds: Iterable[Kind],
    sums: Mapping[tuple[str, str], int],
    only_kind: Mapping[str, Kind] | None = None,
) -> CountTable:
    """Returns the table of these sums; `only_kind` names the one kind that a row can have, all others become None."""
    columns = tuple(kind.value for kind in kinds)
    lines = [
        tuple(None if only_kind and only_kind[row] != column else sums.get((row, column), 0) for column in columns)
        for row in rows
    ]
    return CountTable(rows, columns, tuple(lines))


def _action_table(
    action_counts: Iterable[ActionQuarterCount],
    kinds: Sequence[Kind],
    codes: RowCodes,
    column_of: Callable[[Kind], str],
) -> CountTable:
    """Returns actions by kind, grouped by field. An observation that counts toward two actions is in both rows."""
    sums: Counter[tuple[str, str]] = Counter()
    for count in action_counts:
        if count.kind in kinds and count.action_id in codes.action_codes:
            sums[codes.action_codes[count.action_id], column_of(count.kind)] += count.observations
    columns = tuple(dict.fromkeys(map(column_of, kinds)))
    lines = tuple(tuple(sums[row, column] for column in columns) for row in codes.field_of)
    return CountTable(tuple(codes.field_of), columns, lines, tuple(codes.field_of.values()))
