"""Translates the patterns of the wording check to JavaScript: a browser checks a text while one types, sending nothing.

There is one source: the patterns of `screening` are rewritten from Python's dialect to JavaScript's (flag `u`), none is
written twice. static/js/screen-words.js applies them; a test compares both sentence by sentence.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cohab_report.intake.wording import lists, screening

WORD_CHARACTERS = r"\p{L}\p{N}_"
CLASS_ESCAPES = {"w": WORD_CHARACTERS, "d": r"\p{Nd}", "s": r"\s"}
ESCAPES = {
    "w": f"[{WORD_CHARACTERS}]",
    "W": f"[^{WORD_CHARACTERS}]",
    "d": r"\p{Nd}",
    "s": r"\s",
    "b": f"(?:(?<=[{WORD_CHARACTERS}])(?![{WORD_CHARACTERS}])|(?<![{WORD_CHARACTERS}])(?=[{WORD_CHARACTERS}]))",
}
SYNTAX_CHARACTERS = frozenset(r"^$\.*+?()[]{}|/")


@lru_cache
def javascript_patterns() -> dict[str, Any]:
    """Returns what the browser's check needs: patterns by name, name lists, and the few numbers of `screening`."""
    names = lists.name_lists()
    return {
        "patterns": {
            name.lower(): to_javascript(value.pattern)
            for name, value in vars(screening).items()
            if isinstance(value, re.Pattern)
        },
        "languages": {
            language: _javascript_word_lists(lists.word_lists(language)) for language in screening.SCREENED_LANGUAGES
        },
        "given": sorted(names.given),
        "givenWithFamily": sorted(names.given_with_family),
        "family": sorted(names.family),
        "bodies": sorted(names.bodies),
        "notPlates": sorted([*names.not_plates]),
        "notNames": to_javascript(names.not_names.pattern),
        "weakIntroductions": screening.WEAK_INTRODUCTIONS,
        "serviceNumbers": screening.SERVICE_NUMBERS,
        "nearWords": screening.MAX_WORDS_BETWEEN,
        "longest": screening.LONGEST_SCREENED_TEXT,
        "alike": lists.LIGATURES | lists.LOOKALIKES,
    }


def to_javascript(pattern: str) -> str:
    r"""Translates a pattern to JavaScript, where `\w`, `\d` and `\b` mean all of Unicode too."""
    return "".join(_javascript_pieces(pattern))


def _javascript_pieces(pattern: str) -> Iterable[str]:
    characters, is_inside = iter(pattern), False
    for character in characters:
        if character == "\\":
            yield _translate_escape(next(characters), is_inside=is_inside)
            continue
        is_inside = character == "[" or (is_inside and character != "]")
        yield character


def _translate_escape(character: str, *, is_inside: bool) -> str:
    translation = (CLASS_ESCAPES if is_inside else ESCAPES).get(character)
    if translation is not None:
        return translation
    return f"\\{character}" if character in SYNTAX_CHARACTERS or (is_inside and character == "-") else character


def _javascript_word_lists(words: lists.WordLists) -> dict[str, Any]:
    return {
        name: {kind: to_javascript(each.pattern) for kind, each in value.items()}
        if isinstance(value, dict)
        else to_javascript(value.pattern)
        for name, value in vars(words).items()
    }
