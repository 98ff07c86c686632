"""What can go wrong, as facts. `web/errors.py` turns each into a page; nothing here knows of HTTP or of sentences."""

from collections.abc import Mapping


class CohabError(Exception):
    """Something the product foresees; its children say what, with the facts a caller needs."""


class NotThere(CohabError):
    """What was asked for does not exist, or the asker may not know that it does."""


class NotYours(CohabError):
    """The asker is known, and this is not theirs to see or do."""


class Stale(CohabError):
    """Somebody changed the thing since the asker read it.

    `changes` maps a field's name to (what the asker saw, what is there now).
    """

    def __init__(self, changes: Mapping[str, tuple[str, str]] | None = None) -> None:
        super().__init__("stale")
        self.changes = dict(changes or {})


class MoveRefused(CohabError):
    """A noun can't make this move from the state it is in, for the reason that `why` codes."""

    def __init__(self, noun: str, state: str, wanted: str, why: str = "") -> None:
        super().__init__(f"{noun}: {state} -> {wanted} refused {why}".strip())
        self.noun, self.state, self.wanted, self.why = noun, state, wanted, why


class Invalid(CohabError):
    """A value can't be accepted: `field` names it, `reason` codes why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class TooMany(CohabError):
    """Asked too often; worth another try after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Unavailable(CohabError):
    """A part that this needs (database, queue) does not answer now."""
