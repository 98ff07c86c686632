"""No row number leaves the house: whoever has one counts rows, also those that are never public.

Every row of the story gets a number that nothing else looks like; then everything outside is searched for them: all
pages that each role reaches by links and forms, their addresses, cookies, JSON and files, and e-mails with headers.
Routes are found in the application, so that a new one is walked, or named in `NOT_WALKED` with a reason.
"""

import itertools
import json
import re
from collections.abc import Iterator
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Mapper, Session

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Observation
from cohab_report.notify import operations as notify
from cohab_report.notify.models import Delivery
from cohab_report.partners.models import Partner, Person
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from tests import factories
from tests.cast import Cast
from tests.house.test_visibility import DRAFTS
from tests.jobs.test_commands import failing_event
from tests.journeys.test_river import follow_redirect, send_observation
from tests.page import Page
from tests.triage.test_filters import save_filter

FIRST_NUMBER = 7_310_000_001
ROW_NUMBER = re.compile(r"731\d{7}(?!\d)")
SEPARATORS = re.compile(r"(?<=\d)[\s,\u00a0\u202f](?=\d)")
MOST_PER_ENDPOINT = 4
NOT_WALKED = {
    "static": "files of the release",
    "resident.own_photo": "tests of photos read it; its address has the photo's reference",
    "partner.handover_photo": "as above",
    "triage.case_photo": "as above",
    "figures.table": "counts of a quarter, by its name and the table's code",
    "committee.table": "as above",
    "partner.numbered_handover": "addresses of before; no page leads there",
}
"""The endpoints that the walk needs not reach, and why."""


@pytest.fixture
def numbered(session: Session) -> Iterator[None]:
    """Every row that is inserted gets a number by which it can be told from everything else."""
    numbers = itertools.count(FIRST_NUMBER)

    def give_number(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
        if [column.name for column in mapper.primary_key] == ["id"] and target.id is None:
            target.id = next(numbers)

    event.listen(Mapper, "before_insert", give_number)
    yield
    event.remove(Mapper, "before_insert", give_number)


def numbers_in(text: str) -> set[str]:
    return set(ROW_NUMBER.findall(SEPARATORS.sub("", text)))


class Walker:
    """One browser that goes to every address it finds, and notes what it was shown."""

    def __init__(self, app: Flask, page: Page) -> None:
        self.app, self.page, self.reached = app, page, set[str]()
        self.found: list[tuple[str, set[str]]] = []
        self.seen: dict[str, int] = {}

    def walk(self, *starts: str) -> None:
        """Visits these addresses and all that their pages lead to, a few of each endpoint."""
        waiting = list(starts)
        while waiting:
            waiting += self._visit(waiting.pop(0))

    def note(self, where: str, text: str) -> None:
        if numbers := numbers_in(text):
            self.found.append((where, numbers))

    def _visit(self, address: str) -> list[str]:
        parts = urlsplit(address)
        endpoint = self._endpoint(parts.path)
        self.note(f"address in {endpoint}", address)
        if parts.netloc not in ("", "localhost") or endpoint is None or not self._is_new(endpoint, address):
            return []
        answer = Context().run(self.page.client.get, f"{parts.path}?{parts.query}")
        self.reached |= {endpoint} if answer.status_code in (200, 303) else set()
        self.note(f"page {endpoint}", answer.text)
        self.note(f"headers of {endpoint}", str(answer.headers))
        self.note(f"cookie after {endpoint}", json.dumps(cookie_values(self.app, self.page)))
        if answer.status_code == 303:
            return [answer.headers["Location"]]
        if answer.mimetype != "text/html":
            return []
        html = lxml.html.fromstring(answer.text)
        return [str(link) for link in html.xpath("//a/@href | //form[not(@method='post')]/@action | //*/@data-src")]

    def _endpoint(self, path: str) -> str | None:
        with self.app.test_request_context():
            try:
                return str(self.app.url_map.bind("localhost").match(path, method="GET")[0])
            except Exception:  # noqa: BLE001 (whatever is no page of ours)
                return None

    def _is_new(self, endpoint: str, address: str) -> bool:
        is_new = address not in self.seen and self.seen.get(endpoint, 0) < MOST_PER_ENDPOINT
        self.seen[address] = 1
        self.seen[endpoint] = self.seen.get(endpoint, 0) + is_new
        return is_new and endpoint != "static"


def addresses_without_variables(app: Flask) -> list[str]:
    """Returns the address of every readable endpoint that needs no more to be found."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return sorted(rule.rule for rule in rules)


def cookie_values(app: Flask, page: Page) -> dict[str, Any]:
    """Returns what the signed session cookie of this browser says to whoever decodes it."""
    cookie = page.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return dict(serializer.loads(cookie.value)) if cookie is not None else {}


@pytest.fixture
def walker(app: Flask, numbered: None, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walker:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mailbox_dir=str(tmp_path)))
    return Walker(app, page)


def partner(code: str) -> Partner:
    return db.session.scalars(select(Partner).where(Partner.code == code)).one()


def stories(cast: Cast) -> None:
    """Cases in every hand, a merge, a shared filter, an event set aside, and a message that did not leave."""
    offered, waiting, held = (factories.accepted_case(cast.ana) for _ in range(3))
    for case in (offered, waiting):
        routing.hand_over(case, partner("VOIRIE"), by=cast.ana, at=now())
    handover = routing.hand_over(held, partner("VOIRIE"), by=cast.ana, at=now())
    routing.accept_handover(handover, by=cast.lin, at=now())
    first, second = factories.accepted_case(cast.ana), factories.accepted_case(cast.ana)
    triage.merge(second, into=first, by=cast.ana, at=now())
    save_filter(cast.ana, shared=True)
    failing_event("A", error="KeyError")
    db.session.flush()
    for offer in db.session.scalars(select(journal.Event).where(journal.Event.name == "handover.offered")):
        notify.fan_out(offer, at=now())
    db.session.scalars(select(Delivery)).first().give_up("smtp_550")  # type: ignore[union-attr]


def resident_s_way(walker: Walker, page: Page, cast: Cast) -> None:
    """Rosa sends an observation, leaves an address, is asked a question, and reads everything."""
    receipt, code = send_observation(page)
    page.submit(receipt, {"email": "rosa@example.org"}, action="/recu/courriel")
    observation = db.session.scalars(select(Observation).order_by(Observation.received_at.desc())).first()
    assert observation is not None
    inquiries.ask_author(observation, "Près de quel banc ?", by=cast.ana, at=now())
    case = queries.case_of_observation(observation.id)
    triage.accept(case, by=cast.ana, at=now())
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=now())
    walker.walk("/recu")
    follow_redirect(page, page.submit(page.get("resident.follow"), {"code": code}, action="/suivi"))
    with page.client.session_transaction() as browser:
        browser.update(danger_passed=True, sketch=DRAFTS["fr"])
    walker.walk("/suivi", *addresses_without_variables(walker.app), "/observations/cellules.json?zoom=16")
    for asked in db.session.scalars(select(journal.Event).where(journal.Event.name == "contact.asked")):
        notify.fan_out(asked, at=now())


def read_mails(walker: Walker, folder: Path) -> list[str]:
    """Notes every stored e-mail as it would travel; returns the links in them."""
    links = []
    for path in folder.glob("*.eml"):
        walker.note("file name of an e-mail", path.name)
        text = path.read_bytes().decode("utf-8", "replace")
        walker.note("e-mail", text)
        links += re.findall(r"http://localhost(/[^\s<>\"]+)", text.replace("=\r\n", "").replace("=3D", "="))
    return links


def test_no_row_number_stands_in_pages_addresses_cookies_files_or_emails(
    walker: Walker, app: Flask, page: Page, cast: Cast, tmp_path: Path
) -> None:
    stories(cast)
    resident_s_way(walker, page, cast)
    db.session.commit()
    assert notify.deliver_due(at=now()) >= 2
    links = read_mails(walker, tmp_path)
    walker.walk(*links)
    confirm = next(link for link in links if "/courriel/confirmer/" in link)
    page.submit(page.visit(confirm), {}, action=urlsplit(confirm).path)
    walker.walk("/courriel/confirme")
    for person in (cast.ana, cast.lin, cast.noor, cast.omar, cast.charlie, cast.admin):
        staff_way(Walker(app, Page(app, cast)), walker, person)
    assert walker.found == []
    readable = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert readable - walker.reached - set(NOT_WALKED) == set(), "no link leads there: begin the walk with it"


def staff_way(own: Walker, walker: Walker, person: Person) -> None:
    """Walks all that this person may read."""
    own.page.sign_in(person)
    own.walk(*addresses_without_variables(own.app))
    walker.found += [(f"{person.role}: {where}", numbers) for where, numbers in own.found]
    walker.reached |= own.reached


def test_an_address_of_before_opens_the_same_handover_and_no_later_one(page: Page, cast: Cast) -> None:
    cases = [factories.accepted_case(cast.ana) for _ in range(2)]
    before, later = [routing.hand_over(each, partner("VOIRIE"), by=cast.ana, at=now()) for each in cases]
    before.has_numbered_address = True
    db.session.commit()
    old = f"/partenaire/transmissions/{before.id}"
    assert before.case.reference in page.visit(old, as_=cast.lin).text_content()
    page.visit(old, as_=cast.noor, status=404)
    page.visit(f"/partenaire/transmissions/{later.id}", as_=cast.lin, status=404)
    page.client = page.app.test_client()
    answer = Context().run(page.client.get, old)
    assert answer.status_code == 303 and f"next={old}" in answer.headers["Location"], "signing in leads there"


def test_an_address_made_for_another_table_opens_nothing(page: Page, cast: Cast) -> None:
    handover = routing.hand_over(factories.accepted_case(cast.ana), partner("VOIRIE"), by=cast.ana, at=now())
    db.session.commit()
    other = page.address("admin.retry", number=handover.id).split("/")[3]
    page.visit(f"/partenaire/transmissions/{other}", as_=cast.lin, status=404)
    assert db.session.get(Handover, handover.id) is not None
