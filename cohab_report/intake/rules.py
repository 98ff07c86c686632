"""Rules for what an observation must be to be received, how it is protected, how urgent it is and what of it is public.

Decides from the facts it is given and never reads the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from cohab_report.catalogue.models import Priority, Protection
from cohab_report.errors import Invalid
from cohab_report.geo import Lattice, Point
from cohab_report.intake.models import LONGEST_LANDMARK, LONGEST_TEXT, Belongings, Channel, Precision
from cohab_report.text_limits import text_within

MAX_OBSERVATION_AGE = timedelta(days=90)
"""An older observation says nothing about the place as it is today; imports are exempt."""
EXACT_DIGITS = 5
"""Decimals of degrees in the public point of a named place or corner: about one metre."""
SQUARE_METRES = 25
"""The side, about, of the fixed square whose centre stands in public for a position or a pin: it may be a door."""


class CategoryTraits(Protocol):
    """What the rules read of a category: the database row and the facts kept in memory both fit."""

    @property
    def protection(self) -> Protection:
        """The least protection of its observations."""

    @property
    def priority(self) -> Priority:
        """The priority of its observations before any answer."""

    @property
    def asks_belongings(self) -> bool:
        """Whether the form asks about belongings."""

    @property
    def opens_the_form(self) -> bool:
        """Whether it can be sent at all; otherwise it shows a signpost only."""


class QuestionTraits(Protocol):
    """What the rules read of a question of a category."""

    @property
    def code(self) -> str:
        """The code of the question, unique within its category."""

    @property
    def is_required(self) -> bool:
        """Whether an observation without an answer is refused."""

    @property
    def option_codes(self) -> tuple[str, ...]:
        """The codes of the allowed answers."""

    @property
    def raises(self) -> Mapping[str, int]:
        """The priority that an answer raises the observation to, by answer code."""

    @property
    def blocks(self) -> Mapping[str, str]:
        """The signpost that is shown instead of the form, by the code of the answer that is an emergency."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The fields of an observation as a sender submits them, before any check."""

    client_id: UUID
    category: str
    point: Point | None
    observed_on: date
    place: str = ""
    landmark: str = ""
    precision: Precision = Precision.POINT
    text: str = ""
    answers: Mapping[str, str] | None = None
    belongings: Belongings = Belongings.NOT_ASKED
    channel: Channel = Channel.WEB
    language: str = "fr"
    joins: str = ""
    """Reference of the public observation that reports the same thing; empty for none."""


@dataclass(frozen=True)
class PublicPart:
    """The location of an observation that may become public: a point and its cell, or nothing."""

    point: Point | None
    cell: int | None


def refuse_impossible(
    submission: Submission, category: CategoryTraits, questions: Sequence[QuestionTraits], *, today: date
) -> None:
    """Raises Invalid(field, reason) for the first field that makes a submission impossible to receive.

    Fields: client_id, category, observed_on, text, landmark, belongings, answers. Reasons: version, signpost_only,
    future, too_old, too_long, control, unreadable, missing, unknown, emergency.
    """
    if submission.client_id.version != 4:
        raise Invalid("client_id", "version")
    if not category.opens_the_form:
        raise Invalid("category", "signpost_only")
    if submission.observed_on > today:
        raise Invalid("observed_on", "future")
    if submission.observed_on < today - MAX_OBSERVATION_AGE and submission.channel is not Channel.IMPORT:
        raise Invalid("observed_on", "too_old")
    text_within("text", submission.text, longest=LONGEST_TEXT)
    if any(ord(character) < 32 and character not in "\n\t\r" for character in submission.text):
        raise Invalid("text", "control")
    if len(submission.landmark) > LONGEST_LANDMARK or any(ord(character) < 32 for character in submission.landmark):
        raise Invalid("landmark", "unreadable")
    if category.asks_belongings and submission.belongings is Belongings.NOT_ASKED:
        raise Invalid("belongings", "missing")
    # Who joins a public observation isn't asked again what is known; nobody can join what is never public.
    joins_another = bool(submission.joins) and category.protection < Protection.NEVER_PUBLIC
    may_be_incomplete = joins_another or submission.channel is Channel.IMPORT
    _refuse_answers(submission.answers or {}, questions, may_be_incomplete=may_be_incomplete)


def _refuse_answers(
    answers: Mapping[str, str], questions: Sequence[QuestionTraits], *, may_be_incomplete: bool
) -> None:
    questions_by_code = {question.code: question for question in questions}
    for code, answer in answers.items():
        if code not in questions_by_code or answer not in questions_by_code[code].option_codes:
            raise Invalid("answers", "unknown")
        if answer in questions_by_code[code].blocks:
            raise Invalid("answers", "emergency")
    if not may_be_incomplete and any(question.is_required and question.code not in answers for question in questions):
        raise Invalid("answers", "missing")


def protection_of(category: CategoryTraits, belongings: Belongings, *, near_protected: bool) -> Protection:
    """Returns the protection that an observation has when it is received.

    Belongings that seem or may be in use make it never public (guard rail 1); a protected site nearby makes it a cell
    at least (guard rail 5).
    """
    protection = Protection.PUBLIC_CELL if near_protected else Protection.PUBLIC_EXACT
    if belongings in (Belongings.YES, Belongings.UNKNOWN):
        protection = Protection.NEVER_PUBLIC
    return max(category.protection, protection)


def priority_of(category: CategoryTraits, answers: Mapping[str, str], questions: Sequence[QuestionTraits]) -> Priority:
    """Returns the category's priority, raised by answers that name a hazard.

    How many people reported the same thing plays no part (guard rail 4).
    """
    raised_priorities = [
        question.raises[answers[question.code]]
        for question in questions
        if answers.get(question.code) in question.raises
    ]
    return Priority(min([int(category.priority), *map(int, raised_priorities)]))


def is_of_the_city(submission: Submission) -> bool:
    """Tells whether the point is one that the city publishes itself: a named place's, a corner's or a sector's.

    Anything else is a position or a pin, which may be the sender's own door.
    """
    return submission.precision is Precision.ABOUT or (
        submission.precision is Precision.PLACE and submission.point is None
    )


def public_part(protection: Protection, point: Point, grid: Lattice, *, of_the_city: bool = False) -> PublicPart:
    """Returns the point and cell that may be public under this protection.

    Nothing for NEVER_PUBLIC, the centre of a fixed cell for PUBLIC_CELL. For PUBLIC_EXACT the centre of a fixed square
    of SQUARE_METRES; the point itself, rounded to EXACT_DIGITS, where it is one `of_the_city`.
    """
    if protection is Protection.NEVER_PUBLIC:
        return PublicPart(None, None)
    cell = grid.cell(point)
    if protection is Protection.PUBLIC_CELL:
        return PublicPart(grid.centre(cell), cell)
    if of_the_city:
        return PublicPart(Point(round(point.lon, EXACT_DIGITS), round(point.lat, EXACT_DIGITS)), cell)
    return PublicPart(grid.square_centre(point, SQUARE_METRES), cell)
