"""What the team types about a case, and the words for the choices it makes. Whether a choice is allowed is decided by the operations."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from cohab_report.catalogue.models import Category
from cohab_report.errors import Invalid
from cohab_report.plan.models import Action
from cohab_report.triage.captions import KINDS, REASONS
from cohab_report.triage.operations import LONGEST_NOTE
from cohab_report.web.choices import choice
from cohab_report.web.languages import words

REFUSALS: Mapping[tuple[str, str], LazyString] = {
    ("reason", "missing"): _("Écrivez pourquoi."),
    ("note", "missing"): _("Écrivez ce qui a été vu, sans décrire personne."),
    ("category", "weaker"): _("Cette catégorie protège moins. Choisissez-en une qui protège autant ou davantage."),
    ("on", "future"): _("La date ne peut pas être dans l’avenir."),
    ("on", "before"): _("La visite est plus ancienne que ce qui a été observé. Il faut retourner voir le lieu."),
    ("into", "unknown"): _("Aucun dossier n’a cette référence. Vérifiez-la."),
    ("action", "unknown"): _("Choisissez une action de la liste."),
}
NOTHING_CHOSEN = _("Choisissez…")
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
    reason = StringField(
        _("Pourquoi ?"), validators=[InputRequired(_("Écrivez pourquoi.")), Length(max=LONGEST_NOTE, message=TOO_LONG)]
    )

    def offer(self, categories: Iterable[Category]) -> None:
        """The list shows these categories, by kind."""
        offered = [
            choice(each.code, f"{each.code} · {words(each.name)}", group=str(KINDS[each.kind])) for each in categories
        ]
        self.category.choices = [choice("", NOTHING_CHOSEN), *offered]


class LinkForm(ActForm):
    """An action of the plan that nobody suggested."""

    action = SelectField(_("Action du plan"), validators=[InputRequired(_("Choisissez une action de la liste."))])

    def offer(self, actions: Iterable[Action]) -> None:
        """The list shows these actions, by field of the plan."""
        offered = [
            choice(each.code, f"{each.code} · {words(each.title)}", group=words(each.field.name)) for each in actions
        ]
        self.action.choices = [choice("", NOTHING_CHOSEN), *offered]


class OccupancyForm(ActForm):
    """What outreach saw, when, in words."""

    seen = RadioField(
        _("Qu’a vu l’équipe d’intervention ?"),
        choices=[
            choice("cleared", _("Rien n’est utilisé : le lieu est libre")),
            choice("in_use", _("Des effets sont utilisés : on n’y touche pas")),
        ],
        validators=[InputRequired(_("Dites ce qui a été vu."))],
    )
    on = DateField(_("Date de la visite"), validators=[InputRequired(_("Donnez la date de la visite."))])
    note = TextAreaField(
        _("Note"),
        validators=[
            InputRequired(_("Écrivez ce qui a été vu, sans décrire personne.")),
            Length(max=LONGEST_NOTE, message=TOO_LONG),
        ],
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
        validators=[
            InputRequired(_("Écrivez la référence de l’autre dossier.")),
            Length(max=12, message=_("Cette référence est trop longue.")),
        ],
    )


class CloseForm(ActForm):
    """Why it is over, and what residents should know."""

    reason = RadioField(
        _("Issue"),
        choices=[choice(reason.value, text) for reason, text in REASONS.items()],
        validators=[InputRequired(_("Choisissez une issue."))],
    )
    note = TextAreaField(_("Note pour l’équipe"), validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)])
