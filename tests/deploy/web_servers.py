"""The web server of `make run` started for a test, and connections that send their bodies slowly."""

import http.client
import os
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path

from deploy.instance import ROOT
from deploy.process_group import end_process

START_SECONDS = 300
KEYS = {"COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40, "COHAB_CONTACT_KEY": "e" * 40}
LONG_BODY = 1_000_000  # bytes that a slow sender announces


@dataclass(frozen=True)
class Address:
    """Where a server listens, and from which address of this machine it is asked."""

    port: int
    caller: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    def line(self, *, seconds: float = 60) -> socket.socket:
        """Returns a new connection."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=seconds, source_address=(self.caller, 0))
        return self.tls.wrap_socket(plain) if self.tls else plain

    def called_from(self, caller: str) -> "Address":
        """Returns the same address, asked from another one of this machine's."""
        return replace(self, caller=caller)

    def get(self, path: str, *, seconds: float = 60, **headers: str) -> "Answer":
        """Asks for a page."""
        return self.send("GET", path, b"", seconds=seconds, **headers)

    def send(self, method: str, path: str, body: bytes, *, seconds: float = 60, **headers: str) -> "Answer":
        """Sends a request whole and reads its answer whole; `content_type` stands for Content-Type."""
        sent = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", "Content-Length": str(len(body))}
        sent |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        with closing(self.line(seconds=seconds)) as line:
            line.sendall(f"{head}\r\n".encode() + body)
            reply = http.client.HTTPResponse(line, method=method)
            reply.begin()
            return Answer(reply.status, reply.headers, reply.read())


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Server:
    """A started process and the file of what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Asks the process to stop; kills it when it does not within a minute."""
        end_process(self.process, seconds=60)


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
        "COHAB_CITY": str(ROOT / "tests" / "cities" / "rivebelle"),
        **KEYS,
        **settings,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COHAB_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | own


@contextmanager
def running(command: list[str], environ: dict[str, str], *, is_up: Callable[[], bool]) -> Iterator[Server]:
    """Runs the command until the block ends; raises AssertionError with its output when it does not come up."""
    with tempfile.TemporaryDirectory(prefix="cohab-test-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            server = Server(subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out), log)
        try:
            until = time.monotonic() + START_SECONDS
            while not is_up():
                if server.process.poll() is not None or time.monotonic() > until:
                    raise AssertionError(f"{command} did not come up: {server.said()}")
                time.sleep(0.1)
            yield server
        finally:
            server.stop()


def status_of(address: Address, path: str, *, seconds: float = 60) -> int:
    """Returns the status with which a page is answered; 0 when it is not answered in time."""
    try:
        return address.get(path, seconds=seconds).status
    except (OSError, http.client.HTTPException):
        return 0


def raw_status(address: Address, target: bytes) -> int:
    """Returns the status of a page whose address is sent as these very bytes."""
    with closing(address.line()) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % address.port)
        return int(line.recv(100).split()[1])


@contextmanager
def slow_senders(addresses: list[Address]) -> Iterator[list[socket.socket]]:
    """One connection from each address has sent the beginning of a long form, and goes on holding its line."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(_slow_sender(address))) for address in addresses]


def _slow_sender(address: Address) -> socket.socket:
    line = address.line()
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
