"""Encrypts row numbers for everywhere outside: addresses, cookies, e-mail headers. A number in clear lets others count
rows, also those that are never public.

The same number of the same table always gives the same text, so nothing is stored, and an address of before an upgrade
or a restart still opens. Encrypted with AES-SIV (RFC 5297) under a key derived from the newest code key; what an older
one encrypted is still read.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from cohab_report.errors import NotFound

ENCRYPTED_LENGTH = 32
_NUMBER_BYTES = 8


def encrypt_number(table: str, number: int, *, key: str) -> str:
    """Returns the number of a row of this table as 32 characters of the URL-safe base64 alphabet."""
    encrypted = _cipher(key).encrypt(number.to_bytes(_NUMBER_BYTES, "big"), [table.encode()])
    return urlsafe_b64encode(encrypted).decode()


def decrypt_number(table: str, text: str, *, keys: Sequence[str]) -> int:
    """Returns the number that this text was made from with one of the keys.

    Raises NotFound for any other text, or another table's.
    """
    for key in keys:
        try:
            encrypted = urlsafe_b64decode(text.encode("ascii"))
            return int.from_bytes(_cipher(key).decrypt(encrypted, [table.encode()]), "big")
        except (ValueError, InvalidTag):
            continue
    raise NotFound


def _cipher(key: str) -> AESSIV:
    return AESSIV(hashlib.sha512(f"row numbers {key}".encode()).digest())
