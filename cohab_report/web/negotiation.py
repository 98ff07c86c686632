"""Content negotiation: whether the caller wants JSON or a page."""

from flask import request


def wants_json() -> bool:
    """Returns whether the request prefers JSON to HTML; a browser's own navigation never does."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
