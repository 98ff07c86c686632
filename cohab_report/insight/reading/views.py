"""The plan as everybody may read it, the public figures, and the committee's page. Nothing here is finer than a sector and a month.

Figures are read as they were published; nothing is counted or suppressed while somebody waits.
"""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, render_template, request

from cohab_report import sheets
from cohab_report.clock import today
from cohab_report.errors import NotThere
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.publishing.editions import Edition, read
from cohab_report.insight.quarters import Quarter, coming
from cohab_report.insight.reading import captions, queries, tables
from cohab_report.insight.reading.findings import findings
from cohab_report.partners.models import Role
from cohab_report.territory import queries as territory
from cohab_report.web.access import needs, open_to_all
from cohab_report.web.headers import kept_briefly

bp = Blueprint("committee", __name__)
TREND = 4
"""Quarters in the committee's series of months."""


@bp.get("/plan")
@kept_briefly
@open_to_all
def plan() -> str:
    """The plan's fields and actions, each with its status and where it comes from."""
    return render_template("committee/plan.html", fields=queries.fields(), captions=captions)


@bp.get("/plan/<code>")
@kept_briefly
@open_to_all
def action(code: str) -> str:
    """One action: what the sources say of it, and what residents observed, as far as that may be told."""
    found, kept = queries.action_or_refuse(code), published.latest_publication(Audience.PUBLIC)
    edition = _edition(kept) if kept else None
    return render_template(
        "committee/action.html", action=found, captions=captions, tables=tables, today=_today(), public_on=coming(_today()).public_on,
        quarter=edition.quarter if edition else None, observed=tables.action_facts(edition.actions, code) if edition else None,
        made_at=kept.made_at if kept else None,
    )  # fmt: skip


@bp.get("/bilan")
@kept_briefly
@open_to_all
def figures() -> str:
    """The public figures of one quarter, the latest one unless another is asked for."""
    quarters = published.published_quarters(Audience.PUBLIC)
    if not quarters and not request.args:
        return render_template(
            "committee/figures.html", publication=None, quarters=(), tables=tables, public_on=coming(_today()).public_on
        )
    quarter = _asked(quarters)
    kept = _kept(Audience.PUBLIC, quarter)
    return render_template(
        "committee/figures.html", publication=_edition(kept), quarters=quarters, quarter=quarter, labels=_labels(), tables=tables,
        captions=captions, made_at=kept.made_at,
    )  # fmt: skip


@bp.get("/bilan/<quarter>/<code>.csv")
@kept_briefly
@open_to_all
def figures_table(quarter: str, code: str) -> Response:
    """One public table as CSV: what the page shows and nothing more."""
    return _csv(_edition(_kept(Audience.PUBLIC, Quarter.read(quarter))), code)


@bp.get("/comite")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def home() -> str:
    """What the quarter says, first in sentences, then by action, category, sector and month."""
    quarters = published.published_quarters(Audience.COMMITTEE)
    if not quarters and not request.args:
        over_on = Quarter.of(_today()).next.first_day
        return render_template("committee/home.html", publication=None, quarters=(), tables=tables, over_on=over_on)
    quarter = _asked(quarters)
    series = published.publications(Audience.COMMITTEE, quarter.with_those_before(TREND))
    trend = [_edition(series[past]) for past in sorted(series)]
    return render_template(
        "committee/home.html", publication=trend[-1], quarters=quarters, quarter=quarter, labels=_labels(), findings=findings(trend[-1]),
        trend=trend, tables=tables, captions=captions, counted_at=series[quarter].counted_at, fields=published.fields_in_brief(),
    )  # fmt: skip


@bp.get("/comite/<quarter>/<code>.csv")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def table(quarter: str, code: str) -> Response:
    """One of the committee's tables as CSV: what the page shows and nothing more."""
    return _csv(_edition(_kept(Audience.COMMITTEE, Quarter.read(quarter))), code)


def _today() -> date:
    return today(territory.ground().zone)


def _asked(quarters: Sequence[Quarter]) -> Quarter:
    """The quarter that the address asks for, the latest without; raises NotThere for one that isn't published."""
    code = request.args.get("trimestre")
    if not quarters or (code is not None and Quarter.read(code) not in quarters):
        raise NotThere
    return quarters[0] if code is None else Quarter.read(code)


def _kept(audience: Audience, quarter: Quarter) -> Publication:
    """What this audience reads of the quarter; raises NotThere."""
    kept = published.publications(audience, [quarter]).get(quarter)
    if kept is None:
        raise NotThere
    return kept


def _edition(kept: Publication) -> Edition:
    return read(Quarter.of(kept.quarter), kept.content)


def _labels() -> tables.Labels:
    fields = queries.fields_ever()
    return tables.Labels(
        {sector.code: sector.name for sector in published.sectors()}, {category.code: category.name for category in published.categories()},
        {action.code: action.title for field in fields for action in field.actions}, {field.code: field.name for field in fields},
    )  # fmt: skip


def _csv(edition: Edition, code: str) -> Response:
    """The table as an attachment in UTF-8 that spreadsheets recognise; raises NotThere."""
    if code not in edition.tables:
        raise NotThere
    columns, lines = tables.csv_lines(edition, edition.tables[code], _labels())
    name = f"{edition.quarter.code}-{code}.csv"
    return Response(
        "\ufeff" + sheets.write(columns, lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
