"""`make run`: everything on one machine, ready to be tried, in one command that can be given again and again.

It prepares (keys, translations, tables, the city, demo data), starts the supervisor, and says where to go once the site answers. It is not
how a city runs this for its residents: see deploy/README.md for that.
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
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from deploy.instance import ROOT, Instance, prepare
from deploy.leash import following
from deploy.supervision import configuration

PATIENCE = 90.0  # seconds until the site must have answered once
STOP_PATIENCE = 40.0  # seconds that all parts together have to stop


class NotStarted(Exception):
    """It can't start, for a reason that the person at the keyboard can mend; the text says it."""


class Stopped(Exception):
    """Somebody asked to stop."""


def main(words: list[str]) -> int:
    """Starts, waits until told to stop, stops; returns the exit code."""
    chosen = arguments(words)
    os.chdir(ROOT)
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _stop)
    instance = prepare(chosen.instance.resolve())
    if chosen.stop:
        return stop_running(instance)
    try:
        with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
            return start(instance, lock, host=chosen.host, port=chosen.port) if taken(lock) else tell_of_running(lock)
    except NotStarted as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped before it was ready; the next start goes on from here.")
        return 130


def arguments(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="make run", description="Starts Cohab Report on this machine.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address it listens on (0.0.0.0: also for other machines)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--instance", type=Path, default=ROOT / "instance", help="the folder of this machine's keys and data"
    )
    parser.add_argument("--stop", action="store_true", help="stop the one that runs, and start nothing")
    return parser.parse_args(words)


def taken(lock: TextIO) -> bool:
    """Whether this start is the only one; the lock is held until the last process that inherits it has ended."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def tell_of_running(lock: TextIO) -> int:
    """The person knows where the one that runs can be reached; nothing is started beside it."""
    facts = _facts(lock)
    print(f"Cohab Report already runs at {facts.get('address', 'an address not known yet')}. `make stop` stops it.")
    return 0


def address_of_running(instance: Instance) -> str:
    """Where the one that runs, or else the last one that ran, is reached; empty when none ever ran."""
    with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
        return _facts(lock).get("address", "")


def stop_running(instance: Instance) -> int:
    """The one that runs has stopped, or none ran."""
    with (instance.run / "lock").open("a+", encoding="utf-8") as lock:
        if taken(lock):
            print("Nothing runs.")
            return 0
        os.kill(int(_facts(lock)["pid"]), signal.SIGTERM)
        until = time.monotonic() + STOP_PATIENCE
        while not taken(lock):
            if time.monotonic() > until:
                print(f"It was asked to stop but still runs; see {instance.logs}.", file=sys.stderr)
                return 1
            time.sleep(0.2)
    print("Stopped.")
    return 0


def start(instance: Instance, lock: TextIO, *, host: str, port: int) -> int:
    """Runs until told to stop; raises NotStarted when it can't."""
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
    refuse_taken_port(host, port)
    _note(lock, {"pid": os.getpid(), "address": address})
    environ = instance.environ(os.environ, address)
    sign_ins = fill(instance, environ)
    instance.control_socket.unlink(
        missing_ok=True
    )  # a supervisor that was killed left it behind; the lock says that none lives
    settings = instance.run / "supervisor.conf"
    settings.write_text(
        configuration(instance, host=host, port=port, queue_url=environ["COHAB_QUEUE_URL"]), encoding="utf-8"
    )
    command = following([sys.executable, "-m", "supervisor.supervisord", "--configuration", str(settings)])
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
        raise NotStarted(f"The supervisor ended by itself; see {instance.logs / 'supervisor.log'}.")
    except Stopped:
        print("\nStopping…", flush=True)
        return 0
    finally:
        end(supervisor)


def refuse_taken_port(host: str, port: int) -> None:
    """Raises NotStarted when something else already listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise NotStarted(
                f"Port {port} can't be used ({error}). Another one can: make run PORT={port % 60000 + 1}"
            ) from error


def fill(instance: Instance, environ: Mapping[str, str]) -> str:
    """Translations, tables, the city's profile and, outside production, demo data are there; returns the demo sign-ins as text."""
    translations, sign_ins = ROOT / "cohab_report" / "translations", instance.run / "sign-ins"
    if any(translations.glob("*/LC_MESSAGES/*.po")):
        quietly("Translations", ["babel.messages.frontend", "compile", "--directory", str(translations)])
    command = [sys.executable, "-m", "deploy.fill", str(sign_ins)]
    if subprocess.run(command, env=dict(environ), stdin=subprocess.DEVNULL, check=False).returncode:
        raise NotStarted("The database could not be made ready; nothing was started.")
    return sign_ins.read_text(encoding="utf-8")


def quietly(title: str, module: list[str]) -> None:
    """The Python module has run to its end without a word; raises NotStarted with what it complained of."""
    done = subprocess.run(
        [sys.executable, "-m", *module], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise NotStarted(f"{title}: {' '.join(module)} failed.\n{done.stdout}{done.stderr}")


def wait_until_ready(supervisor: subprocess.Popen[bytes], address: str, logs: Path) -> None:
    """Returns once /readyz says yes; raises NotStarted with the web server's last words otherwise."""
    until = time.monotonic() + PATIENCE
    while not answers(f"{address}/readyz"):
        if supervisor.poll() is not None or time.monotonic() > until:
            web = logs / "web.log"
            last = web.read_text(encoding="utf-8", errors="replace")[-3000:] if web.exists() else ""
            raise NotStarted(f"The site did not get ready. The end of {web}:\n{last}")
        time.sleep(0.2)


def answers(url: str) -> bool:
    """Whether the page is there and says that all is well."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=3) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def end(supervisor: subprocess.Popen[bytes]) -> None:
    """The supervisor and all its parts have ended; a second request to stop does not cut this short."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    supervisor.terminate()
    try:
        supervisor.wait(timeout=STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


def _facts(lock: TextIO) -> dict[str, str]:
    lock.seek(0)
    facts: dict[str, str] = json.loads(lock.read() or "{}")
    return facts


def _note(lock: TextIO, facts: Mapping[str, object]) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps(facts))
    lock.flush()


def _stop(_number: int, _frame: object) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
