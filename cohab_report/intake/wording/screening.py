"""The wording check of a resident's free text: finds what could point at a person, in French and in English.

It warns the resident and flags the text for triage. It never blocks, changes the text or stores an excerpt: a finding
says only its kind and position. Word lists are data beside this module. They miss names that they don't have, so a
person reads every text before anything of it is public.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohab_report.intake.wording.lists import FoldedText, WordLists, fold, name_lists, word_lists

SCREENED_LANGUAGES = ("fr", "en")
LONGEST_SCREENED_TEXT = 2_000
"""Characters that are checked; a resident's text has 280, and longer ones are refused elsewhere."""
MAX_WORDS_BETWEEN = 5
"""Words that may be between a person and what describes them."""


class FindingKind(StrEnum):
    """What a passage seems to be."""

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
    r"|(?<!\w)(?:son|leur|mon|his|her|their|my) "
    r"(?:facebook|fb|instagram|insta|tiktok|snapchat|snap|twitter|linkedin|messenger)(?!\w)"
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


def screen(text: str, *, languages: Sequence[str] = SCREENED_LANGUAGES) -> tuple[Finding, ...]:
    """Finds what in a text could point at a person or belittle people, in order of position.

    Empty when it is about a place. Never raises and never blocks: the resident is warned, triage sees the flag.
    """
    folded = fold(text[:LONGEST_SCREENED_TEXT])
    spans_by_kind: dict[FindingKind, list[tuple[int, int]]] = {kind: [] for kind in FindingKind}
    for kind, spans in ((FindingKind.PHONE, PHONE), (FindingKind.EMAIL, EMAIL), (FindingKind.SOCIAL_LINK, SOCIAL)):
        spans_by_kind[kind] += (match.span() for match in spans.finditer(folded.lower))
    spans_by_kind[FindingKind.HEALTH_CARD] += (match.span() for match in HEALTH_CARD.finditer(folded.lower))
    spans_by_kind[FindingKind.PLATE] += _plate_spans(folded)
    spans_by_kind[FindingKind.NAME] += _listed_name_spans(folded)
    for language in languages:
        for kind, start, end in _language_findings(folded, word_lists(language)):
            spans_by_kind[kind].append((start, end))
    return tuple(sorted(_merge_spans(folded, spans_by_kind)))


def _merge_spans(folded: FoldedText, spans_by_kind: dict[FindingKind, list[tuple[int, int]]]) -> Iterator[Finding]:
    """Merges touching spans of a kind to one finding, in positions of the original text."""
    for kind, spans in spans_by_kind.items():
        current: tuple[int, int] | None = None
        for start, end in sorted(span for span in spans if span[0] < span[1]):
            if current and start <= current[1]:
                current = (current[0], max(end, current[1]))
                continue
            if current:
                yield Finding(*folded.original_span(*current), kind)
            current = (start, end)
        if current:
            yield Finding(*folded.original_span(*current), kind)


def _language_findings(folded: FoldedText, words: WordLists) -> Iterator[tuple[FindingKind, int, int]]:
    """Finds what one language's lists match, except in the phrases of the exception lists."""
    exceptions = [span for language in SCREENED_LANGUAGES for span in _exception_spans(folded, word_lists(language))]
    for kind, spans in _spans_by_kind(folded, words):
        for start, end in spans:
            if not any(begin <= start and end <= until for begin, until in exceptions):
                yield kind, start, end


def _exception_spans(folded: FoldedText, words: WordLists) -> Spans:
    yield from (match.span() for match in words.exceptions.finditer(folded.lower))
    for match in words.exceptions_without_accent.finditer(folded.lower):
        if folded.unaccented.isdisjoint(range(*match.span())):
            yield match.span()


def _spans_by_kind(folded: FoldedText, words: WordLists) -> Iterator[tuple[FindingKind, Spans]]:
    people = [match.span() for match in words.people.finditer(folded.lower)]
    for kind, pattern in words.alone.items():
        yield FindingKind(kind), (match.span() for match in pattern.finditer(folded.lower))
    for kind, pattern in words.as_noun.items():
        yield FindingKind(kind), (match.span() for match in pattern.finditer(folded.lower))
    for kind, pattern in words.with_person.items():
        yield FindingKind(kind), _spans_near(folded.lower, pattern, people, MAX_WORDS_BETWEEN)
    yield FindingKind.PERSON_DESCRIPTION, _spans_near(folded.lower, words.beside_person, people, 0)
    yield FindingKind.PERSON_DESCRIPTION, _spans_near(folded.lower, YEARS, people, MAX_WORDS_BETWEEN)
    yield FindingKind.PERSON_DESCRIPTION, (match.span() for match in AGE.finditer(folded.lower))
    yield FindingKind.PERSON_DESCRIPTION, _clothing_spans(folded.lower, words)
    yield FindingKind.DEHUMANISING, (match.span() for match in words.against_people.finditer(folded.lower))
    yield FindingKind.DWELLING, (match.span() for match in words.dwelling.finditer(folded.lower))
    yield FindingKind.PHONE, _spans_after(folded.lower, words.phone_words, SHORT_PHONE)
    yield FindingKind.PLATE, _spans_after(folded.lower, words.plate_words, PLATE_AFTER_WORD)
    yield FindingKind.NAME, _introduced_name_spans(folded, words)


def _spans_near(text: str, terms: re.Pattern[str], people: Sequence[tuple[int, int]], words: int) -> Spans:
    """Yields the spans of terms with a person in the same sentence and at most so many words between."""
    for match in terms.finditer(text):
        for start, end in people:
            between = text[end : match.start()] if end <= match.start() else text[match.end() : start]
            overlaps = start < match.end() and match.start() < end
            if not overlaps and not BREAK.search(between) and len(between) <= 60 and len(between.split()) <= words:
                yield match.span()
                break


def _clothing_spans(text: str, words: WordLists) -> Spans:
    """Yields « porte un » with a piece of clothing within three words."""
    clothes = words.with_person[FindingKind.PERSON_DESCRIPTION]
    wearing = [match.span() for match in words.wearing.finditer(text)]
    return _spans_near(text, clothes, wearing, 2)


def _spans_after(text: str, words: re.Pattern[str], pattern: re.Pattern[str]) -> Spans:
    for word in words.finditer(text):
        if match := pattern.match(text, word.end()):
            yield match.span(1)


def _plate_spans(folded: FoldedText) -> Spans:
    """Yields what looks like a plate of Québec or a neighbour, in capitals; no units, acronyms or service numbers."""
    for match in PLATE.finditer(folded.cased):
        letters = (match[1] or match[2] or "").lower()
        digits = match[0].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ -")
        if letters not in name_lists().not_plates and digits not in SERVICE_NUMBERS:
            yield match.span()


def _introduced_name_spans(folded: FoldedText, words: WordLists) -> Spans:
    """Yields names after « s’appelle », a title, or « avec » and two capitalised words."""
    for intro in words.introductions.finditer(folded.lower):
        shape = CAPITALS if intro[0] in WEAK_INTRODUCTIONS else ANY_NAME
        match = shape.match(folded.cased, intro.end() + 1)
        if match and not _mentions_place_before(folded, intro.start(), reach=30):
            yield match.span()
    for title in words.titles.finditer(folded.lower):
        match = TITLED.match(folded.cased, title.end())
        family = WORD.match(folded.lower, title.end())
        if (match or (family and family[0] in name_lists().family)) and not _is_place_name(
            folded, title.start(), title.end()
        ):
            yield title.start(), (match or family or title).end()
    for companion in words.companions.finditer(folded.lower):
        match = CAPITALS.match(folded.cased, companion.end() + 1)
        if (
            match
            and " " in match[0]
            and not name_lists().bodies & set(match[0].lower().split())
            and not _is_place_name(folded, *match.span())
        ):
            yield match.span()


def _listed_name_spans(folded: FoldedText) -> Spans:
    """Yields listed given names with a family name, and those that are nothing but names even alone."""
    names, not_names = name_lists(), [match.span() for match in name_lists().not_names.finditer(folded.lower)]
    for match in WORD.finditer(folded.cased):
        given_name = match[0].lower()
        if given_name not in names.given and given_name not in names.given_with_family:
            continue
        after = WORD_AFTER.match(folded.cased, match.end())
        has_family = after is not None and (
            after[1].lower() in names.family or (after[1][0].isupper() and match[0][0].isupper())
        )
        alone = given_name in names.given and match[0][0].isupper() and not match[0].isupper()
        end = after.end() if after and has_family else match.end()
        skip = any(begin < end and match.start() < until for begin, until in not_names)
        if (
            (has_family or alone)
            and not skip
            and not any(_is_place_name(folded, match.start(), until) for until in (match.end(), end))
        ):
            yield match.start(), end


def _is_place_name(folded: FoldedText, start: int, end: int) -> bool:
    """Tells whether the span belongs to the name of a street, a park or a building, in any language."""
    joined = folded.lower[start - 1 : start] == "-" or folded.lower[end : end + 1] == "-"
    return (
        joined
        or _follows_a_place(folded.lower[max(0, start - 60) : start])
        or any(word_lists(language).place_after.match(folded.lower, end) for language in SCREENED_LANGUAGES)
    )


def _follows_a_place(before: str) -> bool:
    return any(word_lists(language).place_before.search(before) for language in SCREENED_LANGUAGES)


def _mentions_place_before(folded: FoldedText, start: int, *, reach: int) -> bool:
    """Tells whether a place is mentioned just before, in the same sentence."""
    before = BREAK.split(folded.lower[max(0, start - reach) : start])[-1]
    return any(_follows_a_place(before[: gap.start()]) for gap in GAP.finditer(before))
