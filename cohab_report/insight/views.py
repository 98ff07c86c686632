"""The plan as everybody may read it, the public figures, and the committee's page. Nothing here is finer than a sector and a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request

from cohab_report import sheets
from cohab_report.catalogue.models import Kind
from cohab_report.clock import today
from cohab_report.errors import NotThere
from cohab_report.insight import captions, queries, tables
from cohab_report.insight.findings import findings
from cohab_report.insight.publications import Names, Publication, for_committee, for_public
from cohab_report.insight.quarters import Quarter, instants_of
from cohab_report.insight.suppression import INSIDE
from cohab_report.partners.models import Role
from cohab_report.plan.models import Field
from cohab_report.territory import queries as territory
from cohab_report.triage.models import ClosingReason
from cohab_report.web.access import needs, open_to_all
from cohab_report.web.headers import kept_briefly

bp = Blueprint("committee", __name__)
TREND = 4
"""Quarters in the committee's series of months."""


@dataclass(frozen=True)
class Ground:
    """What figures are named after, read once a page."""

    names: Names
    labels: tables.Labels
    fields: Sequence[Field]


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
    found, published = queries.action_or_refuse(code), _published_quarters()
    quarter = published[0] if published else None
    observed = tables.action_facts(_public(quarter, _ground()).actions, code) if quarter else None
    return render_template(
        "committee/action.html", action=found, captions=captions, quarter=quarter, observed=observed, tables=tables, today=today(_zone())
    )


@bp.get("/bilan")
@kept_briefly
@open_to_all
def figures() -> str:
    """The public figures of one quarter, the latest one unless another is asked for."""
    quarter, quarters = _asked(_published_quarters())
    if quarter is None:
        return render_template("committee/figures.html", publication=None, quarters=(), tables=tables)
    ground = _ground()
    return render_template(
        "committee/figures.html", publication=_public(quarter, ground), quarters=quarters, quarter=quarter, labels=ground.labels,
        tables=tables, captions=captions,
    )  # fmt: skip


@bp.get("/bilan/<quarter>/<code>.csv")
@kept_briefly
@open_to_all
def figures_table(quarter: str, code: str) -> Response:
    """One public table as CSV: what the page shows and nothing more."""
    wanted, ground = Quarter.read(quarter), _ground()
    if wanted not in _published_quarters():
        raise NotThere
    return _csv(_public(wanted, ground), code, ground)


@bp.get("/comite")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def home() -> str:
    """What the quarter says, first in sentences, then by action, category, sector and month."""
    quarter, quarters = _asked(_quarters_inside())
    if quarter is None:
        return render_template("committee/home.html", publication=None, quarters=(), tables=tables)
    ground = _ground()
    publications, cases = _series(quarter, ground)
    begin, end = instants_of(quarter.first_day, _zone())[0], instants_of(quarter.next.first_day, _zone())[0]
    said = findings(publications[0], publications[1], cases=cases, transfers=queries.police_transfers(begin, end))
    return render_template(
        "committee/home.html", publication=publications[0], quarters=quarters, quarter=quarter, labels=ground.labels, findings=said,
        trend=publications[::-1], tables=tables, captions=captions, counted_at=queries.counted_at(), fields=ground.fields,
    )  # fmt: skip


@bp.get("/comite/<quarter>/<code>.csv")
@needs(Role.COMMITTEE, Role.PILOT, Role.ADMIN)
def table(quarter: str, code: str) -> Response:
    """One of the committee's tables as CSV: what the page shows and nothing more."""
    wanted, ground = Quarter.read(quarter), _ground()
    if wanted not in _quarters_inside():
        raise NotThere
    return _csv(_series(wanted, ground, length=1)[0][0], code, ground)


def _zone() -> ZoneInfo:
    return territory.ground().zone


def _published_quarters() -> list[Quarter]:
    """The quarters that the public reads, the latest first."""
    return [quarter for quarter in queries.quarters_with_figures() if quarter.is_public(today(_zone()))]


def _quarters_inside() -> list[Quarter]:
    """The quarters that the committee reads, the latest first: whole ones only."""
    return [quarter for quarter in queries.quarters_with_figures() if quarter.is_over(today(_zone()))]


def _asked(quarters: list[Quarter]) -> tuple[Quarter | None, list[Quarter]]:
    """The quarter that the address asks for, the latest without; raises NotThere for one that has no figures."""
    code = request.args.get("trimestre")
    if code is None:
        return (quarters[0] if quarters else None), quarters
    if Quarter.read(code) not in quarters:
        raise NotThere
    return Quarter.read(code), quarters


def _ground() -> Ground:
    sectors, categories, fields = queries.sectors(), queries.categories(), queries.fields_in_brief()
    order = list(Kind)
    in_order = sorted(categories, key=lambda category: (order.index(category.kind), category.position))
    actions = [(action, field) for field in fields for action in field.actions]
    names = Names(
        tuple(sector.code for sector in sectors), {sector.id: sector.code for sector in sectors},
        {category.code: category.kind for category in in_order}, {category.id: category.code for category in categories},
        (queries.OPEN, *(reason.value for reason in ClosingReason)),
        {action.code: field.code for action, field in actions}, {action.id: action.code for action, _field in actions},
    )  # fmt: skip
    labels = tables.Labels(
        {sector.code: sector.name for sector in sectors}, {category.code: category.name for category in categories},
        {action.code: action.title for action, _field in actions}, {field.code: field.name for field in fields if field.actions},
    )  # fmt: skip
    return Ground(names, labels, fields)


def _public(quarter: Quarter, ground: Ground) -> Publication:
    cells = queries.counted(quarter.first_day, quarter.next.first_day)
    return for_public(quarter, cells, queries.counted_links(quarter), ground.names)


def _series(last: Quarter, ground: Ground, *, length: int = TREND) -> tuple[list[Publication], int | None]:
    """The committee's publications of this quarter and of those before it, and in how many cases the quarter's observations are.

    Each quarter is suppressed by itself, the same way on each page that shows it. Few cases are not told.
    """
    quarters = [last]
    while len(quarters) < length:
        quarters.append(quarters[-1].before)
    cells = queries.counted(quarters[-1].first_day, last.next.first_day)
    publications = [
        for_committee(quarter, [cell for cell in cells if Quarter.of(cell.month) == quarter], links, ground.names)
        for quarter, links in zip(quarters, [queries.counted_links(last), *[[]] * (length - 1)], strict=True)
    ]
    cases = sum(cell.cases for cell in cells if Quarter.of(cell.month) == last and ground.names.kind_counted(cell) is not Kind.CONCERN)
    return publications, cases if cases >= INSIDE else None


def _csv(publication: Publication, code: str, ground: Ground) -> Response:
    """The table as an attachment in UTF-8 that spreadsheets recognise; raises NotThere."""
    if code not in publication.tables:
        raise NotThere
    columns, lines = tables.csv_lines(publication, publication.tables[code], ground.labels)
    name = f"{publication.quarter.code}-{code}.csv"
    return Response(
        "\ufeff" + sheets.write(columns, lines), mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
