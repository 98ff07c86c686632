"""Inquiries to an author: limits, personal wording, and what withdrawing erases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.inquiries import operations, queries
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.intake.models import Channel, Observation
from cohab_report.intake.stories.queries import story_of
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from tests import factories
from tests.cast import Cast
from tests.factories import MONDAY

SIDE = "Quel côté du parc ?"
LATER = MONDAY + timedelta(hours=1)


def new_inquiry(cast: Cast, observation: Observation | None = None) -> Inquiry:
    return operations.ask_author(observation or factories.observation(text="Des sacs"), SIDE, by=cast.ana, at=MONDAY)


def observation_of(inquiry: Inquiry) -> Observation:
    return db.session.get_one(Observation, inquiry.observation_id)


def test_one_question_is_open_at_a_time(cast: Cast, session: Session) -> None:
    inquiry = new_inquiry(cast)
    with pytest.raises(MoveRefused) as refused:
        new_inquiry(cast, observation_of(inquiry))
    assert refused.value.why == "asked"
    operations.answer_inquiry(observation_of(inquiry), "Le côté de la rivière", at=LATER)
    again = new_inquiry(cast, observation_of(inquiry))
    session.add(
        Inquiry(
            observation_id=again.observation_id,
            state=InquiryState.OPEN,
            question=SIDE,
            asked_at=MONDAY,
            answer_flags=[],
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    ("words", "reason"), [("", "missing"), (" \n", "missing"), ("x" * 281, "too_long"), ("a\x07", "control")]
)
def test_what_can_not_be_asked_or_answered(cast: Cast, words: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        operations.ask_author(factories.observation(), words, by=cast.ana, at=MONDAY)
    assert (refused.value.field, refused.value.reason) == ("question", reason)
    inquiry = new_inquiry(cast)
    with pytest.raises(Invalid) as refused:
        operations.answer_inquiry(observation_of(inquiry), words, at=LATER)
    assert (refused.value.field, refused.value.reason) == ("answer", reason) and inquiry.is_open


def test_nobody_is_asked_who_could_not_answer(cast: Cast) -> None:
    withdrawn, imported = factories.observation(), factories.observation(channel=Channel.IMPORT)
    intake.withdraw(withdrawn, at=MONDAY)
    for observation, why in ((withdrawn, "withdrawn"), (imported, "imported")):
        with pytest.raises(MoveRefused) as refused:
            new_inquiry(cast, observation)
        assert refused.value.why == why


def test_an_answer_is_flagged_where_it_could_point_at_a_person(cast: Cast) -> None:
    inquiry = new_inquiry(cast)
    operations.answer_inquiry(observation_of(inquiry), "Appelez-moi au 819 555-0100", at=LATER)
    assert inquiry.state is InquiryState.ANSWERED and inquiry.answer_flags == ["phone"]
    with pytest.raises(MoveRefused):
        operations.answer_inquiry(observation_of(inquiry), "Encore", at=LATER)


def test_declining_needs_no_reason_and_ends_it(cast: Cast) -> None:
    inquiry = new_inquiry(cast)
    operations.decline_inquiry(observation_of(inquiry), at=LATER)
    assert (inquiry.state, inquiry.answer) == (InquiryState.DECLINED, "")


def test_the_journal_holds_ids_only(cast: Cast, session: Session) -> None:
    inquiry = new_inquiry(cast)
    operations.answer_inquiry(observation_of(inquiry), "Le côté de la rivière", at=LATER)
    events = session.scalars(select(journal.Event).where(journal.Event.name.startswith("inquiry."))).all()
    assert [event.facts for event in events] == [{"inquiry": inquiry.id, "observation": inquiry.observation_id}] * 2


@pytest.mark.parametrize(
    ("step", "state", "name"),
    [
        (operations.decline_inquiry, InquiryState.DECLINED, "inquiry.declined"),
        (
            lambda observation, at: operations.answer_inquiry(observation, " À\tgauche ", at=at),
            InquiryState.ANSWERED,
            None,
        ),
        (intake.withdraw, InquiryState.DROPPED, ""),
    ],
)
def test_what_was_asked_by_the_team_is_ended_by_its_author_at_that_moment(
    cast: Cast, session: Session, step: Callable[..., object], state: InquiryState, name: str | None
) -> None:
    noise = new_inquiry(cast)
    inquiry = operations.ask_author(factories.observation(), f" {SIDE}\n", by=cast.bea, at=MONDAY)
    assert (inquiry.question, inquiry.asked_at, inquiry.ended_at, inquiry.answer) == (SIDE, MONDAY, None, "")
    step(observation_of(inquiry), at=LATER)
    session.flush()
    assert (inquiry.state, inquiry.ended_at, noise.is_open) == (state, LATER, True)
    thread = observation_of(inquiry).reference
    steps = [event for event in journal.history(thread) if event.name.startswith("inquiry.")]
    expected = [("inquiry.asked", cast.bea.journal_name, MONDAY)]
    if name != "":
        expected.append((name or "inquiry.answered", journal.RESIDENT.journal_name, LATER))
    assert sorted((event.name, event.actor, event.happened_at) for event in steps) == sorted(expected)


def test_a_refusal_says_in_which_state_it_was_and_what_was_wanted(cast: Cast) -> None:
    observation = factories.observation()
    refusals: list[tuple[Callable[[], object], tuple[str, ...]]] = [
        (lambda: operations.answer_inquiry(observation, "Oui", at=LATER), ("inquiry", "none", "answered", "not_asked")),
        (lambda: operations.decline_inquiry(observation, at=LATER), ("inquiry", "none", "declined", "not_asked")),
        (lambda: [new_inquiry(cast, observation) for _ in range(2)], ("inquiry", "received", "open", "asked")),
    ]
    for attempt, facts in refusals:
        with pytest.raises(MoveRefused) as refused:
            attempt()
        assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == facts


@pytest.mark.parametrize("words", ["x" * 280, "a\nb\tc", "e\u0301", "~"])
def test_two_hundred_and_eighty_characters_on_several_lines_are_kept_in_one_form(cast: Cast, words: str) -> None:
    inquiry = operations.ask_author(factories.observation(), words, by=cast.ana, at=MONDAY)
    operations.answer_inquiry(observation_of(inquiry), words, at=LATER)
    assert inquiry.question == inquiry.answer == words.replace("e\u0301", "\u00e9")


def test_redacting_erases_the_answer_and_withdrawing_also_drops_an_open_question(cast: Cast) -> None:
    inquiry = new_inquiry(cast)
    observation = observation_of(inquiry)
    operations.answer_inquiry(observation, "Chez moi, au 12", at=LATER)
    waiting, noise = new_inquiry(cast, observation), new_inquiry(cast)
    intake.redact_text(observation, by=journal.RESIDENT, at=LATER)
    assert (inquiry.answer, inquiry.answer_flags, inquiry.is_erased, waiting.is_open) == ("", [], True, True)
    operations.answer_inquiry(observation, "Chez moi", at=LATER)
    last = new_inquiry(cast, observation)
    intake.withdraw(observation, at=LATER)
    assert waiting.answer == "" and last.state is InquiryState.DROPPED and noise.is_open
    assert [each.question for each in queries.inquiries_of([observation.id])] == [SIDE] * 3


def test_asking_changes_neither_priority_nor_deadline_nor_the_case(cast: Cast) -> None:
    case = factories.case()
    before = (case.priority, case.due_at, case.state, case.version, case.queue_id)
    new_inquiry(cast, case.observations[0])
    operations.answer_inquiry(case.observations[0], "Danger ! C’est grave", at=LATER)
    assert (case.priority, case.due_at, case.state, case.version, case.queue_id) == before


def test_a_public_history_has_the_authors_own_questions_and_never_anothers(cast: Cast) -> None:
    own_case, other_case = factories.case(), factories.case()
    new_inquiry(cast, other_case.observations[0])
    new_inquiry(cast, own_case.observations[0])
    own_observation = own_case.observations[0]
    triage.merge(own_case, into=other_case, by=cast.ana, at=LATER)
    intake.withdraw(
        db.session.get_one(
            Observation, next(one.id for one in other_case.observations if one.id != own_observation.id)
        ),
        at=LATER,
    )
    names = [event.name for event in story_of(own_observation).events]
    assert (
        names.count("inquiry.asked") == 1
        and names.count("observation.received") == 1
        and "observation.withdrawn" not in names
    )
    assert cases.case_of_observation(own_observation.id) is other_case


def test_inquiries_are_read_the_latest_first_and_of_one_moment_the_last_asked(cast: Cast) -> None:
    observation, asked = factories.observation(), []
    for at in (LATER, MONDAY, MONDAY):
        asked.append(operations.ask_author(observation, SIDE, by=cast.ana, at=at))
        operations.decline_inquiry(observation, at=LATER)
    noise = new_inquiry(cast)
    first, second, third = asked
    assert queries.inquiries_of([observation.id]) == [first, third, second]
    assert queries.inquiry_by_id(second.id) is second and queries.inquiry_by_id(noise.id) is noise
    assert queries.inquiry_by_id(noise.id + 1000) is None
