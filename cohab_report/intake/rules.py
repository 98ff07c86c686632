"""What an observation must be, and what of it may be public: decided from facts, without the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from cohab_report.catalogue.models import Priority, Protection
from cohab_report.errors import Invalid
from cohab_report.geo import Lattice, Point
from cohab_report.intake.models import LONGEST_LANDMARK, LONGEST_TEXT, Belongings, Channel, Precision

OLDEST = timedelta(days=90)
"""An older observation of a place says nothing about it today."""
EXACT_DIGITS = 5
"""Decimals of a public exact point: about one metre."""


class Chosen(Protocol):
    """What these rules read of a category, be it a row or the facts kept in memory."""

    @property
    def protection(self) -> Protection:
        """How strongly it is protected."""

    @property
    def priority(self) -> Priority:
        """How soon it is due."""

    @property
    def asks_belongings(self) -> bool:
        """Whether it asks about belongings."""

    @property
    def opens_the_form(self) -> bool:
        """Whether it can be sent at all."""


class Asked(Protocol):
    """What these rules read of a question."""

    @property
    def code(self) -> str:
        """Its code within the category."""

    @property
    def is_required(self) -> bool:
        """Whether it must be answered."""

    @property
    def option_codes(self) -> tuple[str, ...]:
        """What counts as an answer."""

    @property
    def raises(self) -> Mapping[str, int]:
        """Answers that raise the priority, and to which."""

    @property
    def blocks(self) -> Mapping[str, str]:
        """Answers that are an emergency, and the signpost shown instead."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a resident is about to send, typed but not yet trusted."""

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
    """The reference of the public observation that says the same already; empty for none."""


@dataclass(frozen=True)
class PublicPart:
    """What of an observation the public may be shown once triage let it: a point and a cell, or nothing."""

    point: Point | None
    cell: int | None


def refuse_impossible(draft: Draft, category: Chosen, questions: Sequence[Asked], *, today: date) -> None:
    """Returns for a draft that can be received; raises Invalid(field, reason) for the first thing that must be mended.

    Fields: client_id, category, observed_on, text, landmark, belongings, answers. Reasons: version, signpost_only, future, too_old,
    too_long, control, unreadable, missing, unknown, emergency.
    """
    if draft.client_id.version != 4:
        raise Invalid("client_id", "version")
    if not category.opens_the_form:
        raise Invalid("category", "signpost_only")
    if draft.observed_on > today:
        raise Invalid("observed_on", "future")
    if draft.observed_on < today - OLDEST and draft.channel is not Channel.IMPORT:
        raise Invalid("observed_on", "too_old")
    if len(draft.text) > LONGEST_TEXT:
        raise Invalid("text", "too_long")
    if any(ord(letter) < 32 and letter not in "\n\t\r" for letter in draft.text):
        raise Invalid("text", "control")
    if len(draft.landmark) > LONGEST_LANDMARK or any(ord(letter) < 32 for letter in draft.landmark):
        raise Invalid("landmark", "unreadable")
    if category.asks_belongings and draft.belongings is Belongings.NOT_ASKED:
        raise Invalid("belongings", "missing")
    # Who says the same as somebody else isn't asked again what is known; what is never public can't be said to be the same.
    says_the_same = bool(draft.joins) and category.protection < Protection.NEVER_PUBLIC
    _refuse_answers(draft.answers or {}, questions, lenient=says_the_same or draft.channel is Channel.IMPORT)


def _refuse_answers(answers: Mapping[str, str], questions: Sequence[Asked], *, lenient: bool) -> None:
    known = {question.code: question for question in questions}
    for code, answer in answers.items():
        if code not in known or answer not in known[code].option_codes:
            raise Invalid("answers", "unknown")
        if answer in known[code].blocks:
            raise Invalid("answers", "emergency")
    if not lenient and any(question.is_required and question.code not in answers for question in questions):
        raise Invalid("answers", "missing")


def protection_of(category: Chosen, belongings: Belongings, *, near_protected: bool) -> Protection:
    """How strongly an observation is protected from its first moment.

    Belongings that seem or may be in use make it never public (guard rail 1); nearness to a protected site makes it a cell at least (5).
    """
    least = Protection.PUBLIC_CELL if near_protected else Protection.PUBLIC_EXACT
    if belongings in (Belongings.YES, Belongings.UNKNOWN):
        least = Protection.NEVER_PUBLIC
    return max(category.protection, least)


def priority_of(category: Chosen, answers: Mapping[str, str], questions: Sequence[Asked]) -> Priority:
    """The category's priority, raised by facts of hazard among the answers; how many people wrote plays no part (guard rail 4)."""
    raised = [
        question.raises[answers[question.code]]
        for question in questions
        if answers.get(question.code) in question.raises
    ]
    return Priority(min([int(category.priority), *map(int, raised)]))


def public_part(protection: Protection, point: Point, lattice: Lattice) -> PublicPart:
    """The point and the cell that the public may be shown: the centre of a fixed cell unless the exact point may be told."""
    if protection is Protection.NEVER_PUBLIC:
        return PublicPart(None, None)
    cell = lattice.cell(point)
    if protection is Protection.PUBLIC_CELL:
        return PublicPart(lattice.centre(cell), cell)
    return PublicPart(Point(round(point.lon, EXACT_DIGITS), round(point.lat, EXACT_DIGITS)), cell)
