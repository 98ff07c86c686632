"""Warns when a front stands before the site that COHAB_PROXIES doesn't know of.

All residents then seem to call from the front's own address: the whole city is one network, and shares its limits.
Told in the log, once a process, and by `/readyz`.
"""

import logging
from ipaddress import ip_address

from flask import Flask, current_app, request

from cohab_report.settings import Settings
from cohab_report.web.health import OK, provide_check

log = logging.getLogger(__name__)
FRONT_SEEN = "cohab.front_seen"
NOT_COUNTED = "COHAB_PROXIES=0 behind a front"


def init_app(app: Flask, settings: Settings) -> None:
    """Looks for a front when the settings count none; needs the health checks."""
    # Production is served over TLS, and only a front does that.
    app.extensions[FRONT_SEEN] = settings.is_production and not settings.proxies
    if app.extensions[FRONT_SEEN]:
        _warn()
    if not settings.proxies:
        app.before_request(_look_for_front)
    provide_check(app, "front", _front_state, needed=False)


def _look_for_front() -> None:
    if not current_app.extensions[FRONT_SEEN] and "X-Forwarded-For" in request.headers and _is_near():
        current_app.extensions[FRONT_SEEN] = True
        _warn()


def _is_near() -> bool:
    """Returns whether the caller is of this machine or its private network: anybody else may write what they like."""
    try:
        return ip_address(request.remote_addr or "127.0.0.1").is_private
    except ValueError:
        return True


def _front_state() -> str:
    return NOT_COUNTED if current_app.extensions[FRONT_SEEN] else OK


def _warn() -> None:
    log.warning(
        "COHAB_PROXIES is 0, but a front stands before this site: all residents share one network and its limits."
        " Set COHAB_PROXIES to the number of fronts."
    )
