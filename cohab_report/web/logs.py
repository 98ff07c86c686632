"""Logging: one JSON line per request, with the route's endpoint and never its values.

No address of a caller, no query, no form value, no code: what isn't logged can't leak.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb

from flask import Flask, g, request
from flask.wrappers import Response

from cohab_report.settings import Settings

log = logging.getLogger("cohab_report.requests")
LOGGED_FACTS = ("method", "endpoint", "status", "milliseconds", "error", "reason")
UNLOGGED_PATHS = ("/healthz", "/readyz")


class JsonLines(logging.Formatter):
    """Formats a log record as one JSON line; of its extra attributes, only LOGGED_FACTS, which are harmless."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record as a JSON object; of an exception only its class and the places in the code."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        line |= {fact: getattr(record, fact) for fact in LOGGED_FACTS if hasattr(record, fact)}
        if record.exc_info and record.exc_info[0]:
            # An exception's message, and Flask's beside it, may quote what somebody typed or the address of the
            # request.
            line["message"] = "failed"
            line["error"] = record.exc_info[0].__name__
            line["trace"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask, settings: Settings) -> None:
    """Logs JSON lines to standard error, and one line for each request; in tests only pytest collects them."""
    if settings.env != "test":
        _log_json_lines(logging.getLogger("cohab_report"))
    app.before_request(_start_timer)
    app.after_request(_log_request)


def _log_json_lines(logger: logging.Logger) -> None:
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _start_timer() -> None:
    g.started = time.perf_counter()


def _log_request(response: Response) -> Response:
    if request.endpoint != "static" and request.path not in UNLOGGED_PATHS:
        milliseconds = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000)
        facts = {
            "method": request.method,
            "endpoint": request.endpoint,
            "status": response.status_code,
            "milliseconds": milliseconds,
        }
        log.info("answered", extra=facts)
    return response
