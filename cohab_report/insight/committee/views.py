"""The committee's page and its files. Nothing is finer than a sector and a month."""

from flask import Blueprint, Response, render_template, request

from cohab_report.insight.committee.quarter_findings import finding_sentences
from cohab_report.insight.models import Audience
from cohab_report.insight.pages import captions, page_tables, quarter_pages
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import Quarter
from cohab_report.partners.models import Role
from cohab_report.plan import captions as plan_captions
from cohab_report.web.access import needs

bp = Blueprint("committee", __name__)
TREND_QUARTERS = 4
"""How many quarters the committee's chart of months goes back, the present one included."""


@bp.get("/comite")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def overview() -> str:
    """Shows what the quarter says, first in sentences, then by action, category, sector and month."""
    quarters = published.published_quarters(Audience.COMMITTEE)
    if not quarters and not request.args:
        over_on = Quarter.of(quarter_pages.local_today()).next.first_day
        return render_template(
            "committee/overview.html", quarter_tables=None, quarters=(), page_tables=page_tables, over_on=over_on
        )
    quarter = quarter_pages.requested_quarter(quarters)
    publications = published.publications(Audience.COMMITTEE, quarter.with_previous(TREND_QUARTERS))
    trend = [quarter_pages.tables_of(publications[each]) for each in sorted(publications)]
    return render_template(
        "committee/overview.html",
        quarter_tables=trend[-1],
        quarters=quarters,
        quarter=quarter,
        labels=quarter_pages.row_labels(),
        findings=finding_sentences(trend[-1]),
        trend=trend,
        page_tables=page_tables,
        captions=captions,
        plan_captions=plan_captions,
        counted_at=publications[quarter].counted_at,
        fields=published.fields_with_action_titles(),
    )


@bp.get("/comite/<quarter>/<code>.csv")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def table(quarter: str, code: str) -> Response:
    """Sends one of the committee's tables as CSV: what the page shows and nothing more."""
    publication = quarter_pages.publication_or_refuse(Audience.COMMITTEE, Quarter.from_code(quarter))
    return quarter_pages.csv_response(quarter_pages.tables_of(publication), code)
