"""The word lists of the wording check, read once from the TOML files beside this module, where the city can read and mend them.

It turns lists into patterns and text into a form in which accents, case, look-alike spaces and invisible characters don't matter. It
refuses to judge: `screening` does. No pattern repeats a group without limit, so no text makes one slow.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

ENDINGS = {"fr": "(?:e|s|es|x|nes?|les?)?", "en": "(?:s|es)?"}
LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"}
INVISIBLE = ("Mn", "Me", "Cf")
"""Unicode's marks on a letter, and its formatting characters: browsers know these classes too."""
ALIKE = dict.fromkeys("’‘ʼ`´′＇", "'") | dict.fromkeys("‐‑‒–—−﹣－", "-")


@dataclass(frozen=True)
class Folded:
    """A text twice: without accents in its own case, and in lower case; and where each of their characters came from."""

    cased: str
    lower: str
    came_from: tuple[int, ...]
    length: int
    accented: frozenset[int]
    """Where a letter lost an accent."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original text that these characters came from, invisible ones and accents in it included."""
        until = self.came_from[end] if end < len(self.came_from) else self.length
        return self.came_from[start], max(until, self.came_from[end - 1] + 1)


def fold(text: str) -> Folded:
    """The text under Unicode NFKC, without accents and invisible characters, apostrophes and dashes made plain, spaces single."""
    cased: list[str] = []
    came_from: list[int] = []
    accented: set[int] = set()
    for place, sign in enumerate(text):
        for part in unicodedata.normalize("NFKD", LIGATURES.get(sign, ALIKE.get(sign, sign))):
            if unicodedata.category(part) in INVISIBLE:
                if unicodedata.combining(part):
                    accented.add(len(cased) - 1)
                continue
            if part.isspace() and cased and cased[-1] == " ":
                continue
            cased.append(" " if part.isspace() else ALIKE.get(part, part))
            came_from.append(place)
    lower = "".join(part.lower() if len(part.lower()) == 1 else part for part in cased)
    return Folded("".join(cased), lower, tuple(came_from), len(text), frozenset(accented))


@dataclass(frozen=True)
class Lists:
    """The compiled lists of one language; each matches text in lower case without accents."""

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
    """Phrases that another accent makes say something else: « les drogues » is a matter of things, « les drogués » of people."""


@dataclass(frozen=True)
class Names:
    """Given and family names, without accents in lower case."""

    given: frozenset[str]
    given_with_family: frozenset[str]
    family: frozenset[str]
    bodies: frozenset[str]
    not_plates: frozenset[str]
    not_names: re.Pattern[str]


@lru_cache
def names() -> Names:
    """The names of `names.toml`."""
    raw = _read("names")
    known = {
        key: frozenset(_plain(name) for name in raw[key])
        for key in ("given", "given_with_family", "family", "bodies", "not_plates")
    }
    return Names(not_names=_any_of(raw["not_names"]), **known)


@lru_cache
def lists(language: str) -> Lists:
    """The lists of one language ("fr" or "en"), compiled once. Raises FileNotFoundError for another."""
    raw, ending = _read(language), ENDINGS[language]
    kinds = ("person_description", "health", "dehumanising")
    determiner, place = _alternatives(raw["people"]["determiners"]), raw["place"]
    links = rf"(?:{_alternatives(place['links'])})"
    return Lists(
        people=_any_of(raw["people"]["nouns"], ending),
        alone={kind: _any_of(raw[kind]["alone"], ending) for kind in kinds},
        with_person={kind: _any_of(raw[kind]["with_person"], ending) for kind in kinds},
        beside_person=_any_of(raw["person_description"]["beside_person"], ending),
        as_noun={
            kind: re.compile(
                rf"(?<![\w'-])(?:{determiner})(?<=['a-z]) ?(?<=[' ])(?:{_alternatives(raw[kind]['as_noun'])}){ending}(?![\w-])"
            )
            for kind in kinds
            if "as_noun" in raw[kind]
        },
        wearing=_any_of(raw["person_description"]["wearing"]),
        against_people=_against_people(raw),
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
        dwelling=_dwelling(raw["dwelling"]),
        plate_words=_any_of(raw["plate"]["words"]),
        phone_words=_any_of(raw["phone"]["words"]),
        exceptions=_any_of(raw["except"]["phrases"]),
        exceptions_without_accent=_any_of(raw["except"]["without_accent"])
        if "without_accent" in raw["except"]
        else re.compile(r"(?!)"),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))


def _plain(word: str) -> str:
    return fold(word).lower


def _alternatives(words: list[str]) -> str:
    """The words as alternatives of a pattern, the longest first; an asterisk stands for any ending, a space also for a dash."""
    plain = sorted((_plain(word) for word in words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\*", "[a-z]{0,12}").replace(r"\ ", "[ -]{1,2}") for word in plain)


def _any_of(words: list[str], ending: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_alternatives(words)}){ending}(?!\w)")


def _against_people(raw: dict[str, Any]) -> re.Pattern[str]:
    """A verb fit for dirt, then people: at most three small words between."""
    verbs, people = raw["dehumanising"]["verbs_against_people"], raw["people"]["plurals"]
    small = "tou[ts]|toutes|les|ces|ce|des|de|d'|nos|the|these|those|all|of|out"
    return re.compile(rf"(?<!\w)(?:{_alternatives(verbs)}) (?:(?:{small}) ?){{0,3}}(?:{_alternatives(people)})(?!\w)")


def _dwelling(raw: dict[str, Any]) -> re.Pattern[str]:
    """Somebody lives at a number, or a number of a flat."""
    return re.compile(
        rf"(?<!\w)(?:(?:{_alternatives(raw['living'])})\b[^.!?;\d]{{0,25}}\d{{1,5}}"
        rf"|(?:{_alternatives(raw['unit'])})\.? {{0,2}}(?:no\.? ?|# ?)?\d{{1,4}}[a-z]?)(?!\w)"
    )
