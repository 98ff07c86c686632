"""The code key is changed for another one while the old one is still named: all that was given out goes on working.

Codes, client ids, addresses of partners' pages, links of e-mails, photos and imports of before, on both databases.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select

from cohab_report.backup.keys import key_fingerprints, missing_keys
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.errors import Invalid
from cohab_report.intake import floods, receiving
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.imports.job import Import
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import Photo
from cohab_report.notify.residents.messages import confirmation_message
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover
from cohab_report.settings import Settings
from cohab_report.territory import queries as territory
from tests import factories, pictures
from tests.cast import Cast
from tests.intake.test_imports import as_csv, mapping, rows
from tests.journeys.cases_by_state import partner
from tests.page import Page

pytestmark = pytest.mark.usefixtures("session")
OLD, NEW, NEWEST = "c" * 40, "n" * 40, "m" * 40
ROSA = "rosa@courriel.example"
Rotate = Callable[..., None]


@pytest.fixture
def rotate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Rotate:
    """Gives the application these code keys, the newest first, as after a restart."""
    before: Settings = app.config["SETTINGS"]
    return lambda *keys: monkeypatch.setitem(app.config, "SETTINGS", replace(before, code_key=",".join(keys)))


def how_many() -> int:
    return db.session.scalar(select(func.count()).select_from(Observation)) or 0


def test_a_code_of_before_opens_its_observation_and_a_code_of_today_too(page: Page, rotate: Rotate) -> None:
    before = factories.observation()
    code = factories.code_of(before)
    rotate(NEW, OLD)
    after = factories.observation()
    assert intake.observation_by_code(code) is before
    assert intake.observation_by_code(factories.code_of(after)) is after
    page.post("/suivi", {"code": code})
    assert before.reference in page.get("resident.follow").text_content()
    rotate(NEWEST, NEW, OLD)
    assert intake.observation_by_code(code) is before, "however many keys there were since"


def test_without_its_key_a_code_opens_nothing(rotate: Rotate) -> None:
    code = factories.code_of(factories.observation())
    rotate(NEW)
    with pytest.raises(Invalid):
        intake.observation_by_code(code)


def test_what_a_phone_sends_again_after_the_change_is_the_same_observation_with_the_same_code(rotate: Rotate) -> None:
    submission = factories.submission()
    first = receiving.receive(submission, at=now())
    code = intake.code_of(first, submission.client_id)
    db.session.flush()
    rotate(NEW, OLD)
    again = receiving.receive(submission, at=now())
    assert again is first and how_many() == 1
    assert intake.code_of(again, submission.client_id) == code and intake.observation_by_code(code) is first


def test_an_address_of_a_handover_of_before_opens_and_new_ones_are_made_with_the_new_key(
    page: Page, cast: Cast, rotate: Rotate
) -> None:
    handover: Handover = routing.hand_over(factories.accepted_case(cast.ana), partner("VOIRIE"), by=cast.ana, at=now())
    sent = encrypt_number("handover", handover.id, key=OLD)
    before = page.address("partner.handover", number=handover.id)
    rotate(NEW, OLD)
    assert sent in before
    assert page.visit(before, as_=cast.lin).xpath("//h1")
    after = page.address("partner.handover", number=handover.id)
    assert sent not in after and page.visit(after, as_=cast.lin).xpath("//h1")


def confirmed_contact() -> Contact:
    contact = contacts.request_confirmation(factories.observation(), ROSA, language="fr", at=now())
    return contacts.confirm(encryption.link_token(encryption.CONFIRM, contact.seed or ""), at=now())


def test_the_links_of_an_e_mail_of_before_confirm_and_end(page: Page, rotate: Rotate) -> None:
    asked = contacts.request_confirmation(factories.observation(), ROSA, language="fr", at=now())
    confirm, stop = (encryption.link_token(purpose, asked.seed or "") for purpose in ("confirm", "stop"))
    rotate(NEW, OLD)
    page.post(f"/courriel/confirmer/{confirm}", {})
    assert asked.is_confirmed
    page.post(f"/courriel/arreter/{stop}", {}, status=200)
    assert asked.ending is Ending.STOPPED


def test_an_e_mail_written_after_the_change_has_links_that_work(app: Flask, rotate: Rotate) -> None:
    asked = contacts.request_confirmation(factories.observation(), ROSA, language="fr", at=now())
    link = encryption.link_token(encryption.CONFIRM, asked.seed or "")
    rotate(NEW, OLD)
    with app.test_request_context():
        message = confirmation_message(asked, number=1, at=now())
        assert url_for("resident.confirm_address", token=link) in message.text, "the same link as before"
    another = confirmed_contact()
    contacts.stop(encryption.link_token(encryption.STOP, another.seed or "", another.stop_hash), at=now())
    assert another.ending is Ending.STOPPED, "an address of today is known by the new key"


def test_the_same_photo_sent_again_after_the_change_is_the_same_photo(rotate: Rotate) -> None:
    observation, picture = factories.observation(at=now()), pictures.image_bytes(pictures.coloured_quarters())
    first = photos.receive_photo(observation, photos.store_original(observation, picture), at=now())
    rotate(NEW, OLD)
    again = photos.receive_photo(observation, photos.store_original(observation, picture), at=now())
    assert again is first and db.session.scalar(select(func.count()).select_from(Photo)) == 1


def imported(at: datetime) -> Import:
    job = Import(mapping(), at)
    for _ in job.run(rows(as_csv({"number": "1"}, {"number": "2"}))):
        pass
    return job


def test_an_export_that_was_imported_before_is_not_imported_again(rotate: Rotate) -> None:
    assert imported(now()).progress.imported == 2
    rotate(NEW, OLD)
    again = imported(now())
    assert (again.progress.imported, again.progress.existing, how_many()) == (0, 2, 2)


def test_no_protected_cell_moves_so_that_a_comparison_tells_nothing(rotate: Rotate) -> None:
    before = territory.city_facts().protected_cells
    rotate(NEW, OLD)
    db.session.expire_all()
    assert before and territory.city_facts().protected_cells == before and not territory.city_facts().unsaved_blocks


def test_a_backup_of_before_may_be_restored_after_the_change_and_not_under_the_new_key_alone(
    app: Flask, rotate: Rotate
) -> None:
    of_the_backup = key_fingerprints(app.config["SETTINGS"])
    rotate(NEW, OLD)
    assert missing_keys(of_the_backup, app.config["SETTINGS"]) == []
    rotate(NEW)
    assert missing_keys(of_the_backup, app.config["SETTINGS"]) == ["code_key"]


def test_a_network_is_hashed_with_the_new_key_alone(rotate: Rotate) -> None:
    """Its count of an hour begins anew on the day of a change, and the hash of two days is erased as always."""
    before = floods.daily_network_hash("192.0.2.7", now())
    rotate(NEW, OLD)
    assert floods.daily_network_hash("192.0.2.7", now()) != before


def test_a_client_id_that_was_never_sent_has_the_code_of_the_newest_key(rotate: Rotate) -> None:
    rotate(NEW, OLD)
    submission = factories.submission(client_id=uuid4())
    observation = receiving.receive(submission, at=now())
    db.session.flush()
    code = intake.code_of(observation, submission.client_id)
    rotate(NEW)
    assert intake.observation_by_code(code) is observation, "the old key may go once nothing of its time is left"
