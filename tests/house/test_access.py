"""Every route declares its access, and refuses everybody else: all roles by all routes."""

from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import BaseConverter, Rule

from cohab_report.db import db
from cohab_report.partners.models import Person, Role
from cohab_report.triage.waiting.models import Queue
from cohab_report.web.access import Access, access_of
from cohab_report.web.row_numbers import RowNumberConverter
from tests.cast import Cast
from tests.page import Page

CONVERTER_VALUES = {"IntegerConverter": "1", "UUIDConverter": "00000000-0000-4000-8000-000000000000"}
TEXT_VALUE = "ZZZZ"


def routes(app: Flask) -> Iterator[tuple[Rule, Access | None]]:
    for rule in app.url_map.iter_rules():
        yield rule, access_of(app.view_functions[rule.endpoint])


def address_of(rule: Rule) -> str:
    filled = [value_for(rule._converters[value]) if is_dynamic else value for is_dynamic, value in rule._trace]
    return "".join(filled).lstrip("|")


def value_for(converter: BaseConverter) -> str:
    if isinstance(converter, RowNumberConverter):
        return converter.to_url(1)
    return CONVERTER_VALUES.get(type(converter).__name__, TEXT_VALUE)


def test_every_route_declares_who_may_enter(app: Flask) -> None:
    forgotten = [rule.endpoint for rule, access in routes(app) if access is None]
    assert forgotten == []


def test_only_known_roles_are_named(app: Flask) -> None:
    named = {role for _rule, access in routes(app) if access for role in access.roles}
    assert named <= {role.value for role in Role}


def test_whoever_has_no_business_in_a_route_is_kept_out_of_it(page: Page, app: Flask, cast: Cast) -> None:
    people: list[Person | None] = [None, cast.ana, cast.lin, cast.omar, cast.charlie, cast.admin]
    tried = 0
    for rule, access in routes(app):
        if access is None or access.is_open:
            continue
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        for person in people:
            if person is not None and access.admits(person.role):
                continue
            browser = Page(app, cast)
            if person is not None:
                browser.sign_in(person)
            answer = browser._ask(method, address_of(rule), as_=None)
            expected = 303 if person is None and method == "GET" else 403
            assert answer.status_code == expected, (rule.endpoint, person and person.role, answer.status_code)
            tried += 1
    assert tried > 20


def test_a_person_who_was_let_go_is_kept_out_at_once(page: Page, cast: Cast) -> None:
    page.get("triage.dashboard", as_=cast.ana)
    cast.ana.is_active = False
    assert page._ask("GET", "/tri", as_=None).status_code == 303


MEANINGS_OF_URL_FOR = "endpoint=x&values=x&_external=1&_scheme=javascript&_anchor=x&_method=POST&self=x"
"""Names that mean something to functions that build addresses; anybody may write them behind any address."""


def test_no_name_in_an_address_s_query_breaks_a_page_or_turns_a_link(page: Page, app: Flask, cast: Cast) -> None:
    readers: dict[str, Person] = {"triager": cast.ana, "partner": cast.lin, "pilot": cast.omar, "admin": cast.admin}
    broken = []
    for rule, access in routes(app):
        if access is None or "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        reader = next((person for role, person in readers.items() if access.admits(role) and not access.is_open), None)
        address = next(queue_addresses(rule), address_of(rule))
        answer = page._ask("GET", f"{address}?{MEANINGS_OF_URL_FOR}", as_=reader)
        if answer.status_code >= 500 or 'href="javascript:' in answer.text:
            broken.append(rule.endpoint)
    assert broken == []


def queue_addresses(rule: Rule) -> Iterator[str]:
    """Returns the address of a queue that exists, where the route is that of queues: its page builds links."""
    if rule.rule.endswith("/files/<code>"):
        yield rule.rule.replace("<code>", db.session.scalars(select(Queue.code).order_by(Queue.position)).first() or "")
