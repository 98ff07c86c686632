"""The pages of the public figures. Nothing is finer than a sector and a month."""

from flask import Blueprint, Response, render_template, request

from cohab_report.insight.models import Audience
from cohab_report.insight.pages import captions, page_tables, quarter_pages
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import Quarter, next_public_quarter
from cohab_report.web.access import open_to_all
from cohab_report.web.headers import cacheable

bp = Blueprint("figures", __name__)


@bp.get("/bilan")
@cacheable
@open_to_all
def index() -> str:
    """Shows the public figures of one quarter, the latest one unless the address names another."""
    quarters = published.published_quarters(Audience.PUBLIC)
    if not quarters and not request.args:
        return render_template(
            "figures/index.html",
            quarter_tables=None,
            quarters=(),
            page_tables=page_tables,
            public_on=next_public_quarter(quarter_pages.local_today()).public_on,
        )
    quarter = quarter_pages.requested_quarter(quarters)
    publication = quarter_pages.publication_or_refuse(Audience.PUBLIC, quarter)
    return render_template(
        "figures/index.html",
        quarter_tables=quarter_pages.tables_of(publication),
        quarters=quarters,
        quarter=quarter,
        labels=quarter_pages.row_labels(),
        page_tables=page_tables,
        captions=captions,
        made_at=publication.made_at,
    )


@bp.get("/bilan/<quarter>/<code>.csv")
@cacheable
@open_to_all
def table(quarter: str, code: str) -> Response:
    """Sends one public table as CSV: what the page shows and nothing more."""
    publication = quarter_pages.publication_or_refuse(Audience.PUBLIC, Quarter.from_code(quarter))
    return quarter_pages.csv_response(quarter_pages.tables_of(publication), code)
