"""What an author is asked, as the follow page and the file of one's own data show it."""

from dataclasses import dataclass
from typing import Any

from cohab_report.intake.inquiries import queries
from cohab_report.intake.inquiries.models import Inquiry
from cohab_report.intake.models import Observation
from cohab_report.resident.inquiries.forms import ReplyForm


@dataclass(frozen=True)
class Asked:
    """The open question with its form, those that have ended, and the wording to look at again before sending."""

    open: Inquiry | None
    ended: list[Inquiry]
    form: ReplyForm
    warnings: list[str]

    @property
    def has_answer(self) -> bool:
        """Whether words of the author are kept."""
        return any(inquiry.answer for inquiry in self.ended)


def asked_of(observation: Observation, form: ReplyForm | None = None) -> Asked:
    """All that triage asked about this observation; `form` is one that comes back."""
    inquiries = queries.of([observation.id])
    waiting = next((inquiry for inquiry in inquiries if inquiry.is_open), None)
    warnings = form.flags if form and not form.errors else []
    return Asked(waiting, [each for each in inquiries if not each.is_open], form or ReplyForm(formdata=None), warnings)


def own_inquiries(observation: Observation) -> list[dict[str, Any]]:
    """What was asked and answered, for the author to take away; times in UTC."""
    return [
        {
            "question": inquiry.question, "asked_at": inquiry.asked_at.isoformat(), "state": inquiry.state.value,
            "answer": inquiry.answer, "ended_at": inquiry.ended_at.isoformat() if inquiry.ended_at else None,
        }
        for inquiry in queries.of([observation.id])
    ]  # fmt: skip
