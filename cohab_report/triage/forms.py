"""Forms of the case's page and the messages for refused input. What is allowed is decided by the operations."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired

from cohab_report.catalogue.captions import KIND_CAPTIONS
from cohab_report.catalogue.models import Category
from cohab_report.errors import Invalid
from cohab_report.plan.models import Action
from cohab_report.triage.captions import CLOSING_REASON_CAPTIONS
from cohab_report.triage.operations import LONGEST_NOTE
from cohab_report.web.act_forms import TEXT_TOO_LONG, ActForm
from cohab_report.web.languages import words
from cohab_report.web.select_choices import select_choice
from cohab_report.web.typed_text import GiveBack, text_area, text_line

TRIAGE_INPUT_ERRORS: Mapping[tuple[str, str], LazyString] = {
    ("reason", "missing"): _("Écrivez pourquoi."),
    ("note", "missing"): _("Écrivez ce qui a été vu, sans décrire personne."),
    ("category", "weaker"): _("Cette catégorie protège moins. Choisissez-en une qui protège autant ou davantage."),
    ("sure", "across"): _("Cette catégorie sert une autre finalité. Confirmez, ou choisissez-en une autre."),
    ("on", "future"): _("La date ne peut pas être dans l’avenir."),
    ("on", "before"): _("La visite est plus ancienne que le dernier doute sur ce lieu. Il faut y retourner."),
    ("category", "concern"): _("Une inquiétude pour quelqu’un le reste."),
    ("into", "unknown"): _("Aucun dossier n’a cette référence. Vérifiez-la."),
    ("into", "same"): _("C’est le même dossier."),
    ("into", "over"): _("Cet autre dossier est déjà fermé ou fusionné."),
    ("into", "concern"): _("Une inquiétude pour quelqu’un ne se fusionne qu’avec une autre inquiétude pour quelqu’un."),
    ("into", "purpose"): _("Cet autre dossier sert à autre chose : d’autres partenaires s’en occupent."),
    ("into", "locked"): _(
        "Quelqu’un vit peut-être ici, et un partenaire a l’autre dossier en main : il faut d’abord vérifier le lieu."
    ),
    ("action", "unknown"): _("Choisissez une action de la liste."),
}
"""The message for refused input, by `Invalid.field` and `Invalid.reason`."""
NOTHING_CHOSEN = _("Choisissez…")


class TriageActForm(ActForm):
    """A form for any act on a case."""

    INPUT_ERRORS, LONGEST_TEXT = TRIAGE_INPUT_ERRORS, LONGEST_NOTE


class VisitFields(FlaskForm):
    """The date of an outreach visit to a place where somebody may live, for the forms that record one."""

    on = DateField(_("Date de la visite"), validators=[InputRequired(_("Donnez la date de la visite.")), GiveBack()])

    @property
    def visit_date(self) -> date:
        """Returns the date of the visit; raises Invalid("on", missing) when the form is not valid."""
        if self.on.data is None:
            raise Invalid("on", "missing")
        return self.on.data


class RecodeForm(TriageActForm):
    """The new category of a case, and why it changes."""

    category = SelectField(_("Nouvelle catégorie"), validators=[InputRequired(_("Choisissez une catégorie."))])
    reason = text_line(
        _("Pourquoi ?"),
        longest=LONGEST_NOTE,
        too_long=TEXT_TOO_LONG,
        missing=TRIAGE_INPUT_ERRORS["reason", "missing"],
    )

    sure = BooleanField(_("Oui, je change la finalité. Les chiffres comptent encore ce qui a été envoyé."))
    asked_about = HiddenField()
    """The category for which the confirmation was asked: it holds for no other."""

    @property
    def is_confirmed(self) -> bool:
        """Tells whether the change of purpose to the chosen category was asked about and confirmed."""
        return bool(self.sure.data) and self.asked_about.data == self.category.data

    def offer(self, categories: Iterable[Category]) -> None:
        """Fills the list with these categories, grouped by kind."""
        choices = [
            select_choice(each.code, f"{each.code} · {words(each.name)}", group=str(KIND_CAPTIONS[each.kind]))
            for each in categories
        ]
        self.category.choices = [select_choice("", NOTHING_CHOSEN), *choices]


class LinkForm(TriageActForm):
    """An action of the plan to link to the case, which nobody suggested."""

    action = SelectField(_("Action du plan"), validators=[InputRequired(_("Choisissez une action de la liste."))])

    def offer(self, actions: Iterable[Action]) -> None:
        """Fills the list with these actions, grouped by field of the plan."""
        choices = [
            select_choice(each.code, f"{each.code} · {words(each.title)}", group=words(each.field.name))
            for each in actions
        ]
        self.action.choices = [select_choice("", NOTHING_CHOSEN), *choices]


class OccupancyForm(VisitFields, TriageActForm):
    """The result of an occupancy check: what the outreach team saw, its date and a note."""

    seen = RadioField(
        _("Qu’a vu l’équipe d’intervention ?"),
        choices=[
            select_choice("cleared", _("Rien n’est utilisé : le lieu est libre")),
            select_choice("in_use", _("Des effets sont utilisés : on n’y touche pas")),
        ],
        validators=[InputRequired(_("Dites ce qui a été vu."))],
    )
    note = text_area(
        _("Note"), longest=LONGEST_NOTE, too_long=TEXT_TOO_LONG, missing=TRIAGE_INPUT_ERRORS["note", "missing"]
    )


class MergeForm(TriageActForm):
    """The reference of the case to merge into."""

    into = text_line(
        _("Référence de l’autre dossier"),
        longest=12,
        too_long=_("Cette référence est trop longue."),
        missing=_("Écrivez la référence de l’autre dossier."),
        filters=[lambda text: (text or "").strip().upper()],
    )


class ReopenForm(TriageActForm):
    """Why a closed case is taken up again."""

    reason = text_area(
        _("Pourquoi le rouvrir ?"),
        longest=LONGEST_NOTE,
        too_long=TEXT_TOO_LONG,
        missing=TRIAGE_INPUT_ERRORS["reason", "missing"],
    )


class CloseForm(TriageActForm):
    """The closing reason of a case, and a note for the team."""

    reason = RadioField(
        _("Issue"),
        choices=[select_choice(reason.value, text) for reason, text in CLOSING_REASON_CAPTIONS.items()],
        validators=[InputRequired(_("Choisissez une issue."))],
    )
    note = text_area(_("Note pour l’équipe"), longest=LONGEST_NOTE, too_long=TEXT_TOO_LONG)
