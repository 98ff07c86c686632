"""French first, English beside it. The language is what the reader chose, kept in the session; a browser's wish changes nothing.

An address may name the language of its own answer (`?langue=en`): what a phone keeps for later, or asks for without its session, must
not depend on the session.
"""

from typing import Protocol

from flask import Blueprint, Flask, redirect, request, session
from flask_babel import LazyString, get_locale
from werkzeug.wrappers import Response

from cohab_report.settings import Settings
from cohab_report.web import context
from cohab_report.web.access import open_to_all
from cohab_report.web.addresses import own_path
from cohab_report.web.configuration import settings
from cohab_report.web.extensions import babel

LOCALES = {"fr": "fr_CA", "en": "en_CA"}
bp = Blueprint("languages", __name__)


class Bilingual(Protocol):
    """Something said in French and, when the city gives it, in English."""

    @property
    def fr(self) -> str:
        """In French, always."""
        ...

    @property
    def en(self) -> str:
        """In English, or empty."""
        ...


def init_app(app: Flask, settings: Settings) -> None:
    """Pages speak the reader's language, and the address that changes it is there."""
    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES[settings.languages[0]]
    babel.init_app(app, locale_selector=_chosen_locale, timezone_selector=context.zone)
    app.register_blueprint(bp)
    app.jinja_env.filters["words"] = words
    app.context_processor(lambda: {"languages": list(settings.languages), "current_language": current_language()})


def current_language() -> str:
    """The code of the language that this page is written in."""
    locale = get_locale()
    return str(locale.language) if locale else "fr"


def words(thing: Bilingual | LazyString | str | None) -> str:
    """A bilingual name in the reader's language; French when English is empty; plain text as it is; nothing for None."""
    if thing is None or isinstance(thing, str | LazyString):
        return str(thing or "")
    return (thing.en if current_language() == "en" else "") or thing.fr


@bp.post("/langue")
@open_to_all
def choose() -> Response:
    """The reader's choice is kept and the page they were reading comes back in it."""
    wanted = request.form.get("language", "")
    if wanted in settings().languages:
        session["language"] = wanted
    return redirect(own_path(request.form.get("next")) or "/", 303)


def _chosen_locale() -> str:
    offered = settings().languages
    wanted = (request.args.get("langue"), session.get("language")) if request else ()
    return LOCALES[next((language for language in wanted if language in offered), offered[0])]
