"""Attackers who want the site to stop: long values, slow senders, a frozen queue server, passwords tried by the dozen.

Each attacks the real web server of `make run`, while others open pages and send; the figures say how these fared.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

import redis
from flask import Flask

from cohab_report import create_app
from cohab_report.db import db, transaction
from cohab_report.partners import passwords
from cohab_report.partners.models import Person, Role
from deploy.supervision import web_command
from tests.conftest import settings_for
from tests.deploy.sending import FORM as ANSWERS
from tests.deploy.sending import sent_observation
from tests.deploy.web_servers import Address, free_port, running, send_a_byte, site_environ, slow_senders, status_of
from tests.servers import valkey_server

PAGES = ("/", "/signaler/", "/signaler/aide", "/observations")
"""What others open meanwhile; emergency numbers stand on each."""
EMAIL, PASSWORD = "ana@rivebelle.example", "quatre saules au bord de l’eau"
FORM = "application/x-www-form-urlencoded"
LONG_FORMS = {
    "2,500 spaces in the landmark": {"landmark": "a" + " " * 2_500 + "a"},
    "16,000 spaces in the landmark": {"landmark": "a" + " " * 16_000 + "a"},
    "1 MB in the landmark": {"landmark": "a " * 500_000},
    "1 MB under a name that nobody reads": {"unknown": "9" * 1_000_000},
}
Figures = dict[str, object]


@dataclass(frozen=True)
class Target:
    """The site under attack, and the number of its queue server's process."""

    site: Address
    queue_process: int


@contextmanager
def target(database_url: str) -> Iterator[Target]:
    """Starts the site on a database of the test city, with one account of staff."""
    with valkey_server(own=True) as queue:
        _make_account(create_app(settings_for(database_url)))
        site = Address(free_port())
        environ = site_environ(database_url, site.port, COHAB_QUEUE_URL=queue, COHAB_PROXIES="1")
        facts = cast(dict[str, Any], redis.Redis.from_url(queue).info("server"))
        with running(web_command("127.0.0.1", site.port), environ, is_up=lambda: status_of(site, "/readyz") == 200):
            yield Target(site, int(facts["process_id"]))


def _make_account(app: Flask) -> None:
    with app.app_context():
        password_hash = passwords.hash_password(PASSWORD)
        with transaction():
            person = Person(email=EMAIL, name="Ana", role=Role.TRIAGER, password_hash=password_hash, is_active=True)
            db.session.add(person)
        db.session.remove()
        db.engine.dispose()


def post_long_values(attacked: Target) -> Iterator[tuple[str, Figures]]:
    """Posts values of many sizes, four of each at once, and opens pages meanwhile."""
    for name, fields in LONG_FORMS.items():
        stranger = Stranger(attacked.site, "198.51.7.1")
        with ThreadPoolExecutor(4) as pool:
            act = partial(stranger.post, "/signaler/envoyer", ANSWERS | fields)
            posts = [pool.submit(timed, act) for _ in range(4)]
            pages = slowest_page(attacked.site)
            answers = [post.result() for post in posts]
        yield (
            name,
            {
                "statuses": sorted({status for status, _seconds in answers}),
                "slowest_answer_seconds": max(seconds for _status, seconds in answers),
                "slowest_page_seconds": pages,
            },
        )


def send_slowly(attacked: Target, *, connections: int) -> Figures:
    """Holds many lines on which a form comes a byte at a time, and opens pages and sends meanwhile."""
    with slow_senders([attacked.site] * connections) as lines:
        standing = send_a_byte(lines)
        pages = slowest_page(attacked.site)
        status, seconds = timed(lambda: sent_observation(attacked.site))
    return {"lines": standing, "slowest_page_seconds": pages, "receipt": status == 303, "receipt_seconds": seconds}


def freeze_queue_server(attacked: Target) -> Figures:
    """Stops the queue server's process without ending it, opens pages and sends, and lets it go on."""
    os.kill(attacked.queue_process, signal.SIGSTOP)
    try:
        pages = slowest_page(attacked.site)
        status, seconds = timed(lambda: sent_observation(attacked.site))
        ready, ready_seconds = timed(lambda: status_of(attacked.site, "/readyz"))
    finally:
        os.kill(attacked.queue_process, signal.SIGCONT)
    return {
        "slowest_page_seconds": pages,
        "receipt": status == 303,
        "receipt_seconds": seconds,
        "readyz": ready,
        "readyz_seconds": ready_seconds,
    }


def try_passwords(attacked: Target, *, networks: int) -> Figures:
    """Signs in with a wrong password from many networks at once, while a resident sends."""
    with ThreadPoolExecutor(networks) as pool:
        guesses = [pool.submit(_guess, attacked.site, f"198.51.{number}.1") for number in range(networks)]
        status, seconds = timed(lambda: sent_observation(attacked.site))
        answers = [guess.result() for guess in guesses]
    counts = {str(status): answers.count(status) for status in sorted(set(answers))}
    return {"guesses": networks, "statuses": counts, "receipt": status == 303, "receipt_seconds": seconds}


def lock_account(attacked: Target, *, posts: int) -> Figures:
    """Posts wrong passwords of one account from one network, then lets its owner sign in from another."""
    attacker, owner = Stranger(attacked.site, "198.51.100.1"), Stranger(attacked.site, "192.0.2.1")
    refused = [attacker.post("/connexion", {"email": EMAIL, "password": "deviné"}) for _ in range(posts)]
    signed_in = owner.post("/connexion", {"email": EMAIL, "password": PASSWORD})
    return {"posts": posts, "stopped_after": refused.count(422), "owner_signs_in": signed_in == 303}


class Stranger:
    """A browser with a token of its own, in this network."""

    def __init__(self, site: Address, network: str) -> None:
        self.site, self.network = site, network
        page = site.get("/connexion", x_forwarded_for=network)
        self.cookie = page.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())
        assert token is not None
        self.token = token[1]

    def post(self, path: str, fields: dict[str, str]) -> int:
        """Posts a form; returns the status."""
        body = urlencode({**fields, "csrf_token": self.token}).encode()
        return self.site.send(
            "POST", path, body, cookie=self.cookie, content_type=FORM, x_forwarded_for=self.network
        ).status


def slowest_page(site: Address) -> float:
    """Opens each of PAGES three times; returns the seconds of the slowest. Raises AssertionError for one that fails."""
    slowest = 0.0
    for path in PAGES * 3:
        status, seconds = timed(partial(status_of, site, path))
        assert status == 200, (path, status)
        slowest = max(slowest, seconds)
    return slowest


def timed(act: Callable[[], int]) -> tuple[int, float]:
    """Returns what the act returns, and how many seconds it took."""
    begin = time.monotonic()
    return act(), time.monotonic() - begin


def _guess(site: Address, network: str) -> int:
    return Stranger(site, network).post("/connexion", {"email": f"{network}@rivebelle.example", "password": "deviné"})
