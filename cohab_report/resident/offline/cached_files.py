"""The static files that the service worker caches, and the version of this release: other contents are another release
and worker.
"""

import hashlib
from pathlib import Path

from flask import current_app, url_for

HASHED_FILES = (
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "js/main.js",
    "icons/icons.svg",
    "icons/favicon.svg",
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
)
"""Files that pages link to by an address with a hash."""
WORKER_SCRIPTS = ("js/outbox.js", "js/worker.js")
STAFF_ONLY = {"keyboard-shortcuts.js"}


def cached_addresses() -> list[str]:
    """Returns the addresses of all static files that the residents' pages need offline.

    Scripts import each other by their plain address.
    """
    modules = [f"{current_app.static_url_path}/js/{name}" for name in _modules()]
    return [url_for("static", filename=name) for name in HASHED_FILES] + modules


def release_version() -> str:
    """Returns the version of this release: 16 hex digits of a hash of its files."""
    named = [*HASHED_FILES, *WORKER_SCRIPTS, *(f"js/{name}" for name in _modules())]
    contents = hashlib.sha256()
    for name in sorted(set(named)):
        contents.update(name.encode() + b"\0" + (_static_folder() / name).read_bytes())
    return contents.hexdigest()[:16]


def worker_addresses() -> list[str]:
    """Returns the addresses of the scripts that the worker imports, in order."""
    return [url_for("static", filename=name) for name in WORKER_SCRIPTS]


def _modules() -> list[str]:
    names = (path.name for path in (_static_folder() / "js").glob("*.js"))
    return sorted(name for name in names if name not in STAFF_ONLY | {"main.js", "worker.js"})


def _static_folder() -> Path:
    return Path(current_app.static_folder or "")
