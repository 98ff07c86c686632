"""Which files a phone keeps, and the name of this release of them: another content is another release, and so another worker."""

import hashlib
from pathlib import Path

from flask import current_app, url_for

HASHED = (
    "css/tokens.css", "css/base.css", "css/components.css", "js/main.js", "icons/icons.svg", "icons/favicon.svg",
    "vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css",
)  # fmt: skip
"""Files that pages name by an address with a hash."""
OF_THE_WORKER = ("js/outbox.js", "js/worker.js")
STAFF_ONLY = {"keyboard-shortcuts.js"}


def files() -> list[str]:
    """The addresses of all that the resident's pages need without network. Scripts import each other by their plain address."""
    modules = [f"{current_app.static_url_path}/js/{name}" for name in _modules()]
    return [url_for("static", filename=name) for name in HASHED] + modules


def version() -> str:
    """The name of this release, from the content of its files."""
    named = [*HASHED, *OF_THE_WORKER, *(f"js/{name}" for name in _modules())]
    contents = hashlib.sha256()
    for name in sorted(set(named)):
        contents.update(name.encode() + b"\0" + (_folder() / name).read_bytes())
    return contents.hexdigest()[:16]


def scripts() -> list[str]:
    """The addresses of what the worker itself runs, in order."""
    return [url_for("static", filename=name) for name in OF_THE_WORKER]


def _modules() -> list[str]:
    found = (path.name for path in (_folder() / "js").glob("*.js"))
    return sorted(name for name in found if name not in STAFF_ONLY | {"main.js", "worker.js"})


def _folder() -> Path:
    return Path(current_app.static_folder or "")
