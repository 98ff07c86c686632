"""A browser without scripts for tests: it visits a page, checks its HTML, and fills in its forms."""

from collections.abc import Mapping
from contextvars import Context
from typing import Any

import lxml.html
from flask import Flask, url_for
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.partners import operations
from cohab_report.partners.models import Person
from cohab_report.web.typed_text import labels_given_back
from tests.cast import Cast

TYPED_AND_NEVER_GIVEN_BACK = ("code",)
"""Typed fields that an error page never repeats: the follow-up code opens an observation."""


class Page:
    """One visitor's browser; `as_` signs a person in without the sign-in page, which has tests of its own."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast
        self.client: FlaskClient = app.test_client()
        self.last: TestResponse | None = None

    def get(self, endpoint: str, *, as_: Person | None = None, status: int = 200, **values: Any) -> HtmlElement:
        """Visits the page of this endpoint and checks it."""
        return self.visit(self.address(endpoint, **values), as_=as_, status=status)

    def address(self, endpoint: str, **values: Any) -> str:
        """Returns the address of this endpoint."""
        with self.app.test_request_context():
            return url_for(endpoint, _external=False, **values)

    def visit(self, address: str, *, as_: Person | None = None, status: int = 200) -> HtmlElement:
        """Visits the page at this address and checks it; follows redirects."""
        response = self._ask("GET", address, as_=as_, follow_redirects=True)
        assert response.status_code == status, (address, response.status_code, response.text[:2000])
        page = checked_page(response.text)
        assert typed_and_lost(self.app, page) == set()
        return page

    def post(
        self, address: str, data: Mapping[str, Any], *, as_: Person | None = None, status: int = 303
    ) -> TestResponse:
        """Posts a form, with the CSRF token of the session, and returns the response."""
        token = {"csrf_token": self.token(as_=as_)}
        response = self._ask("POST", address, as_=as_, data={**token, **data})
        assert response.status_code == status, (address, response.status_code, response.text[:3000])
        return response

    def submit(
        self,
        page: HtmlElement,
        changes: Mapping[str, Any],
        *,
        action: str,
        as_: Person | None = None,
        status: int = 303,
    ) -> TestResponse:
        """Fills in and sends the page's form whose action ends with `action`, as a browser would."""
        form = next(form for form in page.forms if (form.action or "").split("?")[0].endswith(action))
        values = form_values(form) | dict(changes)
        response = self._ask("POST", form.action or "", as_=as_, data=values)
        assert response.status_code == status, (form.action, response.status_code, response.text[:3000])
        return response

    def token(self, *, as_: Person | None = None) -> str:
        """Returns a CSRF token of this browser's session, from a page that everybody may read."""
        page = lxml.html.fromstring(self._ask("GET", "/connexion", as_=None).text)
        del as_
        return str(page.xpath("//input[@name='csrf_token']/@value")[0])

    def sign_in(self, person: Person) -> None:
        """Signs this person in."""
        if not person.session_token:
            operations.start_session(person, at=now())
            db.session.commit()
        with self.client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = person.get_id(), True
            session["since"] = session["seen"] = int(now().timestamp())

    def _ask(self, method: str, address: str, *, as_: Person | None, **more: Any) -> TestResponse:
        db.session.commit()
        if as_ is not None:
            self.sign_in(as_)
            db.session.commit()
        # A request in a context of its own, as on a server: it finds no application context, and makes its own session.
        self.last = Context().run(lambda: self.client.open(address, method=method, **more))
        db.session.expire_all()
        return self.last


def checked_page(text: str) -> HtmlElement:
    """Parses and checks the page: one h1, which the title contains, labelled fields, unique ids, nothing inline."""
    page = lxml.html.document_fromstring(text)
    headings = page.xpath("//h1")
    assert len(headings) == 1, [heading.text_content() for heading in headings]
    title = " ".join((page.findtext(".//title") or "").split())
    heading = " ".join(headings[0].text_content().split())
    assert heading.replace("\xa0", " ") in title.replace("\xa0", " "), (heading, title)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)
    assert page.get("lang") in ("fr", "en")
    assert not page.xpath("//script[not(@src) and not(@type='application/json')] | //style | //@style")
    for described in page.xpath("//@aria-describedby | //@aria-labelledby"):
        assert set(described.split()) <= set(ids), described
    for field in page.xpath("//input[not(@type='hidden') and not(@type='submit')] | //select | //textarea"):
        named = field.get("aria-label") or field.get("aria-labelledby") or field.xpath("ancestor::label")
        assert named or page.xpath(f"//label[@for='{field.get('id')}']"), lxml.html.tostring(field)
    return page


def form_values(form: HtmlElement) -> dict[str, str]:
    """Returns what a browser would send of the form as it is, without its buttons."""
    values: dict[str, str] = {}
    for field in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
        if field.tag == "input" and field.get("type") in {"submit", "button"}:
            continue
        if field.get("type") in {"radio", "checkbox"}:
            if field.get("checked") is not None:
                values[field.get("name")] = field.get("value", "on")
        else:
            values[field.get("name")] = (field.value if field.tag != "input" else field.get("value")) or ""
    return {name: value.removeprefix("\n") for name, value in values.items()}


def typed_and_lost(app: Flask, page: HtmlElement) -> set[tuple[str, str]]:
    """Returns endpoint and name of the page's fields of typed text that would be lost if their form failed."""
    addresses, lost = app.url_map.bind("localhost"), set()
    for form in page.xpath("//form[@method='post' and @action]"):
        endpoint, _values = addresses.match(form.action.split("?")[0], method="POST")
        names = form.xpath(".//textarea/@name | .//input[@type='text' or @type='search' or @type='email']/@name")
        labels = labels_given_back(app.view_functions[endpoint])
        lost |= {(endpoint, name) for name in names if name not in (*TYPED_AND_NEVER_GIVEN_BACK, *labels)}
    return lost
