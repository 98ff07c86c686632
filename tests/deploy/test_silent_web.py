"""A web server that falls silent is started anew, and one that is told to stop is gone, whatever it was doing."""

import configparser
import io
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.engine import make_url

from deploy.health import Listening, is_alive
from deploy.instance import prepare_instance
from deploy.run import reserved_port
from deploy.serve import ANSWERS
from deploy.supervision import supervisor_configuration
from tests.deploy.sending import sent_observation
from tests.deploy.web_servers import Address, free_port, running, site_environ, status_of

LONGEST_SECONDS = 300  # that a start may take on a machine under load


@pytest.mark.parametrize(("engine", "frozen"), [("sqlite", 1), ("postgres", 2)])
def test_a_web_server_whose_workers_are_frozen_comes_back_and_keeps_each_receipt(
    engine: str, frozen: int, new_database: Callable[[str, str], str], tmp_path: Path
):
    database_url, site = new_database(engine, f"silent_{frozen}"), Address(free_port())
    with supervised_web_server(tmp_path, site, database_url) as supervisor:
        assert sent_observation(site) == 303
        # What freezes before its first answer has more patience: it may only be slow to start.
        assert becomes_true(lambda: ANSWERS in (tmp_path / "home" / "logs" / "web.log").read_text(encoding="utf-8"))
        workers = web_workers(supervisor)
        assert len(workers) == 2
        for worker in workers[:frozen]:
            worker.send_signal(signal.SIGSTOP)
        assert becomes_true(lambda: not any(is_running(each) for each in workers)), "the frozen ones are ended"
        assert becomes_true(lambda: status_of(site, "/healthz", seconds=5) == 200)
        assert sent_observation(site) == 303
        assert observation_count(database_url) == 2


def test_workers_told_to_stop_during_a_start_leave_nobody_on_the_port(
    new_database: Callable[[str, str], str], tmp_path: Path
):
    site = Address(free_port())
    environ = site_environ(new_database("sqlite", "deaf"), site.port)
    command = [sys.executable, "-m", "deploy.serve", f"127.0.0.1:{site.port}", "--workers", "2"]
    with running(command, environ, is_up=lambda: True) as server:
        own = psutil.Process(server.process.pid)
        assert becomes_true(lambda: len(own.children(recursive=True)) > 2)
        started = own.children(recursive=True)
    assert not any(is_running(each) for each in started)
    with reserved_port("127.0.0.1", site.port):
        assert not is_alive(Listening(port=site.port), seconds=1)


@contextmanager
def supervised_web_server(folder: Path, site: Address, database_url: str) -> Iterator[psutil.Process]:
    """Runs the supervisor of `make run` with its web server alone, which it finds silent after ten seconds."""
    instance = prepare_instance(folder / "home")
    parser = configparser.RawConfigParser()
    parser.read_string(supervisor_configuration(instance, host="127.0.0.1", port=site.port))
    for name in parser.sections():
        if name.startswith("program:") and name != "program:web":
            parser.remove_section(name)
    parser["program:web"]["command"] += " --patience 10"
    written = io.StringIO()
    parser.write(written)
    settings = instance.run / "supervisor.conf"
    settings.write_text(written.getvalue(), encoding="utf-8")
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(settings)]
    environ = site_environ(database_url, site.port)
    with running(command, environ, is_up=lambda: status_of(site, "/healthz") == 200) as supervisor:
        yield psutil.Process(supervisor.process.pid)


def web_workers(supervisor: psutil.Process) -> list[psutil.Process]:
    """Returns the processes that a web server's first process started."""
    servers = [each for each in supervisor.children(recursive=True) if "granian" in each.cmdline()]
    return [each for each in servers if each.parent() in servers]


def is_running(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def observation_count(database_url: str) -> int:
    url = make_url(database_url)
    query = "SELECT count(*) FROM observation"
    if url.get_backend_name() == "sqlite":
        with closing(sqlite.connect(f"file:{url.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute(query).fetchone()[0])
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as opened:
        row = opened.execute("SELECT count(*) FROM observation").fetchone()
        return int(row[0]) if row else 0


def becomes_true(truth: Callable[[], bool]) -> bool:
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        if truth():
            return True
        time.sleep(0.1)
    return False
