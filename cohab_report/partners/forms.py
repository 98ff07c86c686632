"""The sign-in form and its wording."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from cohab_report.partners.passwords import LONGEST_PASSWORD
from cohab_report.web.typed_text import GiveBack


class SignInForm(FlaskForm):
    """The sign-in form: an e-mail address and a password."""

    email = EmailField(
        _("Courriel"),
        validators=[
            InputRequired(_("Écrivez votre adresse de courriel.")),
            Length(max=254, message=_("Cette adresse est trop longue.")),
            GiveBack(),
        ],
    )
    password = PasswordField(
        _("Mot de passe"),
        validators=[
            InputRequired(_("Écrivez votre mot de passe.")),
            Length(max=LONGEST_PASSWORD, message=_("Ce mot de passe est trop long.")),
        ],
    )

    def refuse(self) -> None:
        """Adds the error that address and password don't match, without saying which of the two is wrong."""
        self.password.errors = [
            *self.password.errors,
            _("Le courriel ou le mot de passe ne correspond pas. Vérifiez les deux."),
        ]
