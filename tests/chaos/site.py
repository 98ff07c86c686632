"""A site of its own as `make run` starts it, all parts under its supervisor, and the processes that may be killed."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psutil
from flask import Flask

from deploy.instance import ROOT
from deploy.run import is_ready

START_SECONDS = 300.0
HORSE_SECONDS = 3.0
"""How long is looked for a process that works on one job: each lives for a moment only."""


@dataclass
class ChaosSite:
    """Where the site answers, the environment of its parts, and the process that started them."""

    address: str
    port: int
    environ: Mapping[str, str]
    process: psutil.Process
    folder: Path
    postmaster: Callable[[], int] | None = None
    """The number of PostgreSQL's first process; None on the embedded database."""
    killed: dict[str, int] = field(default_factory=dict)
    """How often a process of each part was killed."""
    reader: Flask | None = None
    """An app of ours on the same database and queue, made when something is read for the first time."""

    def processes(self, part: str) -> list[psutil.Process]:
        """Returns the processes of a part: web, worker, horse (which works on one job), clock, queue, postmaster."""
        if part == "postmaster":
            return [psutil.Process(self.postmaster())] if self.postmaster else []
        return [process for process in self.process.children(recursive=True) if part_of(process) == part]


def part_of(process: psutil.Process) -> str:
    """Returns the part that this process belongs to, or nothing."""
    with suppress(psutil.Error):
        words = process.cmdline()
        if any(word.endswith("process_group.py") for word in words):
            return ""
        if "deploy.worker" in words:
            parent = process.parent()
            return "horse" if parent is not None and parent.cmdline() == words else "worker"
        if "deploy.clock" in words:
            return "clock"
        # It writes its whole title into its first word.
        if words and "valkey-server" in words[0]:
            return "queue"
        if "granian" in words or any("multiprocessing" in word for word in words):
            return "web"
    return ""


@contextmanager
def chaos_site(
    folder: Path, database_url: str | None, *, postmaster: Callable[[], int] | None = None
) -> Iterator[ChaosSite]:
    """Starts the site in this folder, on its own embedded database or on this one; yields it when it is ready."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = int(probe.getsockname()[1])
    own = {"COHAB_PROXIES": "1", "COHAB_OBSERVATIONS_PER_HOUR": "100000"}
    if database_url:
        own["COHAB_DATABASE_URL"] = database_url
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")} | own
    command = [sys.executable, "-m", "deploy.run", "--port", str(port), "--instance", str(folder)]
    with (folder / "output").open("wb") as output:
        started = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(
            lambda: is_ready(f"{address}/readyz"),
            seconds=START_SECONDS,
            what=lambda: (folder / "output").read_text(errors="replace"),
        )
        yield ChaosSite(address, port, environ, psutil.Process(started.pid), folder, postmaster)
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(timeout=120)


@contextmanager
def random_kills(site: ChaosSite, parts: list[str], *, pause: tuple[float, float], seed: int) -> Iterator[None]:
    """Kills a process of one of these parts after each pause of so many seconds, until the block ends.

    The site may answer once between two kills, however slow the machine: who is killed while starting, again and again,
    shows nothing.
    """
    is_over, chance = Event(), random.Random(seed)

    def kill_on_and_on() -> None:
        waiting: list[str] = []
        while not is_over.wait(chance.uniform(*pause)):
            if not waiting:
                waiting = chance.sample(parts, len(parts))
            kill_one(site, waiting.pop(), chance)
            while not is_over.is_set() and not is_ready(f"{site.address}/readyz"):
                is_over.wait(0.2)

    killer = Thread(target=kill_on_and_on, daemon=True)
    killer.start()
    try:
        yield
    finally:
        is_over.set()
        killer.join()


def kill_one(site: ChaosSite, part: str, chance: random.Random) -> None:
    """Sends SIGKILL to a process of this part, if there is one."""
    until = time.monotonic() + (HORSE_SECONDS if part == "horse" else 0)
    while not (present := site.processes(part)) and time.monotonic() < until:
        time.sleep(0.005)
    if present:
        with suppress(psutil.Error):
            chance.choice(present).kill()
            site.killed[part] = site.killed.get(part, 0) + 1


def wait_until(is_so: Callable[[], bool], *, seconds: float, what: Callable[[], str]) -> float:
    """Waits until it is so; returns how many seconds that took. Raises AssertionError, saying what, after `seconds`."""
    begin = time.monotonic()
    while not is_so():
        if time.monotonic() - begin > seconds:
            raise AssertionError(what())
        time.sleep(0.2)
    return time.monotonic() - begin
