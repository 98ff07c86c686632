"""The questions of triage to an author, as the follow page and the author's export show them."""

from dataclasses import dataclass
from typing import Any

from cohab_report.intake.inquiries import queries
from cohab_report.intake.inquiries.models import Inquiry
from cohab_report.intake.models import Observation
from cohab_report.resident.inquiries.forms import ReplyForm


@dataclass(frozen=True)
class InquirySection:
    """The open question with its form, the ended ones, and the kinds of wording to look at again before sending."""

    open: Inquiry | None
    ended: list[Inquiry]
    form: ReplyForm
    warnings: list[str]

    @property
    def has_answer(self) -> bool:
        """Whether an answer of the author is stored."""
        return any(inquiry.answer for inquiry in self.ended)


def inquiry_section(observation: Observation, form: ReplyForm | None = None) -> InquirySection:
    """Returns the questions of triage about this observation; `form` is a reply form to show again."""
    inquiries = queries.inquiries_of([observation.id])
    waiting = next((inquiry for inquiry in inquiries if inquiry.is_open), None)
    warnings = form.flags if form and not form.errors else []
    return InquirySection(
        waiting, [each for each in inquiries if not each.is_open], form or ReplyForm(formdata=None), warnings
    )


def inquiry_records(observation: Observation) -> list[dict[str, Any]]:
    """Returns the questions and answers for the author's export; ISO times in UTC."""
    return [
        {
            "question": inquiry.question,
            "asked_at": inquiry.asked_at.isoformat(),
            "state": inquiry.state.value,
            "answer": inquiry.answer,
            "ended_at": inquiry.ended_at.isoformat() if inquiry.ended_at else None,
        }
        for inquiry in queries.inquiries_of([observation.id])
    ]
