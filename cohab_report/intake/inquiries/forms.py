"""What the form of a question and the form of its answer share: personal wording is shown once before it is sent."""

from flask_wtf import FlaskForm
from wtforms import HiddenField

from cohab_report.intake.inquiries.operations import wording_flags


class WordingForm(FlaskForm):
    """A form of one text, whose writer is warned once of wording that could point at a person."""

    warned = HiddenField()
    """The kinds of personal wording that the writer was warned of already, separated by commas."""

    @property
    def typed_words(self) -> str:
        """Returns the text of the form."""
        raise NotImplementedError

    @property
    def flags(self) -> list[str]:
        """Returns the kinds of wording in the text that could point at a person."""
        return wording_flags(self.typed_words)

    def is_warned(self) -> bool:
        """Tells whether the writer was warned of every kind of personal wording in the text."""
        return set(self.flags) <= set((self.warned.data or "").split(","))
