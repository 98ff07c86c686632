"""Error pages show the typed text under its label, and no chosen codes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from wtforms.fields.core import UnboundField

from cohab_report import create_app
from cohab_report.resident.draft import ANSWER_PREFIX, Draft
from cohab_report.web.errors import CHOICE_FIELDS, FIELD_LABELS, HIDDEN_FIELDS, typed_fields
from tests.conftest import settings_for


def form_field_names() -> Iterator[str]:
    """Yields the name of every field of every form, and of the hidden fields of residents' forms.

    Answers to a category's questions are codes.
    """
    waiting = list(FlaskForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("cohab_report."):
            yield from (
                name
                for name in dir(form)
                if isinstance(getattr(form, name), UnboundField) and not name.startswith(ANSWER_PREFIX)
            )
    yield from Draft.new().to_fields()


@pytest.fixture(scope="module")
def house() -> Flask:
    """The whole application, so that all its forms are imported; it uses no database."""
    return create_app(settings_for("sqlite://"))


def test_every_field_is_typed_under_a_name_or_chosen_or_kept_from_pages(house: Flask) -> None:
    assert "landmark" in set(form_field_names()) and "into" in set(form_field_names())
    assert {
        name for name in form_field_names() if name not in FIELD_LABELS.keys() | CHOICE_FIELDS | HIDDEN_FIELDS
    } == set()


def test_a_sending_that_fails_shows_words_and_no_codes(house: Flask) -> None:
    draft = Draft.new(place="quai", landmark="devant le 12", again="yes")
    draft.text, draft.near, draft.joins = "Des sacs près du banc.", "yes", "K7QF2M9"
    with house.test_request_context("/signaler/envoyer", method="POST", data=draft.to_fields()):
        assert typed_fields() == {"Votre texte": "Des sacs près du banc.", "Repère": "devant le 12"}


def test_a_closing_that_fails_shows_the_note_and_not_the_outcomes_code(house: Flask) -> None:
    with house.test_request_context(
        "/", method="POST", data={"close-reason": "done", "close-note": "Vu.", "recode-reason": "Plus juste."}
    ):
        assert typed_fields() == {"Note": "Vu.", "Motif": "Plus juste."}
