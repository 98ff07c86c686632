"""Encryption of addresses, and the tokens of the links in letters. Keys come from the settings and are in no table.

Addresses: Fernet (AES-128-CBC and HMAC-SHA256), with as many older keys as the settings still name. Tokens are made again from a contact's
seed whenever a letter is written, so that a letter which is sent twice has one link, and no token is ever stored.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from cohab_report.errors import CohabError
from cohab_report.settings import Settings

CONFIRM, STOP = "confirm", "stop"


class Unreadable(CohabError):
    """The address was sealed with a key that is gone."""


def is_possible() -> bool:
    """Whether this house may ask for addresses at all."""
    return _settings().may_ask_for_addresses


def seal(address: str) -> str:
    """The address encrypted with the present key; twice the same address never gives the same text."""
    return _keys().encrypt(address.encode()).decode()


def unseal(sealed: str) -> str:
    """The address that was sealed with any of the keys; raises Unreadable."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise Unreadable from None


def reseal(sealed: str) -> str:
    """The same address, sealed with the present key; raises Unreadable."""
    return seal(unseal(sealed))


def token_for(purpose: str, seed: str) -> str:
    """The token of a link for this purpose: 43 signs, 256 bits, made from the seed and a key."""
    return urlsafe_b64encode(_mac(f"letter {purpose} {seed}")).decode().rstrip("=")


def hash_of(token: str) -> str:
    """The keyed hash under which a token is looked up, 64 hexadecimal digits."""
    return _mac(f"token {token}").hex()


def _mac(text: str) -> bytes:
    return hmac.new(_settings().code_key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).digest()


def _keys() -> MultiFernet:
    keys = _settings().contact_key
    if not keys:
        raise ValueError("no key: ask is_possible first")
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def _fernet_key(written: str) -> bytes:
    """Any long secret, as the 32 bytes that Fernet wants."""
    return urlsafe_b64encode(hashlib.sha256(f"contact {written}".encode()).digest())


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])
