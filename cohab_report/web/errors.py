"""The one table that turns what can go wrong into a page: what happened, what was kept, what to do.

Whatever somebody typed comes back on the page, except secrets. When the database is away the page is drawn without it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, current_app, json, redirect, render_template, request, url_for
from flask_babel import LazyString, get_locale, gettext, lazy_gettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response

from cohab_report.errors import CohabError, Invalid, MoveRefused, NotThere, NotYours, Stale, TooMany, Unavailable
from cohab_report.web import context
from cohab_report.web.access import SIGN_IN, SignInFirst
from cohab_report.web.addresses import own_path
from cohab_report.web.negotiation import wants_json
from cohab_report.web.throttle import seconds_to_wait

log = logging.getLogger(__name__)
_ = lazy_gettext
Answer = tuple[str, int, dict[str, str]]


@dataclass(frozen=True)
class ErrorPage:
    """What one kind of trouble looks like: its status, its template under `errors/`, its title and its sentence."""

    status: int
    template: str
    title: LazyString
    words: LazyString


PAGES: Mapping[type[Exception], ErrorPage] = {
    NotThere: ErrorPage(
        404, "404", _("Page introuvable"), _("Cette adresse ne mène à rien, ou à rien que vous puissiez voir.")
    ),
    SignInFirst: ErrorPage(
        403, "403", _("Connexion nécessaire"), _("Votre session est terminée. Connectez-vous, puis recommencez.")
    ),
    NotYours: ErrorPage(403, "403", _("Accès réservé"), _("Votre compte ne donne pas accès à cette page.")),
    Stale: ErrorPage(
        409,
        "409",
        _("Quelqu’un a modifié ceci entre-temps"),
        _("Rien n’a été remplacé. Voici ce qui a changé ; relisez, puis recommencez."),
    ),
    MoveRefused: ErrorPage(
        409,
        "409",
        _("Ce geste n’est plus possible"),
        _("L’état a changé, ou une condition n’est pas remplie. Rien n’a été modifié."),
    ),
    Invalid: ErrorPage(
        422,
        "422",
        _("Une réponse ne peut pas être acceptée"),
        _("Revenez à la page précédente et corrigez la réponse."),
    ),
    TooMany: ErrorPage(
        429, "429", _("Trop de demandes à la fois"), _("Rien n’a été enregistré. Réessayez un peu plus tard.")
    ),
    Unavailable: ErrorPage(
        503,
        "503",
        _("Le service est momentanément indisponible"),
        _("Rien n’a été enregistré. Réessayez dans quelques minutes."),
    ),
}
BROKEN = ErrorPage(
    500, "500", _("Une erreur s’est produite"), _("L’équipe technique en est avertie. Réessayez dans quelques minutes.")
)
UNREADABLE = ErrorPage(
    400,
    "400",
    _("La demande n’a pas pu être lue"),
    _("Elle contient des caractères qui ne peuvent pas être enregistrés, ou elle est incomplète."),
)
BY_STATUS: Mapping[int, ErrorPage] = {
    400: UNREADABLE,
    403: PAGES[NotYours],
    404: PAGES[NotThere],
    405: ErrorPage(
        405, "405", _("Ce geste n’est pas possible ici"), _("Revenez à la page précédente et utilisez ses boutons.")
    ),
    413: ErrorPage(
        413, "413", _("L’envoi est trop gros"), _("Raccourcissez le texte ou retirez un fichier, puis recommencez.")
    ),
    429: PAGES[TooMany],
    500: BROKEN,
    503: PAGES[Unavailable],
}
EXPIRED_FORM = ErrorPage(
    400,
    "400",
    _("Le formulaire a expiré"),
    _(
        "Il était ouvert depuis longtemps, ou dans un autre onglet. Revenez à la page précédente, rechargez-la et collez votre texte."
    ),
)
OUT_OF_REACH = (OperationalError, InterfaceError, PoolTimeout, RedisError)
NEVER_KEPT = {
    "csrf_token",
    "next",
    "version",
    "client_id",
    "language",
    "password",
    "code",
    "secret",
    "token",
    "carried",
    "warned",
    "held",
}
CHOSEN = {
    "place", "lon", "lat", "kind", "asked", "category", "observed_on", "belongings", "sujet", "help", "shared", "near", "joins", "again",
    "action", "partner", "outcome", "seen", "author", "channel", "search", "close-reason", "page", "photos",
}  # fmt: skip
"""What was chosen rather than typed: it is still in the form that was sent, and its codes say nothing to a reader."""
LABELS: Mapping[str, LazyString] = {
    "text": _("Votre texte"),
    "note": _("Note"),
    "reason": _("Motif"),
    "email": _("Courriel"),
    "name": _("Nom"),
    "q": _("Recherche"),
    "answer": _("Réponse"),
    "question": _("Question"),
    "landmark": _("Repère"),
    "into": _("Référence"),
    "on": _("Date"),
}


def init_app(app: Flask) -> None:
    """Each foreseen error of the application has its page, and a request that can't be stored is refused before any view reads it."""
    app.before_request(_refuse_null_bytes)
    app.register_error_handler(CohabError, foreseen)
    app.register_error_handler(RateLimitExceeded, too_many)
    app.register_error_handler(CSRFError, expired_form)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(DataError, not_storable)
    for met in (StaleDataError, IntegrityError):
        app.register_error_handler(met, somebody_was_quicker)
    for away in OUT_OF_REACH:
        app.register_error_handler(away, part_is_away)


def page_for(error: CohabError) -> ErrorPage:
    """The page of this error: that of its own class, or of the nearest class above it."""
    return next((PAGES[kind] for kind in type(error).__mro__ if kind in PAGES), BROKEN)


def foreseen(error: CohabError) -> Answer | Response:
    """The page of an error that the product foresees."""
    page = page_for(error)
    if isinstance(error, Unavailable):
        return without_database(page)
    facts: dict[str, Any] = {}
    if isinstance(error, Stale):
        facts["changes"] = error.changes
    if isinstance(error, TooMany):
        facts["retry_after"] = error.retry_after
    if isinstance(error, SignInFirst) and SIGN_IN in current_app.view_functions:
        facts["sign_in"] = url_for(SIGN_IN)
    return _answer(page, **facts)


def too_many(_error: RateLimitExceeded) -> Answer | Response:
    """The page that says when to try again."""
    return foreseen(TooMany(seconds_to_wait()))


def expired_form(_error: CSRFError) -> Answer | Response:
    """The page that gives the typed text back when the form's token is missing or too old."""
    log.info("form refused", extra={"endpoint": request.endpoint, "reason": "csrf"})
    if request.endpoint == "languages.choose":
        return redirect("/", 303)
    # A page gets 400, as Flask-WTF says; a program must tell a token to renew from an answer that no repeating will mend.
    return _answer(replace(EXPIRED_FORM, status=403) if wants_json() else EXPIRED_FORM)


def of_http(error: HTTPException) -> Answer | Response:
    """The page of a status that Flask or Werkzeug raised; redirects and ready answers pass, and a foreign host gets no page at all."""
    if error.response is not None or error.code is None or error.code < 400 or isinstance(error, SecurityError):
        return error.get_response()
    page = BY_STATUS.get(error.code) or (BROKEN if error.code >= 500 else UNREADABLE)
    text, _status, headers = _answer(page) if page.status != 503 else without_database(page)
    if valid := getattr(error, "valid_methods", None):
        headers["Allow"] = ", ".join(valid)
    return text, error.code, headers


def not_storable(error: DataError) -> Answer:
    """The page for a value that the database can't hold, such as a number without end."""
    log.info("value refused by the database", extra={"endpoint": request.endpoint, "error": type(error.orig).__name__})
    return _answer(UNREADABLE)


def somebody_was_quicker(error: Exception) -> Answer:
    """The page for a write that met another one of the same thing: theirs stands, this one did not happen."""
    log.warning("two writes met", extra={"endpoint": request.endpoint, "error": type(error).__name__})
    return _answer(PAGES[Stale])


def part_is_away(error: Exception) -> Answer:
    """The page for a database that is down or locked: it needs nothing but the templates, and gives the typed text back."""
    cause = getattr(error, "orig", None) or error
    log.error(
        "a part is away",
        extra={"endpoint": request.endpoint, "error": type(cause).__name__, "reason": type(error).__name__},
    )
    return without_database(PAGES[Unavailable])


def without_database(page: ErrorPage) -> Answer:
    """The page drawn outside the usual frame, since even the header would ask the database who is signed in."""
    if wants_json():
        return _as_json(page, {"Retry-After": "60"})
    language = get_locale()
    text = current_app.jinja_env.get_template(f"errors/{page.template}.html").render(
        title=page.title,
        words=page.words,
        kept=kept(),
        current_language=language.language if language else "fr",
        emergency_numbers=context.last_known("emergency_numbers"),
        back=_back(),
    )
    return text, page.status, {"Retry-After": "60"}


def kept() -> dict[str, str]:
    """What was typed in the form that failed, by its label; never a secret and never what the form itself had hidden."""
    try:
        typed = request.form.to_dict(flat=False)
    except RequestEntityTooLarge:
        return {}
    # Forms that share a page name their fields `<form>-<field>`.
    by_field = {name.rsplit("-", 1)[-1]: values for name, values in typed.items() if any(values) and name not in CHOSEN}
    return {
        str(LABELS.get(field, field.replace("_", " ").capitalize())): " · ".join(values).replace("\0", "")
        for field, values in by_field.items()
        if field not in NEVER_KEPT | CHOSEN and not field.startswith("answer_")
    }


def _answer(page: ErrorPage, **facts: Any) -> Answer:
    headers = {"Retry-After": str(facts["retry_after"])} if "retry_after" in facts else {}
    if wants_json():
        return _as_json(page, headers)
    known = {"status": page.status, "title": page.title, "words": page.words, "kept": kept(), "back": _back()}
    try:
        text = render_template(f"errors/{page.template}.html", **(known | facts))
    except OUT_OF_REACH:
        return without_database(page)
    return text, page.status, headers


def _as_json(page: ErrorPage, headers: Mapping[str, str]) -> Answer:
    """The same for a program: it has what was typed already."""
    told = {"status": page.status, "title": str(page.title), "problems": [{"field": "", "text": str(page.words)}]}
    return json.dumps(told), page.status, {**headers, "Content-Type": "application/json"}


def _back() -> str | None:
    return own_path(request.path) if request.method == "GET" else None


def _refuse_null_bytes() -> None:
    """PostgreSQL can't store the null character, so no view has to think of it."""
    if "\0" in request.path or any("\0" in value for values in request.args.listvalues() for value in values):
        raise BadRequest(gettext("caractère nul"))
    if request.method == "POST" and any(
        "\0" in part for name, values in request.form.lists() for part in (name, *values)
    ):
        raise BadRequest(gettext("caractère nul"))
