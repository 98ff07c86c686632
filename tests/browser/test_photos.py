"""Photos on a real phone: chosen, seen, taken back, made small, sent, kept by triage and seen again.

And the same without scripts.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, Page, expect
from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.photos import jobs, rules
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import Photo
from tests import pictures
from tests.browser.conftest import sign_in, watched
from tests.browser.site import DESK, Site
from tests.browser.walk import choose_place, go_on, press

pytestmark = pytest.mark.browser
HEIC = Path(__file__).parents[1] / "intake" / "photos" / "scene.heic"
FIELD = "Ajouter des photos"


def file(name: str, data: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


def large(shade: int = 0) -> bytes:
    """Twelve megapixels with their position, lying on their side."""
    turned = pictures.coloured_quarters(4000 + shade, 3000).transpose(Image.Transpose.ROTATE_90)
    return pictures.image_bytes(turned, exif=pictures.exif_data(6))


def to_the_review(page: Page) -> None:
    page.goto("/signaler/")
    press(page, page.locator("button[name=help][value=no]"))
    press(page, page.locator("button[name=kind][value=cleanliness]"))
    choose_place(page, "parc-portuaire")
    go_on(page)
    page.locator("input[name=category][value=PROP-1]").check()
    go_on(page)
    go_on(page)
    page.locator("input[name=belongings][value=no]").check()
    go_on(page)


def chosen(page: Page) -> list[list[object]]:
    """Name and size of each file that the field would send."""
    return page.get_by_label(FIELD).evaluate("field => [...field.files].map((file) => [file.name, file.size])")  # type: ignore[no-any-return]


def newest(site: Site, how_many: int) -> Sequence[Photo]:
    with site.app.app_context():
        return db.session.scalars(select(Photo).order_by(Photo.id.desc()).limit(how_many)).all()[::-1]


def original(site: Site, photo: Photo) -> bytes:
    with site.app.app_context():
        return photos.decrypt_original(photos.original_of(db.session.get_one(Photo, photo.id)))


def develop(site: Site, found: Sequence[Photo]) -> None:
    with site.app.app_context():
        for photo in found:
            jobs.reencode_photo(photo.id)


def follow(page: Page) -> None:
    press(page, page.locator("main a.button[href^='/suivi#']"))
    expect(page.locator("input[name=code]")).not_to_have_value("")
    go_on(page)


def test_two_photos_from_the_phone_to_triage_and_back(
    site: Site, phone: Page, context: Callable[..., BrowserContext]
) -> None:
    to_the_review(phone)
    field, said = phone.get_by_label(FIELD), phone.locator("[data-photos-status]")
    field.set_input_files([file("IMG_1.jpg", large()), file("IMG_2.jpg", large(8))])
    expect(said).to_contain_text("Photo 2 prête.")
    expect(phone.locator(".photo-list canvas")).to_have_count(2)
    field.set_input_files([file("IMG_3.jpg", pictures.image_bytes(pictures.coloured_quarters()))])
    expect(said).to_contain_text("Photos en tout : 3.".replace(" :", "\u00a0:"))
    phone.get_by_role("button", name="Retirer la photo 2").press("Enter")
    expect(said).to_contain_text("Photo retirée.")
    assert [name for name, _size in chosen(phone)] == ["photo.jpg", "photo.jpg"]
    expect(field).to_be_focused()
    go_on(phone)
    expect(phone.get_by_role("heading", name="Vos photos")).to_be_visible()
    found = newest(site, 2)
    first = Image.open(io.BytesIO(original(site, found[0])))
    assert first.size == (2048, 1536) and not first.getexif(), "made small and bare before it left the phone"
    develop(site, found)
    desk = watched(context(viewport=DESK).new_page())
    sign_in(desk, "ana@demo.test")
    with site.app.app_context():
        reference = db.session.get_one(Photo, found[0].id).observation.reference
    desk.goto(f"/tri/dossiers/{reference}")
    expect(desk.locator("main img")).to_have_count(2)
    assert (
        desk.locator("main img").first.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 400
    )
    press(desk, desk.get_by_role("button", name="Garder la photo 1"))
    desk.get_by_text("Rejeter la photo 2").click()
    press(desk, desk.get_by_role("button", name="Une personne est visible").last)
    follow(phone)
    picture = phone.locator("main img")
    expect(picture).to_have_count(1)
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 400
    expect(phone.get_by_role("main")).to_contain_text("Une personne s’y voit.")
    press(phone, phone.get_by_role("button", name="Retirer cette photo"))
    expect(phone.get_by_role("main")).to_contain_text("La photo est détruite.")


def test_a_panorama_is_made_small_by_the_phone_and_stays_legible_to_its_ends(
    site: Site, phone: Page, context: Callable[..., BrowserContext]
) -> None:
    to_the_review(phone)
    panorama = pictures.image_bytes(pictures.coloured_quarters(8_192, 820))
    phone.get_by_label(FIELD).set_input_files([file("IMG_1.jpg", panorama)])
    expect(phone.locator("[data-photos-status]")).to_contain_text("Photo 1 prête.")
    go_on(phone)
    (found,) = newest(site, 1)
    assert Image.open(io.BytesIO(original(site, found))).size == (5115, 512)
    develop(site, [found])
    desk = watched(context(viewport=DESK).new_page())
    sign_in(desk, "ana@demo.test")
    with site.app.app_context():
        reference = db.session.get_one(Photo, found.id).observation.reference
    for width in (390, 1280):
        desk.set_viewport_size({"width": width, "height": 800})
        desk.goto(f"/tri/dossiers/{reference}")
        picture = desk.locator("main img")
        assert picture.evaluate("picture => picture.decode().then(() => picture.naturalHeight)") == 100
        box = picture.bounding_box()
        assert box and box["width"] > 280 and abs(box["width"] / box["height"] - 10) < 0.5, "whole, and not a stripe"
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_what_the_browser_cannot_show_leaves_as_it_is(site: Site, phone: Page) -> None:
    to_the_review(phone)
    phone.get_by_label(FIELD).set_input_files([file("IMG_1.heic", HEIC.read_bytes(), "image/heic")])
    expect(phone.locator("[data-photos-status]")).to_contain_text("partira telle quelle")
    go_on(phone)
    found = newest(site, 1)
    assert original(site, found[0]) == HEIC.read_bytes()
    develop(site, found)
    phone.reload()
    expect(phone.get_by_role("main")).to_contain_text("L’équipe va la regarder")


def test_a_fourth_photo_is_left_aside_in_words(phone: Page) -> None:
    to_the_review(phone)
    four = [
        file(f"IMG_{number}.jpg", pictures.image_bytes(pictures.coloured_quarters(64 + 2 * number, 32)))
        for number in range(4)
    ]
    phone.get_by_label(FIELD).set_input_files(four)
    expect(phone.locator(".photo-list > li")).to_have_count(3)
    expect(phone.locator(".photo-list canvas")).to_have_count(3)
    expect(phone.locator("[data-photos-status]")).to_contain_text("les autres sont laissées de côté")
    assert len(chosen(phone)) == 3


def test_targets_are_large_enough_for_a_thumb(phone: Page) -> None:
    to_the_review(phone)
    phone.get_by_label(FIELD).set_input_files([file("IMG_1.jpg", pictures.image_bytes(pictures.coloured_quarters()))])
    expect(phone.locator(".photo-list canvas")).to_have_count(1)
    for target in (phone.get_by_role("button", name="Retirer la photo 1"), phone.get_by_label(FIELD)):
        box = target.bounding_box()
        assert box is not None and box["height"] >= 48 and box["x"] + box["width"] <= 390


def test_photos_without_scripts(site: Site, context: Callable[..., BrowserContext]) -> None:
    page = context(java_script_enabled=False).new_page()
    to_the_review(page)
    sent = [pictures.jpeg_with_all_metadata(6), b"%PDF-1.7 no picture"]
    page.get_by_label(FIELD).set_input_files([file("IMG_1.jpg", sent[0]), file("IMG_2.jpg", sent[1])])
    go_on(page)
    expect(page.get_by_role("main")).to_contain_text("Photo 2 non reçue")
    found = newest(site, 1)
    assert original(site, found[0]) == sent[0]
    develop(site, found)
    page.get_by_label(FIELD).set_input_files([file("IMG_3.jpg", pictures.image_bytes(pictures.coloured_quarters()))])
    press(page, page.get_by_role("button", name="Envoyer les photos"))
    expect(page.get_by_role("main")).to_contain_text("L’équipe va la regarder")
    expect(page.locator(".photo-list > li")).to_have_count(2)
    with site.app.app_context():
        kept = site.app.extensions["media"].get(newest(site, 2)[0].full_name)
    assert rules.is_bare_webp(kept) and pictures.quarter_colours(kept) == pictures.UPRIGHT


def test_far_too_much_is_told_on_the_page_it_was_sent_from(context: Callable[..., BrowserContext]) -> None:
    page = context(java_script_enabled=False).new_page()
    to_the_review(page)
    page.get_by_label(FIELD).set_input_files(
        [file(f"IMG_{number}.jpg", b"\xff\xd8\xff" + b"\0" * 16_500_000) for number in range(3)]
    )
    go_on(page)
    expect(page.get_by_role("main")).to_contain_text("L’envoi est trop gros")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez avant d’envoyer")
