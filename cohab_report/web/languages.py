"""The language of a page: French by default, or what the reader chose, stored in the session.

`Accept-Language` is ignored.

An address may name the language of its own response (`?langue=en`): what a phone stores for later, or requests without
its session, must not depend on the session.
"""

from typing import Protocol

from flask import Blueprint, Flask, redirect, request, session
from flask_babel import LazyString, get_locale
from werkzeug.wrappers import Response

from cohab_report.settings import Settings, current_settings
from cohab_report.web import context
from cohab_report.web.access import open_to_all
from cohab_report.web.extensions import babel
from cohab_report.web.redirects import local_path

LOCALES = {"fr": "fr_CA", "en": "en_CA"}
bp = Blueprint("languages", __name__)


class Bilingual(Protocol):
    """A text in French and, when the city provides it, in English."""

    @property
    def fr(self) -> str:
        """Returns the French text, never empty."""
        ...

    @property
    def en(self) -> str:
        """Returns the English text, or an empty one."""
        ...


def init_app(app: Flask, settings: Settings) -> None:
    """Selects the locale of each request, and registers the address that changes the language."""
    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES[settings.languages[0]]
    babel.init_app(app, locale_selector=_session_locale, timezone_selector=context.city_time_zone)
    app.register_blueprint(bp)
    app.jinja_env.filters["words"] = words
    app.context_processor(lambda: {"languages": list(settings.languages), "current_language": current_language()})


def current_language() -> str:
    """Returns the code of this page's language: `fr` or `en`."""
    locale = get_locale()
    return str(locale.language) if locale else "fr"


def words(text: Bilingual | LazyString | str | None) -> str:
    """Returns a bilingual text in the page's language.

    French when English is empty; plain text unchanged; "" for None.
    """
    if text is None or isinstance(text, str | LazyString):
        return str(text or "")
    return (text.en if current_language() == "en" else "") or text.fr


@bp.post("/langue")
@open_to_all
def choose_language() -> Response:
    """Stores the reader's language in the session and redirects to the page they were reading."""
    language = request.form.get("language", "")
    if language in current_settings().languages:
        session["language"] = language
    return redirect(local_path(request.form.get("next")) or "/", 303)


def _session_locale() -> str:
    available = current_settings().languages
    choices = (request.args.get("langue"), session.get("language")) if request else ()
    return LOCALES[next((language for language in choices if language in available), available[0])]
