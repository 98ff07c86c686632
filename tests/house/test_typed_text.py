"""What somebody typed comes back on every page of trouble under its own words, and codes that were chosen do not."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from wtforms.fields.core import UnboundField

from cohab_report import create_app
from cohab_report.resident.sketch import ANSWER, Sketch
from cohab_report.web.errors import CHOSEN, LABELS, NEVER_KEPT, kept
from tests.conftest import settings_for


def fields() -> Iterator[str]:
    """The name of every field of every form, and of what residents' forms carry along; answers to a category's questions are codes."""
    waiting = list(FlaskForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("cohab_report."):
            yield from (
                name
                for name in dir(form)
                if isinstance(getattr(form, name), UnboundField) and not name.startswith(ANSWER)
            )
    yield from Sketch.begun().hidden()


@pytest.fixture(scope="module")
def house() -> Flask:
    """The whole application, so that all its forms are known; it asks no database."""
    return create_app(settings_for("sqlite://"))


def test_every_field_is_typed_under_a_name_or_chosen_or_kept_from_pages(house: Flask) -> None:
    assert "landmark" in set(fields()) and "into" in set(fields())
    assert {name for name in fields() if name not in LABELS.keys() | CHOSEN | NEVER_KEPT} == set()


def test_a_sending_that_fails_shows_words_and_no_codes(house: Flask) -> None:
    sketch = Sketch.begun(place="quai", landmark="devant le 12", again="yes")
    sketch.text, sketch.near, sketch.joins = "Des sacs près du banc.", "yes", "K7QF2M9"
    with house.test_request_context("/signaler/envoyer", method="POST", data=sketch.hidden()):
        assert kept() == {"Votre texte": "Des sacs près du banc.", "Repère": "devant le 12"}


def test_a_closing_that_fails_shows_the_note_and_not_the_outcomes_code(house: Flask) -> None:
    with house.test_request_context(
        "/", method="POST", data={"close-reason": "done", "close-note": "Vu.", "recode-reason": "Plus juste."}
    ):
        assert kept() == {"Note": "Vu.", "Motif": "Plus juste."}
