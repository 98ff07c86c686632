"""Asks a web server whether it is alive: `/healthz`, over TCP or a unix socket, under the name that browsers use.

python -m deploy.health unix:/run/cohab-report/web-1.sock     exits with 0 when it answers 200, otherwise with 1
python -m deploy.health 127.0.0.1:8000
"""

import http.client
import os
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Listening:
    """Where a web server listens: on a unix socket, or else on a host and port."""

    uds: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `unix:PATH` or `HOST:PORT`; raises ValueError for anything else."""
        if text.startswith("unix:"):
            return cls(uds=Path(text.removeprefix("unix:")))
        host, _, port = text.rpartition(":")
        return cls(host=host, port=int(port))

    def connect(self, seconds: float) -> socket.socket:
        """Returns a new connection; raises OSError when there is none within these seconds."""
        if self.uds is None:
            own_host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
            return socket.create_connection((own_host, self.port), timeout=seconds)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(seconds)
        try:
            line.connect(str(self.uds))
        except OSError:
            line.close()
            raise
        return line


def is_alive(listening: Listening, *, site: str = "", seconds: float = ANSWER_SECONDS) -> bool:
    """Returns whether `/healthz` answers 200, each step within these seconds.

    It is asked for under the name `site`, or else the one in COHAB_BASE_URL: others are refused in production.
    """
    name = site or urlsplit(os.environ.get("COHAB_BASE_URL", "")).netloc or "127.0.0.1"
    try:
        with closing(listening.connect(seconds)) as line:
            line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            reply = http.client.HTTPResponse(line)
            reply.begin()
            return reply.status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_alive(Listening.parse(sys.argv[1])) else 1)
