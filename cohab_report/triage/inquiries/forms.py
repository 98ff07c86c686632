"""The form of a question to an author, about the place: wording that could point at a person is flagged first."""

from collections.abc import Mapping, Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.validators import InputRequired

from cohab_report.errors import Invalid
from cohab_report.intake.inquiries.forms import WordingForm
from cohab_report.intake.inquiries.operations import LONGEST_INQUIRY_TEXT
from cohab_report.intake.models import Observation
from cohab_report.web.select_choices import select_choice
from cohab_report.web.typed_text import text_area

INQUIRY_INPUT_ERRORS: Mapping[str, LazyString] = {
    "missing": _("Écrivez la question."),
    "too_long": _("Raccourcissez la question à 280 caractères au plus."),
    "control": _("La question contient des caractères invisibles. Récrivez-la."),
}


class AskForm(WordingForm):
    """The observation whose author is asked, and the question."""

    author = SelectField(_("À la personne qui a envoyé"), validators=[InputRequired(_("Choisissez une observation."))])
    question = text_area(
        _("Question"),
        longest=LONGEST_INQUIRY_TEXT,
        too_long=INQUIRY_INPUT_ERRORS["too_long"],
        missing=INQUIRY_INPUT_ERRORS["missing"],
    )

    def offer(self, observations: Sequence[Observation]) -> None:
        """Fills the list with these observations, whose authors may be asked."""
        self.author.choices = [select_choice(each.reference, each.reference) for each in observations]

    @property
    def typed_words(self) -> str:
        """Returns the question."""
        return self.question.data or ""

    def refuse(self, error: Invalid) -> None:
        """Shows the operation's refusal beside the question."""
        self.question.errors = [INQUIRY_INPUT_ERRORS[error.reason]]
