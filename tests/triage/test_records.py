"""What each act of the team leaves in the journal, and what a refusal says: who, when, of which case, toward what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)
Act = Callable[[Case, Cast], object]


def recode(case: Case, cast: Cast) -> None:
    triage.recode(case, catalogue.category_or_refuse("DECHET-3"), reason="Mieux", by=cast.bea, at=LATER)


ACTS: dict[str, Act] = {
    "claim": lambda case, cast: triage.claim_case(case, by=cast.bea, at=LATER),
    "release": lambda case, cast: triage.release_case(case, by=cast.bea, at=LATER),
    "accept": lambda case, cast: triage.accept(case, by=cast.bea, at=LATER),
    "recode": recode,
    "close": lambda case, cast: triage.close(case, ClosingReason.DONE, by=cast.bea, at=LATER),
    "confirm": lambda case, cast: triage.confirm_link(case, case.links[0].action, by=cast.bea, at=LATER),
    "reject": lambda case, cast: triage.reject_link(case, case.links[0].action, by=cast.bea, at=LATER),
    "out_of_plan": lambda case, cast: triage.mark_out_of_plan(case, by=cast.bea, at=LATER),
    "doubt": lambda case, cast: triage.request_occupancy_check(case, by=cast.bea, at=LATER),
    "in_use": lambda case, cast: triage.record_occupancy(
        case, in_use=True, on=MONDAY.date(), note="vu", by=cast.bea, at=LATER
    ),
    "cleared": lambda case, cast: triage.record_occupancy(
        case, in_use=False, on=MONDAY.date(), note="vu", by=cast.bea, at=LATER
    ),
    "reopen": lambda case, _cast: triage.request_case_reopening(case, at=LATER),
}


def closed(cast: Cast) -> Case:
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=MONDAY)
    return case


def recorded(session: Session, case: Case, after: int) -> list[journal.Event]:
    session.flush()
    query = select(journal.Event).where(journal.Event.thread == case.reference, journal.Event.id > after)
    return list(session.scalars(query.order_by(journal.Event.id)))


def last_id(session: Session) -> int:
    session.flush()
    return max(session.scalars(select(journal.Event.id)))


@pytest.mark.parametrize(
    ("act", "name", "is_public", "facts"),
    [
        ("claim", "case.claimed", False, {}),
        ("recode", "case.recoded", False, {"from": "DECHET-1", "to": "DECHET-3", "across": False}),
        ("close", "case.closed", True, {"reason": "done", "holder": None}),
        ("confirm", "link.confirmed", True, {"action": "its"}),
        ("reject", "link.rejected", True, {"action": "its"}),
        ("doubt", "occupancy.doubted", False, {}),
    ],
)
def test_an_act_on_an_accepted_case_is_recorded_once(
    session: Session, cast: Cast, act: str, name: str, is_public: bool, facts: dict[str, Any]
) -> None:
    case = factories.accepted_case(cast.ana)
    action, before = case.links[0].action_id, last_id(session)
    ACTS[act](case, cast)
    (event,) = recorded(session, case, before)
    assert (event.name, event.actor, event.happened_at, event.is_public) == (
        name,
        cast.bea.journal_name,
        LATER,
        is_public,
    )
    facts = {key: action if value == "its" else value for key, value in facts.items()}
    assert event.facts == {"case": case.id, "version": case.version, **facts}
    assert case.changed_at == LATER


def test_letting_go_of_a_case_is_recorded_once_and_only_where_somebody_had_it(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    with pytest.raises(MoveRefused) as refused:
        ACTS["release"](case, cast)
    assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == (
        "case",
        "accepted",
        "release",
        "unclaimed",
    )
    triage.claim_case(case, by=cast.bea, at=MONDAY)
    before = last_id(session)
    ACTS["release"](case, cast)
    (event,) = recorded(session, case, before)
    assert (event.name, event.actor, event.happened_at) == ("case.released", cast.bea.journal_name, LATER)
    assert event.facts == {"case": case.id, "version": case.version}


@pytest.mark.parametrize(
    ("belongings", "act", "names"),
    [
        ("no", "accept", ["case.accepted"]),
        ("no", "out_of_plan", ["case.out_of_plan"]),
        ("yes", "in_use", ["occupancy.in_use"]),
        ("yes", "cleared", ["occupancy.cleared", "case.accepted"]),
    ],
)
def test_an_act_on_a_new_case_is_recorded_once_and_what_is_cleared_is_accepted_too(
    session: Session, cast: Cast, belongings: str, act: str, names: list[str]
) -> None:
    case = factories.case(belongings=belongings)
    before = last_id(session)
    ACTS[act](case, cast)
    events = recorded(session, case, before)
    assert [event.name for event in events] == names
    for event in events:
        assert (event.actor, event.happened_at) == (cast.bea.journal_name, LATER)
        on = {"on": MONDAY.date().isoformat()} if event.name.startswith("occupancy") else {}
        assert event.facts == {"case": case.id, "version": event.facts["version"], **on}
    assert events[-1].facts["version"] == case.version and case.changed_at == LATER


def test_asking_to_look_again_is_recorded_as_a_residents_act(session: Session, cast: Cast) -> None:
    case = closed(cast)
    before = last_id(session)
    ACTS["reopen"](case, cast)
    (event,) = recorded(session, case, before)
    assert (event.name, event.actor, event.happened_at) == (
        "case.reopening_requested",
        journal.RESIDENT.journal_name,
        LATER,
    )
    assert event.facts == {"case": case.id, "version": case.version}


def test_asking_to_look_again_at_what_is_still_open_changes_nothing(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    before = last_id(session)
    ACTS["reopen"](case, cast)
    assert recorded(session, case, before) == [] and case.state is CaseState.ACCEPTED


def test_a_merge_is_recorded_on_both_cases_each_with_its_own_version(session: Session, cast: Cast) -> None:
    case, into = factories.accepted_case(cast.ana), factories.accepted_case(cast.ana)
    before = last_id(session)
    triage.merge(case, into=into, by=cast.bea, at=LATER)
    (merged,), (joined,) = recorded(session, case, before), recorded(session, into, before)
    assert merged.facts == {"case": case.id, "version": case.version, "into": into.reference}
    assert joined.facts == {"case": into.id, "version": into.version, "from": case.reference}
    for event, name, is_public in ((merged, "case.merged", True), (joined, "case.joined", False)):
        assert (event.name, event.actor, event.happened_at, event.is_public) == (
            name,
            cast.bea.journal_name,
            LATER,
            is_public,
        )
    assert case.changed_at == into.changed_at == LATER


def test_who_joins_a_case_is_recorded_as_a_resident_with_the_case_and_its_version(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    session.flush()
    joining = factories.observation(at=LATER, joins=case.reference)
    session.flush()
    (event,) = [each for each in journal.history(joining.reference) if each.name == "observation.joined"]
    assert (event.actor, event.happened_at, event.is_public) == (journal.RESIDENT.journal_name, LATER, True)
    assert event.facts == {"into": case.reference, "case": case.id, "version": case.version}
    assert case.changed_at == LATER


# --- What a refusal says ---


def held(cast: Cast, session: Session) -> Case:
    case = factories.accepted_case(cast.ana)
    voirie = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    routing.hand_over(case, voirie, by=cast.ana, at=MONDAY)
    return case


@pytest.mark.parametrize(
    ("act", "target"),
    [("accept", "accepted"), ("recode", "recode"), ("close", "closed"), ("doubt", "occupancy_check")],
)
def test_what_a_partner_has_or_what_is_over_is_refused_by_its_state_and_the_act(
    session: Session, cast: Cast, act: str, target: str
) -> None:
    for case, state, why in ((held(cast, session), "handed_over", "held"), (closed(cast), "closed", "over")):
        with pytest.raises(MoveRefused) as refused:
            ACTS[act](case, cast)
        assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == (
            "case",
            state,
            target,
            why,
        )


@pytest.mark.parametrize(
    ("act", "target"),
    [
        ("claim", "claim"),
        ("release", "release"),
        ("confirm", "link"),
        ("reject", "reject"),
        ("out_of_plan", "out_of_plan"),
        ("cleared", "occupancy"),
    ],
)
def test_what_is_over_is_claimed_linked_and_visited_no_more(
    session: Session, cast: Cast, act: str, target: str
) -> None:
    with pytest.raises(MoveRefused) as refused:
        ACTS[act](closed(cast), cast)
    assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == (
        "case",
        "closed",
        target,
        "over",
    )


@pytest.mark.parametrize(
    ("category", "belongings", "act", "facts"),
    [
        ("DECHET-1", "yes", "accept", ("case", "occupancy_check", "accepted", "locked")),
        ("DECHET-1", "no", "close", ("case", "new", "closed", "plan")),
        ("DECHET-1", "no", "cleared", ("case", "new", "occupancy", "not_asked")),
    ],
)
def test_a_new_case_says_what_is_missing(
    session: Session, cast: Cast, category: str, belongings: str, act: str, facts: tuple[str, ...]
) -> None:
    with pytest.raises(MoveRefused) as refused:
        ACTS[act](factories.case(category, belongings=belongings), cast)
    assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == facts


def test_other_refusals_say_which_case_in_which_state(session: Session, cast: Cast) -> None:
    case, other, over = factories.accepted_case(cast.ana), factories.case(belongings="yes"), closed(cast)
    triage.claim_case(case, by=cast.ana, at=LATER)
    in_hand, unread = held(cast, session), factories.case()
    refusals: list[tuple[Callable[[], object], tuple[str, ...]]] = [
        (lambda: ACTS["accept"](case, cast), ("case", "accepted", "accepted", "already_accepted")),
        (lambda: ACTS["claim"](case, cast), ("case", "accepted", "claim", "claimed")),
        (lambda: ACTS["release"](case, cast), ("case", "accepted", "release", "claimed")),
        (lambda: ACTS["out_of_plan"](case, cast), ("case", "accepted", "out_of_plan", "linked")),
        (
            lambda: triage.record_occupancy(other, in_use=True, on=MONDAY.date(), note="vu", by=cast.lin, at=LATER),
            ("case", "occupancy_check", "occupancy", "not_outreach"),
        ),
        (
            lambda: triage.record_occupancy(other, in_use=True, on=MONDAY.date(), note="vu", by=cast.omar, at=LATER),
            ("case", "occupancy_check", "occupancy", "not_outreach"),
        ),
        (lambda: triage.merge(over, into=case, by=cast.ana, at=LATER), ("case", "closed", "merged", "over")),
        (lambda: triage.merge(in_hand, into=case, by=cast.ana, at=LATER), ("case", "handed_over", "merged", "held")),
        (lambda: triage.mark_handed_over(in_hand, at=LATER), ("case", "handed_over", "handed_over", "held")),
        (lambda: triage.mark_handed_over(over, at=LATER), ("case", "closed", "handed_over", "over")),
        (lambda: triage.mark_handed_over(unread, at=LATER), ("case", "new", "handed_over", "accept_first")),
    ]
    for attempt, facts in refusals:
        with pytest.raises(MoveRefused) as refused:
            attempt()
        assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == facts


@pytest.mark.parametrize(
    ("before", "after", "reason"), [("DECHET-3", "DECHET-1", "weaker"), ("SOUCI", "LIEU-2", "concern")]
)
def test_a_category_that_may_not_follow_is_refused_at_its_field(
    session: Session, cast: Cast, before: str, after: str, reason: str
) -> None:
    case = factories.case(before)
    with pytest.raises(Invalid) as refused:
        triage.recode(case, catalogue.category_or_refuse(after), reason="Mieux", by=cast.ana, at=LATER)
    assert (refused.value.field, refused.value.reason) == ("category", reason)
    assert (case.category.code, case.recode_reason) == (before, "")


def test_a_case_that_cannot_take_another_is_refused_as_the_one_to_merge_into(session: Session, cast: Cast) -> None:
    case, doubtful, in_hand = factories.accepted_case(cast.ana), factories.case(belongings="yes"), held(cast, session)
    for it, into, why in ((case, case, "same"), (case, closed(cast), "over"), (doubtful, in_hand, "locked")):
        with pytest.raises(Invalid) as refused:
            triage.merge(it, into=into, by=cast.ana, at=LATER)
        assert (refused.value.field, refused.value.reason) == ("into", why) and it.state is not CaseState.MERGED
