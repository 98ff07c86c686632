"""Residents who send at the same time: observations over loopback to the real web server with two processes, each counted afterwards.

The number of requests is fixed beforehand, the address is this machine's, and some are sent twice, as a phone on a bad line does.
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
from cohab_report.intake.models import Observation
from cohab_report.settings import Settings
from cohab_report.territory.queries import ground
from cohab_report.triage.models import Case
from deploy.instance import ROOT
from deploy.run import answers
from deploy.supervision import WEB_WORKERS, web_command
from tests.bench.crowd import spots_of
from tests.bench.figures import tell

AT_ONCE = 16
SENT_TWICE = 0.05
GOAL = 150.0  # accepted observations a second
KEYS = {"COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40}


@dataclass(frozen=True)
class Visitor:
    """One browser: its cookie, its token, and the network it seems to come from."""

    cookie: str
    token: str
    network: str


@dataclass(frozen=True)
class Reply:
    """What was answered to one form."""

    client_id: str
    status: int
    milliseconds: float


def send_many(url: str, queue: str, *, database: str, posts: int) -> None:
    """So many observations are sent; tells how many a second were accepted, and whether one was lost or doubled."""
    app = create_app(Settings(env="test", database_url=url, queue_url=queue, secret_key="s" * 40, code_key="c" * 40))
    with app.app_context():
        forms = forms_to_send(posts)
        before = counted()
        with web_server(url, queue) as port:
            visitors = [visitor(port, number) for number in range(AT_ONCE)]
            began = time.perf_counter()
            replies = asyncio.run(send_all(port, visitors, forms))
            took = time.perf_counter() - began
        tell_of(forms, replies, before, took=took, database=database)
        db.session.remove()
        db.engine.dispose()


def tell_of(
    forms: Sequence[dict[str, str]], replies: Sequence[Reply], before: tuple[int, int], *, took: float, database: str
) -> None:
    """The figure of the whole run, from what was answered and what is there now."""
    accepted = sum(reply.status == 303 for reply in replies)
    promised = {UUID(reply.client_id) for reply in replies if reply.status == 303}
    db.session.rollback()  # what was read before the first one was sent is not what is there now
    kept = {UUID(form["client_id"]) for form in forms} & set(db.session.scalars(select(Observation.client_id)))
    more = tuple(after - old for after, old in zip(counted(), before, strict=True))
    percentiles = quantiles([reply.milliseconds for reply in replies], n=100)
    tell(
        "observations sent", database=database, requests=len(replies), at_once=AT_ONCE, web_processes=WEB_WORKERS, accepted=accepted,
        refused=len(replies) - accepted, a_second=accepted / took, goal=GOAL, within=accepted / took >= GOAL,
        median_ms=percentiles[49], p99_ms=percentiles[98], promised=len(promised), lost=len(promised - kept),
        doubled=more[0] - len(kept), cases_missing=more[0] - more[1],
    )  # fmt: skip


def forms_to_send(posts: int) -> list[dict[str, str]]:
    """Filled forms, shuffled; some of them twice."""
    chance = random.Random(posts)
    spots = spots_of(ground(), chance)
    categories = [
        category for category in db.session.scalars(select(Category).order_by(Category.id)) if category.opens_the_form
    ]
    forms = [
        filled(chance.choice(categories), spots[number % len(spots)].point)
        for number in range(int(posts * (1 - SENT_TWICE)))
    ]
    forms += chance.sample(forms, posts - len(forms))
    chance.shuffle(forms)
    return forms


def filled(category: Category, point: Point) -> dict[str, str]:
    """What a resident would have answered for this category, nothing of it an emergency."""
    answered = {
        f"answer_{question.code}": next(code for code in question.option_codes if code not in question.blocks)
        for question in category.questions
        if question.is_required
    }
    return answered | {
        "client_id": str(uuid4()), "kind": category.kind.value, "category": category.code, "asked": category.code, "place": "",
        "lon": str(point.lon), "lat": str(point.lat), "text": "Envoyé pour la mesure.",
        "observed_on": today(ground().zone).isoformat(), "belongings": "no" if category.asks_belongings else "",
    }  # fmt: skip


def counted() -> tuple[int, int]:
    """How many observations and how many cases there are."""
    db.session.rollback()
    counts = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Observation, Case)]
    return counts[0], counts[1]


@contextmanager
def web_server(url: str, queue: str) -> Iterator[int]:
    """The web server of `make run` on this database; yields its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    own = {
        "COHAB_DATABASE_URL": url, "COHAB_QUEUE_URL": queue, "COHAB_BASE_URL": f"http://127.0.0.1:{port}", "COHAB_PROXIES": "1",
        "COHAB_OBSERVATIONS_PER_HOUR": "100000",
    }  # fmt: skip
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")} | KEYS | own
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(web_command("127.0.0.1", port), cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            wait_for(server, port, log)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(server: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    """Returns once the web server is ready; raises AssertionError with its log otherwise."""
    until = time.monotonic() + 120
    while not answers(f"http://127.0.0.1:{port}/readyz"):
        if time.monotonic() > until or server.poll() is not None:
            log.seek(0)
            raise AssertionError(f"the web server did not get ready: {log.read().decode()}")
        time.sleep(0.1)


def visitor(port: int, number: int) -> Visitor:
    """A browser that has opened a page once."""
    network = f"10.{number}.0.1"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/connexion", headers={"X-Forwarded-For": network})
    with urllib.request.urlopen(request, timeout=10) as reply:
        cookie = reply.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', reply.read().decode())
    if token is None:
        raise AssertionError("the page has no token")
    return Visitor(cookie, token[1], network)


async def send_all(port: int, visitors: Sequence[Visitor], forms: Sequence[dict[str, str]]) -> list[Reply]:
    """The reply to every request; each visitor sends one after the other on a line of their own."""
    shares = [forms[number :: len(visitors)] for number in range(len(visitors))]
    done = await asyncio.gather(*(send_share(port, who, share) for who, share in zip(visitors, shares, strict=True)))
    return [reply for share in done for reply in share]


async def send_share(port: int, who: Visitor, forms: Sequence[dict[str, str]]) -> list[Reply]:
    """One visitor's requests, answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    replies = []
    for form in forms:
        body = urlencode(form | {"csrf_token": who.token}).encode()
        head = (
            f"POST /signaler/envoyer HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {who.cookie}\r\nX-Forwarded-For: {who.network}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        writer.write(head.encode() + body)
        status = await answered(reader)
        replies.append(Reply(form["client_id"], status, (time.perf_counter() - began) * 1000))
    writer.close()
    return replies


async def answered(reader: asyncio.StreamReader) -> int:
    """The status of the next reply, read to its end."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", head)
    if length:
        await reader.readexactly(int(length[1]))
    elif "transfer-encoding: chunked" in head:
        while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head.split()[1])
