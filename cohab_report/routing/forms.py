"""What a partner types about a case entrusted to it, and the words for what may be done. What is allowed is decided by the operations."""

from collections.abc import Mapping
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from cohab_report.errors import Invalid
from cohab_report.routing.models import HandoverState
from cohab_report.routing.operations import LONGEST_WORDS
from cohab_report.triage.captions import REASONS
from cohab_report.triage.models import ClosingReason
from cohab_report.web.choices import choice

STATES: Mapping[HandoverState, LazyString] = {
    HandoverState.OFFERED: _("À accepter"),
    HandoverState.ACCEPTED: _("Acceptée"),
    HandoverState.DECLINED: _("Refusée"),
    HandoverState.EXPIRED: _("Échue"),
    HandoverState.IN_PROGRESS: _("En cours"),
    HandoverState.DONE: _("Terminée"),
    HandoverState.GIVEN_BACK: _("Rendue"),
}
REFUSALS: Mapping[tuple[str, str], LazyString] = {
    ("answer", "missing"): _("Écrivez pourquoi, en une phrase."),
    ("note", "missing"): _("Écrivez ce qui a été vu, sans décrire personne."),
    ("on", "future"): _("La date ne peut pas être dans l’avenir."),
    ("on", "before"): _("La visite est plus ancienne que ce qui a été observé. Il faut retourner voir le lieu."),
}
WHY_NOT: Mapping[str, LazyString] = {
    "not_outreach": _("Seule une équipe d’intervention peut dire si un lieu est libre."),
    "not_asked": _("Personne n’attend plus de vérification pour ce lieu. Rien n’a été modifié."),
    "not_holding": _("Acceptez d’abord la transmission ; la vérification se note ensuite."),
}
TOO_LONG = _("Le texte est trop long. Gardez au plus %(max)d caractères.")
NO_LONGER = _("Ce geste n’est plus possible : la transmission a changé entre-temps. Rien n’a été modifié.")
STALE = _(
    "Quelqu’un a modifié cette transmission pendant que vous la lisiez. Rien n’a été remplacé : voici où elle en est."
)
UNREAD = _("La page était trop ancienne pour savoir ce que vous aviez lu. Relisez, puis recommencez.")


class ActForm(FlaskForm):
    """Any act on a handover: it says which version of it was read."""

    version = HiddenField()

    @property
    def read_version(self) -> int:
        """The version that the reader had before them; -1 when the form was tampered with, so that it counts as stale."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def refuse(self, error: Invalid) -> None:
        """What the operation refused stands beside its field; raises the error again when the form has no such field."""
        field = getattr(self, error.field, None)
        if field is None:
            raise error
        known = REFUSALS.get((error.field, error.reason), _("Cette réponse ne peut pas être acceptée."))
        field.errors = [*field.errors, TOO_LONG % {"max": LONGEST_WORDS} if error.reason == "too_long" else known]


class ReasonForm(ActForm):
    """Why the partner does not take the case, or can't go on."""

    answer = TextAreaField(
        _("Pourquoi ?"),
        validators=[InputRequired(_("Écrivez pourquoi, en une phrase.")), Length(max=LONGEST_WORDS, message=TOO_LONG)],
    )


class FinishForm(ActForm):
    """What became of it, and words for triage."""

    outcome = RadioField(
        _("Issue"),
        choices=[choice(reason.value, text) for reason, text in REASONS.items()],
        validators=[InputRequired(_("Choisissez une issue."))],
    )
    answer = TextAreaField(
        _("Quelques mots pour l’équipe de tri"), validators=[Length(max=LONGEST_WORDS, message=TOO_LONG)]
    )

    @property
    def reason(self) -> ClosingReason:
        """The outcome that was chosen; only of a form that is valid."""
        return ClosingReason(self.outcome.data)


class VisitForm(ActForm):
    """What outreach saw at a place where somebody may live, and when."""

    seen = RadioField(
        _("Qu’avez-vous vu ?"),
        choices=[
            choice("cleared", _("Libre : rien n’est utilisé")),
            choice("in_use", _("Effets utilisés : on n’y touche pas")),
        ],
        validators=[InputRequired(_("Dites ce qui a été vu."))],
    )
    on = DateField(_("Date de la visite"), validators=[InputRequired(_("Donnez la date de la visite."))])
    note = TextAreaField(
        _("Note"),
        validators=[
            InputRequired(_("Écrivez ce qui a été vu, sans décrire personne.")),
            Length(max=LONGEST_WORDS, message=TOO_LONG),
        ],
    )

    @property
    def day(self) -> date:
        """The day of the visit; only of a form that is valid."""
        if self.on.data is None:
            raise Invalid("on", "missing")
        return self.on.data
