"""Whether a page or a program asks: the same operations answer both, and errors too."""

from flask import request


def wants_json() -> bool:
    """Whether the asker would rather have JSON than a page; a browser's own navigation never does."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
