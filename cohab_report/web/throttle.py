"""Rate limits per network and per account: sign-ins, follow-up codes, observations, e-mails, photos.

Counts are on the queue server and, when that is away, in the memory of each process: a limit may then be looser, never
absent and never an error. A network is known by a keyed hash of its prefix; no address is stored. Limits are defined
here; each view declares which ones it counts toward.
"""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import cast

from flask import Flask, current_app, request
from flask.wrappers import Response
from flask_limiter import Limiter, RequestLimit
from limits import parse
from redis.exceptions import RedisError

from cohab_report.clock import now
from cohab_report.settings import Settings, current_settings
from cohab_report.web import known_browsers
from cohab_report.web.access import View
from cohab_report.web.keyed_hashes import account_hash, keyed_hash

STORAGE_SECONDS = 0.3
SIGN_INS_PER_NETWORK = "30 per 15 minutes"
SIGN_INS_PER_ACCOUNT_AND_NETWORK = "8 per 15 minutes"
SIGN_INS_PER_ACCOUNT = "60 per hour"
"""From anywhere: few enough that guessing over many networks gets nowhere against a password of twelve characters."""
CODE_GUESSES_PER_NETWORK = "20 per 10 minutes"
EMAILS_PER_NETWORK = "10 per hour"
EMAILS_PER_ADDRESS = "6 per day"
"""What strangers may have sent to somebody who never asked for it."""
PHOTOS_PER_NETWORK = "60 per hour"
PLACES_PER_DRAFT = "25 per 10 minutes"
"""More than anybody needs who misses the map's point with gloves on, and few for a search in steps."""
PLACES_PER_NETWORK = "240 per 10 minutes"
"""A library's, or a whole mobile network's, people at once."""


def hashed_network() -> str:
    """Returns the hashed prefix of the caller's network (/24 for IPv4, /48 for IPv6), which identifies nobody alone."""
    return keyed_hash(network_prefix(request.remote_addr))


def hashed_account() -> str:
    """Returns the hashed account of a sign-in, or the number of a browser that signed in to it before."""
    email = request.form.get("email", "")
    return _known_browser() or account_hash(email)


def hashed_account_and_network() -> str:
    """Returns the hash of a sign-in's account and network together, or that known browser's number."""
    return _known_browser() or keyed_hash(f"{account_hash(request.form.get('email', ''))} {hashed_network()}")


def hashed_network_of_sign_in() -> str:
    """Returns the hashed network of a sign-in, or that known browser's number: neighbours who guess don't stop it."""
    return _known_browser() or hashed_network()


def _known_browser() -> str | None:
    number = known_browsers.known_browser(request.form.get("email", ""))
    return f"browser {number}" if number else None


def network_prefix(address: str | None) -> str:
    """Returns the prefix of an IP address's network and its length.

    `elsewhere` for what is no IP address (such as a socket).
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "elsewhere"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    length = 48 if isinstance(parsed, IPv6Address) else 24
    return f"{int(parsed) >> (parsed.max_prefixlen - length):x}/{length}"


limiter = Limiter(
    hashed_network,
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    headers_enabled=False,
    key_prefix="cohab",
)


def limit_sign_ins(view: View) -> View:
    """Limits failed sign-ins: strictly by account and network together, loosely by account alone, and by network.

    A browser that signed in to the account before counts by itself: others who guess can't lock its owner out.
    """
    by_network = _limit(SIGN_INS_PER_NETWORK, hashed_network_of_sign_in, scope="sign-in", counts=_is_refusal)
    by_both = _limit(
        SIGN_INS_PER_ACCOUNT_AND_NETWORK, hashed_account_and_network, scope="sign-in here", counts=_is_refusal
    )
    by_account = _limit(SIGN_INS_PER_ACCOUNT, hashed_account, scope="sign-in anywhere", counts=_is_refusal)
    return by_network(by_both(by_account(view)))


def limit_code_guesses(view: View) -> View:
    """Limits wrong follow-up codes per network."""
    return _limit(CODE_GUESSES_PER_NETWORK, hashed_network, scope="follow-up", counts=_is_refusal)(view)


def limit_observations(view: View) -> View:
    """Limits received observations per network, to `observations_per_hour` of the settings."""
    return _limit(_observations_an_hour, hashed_network, scope="observations", counts=_is_success)(view)


def limit_emails(view: View) -> View:
    """Limits requested e-mails per network, whatever their address."""
    return _limit(EMAILS_PER_NETWORK, hashed_network, scope="emails", counts=_is_success)(view)


def may_be_sent_to(address: str) -> bool:
    """Counts an e-mail to this address; False when its mailbox was sent EMAILS_PER_ADDRESS already.

    Says nothing to whoever asked: a refusal would tell them that somebody else uses the address. `+` and what follows
    in it leads to the same mailbox.
    """
    if _is_switched_off():
        return True
    mailbox, _, host = address.strip().casefold().rpartition("@")
    recipient = keyed_hash(f"recipient {mailbox.partition('+')[0]}@{host}")
    try:
        return limiter.limiter.hit(parse(EMAILS_PER_ADDRESS), "emails to", recipient)
    except RedisError:
        return True


def limit_photos(view: View) -> View:
    """Limits photos sent after their observation per network, accepted or refused."""
    return _limit(PHOTOS_PER_NETWORK, hashed_network, scope="photos", counts=_always)(view)


def limit_places(draft: Callable[[], str]) -> Callable[[View], View]:
    """Limits places chosen in the form per draft (`draft` returns its key) and per network: no one needs many."""

    def limited(view: View) -> View:
        by_network = _limit(PLACES_PER_NETWORK, hashed_network, scope="places", counts=_is_success)
        by_draft = _limit(PLACES_PER_DRAFT, lambda: keyed_hash(f"draft {draft()}"), scope="places", counts=_is_success)
        return by_network(by_draft(view))

    return limited


def seconds_to_wait() -> int:
    """Returns how many seconds the caller who was just refused has to wait, at least one."""
    current: RequestLimit | None = limiter.current_limit
    return max(1, int(current.reset_at - now().timestamp()) + 1) if current else 60


def init_app(app: Flask, settings: Settings) -> None:
    """Binds the limiter to the queue server; in tests it counts nothing until `app.config["THROTTLED"]` is set."""
    app.config.setdefault("THROTTLED", settings.env != "test")
    app.config["RATELIMIT_STORAGE_URI"] = _storage_address(settings) if settings.env != "test" else "memory://"
    if settings.env != "test":
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_connect_timeout": STORAGE_SECONDS,
            "socket_timeout": STORAGE_SECONDS,
        }
    limiter.init_app(app)


@limiter.request_filter
def _is_switched_off() -> bool:
    return not current_app.config["THROTTLED"]


def _limit(
    amount: str | Callable[[], str], key: Callable[[], str], *, scope: str, counts: Callable[[Response], bool]
) -> Callable[[View], View]:
    decorator = limiter.shared_limit(amount, scope=scope, key_func=key, deduct_when=counts, exempt_when=_only_reads)
    return cast(Callable[[View], View], decorator)


def _only_reads() -> bool:
    return request.method not in ("POST", "PUT", "PATCH", "DELETE")


def _is_refusal(response: Response) -> bool:
    return response.status_code >= 400


def _is_success(response: Response) -> bool:
    return response.status_code < 400


def _always(_response: Response) -> bool:
    return True


def _observations_an_hour() -> str:
    return f"{current_settings().observations_per_hour} per hour"


def _storage_address(settings: Settings) -> str:
    return (
        settings.queue_url.replace("unix://", "redis+unix://", 1)
        if settings.queue_url.startswith("unix://")
        else settings.queue_url
    )
