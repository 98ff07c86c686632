"""What a case counts toward, as its residents read it: the team's last decision on the case of their observation."""

from datetime import timedelta

import pytest

from cohab_report.intake.stories.queries import story_of
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import LinkState
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def case(session, cast):
    """A case that the team has accepted and linked to an action."""
    return factories.accepted_case(cast.ana)


def linked_actions_on_follow_page(observation):
    """The actions of the plan that the resident reads on the follow page."""
    return [action.code for action in story_of(observation).actions]


def test_an_action_that_was_dropped_and_taken_up_again_is_read_again(session, cast, case):
    observation, action = case.observations[0], case.links[0].action
    assert linked_actions_on_follow_page(observation) == [action.code]
    triage.reject_link(case, action, by=cast.ana, at=LATER)
    assert linked_actions_on_follow_page(observation) == []
    triage.confirm_link(case, action, by=cast.bea, at=LATER + timedelta(minutes=1))
    assert linked_actions_on_follow_page(observation) == [action.code]


def test_what_a_merged_case_counted_toward_comes_along(session, cast, case):
    observation, suggested, into = case.observations[0], case.links[0].action, factories.case("DECHET-3")
    opener = into.observations[0]
    added = queries.action_in_force_or_refuse("TOI-1")
    triage.confirm_link(case, added, by=cast.ana, at=LATER)
    triage.merge(case, into=into, by=cast.ana, at=LATER)
    session.flush()
    confirmed = {link.action_id for link in into.links if link.state is LinkState.CONFIRMED}
    assert confirmed == {suggested.id, added.id}
    assert added.lead.does_outreach
    assert linked_actions_on_follow_page(opener) == [suggested.code], "it would tell that somebody lives there"
    assert linked_actions_on_follow_page(observation) == [], "who came along reads a coarse story"


def test_what_was_decided_of_the_case_it_joins_holds(session, cast, case):
    observation, action, into = case.observations[0], case.links[0].action, factories.case()
    triage.reject_link(into, action, by=cast.bea, at=LATER)
    triage.merge(case, into=into, by=cast.ana, at=LATER + timedelta(minutes=1))
    session.flush()
    assert not [link for link in into.links if link.state is LinkState.CONFIRMED]
    assert linked_actions_on_follow_page(observation) == []


def test_a_case_that_is_out_of_the_plan_stays_out(session, cast, case):
    into = factories.case("DECHET-3")
    triage.mark_out_of_plan(into, by=cast.bea, at=LATER)
    triage.merge(case, into=into, by=cast.ana, at=LATER + timedelta(minutes=1))
    session.flush()
    assert into.is_out_of_plan and not [link for link in into.links if link.state is LinkState.CONFIRMED]
