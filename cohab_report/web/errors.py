"""Error pages: the one table from exceptions and statuses to pages that say what happened, what was stored, what to do.

The page gives back the typed text of the fields that are declared so (`web.typed_text`). When the database is away,
the page is rendered without it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, current_app, json, redirect, render_template, request, url_for
from flask_babel import LazyString, get_locale, lazy_gettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from cohab_report import jobs
from cohab_report.errors import (
    CohabError,
    Invalid,
    MoveRefused,
    NotAllowed,
    NotFound,
    Stale,
    TooManyRequests,
    Unavailable,
)
from cohab_report.web import context
from cohab_report.web.access import SIGN_IN, SignInRequired
from cohab_report.web.negotiation import wants_json
from cohab_report.web.redirects import local_path
from cohab_report.web.throttle import seconds_to_wait
from cohab_report.web.typed_text import typed_fields

log = logging.getLogger(__name__)
_ = lazy_gettext
ErrorResponse = tuple[str, int, dict[str, str]]


@dataclass(frozen=True)
class ErrorPage:
    """An error page: its HTTP status, its template under `errors/`, its title and the sentence that explains it."""

    status: int
    template: str
    title: LazyString
    explanation: LazyString


ERROR_PAGES: Mapping[type[Exception], ErrorPage] = {
    NotFound: ErrorPage(
        404, "404", _("Page introuvable"), _("Cette adresse ne mène à rien, ou à rien que vous puissiez voir.")
    ),
    SignInRequired: ErrorPage(
        403, "403", _("Connexion nécessaire"), _("Votre session est terminée. Connectez-vous, puis recommencez.")
    ),
    NotAllowed: ErrorPage(403, "403", _("Accès réservé"), _("Votre compte ne donne pas accès à cette page.")),
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
    TooManyRequests: ErrorPage(
        429, "429", _("Trop de demandes à la fois"), _("Rien n’a été enregistré. Réessayez un peu plus tard.")
    ),
    Unavailable: ErrorPage(
        503,
        "503",
        _("Le service est momentanément indisponible"),
        _("Rien n’a été enregistré. Réessayez dans quelques minutes."),
    ),
}
SERVER_ERROR_PAGE = ErrorPage(
    500, "500", _("Une erreur s’est produite"), _("L’équipe technique en est avertie. Réessayez dans quelques minutes.")
)
BAD_REQUEST_PAGE = ErrorPage(
    400,
    "400",
    _("La demande n’a pas pu être lue"),
    _("Elle contient des caractères qui ne peuvent pas être enregistrés, ou elle est incomplète."),
)
PAGES_BY_STATUS: Mapping[int, ErrorPage] = {
    400: BAD_REQUEST_PAGE,
    403: ERROR_PAGES[NotAllowed],
    404: ERROR_PAGES[NotFound],
    405: ErrorPage(
        405, "405", _("Ce geste n’est pas possible ici"), _("Revenez à la page précédente et utilisez ses boutons.")
    ),
    413: ErrorPage(
        413, "413", _("L’envoi est trop gros"), _("Raccourcissez le texte ou retirez un fichier, puis recommencez.")
    ),
    429: ERROR_PAGES[TooManyRequests],
    500: SERVER_ERROR_PAGE,
    503: ERROR_PAGES[Unavailable],
}
EXPIRED_FORM_PAGE = ErrorPage(
    400,
    "400",
    _("Le formulaire a expiré"),
    _(
        "Il était ouvert depuis longtemps, ou dans un autre onglet."
        " Revenez à la page précédente, rechargez-la et collez votre texte."
    ),
)
CONNECTION_ERRORS = (OperationalError, InterfaceError, PoolTimeout, PendingRollbackError, RedisError)
"""What is raised when a part is away; a pending rollback is what the next statement meets after a connection ended."""


def init_app(app: Flask) -> None:
    """Registers the error pages with the app."""
    app.register_error_handler(CohabError, cohab_error_response)
    app.register_error_handler(RateLimitExceeded, rate_limit_response)
    app.register_error_handler(CSRFError, csrf_error_response)
    app.register_error_handler(HTTPException, http_error_response)
    app.register_error_handler(DataError, data_error_response)
    for conflict in (StaleDataError, IntegrityError):
        app.register_error_handler(conflict, write_conflict_response)
    for connection_error in CONNECTION_ERRORS:
        app.register_error_handler(connection_error, outage_response)


def page_for(error: CohabError) -> ErrorPage:
    """Returns the page of this error's class, or of its nearest parent class."""
    return next((ERROR_PAGES[kind] for kind in type(error).__mro__ if kind in ERROR_PAGES), SERVER_ERROR_PAGE)


def cohab_error_response(error: CohabError) -> ErrorResponse | Response:
    """Returns the page of a foreseen error, with its facts."""
    page = page_for(error)
    if isinstance(error, Unavailable):
        return response_without_database(page)
    facts: dict[str, Any] = {}
    if isinstance(error, Stale):
        facts["changes"] = error.changes
    if isinstance(error, TooManyRequests):
        facts["retry_after"] = error.retry_after
    if isinstance(error, SignInRequired) and SIGN_IN in current_app.view_functions:
        facts["sign_in"] = url_for(SIGN_IN)
    return _page_response(page, **facts)


def rate_limit_response(_error: RateLimitExceeded) -> ErrorResponse | Response:
    """Returns the page for an exceeded rate limit, which says when to try again."""
    jobs.count(jobs.CounterName.REQUESTS_THROTTLED)
    return cohab_error_response(TooManyRequests(seconds_to_wait()))


def csrf_error_response(_error: CSRFError) -> ErrorResponse | Response:
    """Returns the page for a missing or expired CSRF token, with the typed text."""
    log.info("form refused", extra={"endpoint": request.endpoint, "reason": "csrf"})
    if request.endpoint == "languages.choose_language":
        return redirect("/", 303)
    # A page gets 400, as Flask-WTF does; a program gets 403, to tell a token to renew from an answer that repeating
    # won't mend.
    return _page_response(replace(EXPIRED_FORM_PAGE, status=403) if wants_json() else EXPIRED_FORM_PAGE)


def http_error_response(error: HTTPException) -> ErrorResponse | Response:
    """Returns the page of a status raised by Flask or Werkzeug.

    Redirects, complete responses and foreign hosts get no page.
    """
    if error.response is not None or error.code is None or error.code < 400 or isinstance(error, SecurityError):
        return error.get_response()
    page = PAGES_BY_STATUS.get(error.code) or (SERVER_ERROR_PAGE if error.code >= 500 else BAD_REQUEST_PAGE)
    text, _status, headers = _page_response(page) if page.status != 503 else response_without_database(page)
    if valid := getattr(error, "valid_methods", None):
        headers["Allow"] = ", ".join(valid)
    return text, error.code, headers


def data_error_response(error: DataError) -> ErrorResponse:
    """Returns the page for a value that the database can't store, such as a number out of range."""
    log.info("value refused by the database", extra={"endpoint": request.endpoint, "error": type(error.orig).__name__})
    return _page_response(BAD_REQUEST_PAGE)


def write_conflict_response(error: Exception) -> ErrorResponse:
    """Returns the page for a write that conflicts with another one: the other one stands, this one did not happen."""
    log.warning("two writes met", extra={"endpoint": request.endpoint, "error": type(error).__name__})
    return _page_response(ERROR_PAGES[Stale])


def outage_response(error: Exception) -> ErrorResponse:
    """Returns the page for a database or queue that is down or locked, rendered without it, with the typed text."""
    cause = getattr(error, "orig", None) or error
    log.error(
        "a part is away",
        extra={"endpoint": request.endpoint, "error": type(cause).__name__, "reason": type(error).__name__},
    )
    return response_without_database(ERROR_PAGES[Unavailable])


def response_without_database(page: ErrorPage) -> ErrorResponse:
    """Renders the page outside the usual context, since even the header would ask the database who is signed in."""
    if wants_json():
        return _json_response(page, {"Retry-After": "60"})
    language = get_locale()
    text = current_app.jinja_env.get_template(f"errors/{page.template}.html").render(
        title=page.title,
        explanation=page.explanation,
        typed_fields=typed_fields(),
        current_language=language.language if language else "fr",
        emergency_numbers=context.last_known_fact("emergency_numbers"),
        retry_path=_retry_path(),
    )
    return text, page.status, {"Retry-After": "60"}


def _page_response(page: ErrorPage, **facts: Any) -> ErrorResponse:
    headers = {"Retry-After": str(facts["retry_after"])} if "retry_after" in facts else {}
    if wants_json():
        return _json_response(page, headers)
    variables = {
        "status": page.status,
        "title": page.title,
        "explanation": page.explanation,
        "typed_fields": typed_fields(),
        "retry_path": _retry_path(),
    }
    try:
        text = render_template(f"errors/{page.template}.html", **(variables | facts))
    except (SQLAlchemyError, RedisError):
        return response_without_database(page)
    return text, page.status, headers


def _json_response(page: ErrorPage, headers: Mapping[str, str]) -> ErrorResponse:
    """Returns the page as JSON for a program, without the typed text, which it has already."""
    problems = [{"field": "", "text": str(page.explanation)}]
    content = {"status": page.status, "title": str(page.title), "problems": problems}
    return json.dumps(content), page.status, {**headers, "Content-Type": "application/json"}


def _retry_path() -> str | None:
    return local_path(request.path) if request.method == "GET" else None
