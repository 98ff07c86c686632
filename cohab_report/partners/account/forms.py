"""The form of a person's own choices."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from cohab_report.partners.models import ShortcutKeys
from cohab_report.web.select_choices import select_choice

SHORTCUT_KEYS_CAPTIONS: Mapping[ShortcutKeys, LazyString] = {
    ShortcutKeys.PLAIN: _("Une touche seule"),
    ShortcutKeys.ALT: _("Alt avec une touche"),
    ShortcutKeys.OFF: _("Aucun raccourci"),
}


class PreferencesForm(FlaskForm):
    """How the person presses the shortcuts of the staff pages, if at all."""

    shortcut_keys = RadioField(
        _("Raccourcis du clavier"),
        choices=[select_choice(keys.value, text) for keys, text in SHORTCUT_KEYS_CAPTIONS.items()],
        validators=[InputRequired(_("Choisissez une manière, ou aucune."))],
    )
