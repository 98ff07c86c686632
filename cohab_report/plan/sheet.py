"""The plan as a sheet: the columns in which a city keeps its actions, in its profile and in the file that a pilot exports and imports.

It reads and writes no database; `operations` and the city profile share these columns so that one file fits both.
"""

from cohab_report import cells
from cohab_report.plan.models import ActionStatus, InPlan, Origin
from cohab_report.sheets import Column, Mistake, Sheet

ACTIONS = (
    Column("code", cells.code(12)),
    Column("field", cells.code(12), refers=("fields",)),
    Column("position", cells.whole(1, 9999)),
    Column("title_fr", cells.words),
    Column("title_en", cells.words),
    Column("lead", cells.code(24), refers=("partners",)),
    Column("support", cells.codes, needed=False, empty=(), refers=("partners",)),
    Column("from_year", cells.whole(1990, 2100), needed=False, empty=None),
    Column("to_year", cells.whole(1990, 2100), needed=False, empty=None),
    Column("period_fr", cells.words, needed=False),
    Column("period_en", cells.words, needed=False),
    Column("status", cells.member(ActionStatus)),
    Column("indicator_fr", cells.words, needed=False),
    Column("indicator_en", cells.words, needed=False),
    Column("target", cells.words, needed=False),
    Column("budget_cents", cells.whole(0, 10**15), needed=False, empty=None),
    Column("funding_fr", cells.words, needed=False),
    Column("funding_en", cells.words, needed=False),
    Column("origin", cells.member(Origin)),
    Column("in_plan", cells.member(InPlan)),
    Column("sources", cells.codes, needed=False, empty=(), refers=("sources",)),
    Column("note_fr", cells.words, needed=False),
    Column("note_en", cells.words, needed=False),
)
COPIED = tuple(column.name for column in ACTIONS if column.name not in ("field", "lead", "support", "sources"))
"""The columns that an action holds under the same name; the others name rows of other tables."""


def mistakes_of(sheet: Sheet) -> list[Mistake]:
    """Actions whose cells are each right, and whose years run backward."""
    backward = [row for row in sheet.rows if row["from_year"] and row["to_year"] and row["from_year"] > row["to_year"]]
    return [sheet.at(row, "to_year", f"{row['to_year']} comes before {row['from_year']}") for row in backward]
