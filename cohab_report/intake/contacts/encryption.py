"""Encryption of e-mail addresses, and the tokens of the links in e-mails.

Keys come from the settings and are in no table.

Addresses: Fernet (AES-128-CBC and HMAC-SHA256), also readable with the older keys that the settings still name. Tokens
are derived from a contact's seed whenever an e-mail is written: an e-mail sent twice has the same link, and no token is
stored.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from cohab_report.errors import CohabError
from cohab_report.settings import current_settings

CONFIRM, STOP = "confirm", "stop"


class UndecryptableAddress(CohabError):
    """The address was encrypted with a key that the settings no longer have."""


def is_configured() -> bool:
    """Tells whether the settings have a key, so that addresses may be asked for."""
    return current_settings().may_ask_for_addresses


def encrypt(address: str) -> str:
    """Encrypts an address with the present key; the same address twice never gives the same text."""
    return _fernet_keys().encrypt(address.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypts an address with any of the keys; raises UndecryptableAddress."""
    try:
        return _fernet_keys().decrypt(encrypted.encode()).decode()
    except (InvalidToken, ValueError):
        raise UndecryptableAddress from None


def reencrypt(encrypted: str) -> str:
    """Encrypts an encrypted address again with the present key; raises UndecryptableAddress."""
    return encrypt(decrypt(encrypted))


def link_token(purpose: str, seed: str, stored_hash: str | None = None) -> str:
    """Derives the token of a link for this purpose from a seed and a code key: 43 characters, 256 bits.

    Of several code keys it is the one that the stored hash was made with, so that a link never changes.
    """
    keys = current_settings().code_keys
    tokens = [_link_token(purpose, seed, key) for key in keys]
    hashes = [_token_hash(token, key) for token, key in zip(tokens, keys, strict=True)]
    return tokens[hashes.index(stored_hash) if stored_hash in hashes else 0]


def new_token_hash(purpose: str, seed: str) -> str:
    """Returns the hash to store of the token for this purpose, keyed with the newest code key: 64 hex digits."""
    key = current_settings().newest_code_key
    return _token_hash(_link_token(purpose, seed, key), key)


def token_hashes(token: str) -> Sequence[str]:
    """Returns the keyed hashes under which a token may be stored, one a code key."""
    return [_token_hash(token, key) for key in current_settings().code_keys]


def _link_token(purpose: str, seed: str, key: str) -> str:
    # "letter" is part of every token that was ever sent: another word would break the links in people's mailboxes.
    return urlsafe_b64encode(_keyed_hash(f"letter {purpose} {seed}", key)).decode().rstrip("=")


def _token_hash(token: str, key: str) -> str:
    return _keyed_hash(f"token {token}", key).hex()


def _keyed_hash(text: str, key: str) -> bytes:
    return hmac.new(key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).digest()


def _fernet_keys() -> MultiFernet:
    keys = current_settings().contact_key
    if not keys:
        raise ValueError("no key: ask is_configured first")
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def _fernet_key(secret: str) -> bytes:
    """Derives the 32 bytes of a Fernet key from a secret of any length."""
    return urlsafe_b64encode(hashlib.sha256(f"contact {secret}".encode()).digest())
