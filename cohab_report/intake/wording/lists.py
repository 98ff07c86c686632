"""The word lists of the wording check, compiled once from the TOML files beside this module.

The city can read and edit those files. Turns lists into patterns, and text into a form in which accents, case,
look-alike spaces and invisible characters don't matter. Decides nothing about a text: `screening` does. No pattern
repeats a group without limit, so no text makes one slow.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

WORD_ENDINGS = {"fr": "(?:e|s|es|x|nes?|les?)?", "en": "(?:s|es)?"}
LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"}
INVISIBLE_CATEGORIES = ("Mn", "Me", "Cf")
"""Unicode categories of combining marks and formatting characters; browsers know them too."""
LOOKALIKES = dict.fromkeys("’‘ʼ`´′＇", "'") | dict.fromkeys("‐‑‒–—−﹣－", "-")


@dataclass(frozen=True)
class FoldedText:
    """A text without accents, in its own case and in lower case, with the original position of each character."""

    cased: str
    lower: str
    positions: tuple[int, ...]
    length: int
    unaccented: frozenset[int]
    """Positions where a letter lost an accent."""

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Returns the span of the original text that these characters came from, invisible characters included."""
        until = self.positions[end] if end < len(self.positions) else self.length
        return self.positions[start], max(until, self.positions[end - 1] + 1)


def fold(text: str) -> FoldedText:
    """Folds a text: Unicode NFKC, no accents, no invisible characters, plain apostrophes and dashes, single spaces."""
    cased: list[str] = []
    positions: list[int] = []
    unaccented: set[int] = set()
    for position, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", LIGATURES.get(character, LOOKALIKES.get(character, character))):
            if unicodedata.category(part) in INVISIBLE_CATEGORIES:
                if unicodedata.combining(part):
                    unaccented.add(len(cased) - 1)
                continue
            if part.isspace() and cased and cased[-1] == " ":
                continue
            cased.append(" " if part.isspace() else LOOKALIKES.get(part, part))
            positions.append(position)
    lower = "".join(part.lower() if len(part.lower()) == 1 else part for part in cased)
    return FoldedText("".join(cased), lower, tuple(positions), len(text), frozenset(unaccented))


@dataclass(frozen=True)
class WordLists:
    """The compiled lists of one language; each matches folded text in lower case."""

    people: re.Pattern[str]
    alone: dict[str, re.Pattern[str]]
    with_person: dict[str, re.Pattern[str]]
    beside_person: re.Pattern[str]
    as_noun: dict[str, re.Pattern[str]]
    wearing: re.Pattern[str]
    against_people: re.Pattern[str]
    introductions: re.Pattern[str]
    titles: re.Pattern[str]
    companions: re.Pattern[str]
    place_before: re.Pattern[str]
    place_after: re.Pattern[str]
    dwelling: re.Pattern[str]
    plate_words: re.Pattern[str]
    phone_words: re.Pattern[str]
    exceptions: re.Pattern[str]
    exceptions_without_accent: re.Pattern[str]
    """Phrases that mean something else with an accent: « les drogues » are things, « les drogués » people."""


@dataclass(frozen=True)
class NameLists:
    """Given and family names, folded, in lower case."""

    given: frozenset[str]
    given_with_family: frozenset[str]
    family: frozenset[str]
    bodies: frozenset[str]
    not_plates: frozenset[str]
    not_names: re.Pattern[str]


@lru_cache
def name_lists() -> NameLists:
    """Returns the lists of `names.toml`."""
    raw = _read_toml("names")
    folded = {
        key: frozenset(_folded_word(name) for name in raw[key])
        for key in ("given", "given_with_family", "family", "bodies", "not_plates")
    }
    return NameLists(not_names=_any_of(raw["not_names"]), **folded)


@lru_cache
def word_lists(language: str) -> WordLists:
    """Returns the compiled lists of a language ("fr" or "en"); raises FileNotFoundError for another."""
    raw, ending = _read_toml(language), WORD_ENDINGS[language]
    kinds = ("person_description", "health", "dehumanising")
    determiner, place = _alternatives(raw["people"]["determiners"]), raw["place"]
    links = rf"(?:{_alternatives(place['links'])})"
    return WordLists(
        people=_any_of(raw["people"]["nouns"], ending),
        alone={kind: _any_of(raw[kind]["alone"], ending) for kind in kinds},
        with_person={kind: _any_of(raw[kind]["with_person"], ending) for kind in kinds},
        beside_person=_any_of(raw["person_description"]["beside_person"], ending),
        as_noun={
            kind: re.compile(
                rf"(?<![\w'-])(?:{determiner})(?<=['a-z]) ?(?<=[' ])"
                rf"(?:{_alternatives(raw[kind]['as_noun'])}){ending}(?![\w-])"
            )
            for kind in kinds
            if "as_noun" in raw[kind]
        },
        wearing=_any_of(raw["person_description"]["wearing"]),
        against_people=_against_people_pattern(raw),
        introductions=_any_of(raw["name"]["introductions"]),
        titles=re.compile(rf"(?<![\w'-])(?<!\d )(?:{_alternatives(raw['name']['titles'])}) (?=\w)"),
        companions=_any_of(raw["name"]["companions"]),
        place_before=re.compile(
            rf"(?<!\w)(?:(?:{_alternatives(place['words'])})s?\.?(?:[ '-]{{1,2}}{links}){{0,4}}"
            rf"|(?:{_alternatives(place['corners'])})\b[^.!?;]{{0,40}})[ '.-]{{0,2}}$"
        ),
        place_after=re.compile(rf"[ -](?:[a-z'-]{{1,20}}[ -])?(?:{_alternatives(place['words'])})(?!\w)")
        if language == "en"
        else re.compile(r"(?!)"),
        dwelling=_dwelling_pattern(raw["dwelling"]),
        plate_words=_any_of(raw["plate"]["words"]),
        phone_words=_any_of(raw["phone"]["words"]),
        exceptions=_any_of(raw["except"]["phrases"]),
        exceptions_without_accent=_any_of(raw["except"]["without_accent"])
        if "without_accent" in raw["except"]
        else re.compile(r"(?!)"),
    )


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))


def _folded_word(word: str) -> str:
    return fold(word).lower


def _alternatives(words: list[str]) -> str:
    """Builds the alternatives of a pattern, the longest first; an asterisk is any ending, a space also a dash."""
    folded = sorted((_folded_word(word) for word in words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\*", "[a-z]{0,12}").replace(r"\ ", "[ -]{1,2}") for word in folded)


def _any_of(words: list[str], ending: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_alternatives(words)}){ending}(?!\w)")


def _against_people_pattern(raw: dict[str, Any]) -> re.Pattern[str]:
    """Builds the pattern of a verb for dirt followed by people, with at most three small words between."""
    verbs, people = raw["dehumanising"]["verbs_against_people"], raw["people"]["plurals"]
    small = "tou[ts]|toutes|les|ces|ce|des|de|d'|nos|the|these|those|all|of|out"
    return re.compile(rf"(?<!\w)(?:{_alternatives(verbs)}) (?:(?:{small}) ?){{0,3}}(?:{_alternatives(people)})(?!\w)")


def _dwelling_pattern(raw: dict[str, Any]) -> re.Pattern[str]:
    """Builds the pattern of « habite au » and a number, or of a number of a flat."""
    return re.compile(
        rf"(?<!\w)(?:(?:{_alternatives(raw['living'])})\b[^.!?;\d]{{0,25}}\d{{1,5}}"
        rf"|(?:{_alternatives(raw['unit'])})\.? {{0,2}}(?:no\.? ?|# ?)?\d{{1,4}}[a-z]?)(?!\w)"
    )
