"""Security and cache headers of every response: nothing inline, nothing from elsewhere, nothing personal in a cache.

No page is stored by default; a view that shows the same to everybody declares `@cacheable`. Static files have a hash of
their content in their address and may be stored for ever.
"""

import hashlib
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as BaseResponse

from cohab_report.settings import Settings
from cohab_report.web.access import View, current_role

NO_STORE = "no-store"
REVALIDATE = "private, no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"
_hashes: dict[tuple[str, int], str] = {}


def content_security_policy(settings: Settings) -> str:
    """Returns the Content-Security-Policy: only this site's own files and the tile server's images are allowed."""
    parts = urlsplit(settings.tile_url)
    tiles = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}" if settings.tile_url else ""
    own = ("script-src", "style-src", "connect-src", "form-action", "manifest-src", "worker-src")
    none = ("default-src", "font-src", "frame-ancestors", "base-uri", "object-src")
    rules = [f"{name} 'none'" for name in none] + [f"{name} 'self'" for name in own] + [f"img-src 'self' data:{tiles}"]
    return "; ".join(rules)


def init_app(app: Flask, settings: Settings) -> None:
    """Adds the headers to every response of the app, errors included, and the content hash to static addresses."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        # A page's address may say which case somebody reads, so no page says where its reader comes from, not even to
        # itself.
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
        response.headers["Cache-Control"] = _cache_control(response)
        return response

    app.url_defaults(_add_content_hash)
    app.jinja_env.globals["icons_address"] = icons_address


def icons_address() -> str:
    """Returns the address of the SVG file with all icons, computed once per page."""
    if "icons_address" not in g:
        g.icons_address = url_for("static", filename="icons/icons.svg")
    return str(g.icons_address)


def clear_browser_cache(response: BaseResponse) -> BaseResponse:
    """Asks the browser to drop the pages of this site that it keeps, also those behind its Back button.

    Never more than that: `storage` would delete observations that wait on this phone to be sent, and `cookies` the
    language and another person's draft.
    """
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def cacheable(view: View) -> View:
    """Declares a page to be the same for everybody: browsers may store it, and revalidate it each time."""
    cast(Any, view).is_cacheable = True
    return view


def _cache_control(response: Response) -> str:
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        content_hash = _content_hash((request.view_args or {}).get("filename", ""))
        return IMMUTABLE if request.args.get("v") == content_hash else "public, no-cache"
    view = current_app.view_functions.get(request.endpoint or "")
    is_page = request.method in ("GET", "HEAD") and response.status_code == 200
    is_cacheable = is_page and getattr(view, "is_cacheable", False)
    # The role comes last: it needs the database, and an error page must not.
    return REVALIDATE if is_cacheable and current_role() is None else NO_STORE


def _add_content_hash(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values and "v" not in values:
        content_hash = _content_hash(values["filename"])
        if content_hash:
            values["v"] = content_hash


def _content_hash(filename: str) -> str | None:
    path = Path(current_app.static_folder or "") / filename
    try:
        key = (str(path), path.stat().st_mtime_ns)
        if key not in _hashes:
            _hashes[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        return None
    return _hashes[key]
