"""Asks, answers, declines and erases inquiries. None of it changes a case's priority or deadline.

Texts stay in their table: the journal holds ids only.
"""

import unicodedata
from datetime import datetime

from cohab_report import journal
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake.inquiries import events, queries
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.intake.models import LONGEST_TEXT, Channel, Observation
from cohab_report.intake.wording import screen
from cohab_report.text_limits import required_text

LONGEST_INQUIRY_TEXT = LONGEST_TEXT


def inquiry_obstacle(observation: Observation) -> str | None:
    """Returns why the author can't be asked anything, or None: `withdrawn`, or `imported` (nobody has its code)."""
    if observation.is_withdrawn:
        return "withdrawn"
    return "imported" if observation.channel is Channel.IMPORT else None


def ask_author(observation: Observation, question: str, *, by: journal.Actor, at: datetime) -> Inquiry:
    """Asks the author a question, shown on the follow page and sent by e-mail to a confirmed address.

    Raises Invalid("question", missing | too_long | control), MoveRefused (why: withdrawn, imported, asked: one is
    open).
    """
    obstacle = inquiry_obstacle(observation) or ("asked" if queries.open_inquiry_of(observation.id) else None)
    if obstacle is not None:
        raise MoveRefused("inquiry", observation.status.value, InquiryState.OPEN.value, obstacle)
    clean_question = _clean_text_or_refuse("question", question)
    inquiry = Inquiry(
        observation_id=observation.id,
        state=InquiryState.OPEN,
        question=clean_question,
        asked_at=at,
        answer="",
        answer_flags=[],
    )
    db.session.add(inquiry)
    db.session.flush()
    _record_inquiry(events.InquiryAsked, inquiry, observation, by=by, at=at)
    return inquiry


def answer_inquiry(observation: Observation, text: str, *, at: datetime) -> None:
    """Stores the author's answer for triage.

    Raises Invalid("answer", missing | too_long | control), MoveRefused (why: not_asked).
    """
    inquiry, clean_answer = (
        _open_inquiry_or_refuse(observation, InquiryState.ANSWERED),
        _clean_text_or_refuse("answer", text),
    )
    inquiry.state, inquiry.ended_at = InquiryState.ANSWERED, at
    inquiry.answer, inquiry.answer_flags = clean_answer, wording_flags(clean_answer)
    _record_inquiry(events.InquiryAnswered, inquiry, observation, by=journal.RESIDENT, at=at)


def decline_inquiry(observation: Observation, *, at: datetime) -> None:
    """Closes the open inquiry without an answer, at the author's wish; raises MoveRefused (why: not_asked)."""
    inquiry = _open_inquiry_or_refuse(observation, InquiryState.DECLINED)
    inquiry.state, inquiry.ended_at = InquiryState.DECLINED, at
    _record_inquiry(events.InquiryDeclined, inquiry, observation, by=journal.RESIDENT, at=at)


def erase_answers(observation: Observation) -> None:
    """Erases the author's answers for good; that there was one stays."""
    for inquiry in queries.inquiries_of([observation.id]):
        inquiry.answer, inquiry.answer_flags = "", []


def drop_inquiry(observation: Observation, *, at: datetime) -> None:
    """Closes the open inquiry, if there is one, because the observation is gone."""
    inquiry = queries.open_inquiry_of(observation.id)
    if inquiry is not None:
        inquiry.state, inquiry.ended_at = InquiryState.DROPPED, at


def wording_flags(words: str) -> list[str]:
    """Returns the kinds of personal wording in a text, sorted by name."""
    return sorted({finding.kind.value for finding in screen(words)})


def _open_inquiry_or_refuse(observation: Observation, target: InquiryState) -> Inquiry:
    inquiry = queries.open_inquiry_of(observation.id)
    if inquiry is None:
        raise MoveRefused("inquiry", "none", target.value, "not_asked")
    return inquiry


def _clean_text_or_refuse(field: str, typed: str) -> str:
    text = required_text(field, unicodedata.normalize("NFC", typed), longest=LONGEST_INQUIRY_TEXT)
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        raise Invalid(field, "control")
    return text


def _record_inquiry(
    event: type[events.InquiryEvent], inquiry: Inquiry, observation: Observation, *, by: journal.Actor, at: datetime
) -> None:
    declared = event(thread=observation.reference, inquiry=inquiry.id, observation=observation.id)
    journal.record(declared, by=by, at=at)
