"""Handing over at the edges: who is asked again and who is not, what closes and what doesn't, how long words may be."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.catalogue import deadlines
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.journal import Event
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.routing import operations as routing
from cohab_report.routing import queries, seeing
from cohab_report.routing.models import HANDOVER_MOVES, Handover, HandoverState, Rule
from cohab_report.territory.models import Place
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories

AT = factories.MONDAY
LATER = AT + timedelta(hours=1)


def partner(session: Session, code: str) -> Partner:
    return session.scalars(select(Partner).where(Partner.code == code)).one()


def offered(session: Session, cast, code: str = "VOIRIE", case: Case | None = None) -> Handover:
    return routing.hand_over(case or factories.accepted_case(cast.ana), partner(session, code), by=cast.ana, at=AT)


def accepted(session: Session, cast, code: str = "VOIRIE", case: Case | None = None) -> Handover:
    handover = offered(session, cast, code, case)
    routing.accept_handover(handover, by=cast.lin, at=AT)
    return handover


def events(session: Session, case: Case, name: str) -> list[Event]:
    session.flush()
    return list(
        session.scalars(select(Event).where(Event.thread == case.reference, Event.name == name).order_by(Event.id))
    )


# --- Who is asked again ---


@pytest.fixture
def two_rules(session: Session) -> None:
    """Who cleans the banks is asked first, then the town hall."""
    first = session.scalars(select(Rule).where(Rule.code == "berges")).one()
    session.add(
        Rule(
            code="ensuite",
            position=first.position + 1,
            categories=["DECHET-1"],
            queues=[],
            places=[],
            sectors=[],
            occupancy="any",
            hours="any",
            partner=partner(session, "MAIRIE"),
            because_fr="Sinon, la mairie.",
            because_en="Else the town hall.",
        )
    )
    session.flush()


def suggested(case: Case) -> str | None:
    found = routing.suggest_partner(case, at=AT)
    return found.partner.code if found else None


@pytest.mark.usefixtures("two_rules")
def test_who_gave_a_case_back_is_not_suggested_for_it_again_and_is_for_others(session, cast):
    case, other = factories.accepted_case(cast.ana), factories.accepted_case(cast.ana)
    assert suggested(case) == "VOIRIE"
    routing.give_back(accepted(session, cast, case=case), reason="Trop haut pour nous", by=cast.lin, at=LATER)
    assert (suggested(case), suggested(other)) == ("MAIRIE", "VOIRIE")
    second = accepted(session, cast, "MAIRIE", case)
    routing.give_back(second, reason="Nous non plus", by=cast.lin, at=LATER)
    assert suggested(case) is None, "a person must choose"


@pytest.mark.usefixtures("two_rules")
def test_whom_the_team_no_longer_asked_has_refused_nothing(session, cast):
    case = factories.accepted_case(cast.ana)
    routing.take_back(offered(session, cast, case=case), by=cast.ana, at=LATER)
    assert suggested(case) == "VOIRIE"


@pytest.mark.parametrize("state", list(HandoverState))
def test_those_who_said_no_are_passed_over_and_those_who_let_it_lapse_without_a_word(session, cast, state):
    case, silent, other = (factories.accepted_case(cast.ana) for _ in range(3))
    for each, answer in ((case, "Non"), (silent, "")):
        session.add(
            Handover(
                case=each,
                partner=partner(session, "VOIRIE"),
                state=state,
                offered_by=cast.ana,
                offered_at=AT,
                answer=answer,
                reason="",
            )
        )
    session.flush()
    it = {partner(session, "VOIRIE").id}
    ended_badly = state in {HandoverState.DECLINED, HandoverState.GIVEN_BACK, HandoverState.EXPIRED}
    assert queries.refusing_partner_ids(case) == (it if ended_badly else set())
    assert queries.refusing_partner_ids(silent) == (it if state is HandoverState.EXPIRED else set())
    assert queries.refusing_partner_ids(other) == set()


@pytest.mark.usefixtures("two_rules")
def test_who_let_an_offer_lapse_is_not_suggested_for_it_again(session, cast):
    case = factories.accepted_case(cast.ana)
    handover = offered(session, cast, case=case)
    handover.move_to(HandoverState.EXPIRED)
    session.flush()
    assert suggested(case) == "MAIRIE"


# --- What closes ---


def test_what_is_finished_and_counts_is_closed_with_the_partners_words(session, cast):
    handover = accepted(session, cast)
    routing.finish_handover(handover, ClosingReason.NOT_POSSIBLE, words="  Propriété privée ", by=cast.lin, at=LATER)
    case = handover.case
    assert (case.state, case.closing_reason, case.closing_note) == (
        CaseState.CLOSED,
        ClosingReason.NOT_POSSIBLE,
        "Propriété privée",
    )
    assert (handover.state, handover.answer, handover.outcome, handover.ended_at) == (
        HandoverState.DONE,
        "Propriété privée",
        ClosingReason.NOT_POSSIBLE,
        LATER,
    )


@pytest.mark.parametrize("in_use", [None, True, False])
def test_what_outreach_finishes_is_closed_only_once_the_place_is_cleared(session, cast, in_use):
    """None: nobody has looked."""
    case = factories.case("DECHET-3", belongings="unknown")
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=AT)
    handover = offered(session, cast, "MARAUDE", case)
    routing.accept_handover(handover, by=cast.noor, at=AT)
    if in_use is not None:
        routing.record_visit(handover, in_use=in_use, on=AT.date(), note="Vu", by=cast.noor, at=AT)
    routing.finish_handover(handover, ClosingReason.HELP_OFFERED, by=cast.noor, at=LATER)
    assert case.works_are_locked is (in_use is not False)
    assert case.state is (CaseState.CLOSED if in_use is False else CaseState.OCCUPANCY_CHECK)
    assert case.is_with_triage is (in_use is not False) and case.holder is None


# --- How long words may be ---


@pytest.mark.parametrize(("length", "refused"), [(0, False), (500, False), (501, True)])
@pytest.mark.parametrize("act", ["hand_over", "finish"])
def test_words_that_need_not_be_there_are_at_most_five_hundred_letters(session, cast, act, length, refused):
    words = "x" * length
    if act == "hand_over":
        case, field = factories.accepted_case(cast.ana), "reason"

        def attempt():
            return routing.hand_over(case, partner(session, "VOIRIE"), reason=words, by=cast.ana, at=AT).reason
    else:
        handover, field = accepted(session, cast), "answer"

        def attempt():
            routing.finish_handover(handover, ClosingReason.DONE, words=words, by=cast.lin, at=AT)
            return handover.answer

    if refused:
        with pytest.raises(Invalid) as too_long:
            attempt()
        assert (too_long.value.field, too_long.value.reason) == (field, "too_long")
    else:
        assert attempt() == words


@pytest.mark.parametrize(
    ("words", "reason"), [("", "missing"), (" \n", "missing"), ("x" * 500, None), ("x" * 501, "too_long")]
)
@pytest.mark.parametrize("act", [routing.decline_handover, routing.give_back])
def test_who_says_no_says_why(session, cast, act, words, reason):
    handover = offered(session, cast) if act is routing.decline_handover else accepted(session, cast)
    if reason is None:
        act(handover, reason=f" {words} ".strip(), by=cast.lin, at=LATER)
        assert (handover.answer, handover.is_standing, handover.ended_at) == (words, False, LATER)
        return
    with pytest.raises(Invalid) as refused:
        act(handover, reason=words, by=cast.lin, at=LATER)
    assert (refused.value.field, refused.value.reason) == ("answer", reason) and handover.is_standing


# --- Who may do what, when ---

STEPS = {
    "accept": routing.accept_handover,
    "start": routing.start_handover,
    "take_back": routing.take_back,
    "stop_works": routing.stop_works,
}


@pytest.mark.parametrize("act", ["accept", "decline", "start", "finish", "give_back", "take_back", "stop_works"])
@pytest.mark.parametrize("state", list(HandoverState))
def test_each_act_leads_where_the_table_of_moves_leads(session, cast, act, state):
    """An act is done from the states whose row of the table of moves names its goal, and refused from all others."""
    leads = {
        "accept": HandoverState.ACCEPTED,
        "decline": HandoverState.DECLINED,
        "start": HandoverState.IN_PROGRESS,
        "finish": HandoverState.DONE,
        "give_back": HandoverState.GIVEN_BACK,
        "take_back": HandoverState.GIVEN_BACK,
        "stop_works": HandoverState.GIVEN_BACK,
    }
    handover = offered(session, cast)
    handover.state = state
    handover.case.state = CaseState.IN_PROGRESS if state is HandoverState.IN_PROGRESS else CaseState.HANDED_OVER
    acts = {
        "finish": lambda: routing.finish_handover(handover, ClosingReason.DONE, by=cast.lin, at=LATER),
        "decline": lambda: routing.decline_handover(handover, reason="Non", by=cast.lin, at=LATER),
        "give_back": lambda: routing.give_back(handover, reason="Non", by=cast.lin, at=LATER),
    }
    is_offered = state is HandoverState.OFFERED
    is_named = not (act == "take_back" and not is_offered) and not (act == "give_back" and is_offered)
    may = leads[act] in HANDOVER_MOVES[state] and is_named

    def attempt():
        acts[act]() if act in acts else STEPS[act](handover, by=cast.lin, at=LATER)

    if may:
        attempt()
        assert handover.state is leads[act]
    else:
        with pytest.raises(MoveRefused):
            attempt()
        assert handover.state is state


def test_what_residents_hear_of_a_handover_and_what_stays_in_the_house(session, cast):
    case = factories.accepted_case(cast.ana)
    routing.take_back(offered(session, cast, case=case), by=cast.ana, at=AT)
    routing.decline_handover(offered(session, cast, case=case), reason="Non", by=cast.lin, at=AT)
    routing.give_back(accepted(session, cast, case=case), reason="Non", by=cast.lin, at=AT)
    handover = accepted(session, cast, case=case)
    routing.start_handover(handover, by=cast.lin, at=AT)
    routing.finish_handover(handover, ClosingReason.DONE, by=cast.lin, at=LATER)
    session.flush()
    told = {
        event.name: event.is_public
        for event in session.scalars(select(Event).where(Event.name.startswith("handover.")))
    }
    assert told == {
        "handover.offered": False,
        "handover.taken_back": False,
        "handover.declined": False,
        "handover.accepted": True,
        "handover.given_back": True,
        "handover.started": True,
        "handover.done": True,
    }
    (done,) = events(session, case, "handover.done")
    assert (done.facts["holder"], done.facts["outcome"], done.facts["handover"]) == (None, "done", handover.id)
    assert done.facts["partner"] == handover.partner_id and done.facts["case"] == case.id
    (started,) = events(session, case, "handover.started")
    assert started.facts["holder"] == handover.partner_id


def test_an_answer_is_due_in_the_partners_hours_or_with_the_case_where_none_are_known(session, cast):
    with_hours, without = (
        offered(session, cast),
        offered(session, cast, "MARAUDE", factories.accepted_case(cast.ana, "SOUCI")),
    )
    written = with_hours.partner.hours
    assert written and not without.partner.hours
    assert (
        with_hours.due_at
        == deadlines.due_at(with_hours.case.priority, AT, hours_text=written)
        != with_hours.case.due_at
    )
    assert without.due_at == without.case.due_at is not None


def test_what_was_suggested_and_followed_is_kept_with_its_rule(session, cast):
    case = factories.accepted_case(cast.ana)
    suggestion = routing.suggest_partner(case, at=AT)
    assert suggestion is not None
    handover = routing.hand_over(case, suggestion.partner, by=cast.ana, at=AT, suggestion=suggestion)
    assert (handover.rule_code, handover.suggested_partner, handover.offered_at) == ("berges", suggestion.partner, AT)
    (event,) = events(session, case, "handover.offered")
    assert event.facts["followed"] is True


def test_nothing_is_expected_of_a_handover_that_nobody_changed(session, cast):
    handover = offered(session, cast)
    session.flush()
    routing.refuse_if_handover_stale(handover, handover.version)


# --- What a partner reads ---


def place_of(handover: Handover) -> Place:
    assert handover.case.place is not None
    return handover.case.place


@pytest.mark.parametrize("standing", [True, False])
@pytest.mark.parametrize("category", ["DECHET-1", "SOUCI"])
def test_once_it_has_ended_only_what_is_public_anyway_still_says_where(session, cast, standing, category):
    answers = {"danger": "no"} if category == "SOUCI" else {"verre": "yes"}
    code = "MARAUDE" if category == "SOUCI" else "VOIRIE"
    handover = accepted(
        session, cast, code, factories.accepted_case(cast.ana, category, answers=answers, place="halle")
    )
    held = seeing.case_in_handover(handover)
    assert held.point == factories.BANK and held.place is not None and held.shows_photos and len(held.answers) == 1
    assert seeing.place_or_sector_name(handover) == place_of(handover).name
    if standing:
        return
    routing.give_back(handover, reason="Non", by=cast.lin, at=LATER)
    ended, secret = seeing.case_in_handover(handover), category == "SOUCI"
    assert ended.shows_photos is False
    assert (ended.point, ended.place) == ((None, None) if secret else (held.point, held.place))
    assert (len(ended.answers), ended.location_precision) == (
        (0, HiddenPoint.SECTOR) if secret else (1, HiddenPoint.EXACT)
    )
    assert seeing.place_or_sector_name(handover) == (handover.case.sector.name if secret else place_of(handover).name)


def test_an_offer_shows_no_photos_yet(session, cast):
    assert not seeing.case_in_handover(offered(session, cast)).shows_photos


@pytest.mark.parametrize("grain", list(HiddenPoint))
def test_a_never_public_place_is_named_in_a_list_only_to_who_may_see_the_spot(session, cast, grain):
    handover = accepted(session, cast, "MARAUDE", factories.accepted_case(cast.ana, "SOUCI", place="halle"))
    handover.partner.hidden_point = grain
    exact = grain is HiddenPoint.EXACT
    assert seeing.place_or_sector_name(handover) == (place_of(handover).name if exact else handover.case.sector.name)
    seen = seeing.case_in_handover(handover)
    assert (seen.place is not None, seen.point == factories.BANK, seen.shows_photos) == (exact, exact, exact)
    assert (seen.point is None) is (grain is HiddenPoint.SECTOR)


def test_what_has_no_place_is_called_by_its_sector(session, cast):
    handover = accepted(session, cast)
    assert (
        seeing.place_or_sector_name(handover) == handover.case.sector.name
        and seeing.case_in_handover(handover).place is None
    )


def test_of_answers_a_partner_reads_those_that_the_category_still_asks(session, cast):
    case = factories.accepted_case(cast.ana, answers={"verre": "yes"})
    observation = case.observations[0]
    observation.answers = {"verre": "yes", "bois": "yes"}
    told = seeing.case_for_partner(partner(session, "VOIRIE"), case)
    assert [answer.fr for _question, answer in told.answers] == ["Oui"] and "verre" in told.answers[0][0].fr
    observation.answers = {"verre": "perhaps"}
    assert seeing.case_for_partner(partner(session, "VOIRIE"), case).answers == []
    assert (told.observation_count, told.is_never_public, told.works_are_locked) == (1, False, False)


# --- What waits for a partner ---


def test_offers_come_before_what_is_in_hand_and_the_pressing_before_the_rest(session, cast):
    calm, pressing = factories.accepted_case(cast.ana, "DECHET-3"), factories.accepted_case(cast.ana, "DECHET-2")
    first = accepted(session, cast, case=factories.accepted_case(cast.ana, "DECHET-2"))
    late, early = offered(session, cast, case=calm), offered(session, cast, case=pressing)
    same = offered(session, cast, case=factories.accepted_case(cast.ana, "DECHET-3"))
    same.offered_at = LATER
    routing.decline_handover(offered(session, cast), reason="Bruit", by=cast.lin, at=AT)
    offered(session, cast, "MAIRIE")
    session.flush()
    assert list(queries.standing_handovers(partner(session, "VOIRIE"))) == [early, late, same, first]


def test_the_handovers_of_a_case_are_read_the_newest_first_and_only_one_stands(session, cast):
    case = factories.accepted_case(cast.ana)
    assert queries.standing_handover(case) is None and queries.handovers_of(case) == []
    old = offered(session, cast, case=case)
    routing.decline_handover(old, reason="Non", by=cast.lin, at=AT)
    assert queries.standing_handover(case) is None
    new = accepted(session, cast, case=case)
    other = offered(session, cast)
    assert queries.handovers_of(case) == [new, old] and queries.standing_handover(case) is new
    assert queries.standing_handover(other.case) is other


def test_rules_in_force_are_asked_in_order_and_retired_ones_not_at_all(session):
    codes = [rule.code for rule in queries.rules_in_force()]
    assert codes == ["occupe", "berges", "calme", "souci", "mercis-sud", "mercis"]
    session.scalars(select(Rule).where(Rule.code == "calme")).one().is_retired = True
    session.scalars(select(Rule).where(Rule.code == "occupe")).one().position = 99
    session.flush()
    assert [rule.code for rule in queries.rules_in_force()] == ["berges", "souci", "mercis-sud", "mercis", "occupe"]


def test_the_latest_cases_are_the_latest(session, cast):
    cases = [factories.case() for _ in range(3)]
    session.flush()
    assert list(queries.latest_cases(2)) == [cases[2], cases[1]]
