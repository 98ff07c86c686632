"""JSON responses for the scripts of the residents' pages."""

from typing import Any

from flask import Response, json, request


def json_response(value: Any) -> Response:
    """Returns the value as compact JSON with an ETag, or 304 when the browser already has it."""
    response = Response(json.dumps(value, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
    response.add_etag()
    response.make_conditional(request)
    return response
