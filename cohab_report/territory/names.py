"""Fuzzy search of places by name: without accents, abbreviated, in another word order, with typing errors.

Pure: names in, ranked places out, no database. find-places.js searches the same way in the browser with the tables of
this module (`tables_for_scripts`), and a test compares the two.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

ONE_TYPO_LENGTH, TWO_TYPOS_LENGTH = 4, 8
"""The shortest words in which one typing error is allowed, and two; in characters."""
LONGEST_PLACE_QUERY, MOST_QUERY_WORDS = 120, 8
"""How much of a query is read: characters, and words."""
MOST_MATCHES = 12
"""The most places that a search returns."""
ABBREVIATIONS: Mapping[str, str] = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "boul": "boulevard",
    "blvd": "boulevard",
    "bd": "boulevard",
    "bl": "boulevard",
    "av": "avenue",
    "ave": "avenue",
    "ch": "chemin",
    "rte": "route",
    "rt": "route",
    "mtee": "montee",
    "pl": "place",
    "sq": "square",
    "biblio": "bibliotheque",
    "nd": "notre dame",
    "hwy": "route",
    "library": "bibliotheque",
    "street": "rue",
    "road": "chemin",
    "rd": "chemin",
    "park": "parc",
    "bridge": "pont",
    "wharf": "quai",
    "quay": "quai",
    "garden": "jardin",
    "gardens": "jardin",
    "jardins": "jardin",
    "school": "ecole",
    "church": "eglise",
    "island": "ile",
    "square": "place",
    "carre": "place",
    "hall": "hotel",
    "premiere": "1",
    "premier": "1",
    "first": "1",
    "deuxieme": "2",
    "seconde": "2",
    "second": "2",
    "troisieme": "3",
    "third": "3",
    "quatrieme": "4",
    "cinquieme": "5",
    "sixieme": "6",
    "septieme": "7",
    "huitieme": "8",
    "neuvieme": "9",
    "dixieme": "10",
}
STOP_WORDS = frozenset(
    (
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "et",
        "l",
        "la",
        "le",
        "les",
        "of",
        "the",
        "and",
        "en",
        "sur",
        "pres",
        "near",
        "at",
        "app",
        "appt",
        "apt",
        "appartement",
        "apartment",
        "logement",
        "unit",
        "bureau",
        "suite",
    )
)
"""Words that the search ignores; those of a flat are among them, since nobody reports a dwelling."""
PLACE_TYPE_WORDS = frozenset(
    (
        "rue",
        "avenue",
        "boulevard",
        "chemin",
        "route",
        "montee",
        "place",
        "parc",
        "square",
        "pont",
        "quai",
        "jardin",
        "ecole",
        "eglise",
        "hotel",
        "allee",
        "impasse",
        "rang",
        "cote",
    )
)
"""Words for the kind of place: they help to rank, but need not match, since people mix them up."""
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
_ORDINAL = re.compile(r"([0-9]{1,3})(?:re|er|ere|e|eme|ieme|st|nd|rd|th)")
_CIVIC = re.compile(r"[0-9]{1,5}(?: ?[a-d])?\b(?! ?(?:e|re|er|ere|eme|ieme|st|nd|rd|th)\b)")
_CORNER = re.compile(r" ?(?:/|&|\+|\bet\b|\band\b|\bcoin\b|\bangle\b|\bcorner\b|\bx\b) ?")
_CORNER_OF = re.compile(r"^(?:au |a l['’])?(?:coin|angle|intersection|corner)\b(?: (?:de|des|du|of)\b)?")


@dataclass(frozen=True)
class NamedPlace:
    """A place for the search: its code, all its names, and whether it is a street."""

    code: str
    names: tuple[str, ...]
    is_street: bool = False


def normalised(text: str) -> str:
    """Returns the text without accents, case and punctuation, its words one space apart."""
    return " ".join(re.findall(r"[a-z0-9]+", _without_accents(text)))


def search_words(text: str) -> list[str]:
    """Returns the words to search by: normalised, abbreviations expanded, without stop words unless there are only
    those.
    """
    words = normalised(text).split()
    if len(words) > 1 and words[-1] == "st":
        words[-1] = "rue"
    expanded = " ".join(_expanded(word) for word in words).split()
    return [word for word in expanded if word not in STOP_WORDS] or expanded


def civic_number(typed: str) -> str:
    """Returns the house number that an address begins with (« 12, rue des Forges »), or an empty string."""
    text = normalised(typed)
    number = _CIVIC.match(text)
    return number[0] if number and search_words(text[number.end() :]) else ""


def corner_of(typed: str) -> tuple[str, str] | None:
    """Returns the two normalised street names of « A / B », « coin A et B » or « A and B », or None for anything
    else.
    """
    one_space_apart = " ".join(_without_accents(typed).split())
    first, *others = (normalised(part) for part in _CORNER.split(_CORNER_OF.sub("", one_space_apart)))
    return (first, others[0]) if first and len(others) == 1 and others[0] else None


class Gazetteer:
    """Search index over the names of one city's places: answers among thousands of names in a few milliseconds."""

    def __init__(self, places: Iterable[NamedPlace]) -> None:
        self.places = tuple(places)
        self._words = [frozenset(word for name in place.names for word in search_words(name)) for place in self.places]
        self._places_by_word: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._words):
            for word in words:
                self._places_by_word[word].append(number)
        self._vocabulary = sorted(self._places_by_word)
        self._prefixes: dict[int, list[str]] = {}

    def find(self, typed: str, *, limit: int = MOST_MATCHES) -> Sequence[NamedPlace]:
        """Returns the places whose names match most of the typed words, the best first; none if fewer than half
        match.
        """
        query = search_words(typed[:LONGEST_PLACE_QUERY])[:MOST_QUERY_WORDS]
        required = _required_words(query, typed)
        scores: dict[int, float] = defaultdict(float)
        hits: dict[int, int] = defaultdict(int)
        for word in query:
            weight, hit = (3.0, 1) if word in required else (1.0, 0)
            for number, similarity in self._similar_places(word).items():
                scores[number] += weight * similarity
                hits[number] += hit
        best = max(hits.values(), default=0)
        if not best or best * 2 < len(required):
            return []
        ranked = sorted(
            (number for number, count in hits.items() if count == best),
            key=lambda number: self._sort_key(number, scores, typed),
        )
        return [self.places[number] for number in ranked[:limit]]

    def _sort_key(self, number: int, scores: Mapping[int, float], typed: str) -> tuple[float, str]:
        """Returns the negative score (more for the exact name, less for each further word of the name), then the
        name.
        """
        place = self.places[number]
        bonus = 2.0 if any(normalised(name) == normalised(typed) for name in place.names) else 0.0
        fewest_words = min(len(search_words(name)) for name in place.names)
        return -(scores[number] + bonus - 0.05 * fewest_words), normalised(place.names[0])

    def _similar_places(self, word: str) -> dict[int, float]:
        """Returns how well each place matches one word: 1 for the word itself, less for a prefix or a typing error."""
        similarities: dict[int, float] = {}
        for similar_word, similarity in self._similar_words(word).items():
            for number in self._places_by_word[similar_word]:
                similarities[number] = max(similarities.get(number, 0.0), similarity)
        return similarities

    def _similar_words(self, word: str) -> dict[str, float]:
        if word in self._places_by_word and word in PLACE_TYPE_WORDS:
            return {word: 1.0}
        similarities = {candidate: 0.8 for candidate in self._vocabulary if candidate.startswith(word)}
        typos = allowed_typos(word)
        if typos:
            for candidate, distance, _index in process.extract_iter(
                word, self._vocabulary, scorer=OSA.distance, score_cutoff=typos
            ):
                similarities[candidate] = max(similarities.get(candidate, 0.0), 0.7 - 0.1 * distance)
            for candidate in self._words_with_similar_prefix(word, typos):
                similarities.setdefault(candidate, 0.4)
        if word in self._places_by_word:
            similarities[word] = 1.0
        return similarities

    def _words_with_similar_prefix(self, word: str, typos: int) -> Iterable[str]:
        """Returns the words whose prefix of the same length equals the typed word up to that many typing errors."""
        length = len(word)
        prefixes = self._prefixes.setdefault(length, [candidate[:length] for candidate in self._vocabulary])
        matches = process.extract_iter(word, prefixes, scorer=OSA.distance, score_cutoff=typos)
        return [self._vocabulary[index] for _prefix, _distance, index in matches]


def _required_words(query: Sequence[str], typed: str) -> Sequence[str]:
    """Returns the query's words that count as hits: no place types and house numbers, other numbers only if nothing
    else is left.
    """
    name_words = [word for word in query if word not in PLACE_TYPE_WORDS.union(civic_number(typed).split())]
    return [word for word in name_words if not word.isdigit()] or name_words or query


def allowed_typos(word: str) -> int:
    """Returns how many typing errors are allowed in a word: none below four characters and in numbers, one from four,
    two from eight.
    """
    return 0 if len(word) < ONE_TYPO_LENGTH or word.isdigit() else 1 if len(word) < TWO_TYPOS_LENGTH else 2


def tables_for_scripts() -> Mapping[str, Any]:
    """Returns the tables and patterns of this module for find-places.js, as JSON values."""
    return {
        "abbreviations": ABBREVIATIONS,
        "small": sorted(STOP_WORDS),
        "generic": sorted(PLACE_TYPE_WORDS),
        "ordinal": f"^{_ORDINAL.pattern}$",
        "civic": f"^{_CIVIC.pattern}",
        "corner": _CORNER.pattern,
        "cornerOf": _CORNER_OF.pattern,
    }


def _without_accents(text: str) -> str:
    """Returns the text without accents and case."""
    decomposed = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def _expanded(word: str) -> str:
    ordinal = _ORDINAL.fullmatch(word)
    return ordinal[1] if ordinal else ABBREVIATIONS.get(word, word)
