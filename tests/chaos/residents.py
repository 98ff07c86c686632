"""Residents who send again and again until they hold a receipt, as a phone's queue does; some answers get lost."""

import http.client
import json
import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from tests.pictures import coloured_quarters, image_bytes

CATEGORY, WORDS = "PROP-2", "Envoyé pendant les coupures."
BOUNDARY = "----chaos"
PAUSE = 0.4
"""Seconds between two attempts of one resident."""
TIMEOUT = 20.0


@dataclass(frozen=True)
class Form:
    """What one resident sends: the fields, whether as a script or as a plain form, and with which photo."""

    fields: Mapping[str, str]
    is_plain: bool
    photo: bytes | None = None

    @property
    def client_id(self) -> str:
        """The id that makes sending it twice the same as once."""
        return self.fields["client_id"]


@dataclass
class Receipts:
    """What residents hold in the end, and what it took."""

    codes: dict[str, str] = field(default_factory=dict)
    """The follow-up code by client id; empty for a plain form, whose code stands on the next page."""
    references: dict[str, str] = field(default_factory=dict)
    with_photo: list[str] = field(default_factory=list)
    """The client ids of receipts that told of no refused photo."""
    photos_refused: int = 0
    attempts: int = 0
    answers_thrown_away: int = 0
    refusals: dict[int, int] = field(default_factory=dict)
    """How often each status came that was no receipt."""


@dataclass
class Resident:
    """One browser: its cookies and its token, fetched anew when it has none or the site no longer takes it."""

    port: int
    number: int
    chance: random.Random
    lost_share: float
    receipts: Receipts
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def send(self, form: Form, *, until: float) -> bool:
        """Sends the form until there is a receipt; returns False when there is none at `until` (monotonic seconds)."""
        while time.monotonic() < until:
            self.receipts.attempts += 1
            with suppress(OSError, http.client.HTTPException, ValueError, KeyError):
                if self._try(form):
                    return True
            time.sleep(PAUSE)
        return False

    def _try(self, form: Form) -> bool:
        if not self.token:
            self.token = json.loads(self._request("GET", "/signaler/jeton", b"", {})[1])["token"]
        body, kind = encoded(form, self.token)
        headers = {"Content-Type": kind, "Accept": "text/html" if form.is_plain else "application/json"}
        headers["X-CSRFToken"] = self.token
        is_lost = self.chance.random() < self.lost_share
        status, text = self._request("POST", "/signaler/envoyer", body, headers, throw_away=is_lost)
        if is_lost:
            self.receipts.answers_thrown_away += 1
            return False
        if status == (303 if form.is_plain else 200):
            self._note(form, {} if form.is_plain else json.loads(text))
            return True
        self.receipts.refusals[status] = self.receipts.refusals.get(status, 0) + 1
        if status in (400, 403):
            self.token = ""
        return False

    def _note(self, form: Form, receipt: Mapping[str, object]) -> None:
        self.receipts.codes[form.client_id] = str(receipt.get("code", ""))
        self.receipts.references[form.client_id] = str(receipt.get("reference", ""))
        if form.photo:
            refused = receipt.get("photos") or []
            self.receipts.photos_refused += bool(refused)
            if not refused and not form.is_plain:
                self.receipts.with_photo.append(form.client_id)

    def _request(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, throw_away: bool = False
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            network = f"10.{self.number // 250}.{self.number % 250}.1"
            own = {"X-Forwarded-For": network, **({"Cookie": cookies} if cookies else {})}
            connection.request(method, path, body, {**headers, **own})
            if throw_away:
                time.sleep(self.chance.uniform(0, 0.05))
                return 0, ""
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, content = value.partition(";")[0].partition("=")
                    self.cookies[key] = content
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()


def encoded(form: Form, token: str) -> tuple[bytes, str]:
    """Returns the body of the form and its content type; with a photo it is in several parts."""
    fields = {**form.fields, "csrf_token": token}
    if form.photo is None:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="photo.jpg"\r\n'
    parts += [f"{head}Content-Type: image/jpeg\r\n\r\n".encode(), form.photo, f"\r\n--{BOUNDARY}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={BOUNDARY}"


def filled_forms(count: int, today: str, *, chance: random.Random) -> list[Form]:
    """Returns forms about litter in the shipped city: a fifth plain, a twelfth with a photo."""
    photo = image_bytes(coloured_quarters(640, 480))
    forms = []
    for number in range(count):
        fields = {
            "client_id": str(uuid4()),
            "kind": "cleanliness",
            "category": CATEGORY,
            "asked": CATEGORY,
            "lon": f"{-72.545 + chance.uniform(-0.01, 0.01):.6f}",
            "lat": f"{46.345 + chance.uniform(-0.005, 0.005):.6f}",
            "observed_on": today,
            "belongings": "no",
            "danger_passed": "yes",
            "text": WORDS,
        }
        # Each photo is another file: the very same one is refused a second time.
        forms.append(Form(fields, number % 5 == 0, photo + str(number).encode() if number % 12 == 1 else None))
    return forms


def send_all(
    port: int, forms: Sequence[Form], *, at_once: int, lost_share: float, seconds: float, seed: int
) -> tuple[Receipts, int]:
    """Sends all forms, so many residents at once; returns the receipts, and how many forms got none in `seconds`."""
    receipts, until = Receipts(), time.monotonic() + seconds

    def share(number: int) -> int:
        resident = Resident(port, number, random.Random(f"{seed}/{number}"), lost_share, receipts)
        return sum(not resident.send(form, until=until) for form in forms[number::at_once])

    with ThreadPoolExecutor(at_once) as pool:
        without = sum(pool.map(share, range(at_once)))
    return receipts, without
