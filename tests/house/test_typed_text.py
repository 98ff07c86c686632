"""Pages of failed forms give back the typed text under its label, and nothing that a form does not declare so."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from werkzeug.routing import Rule
from wtforms import HiddenField, PasswordField, StringField
from wtforms.fields.core import UnboundField

from cohab_report import create_app
from cohab_report.resident.draft import Draft
from cohab_report.resident.forms import QuestionsForm
from cohab_report.resident.inquiries.forms import ReplyForm
from cohab_report.routing.forms import FinishForm, ReasonForm
from cohab_report.triage.forms import CloseForm, OccupancyForm
from cohab_report.triage.inquiries.forms import AskForm
from cohab_report.web.typed_text import labels_given_back, marked_labels, typed_fields
from tests.conftest import settings_for
from tests.house.test_access import address_of
from tests.page import TYPED_AND_NEVER_GIVEN_BACK

UNKNOWN = ("otp", "api_key", "secret2", "totp", "webhook_secret", "password", "code", "token", "carried", "x-note", "n")
"""Names that no form declares as typed text; some may be declared by forms to come, with a secret in them."""


@pytest.fixture(scope="module")
def house() -> Flask:
    """The whole application, so that all its forms are imported; it has no database, and forms need a token."""
    app = create_app(settings_for("sqlite://"))
    app.testing = False
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def forms() -> Iterator[type[FlaskForm]]:
    waiting = list(FlaskForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("cohab_report."):
            yield form


def fields_of(form: type[FlaskForm]) -> dict[str, Any]:
    fields = {name: getattr(form, name) for name in dir(form)}
    return {name: field for name, field in fields.items() if isinstance(field, UnboundField)}


def is_typed(field: Any) -> bool:
    return issubclass(field.field_class, StringField) and not issubclass(
        field.field_class, (HiddenField, PasswordField)
    )


def posted_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]


def views_that_give_back(app: Flask) -> dict[str, dict[str, str]]:
    return {
        address_of(rule): {name: str(label) for name, label in labels.items()}
        for rule in posted_rules(app)
        if (labels := labels_given_back(app.view_functions[rule.endpoint]))
    }


def test_every_typed_field_is_given_back_or_named_as_one_that_never_is(house: Flask) -> None:
    forgotten = {
        (form.__name__, name)
        for form in forms()
        for name, field in fields_of(form).items()
        if is_typed(field) and name not in marked_labels(form)
    }
    assert {name for _form, name in forgotten} == set(TYPED_AND_NEVER_GIVEN_BACK)


def test_every_form_with_typed_text_is_declared_by_a_view_that_reads_it(house: Flask) -> None:
    with house.test_request_context():
        declared = {
            (name.rsplit("-", 1)[-1], label)
            for labels in views_that_give_back(house).values()
            for name, label in labels.items()
        }
        marked = {(name, str(label)) for form in forms() for name, label in marked_labels(form).items()}
    assert len(marked) >= 12 and marked <= declared


def test_every_declared_field_is_given_back_under_its_label_by_every_route_that_reads_it(house: Flask) -> None:
    with house.test_request_context():
        fields_by_address = views_that_give_back(house)
    assert len(fields_by_address) >= 18
    for address, labels in fields_by_address.items():
        texts = {name: f"Écrit dans {name}." for name in labels}
        answer = house.test_client().post(address, data=texts)
        assert answer.status_code in {400, 403}, address
        for name, label in labels.items():
            assert label in answer.text and texts[name] in answer.text, (address, name)


def test_no_route_gives_back_a_field_that_nobody_declared(house: Flask) -> None:
    rules = posted_rules(house)
    assert len(rules) > 40
    for rule in rules:
        prefixes = {"", *(f"{prefix}-" for prefix in ("close", "accept", "filter", "ask", "partner"))}
        secrets = {f"{prefix}{name}": "s3cret-4829" for prefix in prefixes for name in UNKNOWN}
        with house.app_context():
            address = address_of(rule)
        answer = house.test_client().post(address, data=secrets | {"csrf_token": "s3cret-4829"})
        assert answer.status_code in {303, 400, 403, 503}, rule
        assert "s3cret-4829" not in answer.text, rule


def test_a_sending_that_fails_shows_words_and_no_codes(house: Flask) -> None:
    draft = Draft.new(place="quai", landmark="devant le 12", again="yes")
    draft.text, draft.near, draft.joins = "Des sacs près du banc.", "yes", "K7QF2M9"
    with house.test_request_context("/signaler/envoyer", method="POST", data=draft.to_fields()):
        assert typed_fields() == {
            "Un détail utile sur le lieu": "Des sacs près du banc.",
            "Repère sur place": "devant le 12",
        }


def test_a_closing_that_fails_shows_the_note_and_not_the_outcomes_code(house: Flask) -> None:
    typed = {"close-reason": "done", "close-note": "Vu.", "recode-reason": "Plus juste."}
    with house.test_request_context("/tri/dossiers/K7QF2M9/fermer", method="POST", data=typed):
        assert typed_fields() == {"Note pour l’équipe": "Vu."}


@pytest.mark.parametrize(
    ("form", "name", "longest"),
    [
        (CloseForm, "note", 500),
        (OccupancyForm, "note", 500),
        (FinishForm, "answer", 500),
        (ReasonForm, "answer", 500),
        (AskForm, "question", 280),
        (ReplyForm, "answer", 280),
        (QuestionsForm, "text", 280),
    ],
)
def test_a_form_counts_a_line_end_once_as_the_browser_does(
    house: Flask, form: type[FlaskForm], name: str, longest: int
) -> None:
    for length, is_accepted in [(longest, True), (longest + 1, False)]:
        posted = "\r\n".join(["trois"] * 20).ljust(length + 19, "x")
        with house.test_request_context("/", method="POST", data={name: posted}):
            field = form(meta={"csrf": False})[name]
            assert field.validate(form) == is_accepted, (form.__name__, length)
            assert len(field.data) == length
