"""The front of the production example with two web servers: slow senders, photos, restarts, what its logs keep."""

import csv
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cohab_report.intake.photos.models import MAX_PHOTOS
from cohab_report.intake.photos.rules import LARGEST_PHOTO
from deploy.instance import ROOT
from tests.deploy.front import EXAMPLE, Front, front
from tests.deploy.sending import sent_observation
from tests.deploy.web_servers import send_a_byte, slow_senders, status_of

PAGES = ("/healthz", "/", "/signaler/", "/observations")
RESIDENT = "127.9.9.9"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def site(
    request: pytest.FixtureRequest, new_database: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """The front with both web servers."""
    with front(tmp_path_factory.mktemp("front"), new_database(request.param, "front")) as running_front:
        yield running_front


def test_a_hundred_slow_senders_stop_nobody_wherever_they_come_from(site: Front):
    one_network = [site.site.called_from("127.0.0.1")] * 100
    many_networks = [site.site.called_from(f"127.1.{number}.1") for number in range(100)]
    resident = site.site.called_from(RESIDENT)
    with slow_senders(one_network) as near, slow_senders(many_networks) as far:
        for _ in range(3):
            send_a_byte(near)
            assert send_a_byte(far) == 100
            assert [status_of(resident, page) for page in PAGES] == [200] * len(PAGES)
        assert site.lines_to_web_servers() < 20, "the front holds the slow bodies itself"


def test_one_network_has_only_so_many_bodies_under_way(site: Front):
    sender = site.site.called_from("127.2.0.1")
    with slow_senders([sender] * 32):
        refused = sender.send("POST", "/signaler/envoyer", b"x")
        assert (refused.status, b"911" in refused.body) == (429, True)
        assert status_of(sender, "/") == 200, "reading goes on"
        assert site.site.called_from("127.3.0.1").send("POST", "/signaler/envoyer", b"x").status == 400


def test_three_photos_of_the_largest_size_go_through(site: Front):
    photo = b"\xff\xd8\xff" + bytes(LARGEST_PHOTO - 3)
    receipt = sent_observation(site.site.called_from(RESIDENT), photos=[photo] * MAX_PHOTOS)
    assert receipt == 303
    larger = site.site.called_from(RESIDENT).send("POST", "/signaler/envoyer", b"x", content_length="60000000")
    assert (larger.status, b"15" in larger.body and b"988" in larger.body) == (413, True)


def test_texts_are_compressed_and_plain_http_leads_to_tls(site: Front):
    page = site.site.get("/", accept_encoding="gzip")
    assert (page.status, page.headers["Content-Encoding"]) == (200, "gzip")
    plain = site.plain.get("/signaler/?x=1")
    assert (plain.status, plain.headers["Location"]) == (308, "https://127.0.0.1/signaler/?x=1")


def test_the_logs_keep_neither_addresses_nor_what_stands_in_an_address_line(site: Front):
    token, caller = "a-token-that-opens-something", site.site.called_from("127.77.66.55")
    with slow_senders([caller] * 40):
        statuses = [status_of(caller, f"/courriel/{token}"), caller.send("POST", f"/suivi/{token}", b"x").status]
    statuses.append(caller.send("POST", f"/suivi/{token}", b"x", content_length="99000000").status)
    assert statuses == [404, 429, 413]
    kept = site.nginx.said() + "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in site.folder.rglob("*.log")
    )
    assert token not in kept
    assert caller.caller not in kept


def test_sixty_requests_across_a_restart_of_each_web_server_are_all_answered(
    new_database: Callable[[str, str], str], tmp_path: Path
):
    with front(tmp_path, new_database("sqlite", "restart"), web_servers=1) as site:
        visitor = site.site.called_from(RESIDENT)

        def asked(number: int) -> int:
            return sent_observation(visitor) if number % 2 else status_of(visitor, "/")

        with site.web_server(2) as second, ThreadPoolExecutor(4) as visitors:
            waiting = [visitors.submit(asked, number) for number in range(30)]
            second.stop()
            assert not site.socket(2).exists()
            with site.web_server(2):
                waiting += [visitors.submit(asked, number) for number in range(30)]
                assert sorted(each.result() for each in waiting) == [200] * 30 + [303] * 30


def test_while_every_web_server_is_away_a_page_says_so_with_whom_to_call(
    new_database: Callable[[str, str], str], tmp_path: Path
):
    with front(tmp_path, new_database("sqlite", "away"), web_servers=0) as site:
        for method in ("GET", "POST"):
            page = site.site.send(method, "/signaler/envoyer", b"")
            assert (page.status, page.headers["Retry-After"], page.headers["Cache-Control"]) == (503, "10", "no-store")
            assert b"De retour dans un instant" in page.body
            assert b"911" in page.body
        assert site.nginx.said() == ""


@pytest.mark.parametrize("name", ["de-retour", "refusee"])
def test_the_numbers_of_the_front_s_pages_are_the_city_s(name: str):
    page = (EXAMPLE / "pages" / f"{name}.html").read_text(encoding="utf-8")
    with (ROOT / "cohab_report" / "cities" / "trois_rivieres" / "emergency_numbers.csv").open(encoding="utf-8") as file:
        known = {(row["tel"], row["number"]) for row in csv.DictReader(file)}
    shown = re.findall(r'<a href="(tel:[^"]+)">([^<]+)</a>', page)
    assert len(shown) == 6
    assert set(shown) <= known
