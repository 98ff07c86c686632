"""The settings of the application, read from environment variables; nothing else reads the environment.

Everything else receives a `Settings`, which holds values, never connections. All missing or invalid variables are
reported at once, by name, and the application does not start with some of them.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app

PREFIX = "COHAB_"
KNOWN_LANGUAGES = ("fr", "en")
ENVIRONMENTS = ("development", "test", "production")
SECRETS = ("secret_key", "code_key", "contact_key", "database_url", "queue_url", "smtp_url", "demo_password")
ALWAYS_REQUIRED = ("secret_key", "code_key")
REQUIRED_IN_PRODUCTION = ("contact_key", "database_url", "queue_url", "base_url", "mail_from")
SHORTEST_KEY = 32
FILE_SCHEMES = ("sqlite", "sqlite+pysqlite")
SCHEMES = {
    "database_url": (*FILE_SCHEMES, "postgresql", "postgresql+psycopg"),
    "queue_url": ("redis", "rediss", "unix"),
    "smtp_url": ("smtp", "smtps", "smtp+starttls"),
    "base_url": ("http", "https"),
    "tile_url": ("http", "https"),
}


class SettingsError(Exception):
    """The environment is invalid; `problems` has one sentence for each invalid or missing variable."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("the settings can't be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings, frozen; `from_env` reads them from the environment, tests construct their own."""

    secret_key: str = field(repr=False)
    code_key: str = field(repr=False)
    """One key, or several separated by commas, the newest first; read through `newest_code_key` and `code_keys`."""
    contact_key: tuple[str, ...] = field(default=(), repr=False)
    """The first key encrypts addresses of residents, all of them decrypt; without any, the form asks for no address."""
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
    unprotected_decoder: bool = False
    backup_folder: str = ""
    """Where the nightly backups are kept; without it none is made."""
    backups_kept: int = 14
    decoder_socket: str = ""

    @property
    def code_keys(self) -> tuple[str, ...]:
        """The code keys, the newest first: what one of them made goes on being recognised."""
        return _parts(self.code_key)

    @property
    def newest_code_key(self) -> str:
        """The code key that all is made with that is made from now on."""
        return self.code_keys[0]

    @property
    def is_production(self) -> bool:
        """Whether real residents may use this instance."""
        return self.env == "production"

    @property
    def is_https(self) -> bool:
        """Whether browsers use HTTPS, so that cookies must be sent over HTTPS only."""
        return self.base_url.startswith("https://")

    @property
    def may_ask_for_addresses(self) -> bool:
        """Whether a resident's address can be stored encrypted and used without being readable in the local mailbox."""
        return bool(self.contact_key) and (bool(self.smtp_url) or not self.is_production)

    @property
    def may_decode_unprotected(self) -> bool:
        """Whether pictures are decoded where the kernel can't keep the decoder from opening files and sockets."""
        return self.unprotected_decoder or not self.is_production

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Reads the settings from `environ`; raises SettingsError with all problems if there are any.

        `COHAB_<FIELD>` gives a value; for secrets `COHAB_<FIELD>_FILE` names a file that holds it. An empty value
        counts as absent.
        """
        problems: list[str] = []
        texts = _variable_texts(environ, problems)
        values: dict[str, Any] = {}
        for name, text in texts.items():
            try:
                values[name] = VALUE_READERS.get(name, str)(text)
            except ValueError as error:
                problems.append(f"{variable_name(name)} {error}")
        problems += _missing(texts)
        problems += _unsafe(texts)
        if problems:
            raise SettingsError(problems)
        return cls(**values)


def variable_name(field_name: str) -> str:
    """Returns the environment variable's name of this field."""
    return PREFIX + field_name.upper()


def environ_for_programs(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns the environment for a program of somebody else: all of ours but the settings of the site."""
    return {name: value for name, value in environ.items() if not name.startswith(PREFIX)}


def current_settings(app: Flask | None = None) -> Settings:
    """Returns the settings of `app`, or of the current app."""
    return cast(Settings, (app or current_app).config["SETTINGS"])


def _variable_texts(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    texts = {}
    for setting in fields(Settings):
        variable = variable_name(setting.name)
        text = environ.get(variable, "").strip()
        path = environ.get(f"{variable}_FILE", "").strip() if setting.name in SECRETS else ""
        if text and path:
            problems.append(f"{variable} is given twice: directly and by {variable}_FILE")
        elif path:
            text = _secret_file_text(path, f"{variable}_FILE", problems)
        if text:
            texts[setting.name] = text
    return texts


def _secret_file_text(path: str, name: str, problems: list[str]) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name} names a file that can't be read ({type(error).__name__})")
        return ""
    if not text:
        problems.append(f"{name} names an empty file")
    return text


def _missing(texts: Mapping[str, str]) -> list[str]:
    required = list(ALWAYS_REQUIRED)
    if texts.get("env") == "production":
        required += REQUIRED_IN_PRODUCTION
    return [f"{variable_name(name)} is missing" for name in required if name not in texts]


def _unsafe(texts: Mapping[str, str]) -> list[str]:
    problems = []
    code_keys = set(_parts(texts.get("code_key", "")))
    if texts.get("secret_key") in code_keys:
        problems.append(f"{variable_name('code_key')} must differ from {variable_name('secret_key')}")
    if {*code_keys, texts.get("secret_key")} & set(_parts(texts.get("contact_key", ""))):
        others = f"{variable_name('secret_key')} and {variable_name('code_key')}"
        problems.append(f"{variable_name('contact_key')} must differ from {others}")
    if texts.get("env") == "production":
        if "demo_password" in texts:
            problems.append(
                f"{variable_name('demo_password')} is refused in production: there are no demo accounts there"
            )
        if "base_url" in texts and not texts["base_url"].startswith("https://"):
            problems.append(
                f"{variable_name('base_url')} must start with https:// in production,"
                " so that cookies stay on an encrypted line"
            )
    return problems


def _one_key(text: str) -> str:
    if len(text) < SHORTEST_KEY:
        raise ValueError(f"is too short: at least {SHORTEST_KEY} characters")
    return text


def _key_list(text: str) -> tuple[str, ...]:
    keys = _parts(text)
    if not keys or any(len(key) < SHORTEST_KEY for key in keys) or len(set(keys)) < len(keys):
        raise ValueError(
            f"is one key, or several different ones separated by commas or lines, each of at least {SHORTEST_KEY}"
            " characters"
        )
    return keys


def _keys_in_a_line(text: str) -> str:
    return ",".join(_key_list(text))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[,\n]", text) if part.strip())


def _environment(text: str) -> str:
    if text not in ENVIRONMENTS:
        raise ValueError(f"is {text!r}; it can be {', '.join(ENVIRONMENTS)}")
    return text


def _languages(text: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not languages or set(languages) - set(KNOWN_LANGUAGES) or languages[0] != KNOWN_LANGUAGES[0]:
        raise ValueError(f"is {text!r}; it can be fr or fr,en (French comes first)")
    return languages


def _proxy_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 5:
        raise ValueError(f"is {text!r}; it is the number of trusted proxies in front, 0 to 5")
    return int(text)


def _amount(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise ValueError(f"is {text!r}; it is a whole number from 1 to 100000")
    return int(text)


def _permission(text: str) -> bool:
    if text != "allow":
        raise ValueError(f"is {text!r}; it can be allow, or empty")
    return True


def _absolute_path(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError("must be an absolute path, such as /run/cohab/decoder.sock")
    return text


def _url(schemes: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        scheme = urlsplit(text).scheme
        # The path of a database file may have spaces, and SQLAlchemy knows no other way to write one.
        is_written_out = scheme in FILE_SCHEMES and not any(c in text for c in "\r\n\t")
        if scheme not in schemes or "://" not in text or (any(c.isspace() for c in text) and not is_written_out):
            raise ValueError(f"must be an address that starts with {', '.join(f'{each}://' for each in schemes)}")
        return text

    return read


def _base_url(text: str) -> str:
    _url(SCHEMES["base_url"])(text)
    parts = urlsplit(text)
    if not parts.hostname or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("must be a scheme and a host, without a path")
    return text.rstrip("/")


def _email_address(text: str) -> str:
    if "@" not in text.strip("@") or any(c in text for c in "\r\n"):
        raise ValueError("must be an e-mail address")
    return text


VALUE_READERS: Mapping[str, Callable[[str], Any]] = {
    "secret_key": _one_key,
    "code_key": _keys_in_a_line,
    "contact_key": _key_list,
    "env": _environment,
    "languages": _languages,
    "proxies": _proxy_count,
    "observations_per_hour": _amount,
    "unprotected_decoder": _permission,
    "backups_kept": _amount,
    "decoder_socket": _absolute_path,
    "base_url": _base_url,
    "mail_from": _email_address,
} | {name: _url(SCHEMES[name]) for name in ("database_url", "queue_url", "smtp_url", "tile_url")}
