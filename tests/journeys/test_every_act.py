"""Every act of the team and of a partner, posted in every state: it does what it says, or is refused with words.

The tables below say which; a new route of theirs without a row turns the last test red.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake.models import Belongings
from cohab_report.intake.photos import operations as photos
from cohab_report.journal import Event
from cohab_report.partners.models import Person
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.triage import operations as triage
from cohab_report.triage.captions import MOVE_REFUSAL_CAPTIONS
from cohab_report.triage.models import OPEN_STATES, Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.journeys.cases_by_state import CASES, accepted, partner
from tests.page import Page, checked_page
from tests.stored_rows import stored_rows

WITH_TRIAGE = {CaseState.NEW, CaseState.OCCUPANCY_CHECK, CaseState.ACCEPTED, CaseState.REOPEN_REQUESTED}
HELD = {CaseState.HANDED_OVER, CaseState.IN_PROGRESS}
LINKED = {CaseState.ACCEPTED, *HELD, CaseState.REOPEN_REQUESTED}
"""States in which the made-up case already counts toward an action."""


def event_count(by: Person) -> int:
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.actor == by.journal_name)) or 0


@dataclass(frozen=True)
class Act:
    """An act on a case: in which states it is done, what is typed for it, what else is in its address."""

    done_in: set[CaseState]
    typed: Callable[[Case], dict[str, Any]] = lambda case: {}
    values: Callable[[Case], dict[str, Any]] = lambda case: {}
    before: Callable[[Case, Cast], None] = lambda case, cast: None
    not_in: set[CaseState] = field(default_factory=set)
    """States in which there is nothing to post it about."""


def visit(case: Case) -> dict[str, Any]:
    return {"occupancy-seen": "cleared", "occupancy-on": now().date().isoformat(), "occupancy-note": "Rien"}


def receiver(case: Case) -> dict[str, Any]:
    return {"partner-partner": "MARAUDE" if case.works_are_locked else "VOIRIE", "partner-reason": "Au plus près"}


def claim(case: Case, cast: Cast) -> None:
    if case.is_open:
        triage.claim_case(case, by=cast.ana, at=now())


def send_photo(case: Case, cast: Cast) -> None:
    observation = sent_by(case)
    photo = photos.receive_photo(observation, photos.EncryptedOriginal(f"incoming/{case.id}", "k", "d"), at=now())
    photos.attach_pictures(photo, f"photos/{case.id}", f"photos/small{case.id}", width=8, height=6)
    photo.reference = f"photo-of-{case.reference}"


def sent_by(case: Case) -> Any:
    """Returns the observation that opened the case, wherever it is now."""
    return next(each for each in (case.merged_into or case).observations if each.reference == case.reference)


def photo_of(case: Case) -> dict[str, Any]:
    return {"photo": f"photo-of-{case.reference}"}


def suggested(case: Case) -> dict[str, Any]:
    return {"action": case.links[0].action.code}


OPEN: set[CaseState] = set(OPEN_STATES)
ALL = set(CaseState)
PHOTO_ACT: Any = {"values": photo_of, "before": send_photo, "not_in": {CaseState.OCCUPANCY_CHECK}}
CASE_ACTS: Mapping[str, Act] = {
    "triage.claim_case": Act(OPEN),
    "triage.release_case": Act(OPEN, before=claim),
    "triage.accept": Act({CaseState.NEW, CaseState.REOPEN_REQUESTED}),
    "triage.request_occupancy_check": Act(WITH_TRIAGE),
    "triage.mark_out_of_plan": Act(OPEN - LINKED),
    "triage.confirm_link": Act(OPEN, values=suggested),
    "triage.reject_link": Act(OPEN, values=suggested),
    "triage.add_link": Act(OPEN, lambda case: {"link-action": "TOI-2"}),
    "triage.recode": Act(WITH_TRIAGE, lambda case: {"recode-category": "DECHET-3", "recode-reason": "Un divan"}),
    "triage.record_occupancy": Act({CaseState.OCCUPANCY_CHECK}, visit),
    "triage.merge": Act(WITH_TRIAGE, lambda case: {"merge-into": factories.case(at=now()).reference}),
    "triage.close": Act(WITH_TRIAGE & LINKED, lambda case: {"close-reason": "done"}),
    "triage.reopen": Act({CaseState.CLOSED}, lambda case: {"reopen-reason": "Fermé trop vite"}),
    "triage.ask_author": Act(OPEN, lambda case: {"ask-author": case.reference, "ask-question": "Quel côté du banc ?"}),
    "triage.approve_photo": Act(ALL - {CaseState.MERGED}, **PHOTO_ACT),
    "triage.reject_photo": Act(ALL - {CaseState.MERGED}, lambda case: {"reason": "other"}, **PHOTO_ACT),
    "partner_panel.hand_over": Act(WITH_TRIAGE - {CaseState.NEW}, receiver),
    "partner_panel.take_back": Act({CaseState.HANDED_OVER}),
    "partner_panel.stop_works": Act(HELD),
}
NO_ACT_ON_A_CASE = {"triage.queue", "triage.share_filter", "triage.unshare_filter", "triage.delete_filter"}
"""What a person keeps for herself: saved filters."""


def post(page: Page, endpoint: str, typed: Mapping[str, Any], person: Person, **values: Any) -> TestResponse:
    with page.app.test_request_context():
        address = url_for(endpoint, **values)
    data = {"csrf_token": page.token(), **typed}
    return page._ask("POST", address, as_=person, data=data)


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("endpoint", list(CASE_ACTS))
def test_each_act_on_a_case_in_each_state(page: Page, cast: Cast, endpoint: str, state: CaseState) -> None:
    act = CASE_ACTS[endpoint]
    if state in act.not_in:
        return
    case = CASES[state](cast)
    assert case.state is state
    act.before(case, cast)
    values, typed = {"reference": case.reference, **act.values(case)}, act.typed(case)
    db.session.commit()
    before, count = stored_rows(), event_count(cast.ana)
    answer = post(page, endpoint, {"version": case.version, **typed}, cast.ana, **values)
    if state in act.done_in:
        assert answer.status_code == 303, answer.text[:3000]
        assert event_count(cast.ana) > count, "what was done is not in the journal"
        return
    assert answer.status_code in (409, 422), answer.status_code
    assert stored_rows() == before
    assert words_of_refusal(answer)


def words_of_refusal(answer: TestResponse) -> str:
    """Returns why an act was refused: beside its field, or as one of the sentences that say which state stands in the
    way; empty where the page says no more than that something changed.
    """
    shown = checked_page(answer.text)
    if answer.status_code == 422:
        return " ".join(shown.xpath("string(//*[@id='erreurs']//ul)").split())
    lead = shown.xpath("string(//p[@class='lead'])")
    return lead if lead in {str(words) for words in MOVE_REFUSAL_CAPTIONS.values()} else ""


# --- The police, whose act has two pages ---

POLICE_ACTS = {"police.review", "police.confirm"}
POLICE = {"police-ground": "DANGER", "police-reason": "Une menace écrite, signalée au poste", "police-understood": "y"}
READ = {"confirm-partner": "GARDE", "confirm-ground": "DANGER", "confirm-reason": POLICE["police-reason"]}


@pytest.mark.parametrize("state", list(CaseState))
def test_a_transfer_to_the_police_in_each_state(page: Page, cast: Cast, state: CaseState) -> None:
    case = CASES[state](cast)
    db.session.commit()
    before, count, typed = stored_rows(), event_count(cast.ana), {"version": case.version}
    review = post(
        page, "police.review", {**POLICE, "police-partner": "GARDE", **typed}, cast.ana, reference=case.reference
    )
    assert stored_rows() == before, "the first page changes nothing"
    if state in {CaseState.ACCEPTED, CaseState.REOPEN_REQUESTED}:
        page.submit(checked_page(review.text), {"confirm-sure": "y"}, action="/police/confirmer", as_=cast.ana)
        assert event_count(cast.ana) == count + 1
        return
    assert review.status_code == 409 and words_of_refusal(review)
    forged = {**READ, **typed, "confirm-sure": "y", "confirm-proof": "x"}
    answer = post(page, "police.confirm", forged, cast.ana, reference=case.reference)
    assert answer.status_code == 422 and stored_rows() == before
    assert checked_page(answer.text).xpath("//*[@id='erreurs' or contains(@class, 'notice')]")


# --- Handovers, one in each state ---


def handover_in(state: HandoverState, cast: Cast, person: Person) -> Handover:
    """Returns a handover of a place to check (to outreach) or of litter (to works) in this state."""
    is_outreach = person is cast.noor
    case = factories.case(at=now(), belongings=Belongings.YES) if is_outreach else accepted(cast)
    handover = routing.hand_over(case, partner("MARAUDE" if is_outreach else "VOIRIE"), by=cast.ana, at=now())
    if state in (HandoverState.DECLINED, HandoverState.EXPIRED):
        routing.decline_handover(handover, reason="Non", by=person, at=now())
        handover.state = state
    elif state is not HandoverState.OFFERED:
        routing.accept_handover(handover, by=person, at=now())
        later: Mapping[HandoverState, Callable[[], None]] = {
            HandoverState.IN_PROGRESS: lambda: routing.start_handover(handover, by=person, at=now()),
            HandoverState.DONE: lambda: routing.finish_handover(
                handover, ClosingReason.DONE, by=person, at=now() + timedelta(minutes=1)
            ),
            HandoverState.GIVEN_BACK: lambda: routing.give_back(handover, reason="Non", by=person, at=now()),
        }
        later.get(state, lambda: None)()
    db.session.flush()
    assert handover.state is state
    return handover


HOLDING = {HandoverState.ACCEPTED, HandoverState.IN_PROGRESS}
HANDOVER_ACTS: Mapping[str, tuple[str, set[HandoverState], dict[str, str]]] = {
    "partner.accept_handover": ("accept", {HandoverState.OFFERED}, {}),
    "partner.decline_handover": ("decline", {HandoverState.OFFERED}, {"answer": "Trop haut"}),
    "partner.start_handover": ("start", {HandoverState.ACCEPTED}, {}),
    "partner.finish_handover": ("finish", HOLDING, {"outcome": "done", "answer": "Vidé"}),
    "partner.give_back": ("give_back", HOLDING, {"answer": "Il faut une grue"}),
    "partner.record_visit": ("record_visit", HOLDING, {"seen": "cleared", "note": "Rien"}),
}


@pytest.mark.parametrize("state", list(HandoverState))
@pytest.mark.parametrize("endpoint", list(HANDOVER_ACTS))
def test_each_act_on_a_handover_in_each_state(page: Page, cast: Cast, endpoint: str, state: HandoverState) -> None:
    name, done_in, typed = HANDOVER_ACTS[endpoint]
    person = cast.noor if endpoint == "partner.record_visit" else cast.lin
    handover = handover_in(state, cast, person)
    db.session.commit()
    values = {f"{name}-{key}": value for key, value in {**typed, "version": str(handover.version)}.items()}
    if endpoint == "partner.record_visit":
        values["record_visit-on"] = now().date().isoformat()
    before, count = stored_rows(), event_count(person)
    answer = post(page, endpoint, values, person, number=handover.id)
    if state in done_in:
        assert answer.status_code == 303, answer.text[:3000]
        assert event_count(person) > count, "what was done is not in the journal"
        return
    assert answer.status_code == 409
    assert stored_rows() == before
    said = checked_page(answer.text).text_content()
    assert "Rien n’a été modifié" in said
    if state is HandoverState.OFFERED:
        assert "Acceptez d’abord" in said and "a changé entre-temps" not in said, "an offer is no change"


# --- What is not silently done ---


def test_nobody_releases_a_case_that_nobody_has_claimed(page: Page, cast: Cast) -> None:
    case = accepted(cast)
    db.session.commit()
    answer = post(page, "triage.release_case", {"version": case.version}, cast.ana, reference=case.reference)
    assert answer.status_code == 409 and "Personne n’a pris ce dossier." in answer.text


def test_nobody_releases_what_somebody_else_works_on_since_lately(page: Page, cast: Cast) -> None:
    case = accepted(cast)
    triage.claim_case(case, by=cast.bea, at=now())
    db.session.commit()
    answer = post(page, "triage.release_case", {"version": case.version}, cast.ana, reference=case.reference)
    assert answer.status_code == 409 and "Une autre personne de l’équipe" in answer.text
    assert db.session.get_one(Case, case.id).claimed_by_id == cast.bea.id


def test_an_act_that_only_a_partner_without_works_could_end_says_so(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, "SOUCI", at=now())
    routing.hand_over(case, partner("MARAUDE"), by=cast.ana, at=now())
    db.session.commit()
    answer = post(page, "partner_panel.stop_works", {"version": case.version}, cast.ana, reference=case.reference)
    assert answer.status_code == 409 and "ne fait pas de travaux" in answer.text


def test_every_act_has_its_row(app: Flask, session: Session) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())}
    acts = {name for name in posts if name.split(".")[0] in {"triage", "partner_panel", "police", "partner"}}
    assert acts == {*CASE_ACTS, *POLICE_ACTS, *HANDOVER_ACTS, *NO_ACT_ON_A_CASE}
