"""Converts `Settings` into the configuration of Flask and its extensions: cookies, sizes, hosts, trusted proxies."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from cohab_report.settings import Settings
from cohab_report.web.access import View
from cohab_report.web.session_cookie import EncryptedSessionInterface

MAX_REQUEST_BYTES = 1024 * 1024
MAX_FORM_BYTES_IN_MEMORY = 256 * 1024
MAX_FORM_FIELDS = 400


def init_app(app: Flask, settings: Settings) -> None:
    """Configures cookies, sizes and hosts, and trusts as many proxies as the settings say."""
    address = urlsplit(settings.base_url)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SERVER_NAME=address.netloc,
        PREFERRED_URL_SCHEME=address.scheme,
        # The __Host- prefix makes browsers refuse a cookie that a neighbouring subdomain has set. It replaces the check
        # of the referrer, which would shut out residents whose browser sends none.
        SESSION_COOKIE_NAME="__Host-session" if settings.is_https else "session",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES_IN_MEMORY,
        MAX_FORM_PARTS=MAX_FORM_FIELDS,
        TESTING=settings.env == "test",
    )
    app.session_interface = EncryptedSessionInterface()
    app.before_request(_set_request_limit)
    if settings.is_production:
        app.config["TRUSTED_HOSTS"] = [address.hostname]
    if settings.proxies:
        trusted = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]


def allow_request_size(size: int) -> Callable[[View], View]:
    """Allows requests of up to `size` bytes to this view, if they carry files."""

    def mark(view: View) -> View:
        cast(Any, view).max_request_bytes = size
        return view

    return mark


def _set_request_limit() -> None:
    # Must be the first function before a request: the next one already reads the form, and with it the whole body.
    view = current_app.view_functions.get(request.endpoint or "")
    # Only files go to disk while they arrive; any other form is read into memory whole.
    has_files = request.mimetype == "multipart/form-data"
    limit: int = getattr(view, "max_request_bytes", MAX_REQUEST_BYTES) if has_files else MAX_REQUEST_BYTES
    request.max_content_length = limit
