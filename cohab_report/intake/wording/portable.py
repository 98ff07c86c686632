"""The wording check's patterns as a browser reads them, so that a text is checked while one types and sent nowhere.

There is one source: the patterns that `screening` uses are rewritten from Python's dialect into JavaScript's (flag `u`), none is written
twice. What is done with them is in static/js/screen-words.js; a test compares the two sentence by sentence.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cohab_report.intake.wording import lists, screening

LETTER = r"\p{L}\p{N}_"
INSIDE = {"w": LETTER, "d": r"\p{Nd}", "s": r"\s"}
OUTSIDE = {
    "w": f"[{LETTER}]", "W": f"[^{LETTER}]", "d": r"\p{Nd}", "s": r"\s",
    "b": f"(?:(?<=[{LETTER}])(?![{LETTER}])|(?<![{LETTER}])(?=[{LETTER}]))",
}  # fmt: skip
SYNTAX = frozenset(r"^$\.*+?()[]{}|/")


@lru_cache
def portable() -> dict[str, Any]:
    """All that the browser's check needs: patterns by their name, lists of names, and the few numbers of `screening`."""
    known = lists.names()
    return {
        "patterns": {name.lower(): translated(value.pattern) for name, value in vars(screening).items() if isinstance(value, re.Pattern)},
        "languages": {language: _language(lists.lists(language)) for language in screening.LANGUAGES},
        "given": sorted(known.given), "givenWithFamily": sorted(known.given_with_family), "family": sorted(known.family),
        "bodies": sorted(known.bodies), "notPlates": sorted([*known.not_plates]), "notNames": translated(known.not_names.pattern),
        "weakIntroductions": screening.WEAK_INTRODUCTIONS, "serviceNumbers": screening.SERVICE_NUMBERS,
        "nearWords": screening.NEAR_WORDS, "longest": screening.LONGEST, "alike": lists.LIGATURES | lists.ALIKE,
    }  # fmt: skip


def translated(pattern: str) -> str:
    r"""The pattern in JavaScript's dialect: `\w`, `\d` and `\b` mean all of Unicode there too, and no sign is escaped in vain."""
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> Iterable[str]:
    signs, is_inside = iter(pattern), False
    for sign in signs:
        if sign == "\\":
            yield _escaped(next(signs), is_inside=is_inside)
            continue
        is_inside = sign == "[" or (is_inside and sign != "]")
        yield sign


def _escaped(sign: str, *, is_inside: bool) -> str:
    meant = (INSIDE if is_inside else OUTSIDE).get(sign)
    if meant is not None:
        return meant
    return f"\\{sign}" if sign in SYNTAX or (is_inside and sign == "-") else sign


def _language(words: lists.Lists) -> dict[str, Any]:
    return {
        name: {kind: translated(each.pattern) for kind, each in value.items()}
        if isinstance(value, dict)
        else translated(value.pattern)
        for name, value in vars(words).items()
    }
