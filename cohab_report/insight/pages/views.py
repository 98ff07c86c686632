"""Views of the plan for everybody, of the public figures, and of the committee.

Nothing is finer than a sector and a month.

Figures are read as they were published; nothing is counted or suppressed while somebody waits.
"""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, render_template, request

from cohab_report import csv_tables
from cohab_report.clock import today
from cohab_report.errors import NotFound
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.pages import captions, page_tables, queries
from cohab_report.insight.pages.quarter_findings import finding_sentences
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.publishing.quarter_tables import QuarterTables, from_json
from cohab_report.insight.quarters import Quarter, next_public_quarter
from cohab_report.partners.models import Role
from cohab_report.territory import queries as territory
from cohab_report.web.access import needs, open_to_all
from cohab_report.web.headers import cacheable

bp = Blueprint("committee", __name__)
TREND_QUARTERS = 4
"""How many quarters the committee's chart of months goes back, the present one included."""


@bp.get("/plan")
@cacheable
@open_to_all
def plan() -> str:
    """Shows the plan's fields and actions, each with its status and where it comes from."""
    return render_template("committee/plan.html", fields=queries.plan_fields(), captions=captions)


@bp.get("/plan/<code>")
@cacheable
@open_to_all
def action(code: str) -> str:
    """Shows one action: what the sources say of it, and what residents observed, as far as that is public."""
    plan_action = queries.plan_action_or_refuse(code)
    publication = published.latest_publication(Audience.PUBLIC)
    tables = _tables_of(publication) if publication else None
    return render_template(
        "committee/action.html",
        action=plan_action,
        captions=captions,
        page_tables=page_tables,
        today=_local_today(),
        public_on=next_public_quarter(_local_today()).public_on,
        quarter=tables.quarter if tables else None,
        action_facts=page_tables.action_facts(tables.actions, code) if tables else None,
        made_at=publication.made_at if publication else None,
    )


@bp.get("/bilan")
@cacheable
@open_to_all
def figures() -> str:
    """Shows the public figures of one quarter, the latest one unless the address names another."""
    quarters = published.published_quarters(Audience.PUBLIC)
    if not quarters and not request.args:
        return render_template(
            "committee/figures.html",
            quarter_tables=None,
            quarters=(),
            page_tables=page_tables,
            public_on=next_public_quarter(_local_today()).public_on,
        )
    quarter = _requested_quarter(quarters)
    publication = _publication_or_refuse(Audience.PUBLIC, quarter)
    return render_template(
        "committee/figures.html",
        quarter_tables=_tables_of(publication),
        quarters=quarters,
        quarter=quarter,
        labels=_row_labels(),
        page_tables=page_tables,
        captions=captions,
        made_at=publication.made_at,
    )


@bp.get("/bilan/<quarter>/<code>.csv")
@cacheable
@open_to_all
def figures_table(quarter: str, code: str) -> Response:
    """Sends one public table as CSV: what the page shows and nothing more."""
    publication = _publication_or_refuse(Audience.PUBLIC, Quarter.from_code(quarter))
    return _csv_response(_tables_of(publication), code)


@bp.get("/comite")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def overview() -> str:
    """Shows what the quarter says, first in sentences, then by action, category, sector and month."""
    quarters = published.published_quarters(Audience.COMMITTEE)
    if not quarters and not request.args:
        over_on = Quarter.of(_local_today()).next.first_day
        return render_template(
            "committee/overview.html", quarter_tables=None, quarters=(), page_tables=page_tables, over_on=over_on
        )
    quarter = _requested_quarter(quarters)
    publications = published.publications(Audience.COMMITTEE, quarter.with_previous(TREND_QUARTERS))
    trend = [_tables_of(publications[each]) for each in sorted(publications)]
    return render_template(
        "committee/overview.html",
        quarter_tables=trend[-1],
        quarters=quarters,
        quarter=quarter,
        labels=_row_labels(),
        findings=finding_sentences(trend[-1]),
        trend=trend,
        page_tables=page_tables,
        captions=captions,
        counted_at=publications[quarter].counted_at,
        fields=published.fields_with_action_titles(),
    )


@bp.get("/comite/<quarter>/<code>.csv")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def overview_table(quarter: str, code: str) -> Response:
    """Sends one of the committee's tables as CSV: what the page shows and nothing more."""
    publication = _publication_or_refuse(Audience.COMMITTEE, Quarter.from_code(quarter))
    return _csv_response(_tables_of(publication), code)


def _local_today() -> date:
    return today(territory.city_facts().zone)


def _requested_quarter(quarters: Sequence[Quarter]) -> Quarter:
    """Returns the quarter that the address names, else the latest; raises NotFound for one that isn't published."""
    code = request.args.get("trimestre")
    if not quarters or (code is not None and Quarter.from_code(code) not in quarters):
        raise NotFound
    return quarters[0] if code is None else Quarter.from_code(code)


def _publication_or_refuse(audience: Audience, quarter: Quarter) -> Publication:
    """Returns this audience's publication of the quarter; raises NotFound."""
    publication = published.publications(audience, [quarter]).get(quarter)
    if publication is None:
        raise NotFound
    return publication


def _tables_of(publication: Publication) -> QuarterTables:
    return from_json(Quarter.of(publication.quarter), publication.content)


def _row_labels() -> page_tables.RowLabels:
    fields = queries.fields_with_retired()
    return page_tables.RowLabels(
        sectors={sector.code: sector.name for sector in published.sectors_with_retired()},
        categories={category.code: category.name for category in published.categories_with_retired()},
        actions={action.code: action.title for field in fields for action in field.actions},
        fields={field.code: field.name for field in fields},
    )


def _csv_response(tables: QuarterTables, code: str) -> Response:
    """Returns the table as an attachment in UTF-8 that spreadsheets recognise; raises NotFound."""
    if code not in tables.tables:
        raise NotFound
    columns, lines = page_tables.csv_lines(tables.quarter, tables.tables[code], _row_labels())
    name = f"{tables.quarter.code}-{code}.csv"
    return Response(
        "\ufeff" + csv_tables.write_table(columns, lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
