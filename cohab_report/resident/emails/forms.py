"""The form of the e-mail address, and its error messages."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from cohab_report.errors import Invalid
from cohab_report.intake.contacts.operations import LONGEST_ADDRESS
from cohab_report.web.typed_text import text_line

ADDRESS_REFUSALS: Mapping[str, LazyString] = {
    "malformed": _("Écrivez une adresse complète, comme nom@exemple.ca."),
    "too_often": _(
        "Trois courriels ont déjà été demandés depuis 24 heures. Regardez dans les indésirables, ou recommencez demain."
    ),
}


class AddressForm(FlaskForm):
    """The form of the address to which the author of an observation wants news sent."""

    email = text_line(
        _("Votre adresse de courriel"),
        longest=LONGEST_ADDRESS,
        too_long=ADDRESS_REFUSALS["malformed"],
        missing=ADDRESS_REFUSALS["malformed"],
    )

    def refuse(self, error: Invalid) -> None:
        """Sets the address's error message for an Invalid error of the operation."""
        self.email.errors = [ADDRESS_REFUSALS[error.reason]]
