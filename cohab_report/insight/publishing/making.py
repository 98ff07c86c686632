"""What is published of a quarter: fixed tables, suppressed together, the same for every reader of the same page.

Counts in, editions out; no database and no words. A worker makes them now and then, since suppression is hard work; no page ever does.
Concerns for a person are counted apart, in a table of their own that adds up to nothing else: they are few, and would hide others. The
public edition leaves them out altogether, suppresses below 10 instead of 5, and is rounded to 5.

Tables of the same observations share their totals by kind, so they are suppressed together. The table of actions counts links, which are
more or fewer than observations (two links, none yet), so it is suppressed by itself: no sum ties it to the others.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cohab_report.catalogue.models import Kind
from cohab_report.insight.figures import SMALLEST_BASE, Interval, poisson_interval, share_interval
from cohab_report.insight.publishing.editions import (
    IN_PLAN,
    OTHER,
    OUT_OF_PLAN,
    POSITIVE,
    Edition,
    Figure,
    Published,
    Row,
    Share,
)
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.queries import Counted, CountedLink
from cohab_report.insight.suppression import (
    INSIDE,
    PUBLIC,
    PUBLIC_STEP,
    Cell,
    SafeTable,
    Table,
    rounded,
    suppress,
    suppress_together,
)

ALL_KINDS = tuple(Kind)
UNSAID = PUBLIC_STEP // 2
"""By how much a rounded number may differ from what was counted: an interval around it covers that of each count it may stand for."""
MAIN_KINDS = (Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE)


@dataclass(frozen=True)
class Names:
    """The codes of rows in their order, whatever was counted, and the codes of the numbers that the cube holds."""

    sectors: tuple[str, ...]
    sector_codes: Mapping[int, str]
    kind_of: Mapping[str, Kind]
    """The kind of each category."""
    category_codes: Mapping[int, str]
    outcomes: tuple[str, ...]
    field_of: Mapping[str, str]
    """The field of each action."""
    action_codes: Mapping[int, str]

    def kind_counted(self, cell: Counted) -> Kind:
        """The kind of the cell's category, so that all tables agree."""
        return self.kind_of[self.category_codes[cell.category_id]]


def share(part: int | None, whole: int | None, *, unsaid: int = 0) -> Share | None:
    """A share of shown counts with its exact interval; None when one is hidden or the whole is below five.

    `unsaid` is by how much rounding may have changed the two.
    """
    if part is None or whole is None or whole < SMALLEST_BASE:
        return None
    least, most = _counts_behind(part, unsaid)
    low = share_interval(least, max(whole + unsaid, least)).low
    return part / whole, Interval(low, share_interval(min(most, whole - unsaid), whole - unsaid).high)


def _counts_behind(value: int, unsaid: int) -> tuple[int, int]:
    """The least and the most that a shown number may stand for; none stands for none."""
    return (value - unsaid, value + unsaid) if value else (0, 0)


def for_committee(quarter: Quarter, cells: Sequence[Counted], links: Sequence[CountedLink], names: Names) -> Edition:
    """The quarter's tables inside: all kinds, counts of 1 to 4 hidden, exact otherwise."""
    told, apart = _parted(cells, names)
    in_order = tuple(code for code, kind in names.kind_of.items() if kind in MAIN_KINDS)
    tables = (
        _table(_months(quarter), MAIN_KINDS, _sum(told, names, lambda cell: cell.month.isoformat())),
        _table(names.sectors, MAIN_KINDS, _sum(told, names, lambda cell: names.sector_codes[cell.sector_id])),
        _table(
            in_order, MAIN_KINDS, _sum(told, names, lambda cell: names.category_codes[cell.category_id]), names.kind_of
        ),
        _table(names.outcomes, MAIN_KINDS, _sum(told, names, lambda cell: cell.outcome)),
        _table(
            (IN_PLAN, OUT_OF_PLAN),
            MAIN_KINDS,
            _sum(told, names, lambda cell: OUT_OF_PLAN if cell.is_out_of_plan else IN_PLAN),
        ),
    )
    months, sectors, categories, outcomes, reach = suppress_together(tables, threshold=INSIDE)
    concerns = _table(names.outcomes, (Kind.CONCERN,), _sum(apart, names, lambda cell: cell.outcome))
    actions = suppress(_actions(links, ALL_KINDS, names, lambda kind: kind.value), threshold=INSIDE)
    grouped = sum(cell.cases for cell in told)
    return Edition(
        quarter, _published("mois", months), _published("secteurs", sectors), _published("actions", actions),
        _published("categories", categories), _published("suites", outcomes), _published("plan", reach),
        _published("inquietudes", suppress(concerns, threshold=INSIDE)), cases=grouped if grouped >= INSIDE else None,
        out_of_plan=share(reach.row_total(OUT_OF_PLAN).value, months.total.value),
    )  # fmt: skip


def for_public(quarter: Quarter, cells: Sequence[Counted], links: Sequence[CountedLink], names: Names) -> Edition:
    """The quarter's tables outside: no concern for a person, counts of 1 to 9 hidden, what is shown rounded to 5."""
    told, _apart = _parted(cells, names)
    tables = (
        _table(_months(quarter), MAIN_KINDS, _sum(told, names, lambda cell: cell.month.isoformat())),
        _table(names.sectors, MAIN_KINDS, _sum(told, names, lambda cell: names.sector_codes[cell.sector_id])),
    )
    months, sectors = map(rounded, suppress_together(tables, threshold=PUBLIC))
    split = _actions(links, MAIN_KINDS, names, lambda kind: POSITIVE if kind is Kind.POSITIVE else OTHER)
    actions = rounded(suppress(split, threshold=PUBLIC))
    table = partial(_published, unsaid=UNSAID)
    return Edition(quarter, table("mois", months), table("secteurs", sectors), table("actions", actions))


def _published(code: str, safe: SafeTable, *, unsaid: int = 0) -> Published:
    """The table with its intervals and shares, and without the reasons of hiding."""
    row, total = partial(_row, safe=safe, unsaid=unsaid), partial(_total, unsaid=unsaid)
    rows = tuple(row(code, cell_of=partial(safe.cell, code), total=safe.row_total(code)) for code in safe.rows)
    groups = {key[1]: total(cell) for key, cell in safe.shown.items() if key[0] == "group"}
    kinds = {column: total(safe.column_total(column)) for column in safe.columns}
    return Published(code, safe.columns, rows, groups, kinds, row("total", cell_of=safe.column_total, total=safe.total))


def _row(code: str, *, safe: SafeTable, cell_of: Callable[[str], Cell | None], total: Cell, unsaid: int) -> Row:
    cells = {column: cell_of(column) for column in safe.columns}
    positive = cells.get(POSITIVE)
    shown = tuple(None if cell is None else Figure(cell.value) for cell in cells.values())
    return Row(
        code,
        shown,
        _total(total, unsaid=unsaid),
        share(positive.value, total.value, unsaid=unsaid) if positive else None,
    )


def _total(cell: Cell, *, unsaid: int) -> Figure:
    if cell.value is None:
        return Figure(None)
    least, most = _counts_behind(cell.value, unsaid)
    return Figure(cell.value, Interval(poisson_interval(least).outward()[0], poisson_interval(most).outward()[1]))


def _months(quarter: Quarter) -> tuple[str, ...]:
    return tuple(month.isoformat() for month in quarter.months)


def _parted(cells: Iterable[Counted], names: Names) -> tuple[list[Counted], list[Counted]]:
    """The cells of the three kinds that weigh the same, and those of concerns for a person."""
    told: list[Counted] = []
    apart: list[Counted] = []
    for cell in cells:
        (apart if names.kind_counted(cell) is Kind.CONCERN else told).append(cell)
    return told, apart


def _sum(cells: Iterable[Counted], names: Names, row: Callable[[Counted], str]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        counts[row(cell), names.kind_counted(cell).value] += cell.observations
    return counts


def _table(
    rows: tuple[str, ...],
    kinds: Iterable[Kind],
    counts: Mapping[tuple[str, str], int],
    only: Mapping[str, Kind] | None = None,
) -> Table:
    columns = tuple(kind.value for kind in kinds)
    lines = [
        tuple(None if only and only[row] != column else counts.get((row, column), 0) for column in columns)
        for row in rows
    ]
    return Table(rows, columns, tuple(lines))


def _actions(links: Iterable[CountedLink], kinds: Sequence[Kind], names: Names, column: Callable[[Kind], str]) -> Table:
    """Actions by kind, grouped by field. An observation that counts toward two actions is in both rows."""
    counts: Counter[tuple[str, str]] = Counter()
    for link in links:
        if link.kind in kinds and link.action_id in names.action_codes:
            counts[names.action_codes[link.action_id], column(link.kind)] += link.observations
    columns = tuple(dict.fromkeys(map(column, kinds)))
    lines = tuple(tuple(counts[row, name] for name in columns) for row in names.field_of)
    return Table(tuple(names.field_of), columns, lines, tuple(names.field_of.values()))
