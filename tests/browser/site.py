"""The whole site, served on this machine's loopback for a browser: its own database, the shipped city, labelled demo
data.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, Playwright, ViewportSize
from werkzeug.serving import make_server

from cohab_report import create_app
from cohab_report.cities.loader import load_profile
from cohab_report.cities.tables import profile_folder
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.settings import Settings

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
CITY = "trois_rivieres"
PASSWORD = "a password for the tests"


@dataclass(frozen=True)
class Site:
    """Where the site answers, and the application behind it."""

    address: str
    app: Flask
    mailbox: Path


@contextmanager
def served(
    database_url: str, folder: Path, *, filled: bool = True, queue_url: str = "redis://127.0.0.1:1/0"
) -> Iterator[Site]:
    """The site answers at an address of its own until the block ends; with demo data when `filled`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    app = create_app(
        Settings(
            secret_key="s" * 40,
            code_key="c" * 40,
            contact_key=("e" * 40,),
            database_url=database_url,
            queue_url=queue_url,
            base_url=address,
            mailbox_dir=str(folder / "mailbox"),
            media_dir=str(folder / "media"),
            demo_password=PASSWORD,
            city=CITY,
        )
    )
    app.config["THROTTLED"] = False
    with app.app_context():
        upgrade()
        with transaction():
            load_profile(profile_folder(CITY), at=now())
        if filled:
            fill(app)
        db.session.remove()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(address, app, folder / "mailbox")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        with app.app_context():
            db.engine.dispose()


def fill(app: Flask) -> None:
    """Demo people and observations are there, as `flask demo` makes them."""
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output


def browser(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
