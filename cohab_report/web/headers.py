"""What every answer tells the browser: run nothing inline, load nothing from elsewhere, keep nothing personal.

The default is never to store a page; a view that shows the same to everybody says `@kept_briefly`. Static files carry a hash of their
content in their address and may be kept for good.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for
from flask.wrappers import Response

from cohab_report.settings import Settings
from cohab_report.web.access import current_role

View = TypeVar("View", bound=Callable[..., Any])
NEVER = "no-store"
ASK_AGAIN = "private, no-cache"
FOR_GOOD = "public, max-age=31536000, immutable"
_hashes: dict[tuple[str, int], str] = {}


def policy(settings: Settings) -> str:
    """The Content-Security-Policy: everything refused, then only this site's own files and the tile server's pictures."""
    parts = urlsplit(settings.tile_url)
    tiles = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}" if settings.tile_url else ""
    own = ("script-src", "style-src", "connect-src", "form-action", "manifest-src", "worker-src")
    none = ("default-src", "font-src", "frame-ancestors", "base-uri", "object-src")
    rules = [f"{name} 'none'" for name in none] + [f"{name} 'self'" for name in own] + [f"img-src 'self' data:{tiles}"]
    return "; ".join(rules)


def init_app(app: Flask, settings: Settings) -> None:
    """Every answer of the application carries the headers, errors included."""
    headers = {
        "Content-Security-Policy": policy(settings),
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        # A page's address may say which case somebody reads, so no page says where its reader comes from, not even to itself.
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.is_production:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def add(response: Response) -> Response:
        for name, text in headers.items():
            response.headers.setdefault(name, text)
        response.headers["Cache-Control"] = _cache_rule(response)
        return response

    app.url_defaults(_add_hash)
    app.jinja_env.globals["icon_sheet"] = icon_sheet


def icon_sheet() -> str:
    """The address of the file with all icons, made once a page however many icons it shows."""
    if "icon_sheet" not in g:
        g.icon_sheet = url_for("static", filename="icons/icons.svg")
    return str(g.icon_sheet)


def kept_briefly(view: View) -> View:
    """Marks a page that is the same for everybody: a browser may keep it, and asks each time whether it still holds."""
    cast(Any, view).is_kept_briefly = True
    return view


def _cache_rule(response: Response) -> str:
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        return (
            FOR_GOOD
            if request.args.get("v") == _content_hash((request.view_args or {}).get("filename", ""))
            else "public, no-cache"
        )
    view = current_app.view_functions.get(request.endpoint or "")
    is_public = (
        getattr(view, "is_kept_briefly", False) and request.method in ("GET", "HEAD") and response.status_code == 200
    )
    return ASK_AGAIN if is_public and current_role() is None else NEVER


def _add_hash(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values and "v" not in values:
        known = _content_hash(values["filename"])
        if known:
            values["v"] = known


def _content_hash(filename: str) -> str | None:
    path = Path(current_app.static_folder or "") / filename
    try:
        key = (str(path), path.stat().st_mtime_ns)
        if key not in _hashes:
            _hashes[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        return None
    return _hashes[key]
