"""Password hashing with argon2id (RFC 9106, the low-memory profile of argon2-cffi). Rate limits are
`web.throttle`'s.

Hashing takes tens of milliseconds on purpose, and is refused inside a transaction: every other writer would wait.
"""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cohab_report.db import refuse_inside_transaction

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
READABLE_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Returns a new salted hash of the password; raises RuntimeError inside a transaction."""
    refuse_inside_transaction("hashing a password")
    return _hasher.hash(password[:LONGEST_PASSWORD])


def new_password() -> str:
    """Returns a random password of 59 bits that is easy to read out and type."""
    return "-".join("".join(secrets.choice(READABLE_CHARACTERS) for _ in range(4)) for _ in range(3))


def matches(password: str, password_hash: str | None) -> bool:
    """Returns whether the password has this hash; False without a hash, after the same time (a dummy hash is
    verified). Raises RuntimeError inside a transaction.
    """
    refuse_inside_transaction("hashing a password")
    try:
        return _hasher.verify(password_hash or _dummy_hash(), password[:LONGEST_PASSWORD]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Returns whether the hash was made with other parameters than the present ones."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _dummy_hash() -> str:
    return hash_password("the password of nobody")
