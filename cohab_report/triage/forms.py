"""What the team types about a case, and the words for the choices it makes. Whether a choice is allowed is decided by the operations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from cohab_report.catalogue.models import Category, Kind
from cohab_report.errors import Invalid
from cohab_report.plan.models import Action
from cohab_report.triage.models import CaseState, ClosingReason, Occupancy
from cohab_report.triage.operations import LONGEST_NOTE
from cohab_report.web.languages import words

STATES: Mapping[CaseState, LazyString] = {
    CaseState.NEW: _("À trier"),
    CaseState.OCCUPANCY_CHECK: _("Vérification d’occupation"),
    CaseState.ACCEPTED: _("Accepté"),
    CaseState.HANDED_OVER: _("Transmis"),
    CaseState.IN_PROGRESS: _("En cours"),
    CaseState.CLOSED: _("Fermé"),
    CaseState.MERGED: _("Fusionné"),
    CaseState.REOPEN_REQUESTED: _("Réouverture demandée"),
}
KINDS: Mapping[Kind, LazyString] = {
    Kind.CLEANLINESS: _("Propreté"),
    Kind.SAFETY: _("Sécurité du lieu"),
    Kind.POSITIVE: _("Activité positive"),
    Kind.CONCERN: _("Inquiétude pour quelqu’un"),
}
REASONS: Mapping[ClosingReason, LazyString] = {
    ClosingReason.DONE: _("C’est fait"),
    ClosingReason.NOTHING_FOUND: _("Rien trouvé sur place"),
    ClosingReason.ALREADY_FOLLOWED: _("Déjà suivi"),
    ClosingReason.HELP_OFFERED: _("De l’aide a été offerte"),
    ClosingReason.OUTSIDE_MANDATE: _("Hors de notre mandat"),
    ClosingReason.REDIRECTED: _("Orienté vers un autre service"),
    ClosingReason.NOT_POSSIBLE: _("Pas possible"),
}
OCCUPANCIES: Mapping[Occupancy, LazyString] = {
    Occupancy.NONE: _("Aucun signe d’occupation"),
    Occupancy.POSSIBLE: _("Peut-être occupé : à vérifier"),
    Occupancy.IN_USE: _("Des effets sont utilisés : travaux bloqués"),
    Occupancy.CLEARED: _("Vérifié : rien n’est utilisé"),
}
ONE_TAP: Sequence[ClosingReason] = (ClosingReason.DONE, ClosingReason.NOTHING_FOUND, ClosingReason.ALREADY_FOLLOWED, ClosingReason.HELP_OFFERED)
REFUSALS: Mapping[tuple[str, str], LazyString] = {
    ("reason", "missing"): _("Écrivez pourquoi."),
    ("note", "missing"): _("Écrivez ce qui a été vu, sans décrire personne."),
    ("category", "weaker"): _("Cette catégorie protège moins. Choisissez-en une qui protège autant ou davantage."),
    ("on", "future"): _("La date ne peut pas être dans l’avenir."),
    ("into", "unknown"): _("Aucun dossier n’a cette référence. Vérifiez-la."),
    ("action", "unknown"): _("Choisissez une action de la liste."),
}
TOO_LONG = _("Le texte est trop long. Gardez au plus %(max)d caractères.")


class ActForm(FlaskForm):
    """Any act on a case: it says which version of the case was read."""

    version = HiddenField()

    def refuse(self, error: Invalid) -> None:
        """What the operation refused stands beside its field; raises the error again when the form has no such field."""
        field = getattr(self, error.field, None)
        if field is None:
            raise error
        known = REFUSALS.get((error.field, error.reason), _("Cette réponse ne peut pas être acceptée."))
        field.errors = [*field.errors, TOO_LONG % {"max": LONGEST_NOTE} if error.reason == "too_long" else known]


class RecodeForm(ActForm):
    """Another category, and why."""

    category = SelectField(_("Nouvelle catégorie"), validators=[InputRequired(_("Choisissez une catégorie."))])
    reason = StringField(_("Pourquoi ?"), validators=[InputRequired(_("Écrivez pourquoi.")), Length(max=LONGEST_NOTE, message=TOO_LONG)])

    def offer(self, categories: Iterable[Category]) -> None:
        """The list shows these categories, by kind."""
        by_kind: dict[str, list[tuple[str, str]]] = {}
        for category in categories:
            by_kind.setdefault(str(KINDS[category.kind]), []).append((category.code, f"{category.code} · {words(category.name)}"))
        cast_choices: Any = by_kind
        self.category.choices = cast_choices


class LinkForm(ActForm):
    """An action of the plan that nobody suggested."""

    action = SelectField(_("Action du plan"), validators=[InputRequired(_("Choisissez une action de la liste."))])

    def offer(self, actions: Iterable[Action]) -> None:
        """The list shows these actions, by field of the plan."""
        by_field: dict[str, list[tuple[str, str]]] = {}
        for action in actions:
            by_field.setdefault(words(action.field.name), []).append((action.code, f"{action.code} · {words(action.title)}"))
        cast_choices: Any = by_field
        self.action.choices = cast_choices


class OccupancyForm(ActForm):
    """What outreach saw, when, in words."""

    seen = RadioField(
        _("Qu’a vu l’équipe d’intervention ?"),
        choices=[("cleared", _("Rien n’est utilisé : le lieu est libre")), ("in_use", _("Des effets sont utilisés : on n’y touche pas"))],
        validators=[InputRequired(_("Dites ce qui a été vu."))],
    )
    on = DateField(_("Date de la visite"), validators=[InputRequired(_("Donnez la date de la visite."))])
    note = TextAreaField(
        _("Note"), validators=[InputRequired(_("Écrivez ce qui a été vu, sans décrire personne.")), Length(max=LONGEST_NOTE, message=TOO_LONG)]
    )

    @property
    def day(self) -> date:
        """The day of the visit; only of a form that is valid."""
        if self.on.data is None:
            raise Invalid("on", "missing")
        return self.on.data


class MergeForm(ActForm):
    """The other case, by its reference."""

    into = StringField(
        _("Référence de l’autre dossier"),
        filters=[lambda text: (text or "").strip().upper()],
        validators=[InputRequired(_("Écrivez la référence de l’autre dossier.")), Length(max=12, message=_("Cette référence est trop longue."))],
    )


class CloseForm(ActForm):
    """Why it is over, and what residents should know."""

    reason = RadioField(
        _("Issue"), choices=[(reason.value, text) for reason, text in REASONS.items()], validators=[InputRequired(_("Choisissez une issue."))]
    )
    note = TextAreaField(_("Note pour l’équipe"), validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)])
