"""A case that was closed by a slip of the hand is taken up again by the team, for a reason, and its authors read so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings, Status
from cohab_report.intake.photos import jobs as photo_jobs
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import Photo, PhotoState
from cohab_report.intake.stories.queries import story_of
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseState, ClosingReason
from cohab_report.triage.waiting.models import QueueKind
from tests import factories
from tests.cast import Cast
from tests.factories import MONDAY
from tests.page import Page, checked_page

LATER = MONDAY + timedelta(hours=3)
REOPENED_AT = LATER + timedelta(days=40)
WHY = "Fermé d’une touche de trop : la berge est comme avant."


def closed_case(cast: Cast, reason: ClosingReason = ClosingReason.DONE) -> Case:
    case = factories.accepted_case(cast.ana)
    triage.close(case, reason, by=cast.ana, at=LATER)
    db.session.flush()
    return case


def reopen(case: Case, cast: Cast, reason: str = WHY, **changes) -> None:
    triage.reopen(case, reason=reason, by=cast.bea, **{"at": REOPENED_AT, **changes})


@pytest.mark.parametrize("reason", list(ClosingReason))
def test_whatever_the_outcome_was_the_case_is_open_again_with_a_deadline_from_today(session, cast, reason):
    case = closed_case(cast, reason)
    reopen(case, cast)
    assert (case.state, case.closed_at, case.reopening_reason) == (CaseState.ACCEPTED, None, WHY)
    assert case.due_at == deadlines.due_at(case.priority, REOPENED_AT)
    assert case.observations[0].status is Status.TAKEN_UP
    assert case.links and case.counts_toward_the_plan, "what it counts toward was decided before"
    triage.close(case, ClosingReason.NOTHING_FOUND, by=cast.ana, at=REOPENED_AT)
    assert case.closing_reason is ClosingReason.NOTHING_FOUND


def test_a_case_that_nobody_had_read_before_it_was_closed_is_to_be_read_again(session, cast):
    case = factories.case()
    triage.mark_out_of_plan(case, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.OUTSIDE_MANDATE, by=cast.ana, at=LATER)
    reopen(case, cast)
    assert (case.state, case.observations[0].status) == (CaseState.NEW, Status.RECEIVED)
    assert case.observations[0].published_at is None


def test_a_place_where_somebody_may_live_is_checked_before_anything_else(session, cast):
    case = factories.case(belongings=Belongings.YES)
    triage.mark_out_of_plan(case, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.HELP_OFFERED, by=cast.ana, at=LATER)
    reopen(case, cast)
    assert (case.state, case.queue.kind) == (CaseState.OCCUPANCY_CHECK, QueueKind.OCCUPANCY)
    works, outreach = (
        session.scalars(select(Partner).where(Partner.code == code)).one() for code in ("VOIRIE", "MARAUDE")
    )
    with pytest.raises(Invalid):
        routing.hand_over(case, works, by=cast.ana, at=REOPENED_AT)
    assert routing.hand_over(case, outreach, by=cast.ana, at=REOPENED_AT).is_standing


def test_what_an_author_asks_to_look_at_again_may_go_to_outreach_at_once_where_somebody_may_live(session, cast):
    case = factories.case(belongings=Belongings.YES)
    triage.mark_out_of_plan(case, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.HELP_OFFERED, by=cast.ana, at=LATER)
    session.flush()
    intake.request_reopening(case.observations[0], at=LATER)
    outreach = session.scalars(select(Partner).where(Partner.code == "MARAUDE")).one()
    assert routing.hand_over(case, outreach, by=cast.ana, at=LATER).is_standing


def test_works_are_stopped_even_where_an_author_asked_to_look_again(session, cast):
    case = closed_case(cast)
    intake.request_reopening(case.observations[0], at=LATER)
    triage.request_occupancy_check(case, by=cast.ana, at=LATER)
    assert (case.state, case.works_are_locked) == (CaseState.OCCUPANCY_CHECK, True)


@pytest.mark.parametrize(("length", "reason"), [(0, "missing"), (1, None), (500, None), (501, "too_long")])
def test_the_reason_is_said_and_not_at_length(session, cast, length, reason):
    case = closed_case(cast)
    if reason is None:
        reopen(case, cast, "x" * length + " \n")
        assert case.is_open and case.reopening_reason == "x" * length
        return
    with pytest.raises(Invalid) as refused:
        reopen(case, cast, "x" * length)
    assert (refused.value.field, refused.value.reason, case.state) == ("reason", reason, CaseState.CLOSED)


def test_only_what_is_closed_is_taken_up_again(session, cast):
    merged, into = factories.case(), factories.case()
    triage.merge(merged, into=into, by=cast.ana, at=LATER)
    for case, why in ((merged, "merged"), (into, "open")):
        before = case.state.value
        with pytest.raises(MoveRefused) as refused:
            reopen(case, cast)
        assert (refused.value.noun, refused.value.state, refused.value.target, refused.value.why) == (
            "case",
            before,
            "reopen",
            why,
        )
    assert (merged.state, into.state) == (CaseState.MERGED, CaseState.NEW)


def test_what_was_withdrawn_stays_withdrawn(session, cast):
    case, other = factories.accepted_case(cast.ana), factories.accepted_case(cast.ana)
    triage.merge(other, into=case, by=cast.ana, at=LATER)
    withdrawn, kept = case.observations
    intake.withdraw(withdrawn, at=LATER)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    reopen(case, cast)
    assert (withdrawn.status, kept.status) == (Status.WITHDRAWN, Status.TAKEN_UP)
    assert (withdrawn.exact_point, withdrawn.is_public) == (None, False)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=REOPENED_AT)
    intake.withdraw(kept, at=REOPENED_AT)
    with pytest.raises(MoveRefused) as refused:
        reopen(case, cast)
    assert (refused.value.why, case.state) == ("all_withdrawn", CaseState.CLOSED)


def test_authors_read_that_the_team_looks_again_and_may_answer_once_it_is_closed_anew(session, cast):
    case = closed_case(cast)
    observation = case.observations[0]
    reopen(case, cast)
    session.flush()
    told = story_of(observation)
    assert [event.name for event in told.events][:2] == ["case.reopened", "case.closed"]
    with pytest.raises(MoveRefused):
        intake.request_reopening(observation, at=REOPENED_AT)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=REOPENED_AT + timedelta(days=1))
    session.flush()
    intake.request_reopening(observation, at=REOPENED_AT + timedelta(days=31))
    assert case.state is CaseState.REOPEN_REQUESTED


def test_the_journal_has_the_act_and_not_its_words(session, cast):
    case = closed_case(cast)
    reopen(case, cast)
    session.flush()
    event = next(event for event in journal.history(case.reference) if event.name == "case.reopened")
    assert (event.actor, event.is_public) == (cast.bea.journal_name, True)
    assert event.facts == {"case": case.id, "version": case.version}


# --- Photos ---


def test_photos_are_kept_while_it_is_open_and_thirty_days_after_it_is_closed_again(session, cast):
    case = factories.accepted_case(cast.ana)
    photo = waiting_photo(case)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    reopen(case, cast, at=LATER + timedelta(days=29))
    session.flush()
    assert photo_jobs.delete_expired_photos(at=LATER + timedelta(days=31)) == 0
    closed_again = LATER + timedelta(days=50)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=closed_again)
    session.flush()
    assert photo_jobs.delete_expired_photos(at=closed_again + timedelta(days=30)) == 0
    assert photo_jobs.delete_expired_photos(at=closed_again + timedelta(days=30, minutes=1)) == 1
    assert photo.state is PhotoState.DROPPED
    reopen(case, cast, at=closed_again + timedelta(days=31))
    assert photo.state is PhotoState.DROPPED, "what was destroyed stays destroyed"


def waiting_photo(case: Case) -> Photo:
    observation = case.observations[0]
    original = photos.EncryptedOriginal(f"incoming/reopening{observation.id}", "key", "digest")
    photo = photos.receive_photo(observation, original, at=MONDAY)
    number = observation.id
    photos.attach_pictures(photo, f"photos/again{number}", f"photos/small{number}", width=8, height=6)
    return photo


# --- On the pages ---


def closed_now(cast: Cast) -> Case:
    case = factories.accepted_case(cast.ana, at=now())
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=now())
    return case


def test_reopen_case_asks_why_and_says_what_it_does(page: Page, cast: Cast) -> None:
    case = closed_now(cast)
    shown = page.get("triage.case", as_=cast.ana, reference=case.reference)
    assert "regarde de nouveau" in shown.xpath("string(//aside[@id='actes'])")
    refused = checked_page(page.submit(shown, {"reopen-reason": "  "}, action="/rouvrir", status=422).text)
    assert "Écrivez pourquoi." in refused.xpath("string(//*[@id='reopen-reason-error'])")
    page.submit(shown, {"reopen-reason": WHY}, action="/rouvrir")
    again = page.get("triage.case", as_=cast.ana, reference=case.reference)
    assert WHY in again.text_content() and "Dossier rouvert par l’équipe de tri" in again.text_content()
    assert queries.case_or_refuse(case.reference).state is CaseState.ACCEPTED
    assert not [form for form in again.forms if (form.action or "").endswith("/rouvrir")]


def test_reopen_case_twice_changes_it_once(page: Page, cast: Cast) -> None:
    case = closed_now(cast)
    shown = page.get("triage.case", as_=cast.ana, reference=case.reference)
    page.submit(shown, {"reopen-reason": WHY}, action="/rouvrir")
    again = page.submit(shown, {"reopen-reason": WHY}, action="/rouvrir", status=409)
    assert "Dossier rouvert" in again.text and WHY in again.text, "what was typed is given back"


def test_a_merged_case_says_where_its_observations_went_instead(page: Page, cast: Cast) -> None:
    case, into = factories.case(), factories.case()
    triage.merge(case, into=into, by=cast.ana, at=now())
    shown = page.get("triage.case", as_=cast.ana, reference=case.reference)
    assert not [form for form in shown.forms if (form.action or "").endswith("/rouvrir")]
    values = {"version": queries.case_or_refuse(case.reference).version, "reopen-reason": WHY}
    answer = page.post(f"/tri/dossiers/{case.reference}/rouvrir", values, as_=cast.ana, status=409)
    assert "fusionné dans un autre" in answer.text


def test_follow_page_tells_its_author_that_it_was_taken_up_again(page: Page, cast: Cast) -> None:
    case = closed_now(cast)
    code = factories.code_of(case.observations[0])
    triage.reopen(case, reason=WHY, by=cast.bea, at=now())
    page.post("/suivi", {"code": code})
    followed = page.get("resident.follow").text_content()
    assert "Le dossier est rouvert" in followed and "Pris en charge" in followed
    assert "Le dossier est fermé." not in followed and WHY not in followed
