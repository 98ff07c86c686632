"""The CSV columns of the plan's actions, in a city profile and in the file that a pilot exports and imports.

No database: `plan.operations` and `cities` share these columns so that one file fits both.
"""

from cohab_report import csv_values
from cohab_report.csv_tables import Column
from cohab_report.plan.models import ActionStatus, InPlan, Origin

ACTION_COLUMNS = (
    Column("code", csv_values.code(12)),
    Column("field", csv_values.code(12), refers=("fields",)),
    Column("position", csv_values.integer(1, 9999)),
    Column("title_fr", csv_values.verbatim),
    Column("title_en", csv_values.verbatim),
    Column("lead", csv_values.code(24), refers=("partners",)),
    Column("support", csv_values.code_list, needed=False, empty=(), refers=("partners",)),
    Column("from_year", csv_values.integer(1990, 2100), needed=False, empty=None),
    Column("to_year", csv_values.integer(1990, 2100), needed=False, empty=None),
    Column("period_fr", csv_values.verbatim, needed=False),
    Column("period_en", csv_values.verbatim, needed=False),
    Column("status", csv_values.enum_member(ActionStatus)),
    Column("indicator_fr", csv_values.verbatim, needed=False),
    Column("indicator_en", csv_values.verbatim, needed=False),
    Column("target", csv_values.verbatim, needed=False),
    Column("budget_cents", csv_values.integer(0, 10**15), needed=False, empty=None),
    Column("funding_fr", csv_values.verbatim, needed=False),
    Column("funding_en", csv_values.verbatim, needed=False),
    Column("origin", csv_values.enum_member(Origin)),
    Column("in_plan", csv_values.enum_member(InPlan)),
    Column("sources", csv_values.code_list, needed=False, empty=(), refers=("sources",)),
    Column("note_fr", csv_values.verbatim, needed=False),
    Column("note_en", csv_values.verbatim, needed=False),
)
SAME_NAME_COLUMNS = tuple(
    column.name for column in ACTION_COLUMNS if column.name not in ("field", "lead", "support", "sources")
)
"""The columns that are attributes of Action under the same name; the others hold codes of rows of other tables."""
