"""How long an observation stays public of itself: a number of days that nobody can guess without the key."""

import hashlib
import hmac
from datetime import date, timedelta

SHORTEST_PUBLIC_DAYS = 30
LONGEST_PUBLIC_DAYS = 90


def last_public_day(reference: str, published_on: date, key: str) -> date:
    """Returns the last day on which an observation is public, 30 to 90 days after it was published.

    The same for one reference, day and key; without the key it looks drawn by lot. So each night some leave for no
    reason but their time, and who sees one leave doesn't know why.
    """
    digest = hmac.new(key.encode(), f"public days:{reference}".encode(), hashlib.sha256).digest()
    choices = LONGEST_PUBLIC_DAYS - SHORTEST_PUBLIC_DAYS + 1
    return published_on + timedelta(days=SHORTEST_PUBLIC_DAYS + int.from_bytes(digest, "big") % choices)
