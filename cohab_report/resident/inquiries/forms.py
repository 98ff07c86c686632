"""The answer to one question from triage, with the same limits and the same care as the text of the form."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from cohab_report.errors import Invalid
from cohab_report.intake.inquiries.operations import LONGEST, flags_of

REFUSALS: Mapping[str, LazyString] = {
    "missing": _("Écrivez votre réponse, ou choisissez « Je préfère ne pas répondre »."),
    "too_long": _("Raccourcissez la réponse à 280 caractères au plus."),
    "control": _("La réponse contient des caractères invisibles. Récrivez-la."),
}


class ReplyForm(FlaskForm):
    """What the author answers."""

    answer = TextAreaField(
        _("Votre réponse"),
        filters=[lambda typed: (typed or "").replace("\r\n", "\n").strip()],
        validators=[InputRequired(REFUSALS["missing"]), Length(max=LONGEST, message=REFUSALS["too_long"])],
    )
    warned = HiddenField()
    """The kinds of personal wording that the author was shown already."""

    @property
    def flags(self) -> list[str]:
        """What in the answer could point at a person."""
        return flags_of(self.answer.data or "")

    def is_warned(self) -> bool:
        """Whether nothing is in the answer that the author was not shown before."""
        return set(self.flags) <= set((self.warned.data or "").split(","))

    def refuse(self, error: Invalid) -> None:
        """What the operation refused stands beside the field."""
        self.answer.errors = [REFUSALS[error.reason]]
