"""The way through the form as one session knows it: what was passed, what was answered, which page comes next."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, EmergencyNumber, Kind
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake import queries as intake
from cohab_report.intake.models import Observation
from cohab_report.resident.sketch import Sketch
from cohab_report.territory import queries as territory
from cohab_report.web.languages import words

Answer = Response | str | tuple[str, int] | tuple[Response, int]
PASSED, SKETCH, SENT, FOLLOWED = "danger_passed", "sketch", "sent", "followed"


def after_danger(view: Callable[[], Answer]) -> Callable[[], Answer]:
    """Marks a page that is reached only once its session has passed the danger screen."""

    @wraps(view)
    def guarded() -> Answer:
        return view() if session.get(PASSED) else redirect(url_for("resident.start"), 303)

    return guarded


def sketch() -> Sketch:
    """What this session has answered so far."""
    return Sketch.kept(session.get(SKETCH))


def let_go(held: Sequence[str]) -> None:
    """What is about to be answered is no observation that the phone holds already: one that waits there, or has a receipt, is left to it.

    `held` are client ids. Without this the next observation would have the id of one that waits, and one of the two would be lost.
    """
    if sketch().client_id in held:
        session.pop(SKETCH, None)


def just_sent() -> Observation | None:
    """The observation that was last sent from this browser, or None."""
    return intake.by_client_id(Sketch.kept(session[SENT]).uuid()) if session.get(SENT) else None


def carried() -> dict[str, str]:
    """The same as names and texts: a form carries them along, so that a phone that loses the network can go on with them by itself."""
    return {name: text for name, text in sketch().hidden().items() if text}


def choices(of: Sketch) -> Sequence[Category]:
    """The categories of the kind that was chosen; none before that."""
    return catalogue.categories(Kind(of.kind)) if of.kind in list(Kind) else []


def choose(kind: Kind) -> Response:
    """The observation is about this kind; a kind with a single category needs no further choice. Leads to the next page."""
    present = sketch()
    present.about(kind)
    possible = choices(present)
    if len(possible) == 1:
        present.of(possible[0])
    return go_on(present)


def go_on(present: Sketch) -> Response:
    """What was answered is kept, and the next page follows."""
    session[SKETCH] = present.to_keep()
    return redirect(url_for(f"resident.{present.next_step(choices(present))}"), 303)


def too_early(present: Sketch, wanted: str) -> Response | None:
    """Where to go instead, when an earlier page is still unanswered or this observation has no such page; else None."""
    steps, reached = present.steps(choices(present)), present.next_step(choices(present))
    # Words and a day may always be added, also to what says the same as another observation.
    behind = "review" if wanted == "questions" and present.says_the_same else wanted
    if behind in steps and steps.index(behind) <= steps.index(reached):
        return None
    return redirect(url_for(f"resident.{reached}"), 303)


def progress(present: Sketch, step: str) -> tuple[int, int]:
    """Which page this is, of how many."""
    steps = present.steps(choices(present))
    return steps.index(step if step in steps else "review") + 1, len(steps)


def day_of(present: Sketch) -> date | None:
    """The day that was answered, if it can be read."""
    try:
        return present.day()
    except Invalid:
        return None


def where(present: Sketch) -> tuple[Point, str]:
    """The point and, for a place of the list or a corner, its name in words.

    Raises Invalid("place", missing | unknown | unreadable | outside).
    """
    ground = territory.ground()
    point, corner = present.point(ground), present.corner(ground)
    name = words(corner.name) if corner else ""
    if point is None and present.place:
        known = territory.place_by_code(present.place)
        if known is None:
            raise Invalid("place", "unknown")
        point, name = known.point, words(known.name)
    if point is None:
        raise Invalid("place", "missing")
    if not ground.contains(point):
        raise Invalid("place", "outside")
    return point, name


def kept_place(present: Sketch) -> str | None:
    """The words of the place that is kept from the observation sent before; None where it is not."""
    if not present.again:
        return None
    try:
        point, name = where(present)
    except Invalid:
        return None
    return name or words(territory.ground().sector_of(point).name)


def before_questions(present: Sketch) -> str:
    """The page before the one with the questions, as this observation knows it."""
    steps = present.steps(choices(present))
    return "review" if present.says_the_same else steps[steps.index("questions") - 1]


def numbers() -> Mapping[str, EmergencyNumber]:
    """The numbers to call, by the code that signposts know them by."""
    return {number.code: number for number in catalogue.emergency_numbers()}
