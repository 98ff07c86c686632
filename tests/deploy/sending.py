"""Sends observations over HTTP as a browser without scripts does."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from tests.deploy.web_servers import Address
from tests.factories import BANK

FORM = {
    "kind": "litter",
    "category": "DECHET-1",
    "asked": "DECHET-1",
    "place": "",
    "lon": str(BANK.lon),
    "lat": str(BANK.lat),
    "text": "",
    "belongings": "no",
}


def sent_observation(visitor: Address, photos: list[bytes] | None = None) -> int:
    """Sends an observation as a browser does; returns 303 when a receipt came back, else another number."""
    page = visitor.get("/connexion")
    cookie = page.headers["Set-Cookie"].split(";")[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())
    assert token is not None
    seen_on = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    answers = FORM | {"observed_on": seen_on, "client_id": str(uuid.uuid4()), "csrf_token": token[1]}
    if photos is None:
        body, content_type = urlencode(answers).encode(), "application/x-www-form-urlencoded"
    else:
        body, content_type = multipart(answers, photos)
    scheme = "https" if visitor.tls else "http"
    referer = f"{scheme}://127.0.0.1:{visitor.port}/signaler/"
    answer = visitor.send("POST", "/signaler/envoyer", body, cookie=cookie, content_type=content_type, referer=referer)
    return answer.status if answer.headers.get("Location") == "/recu" else -answer.status


def multipart(answers: dict[str, str], photos: list[bytes]) -> tuple[bytes, str]:
    """Returns a form with files as a browser writes it, and its type."""
    mark = "----mark-between-parts"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in answers.items()
    ]
    for number, photo in enumerate(photos):
        head = f'--{mark}\r\nContent-Disposition: form-data; name="photos"; filename="{number}.jpg"\r\n'
        parts += [f"{head}Content-Type: image/jpeg\r\n\r\n".encode(), photo, b"\r\n"]
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"
