"""The guard rails of a case, argued with: each of them from both sides, without a database."""

from types import SimpleNamespace as Row
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.catalogue.models import Kind, Protection
from cohab_report.intake.models import Belongings, Status
from cohab_report.partners.models import Purpose
from cohab_report.triage import rules
from cohab_report.triage.models import CASE_MOVES, Case, CaseState, ClosingReason, Occupancy
from tests.factories import MONDAY


def case(state: CaseState, **changes: Any) -> Case:
    return Case(state=state, occupancy=changes.pop("occupancy", Occupancy.NONE), **changes)


def category(number: int = 1, protection: Protection = Protection.PUBLIC_CELL, **changes: Any) -> Any:
    known: dict[str, Any] = {"id": number, "protection": protection, "opens_the_form": True, "asks_belongings": False}
    known |= {"kind": Kind.SAFETY, "purpose": Purpose.SAFETY}
    return Row(**{**known, **changes})


READ = {
    CaseState.NEW: Status.RECEIVED,
    CaseState.OCCUPANCY_CHECK: Status.RECEIVED,
    CaseState.ACCEPTED: Status.TAKEN_UP,
    CaseState.HANDED_OVER: Status.TAKEN_UP,
    CaseState.IN_PROGRESS: Status.TAKEN_UP,
    CaseState.REOPEN_REQUESTED: Status.RECEIVED,
    CaseState.MERGED: Status.TAKEN_UP,
}
"""What residents read of a case that nobody closed; an independent copy, on purpose."""


@pytest.mark.parametrize("state", list(READ))
def test_residents_read_one_word_for_each_state(state: CaseState):
    assert rules.public_status_of(case(state)) is READ[state]
    outreach_looks = state is CaseState.OCCUPANCY_CHECK
    assert rules.public_status_of(case(state, accepted_at=MONDAY)) is (
        Status.TAKEN_UP if outreach_looks else READ[state]
    )
    reopened = case(state, closing_reason=ClosingReason.REDIRECTED)
    assert rules.public_status_of(reopened) is READ[state], "why it was closed once is past"


@pytest.mark.parametrize("reason", list(ClosingReason))
def test_what_is_closed_is_done_or_redirected(reason: ClosingReason):
    elsewhere = reason in {ClosingReason.OUTSIDE_MANDATE, ClosingReason.REDIRECTED}
    assert rules.public_status_of(case(CaseState.CLOSED, closing_reason=reason)) is (
        Status.REDIRECTED if elsewhere else Status.DONE
    )


@pytest.mark.parametrize("answer", list(Belongings))
def test_guard_rail_1_only_a_plain_no_and_a_question_that_was_not_asked_raise_no_doubt(answer: Belongings):
    doubtful = answer in {Belongings.YES, Belongings.UNKNOWN}
    assert rules.occupancy_from_answer(answer) is (Occupancy.POSSIBLE if doubtful else Occupancy.NONE)


HELD = {CaseState.HANDED_OVER, CaseState.IN_PROGRESS}
OVER = {CaseState.CLOSED, CaseState.MERGED}


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("answer", list(Belongings))
def test_who_may_join_what_others_opened(state: CaseState, answer: Belongings):
    doubtful = answer in {Belongings.YES, Belongings.UNKNOWN}
    expected = state not in OVER and not (doubtful and state in HELD)
    found = case(state, kind=Kind.SAFETY)
    found.__dict__["category"] = category()
    assert rules.may_join(found, sent(answer)) is expected
    assert not rules.may_join(found, sent(answer, kind=Kind.CONCERN))
    assert not rules.may_join(found, sent(answer, category=category(purpose=Purpose.THANKS)))
    may_be_checked = CaseState.OCCUPANCY_CHECK in CASE_MOVES[state] or state is CaseState.OCCUPANCY_CHECK
    assert not (doubtful and expected) or may_be_checked


def sent(answer: Belongings, **changes: Any) -> Any:
    return Row(**{"kind": Kind.SAFETY, "category": category(), "belongings": answer, **changes})


@pytest.mark.parametrize("before", list(Protection))
@pytest.mark.parametrize("after", list(Protection))
@pytest.mark.parametrize("opens", [True, False])
def test_guard_rail_2_a_case_becomes_one_of_another_category_that_protects_no_less(
    before: Protection, after: Protection, opens: bool
):
    old, new = category(1, before), category(2, after, opens_the_form=opens)
    found: Any = Row(category=old, is_concern=False)
    assert rules.recode_refusal(found, new) == (None if opens and after >= before else "weaker")
    assert rules.recode_refusal(found, category(1, after)) == "weaker", "it is of that category already"
    assert rules.recoding_choices(found, [old, new]) == ([new] if opens and after >= before else [])


@pytest.mark.parametrize("after", list(Kind))
def test_a_concern_becomes_another_concern_at_most(after: Kind):
    found: Any = Row(category=category(1), is_concern=True)
    expected = None if after is Kind.CONCERN else "concern"
    assert rules.recode_refusal(found, category(2, kind=after)) == expected


@given(asks=st.booleans(), answers=st.lists(st.sampled_from(Belongings), max_size=4))
def test_what_nobody_asked_the_residents_is_looked_at_first(asks: bool, answers: list[Belongings]):
    found = rules.must_check_occupancy(category(asks_belongings=asks), answers)
    assert found is (asks and Belongings.NOT_ASKED in answers)
