"""All that an act may write, as text: two readings are equal only if nothing was changed between them."""

from sqlalchemy import select

from cohab_report.db import db

TABLES = (
    "case",
    "case_observation",
    "observation",
    "link",
    "handover",
    "photo",
    "inquiry",
    "merge",
    "case_before_merge",
    "event",
)


def stored_rows() -> dict[str, list[str]]:
    """Returns all rows of these tables, sorted, by the table's name, without the exact point, which nothing moves."""
    db.session.expire_all()
    columns = {name: [each for each in db.metadata.tables[name].columns if each.name != "point"] for name in TABLES}
    return {name: sorted(str(tuple(row)) for row in db.session.execute(select(*columns[name]))) for name in TABLES}
