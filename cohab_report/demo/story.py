"""One made-up case on its way: each step is one real operation, by somebody who may, at a plausible hour."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.demo.people import Cast
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Purpose
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover
from cohab_report.routing.rules import Suggestion
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason, LinkState

FIRST_HOUR, LAST_HOUR = 9, 16
VISITED = "L’équipe est passée : plus rien sur place. (essai)"
IN_USE = "L’équipe est passée : des effets sont utilisés, rencontre prévue. (essai)"


class NotYet(Exception):
    """The next step lies in the future: the story stands where it is."""


@dataclass
class Story:
    """A case, the observation that opened it, and the time that the story has reached."""

    case: Case
    observation: Observation
    at: datetime
    until: datetime
    zone: ZoneInfo
    cast: Cast
    rng: Random

    def later(self, least: float, most: float) -> None:
        """Some hours went by, and it is a working hour again; raises NotYet when that is not in the past."""
        moved = working_hour(self.at + timedelta(hours=self.rng.uniform(least, most)), self.zone)
        if moved >= self.until:
            raise NotYet
        self.at = moved

    @property
    def is_wellbeing(self) -> bool:
        """Whether it is about somebody rather than something."""
        return self.case.category.purpose is Purpose.WELLBEING or self.case.works_are_locked

    def claim(self) -> None:
        """Ana has it on her screen."""
        triage.claim(self.case, by=self.cast.ana, at=self.at)

    def look(self, *, in_use: bool = False) -> None:
        """Outreach has been there, where somebody may live."""
        if self.case.works_are_locked:
            note, today = IN_USE if in_use else VISITED, self.at.astimezone(self.zone).date()
            triage.record_occupancy(self.case, in_use=in_use, on=today, note=note, by=self.cast.noor, at=self.at)

    def take_up(self, *, in_use: bool = False) -> None:
        """Triage has accepted it, after outreach where that is due, and said which action it counts toward."""
        self.look(in_use=in_use)
        if self.case.may_move_to(CaseState.ACCEPTED) and not self.case.works_are_locked:
            triage.accept(self.case, by=self.cast.ana, at=self.at)
        self.link()

    def link(self) -> None:
        """The first suggested action is confirmed, now and then another one is rejected; out of the plan where none was suggested."""
        db.session.flush()  # links suggested a moment ago know their action only once they are rows
        suggested = [link for link in self.case.links if link.state is LinkState.SUGGESTED]
        if not suggested:
            triage.mark_out_of_plan(self.case, by=self.cast.ana, at=self.at)
            return
        triage.link(self.case, suggested[0].action, by=self.cast.ana, at=self.at)
        if len(suggested) > 1 and self.rng.random() < 0.3:
            triage.reject(self.case, suggested[-1].action, by=self.cast.ana, at=self.at)

    def suggestion(self) -> Suggestion | None:
        """The partner that the rules name, and why; None where they name nobody."""
        return routing.suggest_or_alert(self.case, at=self.at)[0]

    def offer(self, suggestion: Suggestion) -> Handover:
        """The case is offered to the partner that the rules name."""
        return routing.hand_over(self.case, suggestion.partner, by=self.cast.ana, at=self.at, suggestion=suggestion)

    def close(self, reason: ClosingReason, note: str = "") -> None:
        """Triage closes it."""
        triage.close(self.case, reason, note=note, by=self.cast.ana, at=self.at)

    def recode(self, category: Category) -> None:
        """Triage has found a category that fits better."""
        triage.recode(
            self.case,
            category,
            reason="La réponse décrit plutôt cette catégorie. (essai)",
            by=self.cast.ana,
            at=self.at,
        )

    def good_end(self) -> ClosingReason:
        """How such a case usually ends."""
        if self.case.kind is Kind.CONCERN or self.is_wellbeing:
            return ClosingReason.HELP_OFFERED
        return (
            ClosingReason.NOTHING_FOUND
            if self.case.kind is not Kind.POSITIVE and self.rng.random() < 0.12
            else ClosingReason.DONE
        )


def working_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself from Monday to Friday in office hours, and the next morning of such a day otherwise."""
    local = at.astimezone(zone)
    if local.hour >= LAST_HOUR:
        local = datetime.combine(local.date() + timedelta(days=1), time(FIRST_HOUR, local.minute), zone)
    elif local.hour < FIRST_HOUR:
        local = datetime.combine(local.date(), time(FIRST_HOUR, local.minute), zone)
    while local.weekday() > 4:
        local = datetime.combine(local.date() + timedelta(days=1), time(FIRST_HOUR, local.minute), zone)
    return local.astimezone(at.tzinfo)
