"""What is written down about running: one JSON line each, with the route's pattern and never its values.

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
FACTS = ("method", "endpoint", "status", "milliseconds", "error", "reason")
QUIET = ("/healthz", "/readyz")


class JsonLines(logging.Formatter):
    """Each record on one line; of what was attached to it, only the facts that are known to be harmless."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one JSON object."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        line |= {fact: getattr(record, fact) for fact in FACTS if hasattr(record, fact)}
        if record.exc_info and record.exc_info[0]:
            # An error's own words, and Flask's beside it, may quote what somebody typed or the address they asked for.
            line["message"] = "failed"
            line["error"] = record.exc_info[0].__name__
            line["trace"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask, settings: Settings) -> None:
    """The package logs JSON lines to standard error, and one line for each request. In tests only pytest listens."""
    if settings.env != "test":
        _write_lines(logging.getLogger("cohab_report"))
    app.before_request(_start)
    app.after_request(_tell)


def _write_lines(logger: logging.Logger) -> None:
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _start() -> None:
    g.started = time.perf_counter()


def _tell(response: Response) -> Response:
    if request.endpoint != "static" and request.path not in QUIET:
        spent = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000)
        facts = {
            "method": request.method,
            "endpoint": request.endpoint,
            "status": response.status_code,
            "milliseconds": spent,
        }
        log.info("answered", extra=facts)
    return response
