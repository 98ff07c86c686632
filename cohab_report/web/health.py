"""Health checks for monitoring: `/healthz` (the process is alive) and `/readyz` (it can serve residents).

Without the queue server it is degraded, not unready: observations are stored, and events are sent later.
"""

from collections.abc import Callable
from typing import Any

import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, current_app, jsonify
from flask.wrappers import Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cohab_report.db import MIGRATIONS, db
from cohab_report.web import context
from cohab_report.web.access import open_to_all

bp = Blueprint("health", __name__)
OK, UNREACHABLE = "ok", "away"


def init_app(app: Flask) -> None:
    """Registers the two addresses."""
    app.register_blueprint(bp)


@bp.get("/healthz")
@open_to_all
def alive() -> Response:
    """Answers 200; checks nothing else."""
    return jsonify(status=OK)


@bp.get("/readyz")
@open_to_all
def ready() -> tuple[Response, int]:
    """Answers 200 when the site can serve residents (`ok` or `degraded`), 503 when not, with the state of each part."""
    required = {
        "database": _state_of(_database_state),
        "schema": _state_of(_schema_state),
        "profile": _state_of(_profile_state),
    }
    optional = {"queue": _state_of(_queue_state)}
    is_ready = all(state == OK for state in required.values())
    is_complete = is_ready and all(state == OK for state in optional.values())
    status = OK if is_complete else "degraded" if is_ready else "unready"
    return jsonify(status=status, parts=required | optional), 200 if is_ready else 503


def _state_of(part: Callable[[], str]) -> str:
    try:
        return part()
    except (SQLAlchemyError, redis.RedisError, OSError):
        return UNREACHABLE


def _database_state() -> str:
    db.session.execute(text("SELECT 1"))
    return OK


def _schema_state() -> str:
    script_heads = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    database_heads = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    return OK if script_heads == database_heads else "not migrated"


def _profile_state() -> str:
    db.session.execute(text("SELECT 1"))
    return OK if context.provided_fact("city") is not None else "no city loaded"


def _queue_state() -> str:
    queue: Any = current_app.extensions["queue"]
    queue.connection.ping()
    return OK
