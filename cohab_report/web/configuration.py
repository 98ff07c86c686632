"""Turns `Settings` into what Flask and its extensions want to be told: cookies, sizes, hosts, trusted proxies."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from cohab_report.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
LARGEST_REQUEST = 1024 * 1024
LARGEST_FORM_IN_MEMORY = 256 * 1024
MOST_FIELDS = 400


def init_app(app: Flask, settings: Settings) -> None:
    """Cookies, sizes and hosts are set, and only as many proxies as the settings name are believed."""
    address = urlsplit(settings.base_url)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SERVER_NAME=address.netloc,
        PREFERRED_URL_SCHEME=address.scheme,
        # The __Host- prefix makes browsers refuse a cookie that a neighbouring subdomain has slipped in. It replaces the check of the
        # referrer, which would shut out residents whose browser sends none.
        SESSION_COOKIE_NAME="__Host-session" if settings.is_https else "session",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_IN_MEMORY,
        MAX_FORM_PARTS=MOST_FIELDS,
        TESTING=settings.env == "test",
    )
    app.before_request(_let_larger_ones_in)
    if settings.is_production:
        app.config["TRUSTED_HOSTS"] = [address.hostname]
    if settings.proxies:
        trusted = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]


def takes_up_to(size: int) -> Callable[[View], View]:
    """Marks a view whose requests may be larger than all others, up to so many bytes."""

    def mark(view: View) -> View:
        cast(Any, view).largest_request = size
        return view

    return mark


def settings() -> Settings:
    """The settings of the application that is answering now."""
    return cast(Settings, current_app.config["SETTINGS"])


def _let_larger_ones_in() -> None:
    # The first of all that happens before a request: the next one already reads the form, and with it all that was sent.
    view = current_app.view_functions.get(request.endpoint or "")
    # Only files go to disk while they arrive; any other form is read into memory whole.
    has_files = request.mimetype == "multipart/form-data"
    request.max_content_length = getattr(view, "largest_request", LARGEST_REQUEST) if has_files else LARGEST_REQUEST
