"""What is asked of each page, and the shortest SQL that gives the same answer, written by hand for both databases."""

from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.geo import METRES_PER_DEGREE, Lattice, Point
from cohab_report.intake.models import OPEN_STATUSES, Observation
from cohab_report.intake.nearby import queries as nearby
from cohab_report.intake.nearby.distance import cells_around
from cohab_report.intake.queries import PUBLIC_DAYS, is_public
from cohab_report.partners.models import Person, Role
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Sector
from cohab_report.triage.models import OPEN_STATES, Case, Queue
from cohab_report.triage.queries import NEARBY_METRES, NEARBY_WEEKS
from tests.bench.figures import Taken, take, tell

TIMES_RAW = 3
ALLOWANCE = 10.0  # milliseconds beside the raw SQL's threefold


@dataclass(frozen=True)
class Question:
    """A page (or a query that has no page yet), and the raw SQL of its answer."""

    name: str
    ask: Callable[[], Any]
    raw: Sequence[str]


def measure(questions: Sequence[Question], *, database: str, rows: int) -> dict[str, Taken]:
    """Every question's figure, told and returned by its name."""
    taken = {}
    for question in questions:
        raw = take_raw(question.raw)
        page = take(question.ask, db.engine)
        allowed = TIMES_RAW * raw.clock + ALLOWANCE
        tell(
            question.name, database=database, rows=rows, page_ms=page.clock, least_ms=page.least, cpu_ms=page.processor,
            raw_sql_ms=raw.clock, allowed_ms=allowed, within=page.clock <= allowed, statements=page.statements,
        )  # fmt: skip
        taken[question.name] = page
    return taken


def take_raw(statements: Sequence[str]) -> Taken:
    """How long the database's own driver takes for these statements, rows fetched."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()

    def run() -> None:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()
        connection.rollback()

    taken = take(run)
    connection.close()
    return taken


def questions(app: Flask, *, at: datetime) -> list[Question]:
    """The pages whose speed matters, asked by the people who open them."""
    since = (at - timedelta(days=PUBLIC_DAYS)).date().isoformat()
    open_states = ", ".join(f"'{state.value}'" for state in OPEN_STATES)
    queue, case, point, open_one = busiest_queue(), busiest_case(), busiest_point(), busiest_open()
    public = "o.published_at IS NOT NULL AND o.protection < 3 AND o.withdrawn_at IS NULL"
    seen = "SELECT o.reference, o.kind, c.name_fr, o.public_on, o.status, s.name_fr, o.public_lon, o.public_lat FROM observation o "
    seen += f"JOIN category c ON c.id = o.category_id JOIN sector s ON s.id = o.sector_id WHERE {public} AND public_on >= '{since}'"
    newest = "ORDER BY public_on DESC, reference DESC LIMIT 26"
    waits = 'SELECT k.*, c.name_fr, s.name_fr FROM "case" k JOIN category c ON c.id = k.category_id JOIN sector s ON s.id = k.sector_id '
    waits += f"WHERE k.queue_id = {queue.id} AND k.state IN ({open_states})"
    pressing = "ORDER BY k.priority, k.opened_at, k.id LIMIT 31"
    by_queue = f'SELECT queue_id, count(*), min(opened_at) FROM "case" WHERE state IN ({open_states}) GROUP BY queue_id'
    resident, ana = app.test_client(), signed_in(app, Role.TRIAGER)
    return [
        Question("home", visit(resident, "/"), [f"{seen} {newest.replace('26', '3')}"]),
        Question("public list", visit(resident, "/observations"), [f"{seen} {newest}"]),
        Question(
            "public list, one kind and one sector", visit(resident, f"/observations?sujet=safety&secteur={busiest_sector()}"),
            [f"{seen} AND o.kind = 'safety' AND s.code = '{busiest_sector()}' {newest}"],
        ),
        Question(
            "map, the whole city", visit(resident, "/observations/cellules.json?zoom=12"),
            ["SELECT cell, sum(n) FROM cell_count WHERE level = 4 AND days = 90 GROUP BY cell"],
        ),
        Question(
            "map, a few streets", visit(resident, f"/observations/cellules.json?zoom=17&cadre={streets(point)}"), [streets_sql(point)]
        ),
        Question(
            "already reported", lambda: nearby.open_near(*open_one, since=(at - timedelta(days=PUBLIC_DAYS)).date()),
            [f"{seen} AND {near_sql(*open_one)} {newest.replace('26', '60')}"],
        ),
        Question("triage home", visit(ana, "/tri"), [by_queue]),
        Question("triage queue", visit(ana, f"/tri/files/{queue.code}"), [f"{waits} {pressing}", by_queue]),
        Question(
            "triage queue, filtered", visit(ana, f"/tri/files/{queue.code}?state=new&unclaimed=1&overdue=1"),
            [f"{waits} AND k.state = 'new' AND k.claimed_by_id IS NULL AND k.due_at < '{instant(at)}' {pressing}", by_queue],
        ),
        Question("case with its neighbours", visit(ana, f"/tri/dossiers/{case.reference}"), case_sql(case, point, at)),
        *committee(app, at),
    ]  # fmt: skip


def streets(point: Point) -> str:
    """The window of a map over a few streets around the point."""
    return f"{point.lon - 0.004},{point.lat - 0.002},{point.lon + 0.004},{point.lat + 0.002}"


def streets_sql(point: Point) -> str:
    """The counts of the cells around the point."""
    return (
        f"SELECT cell, sum(n) FROM cell_count WHERE level = 0 AND days = 90 AND cell IN ({around(point)}) GROUP BY cell"
    )


def near_sql(category: int, point: Point, _lattice: Lattice) -> str:
    """What is still open of a category in the cells around the point."""
    return f"o.status IN ('received', 'taken_up') AND o.category_id = {category} AND o.public_cell IN ({around(point)})"


def around(point: Point) -> str:
    """The point's cell and its neighbours, as SQL lists them."""
    return ", ".join(str(cell) for cell in sorted(cells_around(point, territory.ground().lattice)))


def busiest_open() -> tuple[int, Point, Lattice]:
    """The category of which most is public and open, and a point where something of it is."""
    is_open = (is_public(), Observation.status.in_(OPEN_STATUSES))
    most = (
        select(Observation.category_id)
        .where(*is_open)
        .group_by(Observation.category_id)
        .order_by(func.count().desc(), Observation.category_id)
    )
    category = db.session.scalars(most.limit(1)).one()
    seen = select(Observation).where(*is_open, Observation.category_id == category).order_by(Observation.id).limit(1)
    point = db.session.scalars(seen).one().exact_point
    if point is None:
        raise AssertionError("nothing is open")
    return category, point, territory.ground().lattice


def case_sql(case: Case, point: Point, at: datetime) -> list[str]:
    """A case, its history, and its neighbours within 50 m in twelve weeks."""
    since = instant(at - timedelta(weeks=NEARBY_WEEKS))
    close = {"sqlite": close_in_spatialite, "postgresql": close_in_postgis}[db.engine.dialect.name](point)
    neighbours = (
        f"SELECT k.* FROM \"case\" k WHERE k.id <> {case.id} AND k.state <> 'merged' AND k.id IN (SELECT case_id FROM case_observation "
        f"WHERE observation_id IN (SELECT o.id FROM observation o WHERE {close} AND o.received_at >= '{since}')) "
        "ORDER BY k.opened_at DESC LIMIT 20"
    )
    history = f"SELECT * FROM event WHERE thread = '{case.reference}' ORDER BY happened_at DESC"
    return [f"SELECT * FROM \"case\" WHERE reference = '{case.reference}'", neighbours, history]


def box(point: Point) -> tuple[float, float, float, float]:
    """West, south, east, north of everything that may lie within the neighbours' distance."""
    north = NEARBY_METRES / METRES_PER_DEGREE * 1.01
    east = north / cos(radians(point.lat))
    return point.lon - east, point.lat - north, point.lon + east, point.lat + north


def close_in_spatialite(point: Point) -> str:
    """The rows near the point: the R*Tree first, the ellipsoid's distance second."""
    west, south, east, north = box(point)
    tree = f"SELECT pkid FROM idx_observation_point WHERE xmax >= {west} AND xmin <= {east} AND ymax >= {south} AND ymin <= {north}"
    return f"o.id IN ({tree}) AND ST_Distance(o.point, MakePoint({point.lon}, {point.lat}, 4326), 1) <= {NEARBY_METRES}"


def close_in_postgis(point: Point) -> str:
    """The rows near the point: the box first, the geography's distance second."""
    west, south, east, north = box(point)
    there = f"ST_SetSRID(ST_MakePoint({point.lon}, {point.lat}), 4326)::geography"
    envelope = f"ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326)"
    return f"o.point && {envelope} AND ST_Distance(o.point::geography, {there}) <= {NEARBY_METRES}"


def visit(client: FlaskClient, address: str) -> Callable[[], Any]:
    """Opens the page and refuses anything but the page."""

    def open_it() -> None:
        reply = Context().run(client.get, address)  # a context of its own: nothing is remembered from the page before
        if reply.status_code != 200:
            raise AssertionError(f"{address}: {reply.status_code} {reply.text[:500]}")

    return open_it


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """The browser of somebody with this role."""
    client = app.test_client()
    person = db.session.scalars(select(Person).where(Person.role == role)).first()
    if person is None:
        person = Person(
            email=f"{role.value}@bench.example", name=role.value, role=role, password_hash="none", session_version=1
        )
        person.is_active = True
        db.session.add(person)
        db.session.commit()
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = person.get_id(), True
        kept["since"] = kept["seen"] = int(now().timestamp())
    return client


def busiest_queue() -> Queue:
    """The queue in which most cases wait."""
    most = (
        select(Case.queue_id)
        .where(Case.state.in_(OPEN_STATES))
        .group_by(Case.queue_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    return db.session.scalars(select(Queue).where(Queue.id == most.scalar_subquery())).one()


def busiest_case() -> Case:
    """A waiting case in the cell from which most was reported."""
    cell = select(Observation.public_cell).where(Observation.public_cell.is_not(None)).group_by(Observation.public_cell)
    most = cell.order_by(func.count().desc()).limit(1).scalar_subquery()
    waiting = (
        select(Case)
        .join(Observation, Observation.id == Case.id)
        .where(Observation.public_cell == most, Case.state.in_(OPEN_STATES))
    )
    return db.session.scalars(waiting.order_by(Case.id).limit(1)).one()


def busiest_point() -> Point:
    """Where that case is."""
    point = db.session.get_one(Observation, busiest_case().id).exact_point
    if point is None:
        raise AssertionError("the busiest case has no point")
    return point


def busiest_sector() -> str:
    """The code of the sector from which most was reported."""
    query = select(Sector.code).join(Observation, Observation.sector_id == Sector.id).group_by(Sector.code)
    return db.session.scalars(query.order_by(func.count().desc()).limit(1)).one()


def committee(app: Flask, at: datetime) -> list[Question]:
    """The committee's page and the public's, where this version has them."""
    del at
    known = {rule.rule for rule in app.url_map.iter_rules()}
    raw = ["SELECT month, kind, category_id, sector_id, outcome, is_out_of_plan, observations, cases FROM tally"]
    asked = []
    if "/comite" in known:
        asked.append(Question("committee page", visit(signed_in(app, Role.COMMITTEE), "/comite"), raw))
    if "/bilan" in known:
        asked.append(Question("public figures", visit(app.test_client(), "/bilan"), raw))
    return asked


def instant(at: datetime) -> str:
    """An instant as both databases read it in raw SQL."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if db.engine.dialect.name == "postgresql" else "")
