"""What this browser may open of its own observations without a code: the receipt for an hour, the follow page while
somebody reads it.

The cookie has two random tokens and a time; place, code and observation are on the server, and end there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import session

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import NotFound
from cohab_report.intake.author_sessions import operations, queries
from cohab_report.intake.author_sessions.models import AuthorPage
from cohab_report.intake.models import Observation
from cohab_report.resident.draft import PLACE_FIELDS, Draft
from cohab_report.resident.steps import DRAFT_KEY, session_draft, store_draft

SENT_KEY, FOLLOWED_KEY, FOLLOWED_AT_KEY, CLOSED_KEY = "sent", "followed", "followed_at", "closed"
FOLLOW_IDLE_LIMIT = timedelta(minutes=30)
VISIT_PRECISION_SECONDS = 60
"""How old the recorded last visit may get before the cookie is written again."""


@dataclass(frozen=True)
class Receipt:
    """What the page after sending shows."""

    observation: Observation
    code: str
    wished_to_join: bool
    place: Mapping[str, str]
    """The place's fields, for another observation there."""


def open_receipt(observation: Observation, code: str, draft: Draft) -> None:
    """Lets this browser open the receipt of what it just sent; whatever it followed or sent before is closed."""
    end_own_sessions()
    content = {name: getattr(draft, name) for name in PLACE_FIELDS}
    content |= {"code": code, "joins": "yes" if draft.is_duplicate else ""}
    session[SENT_KEY] = operations.begin_session(observation, AuthorPage.RECEIPT, content=content, at=now())


def last_receipt() -> Receipt | None:
    """Returns the receipt of what was last sent from this browser; None when it is closed, or an hour old."""
    token = str(session.get(SENT_KEY, ""))
    found = queries.author_session(token, AuthorPage.RECEIPT, at=now()) if token else None
    if found is None:
        return None
    content = dict(operations.content_of(found, token))
    return Receipt(found.observation, content.pop("code"), bool(content.pop("joins")), content)


def open_follow(observation: Observation) -> None:
    """Lets this browser open the follow page of this observation, and of no other."""
    operations.end_session(str(session.pop(FOLLOWED_KEY, "")))
    session[FOLLOWED_KEY] = operations.begin_session(observation, AuthorPage.FOLLOW, at=now())
    session[FOLLOWED_AT_KEY] = int(now().timestamp())


def followed_observation() -> Observation:
    """Returns the observation that this browser follows, and records the visit.

    Raises NotFound when there is none, or nobody has read it for half an hour.
    """
    token, at, visited_at = str(session.get(FOLLOWED_KEY, "")), now(), session.get(FOLLOWED_AT_KEY)
    idle_seconds = at.timestamp() - visited_at if isinstance(visited_at, int) else FOLLOW_IDLE_LIMIT.total_seconds() + 1
    found = queries.author_session(token, AuthorPage.FOLLOW, at=at) if token else None
    if found is None or idle_seconds > FOLLOW_IDLE_LIMIT.total_seconds():
        raise NotFound
    if idle_seconds > VISIT_PRECISION_SECONDS:
        session[FOLLOWED_AT_KEY] = int(at.timestamp())
    return found.observation


def own_reference() -> str:
    """Returns the reference of what this browser follows or has just sent; "" when it may open neither."""
    try:
        return followed_observation().reference
    except NotFound:
        receipt = last_receipt()
        return receipt.observation.reference if receipt else ""


def end_own_sessions() -> None:
    """Ends on the server, and forgets, what this browser may open of its own observations."""
    tokens = [str(session.pop(name)) for name in (SENT_KEY, FOLLOWED_KEY) if name in session]
    session.pop(FOLLOWED_AT_KEY, None)
    if tokens:
        with transaction():
            for token in tokens:
                operations.end_session(token)


def forget_own_observation(reference: str, *, withdrawn: bool = False) -> None:
    """Ends all that this browser may open, and takes the place out of a draft that was begun at the same place.

    The next page removes the receipt of this reference from the phone's own store.
    """
    end_own_sessions()
    if DRAFT_KEY in session and (draft := session_draft()).again:
        draft.lon = draft.lat = draft.place = draft.landmark = draft.again = ""
        store_draft(draft)
    if reference:
        session[CLOSED_KEY] = {"reference": reference, "withdrawn": withdrawn}
