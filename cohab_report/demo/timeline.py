"""The timeline of one demo case: each step calls the real operation, by a person with the right role, at a plausible
hour.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.demo.people import DemoCast
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Purpose
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover
from cohab_report.routing.suggesting import Suggestion
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason, LinkState

FIRST_HOUR, LAST_HOUR = 9, 16
VISIT_NOTE = "L’équipe est passée : plus rien sur place. (essai)"
IN_USE_NOTE = "L’équipe est passée : des effets sont utilisés, rencontre prévue. (essai)"


class StepInFuture(Exception):
    """Raised when the next step of a timeline would be in the future: the case stays as it is."""


@dataclass
class CaseTimeline:
    """A demo case, the observation that opened it, and the time that it has reached (`at`)."""

    case: Case
    observation: Observation
    at: datetime
    until: datetime
    zone: ZoneInfo
    cast: DemoCast
    rng: Random

    def advance(self, least: float, most: float) -> None:
        """Moves the time on by between `least` and `most` hours, to a working hour; raises StepInFuture past
        `until`.
        """
        next_time = next_working_hour(self.at + timedelta(hours=self.rng.uniform(least, most)), self.zone)
        if next_time >= self.until:
            raise StepInFuture
        self.at = next_time

    @property
    def is_wellbeing(self) -> bool:
        """Returns whether the case is about a person, or may be about one."""
        return self.case.category.purpose is Purpose.WELLBEING or self.case.works_are_locked

    def claim(self) -> None:
        """Ana (triage) claims the case."""
        triage.claim_case(self.case, by=self.cast.ana, at=self.at)

    def record_outreach_visit(self, *, in_use: bool = False) -> None:
        """Noor (outreach) records a visit, if works are locked there because somebody may live there."""
        if self.case.works_are_locked:
            note, today = IN_USE_NOTE if in_use else VISIT_NOTE, self.at.astimezone(self.zone).date()
            triage.record_occupancy(self.case, in_use=in_use, on=today, note=note, by=self.cast.noor, at=self.at)

    def accept_and_link(self, *, in_use: bool = False) -> None:
        """Ana accepts the case, after an outreach visit where one is due, and links it to the plan."""
        self.record_outreach_visit(in_use=in_use)
        if self.case.may_move_to(CaseState.ACCEPTED) and not self.case.works_are_locked:
            triage.accept(self.case, by=self.cast.ana, at=self.at)
        self.link()

    def link(self) -> None:
        """Ana confirms the first suggested action and at times rejects the last; without any, marks the case out of the
        plan.
        """
        db.session.flush()  # links suggested a moment ago know their action only once they are rows
        suggested = [link for link in self.case.links if link.state is LinkState.SUGGESTED]
        if not suggested:
            triage.mark_out_of_plan(self.case, by=self.cast.ana, at=self.at)
            return
        triage.confirm_link(self.case, suggested[0].action, by=self.cast.ana, at=self.at)
        if len(suggested) > 1 and self.rng.random() < 0.3:
            triage.reject_link(self.case, suggested[-1].action, by=self.cast.ana, at=self.at)

    def suggestion(self) -> Suggestion | None:
        """Returns the partner that the routing rules suggest, or None."""
        return routing.suggestion_or_rule_fault(self.case, at=self.at)[0]

    def offer(self, suggestion: Suggestion) -> Handover:
        """Ana hands the case over to the suggested partner."""
        return routing.hand_over(self.case, suggestion.partner, by=self.cast.ana, at=self.at, suggestion=suggestion)

    def close(self, reason: ClosingReason, note: str = "") -> None:
        """Ana closes the case."""
        triage.close(self.case, reason, note=note, by=self.cast.ana, at=self.at)

    def recode(self, category: Category) -> None:
        """Ana recodes the case to this category."""
        triage.recode(
            self.case,
            category,
            reason="La réponse décrit plutôt cette catégorie. (essai)",
            is_confirmed=True,
            by=self.cast.ana,
            at=self.at,
        )

    def usual_closing_reason(self) -> ClosingReason:
        """Returns the reason for which such a case is usually closed."""
        if self.case.kind is Kind.CONCERN or self.is_wellbeing:
            return ClosingReason.HELP_OFFERED
        return (
            ClosingReason.NOTHING_FOUND
            if self.case.kind is not Kind.POSITIVE and self.rng.random() < 0.12
            else ClosingReason.DONE
        )


def next_working_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself from Monday to Friday in office hours, and the next morning of such a day otherwise."""
    local = at.astimezone(zone)
    if local.hour >= LAST_HOUR:
        local = datetime.combine(local.date() + timedelta(days=1), time(FIRST_HOUR, local.minute), zone)
    elif local.hour < FIRST_HOUR:
        local = datetime.combine(local.date(), time(FIRST_HOUR, local.minute), zone)
    while local.weekday() > 4:
        local = datetime.combine(local.date() + timedelta(days=1), time(FIRST_HOUR, local.minute), zone)
    return local.astimezone(at.tzinfo)
