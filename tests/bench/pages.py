"""The benchmarks of pages, each with the shortest raw SQL of the same answer, written by hand for both databases."""

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
from cohab_report.partners import operations as accounts
from cohab_report.partners.models import Person, Role
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Sector
from cohab_report.triage.models import OPEN_STATES, Case
from cohab_report.triage.queries import NEARBY_CASE_METRES, NEARBY_CASE_WEEKS
from cohab_report.triage.waiting.models import Queue
from tests.bench.figures import Figure, measure_time, print_figure

RAW_SQL_FACTOR = 3
ALLOWANCE_MS = 10.0  # beside RAW_SQL_FACTOR times the raw SQL


@dataclass(frozen=True)
class PageBenchmark:
    """A request to a page (or a query without a page), and the raw SQL of the same answer."""

    name: str
    request: Callable[[], Any]
    raw: Sequence[str]


def measure_pages(benchmarks: Sequence[PageBenchmark], *, database: str, rows: int) -> dict[str, Figure]:
    """Measures and prints every benchmark; returns the figures by name."""
    figures = {}
    for benchmark in benchmarks:
        raw = measure_raw_sql(benchmark.raw)
        page = measure_time(benchmark.request, db.engine)
        allowed = RAW_SQL_FACTOR * raw.clock + ALLOWANCE_MS
        print_figure(
            benchmark.name,
            database=database,
            rows=rows,
            page_ms=page.clock,
            least_ms=page.least,
            cpu_ms=page.processor,
            raw_sql_ms=raw.clock,
            allowed_ms=allowed,
            within=page.clock <= allowed,
            statements=page.statements,
        )
        figures[benchmark.name] = page
    return figures


def measure_raw_sql(statements: Sequence[str]) -> Figure:
    """Measures how long the database driver takes for these statements, rows fetched."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()

    def run() -> None:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()
        connection.rollback()

    figure = measure_time(run)
    connection.close()
    return figure


def page_benchmarks(app: Flask, *, at: datetime) -> list[PageBenchmark]:
    """Returns the benchmarks of the pages whose speed matters, requested by the people who open them."""
    since = (at - timedelta(days=PUBLIC_DAYS)).date().isoformat()
    open_states = ", ".join(f"'{state.value}'" for state in OPEN_STATES)
    queue, case, point, open_category = busiest_queue(), busiest_case(), busiest_point(), busiest_open_category()
    public = "o.published_at IS NOT NULL AND o.left_public_at IS NULL AND o.withdrawn_at IS NULL"
    listed = (
        "SELECT o.reference, o.kind, c.name_fr, o.public_on, o.status, s.name_fr, o.public_lon, o.public_lat"
        " FROM observation o JOIN category c ON c.id = o.category_id JOIN sector s ON s.id = o.sector_id"
        f" WHERE {public} AND public_on >= '{since}'"
    )
    newest = "ORDER BY public_on DESC, reference DESC LIMIT 26"
    waiting = (
        'SELECT k.*, c.name_fr, s.name_fr FROM "case" k'
        " JOIN category c ON c.id = k.category_id JOIN sector s ON s.id = k.sector_id"
        f" WHERE k.queue_id = {queue.id} AND k.state IN ({open_states})"
    )
    is_late_and_free = f"k.state = 'new' AND k.claimed_by_id IS NULL AND k.due_at < '{sql_timestamp(at)}'"
    most_urgent = "ORDER BY k.priority, k.opened_at, k.id LIMIT 31"
    by_queue = f'SELECT queue_id, count(*), min(opened_at) FROM "case" WHERE state IN ({open_states}) GROUP BY queue_id'
    resident, ana = app.test_client(), signed_in_client(app, Role.TRIAGER)
    return [
        PageBenchmark("home", page_request(resident, "/"), [f"{listed} {newest.replace('26', '3')}"]),
        PageBenchmark("public list", page_request(resident, "/observations"), [f"{listed} {newest}"]),
        PageBenchmark(
            "public list, one kind and one sector",
            page_request(resident, f"/observations?sujet=safety&secteur={busiest_sector()}"),
            [f"{listed} AND o.kind = 'safety' AND s.code = '{busiest_sector()}' {newest}"],
        ),
        PageBenchmark(
            "map, the whole city",
            page_request(resident, "/observations/cellules.json?zoom=12"),
            ["SELECT cell, sum(n) FROM cell_count WHERE level = 4 AND days = 90 GROUP BY cell"],
        ),
        PageBenchmark(
            "map, a few streets",
            page_request(resident, f"/observations/cellules.json?zoom=17&cadre={map_window(point)}"),
            [map_window_sql(point)],
        ),
        PageBenchmark(
            "already reported",
            lambda: nearby.open_observations_near(*open_category, since=(at - timedelta(days=PUBLIC_DAYS)).date()),
            [f"{listed} AND {open_nearby_sql(*open_category)} {newest.replace('26', '60')}"],
        ),
        PageBenchmark("triage home", page_request(ana, "/tri"), [by_queue]),
        PageBenchmark(
            "triage queue", page_request(ana, f"/tri/files/{queue.code}"), [f"{waiting} {most_urgent}", by_queue]
        ),
        PageBenchmark(
            "triage queue, filtered",
            page_request(ana, f"/tri/files/{queue.code}?state=new&unclaimed=1&overdue=1"),
            [
                f"{waiting} AND {is_late_and_free} {most_urgent}",
                by_queue,
            ],
        ),
        PageBenchmark(
            "case with its neighbours", page_request(ana, f"/tri/dossiers/{case.reference}"), case_sql(case, point, at)
        ),
        *committee_benchmarks(app, at),
    ]


def map_window(point: Point) -> str:
    """Returns the bounding box of a map of a few streets around the point."""
    return f"{point.lon - 0.004},{point.lat - 0.002},{point.lon + 0.004},{point.lat + 0.002}"


def map_window_sql(point: Point) -> str:
    """Returns the SQL for the counts of the cells around the point."""
    cells = cell_list_sql(point)
    return f"SELECT cell, sum(n) FROM cell_count WHERE level = 0 AND days = 90 AND cell IN ({cells}) GROUP BY cell"


def open_nearby_sql(category: int, point: Point, _lattice: Lattice) -> str:
    """Returns the SQL condition for open observations of a category in the cells around the point."""
    cells = cell_list_sql(point)
    return f"o.status IN ('received', 'taken_up') AND o.category_id = {category} AND o.public_cell IN ({cells})"


def cell_list_sql(point: Point) -> str:
    """Returns the point's cell and its neighbours as an SQL list."""
    return ", ".join(str(cell) for cell in sorted(cells_around(point, territory.city_facts().lattice)))


def busiest_open_category() -> tuple[int, Point, Lattice]:
    """Returns the category with the most public open observations, the point of one of them, and the lattice."""
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
    return category, point, territory.city_facts().lattice


def case_sql(case: Case, point: Point, at: datetime) -> list[str]:
    """Returns the SQL for a case, its history, and its neighbours within 50 m in twelve weeks."""
    since = sql_timestamp(at - timedelta(weeks=NEARBY_CASE_WEEKS))
    close = {"sqlite": within_distance_spatialite, "postgresql": within_distance_postgis}[db.engine.dialect.name](point)
    neighbours = (
        f"SELECT k.* FROM \"case\" k WHERE k.id <> {case.id} AND k.state <> 'merged'"
        " AND k.id IN (SELECT case_id FROM case_observation "
        f"WHERE observation_id IN (SELECT o.id FROM observation o WHERE {close} AND o.received_at >= '{since}')) "
        "ORDER BY k.opened_at DESC LIMIT 20"
    )
    history = f"SELECT * FROM event WHERE thread = '{case.reference}' ORDER BY happened_at DESC"
    return [f"SELECT * FROM \"case\" WHERE reference = '{case.reference}'", neighbours, history]


def bounding_box(point: Point) -> tuple[float, float, float, float]:
    """Returns west, south, east, north of a box around everything within the neighbours' distance."""
    north = NEARBY_CASE_METRES / METRES_PER_DEGREE * 1.01
    east = north / cos(radians(point.lat))
    return point.lon - east, point.lat - north, point.lon + east, point.lat + north


def within_distance_spatialite(point: Point) -> str:
    """Returns the SQL condition for rows near the point: by R*Tree, then by distance on the ellipsoid."""
    west, south, east, north = bounding_box(point)
    is_in_box = f"xmax >= {west} AND xmin <= {east} AND ymax >= {south} AND ymin <= {north}"
    ids_in_box = f"SELECT pkid FROM idx_observation_point WHERE {is_in_box}"
    distance = f"ST_Distance(o.point, MakePoint({point.lon}, {point.lat}, 4326), 1)"
    return f"o.id IN ({ids_in_box}) AND {distance} <= {NEARBY_CASE_METRES}"


def within_distance_postgis(point: Point) -> str:
    """Returns the SQL condition for rows near the point: by box, then by distance on the ellipsoid."""
    west, south, east, north = bounding_box(point)
    centre = f"ST_SetSRID(ST_MakePoint({point.lon}, {point.lat}), 4326)::geography"
    envelope = f"ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326)"
    return f"o.point && {envelope} AND ST_Distance(o.point::geography, {centre}) <= {NEARBY_CASE_METRES}"


def page_request(client: FlaskClient, address: str) -> Callable[[], Any]:
    """Returns a function that requests the page and raises AssertionError unless it answers 200."""

    def request() -> None:
        reply = Context().run(client.get, address)  # a context of its own, as on a server
        if reply.status_code != 200:
            raise AssertionError(f"{address}: {reply.status_code} {reply.text[:500]}")

    return request


def signed_in_client(app: Flask, role: Role) -> FlaskClient:
    """Returns a test client, signed in with this role."""
    client = app.test_client()
    person = db.session.scalars(select(Person).where(Person.role == role)).first()
    if person is None:
        person = Person(email=f"{role.value}@bench.example", name=role.value, role=role, password_hash="none")
        person.is_active = True
        db.session.add(person)
        db.session.commit()
    accounts.start_session(person, at=now())
    db.session.commit()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = person.get_id(), True
        session["since"] = session["seen"] = int(now().timestamp())
    return client


def busiest_queue() -> Queue:
    """Returns the queue with the most open cases."""
    most = (
        select(Case.queue_id)
        .where(Case.state.in_(OPEN_STATES))
        .group_by(Case.queue_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    return db.session.scalars(select(Queue).where(Queue.id == most.scalar_subquery())).one()


def busiest_case() -> Case:
    """Returns an open case in the cell with the most observations."""
    cell = select(Observation.public_cell).where(Observation.public_cell.is_not(None)).group_by(Observation.public_cell)
    most = cell.order_by(func.count().desc()).limit(1).scalar_subquery()
    waiting = (
        select(Case)
        .join(Observation, Observation.id == Case.id)
        .where(Observation.public_cell == most, Case.state.in_(OPEN_STATES))
    )
    return db.session.scalars(waiting.order_by(Case.id).limit(1)).one()


def busiest_point() -> Point:
    """Returns the point of the busiest case."""
    point = db.session.get_one(Observation, busiest_case().id).exact_point
    if point is None:
        raise AssertionError("the busiest case has no point")
    return point


def busiest_sector() -> str:
    """Returns the code of the sector with the most observations."""
    query = select(Sector.code).join(Observation, Observation.sector_id == Sector.id).group_by(Sector.code)
    return db.session.scalars(query.order_by(func.count().desc()).limit(1)).one()


def committee_benchmarks(app: Flask, at: datetime) -> list[PageBenchmark]:
    """Returns the benchmarks of the committee's page and of the public figures, where this version has them."""
    del at
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    raw = [
        "SELECT month, kind, category_id, sector_id, outcome, is_out_of_plan, observations, cases FROM monthly_count"
    ]
    benchmarks = []
    if "/comite" in paths:
        benchmarks.append(
            PageBenchmark("committee page", page_request(signed_in_client(app, Role.COMMITTEE), "/comite"), raw)
        )
    if "/bilan" in paths:
        benchmarks.append(PageBenchmark("public figures", page_request(app.test_client(), "/bilan"), raw))
    return benchmarks


def sql_timestamp(at: datetime) -> str:
    """Formats a datetime for raw SQL of either database."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if db.engine.dialect.name == "postgresql" else "")
