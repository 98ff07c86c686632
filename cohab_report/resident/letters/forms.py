"""The one field for an address, and the words of its errors."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from cohab_report.errors import Invalid
from cohab_report.intake.contacts.operations import LONGEST

REFUSALS: Mapping[str, LazyString] = {
    "malformed": _("Écrivez une adresse complète, comme nom@exemple.ca."),
    "too_often": _(
        "Trois courriels ont déjà été demandés depuis 24 heures. Regardez dans les indésirables, ou recommencez demain."
    ),
}


class AddressForm(FlaskForm):
    """Where the author of an observation wants to be told."""

    email = StringField(
        _("Votre adresse de courriel"),
        validators=[InputRequired(REFUSALS["malformed"]), Length(max=LONGEST, message=REFUSALS["malformed"])],
    )

    def refuse(self, error: Invalid) -> None:
        """What the operation refused stands beside the field."""
        self.email.errors = [REFUSALS[error.reason]]
