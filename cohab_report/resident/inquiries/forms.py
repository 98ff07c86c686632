"""The form of the answer to one question from triage, with the limits and the wording check of the form's text."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from cohab_report.errors import Invalid
from cohab_report.intake.inquiries.operations import LONGEST_INQUIRY_TEXT, wording_flags
from cohab_report.web.typed_text import text_area

REPLY_REFUSALS: Mapping[str, LazyString] = {
    "missing": _("Écrivez votre réponse, ou choisissez « Je préfère ne pas répondre »."),
    "too_long": _("Raccourcissez la réponse à 280 caractères au plus."),
    "control": _("La réponse contient des caractères invisibles. Récrivez-la."),
}


class ReplyForm(FlaskForm):
    """The form of the author's answer."""

    answer = text_area(
        _("Votre réponse"),
        longest=LONGEST_INQUIRY_TEXT,
        too_long=REPLY_REFUSALS["too_long"],
        missing=REPLY_REFUSALS["missing"],
    )
    warned = HiddenField()
    """The kinds of personal wording that the author was warned of before, joined by commas."""

    @property
    def flags(self) -> list[str]:
        """The kinds of wording in the answer that could point at a person."""
        return wording_flags(self.answer.data or "")

    def is_warned(self) -> bool:
        """Whether the author was warned of every kind of personal wording in the answer."""
        return set(self.flags) <= set((self.warned.data or "").split(","))

    def refuse(self, error: Invalid) -> None:
        """Sets the answer's error message for an Invalid error of the operation."""
        self.answer.errors = [REPLY_REFUSALS[error.reason]]
