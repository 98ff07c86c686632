"""What every table of actions must keep, whether it comes with a city profile or by `import-plan`. No database."""

from collections.abc import Iterable, Iterator

from cohab_report.csv_tables import CsvTable, Mistake
from cohab_report.plan.models import ActionStatus, InPlan, Origin


def action_mistakes(table: CsvTable) -> Iterator[Mistake]:
    """Yields a mistake for each claim about the plan that no source supports, and for each period that ends before it
    begins.
    """
    for row in table.rows:
        if row["from_year"] and row["to_year"] and row["from_year"] > row["to_year"]:
            yield table.mistake_at(row, "to_year", f"{row['to_year']} comes before {row['from_year']}")
        if row["origin"] is Origin.PUBLISHED and not row["sources"]:
            yield table.mistake_at(row, "sources", "a published action needs the source that says so")
        if row["origin"] is Origin.DEMO and row["in_plan"] is not InPlan.INFERRED:
            yield table.mistake_at(row, "in_plan", "a demo action can only be inferred: no source puts it in the plan")
        if row["origin"] is Origin.DEMO and row["status"] is not ActionStatus.NOT_PUBLISHED:
            yield table.mistake_at(row, "status", "a demo action has no published status")


def recased_codes(table: CsvTable, existing_codes: Iterable[str], column: str = "code") -> Iterator[Mistake]:
    """Yields a mistake for each code that differs only in case from one that the city has: nobody tells them apart."""
    codes = {code.casefold(): code for code in existing_codes}
    for row in table.rows:
        code = row[column]
        if codes.get(code.casefold(), code) != code:
            existing = codes[code.casefold()]
            yield table.mistake_at(row, column, f"'{code}' differs only in case from '{existing}', which the city has")
