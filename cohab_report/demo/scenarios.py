"""Scenarios of demo cases: a few steps of a timeline each; together they show every state, outcome and public
status.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cohab_report.catalogue import queries as catalogue
from cohab_report.demo.timeline import CaseTimeline
from cohab_report.intake import operations as intake
from cohab_report.partners.models import Person
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as handovers
from cohab_report.routing.models import Handover
from cohab_report.triage import operations as triage
from cohab_report.triage import rules
from cohab_report.triage.models import ClosingReason

Scenario = Callable[[CaseTimeline], None]


class DemoOffer(NamedTuple):
    """A handover, and the demo person who works for its partner."""

    handover: Handover
    worker: Person


def new_case(timeline: CaseTimeline) -> None:
    """Leaves the case new in its queue."""
    del timeline


def claimed_case(timeline: CaseTimeline) -> None:
    """Ana has claimed the case."""
    timeline.advance(0.2, 1)
    timeline.claim()


def accepted_case(timeline: CaseTimeline) -> None:
    """Triage has accepted the case and linked it to the plan."""
    timeline.advance(1, 6)
    timeline.accept_and_link()


def occupied_case(timeline: CaseTimeline) -> None:
    """Outreach has recorded belongings in use: works stay locked."""
    timeline.advance(1, 6)
    timeline.record_outreach_visit(in_use=True)


def outreach_case(timeline: CaseTimeline) -> None:
    """Outreach holds the case, to look before anybody else comes."""
    timeline.advance(1, 6)
    timeline.link()
    suggestion = timeline.suggestion()
    if suggestion is not None and (worker := timeline.cast.worker_of(suggestion.partner)) is not None:
        handover = timeline.offer(suggestion)
        timeline.advance(1, 6)
        routing.accept_handover(handover, by=worker, at=timeline.at)


def offered_case(timeline: CaseTimeline) -> None:
    """The case is offered to a partner that has not answered."""
    accepted_case(timeline)
    timeline.advance(0.5, 3)
    if (suggestion := timeline.suggestion()) is not None:
        timeline.offer(suggestion)


def partner_case(timeline: CaseTimeline) -> None:
    """A partner has accepted the case."""
    _accepted_handover(timeline)


def case_in_progress(timeline: CaseTimeline) -> None:
    """A partner has started work."""
    offer = _accepted_handover(timeline)
    if offer is not None:
        timeline.advance(2, 20)
        routing.start_handover(offer.handover, by=offer.worker, at=timeline.at)


def closed_case(timeline: CaseTimeline) -> None:
    """A partner has finished (triage has closed where no demo person works for the partner); some residents rate it."""
    offer = _accepted_handover(timeline)
    if offer is None:
        timeline.advance(4, 60)
        timeline.close(timeline.usual_closing_reason())
    else:
        timeline.advance(2, 20)
        routing.start_handover(offer.handover, by=offer.worker, at=timeline.at)
        timeline.advance(4, 70)
        routing.finish_handover(
            offer.handover,
            timeline.usual_closing_reason(),
            words="Passage fait. (essai)",
            by=offer.worker,
            at=timeline.at,
        )
    if timeline.rng.random() < 0.35:
        timeline.advance(2, 40)
        intake.rate(timeline.observation, timeline.rng.choices(intake.SATISFACTIONS, (6, 3, 1))[0], at=timeline.at)


def declined_case(timeline: CaseTimeline) -> None:
    """The partner has declined: the case is back at triage."""
    if (offer := _offered_handover(timeline)) is not None:
        timeline.advance(2, 12)
        routing.decline_handover(
            offer.handover, reason="Terrain privé, hors de notre secteur. (essai)", by=offer.worker, at=timeline.at
        )


def returned_case(timeline: CaseTimeline) -> None:
    """The partner has accepted the case and given it back."""
    offer = _accepted_handover(timeline)
    if offer is not None:
        timeline.advance(4, 20)
        routing.give_back(
            offer.handover, reason="Il faut une autre équipe que la nôtre. (essai)", by=offer.worker, at=timeline.at
        )


def recoded_case(timeline: CaseTimeline) -> None:
    """Triage has recoded the case to an equally or more protected category."""
    timeline.advance(1, 6)
    choices = rules.recoding_choices(timeline.case, catalogue.categories(timeline.case.kind))
    if choices:
        timeline.recode(choices[0])
    timeline.accept_and_link()


def out_of_plan_case(timeline: CaseTimeline) -> None:
    """The case is out of the plan and closed as somebody else's."""
    timeline.advance(2, 30)
    triage.mark_out_of_plan(timeline.case, by=timeline.cast.ana, at=timeline.at)
    timeline.close(
        timeline.rng.choice((ClosingReason.OUTSIDE_MANDATE, ClosingReason.REDIRECTED)), "Orienté vers le 311. (essai)"
    )


def already_followed_case(timeline: CaseTimeline) -> None:
    """The case is linked to the plan and closed as already followed or not possible."""
    timeline.advance(2, 30)
    timeline.link()
    timeline.close(timeline.rng.choice((ClosingReason.ALREADY_FOLLOWED, ClosingReason.NOT_POSSIBLE)))


def reopened_case(timeline: CaseTimeline) -> None:
    """The case was closed and the resident asks to reopen it."""
    closed_case(timeline)
    timeline.advance(12, 48)
    intake.request_reopening(timeline.observation, at=timeline.at)


def withdrawn_case(timeline: CaseTimeline) -> None:
    """The resident has withdrawn the observation."""
    timeline.advance(2, 30)
    intake.withdraw(timeline.observation, at=timeline.at)


def redacted_case(timeline: CaseTimeline) -> None:
    """Triage has redacted the resident's text."""
    accepted_case(timeline)
    intake.redact_text(timeline.observation, by=timeline.cast.ana, at=timeline.at)


def police_case(timeline: CaseTimeline) -> None:
    """Triage has transferred the case to the police, on a ground in law and with a written reason."""
    timeline.advance(1, 6)
    timeline.accept_and_link()
    partner = next(iter(handovers.police_partners()), None)
    if partner is not None and not timeline.case.works_are_locked:
        timeline.advance(0.5, 3)
        reason = "Bris répétés au même endroit, constatés par l’équipe ; aucune personne visée. (essai)"
        ground = handovers.legal_grounds()[0]
        routing.transfer_to_police(
            timeline.case, partner, ground=ground, reason=reason, by=timeline.cast.ana, at=timeline.at
        )


def _closed_afterwards(scenario: Scenario) -> Scenario:
    """Returns this scenario, followed by triage closing the case."""

    def scenario_then_close(timeline: CaseTimeline) -> None:
        scenario(timeline)
        timeline.advance(20, 90)
        if not timeline.case.counts_toward_the_plan:
            timeline.link()
        timeline.close(
            ClosingReason.NOTHING_FOUND if timeline.observation.is_withdrawn else timeline.usual_closing_reason()
        )

    return scenario_then_close


PAST_SCENARIOS: Mapping[Scenario, int] = {
    closed_case: 66,
    already_followed_case: 9,
    out_of_plan_case: 9,
    _closed_afterwards(declined_case): 2,
    _closed_afterwards(returned_case): 2,
    _closed_afterwards(recoded_case): 2,
    _closed_afterwards(withdrawn_case): 3,
}
"""Weights of the scenarios of closed cases of the past year."""
WORKS_SCENARIOS: Mapping[Scenario, float] = {
    claimed_case: 1,
    accepted_case: 2,
    redacted_case: 4,
    offered_case: 5,
    partner_case: 8,
    case_in_progress: 12,
    closed_case: 14,
    declined_case: 8,
    returned_case: 10,
    recoded_case: 5,
    reopened_case: 18,
    out_of_plan_case: 6,
    withdrawn_case: 3,
    police_case: 7,
}
"""Scenarios of present cases for works, and how many days ago each began."""
OCCUPANCY_SCENARIOS: Mapping[Scenario, float] = {
    new_case: 0.6,
    occupied_case: 4,
    outreach_case: 6,
    case_in_progress: 12,
}
"""Scenarios of present cases where somebody may live, and how many days ago each began."""


def _offered_handover(timeline: CaseTimeline) -> DemoOffer | None:
    """Accepts the case and offers it to the suggested partner; returns handover and worker, or None if no demo person
    works there.
    """
    accepted_case(timeline)
    timeline.advance(0.5, 6)
    suggestion = timeline.suggestion()
    worker = timeline.cast.worker_of(suggestion.partner) if suggestion else None
    return DemoOffer(timeline.offer(suggestion), worker) if suggestion and worker else None


def _accepted_handover(timeline: CaseTimeline) -> DemoOffer | None:
    """Offers the case as `_offered_handover` does, and the worker accepts it."""
    offer = _offered_handover(timeline)
    if offer is not None:
        timeline.advance(1, 20)
        routing.accept_handover(offer.handover, by=offer.worker, at=timeline.at)
    return offer
