"""No posted value costs a second of the processor, however long it is and whatever it is made of: all open forms."""

import ast
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

import cohab_report
from cohab_report.intake.wording import screen
from cohab_report.resident.draft import Draft
from cohab_report.resident.steps import DANGER_PASSED_KEY, DRAFT_KEY
from cohab_report.territory.names import civic_number, corner_of, search_words
from cohab_report.web.access import access_of
from cohab_report.web.configuration import MAX_FORM_BYTES_IN_MEMORY
from cohab_report.web.sent_values import LONGEST_FIELD
from tests.house.test_access import address_of
from tests.house.test_typed_text import fields_of, forms
from tests.page import Page

SHAPES = ("a ", " ", "\n", "9", "a", "é", "rue ", "a.", "@a", "[", "coin ", " x ", "-", "%", "\u00a0", "{", "aA1 ")
"""What long values are made of: what expressions of names, addresses, numbers and codes stumble over."""
LARGE = 1024 * 1024
CPU_SECONDS = 1.0
DRAFT = {
    "client_id": "6f1f1f5e-3c7b-4c11-9d0e-2f5b0c7a9e02",
    "kind": "cleanliness",
    "category": "DECHET-1",
    "place": "halle",
    "observed_on": "2026-11-22",
    "belongings": "no",
    "help": "no",
}


def open_posts(app: Flask) -> list[Rule]:
    """Returns every route that anybody may post to."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and (access := access_of(app.view_functions[rule.endpoint])) is not None
        and access.is_open
    ]


def names_read_from_forms() -> Iterator[str]:
    """Returns the names that the code reads out of `request.form` or `request.values` itself, found in its source."""
    for path in Path(cohab_report.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "getlist")
            ):
                source = ast.unparse(node.func.value)
                if source in ("request.form", "request.values") and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)


def field_names() -> list[str]:
    named = {name for form in forms() for name in fields_of(form)}
    return sorted(
        named | set(names_read_from_forms()) | set(Draft().to_fields()) | {"carried", "answer-size", "unknown"}
    )


def seconds_of(page: Page, address: str, data: dict[str, str]) -> tuple[float, int]:
    begun = time.process_time()
    status = page._ask("POST", address, as_=None, data=data).status_code
    return time.process_time() - begun, status


@pytest.fixture
def begun(page: Page) -> Page:
    """A visitor in the middle of a draft, so that the form's pages read what is posted to them."""
    with page.client.session_transaction() as session:
        session[DRAFT_KEY] = {name: value for name, value in DRAFT.items() if name != "help"}
        session[DANGER_PASSED_KEY] = True
    return page


def long_value(shape: str, length: int) -> str:
    return "a" + (shape * length)[: length // len(shape.encode()) * len(shape) - 2] + "a"


def long_forms(length: int) -> Iterator[dict[str, str]]:
    """Forms of one long field, by name; longer ones than a field may be, for two names only."""
    names = field_names() if length <= LONGEST_FIELD else ["landmark", "unknown"]
    for name in names:
        yield {**DRAFT, name: long_value(" ", length)}
    yield DRAFT | dict.fromkeys(names, long_value("a ", min(length, MAX_FORM_BYTES_IN_MEMORY // len(names) - 200)))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("length", [LARGE, MAX_FORM_BYTES_IN_MEMORY - 4_000, LONGEST_FIELD])
def test_no_long_value_in_any_field_of_any_open_form_costs_a_second(begun: Page, app: Flask, length: int) -> None:
    slow, tried = [], 0
    for rule in open_posts(app):
        address, token = address_of(rule), {"csrf_token": begun.token()}
        for form in long_forms(length):
            seconds, status = seconds_of(begun, address, {**form, **token})
            assert status < 500, (address, status)
            assert length <= LONGEST_FIELD or status == 413, (address, status)
            tried += 1
            if seconds > CPU_SECONDS:
                slow.append((address, max(form, key=lambda name: len(form[name])), round(seconds, 1)))
    assert tried > 50 and slow == []


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_typed_about_a_place_is_read_in_a_time_that_grows_with_its_length_only(shape: str) -> None:
    """Eight times as long costs about eight times as much, never sixty-four times."""

    def seconds(read: Callable[[str], object], length: int) -> float:
        typed, spent = long_value(shape, length), []
        for _repetition in range(3):
            begun = time.process_time()
            read(typed)
            spent.append(time.process_time() - begun)
        return min(spent)

    for read in (corner_of, civic_number, search_words, screen):
        short, long = seconds(read, 1_000), seconds(read, 8_000)
        assert long < max(0.02, 24 * short), (read.__name__, short, long)
