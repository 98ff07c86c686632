"""Benchmark of sending: concurrent observations over loopback to the real web server with two processes.

The number of requests is fixed, and some are sent twice, as a phone with a bad connection does; every observation is
counted afterwards.
"""

import asyncio
import os
import random
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import IO
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy import func, select

from cohab_report import create_app
from cohab_report.catalogue.models import Category
from cohab_report.clock import today
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.intake import queries
from cohab_report.intake.models import Observation
from cohab_report.settings import Settings
from cohab_report.territory.queries import city_facts
from cohab_report.triage.models import Case
from deploy.instance import ROOT
from deploy.run import is_ready
from deploy.supervision import WEB_WORKERS, web_command
from tests.bench.bulk_observations import hotspots_of
from tests.bench.figures import print_figure

CONCURRENT_VISITORS = 16
REPEATED_SHARE = 0.05
GOAL_PER_SECOND = 150.0  # accepted observations a second
KEYS = {"COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40}


@dataclass(frozen=True)
class Visitor:
    """One browser: its cookie, its CSRF token, and its network address."""

    cookie: str
    token: str
    network: str


@dataclass(frozen=True)
class Reply:
    """The response to one form."""

    client_id: str
    status: int
    milliseconds: float


def send_many(url: str, queue: str, *, database: str, posts: int) -> None:
    """Sends observations; prints how many per second were accepted, and whether one was lost or duplicated."""
    app = create_app(Settings(env="test", database_url=url, queue_url=queue, secret_key="s" * 40, code_key="c" * 40))
    with app.app_context():
        forms = forms_to_send(posts)
        before = row_counts()
        with web_server(url, queue) as port:
            visitors = [open_visitor(port, number) for number in range(CONCURRENT_VISITORS)]
            started = time.perf_counter()
            replies = asyncio.run(send_all(port, visitors, forms))
            seconds = time.perf_counter() - started
        print_sending_figure(forms, replies, before, seconds=seconds, database=database)
        db.session.remove()
        db.engine.dispose()


def print_sending_figure(
    forms: Sequence[dict[str, str]], replies: Sequence[Reply], before: tuple[int, int], *, seconds: float, database: str
) -> None:
    """Prints the figure of the run, from the responses and the stored rows."""
    accepted = sum(reply.status == 303 for reply in replies)
    promised = {UUID(reply.client_id) for reply in replies if reply.status == 303}
    db.session.rollback()  # begins a new snapshot
    stored = set(queries.received_client_ids([UUID(form["client_id"]) for form in forms]))
    added = tuple(after - old for after, old in zip(row_counts(), before, strict=True))
    percentiles = quantiles([reply.milliseconds for reply in replies], n=100)
    print_figure(
        "observations sent",
        database=database,
        requests=len(replies),
        at_once=CONCURRENT_VISITORS,
        web_processes=WEB_WORKERS,
        accepted=accepted,
        refused=len(replies) - accepted,
        a_second=accepted / seconds,
        goal=GOAL_PER_SECOND,
        within=accepted / seconds >= GOAL_PER_SECOND,
        median_ms=percentiles[49],
        p99_ms=percentiles[98],
        promised=len(promised),
        lost=len(promised - stored),
        doubled=added[0] - len(stored),
        cases_missing=added[0] - added[1],
    )


def forms_to_send(posts: int) -> list[dict[str, str]]:
    """Returns filled forms, shuffled; some of them twice."""
    chance = random.Random(posts)
    spots = hotspots_of(city_facts(), chance)
    categories = [
        category for category in db.session.scalars(select(Category).order_by(Category.id)) if category.opens_the_form
    ]
    forms = [
        form_for_category(chance.choice(categories), spots[number % len(spots)].point)
        for number in range(int(posts * (1 - REPEATED_SHARE)))
    ]
    forms += chance.sample(forms, posts - len(forms))
    chance.shuffle(forms)
    return forms


def form_for_category(category: Category, point: Point) -> dict[str, str]:
    """Returns valid answers to this category's form, none of them an emergency."""
    answers = {
        f"answer_{question.code}": next(code for code in question.option_codes if code not in question.blocks)
        for question in category.questions
        if question.is_required
    }
    return answers | {
        "client_id": str(uuid4()),
        "kind": category.kind.value,
        "category": category.code,
        "asked": category.code,
        "place": "",
        "lon": str(point.lon),
        "lat": str(point.lat),
        "text": "Envoyé pour la mesure.",
        "observed_on": today(city_facts().zone).isoformat(),
        "belongings": "no" if category.asks_belongings else "",
    }


def row_counts() -> tuple[int, int]:
    """Returns the numbers of observations and cases."""
    db.session.rollback()
    counts = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Observation, Case)]
    return counts[0], counts[1]


@contextmanager
def web_server(url: str, queue: str) -> Iterator[int]:
    """Runs the web server of `make run` on this database; yields its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    own = {
        "COHAB_DATABASE_URL": url,
        "COHAB_QUEUE_URL": queue,
        "COHAB_BASE_URL": f"http://127.0.0.1:{port}",
        "COHAB_PROXIES": "1",
        "COHAB_OBSERVATIONS_PER_HOUR": "100000",
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")} | KEYS | own
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(web_command("127.0.0.1", port), cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            wait_until_ready(server, port, log)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    """Waits until the web server is ready; raises AssertionError with its log otherwise."""
    until = time.monotonic() + 120
    while not is_ready(f"http://127.0.0.1:{port}/readyz"):
        if time.monotonic() > until or server.poll() is not None:
            log.seek(0)
            raise AssertionError(f"the web server did not get ready: {log.read().decode()}")
        time.sleep(0.1)


def open_visitor(port: int, number: int) -> Visitor:
    """Opens a page in a new browser."""
    network = f"10.{number}.0.1"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/connexion", headers={"X-Forwarded-For": network})
    with urllib.request.urlopen(request, timeout=10) as reply:
        cookie = reply.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', reply.read().decode())
    if token is None:
        raise AssertionError("the page has no token")
    return Visitor(cookie, token[1], network)


async def send_all(port: int, visitors: Sequence[Visitor], forms: Sequence[dict[str, str]]) -> list[Reply]:
    """Sends all forms and returns the replies; each visitor sends one after the other on their own connection."""
    shares = [forms[number :: len(visitors)] for number in range(len(visitors))]
    done = await asyncio.gather(
        *(send_share(port, visitor, share) for visitor, share in zip(visitors, shares, strict=True))
    )
    return [reply for share in done for reply in share]


async def send_share(port: int, visitor: Visitor, forms: Sequence[dict[str, str]]) -> list[Reply]:
    """Sends one visitor's forms and returns the replies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    replies = []
    for form in forms:
        body = urlencode(form | {"csrf_token": visitor.token}).encode()
        head = (
            f"POST /signaler/envoyer HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Cookie: {visitor.cookie}\r\nX-Forwarded-For: {visitor.network}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        started = time.perf_counter()
        writer.write(head.encode() + body)
        status = await read_status(reader)
        replies.append(Reply(form["client_id"], status, (time.perf_counter() - started) * 1000))
    writer.close()
    return replies


async def read_status(reader: asyncio.StreamReader) -> int:
    """Reads the next response to its end and returns its status."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", head)
    if length:
        await reader.readexactly(int(length[1]))
    elif "transfer-encoding: chunked" in head:
        while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head.split()[1])
