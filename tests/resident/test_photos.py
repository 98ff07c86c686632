"""Photos on the residents' pages, without scripts: sent with the observation or after it, told when refused, seen by
nobody too early.
"""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml.html import HtmlElement
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.errors import Unavailable
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.photos import jobs, operations, queries, rules
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.media import MediaStore
from cohab_report.web.throttle import limiter
from tests import factories, pictures
from tests.cast import Cast
from tests.intake.photos.conftest import store
from tests.page import Page, checked_page
from tests.resident.test_views import followed, rosa

__all__ = ["rosa", "store"]
# Werkzeug's test client writes a large form into a temporary file that it leaves to the garbage collector.
pytestmark = [
    pytest.mark.usefixtures("session"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
GOOD = pictures.image_bytes(pictures.coloured_quarters())


def files(*contents: bytes) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(content), f"IMG_{number}.jpg") for number, content in enumerate(contents)]


def send(page: Page, *contents: bytes, **changes: Any) -> HtmlElement:
    """Sends the review page with these photos; returns the receipt."""
    page.submit(page.get("resident.review"), {"photos": files(*contents), **changes}, action="/signaler/envoyer")
    return page.get("resident.receipt")


def states() -> list[tuple[PhotoState, PhotoReason | None]]:
    return [(photo.state, photo.reason) for photo in db.session.scalars(select(Photo).order_by(Photo.id))]


def reencode_photos() -> None:
    for photo in db.session.scalars(select(Photo)).all():
        jobs.reencode_photo(photo.id)
    db.session.expire_all()


def words(page: HtmlElement) -> str:
    return " ".join(page.xpath("string(//main)").replace("\xa0", " ").split())


def test_review_offers_photos_where_they_are_welcome(rosa: Callable[..., Page]) -> None:
    html = rosa().get("resident.review")
    (field,) = html.xpath("//input[@type='file']")
    assert (field.get("name"), field.get("multiple") is not None) == ("photos", True) and field.get(
        "accept", ""
    ).startswith("image/*")
    assert html.xpath("//form[.//input[@type='file']]/@enctype") == ["multipart/form-data"]
    assert "Aucune personne, aucune tente" in words(html) and "sont enlevés" in words(html)


@pytest.mark.parametrize(
    ("kind", "category", "belongings"),
    [
        ("cleanliness", "DECHET-1", "yes"),
        ("cleanliness", "DECHET-1", "unknown"),
        ("cleanliness", "DECHET-2", "no"),
        ("safety", "LIEU-1", "no"),
    ],
)
def test_review_offers_none_where_they_are_not(
    rosa: Callable[..., Page], kind: str, category: str, belongings: str
) -> None:
    page = rosa(kind, category, belongings=belongings)
    assert not page.get("resident.review").xpath("//input[@type='file']")
    assert "Cette observation ne prend pas de photos" in words(send(page, GOOD)) and states() == []


def test_send_takes_the_photos_along(rosa: Callable[..., Page]) -> None:
    receipt = send(rosa(), GOOD, pictures.image_bytes(pictures.coloured_quarters(80, 40)))
    assert states() == [(PhotoState.RECEIVED, None)] * 2
    assert words(receipt).count("En préparation") == 2 and "Encore 1 au plus" in words(receipt)


def test_send_without_a_photo_is_no_refusal(rosa: Callable[..., Page]) -> None:
    receipt = rosa()
    receipt.submit(receipt.get("resident.review"), {"photos": [(io.BytesIO(b""), "")]}, action="/signaler/envoyer")
    assert "non reçue" not in words(receipt.get("resident.receipt")) and states() == []


def test_send_never_fails_because_of_a_photo_and_the_receipt_says_which_and_why(rosa: Callable[..., Page]) -> None:
    receipt = send(rosa(), GOOD, b"%PDF-1.7", b"", b"\xff\xd8\xff" + b"\0" * rules.LARGEST_PHOTO)
    text = words(receipt)
    assert db.session.scalar(select(func.count()).select_from(Observation)) == 1 and len(states()) == 1
    assert "Photo 2 non reçue : Ce fichier n’est pas une photo" in text
    assert "Photo 3 non reçue : Le fichier est vide" in text and "Photo 4 non reçue : Elle est trop grande" in text
    assert receipt.xpath("//input[@type='file']/@aria-invalid") == ["true"]


def test_send_promises_nothing_for_a_picture_of_too_many_points(rosa: Callable[..., Page]) -> None:
    text = words(send(rosa(), pictures.png_with_size(16_384, 3_900)))
    assert "Photo 1 non reçue : Elle est trop grande" in text and "250 millions en JPEG" in text and states() == []


def test_send_takes_a_panorama_that_is_a_jpeg(rosa: Callable[..., Page]) -> None:
    page, panorama = rosa(), pictures.coloured_quarters(16_384, 3_900)
    send(page, pictures.image_bytes(panorama, quality=30))
    reencode_photos()
    assert states() == [(PhotoState.WAITING, None)]


def test_send_of_a_fourth_photo_is_refused_in_words(rosa: Callable[..., Page]) -> None:
    receipt = send(rosa(), *(pictures.image_bytes(pictures.coloured_quarters(64 + 2 * each, 32)) for each in range(4)))
    assert len(states()) == 3 and "Photo 4 non reçue : Une observation porte trois photos au plus." in words(receipt)
    assert not receipt.xpath("//input[@type='file']")


def test_send_of_hundreds_of_photos_looks_at_twelve_and_says_the_rest_in_one_sentence(
    rosa: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []
    put = MediaStore.put

    def counted_put(self: MediaStore, name: str, data: bytes) -> None:
        stored.append(name)
        put(self, name, data)

    monkeypatch.setattr(MediaStore, "put", counted_put)
    text = words(send(rosa(), *(pictures.image_bytes(pictures.coloured_quarters(8 + each, 8)) for each in range(300))))
    assert len(stored) == 12 and len(states()) == 3
    assert text.count("Une observation porte trois photos au plus.") == 10 and "Photo 13" not in text


def test_send_twice_doubles_no_photo(rosa: Callable[..., Page]) -> None:
    page = rosa()
    review = page.get("resident.review")
    for _ in range(2):
        page.submit(review, {"photos": files(GOOD)}, action="/signaler/envoyer")
    assert states() == [(PhotoState.RECEIVED, None)]


def test_send_while_the_store_is_away_keeps_the_observation(
    rosa: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise Unavailable

    page = rosa()
    monkeypatch.setattr(MediaStore, "put", full)
    assert "n’a pas pu être gardée en ce moment" in words(send(page, GOOD))
    assert db.session.scalar(select(func.count()).select_from(Observation)) == 1


@pytest.mark.parametrize("megabytes", [3, 14])
def test_send_takes_large_photos_and_no_other_form_does(rosa: Callable[..., Page], megabytes: int) -> None:
    page = rosa()
    send(page, GOOD + b"\0" * (megabytes * 1024 * 1024))
    assert len(states()) == 1
    page.post("/suivi", {"code": "x", "photos": files(b"\0" * (megabytes * 1024 * 1024))}, status=413)


def test_send_of_far_too_much_comes_back_with_everything_typed(rosa: Callable[..., Page]) -> None:
    page = rosa(text="Des bouteilles")
    review = page.get("resident.review")
    answer = page.submit(
        review, {"photos": files(b"\xff\xd8\xff" + b"\0" * (47 * 1024 * 1024))}, action="/signaler/envoyer"
    )
    html = page.visit(answer.headers["Location"])
    assert "L’envoi est trop gros" in words(html) and "Des bouteilles" in words(html)
    page.submit(html, {}, action="/signaler/envoyer")
    assert db.session.scalars(select(Observation)).one().text == "Des bouteilles"
    assert "trop gros" not in words(page.get("resident.receipt"))


def test_send_of_far_too_much_by_a_client_that_reads_no_pages_is_told_by_its_status(page: Page) -> None:
    data = {"photos": files(b"\0" * (47 * 1024 * 1024))}
    assert (
        page._ask("POST", "/signaler/envoyer", as_=None, data=data, headers={"Accept": "application/json"}).status_code
        == 413
    )


def test_send_while_the_database_turns_away_keeps_the_observation(
    rosa: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    page = rosa()
    monkeypatch.setattr(operations, "receive_photo", locked)
    assert "n’a pas pu être gardée en ce moment" in words(send(page, GOOD))
    assert db.session.scalar(select(func.count()).select_from(Observation)) == 1 and states() == []


def test_add_photos_far_too_often_is_asked_to_wait(page: Page, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    follow_new_observation(page)
    monkeypatch.setitem(app.config, "THROTTLED", True)
    token = page.token()
    answers = [page._ask("POST", "/suivi/photos", as_=None, data={"csrf_token": token}).status_code for _ in range(61)]
    limiter.reset()
    assert answers == [303] * 60 + [429]


def test_a_long_text_is_still_refused_before_it_fills_the_memory(rosa: Callable[..., Page]) -> None:
    page = rosa()
    page.submit(page.get("resident.review"), {"text": "x" * 400_000, "photos": files(GOOD)}, action="/signaler/envoyer")
    assert db.session.scalar(select(func.count()).select_from(Observation)) == 0


def test_add_photos_from_the_receipt_until_there_are_three(rosa: Callable[..., Page]) -> None:
    page = rosa()
    receipt = send(page, b"%PDF-1.7")
    page.submit(
        receipt,
        {"photos": files(GOOD, pictures.image_bytes(pictures.coloured_quarters(40, 40)))},
        action="/suivi/photos",
    )
    receipt = page.get("resident.receipt")
    assert "Vos photos sont arrivées" in words(receipt) and len(states()) == 2
    page.submit(
        receipt, {"photos": files(pictures.image_bytes(pictures.coloured_quarters(30, 30)))}, action="/suivi/photos"
    )
    assert not page.get("resident.receipt").xpath("//input[@type='file']")


def test_add_photos_needs_an_observation_of_one_s_own(page: Page) -> None:
    factories.observation()
    page.post("/suivi/photos", {"photos": files(GOOD)}, status=404)
    page.post("/suivi/photos", {"photos": files(GOOD), "page": "receipt"}, status=404)


def follow_new_observation(page: Page) -> Observation:
    observation = factories.observation(at=now())
    db.session.commit()
    followed(page, observation)
    return observation


def test_add_photos_of_far_too_much_is_told_on_the_follow_page(page: Page) -> None:
    follow_new_observation(page)
    page.post("/suivi/photos", {"photos": files(b"\0" * (47 * 1024 * 1024))})
    assert "L’envoi est trop gros" in words(page.get("resident.follow")) and states() == []


def test_followed_shows_a_photo_only_once_triage_has_kept_it(page: Page, cast: Cast, store: MediaStore) -> None:
    follow_new_observation(page)
    page.submit(page.get("resident.follow"), {"photos": files(GOOD)}, action="/suivi/photos")
    photo = db.session.scalars(select(Photo)).one()
    address = f"/suivi/photos/{photo.reference}"
    for expected in ("En préparation", "L’équipe va la regarder"):
        html = page.get("resident.follow")
        assert expected in words(html) and not html.xpath("//main//img")
        assert page.client.get(f"{address}/full").status_code == page.client.get(f"{address}/small").status_code == 404
        reencode_photos()
    with transaction():
        operations.approve_photo(db.session.get_one(Photo, photo.id), by=db.session.merge(cast.ana), at=now())
    html = page.get("resident.follow")
    assert html.xpath("//main//img/@src") == [f"{address}/small"] and "Gardée" in words(html)
    answer = page.client.get(f"{address}/full")
    assert answer.data == store.get(photo.full_name or "") and answer.mimetype == "image/webp"
    text = [answer.headers[name] for name in ("Cache-Control", "X-Content-Type-Options", "Content-Disposition")]
    assert text == ["no-store", "nosniff", "inline"]
    assert page.client.get(f"{address}/huge").status_code == 404


def test_followed_lets_its_author_take_a_photo_back(page: Page, store: MediaStore) -> None:
    follow_new_observation(page)
    page.submit(page.get("resident.follow"), {"photos": files(GOOD)}, action="/suivi/photos")
    reencode_photos()
    page.submit(page.get("resident.follow"), {}, action="/retirer")
    html = words(page.get("resident.follow"))
    assert "La photo est détruite." in html and "Vous l’avez retirée." in html
    assert list(store.list_files("photos")) == list(store.list_files("incoming")) == []


def test_followed_says_why_a_photo_is_not_there(page: Page, cast: Cast) -> None:
    observation = follow_new_observation(page)
    cut_off = pictures.image_bytes(pictures.coloured_quarters(400, 300))[:-2000]
    page.submit(page.get("resident.follow"), {"photos": files(GOOD, cut_off)}, action="/suivi/photos")
    reencode_photos()
    assert "Le fichier est abîmé ou incomplet" in words(page.get("resident.follow"))
    with transaction():
        operations.reject_photo(
            queries.photos_of([observation])[0], PhotoReason.PERSON, by=db.session.merge(cast.ana), at=now()
        )
    assert "Une personne s’y voit." in words(page.get("resident.follow"))


def test_followed_belongs_to_its_author_alone(page: Page, app: Flask, cast: Cast) -> None:
    follow_new_observation(page)
    page.submit(page.get("resident.follow"), {"photos": files(GOOD)}, action="/suivi/photos")
    reencode_photos()
    photo = db.session.scalars(select(Photo)).one()
    with transaction():
        operations.approve_photo(photo, by=db.session.merge(cast.ana), at=now())
    other = Page(app, cast)
    assert other.client.get(f"/suivi/photos/{photo.reference}/full").status_code == 404
    follow_new_observation(other)
    assert other.client.get(f"/suivi/photos/{photo.reference}/full").status_code == 404
    other.post(f"/suivi/photos/{photo.reference}/retirer", {}, status=404)
    assert states() == [(PhotoState.APPROVED, None)]


def test_own_data_tells_the_photos(page: Page) -> None:
    follow_new_observation(page)
    page.submit(page.get("resident.follow"), {"photos": files(GOOD)}, action="/suivi/photos")
    reencode_photos()
    answer = page.client.get("/suivi/donnees.json")
    assert answer.json is not None
    (text,) = answer.json["photos"]
    assert (text["position"], text["state"], text["width"], text["height"]) == (1, "waiting", 64, 32)


def test_withdraw_says_that_the_photos_go_and_destroys_them(page: Page, store: MediaStore) -> None:
    observation = follow_new_observation(page)
    page.submit(page.get("resident.follow"), {"photos": files(GOOD)}, action="/suivi/photos")
    reencode_photos()
    html = page.get("resident.withdraw")
    assert "vos photos" in words(html)
    page.submit(html, {}, action="/suivi/retirer")
    page.post("/suivi", {"code": factories.code_of(observation)})
    assert list(store.list_files("photos")) == [] and "Vous avez retiré l’observation." in words(
        page.get("resident.follow")
    )


def test_privacy_says_what_becomes_of_photos(page: Page) -> None:
    html = words(page.get("resident.privacy"))
    assert "Des photos du lieu, seulement si vous le voulez" in html and "Photos gardées par l’équipe" in html


def test_no_public_route_tells_of_a_photo(page: Page, app: Flask, cast: Cast, store: MediaStore) -> None:
    observation = factories.observation(at=now())
    db.session.commit()
    for number, data in enumerate((GOOD, pictures.image_bytes(pictures.coloured_quarters(40, 40)))):
        sealed = operations.store_original(observation, data)
        with transaction():
            operations.receive_photo(observation, sealed, at=now())
        if number:
            reencode_photos()
    with transaction():
        intake.publish(db.session.get_one(Observation, observation.id), at=now())
        operations.approve_photo(queries.photos_of([observation])[1], by=db.session.merge(cast.ana), at=now())
    photos = queries.photos_of([observation])
    names = {
        text for photo in photos for text in (photo.reference, photo.full_name, photo.small_name, photo.digest) if text
    }
    names |= {name.partition("/")[2] for name in names if "/" in name}
    contents = [store.get(stored.name) for shelf in ("incoming", "photos") for stored in store.list_files(shelf)]
    visited = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for filled in ("1", photos[0].reference, photos[1].reference, observation.reference):
            address = "".join(filled if dynamic else part for dynamic, part in rule._trace).lstrip("|")
            answer = page.client.get(address)
            assert not [content for content in contents if content in answer.data], address
            assert not [name for name in names if name != filled and name in answer.text], address
            visited += 1
    assert visited > 60 and checked_page(page.client.get("/observations").text) is not None


@pytest.mark.parametrize("belongings", [Belongings.YES, Belongings.UNKNOWN])
def test_add_photos_to_a_place_that_may_be_lived_in_is_refused(page: Page, belongings: Belongings) -> None:
    observation = factories.observation(at=now(), belongings=belongings)
    db.session.commit()
    followed(page, observation)
    assert not page.get("resident.follow").xpath("//input[@type='file']")
    page.post("/suivi/photos", {"photos": files(GOOD)})
    assert "ne prend pas de photos" in words(page.get("resident.follow")) and states() == []
