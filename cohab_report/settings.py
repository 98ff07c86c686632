"""What the place that runs this decides: the only reader of the environment.

Everything else is handed a `Settings`. It holds values, never connections, and refuses to start with half of them: every missing or
mistaken name is told at once, by its name in the environment.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "COHAB_"
KNOWN_LANGUAGES = ("fr", "en")
ENVIRONMENTS = ("development", "test", "production")
SECRETS = ("secret_key", "code_key", "contact_key", "database_url", "queue_url", "smtp_url", "demo_password")
ALWAYS_NEEDED = ("secret_key", "code_key")
NEEDED_IN_PRODUCTION = ("contact_key", "database_url", "queue_url", "base_url", "mail_from")
SHORTEST_KEY = 32
SCHEMES = {
    "database_url": ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"),
    "queue_url": ("redis", "rediss", "unix"),
    "smtp_url": ("smtp", "smtps", "smtp+starttls"),
    "base_url": ("http", "https"),
    "tile_url": ("http", "https"),
}


class SettingsError(Exception):
    """The environment can't be used; `problems` has one sentence for each bad or missing name."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("the settings can't be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One frozen set of decisions; `from_env` is the usual way to get one, tests make their own."""

    secret_key: str = field(repr=False)
    code_key: str = field(repr=False)
    contact_key: tuple[str, ...] = field(default=(), repr=False)
    """The first encrypts addresses of residents, all of them decrypt; without any, no address is asked for."""
    env: str = "development"
    database_url: str = field(default="sqlite:///cohab.db", repr=False)
    queue_url: str = field(default="redis://127.0.0.1:6379/0", repr=False)
    languages: tuple[str, ...] = KNOWN_LANGUAGES
    base_url: str = "http://127.0.0.1:8000"
    mail_from: str = "cohab-report@localhost"
    smtp_url: str = field(default="", repr=False)
    mailbox_dir: str = "instance/mailbox"
    media_dir: str = "instance/media"
    demo_password: str = field(default="", repr=False)
    proxies: int = 0
    tile_url: str = ""
    tile_attribution: str = ""
    spatialite: str = "mod_spatialite"
    city: str = "trois_rivieres"
    observations_per_hour: int = 60

    @property
    def is_production(self) -> bool:
        """Whether real residents may be on the other side."""
        return self.env == "production"

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this over an encrypted line, so that cookies must stay on it."""
        return self.base_url.startswith("https://")

    @property
    def may_ask_for_addresses(self) -> bool:
        """Whether a resident's address can be kept encrypted, and used without lying readable in the local mailbox."""
        return bool(self.contact_key) and (bool(self.smtp_url) or not self.is_production)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that `environ` describes; raises SettingsError with all its problems otherwise.

        `COHAB_<FIELD>` gives a value; for secrets `COHAB_<FIELD>_FILE` names a file that holds it. An empty value counts as absent.
        """
        problems: list[str] = []
        texts = _texts(environ, problems)
        values: dict[str, Any] = {}
        for name, text in texts.items():
            try:
                values[name] = READERS.get(name, str)(text)
            except ValueError as error:
                problems.append(f"{name_of(name)} {error}")
        problems += _missing(texts)
        problems += _unsafe(texts)
        if problems:
            raise SettingsError(problems)
        return cls(**values)


def name_of(field_name: str) -> str:
    """The name under which the environment gives this field."""
    return PREFIX + field_name.upper()


def _texts(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    found = {}
    for each in fields(Settings):
        direct = environ.get(name_of(each.name), "").strip()
        path = environ.get(f"{name_of(each.name)}_FILE", "").strip() if each.name in SECRETS else ""
        if direct and path:
            problems.append(f"{name_of(each.name)} is given twice: directly and by {name_of(each.name)}_FILE")
        elif path:
            direct = _held_in(path, f"{name_of(each.name)}_FILE", problems)
        if direct:
            found[each.name] = direct
    return found


def _held_in(path: str, name: str, problems: list[str]) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name} names a file that can't be read ({type(error).__name__})")
        return ""
    if not text:
        problems.append(f"{name} names an empty file")
    return text


def _missing(texts: Mapping[str, str]) -> list[str]:
    needed = list(ALWAYS_NEEDED)
    if texts.get("env") == "production":
        needed += NEEDED_IN_PRODUCTION
    return [f"{name_of(name)} is missing" for name in needed if name not in texts]


def _unsafe(texts: Mapping[str, str]) -> list[str]:
    problems = []
    if "code_key" in texts and texts["code_key"] == texts.get("secret_key"):
        problems.append(f"{name_of('code_key')} must differ from {name_of('secret_key')}")
    if {texts.get("code_key"), texts.get("secret_key")} & set(_parts(texts.get("contact_key", ""))):
        problems.append(f"{name_of('contact_key')} must differ from {name_of('secret_key')} and {name_of('code_key')}")
    if texts.get("env") == "production":
        if "demo_password" in texts:
            problems.append(f"{name_of('demo_password')} is refused in production: there are no demo accounts there")
        if "base_url" in texts and not texts["base_url"].startswith("https://"):
            problems.append(
                f"{name_of('base_url')} must start with https:// in production, so that cookies stay on an encrypted line"
            )
    return problems


def _key(text: str) -> str:
    if len(text) < SHORTEST_KEY:
        raise ValueError(f"is too short: at least {SHORTEST_KEY} characters")
    return text


def _keys(text: str) -> tuple[str, ...]:
    keys = _parts(text)
    if not keys or any(len(key) < SHORTEST_KEY for key in keys) or len(set(keys)) < len(keys):
        raise ValueError(
            f"is one key, or several different ones separated by commas, each of at least {SHORTEST_KEY} characters"
        )
    return keys


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _environment(text: str) -> str:
    if text not in ENVIRONMENTS:
        raise ValueError(f"is {text!r}; it can be {', '.join(ENVIRONMENTS)}")
    return text


def _languages(text: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not languages or set(languages) - set(KNOWN_LANGUAGES) or languages[0] != KNOWN_LANGUAGES[0]:
        raise ValueError(f"is {text!r}; it can be fr or fr,en (French comes first)")
    return languages


def _hops(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 5:
        raise ValueError(f"is {text!r}; it is the number of trusted proxies in front, 0 to 5")
    return int(text)


def _amount(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise ValueError(f"is {text!r}; it is a whole number from 1 to 100000")
    return int(text)


def _address(schemes: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        scheme = urlsplit(text).scheme
        if scheme not in schemes or "://" not in text or any(c.isspace() for c in text):
            raise ValueError(f"must be an address that starts with {', '.join(f'{each}://' for each in schemes)}")
        return text

    return read


def _base_url(text: str) -> str:
    _address(SCHEMES["base_url"])(text)
    parts = urlsplit(text)
    if not parts.hostname or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("must be a scheme and a host, without a path")
    return text.rstrip("/")


def _mailbox(text: str) -> str:
    if "@" not in text.strip("@") or any(c in text for c in "\r\n"):
        raise ValueError("must be an e-mail address")
    return text


READERS: Mapping[str, Callable[[str], Any]] = {
    "secret_key": _key,
    "code_key": _key,
    "contact_key": _keys,
    "env": _environment,
    "languages": _languages,
    "proxies": _hops,
    "observations_per_hour": _amount,
    "base_url": _base_url,
    "mail_from": _mailbox,
} | {name: _address(SCHEMES[name]) for name in ("database_url", "queue_url", "smtp_url", "tile_url")}
