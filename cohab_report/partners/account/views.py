"""The page of a person's own choices, and how their shortcuts are told on every page."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from cohab_report.db import transaction
from cohab_report.partners import operations
from cohab_report.partners.account import rules
from cohab_report.partners.account.forms import PreferencesForm
from cohab_report.partners.models import Role, ShortcutKeys
from cohab_report.partners.views import current_person
from cohab_report.web.access import needs

bp = Blueprint("account", __name__)


@bp.get("/mon-compte")
@needs(*Role)
def preferences() -> str:
    """Shows the signed-in person's own choices."""
    form = PreferencesForm(shortcut_keys=current_person().shortcut_keys.value)
    return render_template("account/preferences.html", form=form)


@bp.post("/mon-compte")
@needs(*Role)
def save_preferences() -> Response | tuple[str, int]:
    """Stores the person's own choices."""
    form = PreferencesForm()
    if not form.validate():
        return render_template("account/preferences.html", form=form), 422
    with transaction():
        operations.choose_shortcut_keys(current_person(), ShortcutKeys(form.shortcut_keys.data))
    flash(_("C’est gardé pour votre compte, sur tous vos appareils."), "done")
    return redirect(url_for("account.preferences"), 303)


def shortcut_of_reader(key: str) -> str:
    """Returns how the signed-in person presses this shortcut; empty where they switched shortcuts off."""
    return rules.shortcut_words(key, current_user.shortcut_keys if current_user.is_authenticated else ShortcutKeys.OFF)
