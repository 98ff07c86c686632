"""Turns `Settings` into what Flask and its extensions want to be told: cookies, sizes, hosts, trusted proxies."""

from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from cohab_report.settings import Settings

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
    if settings.is_production:
        app.config["TRUSTED_HOSTS"] = [address.hostname]
    if settings.proxies:
        trusted = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]


def settings() -> Settings:
    """The settings of the application that is answering now."""
    return cast(Settings, current_app.config["SETTINGS"])
