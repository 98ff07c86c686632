"""What may be done with an inquiry: ask, answer, decline, erase. It changes neither a case's priority nor its deadline.

Texts stay in their table: the journal has numbers only.
"""

import unicodedata
from datetime import datetime

from cohab_report import journal
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake.inquiries import queries
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.intake.models import LONGEST_TEXT, Channel, Observation
from cohab_report.intake.wording import screen

LONGEST = LONGEST_TEXT


def why_not(observation: Observation) -> str | None:
    """Why its author can't be asked anything, as a code, or None: `withdrawn`, or `imported` (nobody has its code)."""
    if observation.is_withdrawn:
        return "withdrawn"
    return "imported" if observation.channel is Channel.IMPORT else None


def ask(observation: Observation, question: str, *, by: journal.Actor, at: datetime) -> Inquiry:
    """The author reads the question on the follow page, and in a letter when there is a confirmed address.

    Raises Invalid("question", missing | too_long | control), MoveRefused (why: withdrawn, imported, asked: one is open already).
    """
    why = why_not(observation) or ("asked" if queries.open_of(observation.id) else None)
    if why is not None:
        raise MoveRefused("inquiry", observation.status.value, InquiryState.OPEN.value, why)
    words = _readable("question", question)
    inquiry = Inquiry(
        observation_id=observation.id, state=InquiryState.OPEN, question=words, asked_at=at, answer="", answer_flags=[]
    )
    db.session.add(inquiry)
    db.session.flush()
    _record(inquiry, observation, "inquiry.asked", by=by, at=at)
    return inquiry


def answer(observation: Observation, words: str, *, at: datetime) -> None:
    """Triage reads the answer; raises Invalid("answer", missing | too_long | control), MoveRefused when nothing is asked."""
    inquiry, told = _asked(observation, InquiryState.ANSWERED), _readable("answer", words)
    inquiry.state, inquiry.ended_at = InquiryState.ANSWERED, at
    inquiry.answer, inquiry.answer_flags = told, flags_of(told)
    _record(inquiry, observation, "inquiry.answered", by=journal.RESIDENT, at=at)


def decline(observation: Observation, *, at: datetime) -> None:
    """The author prefers not to answer, which needs no reason; raises MoveRefused when nothing is asked."""
    inquiry = _asked(observation, InquiryState.DECLINED)
    inquiry.state, inquiry.ended_at = InquiryState.DECLINED, at
    _record(inquiry, observation, "inquiry.declined", by=journal.RESIDENT, at=at)


def erase_answers(observation: Observation) -> None:
    """The author's own words are gone for good; that there was an answer stays."""
    for inquiry in queries.of([observation.id]):
        inquiry.answer, inquiry.answer_flags = "", []


def drop(observation: Observation, *, at: datetime) -> None:
    """Nothing is asked of the author any more."""
    inquiry = queries.open_of(observation.id)
    if inquiry is not None:
        inquiry.state, inquiry.ended_at = InquiryState.DROPPED, at


def flags_of(words: str) -> list[str]:
    """The kinds of personal wording in a text, in order of their names."""
    return sorted({finding.kind.value for finding in screen(words)})


def _asked(observation: Observation, wanted: InquiryState) -> Inquiry:
    inquiry = queries.open_of(observation.id)
    if inquiry is None:
        raise MoveRefused("inquiry", "none", wanted.value, "not_asked")
    return inquiry


def _readable(field: str, typed: str) -> str:
    words = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").strip()
    if not words:
        raise Invalid(field, "missing")
    if len(words) > LONGEST:
        raise Invalid(field, "too_long")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in words):
        raise Invalid(field, "control")
    return words


def _record(inquiry: Inquiry, observation: Observation, name: str, *, by: journal.Actor, at: datetime) -> None:
    facts = {"inquiry": inquiry.id, "observation": observation.id}
    journal.record(name, thread=observation.reference, by=by, at=at, public=True, facts=facts)
