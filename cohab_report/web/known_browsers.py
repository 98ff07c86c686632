"""Browsers that signed in before: a signed cookie by which their attempts to sign in are counted apart.

Whoever tries passwords elsewhere then never locks the owner of an account out of a browser of their own. The cookie
opens nothing, holds a keyed hash of the account and a random number, and is sent to the sign-in page only.
"""

import secrets
from datetime import timedelta

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from cohab_report.settings import current_settings
from cohab_report.web.keyed_hashes import account_hash

COOKIE = "known-browser"
COOKIE_PATH = "/connexion"
KNOWN_FOR = timedelta(days=180)


def remember(response: Response, email: str) -> Response:
    """Marks this browser, in the response, as one that has signed in to this account; returns the response."""
    number = known_browser(email) or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        _serializer().dumps([account_hash(email), number]),
        max_age=KNOWN_FOR,
        path=COOKIE_PATH,
        secure=current_settings().is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def known_browser(email: str) -> str | None:
    """Returns the number of this browser if it has signed in to this account before, or None."""
    try:
        signed = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=int(KNOWN_FOR.total_seconds()))
    except BadSignature:
        return None
    return str(signed[1]) if signed[0] == account_hash(email) else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_settings().secret_key, salt="known browser")
