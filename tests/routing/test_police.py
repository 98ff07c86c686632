"""A case reaches the police by one act alone: on a legal ground, for a reason, confirmed twice, and counted."""

from datetime import timedelta
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.insight.publishing.queries import police_transfers
from cohab_report.intake.models import Belongings
from cohab_report.journal import Event
from cohab_report.notify import operations as notify
from cohab_report.notify.models import Delivery
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing import queries
from cohab_report.routing.models import Handover
from cohab_report.routing.police import rules as police
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories

AT = factories.MONDAY
REASON = "Menace écrite sur le mur, lue par deux personnes de l’équipe."


def partner(session, code: str) -> Partner:
    found: Partner = session.scalars(select(Partner).where(Partner.code == code)).one()
    return found


def transfer(session, cast, case: Case, *, to: str = "GARDE", reason: str = REASON, ground: str = "DANGER") -> Handover:
    found = queries.legal_ground_or_refuse(ground)
    return routing.transfer_to_police(
        case, partner(session, to), ground=found, reason=reason, by=cast.ana, at=AT + timedelta(hours=1)
    )


def test_the_ordinary_handover_never_reaches_the_police_whatever_the_reason(session, cast):
    for case in (
        factories.accepted_case(cast.ana, "LIEU-1"),
        factories.case("DECHET-3", belongings="yes"),
        factories.accepted_case(cast.ana, "BIEN-1"),
    ):
        for reason in ("", "x", REASON):
            with pytest.raises(Invalid) as refused:
                routing.hand_over(case, partner(session, "GARDE"), reason=reason, by=cast.ana, at=AT)
            assert (refused.value.field, refused.value.reason) == ("partner", "police")


def test_a_transfer_has_an_event_of_its_own_and_is_counted(session, cast):
    case = factories.accepted_case(cast.ana, "LIEU-1")
    handover = transfer(session, cast, case)
    assert handover.legal_ground is not None
    assert (handover.reason, handover.legal_ground.code, handover.rule_code) == (REASON, "DANGER", "")
    (event,) = session.scalars(select(Event).where(Event.name == "police.transferred"))
    assert event.facts["ground"] == "DANGER" and "Menace" not in str(event.facts) and not event.is_public
    assert not session.scalars(select(Event).where(Event.name == "handover.offered")).all()
    assert police_transfers(AT, AT + timedelta(days=1)) == 1
    assert police_transfers(AT - timedelta(days=1), AT) == 0
    notify.fan_out(event, at=AT)
    assert session.scalars(select(Delivery.recipient)).all() == [f"partner:{handover.partner_id}"]


@pytest.mark.parametrize(
    ("reason", "why"),
    [("", "missing"), ("x", "too_short"), ("a" * 19, "too_short"), ("a" + " " * 30 + "b", "too_short")],
)
def test_the_reason_is_written_out(session, cast, reason, why):
    case = factories.accepted_case(cast.ana, "LIEU-1")
    with pytest.raises(Invalid) as refused:
        transfer(session, cast, case, reason=reason)
    assert (refused.value.field, refused.value.reason) == ("reason", why)
    assert transfer(session, cast, case, reason="a" * 20).is_standing


def test_thanks_never_reach_the_police(session, cast):
    with pytest.raises(MoveRefused) as refused:
        transfer(session, cast, factories.accepted_case(cast.ana, "BIEN-1"))
    assert refused.value.why == "police_thanks"


def test_a_worry_about_someone_never_reaches_the_police_as_its_author_was_told(session, cast):
    with pytest.raises(MoveRefused) as refused:
        transfer(session, cast, factories.accepted_case(cast.ana, "SOUCI"))
    assert refused.value.why == "police_concern"


def test_where_somebody_may_live_outreach_has_looked_before_and_since_the_last_doubt(session, cast):
    case = factories.case("DECHET-3", belongings=Belongings.YES)
    with pytest.raises(MoveRefused) as refused:
        transfer(session, cast, case)
    assert refused.value.why == "police_locked"
    triage.record_occupancy(case, in_use=True, on=AT.date(), note="Une tente", by=cast.noor, at=AT)
    triage.request_occupancy_check(case, by=cast.ana, at=AT)
    with pytest.raises(MoveRefused):
        transfer(session, cast, case)
    triage.record_occupancy(case, in_use=True, on=AT.date(), note="Une tente", by=cast.noor, at=AT)
    assert transfer(session, cast, case).is_standing and case.works_are_locked


def accepted(session, cast, category: str) -> Case:
    return factories.accepted_case(cast.ana, category)


def held_by_a_partner(session, cast, category: str) -> Case:
    case = accepted(session, cast, category)
    routing.hand_over(case, partner(session, "MAIRIE"), by=cast.ana, at=AT)
    return case


def closed(session, cast, category: str) -> Case:
    case = accepted(session, cast, category)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=AT)
    return case


@pytest.mark.parametrize(
    ("begin", "category", "state", "why"),
    [
        (accepted, "BIEN-1", CaseState.ACCEPTED, "police_thanks"),
        (accepted, "SOUCI", CaseState.ACCEPTED, "police_concern"),
        (lambda _session, _cast, category: factories.case(category), "LIEU-1", CaseState.NEW, "police_new"),
        (held_by_a_partner, "LIEU-1", CaseState.HANDED_OVER, "held"),
        (closed, "LIEU-1", CaseState.CLOSED, "over"),
    ],
)
def test_a_refused_transfer_says_which_case_in_which_state_and_leaves_nothing(
    session, cast, begin, category, state, why
):
    case = begin(session, cast, category)
    before = len(session.scalars(select(Handover)).all())
    with pytest.raises(MoveRefused) as refused:
        transfer(session, cast, case)
    assert (refused.value.noun, refused.value.state, refused.value.target) == ("case", state.value, "handed_over")
    assert (refused.value.why, case.state) == (why, state)
    assert len(session.scalars(select(Handover)).all()) == before
    assert not session.scalars(select(Event).where(Event.name == "police.transferred")).all()


def test_no_other_partner_is_reached_this_way_and_no_ground_that_is_not_in_force(session, cast):
    case = factories.accepted_case(cast.ana, "LIEU-1")
    with pytest.raises(Invalid) as refused:
        transfer(session, cast, case, to="VOIRIE")
    assert (refused.value.field, refused.value.reason) == ("partner", "unknown")
    ground = queries.legal_ground_or_refuse("DANGER")
    ground.is_retired = True
    with pytest.raises(Invalid) as retired:
        routing.transfer_to_police(
            case, partner(session, "GARDE"), ground=ground, reason=REASON, by=cast.ana, at=AT + timedelta(hours=1)
        )
    assert (retired.value.field, retired.value.reason) == ("ground", "unknown")


@given(st.text(alphabet=st.sampled_from("ab \n\t\u00a0"), max_size=60))
def test_only_written_characters_count(typed):
    words = typed.split()
    assert police.is_long_enough(typed) == (len(" ".join(words)) >= 20)


# Its page


def address_of(case: Case) -> str:
    return f"/tri/dossiers/{case.reference}/police"


def filled_in(**changes: str) -> dict[str, Any]:
    values = {"police-ground": "DANGER", "police-reason": REASON, "police-understood": "y"}
    return values | {name.replace("_", "-"): value for name, value in changes.items()}


def reviewed(page, cast, case):
    """Fills in the first page and returns the second."""
    shown = page.visit(address_of(case), as_=cast.ana)
    answer = page.submit(shown, filled_in(), action="/police", as_=cast.ana, status=200)
    return lxml.html.fromstring(answer.text)


def standing(session, case: Case) -> Handover | None:
    session.expire_all()
    return queries.standing_handover(case)


def test_police_is_a_page_of_its_own_and_stands_in_no_list_of_partners(page, cast, session):
    case = factories.accepted_case(cast.ana, "LIEU-1", at=now())
    shown = page.get("triage.case", reference=case.reference, as_=cast.ana)
    assert "GARDE" not in shown.xpath("//select[@id='partner-partner']/option/@value")
    assert shown.xpath(f"//a[@href='{address_of(case)}']")
    act = page.visit(address_of(case), as_=cast.ana)
    words = " ".join(act.text_content().split())
    for said in ("Garde de ville", "Loi sur la garde", "art. 4", "comité", "911"):
        assert said in words
    assert not act.xpath("//*[@data-key]"), "no key presses it"


def test_police_asks_twice_and_a_second_post_of_the_same_page_does_nothing(page, cast, session):
    case = factories.accepted_case(cast.ana, "LIEU-1", at=now())
    review = reviewed(page, cast, case)
    assert standing(session, case) is None, "nothing has happened before the second page"
    assert REASON in review.text_content()
    page.submit(review, {}, action="/police/confirmer", as_=cast.ana, status=422)
    assert standing(session, case) is None
    page.submit(review, {"confirm-sure": "y"}, action="/police/confirmer", as_=cast.ana)
    page.submit(review, {"confirm-sure": "y"}, action="/police/confirmer", as_=cast.ana, status=409)
    assert len(session.scalars(select(Event).where(Event.name == "police.transferred")).all()) == 1


def test_police_is_not_reached_by_a_post_that_skips_the_first_page_or_changes_what_was_read(page, cast, session):
    case = factories.accepted_case(cast.ana, "LIEU-1", at=now())
    values = {"version": case.version, "confirm-ground": "DANGER", "confirm-reason": REASON}
    values |= {"confirm-partner": "GARDE", "confirm-sure": "y"}
    for proof in ("", "x", "e30.x"):
        page.post(f"{address_of(case)}/confirmer", {**values, "confirm-proof": proof}, as_=cast.ana, status=422)
    review = reviewed(page, cast, case)
    other = {"confirm-reason": "Une tout autre raison, que personne n’a relue.", "confirm-sure": "y"}
    page.submit(review, other, action="/police/confirmer", as_=cast.ana, status=422)
    page.submit(review, {"confirm-sure": "y"}, action="/police/confirmer", as_=cast.bea, status=422)
    assert standing(session, case) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"police_ground": ""}, "police-ground"),
        ({"police_ground": "AUTRE"}, "police-ground"),
        ({"police_reason": "x"}, "police-reason"),
        ({"police_reason": "a" * 501}, "police-reason"),
        ({"police_understood": ""}, "police-understood"),
    ],
)
def test_police_says_beside_the_field_what_is_missing_and_keeps_what_was_typed(page, cast, changes, field):
    case = factories.accepted_case(cast.ana, "LIEU-1", at=now())
    shown = page.visit(address_of(case), as_=cast.ana)
    answer = page.submit(shown, filled_in(**changes), action="/police", as_=cast.ana, status=422)
    found = lxml.html.fromstring(answer.text)
    assert found.xpath(f"//*[@id='{field}-error']")
    assert found.xpath("string(//*[@id='police-reason'])").strip() == changes.get("police_reason", REASON)


@pytest.mark.parametrize("code", ["BIEN-1", "DECHET-3"])
def test_police_says_why_not_and_offers_no_form(page, cast, session, code):
    belongings = Belongings.UNKNOWN if code == "DECHET-3" else Belongings.NOT_ASKED
    case = factories.case(code, at=now(), belongings=belongings)
    found = page.get("triage.case", reference=case.reference, as_=cast.ana)
    assert not found.xpath(f"//a[@href='{address_of(case)}']")
    act = page.visit(address_of(case), as_=cast.ana)
    assert not act.xpath("//form[contains(@action, '/police')]")
    values = filled_in() | {"version": case.version, "police-partner": "GARDE"}
    page.post(address_of(case), values, as_=cast.ana, status=409)
    assert standing(session, case) is None


def test_hand_over_by_a_direct_post_to_the_police_is_refused_with_words(page, cast, session):
    case = factories.accepted_case(cast.ana, "LIEU-1", at=now())
    values = {"version": case.version, "partner-partner": "GARDE", "partner-reason": REASON}
    answer = page.post(f"/tri/dossiers/{case.reference}/transmettre", values, as_=cast.ana, status=422)
    (error,) = lxml.html.fromstring(answer.text).xpath("//*[@id='partner-partner-error']")
    assert "sa propre page" in error.text_content() and REASON in answer.text
    assert standing(session, case) is None


def test_police_is_for_triage_only(page, cast):
    case = factories.accepted_case(cast.ana, "LIEU-1", at=now())
    for person in (cast.lin, cast.omar, cast.charlie, cast.gus):
        page.visit(address_of(case), as_=person, status=403)
