"""Photos of a case: seen by those who read the case, approved, or destroyed with a reason or an occupancy check."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings
from cohab_report.intake.photos import jobs, operations
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.media import MediaStore
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case
from tests import factories, pictures
from tests.cast import Cast
from tests.intake.photos.conftest import store
from tests.page import Page

__all__ = ["store"]
pytestmark = pytest.mark.usefixtures("session")


def case_with_photos(how_many: int = 1, category: str = "DECHET-1") -> Case:
    """A case whose observation came with so many photos, reencoded and waiting."""
    case = factories.case(category, at=now())
    db.session.commit()
    for number in range(how_many):
        add_photo(case, number)
    return case


def add_photo(case: Case, shade: int) -> Photo:
    observation = case.observations[0]
    sealed = operations.store_original(
        observation, pictures.image_bytes(pictures.coloured_quarters(64 + 2 * shade, 32))
    )
    with transaction():
        photo = operations.receive_photo(observation, sealed, at=now())
    jobs.reencode_photo(photo.id)
    db.session.expire_all()
    return photo


def the_photo() -> Photo:
    return db.session.scalars(select(Photo).order_by(Photo.id).limit(1)).one()


def test_case_shows_its_photos_to_triage_with_what_may_be_done(page: Page, store: MediaStore, cast: Cast) -> None:
    case = case_with_photos(2)
    found = page.get("triage.case", reference=case.reference, as_=cast.ana)
    address = f"/tri/dossiers/{case.reference}/photos/{the_photo().reference}"
    assert f"{address}/small" in found.xpath("//main//img/@src") and f"{address}/full" in found.xpath("//main//a/@href")
    assert (
        len(found.xpath("//main//img")) == 2 and len(found.xpath("//form[contains(@action, '/rejeter')]//button")) == 10
    )
    answer = page._ask("GET", f"{address}/full", as_=None)
    assert answer.data == store.get(the_photo().full_name or "") and answer.mimetype == "image/webp"
    for name, expected in {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }.items():
        assert answer.headers[name] == expected
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_case_without_photos_says_nothing_of_them(page: Page, cast: Cast) -> None:
    found = page.get("triage.case", reference=case_with_photos(0).reference, as_=cast.ana)
    assert not found.xpath("//*[@id='photos']")


def test_approve_photo_keeps_it(page: Page, cast: Cast) -> None:
    case = case_with_photos()
    page.submit(page.get("triage.case", reference=case.reference, as_=cast.ana), {}, action="/garder")
    photo = the_photo()
    assert photo.state is PhotoState.APPROVED and photo.decided_by_id == cast.ana.id
    found = page.get("triage.case", reference=case.reference)
    assert "La photo est gardée." in found.text_content() and not found.xpath("//form[contains(@action, '/garder')]")


def test_reject_photo_destroys_it_at_once(page: Page, cast: Cast, store: MediaStore) -> None:
    case = case_with_photos()
    address = f"/tri/dossiers/{case.reference}/photos/{the_photo().reference}"
    page.submit(
        page.get("triage.case", reference=case.reference, as_=cast.ana),
        {"reason": "plate_or_address"},
        action="/rejeter",
    )
    assert the_photo().reason is PhotoReason.PLATE_OR_ADDRESS and list(store.list_files("photos")) == []
    assert page._ask("GET", f"{address}/full", as_=None).status_code == 404
    assert "Une plaque ou une adresse est lisible" in page.get("triage.case", reference=case.reference).text_content()
    page.post(f"{address}/garder", {}, status=409)


@pytest.mark.parametrize("reason", ["", "because", "withdrawn"])
def test_reject_photo_needs_one_of_the_reasons(page: Page, cast: Cast, reason: str) -> None:
    case = case_with_photos()
    page.post(
        f"/tri/dossiers/{case.reference}/photos/{the_photo().reference}/rejeter",
        {"reason": reason},
        as_=cast.ana,
        status=422,
    )
    assert the_photo().state is PhotoState.WAITING


def test_a_photo_is_reached_through_its_own_case_only(page: Page, cast: Cast) -> None:
    case_with_photos()
    other = case_with_photos(0)
    address = f"/tri/dossiers/{other.reference}/photos/{the_photo().reference}"
    page.get("triage.case", reference=other.reference, as_=cast.ana)
    assert page._ask("GET", f"{address}/full", as_=None).status_code == 404
    page.post(f"{address}/garder", {}, status=404)


def test_whoever_is_not_of_triage_sees_no_photo(page: Page, app: Flask, cast: Cast) -> None:
    case = case_with_photos()
    address = f"/tri/dossiers/{case.reference}/photos/{the_photo().reference}/full"
    for person in (None, cast.lin, cast.omar, cast.charlie, cast.admin):
        browser = Page(app, cast)
        if person is not None:
            browser.sign_in(person)
        answer = browser._ask("GET", address, as_=None)
        assert answer.status_code == (303 if person is None else 403) and b"WEBP" not in answer.data


def test_request_occupancy_check_destroys_the_photos_at_once(page: Page, cast: Cast, store: MediaStore) -> None:
    case = case_with_photos(2)
    page.submit(page.get("triage.case", reference=case.reference, as_=cast.ana), {}, action="/verifier")
    assert {photo.state for photo in db.session.scalars(select(Photo))} == {PhotoState.DROPPED} and list(
        store.list_files("photos")
    ) == []
    assert "Détruite par précaution" in page.get("triage.case", reference=case.reference).text_content()


def test_merging_with_a_place_that_may_be_lived_in_destroys_them_too(page: Page, cast: Cast, store: MediaStore) -> None:
    case, lived_in = case_with_photos(), factories.case(belongings=Belongings.YES, at=now())
    found = page.get("triage.case", reference=case.reference, as_=cast.ana)
    page.submit(found, {"merge-into": lived_in.reference}, action="/fusionner")
    assert the_photo().state is PhotoState.DROPPED and list(store.list_files("photos")) == []


def joined_by_what_may_be_lived_in(case: Case, _cast: Cast, at: datetime) -> None:
    sent = factories.submission(joins=case.reference, observed_on=now().date(), belongings=Belongings.YES)
    receiving.receive(sent, at=at)


def merged_with_what_is_never_public(case: Case, cast: Cast, at: datetime) -> None:
    triage.merge(factories.case("DECHET-2", at=now()), into=case, by=cast.ana, at=at)


def recoded_to_what_is_never_public(case: Case, cast: Cast, at: datetime) -> None:
    triage.recode(case, catalogue.category_or_refuse("DECHET-2"), reason="Une seringue", by=cast.ana, at=at)


@pytest.mark.parametrize(
    "protect", [joined_by_what_may_be_lived_in, merged_with_what_is_never_public, recoded_to_what_is_never_public]
)
def test_what_becomes_never_public_loses_its_photos_at_that_moment_by_nobodys_hand(
    cast: Cast, store: MediaStore, protect: Callable[[Case, Cast, datetime], None]
) -> None:
    case, at = case_with_photos(), now() + timedelta(minutes=5)
    with transaction():
        triage.accept(db.session.merge(case), by=db.session.merge(cast.ana), at=now())
    with transaction():
        protect(db.session.merge(case), cast, at)
    photo = the_photo()
    assert (photo.state, photo.reason, photo.decided_at) == (PhotoState.DROPPED, PhotoReason.PROTECTED, at)
    assert list(store.list_files("photos")) == []
    (dropped,) = [event for event in journal.history(case.reference) if event.name == "photo.dropped"]
    assert (dropped.happened_at, dropped.actor) == (at, journal.SYSTEM.journal_name)


def query_count(page: Page, case: Case, cast: Cast) -> int:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = db.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        page.get("triage.case", reference=case.reference, as_=cast.ana)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum("FROM photo" in statement for statement in sent)


def test_case_asks_for_all_its_photos_at_once(page: Page, cast: Cast) -> None:
    assert query_count(page, case_with_photos(3), cast) == query_count(page, case_with_photos(1), cast) == 1


def hand_over_accepted_case(case: Case, cast: Cast) -> int:
    """The case, accepted by triage and offered to the works; returns the handover's number."""
    assert cast.lin.partner is not None
    triage.accept(case, by=cast.ana, at=now())
    handover = routing.hand_over(case, cast.lin.partner, by=cast.ana, at=now())
    db.session.commit()
    return handover.id


def test_a_partner_sees_an_approved_photo_while_it_holds_the_case(
    page: Page, app: Flask, cast: Cast, store: MediaStore
) -> None:
    case = case_with_photos(2)
    kept, undecided = list(db.session.scalars(select(Photo).order_by(Photo.id)))
    with transaction():
        operations.approve_photo(kept, by=db.session.merge(cast.ana), at=now())
    number = hand_over_accepted_case(db.session.get_one(Case, case.id), cast)
    lin = Page(app, cast)
    address = f"{lin.address('partner.handover', number=number)}/photos"
    assert not lin.get("partner.handover", number=number, as_=cast.lin).xpath("//main//img"), (
        "an offer is not yet a case in hand"
    )
    assert lin._ask("GET", f"{address}/{kept.reference}/full", as_=None).status_code == 404
    lin.submit(lin.get("partner.handover", number=number), {}, action="/accepter")
    assert lin.get("partner.handover", number=number).xpath("//main//img/@src") == [f"{address}/{kept.reference}/small"]
    assert lin._ask("GET", f"{address}/{kept.reference}/full", as_=None).data == store.get(kept.full_name or "")
    assert lin._ask("GET", f"{address}/{undecided.reference}/full", as_=None).status_code == 404
    noor = Page(app, cast)
    noor.sign_in(cast.noor)
    assert noor._ask("GET", f"{address}/{kept.reference}/full", as_=None).status_code == 404
    found = lin.get("partner.handover", number=number)
    lin.submit(found, {"give_back-answer": "Trop loin"}, action="/rendre")
    assert lin._ask("GET", f"{address}/{kept.reference}/full", as_=None).status_code == 404
