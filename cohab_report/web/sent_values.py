"""Refuses requests whose fields no view should read: too many, too long, or with characters that can't be stored.

This comes before any view, expression or number parser sees them. What a form itself limits more closely, it refuses
beside its field.
"""

from collections.abc import Iterator

from flask import Flask, request
from flask_babel import gettext
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from cohab_report.web.configuration import MAX_FORM_FIELDS

LONGEST_FIELD = 20_000
"""Characters of one field; far more than any form takes: whoever pastes too much is told so beside the field."""
LONGEST_FIELD_NAME = 100


class FieldsTooLarge(RequestEntityTooLarge):
    """Too many fields, or one too long: the files of the form are not what is too large."""


def init_app(app: Flask) -> None:
    """Checks each request's fields before its view."""
    app.before_request(_refuse_unreadable_fields)


def _refuse_unreadable_fields() -> None:
    """Raises FieldsTooLarge for too many or too long fields, BadRequest for a null character.

    PostgreSQL can't store one. Files are not looked at: they have limits of their own.
    """
    fields = list(_fields())
    if len(fields) > MAX_FORM_FIELDS or any(
        len(name) > LONGEST_FIELD_NAME or len(value) > LONGEST_FIELD for name, value in fields
    ):
        raise FieldsTooLarge
    if "\0" in request.path or any("\0" in name or "\0" in value for name, value in fields):
        raise BadRequest(gettext("caractère nul"))


def _fields() -> Iterator[tuple[str, str]]:
    """Returns the names and values of the address's query and of the form, in order."""
    yield from request.args.items(multi=True)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        yield from request.form.items(multi=True)
