"""The web server of `make run` started for a test, and connections that send their bodies slowly."""

import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from deploy.instance import ROOT

START_SECONDS = 120
KEYS = {"COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40, "COHAB_CONTACT_KEY": "e" * 40}
LONG_BODY = 1_000_000  # bytes that a slow sender announces


@dataclass(frozen=True)
class Address:
    """Where a server listens, and from which address of this machine it is asked."""

    port: int
    caller: str = "127.0.0.1"

    def connection(self, *, seconds: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds, source_address=(self.caller, 0))


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
        return port


def site_environ(database_url: str, port: int, **settings: str) -> dict[str, str]:
    """Returns the environment of a site with this database, which browsers know under this port."""
    own = {
        "COHAB_DATABASE_URL": database_url,
        "COHAB_QUEUE_URL": "redis://127.0.0.1:1/0",
        "COHAB_BASE_URL": f"http://127.0.0.1:{port}",
        "COHAB_CITY": "trois_rivieres",
        **KEYS,
        **settings,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | own


@contextmanager
def running(
    command: list[str], environ: dict[str, str], *, is_up: Callable[[], bool]
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the command until the block ends; raises AssertionError with its output when it does not come up."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            until = time.monotonic() + START_SECONDS
            while not is_up():
                if server.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise AssertionError(f"{command} did not come up: {log.read().decode()}")
                time.sleep(0.1)
            yield server
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def status_of(address: Address, path: str, *, seconds: float = 60, host: str = "") -> int:
    """Returns the status with which a page is answered; 0 when it is not answered in time."""
    with closing(address.connection(seconds=seconds)) as connection:
        try:
            connection.request("GET", path, headers={"Host": host} if host else {})
            return connection.getresponse().status
        except OSError:
            return 0


def raw_status(address: Address, target: bytes) -> int:
    """Returns the status of a page whose address is sent as these very bytes."""
    with closing(socket.create_connection(("127.0.0.1", address.port), timeout=60)) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % address.port)
        return int(line.recv(100).split()[1])


@contextmanager
def slow_senders(addresses: list[Address]) -> Iterator[list[socket.socket]]:
    """One connection from each address has sent the beginning of a long form, and goes on holding its line."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(_slow_sender(address))) for address in addresses]


def _slow_sender(address: Address) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", address.port), timeout=60, source_address=(address.caller, 0))
    head = (
        f"POST /signaler/envoyer HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {LONG_BODY}\r\n\r\nclient_id="
    )
    line.sendall(head.encode())
    return line


def send_a_byte(lines: list[socket.socket]) -> int:
    """Each slow sender sends one byte more; returns how many lines still stand."""
    standing = 0
    for line in lines:
        try:
            line.sendall(b"x")
            standing += 1
        except OSError:
            continue
    return standing
