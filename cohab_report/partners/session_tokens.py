"""Tokens of sessions on the server: random, held by the browser's cookie, stored as a hash only."""

import hashlib
import secrets


def new_token() -> str:
    """Returns a random token of 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Returns the SHA-256 of a token, in hexadecimal; a token is random, so it needs neither salt nor key."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
