"""Hashes under the secret key: of networks and accounts, which are counted without being stored."""

import hashlib
import hmac

from cohab_report.settings import current_settings


def keyed_hash(text: str) -> str:
    """Returns 128 bits of the text's HMAC-SHA256 (RFC 2104) under the secret key, in hexadecimal."""
    key = current_settings().secret_key.encode()
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def account_hash(email: str) -> str:
    """Returns the keyed hash of an account's e-mail address, regardless of case and surrounding spaces."""
    return keyed_hash("account " + email.strip().casefold())
