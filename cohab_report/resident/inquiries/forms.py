"""The form of the answer to one question from triage, with the limits and the wording check of the form's text."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.errors import Invalid
from cohab_report.intake.inquiries.forms import WordingForm
from cohab_report.intake.inquiries.operations import LONGEST_INQUIRY_TEXT
from cohab_report.web.typed_text import text_area

REPLY_REFUSALS: Mapping[str, LazyString] = {
    "missing": _("Écrivez votre réponse, ou choisissez « Je préfère ne pas répondre »."),
    "too_long": _("Raccourcissez la réponse à 280 caractères au plus."),
    "control": _("La réponse contient des caractères invisibles. Récrivez-la."),
}


class ReplyForm(WordingForm):
    """The form of the author's answer."""

    answer = text_area(
        _("Votre réponse"),
        longest=LONGEST_INQUIRY_TEXT,
        too_long=REPLY_REFUSALS["too_long"],
        missing=REPLY_REFUSALS["missing"],
    )

    @property
    def typed_words(self) -> str:
        """Returns the answer."""
        return self.answer.data or ""

    def refuse(self, error: Invalid) -> None:
        """Sets the answer's error message for an Invalid error of the operation."""
        self.answer.errors = [REPLY_REFUSALS[error.reason]]
