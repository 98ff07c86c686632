"""How often one network, or one account, may ask for the few things that are worth guarding.

Counts live on the queue server and, when that is away, in the memory of each process: a limit may then be looser, never absent and
never an error. Networks are known by a keyed hash of their prefix; no address is kept. What is counted is said here; which view counts
is said by the view.
"""

import hashlib
import hmac
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask.wrappers import Response
from flask_limiter import Limiter, RequestLimit

from cohab_report.clock import now
from cohab_report.settings import Settings
from cohab_report.web.configuration import settings

View = TypeVar("View", bound=Callable[..., Any])
STORAGE_SECONDS = 0.3
SIGN_INS_PER_NETWORK = "30 per 15 minutes"
SIGN_INS_PER_ACCOUNT = "8 per 15 minutes"
CODE_GUESSES = "20 per 10 minutes"
LETTERS = "10 per hour"
PHOTOS = "60 per hour"


def network() -> str:
    """The hashed prefix of the network that asks: /24 for IPv4, /48 for IPv6, so that nobody is known alone."""
    return _hashed(prefix_of(request.remote_addr))


def account() -> str:
    """The hashed e-mail address that is being tried, however it was typed."""
    return _hashed("account " + request.form.get("email", "").strip().casefold())


def prefix_of(address: str | None) -> str:
    """The network that an address belongs to, in words; one shared name for what is no address (such as a socket)."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return "elsewhere"
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    kept = 48 if isinstance(known, IPv6Address) else 24
    return f"{int(known) >> (known.max_prefixlen - kept):x}/{kept}"


limiter = Limiter(
    network,
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    headers_enabled=False,
    key_prefix="cohab",
)


def sign_ins(view: View) -> View:
    """Failed sign-ins are counted for the network and for the account; too many are refused."""
    by_network = _limit(SIGN_INS_PER_NETWORK, network, scope="sign-in", counts=_was_refused)
    by_account = _limit(SIGN_INS_PER_ACCOUNT, account, scope="sign-in", counts=_was_refused)
    return by_network(by_account(view))


def code_guesses(view: View) -> View:
    """Follow-up codes that lead nowhere are counted for the network; too many are refused."""
    return _limit(CODE_GUESSES, network, scope="follow-up", counts=_was_refused)(view)


def observations(view: View) -> View:
    """Observations that were received are counted for the network; more than the settings allow in an hour are refused."""
    return _limit(_observations_an_hour, network, scope="observations", counts=_was_accepted)(view)


def letters(view: View) -> View:
    """Letters that were asked for, to whatever address, are counted for the network; too many are refused."""
    return _limit(LETTERS, network, scope="letters", counts=_was_accepted)(view)


def photos(view: View) -> View:
    """Photos that are sent after their observation are counted for the network, whatever becomes of them; too many are refused."""
    return _limit(PHOTOS, network, scope="photos", counts=_always)(view)


def seconds_to_wait() -> int:
    """How long the asker who was just refused has to wait, in seconds, at least one."""
    current: RequestLimit | None = limiter.current_limit
    return max(1, int(current.reset_at - now().timestamp()) + 1) if current else 60


def init_app(app: Flask, settings: Settings) -> None:
    """Limits are counted where the settings say; in tests they sleep until `app.config["THROTTLED"]` is set."""
    app.config.setdefault("THROTTLED", settings.env != "test")
    app.config["RATELIMIT_STORAGE_URI"] = _storage_address(settings) if settings.env != "test" else "memory://"
    if settings.env != "test":
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_connect_timeout": STORAGE_SECONDS,
            "socket_timeout": STORAGE_SECONDS,
        }
    limiter.init_app(app)


@limiter.request_filter
def _is_asleep() -> bool:
    return not current_app.config["THROTTLED"]


def _limit(
    amount: str | Callable[[], str], key: Callable[[], str], *, scope: str, counts: Callable[[Response], bool]
) -> Callable[[View], View]:
    decorate = limiter.shared_limit(amount, scope=scope, key_func=key, deduct_when=counts, exempt_when=_only_reads)
    return cast(Callable[[View], View], decorate)


def _only_reads() -> bool:
    return request.method not in ("POST", "PUT", "PATCH", "DELETE")


def _was_refused(response: Response) -> bool:
    return response.status_code >= 400


def _was_accepted(response: Response) -> bool:
    return response.status_code < 400


def _always(_response: Response) -> bool:
    return True


def _observations_an_hour() -> str:
    return f"{settings().observations_per_hour} per hour"


def _storage_address(settings: Settings) -> str:
    return (
        settings.queue_url.replace("unix://", "redis+unix://", 1)
        if settings.queue_url.startswith("unix://")
        else settings.queue_url
    )


def _hashed(text: str) -> str:
    return hmac.new(settings().secret_key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
