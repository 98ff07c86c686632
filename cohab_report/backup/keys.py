"""The site's keys in a backup: fingerprints always, so that a restore under other keys is noticed; the keys themselves
only if somebody asks, encrypted under a passphrase.

The passphrase becomes a key by scrypt (RFC 7914), which costs 64 MB and a moment a guess.
"""

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.settings import Settings

KEY_NAMES = ("secret_key", "code_key", "contact_key")
"""The keys of a site, by the names of their settings and of their files."""
SHORTEST_PASSPHRASE = 16
COST, BLOCK_SIZE, PARALLEL = 2**16, 8, 1
SALT_BYTES = 16


def key_fingerprints(settings: Settings) -> dict[str, list[str]]:
    """Returns 64 bits by which each key is recognised, in their order; nobody finds a key by them."""
    return {name: [_fingerprint(name, key) for key in keys] for name, keys in _keys_of(settings).items()}


def missing_keys(wanted: Mapping[str, Sequence[str]], settings: Settings) -> list[str]:
    """Returns the names of the keys without which follow-up codes or stored addresses can't be read.

    The key of sessions is left out: without it everybody signs in again.
    """
    present = key_fingerprints(settings)
    needed = ("code_key", "contact_key")
    return [name for name in needed if not set(wanted.get(name, ())) <= set(present[name])]


def encrypt_keys(settings: Settings, passphrase: str) -> bytes:
    """Returns the keys, encrypted; raises BackupRefused for a passphrase that is too short."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupRefused(Refusal.SHORT_PASSPHRASE, SHORTEST_PASSPHRASE)
    salt = os.urandom(SALT_BYTES)
    text = json.dumps({name: ",".join(keys) for name, keys in _keys_of(settings).items() if keys})
    token = _cipher(passphrase, salt).encrypt(text.encode())
    return json.dumps({"scrypt_salt": b64encode(salt).decode(), "token": token.decode()}).encode()


def decrypt_keys(encrypted: bytes, passphrase: str) -> Mapping[str, str]:
    """Returns the text of each key's file, by its name; raises BackupRefused for another passphrase."""
    try:
        facts = json.loads(encrypted)
        text = _cipher(passphrase, b64decode(facts["scrypt_salt"])).decrypt(facts["token"].encode())
    except (InvalidToken, ValueError, KeyError) as error:
        raise BackupRefused(Refusal.WRONG_PASSPHRASE) from error
    keys: dict[str, str] = json.loads(text)
    return {name: keys[name] for name in KEY_NAMES if name in keys}


def _keys_of(settings: Settings) -> dict[str, tuple[str, ...]]:
    return {
        "secret_key": (settings.secret_key,),
        "code_key": settings.code_keys,
        "contact_key": settings.contact_key,
    }


def _fingerprint(name: str, key: str) -> str:
    return hmac.new(key.encode(), f"backup fingerprint {name}".encode(), hashlib.sha256).hexdigest()[:16]


def _cipher(passphrase: str, salt: bytes) -> Fernet:
    derived = Scrypt(salt=salt, length=32, n=COST, r=BLOCK_SIZE, p=PARALLEL).derive(passphrase.encode())
    return Fernet(urlsafe_b64encode(derived))
