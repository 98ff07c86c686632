"""French is the source.

The English beside it is complete, says the same things, and each language keeps its own typography.
"""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.conftest import TRANSLATIONS

ROOT = Path(__file__).parents[2] / "cohab_report"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}, "templates/**.txt": {"trimmed": "true"}}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|</?\w+[^>]*>")


def messages_in_code() -> set[str | tuple[str, ...]]:
    """Returns every message of the product, as in its source."""
    found = extract_from_dir(str(ROOT), METHODS, OPTIONS, keywords=KEYWORDS)
    return {tuple(each[2]) if isinstance(each[2], (tuple, list)) else each[2] for each in found if each[2]}


KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def test_english_is_complete_and_nothing_in_it_is_dead(english):
    translated = {
        message.id if isinstance(message.id, str) else tuple(message.id)
        for message in english
        if message.id and message.string
    }
    said = messages_in_code()
    assert said - translated == set(), "run `make translations` and write the English"
    assert translated - said == set(), "run `make translations`: these are said nowhere"
    assert not any(form == "" for message in english if message.id for form in _forms(message.string))


def test_each_translation_has_the_same_placeholders(english):
    for message in (message for message in english if message.id):
        for original, form in zip(_forms(message.id), _forms(message.string), strict=False):
            assert Counter(PLACEHOLDER.findall(form)) == Counter(PLACEHOLDER.findall(original)), (original, form)


def test_french_is_spaced_and_quoted_as_french_is():
    wrong = re.compile(r"(?<=\w)'(?=\w)|\w[ ][:;?!»]|«[ ]|\w[?!;](?:\s|$)|(?<!\d)(?<!https)(?<=[a-zéèà]):\s|\bOups\b|!")
    plain = [PLACEHOLDER.sub("x", form) for said in messages_in_code() for form in _forms(said)]
    assert [text for text in plain if wrong.search(text)] == []


def test_english_is_spaced_and_quoted_as_english_is(english):
    wrong = re.compile(r"(?<=\w)'(?=\w)|[\w”][ \u00a0][:;?!](?:\s|$)|[«»]|!")
    plain = [PLACEHOLDER.sub("x", form) for message in english if message.id for form in _forms(message.string)]
    assert [text for text in plain if wrong.search(text)] == []
