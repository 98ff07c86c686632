"""`make run`: prepares and runs everything on one machine, for trying it; the command may be repeated.

Prepares keys, translations, tables, the city and demo data, starts the supervisor, and prints the address once the site
answers. It is not how a city runs this for its residents: see deploy/README.md for that.
"""

import argparse
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from deploy.instance import ROOT, Instance, prepare_instance
from deploy.process_group import command_bound_to_parent, end_process
from deploy.supervision import supervisor_configuration
from deploy.write_ahead_log import write_back_log

START_SECONDS = 300.0  # until the site must have answered once
STOP_SECONDS = 40.0  # that all parts together have to stop


class StartRefused(Exception):
    """It can't start, for the reason in the text, which the person at the keyboard can mend."""


class StopRequested(Exception):
    """A signal asked this process to stop."""


def main(command_line: list[str]) -> int:
    """Starts everything, waits for a signal, stops everything; returns the exit code."""
    arguments = parse_arguments(command_line)
    os.chdir(ROOT)
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _request_stop)
    instance = prepare_instance(arguments.instance.resolve())
    if arguments.stop:
        return stop_running(instance)
    try:
        with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
            if not try_lock(lock):
                return print_running_address(lock)
            with reserved_port(arguments.host, arguments.port):
                return start(instance, lock, host=arguments.host, port=arguments.port)
    except StartRefused as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except StopRequested:
        print("Stopped before it was ready; the next start goes on from here.")
        return 130


def parse_arguments(command_line: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="make run", description="Starts Cohab Report on this machine.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address it listens on (0.0.0.0: also for other machines)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--instance", type=Path, default=ROOT / "instance", help="the folder of this machine's keys and data"
    )
    parser.add_argument("--stop", action="store_true", help="stop the one that runs, and start nothing")
    return parser.parse_args(command_line)


def try_lock(lock: TextIO) -> bool:
    """Locks the file and returns whether nobody else holds it.

    Held until the last process that inherits it has ended.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def print_running_address(lock: TextIO) -> int:
    """Prints the address of the instance that runs already; returns 0."""
    facts = _read_lock_facts(lock)
    print(f"Cohab Report already runs at {facts.get('address', 'an address not known yet')}. `make stop` stops it.")
    return 0


def last_address(instance: Instance) -> str:
    """Returns the address of the run in progress, or of the last one; empty when there was none."""
    with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
        return _read_lock_facts(lock).get("address", "")


def stop_running(instance: Instance) -> int:
    """Stops the run in progress, if there is one; returns the exit code."""
    with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
        if try_lock(lock):
            print("Nothing runs.")
            return 0
        os.kill(int(_read_lock_facts(lock)["pid"]), signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while not try_lock(lock):
            if time.monotonic() > until:
                print(f"It was asked to stop but still runs; see {instance.logs}.", file=sys.stderr)
                return 1
            time.sleep(0.2)
    print("Stopped.")
    return 0


def start(instance: Instance, lock: TextIO, *, host: str, port: int) -> int:
    """Runs all parts until a signal asks to stop; raises StartRefused when it can't start."""
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
    _write_lock_facts(lock, {"pid": os.getpid(), "address": address})
    environ = instance.environ(os.environ, address)
    sign_ins = prepare_database(instance, environ)
    # A supervisor that was killed left its socket behind; the lock says that none is alive.
    instance.control_socket.unlink(missing_ok=True)
    settings = instance.run / "supervisor.conf"
    settings.write_text(supervisor_configuration(instance, host=host, port=port), encoding="utf-8")
    command = command_bound_to_parent(
        [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(settings)]
    )
    supervisor = subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=[lock.fileno()],
    )
    try:
        wait_until_ready(supervisor, address, instance.logs)
        print(
            f"\nCohab Report is ready: {address}\n\n{sign_ins}\nLogs: {instance.logs}\nCtrl-C stops everything.",
            flush=True,
        )
        supervisor.wait()
        raise StartRefused(f"The supervisor ended by itself; see {instance.logs / 'supervisor.log'}.")
    except StopRequested:
        print("\nStopping…", flush=True)
        return 0
    finally:
        end_supervisor(supervisor)
        write_back_log(environ.get("COHAB_DATABASE_URL", ""))


@contextmanager
def reserved_port(host: str, port: int) -> Iterator[None]:
    """Keeps the port for the web server that this process starts; raises StartRefused when somebody else has it.

    The web server's own workers share their port, and would share it with a stranger's: whoever starts on the port
    later, even while this one is still getting ready, is refused here.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as mark:
        mark.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            mark.bind((host, port))
        except (OSError, OverflowError) as error:
            raise StartRefused(
                f"Port {port} can't be used ({error}). Another one can: make run PORT={port % 60000 + 1}"
            ) from error
        mark.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        mark.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield


def prepare_database(instance: Instance, environ: Mapping[str, str]) -> str:
    """Compiles translations and prepares tables, the city's profile and demo data.

    Returns the demo sign-ins as text.
    """
    translations, sign_ins = ROOT / "cohab_report" / "translations", instance.run / "sign-ins"
    if any(translations.glob("*/LC_MESSAGES/*.po")):
        run_module("Translations", ["babel.messages.frontend", "compile", "--directory", str(translations)])
    command = [sys.executable, "-m", "deploy.database", str(sign_ins)]
    if subprocess.run(command, env=dict(environ), stdin=subprocess.DEVNULL, check=False).returncode:
        raise StartRefused("The database could not be made ready; nothing was started.")
    return sign_ins.read_text(encoding="utf-8")


def run_module(title: str, module: list[str]) -> None:
    """Runs a Python module without showing its output; raises StartRefused with it when the module fails."""
    done = subprocess.run(
        [sys.executable, "-m", *module], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise StartRefused(f"{title}: {' '.join(module)} failed.\n{done.stdout}{done.stderr}")


def wait_until_ready(supervisor: subprocess.Popen[bytes], address: str, logs: Path) -> None:
    """Waits until /readyz answers 200; raises StartRefused with the end of the web server's log after START_SECONDS."""
    until = time.monotonic() + START_SECONDS
    while not is_ready(f"{address}/readyz"):
        if supervisor.poll() is not None or time.monotonic() > until:
            web = logs / "web.log"
            last = web.read_text(encoding="utf-8", errors="replace")[-3000:] if web.exists() else ""
            raise StartRefused(f"The site did not get ready. The end of {web}:\n{last}")
        time.sleep(0.2)


def is_ready(url: str) -> bool:
    """Returns whether this URL answers 200, without a proxy."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=3) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def end_supervisor(supervisor: subprocess.Popen[bytes]) -> None:
    """Stops the supervisor and all its parts; a second signal to stop does not interrupt this."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    end_process(supervisor, seconds=STOP_SECONDS)


def _read_lock_facts(lock: TextIO) -> dict[str, str]:
    lock.seek(0)
    facts: dict[str, str] = json.loads(lock.read() or "{}")
    return facts


def _write_lock_facts(lock: TextIO, facts: Mapping[str, object]) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps(facts))
    lock.flush()


def _request_stop(_number: int, _frame: object) -> None:
    raise StopRequested


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
