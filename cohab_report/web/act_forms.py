"""Forms of acts: what was read of the thing, and the operation's refusal beside its field. Knows no feature."""

from collections.abc import Mapping
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from cohab_report.errors import Invalid

TEXT_TOO_LONG = _("Le texte est trop long. Gardez au plus %(max)d caractères.")
INPUT_REFUSED = _("Cette réponse ne peut pas être acceptée.")


def version_number(text: str | None) -> int | None:
    """Returns the version that a form carries, or None for what can't be one."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


class ActForm(FlaskForm):
    """A form for an act on a thing that others may change; carries the version of it that its reader saw."""

    INPUT_ERRORS: ClassVar[Mapping[tuple[str, str], LazyString]] = {}
    """The message for refused input, by `Invalid.field` and `Invalid.reason`."""
    LONGEST_TEXT: ClassVar[int]
    version = HiddenField()

    @property
    def read_version(self) -> int:
        """Returns the version that the reader saw; -1 when the form was tampered with, so that it counts as stale."""
        version = version_number(self.version.data)
        return -1 if version is None else version

    def refuse(self, error: Invalid) -> None:
        """Shows the operation's refusal beside its field; raises the error again when the form has no such field."""
        field = getattr(self, error.field, None)
        if field is None:
            raise error
        message = self.INPUT_ERRORS.get((error.field, error.reason), INPUT_REFUSED)
        field.errors = [
            *field.errors,
            TEXT_TOO_LONG % {"max": self.LONGEST_TEXT} if error.reason == "too_long" else message,
        ]
