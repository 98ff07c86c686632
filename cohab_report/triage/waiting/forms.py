"""The name under which somebody keeps filters, and the words for what stands against it."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from cohab_report.errors import Invalid
from cohab_report.triage.waiting.filters import LONGEST_NAME, MOST

REFUSALS: Mapping[str, LazyString] = {
    "missing": _("Donnez un nom à ce filtre."),
    "too_long": _("Ce nom est trop long. Gardez au plus %(max)d caractères.", max=LONGEST_NAME),
    "taken": _("Vous avez déjà un filtre de ce nom. Choisissez-en un autre."),
    "too_many": _("Vous gardez déjà %(max)d filtres. Supprimez-en un sur la page du tri, puis recommencez.", max=MOST),
    "no_filter": _("Aucun filtre n’est choisi. Choisissez-en un au-dessus de la liste, puis recommencez."),
}


class KeepForm(FlaskForm):
    """A name for the filters of a queue that are being read, and whether the team reads it too."""

    name = StringField(_("Nom du filtre"))
    shared = BooleanField(_("Partager avec l’équipe"))

    def refuse(self, error: Invalid) -> None:
        """What the operation refused stands beside the name."""
        self.name.errors = [*self.name.errors, REFUSALS[error.reason]]
