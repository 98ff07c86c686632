"""Health checks for monitoring: `/healthz` (the process is alive) and `/readyz` (it can serve residents).

Without the queue server, its workers or its clock, or with events set aside, it is degraded, not unready: observations
are stored, and events are sent later. Packages downstream provide checks of their own.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, current_app, jsonify
from flask.wrappers import Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cohab_report import jobs, journal
from cohab_report.clock import now
from cohab_report.db import MIGRATIONS, db
from cohab_report.metrics import provide_counter, provide_metrics
from cohab_report.web.access import open_to_all

bp = Blueprint("health", __name__)
OK, UNREACHABLE = "ok", "away"
LEAST_FREE_BYTES = 32 * 1024 * 1024
"""What the embedded database's disk needs, so that what a resident sends can be stored."""
CHECKS_EXTENSION = "cohab.health"


@dataclass(frozen=True)
class HealthCheck:
    """A part of the system, how its state is found, and whether residents can be served without it."""

    part: str
    state: Callable[[], str]
    is_needed: bool


def init_app(app: Flask) -> None:
    """Registers the two addresses, and the checks of the database, the queue server and the events."""
    app.extensions[CHECKS_EXTENSION] = []
    app.register_blueprint(bp)
    provide_check(app, "database", _database_state, needed=True)
    provide_check(app, "schema", _schema_state, needed=True)
    provide_check(app, "queue", _queue_state, needed=False)
    provide_check(app, "workers", _workers_state, needed=False)
    provide_check(app, "clock", _clock_state, needed=False)
    provide_check(app, "events", _events_state, needed=False)
    provide_counter(app, "requests_throttled", "Requests refused for being too many at once.", _throttled_requests)
    provide_metrics(app, "part_ok", "1 when /readyz finds this part in order.", label="part", values=_part_values)


def provide_check(app: Flask, part: str, state: Callable[[], str], *, needed: bool) -> None:
    """Adds a part to `/readyz`: `state` returns OK, or a few words on what is wrong.

    Without a needed part the site is unready (HTTP 503), without another one degraded.
    """
    app.extensions[CHECKS_EXTENSION].append(HealthCheck(part, state, needed))


@bp.get("/healthz")
@open_to_all
def alive() -> Response:
    """Answers 200; checks nothing else."""
    return jsonify(status=OK)


@bp.get("/readyz")
@open_to_all
def ready() -> tuple[Response, int]:
    """Answers 200 when the site can serve residents (`ok` or `degraded`), 503 when not, with the state of each part."""
    checks = _checks()
    parts = {check.part: _state_of(check.state) for check in checks}
    is_ready = all(parts[check.part] == OK for check in checks if check.is_needed)
    is_complete = all(state == OK for state in parts.values())
    status = OK if is_complete else "degraded" if is_ready else "unready"
    return jsonify(status=status, parts=parts), 200 if is_ready else 503


def _checks() -> list[HealthCheck]:
    return cast(list[HealthCheck], current_app.extensions[CHECKS_EXTENSION])


def _part_values() -> Mapping[str, float]:
    return {check.part: float(_state_of(check.state) == OK) for check in _checks()}


def _throttled_requests() -> float:
    return jobs.counted(jobs.CounterName.REQUESTS_THROTTLED)


def _state_of(part: Callable[[], str]) -> str:
    try:
        return part()
    except (SQLAlchemyError, redis.RedisError, OSError):
        return UNREACHABLE


def _database_state() -> str:
    db.session.execute(text("SELECT 1"))
    url = db.engine.engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database
    if is_file and shutil.disk_usage(Path(str(url.database)).parent).free < LEAST_FREE_BYTES:
        return "disk full"
    return OK


def _schema_state() -> str:
    script_heads = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    database_heads = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    return OK if script_heads == database_heads else "not migrated"


def _queue_state() -> str:
    jobs.job_queue(jobs.QueueName.EVENTS).connection.ping()
    return OK


def _workers_state() -> str:
    unserved = jobs.unserved_queues(at=now())
    return f"none for {', '.join(unserved)}" if unserved else OK


def _clock_state() -> str:
    return "silent" if jobs.is_clock_silent(at=now()) else OK


def _events_state() -> str:
    count = journal.set_aside_count()
    return f"{count} set aside" if count else OK
