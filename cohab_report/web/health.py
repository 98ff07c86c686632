"""Two answers for whoever watches over the machine: is the process alive, and could it serve somebody now?

A queue server that is away makes it degraded, not unready: observations are kept and sent later.
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
OK, AWAY = "ok", "away"


def init_app(app: Flask) -> None:
    """The two addresses are there."""
    app.register_blueprint(bp)


@bp.get("/healthz")
@open_to_all
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status=OK)


@bp.get("/readyz")
@open_to_all
def ready() -> tuple[Response, int]:
    """200 when somebody can be served, with what is degraded; 503 when not. Each part is named."""
    needed = {"database": _asks(_database), "schema": _asks(_schema), "profile": _asks(_profile)}
    helpful = {"queue": _asks(_queue)}
    is_ready = all(state == OK for state in needed.values())
    is_whole = is_ready and all(state == OK for state in helpful.values())
    status = OK if is_whole else "degraded" if is_ready else "unready"
    return jsonify(status=status, parts=needed | helpful), 200 if is_ready else 503


def _asks(part: Callable[[], str]) -> str:
    try:
        return part()
    except (SQLAlchemyError, redis.RedisError, OSError):
        return AWAY


def _database() -> str:
    db.session.execute(text("SELECT 1"))
    return OK


def _schema() -> str:
    wanted = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    found = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    return OK if wanted == found else "not migrated"


def _profile() -> str:
    db.session.execute(text("SELECT 1"))
    return OK if context.value("city") is not None else "no city loaded"


def _queue() -> str:
    queue: Any = current_app.extensions["queue"]
    queue.connection.ping()
    return OK
