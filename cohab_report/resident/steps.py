"""The steps of the residents' form: the session's draft, which page comes next, and the gate of the danger screen."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import wraps

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, EmergencyNumber, Kind
from cohab_report.clock import now
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.resident.draft import Draft
from cohab_report.territory import queries as territory
from cohab_report.web.languages import words

PageResponse = Response | str | tuple[str, int] | tuple[Response, int]
DANGER_PASSED_KEY, DRAFT_KEY, DRAFT_AT_KEY = "danger_passed", "sketch", "sketch_at"
"""Keys of the session cookie."""
DRAFT_IDLE_LIMIT = timedelta(hours=2)
"""How long a draft is kept in the cookie after its last answer: a shared computer may forget nothing by itself."""


def danger_screen_required(view: Callable[[], PageResponse]) -> Callable[[], PageResponse]:
    """Decorates a view so that a session that has not passed the danger screen is redirected to it."""

    @wraps(view)
    def guarded() -> PageResponse:
        return view() if session.get(DANGER_PASSED_KEY) else redirect(url_for("resident.danger_screen"), 303)

    return guarded


def session_draft() -> Draft:
    """Returns the draft of this session; a new one when there is none, or nobody went on with it for two hours."""
    stored_at = session.get(DRAFT_AT_KEY)
    if isinstance(stored_at, int) and now().timestamp() - stored_at > DRAFT_IDLE_LIMIT.total_seconds():
        drop_draft()
    return Draft.from_session(session.get(DRAFT_KEY))


def store_draft(draft: Draft) -> None:
    """Stores the draft in the session."""
    session[DRAFT_KEY], session[DRAFT_AT_KEY] = draft.to_session(), int(now().timestamp())


def drop_draft() -> None:
    """Drops the session's draft."""
    session.pop(DRAFT_KEY, None)
    session.pop(DRAFT_AT_KEY, None)


def drop_stored_draft(client_ids: Sequence[str]) -> None:
    """Drops the session's draft if the phone already stores an observation under its client id, waiting or with a
    receipt.

    `client_ids` are those that the phone stores. Without this the next observation would have the id of one that waits,
    and one of the two would be lost.
    """
    if session_draft().client_id in client_ids:
        drop_draft()


def draft_fields() -> dict[str, str]:
    """Returns the session's draft as form field names and texts, empty ones left out.

    A form carries them along, so that a phone that loses the network can go on with them by itself.
    """
    return {name: text for name, text in session_draft().to_fields().items() if text}


def categories_to_choose(draft: Draft) -> Sequence[Category]:
    """Returns the categories of the draft's kind; none before a kind is chosen."""
    return catalogue.categories(Kind(draft.kind)) if draft.kind in list(Kind) else []


def begin_new_draft(kind: str) -> Response:
    """Drops the session's draft and begins another one, of this kind if it is one; redirects to its first page."""
    drop_draft()
    return choose_kind(Kind(kind)) if kind in list(Kind) else redirect(url_for("resident.subject"), 303)


def choose_kind(kind: Kind) -> Response:
    """Sets the kind of the session's draft, and its category where the kind has only one.

    Redirects to the next page.
    """
    draft = session_draft()
    draft.set_kind(kind)
    possible = categories_to_choose(draft)
    if len(possible) == 1:
        draft.set_category(possible[0])
    return save_and_go_on(draft)


def save_and_go_on(draft: Draft) -> Response:
    """Saves the draft in the session and redirects to the first page that still has no answer."""
    store_draft(draft)
    return redirect(url_for(f"resident.{draft.next_step(categories_to_choose(draft))}"), 303)


def redirect_if_too_early(draft: Draft, step: str) -> Response | None:
    """Returns a redirect when a page before this step is unanswered or the draft has no such page; else None."""
    steps, reached = draft.steps(categories_to_choose(draft)), draft.next_step(categories_to_choose(draft))
    # Words and a day may always be added, also to what says the same as another observation.
    position = "review" if step == "questions" and draft.is_duplicate else step
    if position in steps and steps.index(position) <= steps.index(reached):
        return None
    return redirect(url_for(f"resident.{reached}"), 303)


def progress(draft: Draft, step: str) -> tuple[int, int]:
    """Returns the number of this page, from 1, and how many pages the draft has."""
    steps = draft.steps(categories_to_choose(draft))
    return steps.index(step if step in steps else "review") + 1, len(steps)


def day_or_none(draft: Draft) -> date | None:
    """Returns the day of the draft, or None if it can't be read."""
    try:
        return draft.day()
    except Invalid:
        return None


def point_and_name(draft: Draft) -> tuple[Point, str]:
    """Returns the draft's point (WGS84 lon/lat) and the name of its place or corner in the reader's language, "" for a
    bare point.

    Raises Invalid("place", missing | unknown | unreadable | outside).
    """
    city = territory.city_facts()
    point, corner = draft.point(city), draft.corner(city)
    name = words(corner.name) if corner else ""
    if point is None and draft.place:
        place = territory.place_by_code(draft.place)
        if place is None:
            raise Invalid("place", "unknown")
        point, name = place.point, words(place.name)
    if point is None:
        raise Invalid("place", "missing")
    if not city.contains(point):
        raise Invalid("place", "outside")
    return point, name


def reused_place_name(draft: Draft) -> str | None:
    """Returns the name of the place that the draft reuses from the observation sent before.

    None where it reuses none.
    """
    return place_name(draft) if draft.again else None


def place_name(draft: Draft) -> str | None:
    """Returns the name of the draft's place, or of the sector around its point; None where it has no usable place."""
    try:
        point, name = point_and_name(draft)
    except Invalid:
        return None
    return name or words(territory.city_facts().sector_of(point).name)


def page_before_questions(draft: Draft) -> str:
    """Returns the step before the questions, for the link back."""
    steps = draft.steps(categories_to_choose(draft))
    return "review" if draft.is_duplicate else steps[steps.index("questions") - 1]


def emergency_numbers_by_code() -> Mapping[str, EmergencyNumber]:
    """Returns the emergency numbers by the code that signposts refer to them by."""
    return {number.code: number for number in catalogue.emergency_numbers()}
