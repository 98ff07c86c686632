"""Passwords as argon2id hashes (RFC 9106, the low-memory profile of argon2-cffi). It compares; who may try how often is said elsewhere."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 200
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """A new salted hash of the password."""
    return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed; without a hash it is never so, and takes as long to say."""
    try:
        return _hasher.verify(password_hash or _nobodys(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return hashed("the password of nobody")
