"""Each event of the house is recorded by the act that it tells of, with its facts, its thread and who did it.

One story for each noun, on both databases. An act that no longer records its event turns its story red; an event
without a story turns the last test red.
"""

import ast
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report import create_app, journal
from cohab_report.admin.event_overview import product_events
from cohab_report.backup import events as backup_events
from cohab_report.backup import operations as backups
from cohab_report.catalogue.models import Category, Protection
from cohab_report.cities import events as cities
from cohab_report.cities.loader import load_boundary, load_profile
from cohab_report.cities.site_protection import protect_sites
from cohab_report.clock import now
from cohab_report.db import Words, db
from cohab_report.insight import operations as monthly
from cohab_report.insight.publishing import events as publishing_events
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.quarters import Quarter
from cohab_report.intake import events as intake_events
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import events as contact_events
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Ending
from cohab_report.intake.editions import events as edition_events
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.inquiries import events as inquiry_events
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.photos import events as photo_events
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import Photo, PhotoReason
from cohab_report.intake.stories.queries import story_of
from cohab_report.jobs import events as job_events
from cohab_report.jobs import put_events_back
from cohab_report.journal import Event, JournalEvent
from cohab_report.notify import events as notify_events
from cohab_report.notify import operations as notify
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.partners import events as partner_events
from cohab_report.partners import operations as accounts
from cohab_report.partners import passwords
from cohab_report.partners.models import Partner, Person, Role
from cohab_report.plan import events as plan_events
from cohab_report.plan.operations import export_actions, import_actions
from cohab_report.routing import events as routing_events
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as routing_queries
from cohab_report.routing.models import Handover
from cohab_report.territory.models import ProtectedSite
from cohab_report.triage import events as triage_events
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_for
from tests.page import Page

AT = factories.MONDAY
RIVEBELLE = Path(__file__).parents[1] / "cities" / "rivebelle"


def recorded(expected: JournalEvent, by: journal.Actor) -> None:
    """Asserts that the journal's latest event of this name is exactly this one, by this actor."""
    db.session.flush()
    row = db.session.scalars(select(Event).where(Event.name == expected.name).order_by(Event.id.desc())).first()
    assert row is not None, f"{expected.name} was not recorded"
    assert (row.thread, row.actor, row.facts) == (expected.thread, by.journal_name, expected.facts())
    assert row.is_public is expected.is_public


def about(case: Case) -> dict[str, int]:
    """Returns the facts that every event of this case has now."""
    db.session.flush()
    return {"case": case.id, "version": case.version}


def partner(code: str) -> Partner:
    return db.session.scalars(select(Partner).where(Partner.code == code)).one()


def category(code: str) -> Category:
    return db.session.scalars(select(Category).where(Category.code == code)).one()


def test_an_observation_is_received_rated_redacted_and_withdrawn(cast: Cast) -> None:
    first = factories.accepted_case(cast.ana)
    observation = first.observations[0]
    thread = observation.reference
    received = intake_events.ObservationReceived(
        thread=thread, observation=observation.id, priority=int(first.priority), flooded=False
    )
    recorded(received, journal.RESIDENT)
    assert "joins" not in received.facts()
    second = factories.observation(joins=observation.reference, at=AT + timedelta(hours=1))
    joins = replace(received, thread=second.reference, observation=second.id, joins=observation.id)
    recorded(joins, journal.RESIDENT)
    joined = intake_events.ObservationJoined(thread=second.reference, into=first.reference, **about(first))
    recorded(joined, journal.RESIDENT)
    triage.close(first, ClosingReason.DONE, by=cast.ana, at=AT)
    intake.rate(observation, "partly", at=AT)
    recorded(intake_events.ObservationRated(thread=thread, answer="partly"), journal.RESIDENT)
    intake.request_reopening(observation, at=AT)
    recorded(intake_events.ReopeningRequested(thread=thread, observation=observation.id), journal.RESIDENT)
    recorded(triage_events.CaseReopeningRequested(thread=first.reference, **about(first)), journal.RESIDENT)
    intake.redact_text(observation, by=cast.ana, at=AT)
    recorded(intake_events.ObservationRedacted(thread=thread), cast.ana)
    intake.withdraw(observation, at=AT)
    recorded(intake_events.ObservationWithdrawn(thread=thread, observation=observation.id), journal.RESIDENT)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_is_made(kind: str, new_database: Callable[[str, str], str], tmp_path: Path) -> None:
    app = create_app(settings_for(new_database(kind, "backup_event"), media_dir=str(tmp_path / "media")))
    with app.app_context():
        manifest, size = backups.make_backup(tmp_path / "site.tar", at=AT)
        rows = sum(manifest.rows.values())
        made = backup_events.BackupMade(
            thread="backup:20261116T100000Z", nightly=False, rows=rows, pictures=0, missing=0, size=size
        )
        recorded(made, journal.SYSTEM)
        db.session.remove()
        db.engine.dispose()


def test_a_nights_edition_is_made(cast: Cast) -> None:
    observation = factories.accepted_case(cast.ana).observations[0]
    intake.raise_protection(observation, Protection.NEVER_PUBLIC, at=AT)
    editions.make_edition(at=AT)
    recorded(edition_events.EditionMade(thread="edition:2026-11-16", left=1), journal.SYSTEM)


def test_a_question_is_asked_answered_and_declined(cast: Cast) -> None:
    observation = factories.observation()
    for event, answer in (
        (inquiry_events.InquiryAnswered, lambda: inquiries.answer_inquiry(observation, "Au nord", at=AT)),
        (inquiry_events.InquiryDeclined, lambda: inquiries.decline_inquiry(observation, at=AT)),
    ):
        inquiry = inquiries.ask_author(observation, "De quel côté ?", by=cast.ana, at=AT)
        facts = {"inquiry": inquiry.id, "observation": observation.id}
        recorded(inquiry_events.InquiryAsked(thread=observation.reference, **facts), cast.ana)
        answer()
        recorded(event(thread=observation.reference, **facts), journal.RESIDENT)


def test_an_address_is_left_confirmed_and_erased(session: Session) -> None:
    contact = contacts.request_confirmation(factories.observation(), "rosa@rivebelle.example", language="fr", at=AT)
    thread = f"contact:{contact.id}"
    recorded(contact_events.ContactAsked(thread=thread, contact=contact.id), journal.RESIDENT)
    contacts.confirm(encryption.link_token("confirm", contact.seed or ""), at=AT)
    recorded(contact_events.ContactConfirmed(thread=thread, contact=contact.id), journal.RESIDENT)
    contacts.end_contact(contact, Ending.STOPPED, by=journal.RESIDENT, at=AT)
    ended = contact_events.ContactEnded(thread=thread, contact=contact.id, ending=Ending.STOPPED.value)
    recorded(ended, journal.RESIDENT)


def new_photo(number: int) -> Photo:
    """Returns a photo of a new observation, whose original nobody has decoded."""
    observation = factories.observation(at=AT + timedelta(minutes=number))
    original = photos.EncryptedOriginal(f"incoming/{number}", "key", f"digest {number}")
    photo = photos.receive_photo(observation, original, at=AT + timedelta(minutes=number))
    recorded(photo_events.PhotoReceived(thread=observation.reference, photo=photo.id), journal.RESIDENT)
    return photo


def with_pictures(photo: Photo) -> Photo:
    photos.attach_pictures(photo, f"photos/full{photo.id}", f"photos/small{photo.id}", width=8, height=6)
    return photo


def test_a_photo_is_received_approved_and_ends_in_four_ways(cast: Cast) -> None:
    kept, rejected = with_pictures(new_photo(1)), with_pictures(new_photo(2))
    photos.approve_photo(kept, by=cast.ana, at=AT)
    recorded(photo_events.PhotoApproved(thread=kept.observation.reference, photo=kept.id), cast.ana)
    photos.reject_photo(rejected, PhotoReason.PERSON, by=cast.ana, at=AT)
    refused, removed = new_photo(3), new_photo(4)
    photos.refuse_photo(refused, PhotoReason.OTHER, at=AT)
    photos.remove_photo(removed, at=AT)
    photos.drop_photos(kept.observation, PhotoReason.PROTECTED, by=journal.SYSTEM, at=AT)
    endings: Sequence[tuple[type[photo_events.PhotoEnded], Photo, PhotoReason, journal.Actor]] = (
        (photo_events.PhotoRejected, rejected, PhotoReason.PERSON, cast.ana),
        (photo_events.PhotoRefused, refused, PhotoReason.OTHER, journal.SYSTEM),
        (photo_events.PhotoRemoved, removed, PhotoReason.BY_AUTHOR, journal.RESIDENT),
        (photo_events.PhotoDropped, kept, PhotoReason.PROTECTED, journal.SYSTEM),
    )
    for event, photo, reason, actor in endings:
        recorded(event(thread=photo.observation.reference, photo=photo.id, reason=reason.value), actor)


def test_a_case_is_claimed_recoded_counted_and_closed(cast: Cast) -> None:
    case = factories.case("DECHET-1")
    thread, ana = case.reference, cast.ana
    action = case.links[0].action
    triage.claim_case(case, by=ana, at=AT)
    recorded(triage_events.CaseClaimed(thread=thread, **about(case)), ana)
    triage.release_case(case, by=ana, at=AT)
    recorded(triage_events.CaseReleased(thread=thread, **about(case)), ana)
    triage.accept(case, by=ana, at=AT)
    recorded(triage_events.CaseAccepted(thread=thread, **about(case)), ana)
    triage.reject_link(case, action, by=ana, at=AT)
    rejected = triage_events.LinkRejected(thread=thread, action=action.id, was_public=False, **about(case))
    recorded(rejected, ana)
    triage.confirm_link(case, action, by=ana, at=AT)
    recorded(triage_events.LinkConfirmed(thread=thread, action=action.id, **about(case)), ana)
    triage.reject_link(case, action, by=ana, at=AT)
    recorded(replace(rejected, was_public=True, version=about(case)["version"]), ana)
    triage.mark_out_of_plan(case, by=ana, at=AT)
    recorded(triage_events.CaseOutOfPlan(thread=thread, **about(case)), ana)
    triage.recode(case, category("DECHET-3"), reason="Plus juste", by=ana, at=AT)
    recorded(
        triage_events.CaseRecoded(thread=thread, from_="DECHET-1", to="DECHET-3", across=False, **about(case)), ana
    )
    triage.close(case, ClosingReason.DONE, by=ana, at=AT)
    recorded(triage_events.CaseClosed(thread=thread, reason="done", holder=None, **about(case)), ana)
    triage.reopen(case, reason="Fermé trop vite", by=ana, at=AT)
    recorded(triage_events.CaseReopened(thread=thread, **about(case)), ana)


def test_a_case_is_merged_into_another(cast: Cast) -> None:
    case, into = factories.case(), factories.case()
    triage.merge(case, into=into, by=cast.ana, at=AT)
    recorded(triage_events.CaseMerged(thread=case.reference, into=into.reference, **about(case)), cast.ana)
    recorded(triage_events.CaseJoined(thread=into.reference, from_=case.reference, **about(into)), cast.ana)


def test_an_occupancy_check_is_requested_and_made(cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    triage.request_occupancy_check(case, by=cast.ana, at=AT)
    recorded(triage_events.OccupancyDoubted(thread=case.reference, **about(case)), cast.ana)
    triage.record_occupancy(case, in_use=True, on=AT.date(), note="Une tente", by=cast.ana, at=AT)
    checked = triage_events.OccupancyInUse(thread=case.reference, on=AT.date().isoformat(), **about(case))
    recorded(checked, cast.ana)
    triage.record_occupancy(case, in_use=False, on=AT.date(), note="Plus rien", by=cast.ana, at=AT)
    recorded(triage_events.OccupancyCleared(thread=case.reference, on=AT.date().isoformat(), **about(case)), cast.ana)
    unread = factories.case(belongings="yes")
    triage.record_occupancy(unread, in_use=False, on=AT.date(), note="Plus rien", by=cast.ana, at=AT)
    recorded(triage_events.CaseAccepted(thread=unread.reference, **about(unread)), cast.ana)


def offered(cast: Cast) -> Handover:
    """Returns a new case offered to the works partner by somebody who chose it without a suggestion."""
    case = factories.accepted_case(cast.ana)
    handover = routing.hand_over(case, partner("VOIRIE"), reason="Parce que", by=cast.ana, at=AT, suggestion=None)
    facts = handover_facts(handover)
    recorded(routing_events.HandoverOffered(**facts, followed=False), cast.ana)
    return handover


def test_a_case_is_transferred_to_the_police(cast: Cast) -> None:
    case, ground = factories.accepted_case(cast.ana, "LIEU-1"), routing_queries.legal_ground_or_refuse("DANGER")
    handover = routing.transfer_to_police(
        case, partner("GARDE"), ground=ground, reason="Menace écrite sur le mur.", by=cast.ana, at=AT
    )
    recorded(routing_events.PoliceTransferred(**handover_facts(handover), ground="DANGER"), cast.ana)


def handover_facts(handover: Handover) -> routing_events.HandoverFacts:
    return {
        "thread": handover.case.reference,
        "case": handover.case_id,
        "version": about(handover.case)["version"],
        "handover": handover.id,
        "partner": handover.partner_id,
        "outreach": handover.partner.does_outreach,
    }


def accepted(cast: Cast) -> Handover:
    handover = offered(cast)
    routing.accept_handover(handover, by=cast.lin, at=AT)
    facts = handover_facts(handover)
    recorded(routing_events.HandoverAccepted(**facts, holder=handover.partner_id), cast.lin)
    return handover


def test_a_handover_is_declined_and_taken_back(cast: Cast) -> None:
    declined, taken_back = offered(cast), offered(cast)
    routing.decline_handover(declined, reason="Pas à nous", by=cast.lin, at=AT)
    recorded(routing_events.HandoverDeclined(**handover_facts(declined)), cast.lin)
    routing.take_back(taken_back, by=cast.ana, at=AT)
    recorded(routing_events.HandoverTakenBack(**handover_facts(taken_back)), cast.ana)


def test_a_handover_is_started_done_given_back_and_stopped(cast: Cast) -> None:
    done, given_back, stopped = accepted(cast), accepted(cast), accepted(cast)
    routing.start_handover(done, by=cast.lin, at=AT)
    recorded(routing_events.HandoverStarted(**handover_facts(done), holder=done.partner_id), cast.lin)
    before = handover_facts(done)
    routing.finish_handover(done, ClosingReason.DONE, by=cast.lin, at=AT)
    finished = routing_events.HandoverDone(
        **(before | {"version": before["version"] + 1}), holder=None, outcome=ClosingReason.DONE.value
    )
    recorded(finished, cast.lin)
    routing.give_back(given_back, reason="Pas à nous", by=cast.lin, at=AT)
    recorded(routing_events.HandoverGivenBack(**handover_facts(given_back), holder=None), cast.lin)
    routing.stop_works(stopped, by=cast.ana, at=AT)
    recorded(routing_events.HandoverStopped(**handover_facts(stopped), holder=None), cast.ana)


def test_a_delivery_is_tried_again(cast: Cast) -> None:
    offered(cast)
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    delivery = Delivery(
        event_id=event.id,
        recipient="partner:1",
        channel="email",
        state=DeliveryState.GIVEN_UP,
        attempts=5,
        due_at=AT,
    )
    db.session.add(delivery)
    db.session.flush()
    notify.retry(delivery, by=cast.admin, at=AT)
    recorded(notify_events.DeliveryRetried(thread=f"delivery:{delivery.id}", delivery=delivery.id), cast.admin)


def test_an_event_that_was_set_aside_is_put_back(cast: Cast) -> None:
    offered(cast)
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    event.done_at, event.set_aside_at = None, AT
    db.session.flush()
    put_events_back([event.id], by=cast.admin, at=AT)
    recorded(job_events.EventPutBack(thread=f"event:{event.id}", event=event.id), cast.admin)


def test_a_person_changes_their_password_and_signs_in(cast: Cast) -> None:
    ana: Person = cast.ana
    accounts.change_password(ana, passwords.hash_password("une phrase assez longue"), by=cast.admin, at=AT)
    recorded(partner_events.PasswordChanged(thread=ana.journal_name), cast.admin)
    db.session.commit()
    accounts.sign_in(ana.email, "une phrase assez longue", at=AT)
    recorded(partner_events.PersonSignedIn(thread=ana.journal_name), ana)
    accounts.end_session_of(ana, at=AT)
    recorded(partner_events.SessionsEnded(thread=ana.journal_name, count=1), ana)


def test_an_account_is_created_given_another_role_and_closed(cast: Cast) -> None:
    nora = accounts.create_person(
        "nora@rivebelle.example", "Nora", Role.TRIAGER, None, password_hash="hash", by=cast.admin, at=AT
    )
    recorded(partner_events.PersonCreated(thread=nora.journal_name), cast.admin)
    accounts.change_role(nora, Role.PILOT, by=cast.admin, at=AT)
    recorded(partner_events.RoleChanged(thread=nora.journal_name, role="pilot"), cast.admin)
    accounts.close_account(nora, by=cast.admin, at=AT)
    recorded(partner_events.AccountClosed(thread=nora.journal_name), cast.admin)


def test_the_plan_gains_an_action_and_changes_one(cast: Cast) -> None:
    header, first, *_others = export_actions().splitlines()
    changed = first.replace(",under_way,", ",done,", 1)
    assert changed != first
    code = first.split(",", 1)[0]
    import_actions(f"{header}\n{changed}\n", cast.omar, AT)
    recorded(plan_events.ActionChanged(thread=code, line=2), cast.omar)
    import_actions(f"{header}\n{first}\n{first.replace(code, 'NEUF-1', 1)}\n", cast.omar, AT)
    recorded(plan_events.ActionCreated(thread="NEUF-1", line=3), cast.omar)


def test_public_figures_are_corrected(session: Session) -> None:
    factories.observation("BIEN-1", at=datetime(2026, 8, 5, 15, tzinfo=UTC))
    session.commit()
    later, quarter = datetime(2026, 11, 30, 15, tzinfo=UTC), Quarter(2026, 3)
    monthly.recount_months(at=later)
    session.commit()
    publishing.publish_quarters(at=later)
    publishing.publish_again(quarter, by=journal.SYSTEM, at=later)
    thread = f"quarter:{quarter.code}"
    recorded(publishing_events.FiguresCorrected(thread=thread, quarter=quarter.code), journal.SYSTEM)


def test_the_rules_are_edited_by_a_person(cast: Cast) -> None:
    reason = Words("La nuit, la mairie répond.", "At night, the town hall answers.")
    draft = routing.RuleDraft("nuit", 35, "MAIRIE", reason, ["SOUCI"])
    rule = routing.save_rule(draft, read_version=None, by=cast.admin, at=AT)
    thread = f"rule:{rule.id}"
    recorded(routing_events.RuleAdded(thread=thread, rule=rule.id, version=1), cast.admin)
    routing.save_rule(replace(draft, position=36), read_version=1, by=cast.admin, at=AT)
    recorded(routing_events.RuleChanged(thread=thread, rule=rule.id, version=2), cast.admin)
    routing.retire_rule("nuit", read_version=2, by=cast.admin, at=AT)
    recorded(routing_events.RuleRetired(thread=thread, rule=rule.id, version=3), cast.admin)


def test_a_case_is_protected_by_a_site_that_came_after_it(cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    where = {"lon": factories.BANK.lon, "lat": factories.BANK.lat, "radius": 150, "is_approximate": False}
    db.session.add(ProtectedSite(code="clinique", kind="clsc", name_fr="Clinique", **where))
    db.session.flush()
    protect_sites(at=AT)
    recorded(triage_events.CaseProtected(thread=case.reference, **about(case)), journal.SYSTEM)


def test_a_profile_and_an_outline_are_loaded(session: Session, tmp_path: Path) -> None:
    partner("VOIRIE").name = Words("Autre nom", "Another name")
    session.flush()
    report = load_profile(RIVEBELLE, at=now())
    assert report.tables["partner"].changed == 1
    tables = {name: [each.created, each.changed, each.retired] for name, each in report.tables.items() if each}
    recorded(cities.ProfileLoaded(thread=report.city, tables=tables, outline=False), journal.SYSTEM)
    outline = json.loads((RIVEBELLE / "boundary.geojson").read_text(encoding="utf-8"))
    feature = outline["features"][0] if "features" in outline else outline
    corner = feature["geometry"]["coordinates"][0][0]
    moved = [corner[0] + 0.0001, corner[1] + 0.0001]
    feature["geometry"]["coordinates"][0][0] = feature["geometry"]["coordinates"][0][-1] = moved
    feature["properties"]["approximate"] = False
    path = tmp_path / "official.geojson"
    path.write_text(json.dumps(outline), encoding="utf-8")
    load_boundary(path, at=now())
    latest = db.session.scalars(select(Event).where(Event.name == cities.BoundaryLoaded.name)).all()[-1]
    approximate = bool(latest.facts["approximate"])
    recorded(cities.BoundaryLoaded(thread=report.city, approximate=approximate), journal.SYSTEM)


def test_an_event_of_another_version_breaks_neither_the_case_nor_what_its_author_reads(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, at=now())
    db.session.add(
        Event(
            happened_at=now(),
            name="case.weighed",
            thread=case.reference,
            actor=cast.ana.journal_name,
            facts={"case": case.id, "version": case.version},
            is_public=True,
            done_at=now(),
        )
    )
    db.session.commit()
    assert "case.weighed" in page.get("triage.case", as_=cast.ana, reference=case.reference).text_content()
    assert "case.weighed" in {event.name for event in story_of(case.observations[0]).events}
    assert intake.finished_at(case.observations[0]) is None


def test_an_event_that_is_not_as_expected_is_no_story(cast: Cast) -> None:
    case = factories.case()
    with pytest.raises(AssertionError, match="was not recorded"):
        recorded(triage_events.CaseClaimed(thread=case.reference, **about(case)), cast.ana)
    triage.claim_case(case, by=cast.ana, at=AT)
    with pytest.raises(AssertionError):
        recorded(triage_events.CaseClaimed(thread=case.reference, **about(case)), cast.bea)


def test_every_event_has_its_story() -> None:
    """Each event's class stands in a story of this file, whichever of them are run."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    in_stories = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert {event.__name__ for event in product_events().values()} - in_stories == set()
