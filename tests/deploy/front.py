"""The front of the production example, run for real: nginx with the very files of `deploy/production/nginx`.

Only what a machine decides is changed in them: paths, ports, the account of the worker processes.
"""

import os
import pwd
import shutil
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.health import Listening, is_alive
from deploy.instance import ROOT
from tests.deploy.web_servers import Address, Server, free_port, running, site_environ, status_of

EXAMPLE = ROOT / "deploy" / "production" / "nginx"


@dataclass
class Front:
    """Where the front listens with TLS and without, its folder and output, and the two web servers behind it."""

    site: Address
    plain: Address
    folder: Path
    nginx: Server
    web_environ: dict[str, str]

    def web_command(self, number: int) -> list[str]:
        return [sys.executable, "-m", "deploy.serve", f"unix:{self.socket(number)}"]

    def socket(self, number: int) -> Path:
        return self.folder / f"web-{number}.sock"

    def is_web_alive(self, number: int) -> bool:
        return is_alive(Listening(uds=self.socket(number)), site=f"127.0.0.1:{self.site.port}")

    def lines_to_web_servers(self) -> int:
        """Returns how many connections the web servers hold, with the two on which they listen."""
        paths = {str(self.socket(number)) for number in (1, 2)}
        workers = [each for each in psutil.process_iter(["cmdline"]) if paths & set(each.info["cmdline"] or ())]
        lines = [line for each in workers for line in each.net_connections("unix") if str(line.laddr) in paths]
        return len({(line.fd, str(line.laddr)) for line in lines})

    @contextmanager
    def web_server(self, number: int) -> Iterator[Server]:
        with running(self.web_command(number), self.web_environ, is_up=lambda: self.is_web_alive(number)) as server:
            yield server


@contextmanager
def front(folder: Path, database_url: str, *, web_servers: int = 2) -> Iterator[Front]:
    """Runs nginx, and the web servers behind it, until the block ends."""
    port, plain_port = free_port(), free_port()
    _write_certificate(folder)
    _write_configuration(folder, port, plain_port)
    environ = site_environ(
        database_url,
        port,
        COHAB_BASE_URL=f"https://127.0.0.1:{port}",
        COHAB_ENV="production",
        COHAB_MAIL_FROM="cohab@city.test",
        COHAB_PROXIES="1",
        COHAB_OBSERVATIONS_PER_HOUR="9999",
    )
    site = Address(port, tls=_trusting(folder / "fullchain.pem"))
    nginx = [_nginx_program(), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with ExitStack() as stack:
        server = stack.enter_context(
            running(nginx, dict(os.environ), is_up=lambda: status_of(Address(plain_port), "/") == 308)
        )
        made = Front(site, Address(plain_port), folder, server, environ)
        for number in range(1, web_servers + 1):
            stack.enter_context(made.web_server(number))
        yield made


def _write_configuration(folder: Path, port: int, plain_port: int) -> None:
    """Writes the example's files with this machine's paths; each changed line must be there."""
    changes = {
        "user www-data;": f"user {pwd.getpwuid(os.geteuid()).pw_name};",
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "listen 80 default_server;": f"listen 127.0.0.1:{plain_port} default_server;",
        "listen [::]:80 default_server;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/run/cohab-report/": f"{folder}/",
        "/etc/nginx/cohab/": f"{folder}/",
    }
    _write_changed(EXAMPLE / "nginx.conf", folder / "nginx.conf", changes)
    live = "/etc/letsencrypt/live/cohab.example.org/"
    _write_changed(
        EXAMPLE / "site.conf", folder / "site.conf", {live: f"{folder}/", "cohab.example.org;": "127.0.0.1;"}
    )
    shutil.copytree(EXAMPLE / "pages", folder / "pages")


def _write_changed(source: Path, target: Path, changes: dict[str, str]) -> None:
    text = source.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{source} has no {old}"
        text = text.replace(old, new)
    target.write_text(text, encoding="utf-8")


def _write_certificate(folder: Path) -> None:
    """Writes a certificate of this machine's own and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def _trusting(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    return context


def _nginx_program() -> str:
    found = shutil.which("nginx") or "/usr/sbin/nginx"
    assert Path(found).exists(), "nginx is not installed: `make test` installs it"
    return found
