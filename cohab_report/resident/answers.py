"""Answers that scripts read instead of pages."""

from typing import Any

from flask import Response, json, request


def as_json(found: Any) -> Response:
    """The answer as JSON, or only that it still holds when the browser already has it."""
    answer = Response(json.dumps(found, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
    answer.add_etag()
    answer.make_conditional(request)
    return answer
