"""Connections that send their bodies a byte at a time hold up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from deploy import whole_bodies
from deploy.supervision import web_command
from deploy.whole_bodies import Message, Receive, Send, WholeBodies
from tests.deploy.web_servers import (
    Address,
    free_port,
    raw_status,
    running,
    send_a_byte,
    site_environ,
    slow_senders,
    status_of,
)

Answered = tuple[list[Message], list[bytes]]


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_site_without_a_front_answers_while_64_slow_senders_hold_their_lines(
    engine: str, new_database: Callable[[str, str], str]
):
    site = Address(free_port())
    environ = site_environ(new_database(engine, "slow_bodies"), site.port)
    with (
        running(web_command("127.0.0.1", site.port), environ, is_up=lambda: status_of(site, "/healthz") == 200),
        slow_senders([site] * 64) as lines,
    ):
        for _ in range(3):
            assert send_a_byte(lines) == 64
            assert [status_of(site, path) for path in ("/healthz", "/", "/signaler/")] == [200, 200, 200]
        assert raw_status(site, "/observations?q=près".encode()) == 200, "an address with plain letters"


def test_a_sender_slower_than_its_length_allows_is_refused_and_never_reaches_the_site(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whole_bodies, "GRACE_SECONDS", 0.2)

    async def never_ending() -> Message:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    answers, reached = run_apart(answers_to(never_ending))
    assert answers[0]["status"] == 408
    assert reached == []


def test_a_sender_who_leaves_reaches_nothing():
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    assert run_apart(answers_to(gone)) == ([], [])


@pytest.mark.parametrize("length", [0, 1, whole_bodies.CHUNK_BYTES, 3 * whole_bodies.CHUNK_BYTES + 7])
def test_the_site_reads_exactly_what_was_sent(length: int):
    parts = [b"ab" * 20_000] * (length // 40_000) + [b"z" * (length % 40_000)]

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    sent = b"".join(parts)
    assert run_apart(answers_to(receive)) == ([], [sent])


def test_a_body_longer_than_any_page_takes_is_cut_and_not_stored_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whole_bodies, "MOST_BYTES", 100)

    async def endless() -> Message:
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    assert run_apart(answers_to(endless)) == ([], [b"x" * 120])


def run_apart(coroutine: Coroutine[Any, Any, Answered]) -> Answered:
    """Runs a coroutine in a thread of its own: this one may have a browser's event loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def answers_to(receive: Callable[[], Awaitable[Message]]) -> tuple[list[Message], list[bytes]]:
    """Returns what was answered before the site was reached, and the bodies that reached it."""
    answers: list[Message] = []
    reached: list[bytes] = []

    async def site(_scope: Mapping[str, Any], receive: Receive, _send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        reached.append(body)

    async def send(message: Message) -> None:
        answers.append(message)

    await WholeBodies(site)({"type": "http"}, receive, send)
    return answers, reached
