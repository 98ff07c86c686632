"""Forms of a partner's handover page and their messages. What is allowed is decided by the operations."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import InputRequired

from cohab_report.routing.models import HandoverState
from cohab_report.routing.operations import LONGEST_HANDOVER_TEXT
from cohab_report.triage.captions import CLOSING_REASON_CAPTIONS
from cohab_report.triage.forms import VisitFields
from cohab_report.triage.models import ClosingReason
from cohab_report.web.act_forms import TEXT_TOO_LONG, ActForm
from cohab_report.web.select_choices import select_choice
from cohab_report.web.typed_text import text_area

HANDOVER_STATE_CAPTIONS: Mapping[HandoverState, LazyString] = {
    HandoverState.OFFERED: _("À accepter"),
    HandoverState.ACCEPTED: _("Acceptée"),
    HandoverState.DECLINED: _("Refusée"),
    HandoverState.EXPIRED: _("Échue"),
    HandoverState.IN_PROGRESS: _("En cours"),
    HandoverState.DONE: _("Terminée"),
    HandoverState.GIVEN_BACK: _("Rendue"),
}
HANDOVER_INPUT_ERRORS: Mapping[tuple[str, str], LazyString] = {
    ("answer", "missing"): _("Écrivez pourquoi, en une phrase."),
    ("note", "missing"): _("Écrivez ce qui a été vu, sans décrire personne."),
    ("on", "future"): _("La date ne peut pas être dans l’avenir."),
    ("on", "before"): _("La visite est plus ancienne que le dernier doute sur ce lieu. Il faut y retourner."),
}
"""The message for refused input, by `Invalid.field` and `Invalid.reason`."""
HANDOVER_ACT_REFUSALS: Mapping[str, LazyString] = {
    "not_outreach": _("Seule une équipe d’intervention peut dire si un lieu est libre."),
    "not_asked": _("Personne n’attend plus de vérification pour ce lieu. Rien n’a été modifié."),
    "not_accepted": _("Acceptez d’abord cette transmission, ou refusez-la."),
    "not_holding": _("Acceptez d’abord la transmission ; la vérification se note ensuite."),
}
"""Why an act on a handover was refused, by `MoveRefused.why`."""
ACT_NO_LONGER_POSSIBLE = _("Ce geste n’est plus possible : la transmission a changé entre-temps. Rien n’a été modifié.")
HANDOVER_CHANGED = _(
    "Quelqu’un a modifié cette transmission pendant que vous la lisiez. Rien n’a été remplacé : voici où elle en est."
)


class PartnerActForm(ActForm):
    """A form for any act on a handover."""

    INPUT_ERRORS, LONGEST_TEXT = HANDOVER_INPUT_ERRORS, LONGEST_HANDOVER_TEXT


class ReasonForm(PartnerActForm):
    """The reason why the partner declines the case or gives it back."""

    answer = text_area(
        _("Pourquoi ?"),
        longest=LONGEST_HANDOVER_TEXT,
        too_long=TEXT_TOO_LONG,
        missing=HANDOVER_INPUT_ERRORS["answer", "missing"],
    )


class FinishForm(PartnerActForm):
    """The outcome of the partner's work, and words for the triage team."""

    outcome = RadioField(
        _("Issue"),
        choices=[select_choice(reason.value, text) for reason, text in CLOSING_REASON_CAPTIONS.items()],
        validators=[InputRequired(_("Choisissez une issue."))],
    )
    answer = text_area(_("Quelques mots pour l’équipe de tri"), longest=LONGEST_HANDOVER_TEXT, too_long=TEXT_TOO_LONG)

    @property
    def reason(self) -> ClosingReason:
        """Returns the chosen outcome; only of a valid form."""
        return ClosingReason(self.outcome.data)


class VisitForm(VisitFields, PartnerActForm):
    """The result of an outreach visit to a place where somebody may live: what was seen, its date and a note."""

    seen = RadioField(
        _("Qu’avez-vous vu ?"),
        choices=[
            select_choice("cleared", _("Libre : rien n’est utilisé")),
            select_choice("in_use", _("Effets utilisés : on n’y touche pas")),
        ],
        validators=[InputRequired(_("Dites ce qui a été vu."))],
    )
    note = text_area(
        _("Note"),
        longest=LONGEST_HANDOVER_TEXT,
        too_long=TEXT_TOO_LONG,
        missing=HANDOVER_INPUT_ERRORS["note", "missing"],
    )
