"""The errors that the product foresees, with their facts.

Knows neither HTTP nor sentences: `web/errors.py` turns each into a page.
"""

from collections.abc import Mapping


class CohabError(Exception):
    """Base of the foreseen errors; each child says what went wrong, with the facts a caller needs."""


class NotFound(CohabError):
    """The requested thing does not exist, or the caller may not know that it does (HTTP 404)."""


class NotAllowed(CohabError):
    """The caller is known and lacks the right to see or do this (HTTP 403)."""


class Stale(CohabError):
    """Somebody changed the thing since the caller read it (HTTP 409).

    `changes` maps a field's name to (the value that the caller read, the value now).
    """

    def __init__(self, changes: Mapping[str, tuple[str, str]] | None = None) -> None:
        super().__init__("stale")
        self.changes = dict(changes or {})


class MoveRefused(CohabError):
    """A thing (`noun`) can't move from `state` to `target`; `why` is the code of the reason, or empty (HTTP 409)."""

    def __init__(self, noun: str, state: str, target: str, why: str = "") -> None:
        super().__init__(f"{noun}: {state} -> {target} refused {why}".strip())
        self.noun, self.state, self.target, self.why = noun, state, target, why


class Invalid(CohabError):
    """A value of `field` can't be accepted; `reason` is the code of why (HTTP 422)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class TooManyRequests(CohabError):
    """A limit was exceeded; try again after `retry_after` seconds (HTTP 429)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Unavailable(CohabError):
    """A service that this needs (database, queue, disk) does not answer now (HTTP 503)."""
