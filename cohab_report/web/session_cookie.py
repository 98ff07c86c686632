"""Encrypts the session cookie: Flask's own is signed and readable, so a phone that others use, or a copy of its
cookies, would tell which place somebody was about to report.
"""

import hashlib
import json
import zlib
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature

LONGEST_SESSION_BYTES = 64 * 1024


class EncryptingSerializer:
    """Turns a session into an encrypted text and back, under a key derived from the application's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = Fernet(urlsafe_b64encode(hashlib.sha256(f"session cookie {secret_key}".encode()).digest()))
        self._tagged = TaggedJSONSerializer()

    def dumps(self, values: Any) -> str:
        """Returns the cookie's text."""
        return self._cipher.encrypt(zlib.compress(self._tagged.dumps(values).encode())).decode()

    def loads(self, text: str, max_age: int | None = None) -> Any:
        """Returns the session of a cookie; raises BadSignature for a text that is not one of ours or too old."""
        try:
            packed = zlib.decompressobj().decompress(self._cipher.decrypt(text, ttl=max_age), LONGEST_SESSION_BYTES)
            return self._tagged.loads(packed.decode())
        except (InvalidToken, zlib.error, UnicodeError, json.JSONDecodeError) as error:
            raise BadSignature("not a session of this site") from error


class EncryptedSessionInterface(SecureCookieSessionInterface):
    """Flask's sessions in a cookie, encrypted instead of only signed."""

    def get_signing_serializer(self, app: Flask) -> Any:
        """Returns what reads and writes the cookie, or None without a secret key."""
        return EncryptingSerializer(str(app.secret_key)) if app.secret_key else None
