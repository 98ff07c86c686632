"""Password hashing with argon2id (RFC 9106, the low-memory profile of argon2-cffi). Rate limits are
`web.throttle`'s.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST_PASSWORD = 200
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Returns a new salted hash of the password."""
    return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Returns whether the password has this hash; False without a hash, after the same time (a dummy hash is
    verified).
    """
    try:
        return _hasher.verify(password_hash or _dummy_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Returns whether the hash was made with other parameters than the present ones."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _dummy_hash() -> str:
    return hash_password("the password of nobody")
