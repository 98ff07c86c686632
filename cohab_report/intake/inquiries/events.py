"""What happens to a question that triage asks an observation's author."""

from dataclasses import dataclass

from cohab_report.intake.events import AuthorEvent


@dataclass(frozen=True, kw_only=True)
class InquiryEvent(AuthorEvent):
    """Something happened to an inquiry; its author may read that it did."""

    public = True
    inquiry: int
    observation: int


@dataclass(frozen=True, kw_only=True)
class InquiryAsked(InquiryEvent):
    """Triage asked the author a question."""

    name = "inquiry.asked"


@dataclass(frozen=True, kw_only=True)
class InquiryAnswered(InquiryEvent):
    """The author answered."""

    name = "inquiry.answered"


@dataclass(frozen=True, kw_only=True)
class InquiryDeclined(InquiryEvent):
    """The author preferred not to answer."""

    name = "inquiry.declined"
