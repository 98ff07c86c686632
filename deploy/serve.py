"""Runs the web server and asks it whether it is alive; ends with exit code 1 when it stays silent, to be started anew.

    python -m deploy.serve unix:/run/cohab-report/web-1.sock            behind a front
    python -m deploy.serve 127.0.0.1:8000 --workers 2                   without one

Whatever started it (the supervisor, systemd, a container engine) starts it again. Told to stop, it first takes its
socket away, so that the front asks its neighbour, and then lets the server finish what it has in hand.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from deploy.health import Listening, is_alive
from deploy.process_group import command_bound_to_parent, end_process

INTERVAL_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
"""How long it may stay silent; far more than a busy machine needs for `/healthz`."""
START_INTERVAL_SECONDS = 0.5
START_SECONDS = 300.0  # until it must have answered once
LEAVING_SECONDS = 1.0  # between the end of the socket and the end of the server, for who is just being connected
FINISHING_SECONDS = 10  # that a worker has for the requests in hand, after which it is killed
STOP_SECONDS = FINISHING_SECONDS + 5.0
ANSWERS = "The web server answers."
SILENT = "The web server is silent; it is ended, to be started anew."
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ASKS_PER_WORKER = 2
"""Workers of a TCP port each have their own queue of connections, chosen by chance: one ask would often miss one."""


class StopRequested(Exception):
    """A signal asked this process to stop."""


def main(command_line: Sequence[str]) -> int:
    """Serves until it is told to stop or the server ends or falls silent; returns the exit code."""
    arguments = parse_arguments(command_line)
    listening: Listening = arguments.listening
    if listening.uds is not None:
        listening.uds.unlink(missing_ok=True)  # of one that was killed
    command = server_command(listening, workers=arguments.workers)
    server = subprocess.Popen(command_bound_to_parent(command), stdin=subprocess.DEVNULL)
    code = 1
    try:
        for number in STOP_SIGNALS:
            signal.signal(number, _request_stop)
        watch(server, listening, asks=ASKS_PER_WORKER * arguments.workers, patience=arguments.patience)
    except StopRequested:
        code = 0
    end_server(server, listening)
    return code


def parse_arguments(command_line: Sequence[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="deploy.serve", description="Runs the web server and watches it.")
    parser.add_argument("listening", type=Listening.parse, help="unix:PATH or HOST:PORT")
    parser.add_argument("--workers", type=int, default=1, help="how many processes share the requests")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds of silence before it ends")
    return parser.parse_args(command_line)


def server_command(listening: Listening, *, workers: int) -> list[str]:
    """Returns the command of the web server, which starts its own workers anew when they end."""
    if listening.uds is not None:
        where = ["--uds", str(listening.uds), "--uds-permissions", "0660"]
    else:
        where = ["--host", listening.host, "--port", str(listening.port)]
    return [
        *(sys.executable, "-m", "granian", "--interface", "asginl", *where),
        *("--workers", str(workers), "--http", "1", "--http1-header-read-timeout", "15000"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", str(FINISHING_SECONDS)),
        *("--no-ws", "--log-level", "warning", "deploy.web:site"),
    ]


def watch(server: subprocess.Popen[bytes], listening: Listening, *, asks: int, patience: float) -> None:
    """Returns when the server has ended or stays silent; says to the error stream when it answers, and when not."""
    if not answers_at_last(server, listening, patience=patience):
        return
    silent_after = time.monotonic() + patience
    while server.poll() is None:
        if all(is_alive(listening, seconds=patience) for _ in range(asks)):
            silent_after = time.monotonic() + patience
        elif time.monotonic() > silent_after:
            say(SILENT)
            return
        try:
            server.wait(timeout=INTERVAL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def answers_at_last(server: subprocess.Popen[bytes], listening: Listening, *, patience: float) -> bool:
    """Waits for the server's first answer; returns False when it has ended or gave none in START_SECONDS."""
    silent_after = time.monotonic() + START_SECONDS
    while server.poll() is None:
        if is_alive(listening, seconds=patience):
            say(ANSWERS)
            return True
        if time.monotonic() > silent_after:
            say(SILENT)
            break
        time.sleep(START_INTERVAL_SECONDS)
    return False


def say(words: str) -> None:
    """Writes a line to the error stream, which whoever started this keeps as its log."""
    print(words, file=sys.stderr, flush=True)


def end_server(server: subprocess.Popen[bytes], listening: Listening) -> None:
    """Ends the server: new requests find no socket, those in hand are finished; kills what does not end in time."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if listening.uds is not None:
        listening.uds.unlink(missing_ok=True)
        time.sleep(LEAVING_SECONDS)
    end_process(server, seconds=STOP_SECONDS)


def _request_stop(_number: int, _frame: object) -> None:
    raise StopRequested


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
