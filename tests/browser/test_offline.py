"""A phone without network: the whole form, its photos, what waits.

Each observation arrives exactly once, whatever happens on the way.
"""

import gzip
import io
import re
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import shapely
from flask import request
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, FilePayload, Page, expect
from sqlalchemy import func, select

from cohab_report.clock import today
from cohab_report.db import db
from cohab_report.errors import CohabError, Invalid, TooManyRequests, Unavailable
from cohab_report.geo import Point
from cohab_report.intake import receiving
from cohab_report.intake.models import Observation
from cohab_report.resident.offline import cached_files
from cohab_report.territory import queries as territory
from tests.browser.conftest import sign_in, watched
from tests.browser.site import ARGUMENTS, CHROMIUM, PHONE, Site
from tests.browser.walk import form_pages, read_in

pytestmark = pytest.mark.browser
SENDING = "/signaler/envoyer"
CODE = re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}")
WAYS = {
    "PROP-1": ("cleanliness", {}, "no"),
    "PROP-7": ("cleanliness", {"objet": "mattress"}, "unknown"),
    "SECU-1": ("safety", {"probleme": "out"}, "no"),
    "SECU-7": ("concern", {"danger": "no", "enfant": "no"}, None),
    "POSI-3": ("positive", {}, None),
}
WITH_PHOTOS = {"PROP-1", "POSI-3"}
READY = """async () => {
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise((go) => setTimeout(go, 50));
}"""
OLD_SCHEMA = """(draft) => new Promise((resolve, reject) => {
  const asked = indexedDB.open("cohab", 1);
  asked.onupgradeneeded = () =>
    ["drafts", "waiting"].forEach((name) => asked.result.createObjectStore(name, { keyPath: "client_id" }));
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const writing = asked.result.transaction("drafts", "readwrite");
    writing.objectStore("drafts").put(draft);
    writing.oncomplete = () => { asked.result.close(); resolve(); };
  };
})"""
LATER_SCHEMA = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.open("cohab", 9);
  asked.onupgradeneeded = () => asked.result.createObjectStore("of-a-later-release", { keyPath: "name" });
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => { asked.result.close(); resolve(); };
})"""
OUTSIDE = """async (points) => {
  const { isSurelyOutside } = await import("/static/js/city-outline.js");
  const ground = await (await fetch("/signaler/carte.json")).json();
  return points.map(([lon, lat]) => isSurelyOutside(ground, lon, lat));
}"""
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(request.url);
  return found;
}"""


class Door:
    """Stands before the server: counts what is sent, and makes trouble as it is told, one trouble a sending."""

    def __init__(self, site: Site) -> None:
        self.site, self.inner = site, site.app.wsgi_app
        self.troubles: list[str | CohabError | Exception] = []
        self.sent: list[int] = []
        self.statuses: list[str] = []
        self.is_a_hotel = False
        """Whether somebody else answers every sending with a page of their own."""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != SENDING:
            return self.inner(environ, start)
        if self.is_a_hotel:
            start("200 OK", [("Content-Type", "text/html")])
            return [b"<h1>Wi-Fi</h1>"]
        if self.troubles and self.troubles[0] == "expired":
            self.troubles.pop(0)
            environ.pop("HTTP_X_CSRFTOKEN", None)

        def noted(status: str, *more: Any) -> Any:
            self.statuses.append(status[:3])
            return start(status, *more)

        answer = self.inner(environ, noted)
        if self.troubles and self.troubles[0] == "lost":
            self.troubles.pop(0)
            list(answer)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer

    def receive(self, *given: Any, **named: Any) -> Observation:
        """What intake does, or the trouble that comes in its place."""
        self.sent.append(len(request.files.getlist("photos")))
        if self.troubles and isinstance(self.troubles[0], Exception):
            raise self.troubles.pop(0)  # type: ignore[misc]
        return RECEIVE(*given, **named)


RECEIVE = receiving.receive


@pytest.fixture
def door(site: Site, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The server's door, with nothing planned."""
    stands = Door(site)
    monkeypatch.setattr(site.app, "wsgi_app", stands)
    monkeypatch.setattr(receiving, "receive", stands.receive)
    return stands


def how_many(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Observation)) or 0


@pytest.fixture
def ready(context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Makes a phone that has been here once, with network, and now has none."""

    def make(language: str = "fr", *, offline: bool = True, **options: Any) -> Page:
        page = watched(context(permissions=["geolocation", "background-sync"], **options).new_page())
        page.set_default_timeout(75_000)
        read_in(page, language)
        been_here(page)
        page.context.set_offline(offline)
        return page

    return make


def been_here(page: Page) -> None:
    page.goto("/")
    page.evaluate(READY)


def picture() -> FilePayload:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(held, "JPEG")
    return {"name": "banc.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()}


def step(page: Page, name: str) -> None:
    expect(page.locator(f"[data-step={name}]")).to_be_visible()


def go_on(page: Page) -> None:
    page.locator("[data-step]:visible form:visible button[type=submit]").last.click()


def past_danger(page: Page, address: str = "/signaler/hors-ligne") -> None:
    page.goto(address)
    step(page, "danger")
    page.locator("button[name=help][value=no]").click()


def write(page: Page, category: str = "PROP-1", *, text: str = "", photo: bool = False, upto: str = "review") -> None:
    """From the danger screen to the review, or until it stands on that step."""
    kind, answers, belongings = WAYS[category]
    past_danger(page)
    page.locator("[data-step=drafts]:visible, [data-step=subject]:visible").wait_for()
    if page.locator("[data-step=drafts]").is_visible():
        go_on(page)
    steps: dict[str, Callable[[], None]] = {
        "subject": lambda: page.locator(f"button[name=kind][value={kind}]").click(),
        "place": lambda: choose(page, "place", "parc-champlain"),
        "category": lambda: choose(page, "category", category),
        "questions": lambda: questions(page, category, answers, text),
        "belongings": lambda: choose(page, "belongings", belongings),
        "photos": lambda: photos(page, photo=photo),
    }
    for name, act in steps.items():
        if name == upto:
            break
        if (name == "category" and kind == "concern") or (name == "belongings" and not belongings):
            continue
        if name == "photos" and category not in WITH_PHOTOS:
            continue
        step(page, name)
        act()
    step(page, upto)


def choose(page: Page, name: str, value: str | None) -> None:
    page.locator(f"input[name={name}][value='{value}']").check()
    go_on(page)


def questions(page: Page, category: str, answers: dict[str, str], text: str) -> None:
    for code, answer in answers.items():
        page.locator(f"input[name='{category}:answer_{code}'][value={answer}]").check()
    page.locator("textarea[name=text]").fill(text)
    go_on(page)


def photos(page: Page, *, photo: bool) -> None:
    if photo:
        page.locator("input[name=photos]").set_input_files([picture()])
    go_on(page)


def keep(page: Page) -> None:
    """The observation is handed to what waits."""
    step(page, "review")
    go_on(page)
    step(page, "done")
    expect(page.locator("[data-done-status]")).not_to_have_text(re.compile("Envoi en cours|^$"))


def lists(page: Page) -> dict[str, int]:
    """How many drafts, waiting ones and receipts this phone has, by its own page."""
    page.goto("/signaler/en-attente")
    page.locator("[data-behaviour=waiting-list]").wait_for()
    parts = ("drafts", "waiting", "receipts")
    page.locator("[data-empty]:visible, [data-part=forget]:visible").first.wait_for()
    return {part: page.locator(f"[data-part={part}] > ul > li").count() for part in parts}


def network_is_back(page: Page) -> None:
    """The page of what waits is open, and then there is a network: no page is left in the middle of a sending."""
    page.goto("/signaler/en-attente")
    page.locator("html[data-awake]").wait_for(state="attached")
    page.context.set_offline(False)


def arrives(page: Page) -> str:
    """The network is back: what waited has a receipt. Returns its code."""
    network_is_back(page)
    expect(page.locator("[data-part=receipts] > ul > li")).to_have_count(1)
    code = page.locator("[data-part=receipts] [data-copy]").inner_text()
    assert CODE.fullmatch(code)
    return code


def send_now(page: Page) -> None:
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.locator("[data-status]")).to_have_text(re.compile("Tout est parti|Il en reste"))


@pytest.mark.parametrize("category", WAYS)
def test_each_way_is_written_without_network_and_arrives_once_when_it_is_back(
    ready: Callable[..., Page], site: Site, door: Door, category: str
) -> None:
    before, phone = how_many(site), ready()
    has_photo = category in WITH_PHOTOS
    write(phone, category, text="Près du kiosque", photo=has_photo)
    keep(phone)
    assert lists(phone) == {"drafts": 0, "waiting": 1, "receipts": 0}
    assert how_many(site) == before
    arrives(phone)
    assert how_many(site) == before + 1
    assert door.sent == [int(has_photo)]
    with site.app.app_context():
        kept = db.session.scalars(select(Observation).order_by(Observation.id.desc())).first()
        assert (
            kept is not None
            and kept.category.code == category
            and kept.text == "Près du kiosque"
            and kept.place is not None
        )
        assert {code: kept.answers[code] for code in WAYS[category][1]} == WAYS[category][1]


def test_the_code_opens_the_observation_and_stays_until_its_owner_erases_it(
    ready: Callable[..., Page], door: Door
) -> None:
    phone = ready()
    write(phone)
    keep(phone)
    code = arrives(phone)
    phone.get_by_role("link", name="Suivre cette observation").click()
    expect(phone.get_by_label("Votre code de suivi")).to_have_value(code)
    phone.goto("/signaler/en-attente")
    phone.get_by_role("button", name="Effacer ce code").click()
    phone.get_by_role("button", name="Non, garder").click()
    assert lists(phone)["receipts"] == 1
    phone.get_by_role("button", name="Effacer ce code").click()
    phone.get_by_role("button", name="Oui, effacer").click()
    expect(phone.locator("[data-empty]")).to_be_visible()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_phone_that_is_set_to_another_zone_dates_by_the_city(
    ready: Callable[..., Page], site: Site, zone: str
) -> None:
    """At any hour at least one of the two phones has another date than the city."""
    before, phone = how_many(site), ready(timezone_id=zone)
    write(phone, upto="questions")
    with site.app.app_context():
        city = territory.city_facts().zone
    assert phone.locator("[data-step=questions] [name=observed_on]").input_value() == today(city).isoformat()
    go_on(phone)
    step(phone, "belongings")
    choose(phone, "belongings", "no")
    step(phone, "photos")
    photos(phone, photo=False)
    keep(phone)
    arrives(phone)
    assert how_many(site) == before + 1


def test_danger_comes_first_without_network_too_and_says_whom_to_call(ready: Callable[..., Page]) -> None:
    phone = ready()
    for address in ("/", "/signaler/", "/signaler/verifier", "/signaler/hors-ligne"):
        phone.goto(address)
        step(phone, "danger")
        assert phone.locator("[data-step]:visible").count() == 1
    phone.locator("button[name=help][value=yes]").click()
    expect(phone.locator("[data-step=help] a[href='tel:911']").first).to_be_visible()
    assert lists(phone) == {"drafts": 0, "waiting": 0, "receipts": 0}


def test_an_answer_that_means_an_emergency_is_not_kept_and_shows_whom_to_call(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, "SECU-7", upto="questions")
    phone.locator("input[name='SECU-7:answer_danger'][value=yes]").check()
    phone.locator("input[name='SECU-7:answer_enfant'][value=no]").check()
    go_on(phone)
    step(phone, "advice")
    expect(phone.locator("[data-step=advice] a[href='tel:911']:visible").first).to_be_visible()
    phone.get_by_role("button", name="Retour").click()
    step(phone, "questions")
    expect(phone.locator("input[name='SECU-7:answer_danger']:checked")).to_have_count(0)


def test_a_choice_that_the_form_cannot_carry_leads_to_whom_to_turn_to(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, "POSI-3", upto="category")
    phone.locator("input[name=category][value=POSI-6]").check()
    go_on(phone)
    step(phone, "advice")
    expect(phone.locator("[data-step=advice] [data-post]:visible")).to_have_count(1)


def test_what_is_missing_is_said_in_words_beside_where_it_is(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, "SECU-1", upto="place")
    go_on(phone)
    expect(phone.get_by_role("alert")).to_contain_text("Choisissez un lieu")
    write(phone, "SECU-1", upto="questions")
    phone.locator("textarea[name=text]").fill("a" * 281)
    go_on(phone)
    expect(phone.get_by_role("alert")).to_contain_text("Choisissez une réponse")
    expect(phone.get_by_role("alert")).to_contain_text("Raccourcissez")
    expect(phone.get_by_label("Un détail utile")).to_have_accessible_description(re.compile("Raccourcissez"))
    expect(phone.locator("[data-count]")).to_have_text("1 caractère de trop")
    for length, said in ((282, "2 caractères de trop"), (280, "0 caractère restant"), (278, "2 caractères restants")):
        phone.locator("textarea[name=text]").fill("a" * length)
        expect(phone.locator("[data-count]")).to_have_text(said)


def test_the_map_opens_without_network(ready: Callable[..., Page]) -> None:
    phone = ready(geolocation={"longitude": -72.5425, "latitude": 46.3436})
    write(phone, upto="place")
    phone.get_by_text("Choisir sur la carte").click()
    phone.locator(".leaflet-container").wait_for()
    phone.get_by_role("button", name="Placer le repère ici").click()
    expect(phone.locator("[data-map-status]")).to_contain_text("Le repère est placé")
    go_on(phone)
    step(phone, "category")


def test_the_position_is_found_without_network(ready: Callable[..., Page], site: Site, door: Door) -> None:
    phone = ready(geolocation={"longitude": -72.5425, "latitude": 46.3436, "accuracy": 12})
    write(phone, "POSI-3", upto="place")
    phone.get_by_role("button", name="Utiliser ma position").click()
    expect(phone.locator("[data-locate-status]")).to_contain_text("12")
    go_on(phone)
    phone.locator("input[name=category][value=POSI-3]").check()
    for name in ("category", "questions", "photos"):
        step(phone, name)
        go_on(phone)
    step(phone, "review")
    expect(phone.locator("[data-summary]")).to_contain_text("Le point que vous avez placé")
    keep(phone)
    arrives(phone)
    with site.app.app_context():
        kept = db.session.scalars(select(Observation).order_by(Observation.id.desc())).first()
        assert kept is not None and kept.exact_point is not None and round(kept.exact_point.lon, 4) == -72.5425


def test_a_point_outside_the_city_is_told_where_to_turn_before_it_is_sent(ready: Callable[..., Page]) -> None:
    phone = ready(geolocation={"longitude": -73.55, "latitude": 45.5, "accuracy": 12})
    write(phone, upto="place")
    phone.get_by_role("button", name="Utiliser ma position").click()
    expect(phone.locator("[data-locate-status]")).to_contain_text("12")
    go_on(phone)
    expect(phone.get_by_role("alert")).to_contain_text("hors du territoire")
    expect(phone.get_by_role("heading", name="Hors du territoire")).to_be_visible()
    expect(phone.locator("[data-outside] a[href='tel:211']")).to_be_visible()
    choose(phone, "place", "parc-champlain")
    step(phone, "category")
    phone.get_by_role("button", name="Retour").click()
    expect(phone.get_by_role("heading", name="Hors du territoire")).to_be_hidden()


def test_the_phone_calls_no_point_outside_that_the_server_would_take(phone: Page, site: Site) -> None:
    with site.app.app_context():
        city = territory.city_facts()
        west, south, east, north = city.outline.buffer(0.05).bounds
        steps = [(x / 30, y / 30) for x in range(31) for y in range(31)]
        spread = [Point(west + (east - west) * x, south + (north - south) * y) for x, y in steps]
        edge = [
            Point(lon + dx, lat + dy)
            for lon, lat in corners_of(city.outline)
            for dx in (-0.002, 0.002)
            for dy in (-0.002, 0.002)
        ]
        points = [*spread, *edge]
        inside = [city.contains(point) for point in points]
        metres = [city.outline.distance(shapely.Point(point.lon, point.lat)) * 111_320 for point in points]
    phone.goto("/")
    outside = phone.evaluate(OUTSIDE, [[point.lon, point.lat] for point in points])
    assert not [point for point, held, told in zip(points, inside, outside, strict=True) if held and told]
    assert all(told for told, far in zip(outside, metres, strict=True) if far > 1_000)
    assert not [told for told, far in zip(outside, metres, strict=True) if far < 150 and told]


def corners_of(outline: Any) -> Iterable[tuple[float, float]]:
    return [corner for polygon in outline.geoms for corner in polygon.exterior.coords]


def test_another_observation_here_is_begun_from_the_receipt_though_the_line_is_gone(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    to(phone, "receipt")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Une autre observation ici").click()
    step(phone, "subject")
    phone.locator("button[name=kind][value=positive]").click()
    step(phone, "category")
    phone.get_by_role("button", name="Retour").click()
    step(phone, "place")
    expect(phone.locator("input[name=place]:checked")).to_have_value("parc-portuaire")


def test_photos_are_counted_aloud_and_those_left_aside_are_told(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, upto="photos")
    said = phone.locator("[data-photos-status]")
    phone.locator("input[name=photos]").set_input_files([picture(), picture()])
    expect(said).to_have_text("Photos en tout : 2.")
    phone.locator("input[name=photos]").set_input_files([picture(), picture()])
    expect(said).to_have_text("3 photos au plus : les autres sont laissées de côté. Photos en tout : 3.")
    phone.get_by_role("button", name="Retirer la photo 1").click()
    expect(said).to_have_text("Photo retirée. Photos en tout : 2.")
    go_on(phone)
    step(phone, "review")
    expect(phone.locator("[data-summary] > div", has_text="Photos")).to_contain_text("2")


def test_another_observation_here_keeps_the_place(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, text="Le couvercle")
    phone.get_by_role("button", name="Modifier : Lieu").click()
    phone.get_by_label("Repère sur place").fill("devant le 12")
    go_on(phone)
    keep(phone)
    phone.get_by_role("button", name="Une autre observation ici").click()
    step(phone, "subject")
    phone.locator("button[name=kind][value=positive]").click()
    step(phone, "category")
    choose(phone, "category", "POSI-3")
    step(phone, "questions")
    expect(phone.locator("textarea[name=text]")).to_have_value("")
    go_on(phone)
    step(phone, "photos")
    go_on(phone)
    step(phone, "review")
    for words in ("Parc Champlain", "devant le 12"):
        expect(phone.locator("[data-summary]")).to_contain_text(words)
    keep(phone)
    assert lists(phone) == {"drafts": 0, "waiting": 2, "receipts": 0}


def test_going_back_and_mending_an_answer_loses_nothing(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, text="Près du kiosque", photo=True)
    phone.get_by_role("button", name="Modifier : Lieu").click()
    expect(phone.get_by_label("Parc Champlain", exact=True)).to_be_checked()
    phone.get_by_label("Repère sur place").fill("devant le 12")
    go_on(phone)
    step(phone, "review")
    expect(phone.locator("[data-summary] > div", has_text="Repère")).to_contain_text("devant le 12")
    phone.go_back()
    step(phone, "place")
    phone.get_by_role("button", name="Retour").click()
    step(phone, "subject")
    phone.locator("button[name=kind][value=cleanliness]").click()
    step(phone, "review")
    expect(phone.locator("[data-summary]")).to_contain_text("Près du kiosque")
    expect(phone.locator("[data-summary] > div", has_text="Photos")).to_contain_text("1")


def test_several_drafts_are_listed_resumed_where_they_were_and_deleted_only_when_confirmed(
    ready: Callable[..., Page],
) -> None:
    phone = ready()
    write(phone, "PROP-1", text="Le premier", photo=True)
    write(phone, "SECU-1", upto="category")
    assert lists(phone) == {"drafts": 2, "waiting": 0, "receipts": 0}
    phone.close()
    again = watched(phone.context.new_page())
    past_danger(again)
    step(again, "drafts")
    row = again.locator("[data-drafts] > li", has_text="Poubelle ou cendrier qui déborde, Parc Champlain")
    row.get_by_role("button").click()
    step(again, "review")
    expect(again.locator("[data-summary]")).to_contain_text("Le premier")
    again.get_by_role("button", name="Modifier : Photos").click()
    expect(again.locator("[data-kept-photos]")).to_contain_text("Photo 1")
    lists(again)
    other = again.locator("[data-part=drafts] > ul > li", has_text="Ce qui inquiète")
    other.get_by_role("button", name="Supprimer le brouillon").click()
    other.get_by_role("button", name="Oui, effacer").click()
    expect(again.locator("[data-part=drafts] > ul > li")).to_have_count(1)


def test_a_killed_tab_loses_no_letter(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, "PROP-1", upto="questions")
    phone.locator("textarea[name=text]").press_sequentially("Un bac")
    phone.wait_for_timeout(200)
    phone.close()
    again = watched(phone.context.new_page())
    past_danger(again)
    again.locator("[data-drafts] > li").get_by_role("button").click()
    step(again, "questions")
    expect(again.locator("textarea[name=text]")).to_have_value("Un bac")


def test_a_closed_browser_loses_nothing_and_sends_once(
    chromium: Browser, site: Site, door: Door, tmp_path: Path
) -> None:
    before = how_many(site)

    def opened() -> BrowserContext:
        return chromium.browser_type.launch_persistent_context(
            tmp_path, executable_path=CHROMIUM, args=ARGUMENTS, viewport=PHONE, base_url=site.address, locale="fr-CA"
        )

    visitor = opened()
    phone = watched(visitor.new_page())
    been_here(phone)
    visitor.set_offline(True)
    write(phone, photo=True)
    keep(phone)
    visitor.close()
    visitor = opened()
    phone = watched(visitor.new_page())
    phone.goto("/")
    expect(phone.locator(".waiting-line")).to_contain_text("1 observation est partie")
    assert CODE.fullmatch(arrives(phone))
    visitor.close()
    assert how_many(site) == before + 1
    assert door.sent == [1]


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (RuntimeError("a mistake of ours"), "500"),
        (Unavailable(), "503"),
        (TooManyRequests(1), "429"),
        ("expired", "403"),
        ("lost", "200"),
    ],
    ids=["500", "503", "429", "expired-token", "lost-answer"],
)
def test_after_trouble_on_the_way_nothing_is_lost_or_doubled(
    ready: Callable[..., Page], site: Site, door: Door, trouble: str | Exception, status: str
) -> None:
    before, phone = how_many(site), ready()
    door.troubles = [trouble]
    write(phone, photo=True)
    keep(phone)
    network_is_back(phone)
    row = phone.locator("[data-part=waiting] > ul > li, [data-part=receipts] > ul > li")
    expect(row).to_have_count(1)
    if status not in {"403", "200"}:  # those two are tried again at once, without asking anybody
        expect(phone.locator("[data-part=waiting] [data-why]")).to_have_text(re.compile("Prochain essai|Pas de réseau"))
        send_now(phone)
    arrives(phone)
    assert door.statuses[0] == status and door.statuses[-1] == "200"
    assert how_many(site) == before + 1
    assert lists(phone) == {"drafts": 0, "waiting": 0, "receipts": 1}


def told_to_wait(phone: Page, door: Door) -> Page:
    """The phone has sent once, and the server asks it to wait for an hour."""
    door.troubles = [TooManyRequests(3600)]
    write(phone)
    keep(phone)
    network_is_back(phone)
    expect(phone.locator("[data-part=waiting] [data-why]")).to_contain_text("Le service demande d’attendre")
    return phone


def test_a_server_that_asks_to_wait_is_not_asked_again_before(ready: Callable[..., Page], door: Door) -> None:
    phone = told_to_wait(ready(), door)
    phone.goto("/")
    expect(phone.locator(".waiting-line")).to_contain_text("1 observation attend")
    phone.wait_for_timeout(500)
    assert len(door.sent) == 1


def test_a_clock_that_is_set_back_does_not_hold_an_observation_back(ready: Callable[..., Page], door: Door) -> None:
    phone = told_to_wait(ready(), door)
    phone.evaluate("() => { const now = Date.now; Date.now = () => now() - 86400000; return self.outbox.sendAll(); }")
    expect(phone.locator("[data-part=receipts] > ul > li")).to_have_count(1)
    assert len(door.sent) == 2


def test_photos_may_take_as_long_as_a_slow_line_needs(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    phone.add_init_script(
        "self.limits = []; const limit = AbortSignal.timeout;"
        "AbortSignal.timeout = (ms) => { self.limits.push(ms); return limit(ms); };"
    )
    phone.goto("/signaler/en-attente")
    phone.locator("html[data-awake]").wait_for(state="attached")
    limits = phone.evaluate("""async () => {
      const draft = self.outbox.newDraft("fr");
      const post = async (_address, _headers, _form, patience) => {
        self.limits.push(patience); throw new Error("no line");
      };
      await self.outbox.queue({ ...draft, photos: [new File([new Uint8Array(4000000)], "grande.jpg")] });
      await self.outbox.sendOne(draft.client_id, { post });
      return self.limits;
    }""")
    assert limits == [60_000, 560_000]


def test_a_phone_that_knows_no_time_limits_sends_all_the_same(
    ready: Callable[..., Page], site: Site, door: Door
) -> None:
    before, phone = how_many(site), ready()
    phone.add_init_script("delete AbortSignal.timeout;")
    write(phone)
    keep(phone)
    arrives(phone)
    assert how_many(site) == before + 1


def test_one_that_a_proxy_will_not_take_holds_no_other_up(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    phone.goto("/signaler/en-attente")
    phone.locator("html[data-awake]").wait_for(state="attached")
    left = phone.evaluate("""async () => {
      const answers = [
        { status: 413, text: "<h1>Too large</h1>" },
        { status: 200, text: JSON.stringify({ reference: "R", code: "C" }) },
      ];
      for (const made_at of [1, 2]) await self.outbox.queue({ ...self.outbox.newDraft("fr"), made_at });
      return self.outbox.sendAll({ post: async () => answers.shift() });
    }""")
    assert left == 1
    assert lists(phone)["receipts"] == 1


def test_a_sign_in_page_of_a_hotel_is_no_receipt(ready: Callable[..., Page], site: Site, door: Door) -> None:
    before, phone = how_many(site), ready()
    write(phone)
    keep(phone)
    door.is_a_hotel = True
    network_is_back(phone)
    expect(phone.locator("[data-part=waiting] [data-why]")).to_contain_text("Pas de réseau")
    door.is_a_hotel = False
    arrives(phone)
    assert how_many(site) == before + 1


def test_what_the_server_cannot_accept_comes_back_as_a_draft_with_its_words(
    ready: Callable[..., Page], site: Site, door: Door
) -> None:
    before, phone = how_many(site), ready()
    door.troubles = [Invalid("place", "unknown")]
    write(phone, text="Près du kiosque", photo=True)
    keep(phone)
    network_is_back(phone)
    row = phone.locator("[data-part=drafts] > ul > li")
    expect(row).to_contain_text("Ce lieu n’est plus dans la liste")
    row.get_by_role("link").click()
    step(phone, "danger")
    phone.locator("button[name=help][value=no]").click()
    step(phone, "review")
    phone.get_by_role("button", name="Ce lieu n’est plus dans la liste").click()
    phone.get_by_label("Parc Victoria").check()
    go_on(phone)
    expect(phone.locator("[data-summary]")).to_contain_text("Près du kiosque")
    keep(phone)
    assert how_many(site) == before + 1
    assert door.sent == [1, 1]
    assert lists(phone) == {"drafts": 0, "waiting": 0, "receipts": 1}


def test_two_tabs_send_what_waits_only_once(ready: Callable[..., Page], site: Site, door: Door) -> None:
    before, phone = how_many(site), ready()
    second = watched(phone.context.new_page())
    for number in range(3):
        write(phone, text=f"Le numéro {number}")
        keep(phone)
    second.goto("/signaler/en-attente")
    phone.context.set_offline(False)
    expect(second.locator("[data-part=receipts] > ul > li")).to_have_count(3)
    assert how_many(site) == before + 3
    assert len(door.sent) == 3


def test_the_worker_sends_by_itself_when_the_browser_tells_it_that_the_network_is_back(
    ready: Callable[..., Page], site: Site, door: Door
) -> None:
    before, phone = how_many(site), ready()
    write(phone, photo=True)
    keep(phone)
    registered = phone.evaluate("navigator.serviceWorker.ready.then(({ sync }) => sync.getTags())")
    assert registered == ["outbox"]
    line = phone.context.new_cdp_session(phone)
    found: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"]),
    )
    line.send("ServiceWorker.enable")
    phone.goto("about:blank")  # no script of ours is there to send
    phone.context.set_offline(False)
    line.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": site.address, "registrationId": found[0], "tag": "outbox", "lastChance": False},
    )
    for _ in range(50):
        if how_many(site) > before:
            break
        phone.wait_for_timeout(100)
    assert how_many(site) == before + 1
    assert door.sent == [1]
    assert lists(phone) == {"drafts": 0, "waiting": 0, "receipts": 1}


def test_the_review_page_keeps_the_observation_when_the_line_drops_and_sends_it_later(
    ready: Callable[..., Page], site: Site, door: Door
) -> None:
    before, phone = how_many(site), ready(offline=False)
    to(phone, "review")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Envoyer l’observation").click()
    expect(phone.get_by_role("heading", name="Gardée sur ce téléphone")).to_be_focused()
    assert how_many(site) == before
    phone.context.set_offline(False)
    phone.goto("/")
    expect(phone.locator(".waiting-line")).to_contain_text("1 observation est partie")
    arrives(phone)
    assert how_many(site) == before + 1


def test_another_one_that_is_begun_while_the_first_still_waits_takes_nothing_from_it(
    ready: Callable[..., Page], site: Site, door: Door
) -> None:
    """The server is in trouble, the line is good: what waits keeps its id, and what is written meanwhile has one of its
    own.
    """
    before, phone = how_many(site), ready(offline=False)
    door.troubles = [Unavailable()] * 50
    to(phone, "review")
    phone.get_by_role("button", name="Envoyer l’observation").click()
    expect(phone.get_by_role("heading", name="Gardée sur ce téléphone")).to_be_focused()
    for name in form_pages(phone, place="parc-champlain"):
        if name == "review":
            break
    phone.get_by_role("button", name="Envoyer l’observation").click()
    expect(phone.get_by_role("heading", name="Gardée sur ce téléphone")).to_be_focused()
    assert lists(phone)["waiting"] == 2
    door.troubles = []
    send_now(phone)
    expect(phone.locator("[data-part=receipts] > ul > li")).to_have_count(2)
    assert how_many(site) == before + 2
    with site.app.app_context():
        last = db.session.scalars(select(Observation).order_by(Observation.id.desc()).limit(2)).all()
        assert {kept.place.code for kept in last if kept.place} == {"parc-portuaire", "parc-champlain"}


NO_SYNC = "delete ServiceWorkerRegistration.prototype.sync;"


def test_a_phone_that_sends_nothing_by_itself_does_not_promise_it(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    phone.add_init_script(NO_SYNC)
    to(phone, "review")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Envoyer l’observation").click()
    said = phone.locator("[data-state=waits]")
    expect(said).to_contain_text("quand vous rouvrirez ce site")
    expect(said.get_by_text("même si vous fermez cette page")).to_be_hidden()
    said.get_by_role("link", name="Une autre observation").click()
    write(phone)
    keep(phone)
    expect(phone.locator("[data-done-status]")).to_contain_text("quand vous rouvrirez ce site")
    assert lists(phone)["waiting"] == 2


def test_sent_with_a_good_line_it_leaves_nothing_on_the_phone(ready: Callable[..., Page], door: Door) -> None:
    phone = ready(offline=False)
    to(phone, "receipt")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Observation reçue")
    expect(phone.locator(".waiting-line")).to_be_hidden()
    assert lists(phone) == {"drafts": 0, "waiting": 0, "receipts": 0}


def test_a_browser_that_keeps_nothing_sends_in_the_usual_way(
    context: Callable[..., BrowserContext], site: Site
) -> None:
    before, phone = how_many(site), context(service_workers="block").new_page()
    phone.add_init_script("indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); };")
    to(phone, "receipt")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Observation reçue")
    assert how_many(site) == before + 1


@pytest.mark.parametrize(
    ("page_of_the_form", "shown"), [("questions", "questions"), ("belongings", "review"), ("category", "questions")]
)
def test_a_step_that_is_sent_without_network_goes_on_in_the_offline_form(
    ready: Callable[..., Page], page_of_the_form: str, shown: str
) -> None:
    phone = ready(offline=False)
    to(phone, page_of_the_form)
    phone.context.set_offline(True)
    phone.locator("main form .buttons button").first.click()
    step(phone, shown)
    if page_of_the_form == "questions":
        expect(phone.locator("textarea[name=text]")).to_have_value("Le couvercle est tombé près du banc.")
    phone.locator("[data-back]").click()
    assert lists(phone) == {"drafts": 1, "waiting": 0, "receipts": 0}


def test_a_step_that_cannot_be_read_without_network_goes_on_with_what_was_answered(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    to(phone, "questions")
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Retour").click()
    step(phone, "questions")
    phone.get_by_role("button", name="Retour").click()
    step(phone, "category")
    expect(phone.locator("input[name=category][value=PROP-1]")).to_be_checked()
    assert lists(phone)["drafts"] == 1
    phone.goto("/signaler/")
    step(phone, "danger")


def test_a_page_that_needs_the_network_says_what_works_and_is_not_kept(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    to(phone, "followed")
    kept = phone.evaluate(KEPT)
    assert not [
        url for url in kept if re.search(r"/(suivi|recu|observations|tri|partenaire|comite|admin|connexion)|/$", url)
    ]
    phone.context.set_offline(True)
    for address in ("/suivi", "/observations", "/recu"):
        phone.goto(address)
        expect(phone.get_by_role("heading", name="Cette page a besoin du réseau")).to_be_visible()
        expect(phone.get_by_role("link", name="Écrire une observation")).to_be_visible()


@pytest.mark.parametrize(("field", "typed"), [("email", "rosa@exemple.ca"), ("code", "K7QF-2M9T-4XWD-81RZ-0CVB")])
def test_what_is_sent_of_an_observation_that_is_there_already_becomes_no_draft_and_is_given_back(
    ready: Callable[..., Page], field: str, typed: str
) -> None:
    phone = ready(offline=False)
    if field == "email":
        to(phone, "followed")
    else:
        phone.goto("/suivi")
    phone.locator(f"input[name={field}]").fill(typed)
    phone.context.set_offline(True)
    phone.locator(f"form:has(input[name={field}]:visible) button[type=submit]").click()
    expect(phone.locator("[data-not-sent]")).to_contain_text("n’est pas parti")
    expect(phone.locator("[data-not-sent] pre")).to_have_text(typed)
    facts = phone.evaluate(
        "async () => JSON.stringify(await Promise.all(['facts', 'drafts', 'waiting'].map(self.outbox.all)))"
    )
    assert typed not in facts
    assert phone.locator("[data-part=drafts] > ul > li").count() == 0
    phone.context.set_offline(False)
    phone.get_by_role("link", name="Essayer de nouveau").click()
    expect(phone).to_have_url(re.compile("/suivi$"))
    expect(phone.locator("[data-not-sent]")).to_have_count(0)


def test_staff_are_never_given_anything_that_was_kept(ready: Callable[..., Page]) -> None:
    desk = ready(offline=False)
    sign_in(desk, "ana@demo.test")
    desk.goto("/tri")
    desk.goto("/")
    desk.wait_for_timeout(300)
    assert not [url for url in desk.evaluate(KEPT) if "/tri" in url]
    desk.context.set_offline(True)
    for address in ("/tri", "/", "/signaler/"):
        with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
            desk.goto(address)


def test_a_new_release_waits_while_a_draft_is_written_and_strands_none(
    ready: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = ready(offline=False)
    write(phone, text="Avant la mise à jour", photo=True)
    phone.wait_for_timeout(200)
    monkeypatch.setattr(cached_files, "release_version", lambda: "the-next-one")
    phone.evaluate("navigator.serviceWorker.ready.then((known) => known.update())")
    phone.wait_for_function("navigator.serviceWorker.ready.then(({ waiting }) => Boolean(waiting))")
    phone.goto("/accessibilite")
    phone.evaluate("new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done))")
    assert "cohab-the-next-one" in phone.evaluate("caches.keys()")
    phone.context.set_offline(True)
    past_danger(phone)
    phone.locator("[data-drafts] > li").get_by_role("button").click()
    step(phone, "review")
    expect(phone.locator("[data-summary]")).to_contain_text("Avant la mise à jour")
    keep(phone)
    arrives(phone)


def test_what_an_older_release_kept_is_found_and_a_later_one_is_no_obstacle(
    context: Callable[..., BrowserContext],
) -> None:
    fields = {"client_id": "8f0c1c2e-54c4-4b52-9f6b-0d9c5f5b6a01", "kind": "safety", "text": "De l’an dernier"}
    phone = watched(context().new_page())
    phone.goto("/healthz")
    phone.evaluate(
        OLD_SCHEMA,
        {"client_id": fields["client_id"], "fields": fields, "photos": [], "made_at": 1, "label": "Un lampadaire"},
    )
    assert lists(phone)["drafts"] == 1
    phone.goto("/healthz")
    phone.evaluate(LATER_SCHEMA)
    assert lists(phone)["drafts"] == 1
    phone.locator("[data-part=drafts] > ul > li").get_by_role("link").click()
    phone.locator("button[name=help][value=no]").click()
    step(phone, "place")


def test_in_english_too(ready: Callable[..., Page], site: Site, door: Door) -> None:
    phone = ready("en")
    phone.goto("/signaler/")
    expect(phone.get_by_role("heading", level=2).first).to_have_text(re.compile("need help now"))
    door.troubles = [Invalid("place", "outside")]
    write(phone)
    keep(phone)
    network_is_back(phone)
    expect(phone.locator("[data-part=drafts] > ul > li")).to_contain_text("outside")
    phone.locator("[data-part=drafts] > ul > li").get_by_role("link").click()
    phone.locator("button[name=help][value=no]").click()
    keep(phone)
    arrives(phone)
    with site.app.app_context():
        kept = db.session.scalars(select(Observation).order_by(Observation.id.desc())).first()
        assert kept is not None and kept.language == "en"


def test_with_the_keyboard_alone(ready: Callable[..., Page]) -> None:
    phone = ready()
    phone.goto("/signaler/")
    step(phone, "danger")

    def press(wanted: str, key: str) -> None:
        for _ in range(80):
            phone.keyboard.press("Tab")
            if phone.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
                break
        else:
            pytest.fail(f"the keyboard never came to {wanted}")
        phone.keyboard.press(key)

    go = "[data-step]:not([hidden]) form:not([hidden]) > .buttons button"
    press("button[name=help][value=no]", "Enter")
    press("button[name=kind][value=positive]", "Enter")
    press("input[name=place]", "Space")
    press(go, "Enter")
    step(phone, "category")
    press("input[name=category]", "Space")
    for name in ("category", "questions", "review"):
        step(phone, name)
        press(go, "Enter")
    step(phone, "done")
    expect(phone.locator("[data-done-status]")).to_contain_text("Gardée sur ce téléphone")


def test_a_photo_that_another_app_shares_begins_a_draft(ready: Callable[..., Page]) -> None:
    phone = ready()
    phone.goto("/signaler/en-attente")
    phone.evaluate("""() => {
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: "/signaler/partage", enctype: "multipart/form-data" });
      const input = Object.assign(document.createElement("input"), { type: "file", name: "photos" });
      const given = new DataTransfer();
      given.items.add(new File([new Uint8Array(9)], "partage.jpg", { type: "image/jpeg" }));
      input.files = given.files;
      form.append(input);
      document.body.append(form);
      form.submit();
    }""")
    step(phone, "danger")
    phone.locator("button[name=help][value=no]").click()
    step(phone, "subject")
    phone.locator("button[name=kind][value=positive]").click()
    step(phone, "place")
    assert lists(phone)["drafts"] == 1


def test_everything_on_the_phone_can_be_forgotten(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone)
    keep(phone)
    write(phone, upto="category")
    assert lists(phone) == {"drafts": 1, "waiting": 1, "receipts": 0}
    phone.get_by_role("button", name="Oublier tout ce qui est sur ce téléphone").click()
    phone.locator("[data-part=forget]").get_by_role("button", name="Oui, effacer").click()
    expect(phone.locator("[data-empty]")).to_be_visible()
    assert lists(phone) == {"drafts": 0, "waiting": 0, "receipts": 0}


def test_whoever_stands_on_a_row_stays_there_and_is_told_what_became_of_it(ready: Callable[..., Page]) -> None:
    phone = ready()
    for number in range(2):
        write(phone, text=f"Le numéro {number}")
        keep(phone)
    lists(phone)
    first = phone.locator("[data-part=waiting] > ul > li").first
    first.get_by_role("button", name="Ne pas l’envoyer").click()
    sure = first.get_by_role("button", name="Oui, effacer")
    expect(sure).to_be_focused()
    phone.evaluate("self.outbox.sendAll({ evenEarly: true })")
    expect(first.locator("[data-why]")).to_contain_text("Pas de réseau")
    expect(sure).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.locator("[data-part=waiting] > ul > li")).to_have_count(1)
    expect(phone.get_by_role("heading", name="En attente d’envoi")).to_be_focused()
    expect(phone.locator("[data-status]")).to_have_text("C’est effacé de ce téléphone.")
    first.get_by_role("button", name="Ne pas l’envoyer").click()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Sur ce téléphone", level=1)).to_be_focused()


def test_without_scripts_the_page_says_where_the_usual_form_is(context: Callable[..., BrowserContext]) -> None:
    phone = context(java_script_enabled=False).new_page()
    phone.goto("/signaler/hors-ligne")
    phone.get_by_role("link", name="Le formulaire habituel").click()
    expect(phone).to_have_url(re.compile(r"/signaler/$"))


def test_what_is_kept_for_later_weighs_at_most_a_quarter_of_a_megabyte(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    weights = {url: len(gzip.compress(phone.request.get(url).body())) for url in phone.evaluate(KEPT)}
    assert any("leaflet.js" in url for url in weights) and any("hors-ligne" in url for url in weights)
    assert sum(weights.values()) <= 250 * 1024, weights


def test_on_paper_the_receipt_has_its_code_and_its_picture(ready: Callable[..., Page]) -> None:
    phone = ready(offline=False)
    to(phone, "receipt")
    expect(phone.get_by_role("button", name="Imprimer")).to_be_visible()
    phone.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    phone.emulate_media(media="print")
    for seen in (
        phone.locator(".code output"),
        phone.locator(".qr svg"),
        phone.get_by_text("entrez ce code à l’adresse"),
    ):
        expect(seen).to_be_visible()
    for unseen in (
        phone.locator(".buttons .button").first,
        phone.locator(".site-header"),
        phone.locator(".danger-strip"),
    ):
        expect(unseen).to_be_hidden()


def to(page: Page, wanted: str) -> None:
    """Goes through the online form until it stands on that page."""
    for name in form_pages(page):
        if name == wanted:
            return
