"""The form that saves a filter under a name, and the messages for a refused name."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from cohab_report.errors import Invalid
from cohab_report.triage.waiting.filters import LONGEST_FILTER_NAME, MOST_SAVED_FILTERS
from cohab_report.web.typed_text import GiveBack

FILTER_NAME_ERRORS: Mapping[str, LazyString] = {
    "missing": _("Donnez un nom à ce filtre."),
    "too_long": _("Ce nom est trop long. Gardez au plus %(max)d caractères.", max=LONGEST_FILTER_NAME),
    "taken": _("Vous avez déjà un filtre de ce nom. Choisissez-en un autre."),
    "too_many": _(
        "Vous gardez déjà %(max)d filtres. Supprimez-en un sur la page du tri, puis recommencez.",
        max=MOST_SAVED_FILTERS,
    ),
    "no_filter": _("Aucun filtre n’est choisi. Choisissez-en un au-dessus de la liste, puis recommencez."),
}


class SaveFilterForm(FlaskForm):
    """A name for the current filters of a queue, and whether the team reads them too."""

    name = StringField(_("Nom du filtre"), validators=[GiveBack()])
    shared = BooleanField(_("Partager avec l’équipe"))

    def refuse(self, error: Invalid) -> None:
        """Shows the operation's refusal beside the name."""
        self.name.errors = [*self.name.errors, FILTER_NAME_ERRORS[error.reason]]
