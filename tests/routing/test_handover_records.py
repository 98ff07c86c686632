"""What each act on a handover leaves in the journal and in its row, and what a refusal says: who, when, to whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.routing.suggesting import Suggestion
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast

AT = factories.MONDAY
LATER = AT + timedelta(hours=1)


def partner(session: Session, code: str) -> Partner:
    return session.scalars(select(Partner).where(Partner.code == code)).one()


def offered(session: Session, cast: Cast, case: Case | None = None) -> Handover:
    return routing.hand_over(case or factories.accepted_case(cast.ana), partner(session, "VOIRIE"), by=cast.ana, at=AT)


def accepted(session: Session, cast: Cast) -> Handover:
    handover = offered(session, cast)
    routing.accept_handover(handover, by=cast.lin, at=AT)
    return handover


def last_id(session: Session) -> int:
    session.flush()
    return max(session.scalars(select(journal.Event.id)))


def recorded(session: Session, case: Case, after: int) -> list[journal.Event]:
    session.flush()
    query = select(journal.Event).where(journal.Event.thread == case.reference, journal.Event.id > after)
    return list(session.scalars(query.order_by(journal.Event.id)))


Act = Callable[[Handover, Cast], object]
ACTS: dict[str, Act] = {
    "accept": lambda handover, cast: routing.accept_handover(handover, by=cast.lin, at=LATER),
    "decline": lambda handover, cast: routing.decline_handover(handover, reason="Non", by=cast.lin, at=LATER),
    "start": lambda handover, cast: routing.start_handover(handover, by=cast.lin, at=LATER),
    "finish": lambda handover, cast: routing.finish_handover(
        handover, ClosingReason.NOT_POSSIBLE, by=cast.lin, at=LATER
    ),
    "give_back": lambda handover, cast: routing.give_back(handover, reason="Non", by=cast.lin, at=LATER),
    "take_back": lambda handover, cast: routing.take_back(handover, by=cast.lin, at=LATER),
    "stop_works": lambda handover, cast: routing.stop_works(handover, by=cast.lin, at=LATER),
    "visit": lambda handover, cast: routing.record_visit(
        handover, in_use=True, on=AT.date(), note="Vu", by=cast.noor, at=LATER
    ),
}


@pytest.mark.parametrize(
    ("begin", "act", "names", "more"),
    [
        (offered, "accept", ["handover.accepted"], {"holder": "its"}),
        (offered, "decline", ["handover.declined"], {}),
        (offered, "take_back", ["handover.taken_back"], {}),
        (accepted, "start", ["handover.started"], {"holder": "its"}),
        (accepted, "give_back", ["handover.given_back"], {"holder": None}),
        (accepted, "finish", ["handover.done", "case.closed"], {"holder": None, "outcome": "not_possible"}),
        (accepted, "stop_works", ["occupancy.doubted", "handover.stopped"], {"holder": None}),
    ],
)
def test_an_act_is_recorded_by_who_did_it_with_the_version_of_the_case_and_the_one_it_was_made_to(
    session: Session,
    cast: Cast,
    begin: Callable[[Session, Cast], Handover],
    act: str,
    names: list[str],
    more: dict[str, Any],
) -> None:
    handover = begin(session, cast)
    before = last_id(session)
    ACTS[act](handover, cast)
    events = recorded(session, handover.case, before)
    assert [event.name for event in events] == names
    assert {(event.actor, event.happened_at) for event in events} == {(cast.lin.journal_name, LATER)}
    (event,) = [each for each in events if each.name.startswith("handover.")]
    assert event.facts == {
        "case": handover.case_id,
        "version": event.facts["version"],
        "handover": handover.id,
        "partner": handover.partner_id,
        **{key: handover.partner_id if value == "its" else value for key, value in more.items()},
    }
    assert events[-1].facts["version"] == handover.case.version and handover.case.changed_at == LATER
    assert handover.ended_at == (LATER if handover.case.is_with_triage or not handover.case.is_open else None)


def test_an_offer_is_recorded_and_kept_with_its_words_its_giver_and_its_moment(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    before = last_id(session)
    handover = routing.hand_over(case, partner(session, "VOIRIE"), reason=" Vite ", by=cast.bea, at=LATER)
    (event,) = recorded(session, case, before)
    assert (event.name, event.actor, event.happened_at) == ("handover.offered", cast.bea.journal_name, LATER)
    assert event.facts == {
        "case": case.id,
        "version": case.version,
        "handover": handover.id,
        "partner": handover.partner_id,
        "followed": False,
    }
    assert (handover.case, handover.state, handover.offered_by, handover.offered_at) == (
        case,
        HandoverState.OFFERED,
        cast.bea,
        LATER,
    )
    assert (handover.reason, handover.rule_code, handover.suggested_partner) == ("Vite", "", None)


def test_what_was_suggested_and_not_followed_is_kept_without_its_rule(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    suggestion = routing.suggest_partner(case, at=AT)
    assert isinstance(suggestion, Suggestion) and suggestion.partner.code == "VOIRIE"
    before = last_id(session)
    handover = routing.hand_over(case, partner(session, "MAIRIE"), by=cast.ana, at=AT, suggestion=suggestion)
    (event,) = recorded(session, case, before)
    assert event.facts["followed"] is False
    assert (handover.rule_code, handover.suggested_partner, handover.partner.code) == (
        "",
        suggestion.partner,
        "MAIRIE",
    )


def test_where_nobody_says_a_word_none_is_kept(session: Session, cast: Cast) -> None:
    handover = accepted(session, cast)
    assert handover.reason == ""
    ACTS["finish"](handover, cast)
    assert (handover.answer, handover.case.closing_note) == ("", "")


@pytest.mark.parametrize(
    ("category", "belongings", "code", "field", "reason"),
    [
        ("LIEU-2", "not_asked", "VOIRIE", "partner", "purpose"),
        ("DECHET-1", "yes", "VOIRIE", "partner", "locked"),
        ("DECHET-1", "no", "GARDE", "partner", "police"),
    ],
)
def test_what_may_not_be_handed_over_is_refused_at_the_field_that_is_wrong(
    session: Session, cast: Cast, category: str, belongings: str, code: str, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        routing.hand_over(factories.case(category, belongings=belongings), partner(session, code), by=cast.ana, at=AT)
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_a_partner_holds_a_case_from_its_answer_to_the_end_and_each_moment_is_kept(
    session: Session, cast: Cast
) -> None:
    taken, refused = offered(session, cast), offered(session, cast)
    ACTS["accept"](taken, cast)
    assert (taken.answered_at, taken.ended_at, taken.case.holder) == (LATER, None, taken.partner)
    ACTS["start"](taken, cast)
    assert taken.case.state is CaseState.IN_PROGRESS and taken.case.holder_id == taken.partner_id
    ACTS["give_back"](taken, cast)
    returned = taken.case
    assert (taken.ended_at, returned.holder, returned.is_with_triage) == (LATER, None, True)
    ACTS["decline"](refused, cast)
    assert (refused.answered_at, refused.ended_at, refused.answer) == (LATER, LATER, "Non")


@pytest.mark.parametrize(
    ("begin", "act", "facts"),
    [
        (accepted, "take_back", ("handover", "accepted", "given_back", "accepted")),
        (offered, "visit", ("handover", "offered", "occupancy", "not_holding")),
        (offered, "start", ("handover", "offered", "in_progress", "not_accepted")),
    ],
)
def test_a_refusal_says_which_handover_in_which_state(
    session: Session,
    cast: Cast,
    begin: Callable[[Session, Cast], Handover],
    act: str,
    facts: tuple[str, ...],
) -> None:
    with pytest.raises(MoveRefused) as refused:
        ACTS[act](begin(session, cast), cast)
    assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == facts


def test_only_works_can_be_stopped(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, "SOUCI")
    handover = routing.hand_over(case, partner(session, "MARAUDE"), by=cast.ana, at=AT)
    with pytest.raises(MoveRefused) as refused:
        ACTS["stop_works"](handover, cast)
    assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == (
        "handover",
        "offered",
        "given_back",
        "not_works",
    )
    assert handover.is_standing and not case.works_are_locked


def test_who_read_an_older_version_is_told_the_state_it_is_in_now(session: Session, cast: Cast) -> None:
    handover = offered(session, cast)
    session.flush()
    read = handover.version
    ACTS["accept"](handover, cast)
    session.flush()
    with pytest.raises(Stale) as stale:
        routing.refuse_if_handover_stale(handover, read)
    assert stale.value.changes == {"state": ("", "accepted")}
