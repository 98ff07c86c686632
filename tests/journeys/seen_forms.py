"""The forms of a page as a machine presses them: read once, filled in at random, sent again elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from flask import Flask, url_for
from lxml.html import HtmlElement
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

NOT_PRESSED = {"languages.choose_language", "sign_in.sign_out", "resident.close_follow"}
TEXTS = (*("Trois sacs près du banc, vus ce matin",) * 6, "", "   ", "x" * 501)


@dataclass(frozen=True)
class SeenForm:
    """A form of a page: where it is sent, what it hides, and what may be chosen or typed, by the field's name."""

    endpoint: str
    values: tuple[tuple[str, Any], ...]
    """The parts of its address."""
    hidden: tuple[tuple[str, str], ...]
    """What the page put there, with the token of the session that it was shown to."""
    choices: tuple[tuple[str, tuple[str | None, ...]], ...]
    """The values that a field may have; None leaves it out."""

    def address(self, app: Flask) -> str:
        """Returns where the form is sent."""
        with app.test_request_context():
            return url_for(self.endpoint, **dict(self.values))

    def filled_in(self, random: Random) -> dict[str, str]:
        """Returns what a browser would send, with each field chosen at random."""
        chosen = {name: random.choice(values) for name, values in self.choices}
        return dict(self.hidden) | {name: value for name, value in chosen.items() if value is not None}

    def aimed_at(self, version: int, **values: Any) -> "SeenForm":
        """Returns the form as somebody would forge it: sent about another thing, of which it claims to know all."""
        hidden = [(name, str(version) if name.endswith("version") else value) for name, value in self.hidden]
        return replace(self, values=tuple((dict(self.values) | values).items()), hidden=tuple(hidden))


def forms_of(app: Flask, page: HtmlElement, days: Mapping[str, str]) -> list[SeenForm]:
    """Returns the forms of a page that change something; `days` are the dates that may be typed."""
    found = (_seen_form(app, form, tuple(days.values())) for form in page.xpath("//form[@method='post' and @action]"))
    return [form for form in found if form is not None and form.endpoint not in NOT_PRESSED]


def _seen_form(app: Flask, form: HtmlElement, days: tuple[str, ...]) -> SeenForm | None:
    try:
        endpoint, values = app.url_map.bind("localhost").match(form.get("action", "").split("?")[0], method="POST")
    except (HTTPException, RequestRedirect):
        return None
    hidden: dict[str, str] = {}
    choices: dict[str, tuple[str | None, ...]] = {}
    for field in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name] | .//button[@name]"):
        name, kind = field.get("name"), field.get("type") if field.tag in ("input", "button") else field.tag
        if kind == "hidden":
            hidden[name] = field.get("value", "")
        elif kind != "file":
            choices[name] = (*choices.get(name, ()), *_choices(field, kind, days))
    return SeenForm(endpoint, tuple(values.items()), tuple(hidden.items()), tuple(choices.items()))


def _choices(field: HtmlElement, kind: str, days: tuple[str, ...]) -> tuple[str | None, ...]:
    match kind:
        case "radio" | "submit":
            return (field.get("value", ""),)
        case "checkbox":
            return (field.get("value", "on"), None)
        case "select":
            return tuple(option.get("value", "") for option in field.xpath(".//option"))
        case "date":
            return days
        case "email":
            return ("rosa@rivebelle.example", "rosa")
        case _:
            return TEXTS
