"""The wording check of a resident's free text: what could point at a person is marked, in French and in English.

It warns the resident and flags the text for triage. It refuses to block, to change the text or to keep an excerpt: a finding says only what
kind it is and where. Word lists are data beside this module. A list is no judge: it misses names that it doesn't know, and people read
every text before anything of it is published.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohab_report.intake.wording.lists import Folded, Lists, fold, lists, names

LANGUAGES = ("fr", "en")
LONGEST = 2_000
"""Characters that are read; a resident's text has 280, and what is longer is refused elsewhere."""
NEAR_WORDS = 5
"""How many words may stand between a person and what is said of them."""


class FindingKind(StrEnum):
    """What a marked passage seems to be."""

    PHONE = "phone"
    EMAIL = "email"
    SOCIAL_LINK = "social_link"
    PLATE = "plate"
    HEALTH_CARD = "health_card"
    NAME = "name"
    DWELLING = "dwelling"
    PERSON_DESCRIPTION = "person_description"
    HEALTH = "health"
    DEHUMANISING = "dehumanising"


@dataclass(frozen=True, order=True)
class Finding:
    """A passage of the text, from `start` to `end` (excluded), that seems to be of this kind."""

    start: int
    end: int
    kind: FindingKind


Spans = Iterator[tuple[int, int]]

PHONE = re.compile(
    r"(?<![\w.,$-])(?:\+?1[ .-]{0,2})?(?:\([2-9]\d\d\)|[2-9]\d\d)[ ./-]{0,3}[2-9]\d\d[ .-]{0,2}\d{4}(?![\d-])"
    r"|(?<![\w.,$-])[2-9]\d\d[.-]\d{4}(?![\w-])"
    r"|(?<!\w)\+\d{1,3}[ .-]?\d(?:[ .-]?\d){7,12}(?!\d)"
    r"|(?<![\w-])[2-9](?:[ .-]\d){9}(?![ .-]?\d)"
)
SHORT_PHONE = re.compile(r"\W{0,4}(?:au |le |at |: ?)?([2-9]\d\d[ .-]?\d{4})(?!\d)")
EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?(?:@|\(a\)|\[a\]|\(at\)|\[at\]| arobase )"
    r" ?[\w-]{1,63}(?:(?: ?\. ?| dot | point | ?[\[(](?:dot|point)[\])] ?)[a-z]{2,24}){1,3}(?!\w)"
    r"|(?<![\w.+-])[\w.+-]{1,64} at [\w-]{1,63} (?:dot|point) [a-z]{2,24}(?!\w)"
)
SOCIAL = re.compile(
    r"(?:https?://|www\.)[^\s<>]{3,200}"
    r"|(?<!\w)(?:facebook|fb|instagram|insta|tiktok|snapchat|snap|twitter|linkedin|youtube|messenger)(?:\.com?)?"
    r"(?:/[\w./-]{2,80}| ?: ?@?[\w.]{2,40})"
    r"|(?<![\w@.])@[a-z_][\w.]{2,30}(?!\w)"
    r"|(?<!\w)(?:son|leur|mon|his|her|their|my) (?:facebook|fb|instagram|insta|tiktok|snapchat|snap|twitter|linkedin|messenger)(?!\w)"
)
HEALTH_CARD = re.compile(
    r"(?<!\w)[a-z]{4}[ -]{0,2}\d\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])[ -]{0,2}(?:0[1-9]|[12]\d|3[01])\d\d(?!\w)"
)
PLATE = re.compile(r"(?<![\w-])(?:[A-Z]\d\d[ -]?[A-Z]{3}|\d{3}[ -]?([A-Z]{3})|([A-Z]{3})[ -]?\d{3,4})(?![\w-])")
PLATE_AFTER_WORD = re.compile(
    r"\W{1,3}(?:[a-z]{1,12}\W{1,3}){0,3}?"
    r"([a-z]\d\d[ -]?[a-z]{3}|\d{3}[ -]?[a-z]{3}|[a-z]{3,4}[ -]?\d{3,4}|[a-z]{2}[ -]?\d{4,5}|[a-z]\d{5,6})(?!\w)"
)
SERVICE_NUMBERS = ("211", "311", "811", "911", "988")
AGE = re.compile(
    r"(?<!\w)(?:age[es]{0,2} d(?:e |')(?:environ )?\d{1,2}(?: ans)?|\d{1,2}[ -]years?[ -]olds?"
    r"|in (?:his|her|their) (?:early |mid |late )?\d0s)(?!\w)"
)
YEARS = re.compile(r"(?<!\w)\d{1,2} ans(?!\w)|(?<!\w)(?:aged?|about) \d{1,2}(?!\w)")
TITLED = re.compile(r"(?!Le |La |Les )[A-Z][a-z'-]{1,30}(?: [A-Z][a-z'-]{1,30})?")
CAPITALS = re.compile(r"[A-Z][a-z'-]{1,30}(?: [A-Z][a-z'-]{1,30})?")
ANY_NAME = re.compile(r"[a-zA-Z][a-z'-]{1,30}(?: [A-Z][a-z'-]{1,30})?")
WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*".replace("+", "{1,40}").replace(")*", "){0,4}"))
WORD_AFTER = re.compile(r" ([A-Za-z]{1,40}(?:['-][A-Za-z]{1,40}){0,3})")
WEAK_INTRODUCTIONS = ("nomme", "nommee", "named", "is called", "goes by", "surnomme", "surnommee")
BREAK = re.compile(r"[.!?;:]")
GAP = re.compile(r" |$")


def screen(text: str, *, languages: Sequence[str] = LANGUAGES) -> tuple[Finding, ...]:
    """What in this text could point at a person or belittle people, in order; nothing when it is about a place.

    Never raises and never blocks: the resident is warned, triage sees the mark.
    """
    folded = fold(text[:LONGEST])
    found: dict[FindingKind, list[tuple[int, int]]] = {kind: [] for kind in FindingKind}
    for kind, spans in ((FindingKind.PHONE, PHONE), (FindingKind.EMAIL, EMAIL), (FindingKind.SOCIAL_LINK, SOCIAL)):
        found[kind] += (match.span() for match in spans.finditer(folded.lower))
    found[FindingKind.HEALTH_CARD] += (match.span() for match in HEALTH_CARD.finditer(folded.lower))
    found[FindingKind.PLATE] += _plates(folded)
    found[FindingKind.NAME] += _listed(folded)
    for language in languages:
        for kind, start, end in _said_of_people(folded, lists(language)):
            found[kind].append((start, end))
    return tuple(sorted(_merged(folded, found)))


def _merged(folded: Folded, found: dict[FindingKind, list[tuple[int, int]]]) -> Iterator[Finding]:
    """One finding for passages of a kind that touch, in places of the original text."""
    for kind, spans in found.items():
        reach: tuple[int, int] | None = None
        for start, end in sorted(span for span in spans if span[0] < span[1]):
            if reach and start <= reach[1]:
                reach = (reach[0], max(end, reach[1]))
                continue
            if reach:
                yield Finding(*folded.span(*reach), kind)
            reach = (start, end)
        if reach:
            yield Finding(*folded.span(*reach), kind)


def _said_of_people(folded: Folded, words: Lists) -> Iterator[tuple[FindingKind, int, int]]:
    """What one language's lists find, except in the phrases that are let through."""
    let_through = [span for language in LANGUAGES for span in _let_through(folded, lists(language))]
    for kind, spans in _searches(folded, words):
        for start, end in spans:
            if not any(begin <= start and end <= until for begin, until in let_through):
                yield kind, start, end


def _let_through(folded: Folded, words: Lists) -> Spans:
    yield from (match.span() for match in words.exceptions.finditer(folded.lower))
    for match in words.exceptions_without_accent.finditer(folded.lower):
        if folded.accented.isdisjoint(range(*match.span())):
            yield match.span()


def _searches(folded: Folded, words: Lists) -> Iterator[tuple[FindingKind, Spans]]:
    people = [match.span() for match in words.people.finditer(folded.lower)]
    for kind, pattern in words.alone.items():
        yield FindingKind(kind), (match.span() for match in pattern.finditer(folded.lower))
    for kind, pattern in words.as_noun.items():
        yield FindingKind(kind), (match.span() for match in pattern.finditer(folded.lower))
    for kind, pattern in words.with_person.items():
        yield FindingKind(kind), _near(folded.lower, pattern, people, NEAR_WORDS)
    yield FindingKind.PERSON_DESCRIPTION, _near(folded.lower, words.beside_person, people, 0)
    yield FindingKind.PERSON_DESCRIPTION, _near(folded.lower, YEARS, people, NEAR_WORDS)
    yield FindingKind.PERSON_DESCRIPTION, (match.span() for match in AGE.finditer(folded.lower))
    yield FindingKind.PERSON_DESCRIPTION, _worn(folded.lower, words)
    yield FindingKind.DEHUMANISING, (match.span() for match in words.against_people.finditer(folded.lower))
    yield FindingKind.DWELLING, (match.span() for match in words.dwelling.finditer(folded.lower))
    yield FindingKind.PHONE, _after(folded.lower, words.phone_words, SHORT_PHONE)
    yield FindingKind.PLATE, _after(folded.lower, words.plate_words, PLATE_AFTER_WORD)
    yield FindingKind.NAME, _introduced(folded, words)


def _near(text: str, terms: re.Pattern[str], people: Sequence[tuple[int, int]], words: int) -> Spans:
    """Terms with a person in the same sentence and at most so many words between."""
    for match in terms.finditer(text):
        for start, end in people:
            between = text[end : match.start()] if end <= match.start() else text[match.end() : start]
            apart = start < match.end() and match.start() < end
            if not apart and not BREAK.search(between) and len(between) <= 60 and len(between.split()) <= words:
                yield match.span()
                break


def _worn(text: str, words: Lists) -> Spans:
    """« porte un » and a piece of clothing within three words."""
    clothes = words.with_person[FindingKind.PERSON_DESCRIPTION]
    wearing = [match.span() for match in words.wearing.finditer(text)]
    return _near(text, clothes, wearing, 2)


def _after(text: str, words: re.Pattern[str], wanted: re.Pattern[str]) -> Spans:
    for word in words.finditer(text):
        if match := wanted.match(text, word.end()):
            yield match.span(1)


def _plates(folded: Folded) -> Spans:
    """What is written like a Québec or a neighbour's plate, in capitals; units, acronyms and service numbers aside."""
    for match in PLATE.finditer(folded.cased):
        letters = (match[1] or match[2] or "").lower()
        digits = match[0].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ -")
        if letters not in names().not_plates and digits not in SERVICE_NUMBERS:
            yield match.span()


def _introduced(folded: Folded, words: Lists) -> Spans:
    """Names after « s’appelle », a title, or « avec » and two capitals."""
    for intro in words.introductions.finditer(folded.lower):
        shape = CAPITALS if intro[0] in WEAK_INTRODUCTIONS else ANY_NAME
        match = shape.match(folded.cased, intro.end() + 1)
        if match and not _tells_of_a_place(folded, intro.start(), reach=30):
            yield match.span()
    for title in words.titles.finditer(folded.lower):
        match = TITLED.match(folded.cased, title.end())
        family = WORD.match(folded.lower, title.end())
        if (match or (family and family[0] in names().family)) and not _is_place(folded, title.start(), title.end()):
            yield title.start(), (match or family or title).end()
    for companion in words.companions.finditer(folded.lower):
        match = CAPITALS.match(folded.cased, companion.end() + 1)
        if (
            match
            and " " in match[0]
            and not names().bodies & set(match[0].lower().split())
            and not _is_place(folded, *match.span())
        ):
            yield match.span()


def _listed(folded: Folded) -> Spans:
    """Known given names with a family name, and those that are nothing else even alone."""
    known, not_names = names(), [match.span() for match in names().not_names.finditer(folded.lower)]
    for match in WORD.finditer(folded.cased):
        given = match[0].lower()
        if given not in known.given and given not in known.given_with_family:
            continue
        after = WORD_AFTER.match(folded.cased, match.end())
        has_family = after is not None and (
            after[1].lower() in known.family or (after[1][0].isupper() and match[0][0].isupper())
        )
        alone = given in known.given and match[0][0].isupper() and not match[0].isupper()
        end = after.end() if after and has_family else match.end()
        skip = any(begin < end and match.start() < until for begin, until in not_names)
        if (
            (has_family or alone)
            and not skip
            and not any(_is_place(folded, match.start(), until) for until in (match.end(), end))
        ):
            yield match.start(), end


def _is_place(folded: Folded, start: int, end: int) -> bool:
    """Whether the passage is the name of a street, a park or a building, in any language."""
    joined = folded.lower[start - 1 : start] == "-" or folded.lower[end : end + 1] == "-"
    return (
        joined
        or _follows_a_place(folded.lower[max(0, start - 60) : start])
        or any(lists(language).place_after.match(folded.lower, end) for language in LANGUAGES)
    )


def _follows_a_place(before: str) -> bool:
    return any(lists(language).place_before.search(before) for language in LANGUAGES)


def _tells_of_a_place(folded: Folded, start: int, *, reach: int) -> bool:
    """Whether a place is spoken of just before, in the same sentence."""
    before = BREAK.split(folded.lower[max(0, start - reach) : start])[-1]
    return any(_follows_a_place(before[: gap.start()]) for gap in GAP.finditer(before))
