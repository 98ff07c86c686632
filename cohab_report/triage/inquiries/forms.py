"""One question to one author. It is about the place: wording that could point at a person is shown before it leaves."""

from collections.abc import Mapping, Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from cohab_report.errors import Invalid
from cohab_report.intake.inquiries.operations import LONGEST, flags_of
from cohab_report.intake.models import Observation
from cohab_report.web.choices import choice

REFUSALS: Mapping[str, LazyString] = {
    "missing": _("Écrivez la question."),
    "too_long": _("Raccourcissez la question à 280 caractères au plus."),
    "control": _("La question contient des caractères invisibles. Récrivez-la."),
}


class AskForm(FlaskForm):
    """Whom to ask, and what."""

    author = SelectField(_("À la personne qui a envoyé"), validators=[InputRequired(_("Choisissez une observation."))])
    question = TextAreaField(
        _("Question"),
        filters=[lambda typed: (typed or "").replace("\r\n", "\n").strip()],
        validators=[InputRequired(REFUSALS["missing"]), Length(max=LONGEST, message=REFUSALS["too_long"])],
    )
    warned = HiddenField()
    """The kinds of personal wording that the writer was shown already."""

    def offer(self, observations: Sequence[Observation]) -> None:
        """The authors of these may be asked."""
        self.author.choices = [choice(each.reference, each.reference) for each in observations]

    @property
    def flags(self) -> list[str]:
        """What in the question could point at a person."""
        return flags_of(self.question.data or "")

    def is_warned(self) -> bool:
        """Whether nothing is in the question that its writer was not shown before."""
        return set(self.flags) <= set((self.warned.data or "").split(","))

    def refuse(self, error: Invalid) -> None:
        """What the operation refused stands beside the question."""
        self.question.errors = [REFUSALS[error.reason]]
