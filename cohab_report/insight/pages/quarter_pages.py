"""What the pages of figures share: the quarter that an address names, its publication, its tables as files.

Figures are read as they were published; nothing is counted or suppressed while somebody waits.
"""

from collections.abc import Sequence
from datetime import date

from flask import Response, request

from cohab_report import csv_tables
from cohab_report.clock import today
from cohab_report.errors import NotFound
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.pages import page_tables
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.publishing.quarter_tables import QuarterTables, from_json
from cohab_report.insight.quarters import Quarter
from cohab_report.plan import queries as plan
from cohab_report.territory import queries as territory


def local_today() -> date:
    """Returns the present day in the city's time zone."""
    return today(territory.city_facts().zone)


def requested_quarter(quarters: Sequence[Quarter]) -> Quarter:
    """Returns the quarter that the address names, else the latest; raises NotFound for one that isn't published."""
    code = request.args.get("trimestre")
    if not quarters or (code is not None and Quarter.from_code(code) not in quarters):
        raise NotFound
    return quarters[0] if code is None else Quarter.from_code(code)


def publication_or_refuse(audience: Audience, quarter: Quarter) -> Publication:
    """Returns this audience's publication of the quarter; raises NotFound."""
    publication = published.publications(audience, [quarter]).get(quarter)
    if publication is None:
        raise NotFound
    return publication


def tables_of(publication: Publication) -> QuarterTables:
    """Returns the tables that a publication holds."""
    return from_json(Quarter.of(publication.quarter), publication.content)


def row_labels() -> page_tables.RowLabels:
    """Returns the words of the rows, those of retired sectors, categories and actions too."""
    fields = plan.fields_with_retired()
    return page_tables.RowLabels(
        sectors={sector.code: sector.name for sector in published.sectors_with_retired()},
        categories={category.code: category.name for category in published.categories_with_retired()},
        actions={action.code: action.title for field in fields for action in field.actions},
        fields={field.code: field.name for field in fields},
    )


def csv_response(tables: QuarterTables, code: str) -> Response:
    """Returns the table as an attachment in UTF-8 that spreadsheets recognise; raises NotFound."""
    if code not in tables.tables:
        raise NotFound
    columns, lines = page_tables.csv_lines(tables.quarter, tables.tables[code], row_labels())
    name = f"{tables.quarter.code}-{code}.csv"
    return Response(
        "\ufeff" + csv_tables.write_table(columns, lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
