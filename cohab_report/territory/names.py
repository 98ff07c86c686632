"""How a place is found by its name, however it is typed: without accents, abbreviated, in another order, with a slip of a finger.

Pure: names go in, an ordered answer comes out; nobody outside is asked. The scripts of the pages do the same in choose-place.js, with the
abbreviations of this module, and a test compares the two.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

ONE_SLIP, TWO_SLIPS = 4, 8
"""From how many signs on one slip of a finger in a word is forgiven, and two."""
LONGEST, MOST_WORDS = 120, 8
"""How much of what is typed is read: characters, and words."""
MOST = 12
"""Places in one answer."""
ABBREVIATIONS: Mapping[str, str] = {
    "st": "saint", "ste": "sainte", "sts": "saints", "boul": "boulevard", "blvd": "boulevard", "bd": "boulevard", "bl": "boulevard",
    "av": "avenue", "ave": "avenue", "ch": "chemin", "rte": "route", "rt": "route", "mtee": "montee", "pl": "place", "sq": "square",
    "biblio": "bibliotheque", "nd": "notre dame", "hwy": "route", "library": "bibliotheque", "street": "rue", "road": "chemin",
    "rd": "chemin", "park": "parc", "bridge": "pont", "wharf": "quai", "quay": "quai", "garden": "jardin", "gardens": "jardin",
    "jardins": "jardin", "school": "ecole", "church": "eglise", "island": "ile", "square": "place", "carre": "place", "hall": "hotel",
    "premiere": "1", "premier": "1", "first": "1", "deuxieme": "2", "seconde": "2", "second": "2", "troisieme": "3", "third": "3",
    "quatrieme": "4", "cinquieme": "5", "sixieme": "6", "septieme": "7", "huitieme": "8", "neuvieme": "9", "dixieme": "10",
}  # fmt: skip
SMALL = frozenset(
    (
        "a", "au", "aux", "d", "de", "des", "du", "et", "l", "la", "le", "les", "of", "the", "and", "en", "sur", "pres", "near", "at",
        "app", "appt", "apt", "appartement", "apartment", "logement", "unit", "bureau", "suite",
    )
)  # fmt: skip
"""Words that a name is found without; those of a flat are among them, since nobody reports a dwelling."""
GENERIC = frozenset(
    (
        "rue", "avenue", "boulevard", "chemin", "route", "montee", "place", "parc", "square", "pont", "quai", "jardin", "ecole", "eglise",
        "hotel", "allee", "impasse", "rang", "cote",
    )
)  # fmt: skip
"""What a place is rather than how it is called: helps to rank, and may be wrong."""
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
_ORDINAL = re.compile(r"([0-9]{1,3})(?:re|er|ere|e|eme|ieme|st|nd|rd|th)")
_CIVIC = re.compile(r"[0-9]{1,5}(?: ?[a-d])?\b(?! ?(?:e|re|er|ere|eme|ieme|st|nd|rd|th)\b)")
_CORNER = re.compile(r"\s*(?:/|&|\+|\bet\b|\band\b|\bcoin\b|\bangle\b|\bcorner\b|\bx\b)\s*")
_CORNER_OF = re.compile(r"^\s*(?:au |a l['’])?(?:coin|angle|intersection|corner)\b(?: (?:de|des|du|of)\b)?")


@dataclass(frozen=True)
class Named:
    """A place as it may be found: its code, all its names, and whether it is a street."""

    code: str
    names: tuple[str, ...]
    is_street: bool = False


def plain(text: str) -> str:
    """The text without accents, case and punctuation, its words one space apart."""
    return " ".join(re.findall(r"[a-z0-9]+", _bare(text)))


def words_of(text: str) -> list[str]:
    """The words that a name is found by: plain, abbreviations written out, small words left out unless there is nothing else."""
    written = plain(text).split()
    if len(written) > 1 and written[-1] == "st":
        written[-1] = "rue"
    long = " ".join(_long(word) for word in written).split()
    return [word for word in long if word not in SMALL] or long


def civic_number(typed: str) -> str:
    """The house number that an address begins with (« 12, rue des Forges »); empty for what begins with none."""
    bare = plain(typed)
    found = _CIVIC.match(bare)
    return found[0] if found and words_of(bare[found.end() :]) else ""


def corner_of(typed: str) -> tuple[str, str] | None:
    """The two streets of « A / B », « coin A et B » or « A and B », in plain words; None for what names no corner."""
    first, *others = (plain(part) for part in _CORNER.split(_CORNER_OF.sub("", _bare(typed))))
    return (first, others[0]) if first and len(others) == 1 and others[0] else None


class Gazetteer:
    """All names of one city, arranged so that a typed name is found among thousands in a few milliseconds."""

    def __init__(self, places: Iterable[Named]) -> None:
        self.places = tuple(places)
        self._words = [frozenset(word for name in place.names for word in words_of(name)) for place in self.places]
        self._bearers: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._words):
            for word in words:
                self._bearers[word].append(number)
        self._vocabulary = sorted(self._bearers)
        self._openings: dict[int, list[str]] = {}

    def find(self, typed: str, *, limit: int = MOST) -> Sequence[Named]:
        """The places whose names fit what was typed, the best first; those that fit all its words, or else at least half of them."""
        asked = words_of(typed[:LONGEST])[:MOST_WORDS]
        wanted = _meant(asked, typed)
        scores: dict[int, float] = defaultdict(float)
        hits: dict[int, int] = defaultdict(int)
        for word in asked:
            weight, counts = (3.0, 1) if word in wanted else (1.0, 0)
            for number, fit in self._fits(word).items():
                scores[number] += weight * fit
                hits[number] += counts
        best = max(hits.values(), default=0)
        if not best or best * 2 < len(wanted):
            return []
        ranked = sorted(
            (number for number, count in hits.items() if count == best),
            key=lambda number: self._rank(number, scores, typed),
        )
        return [self.places[number] for number in ranked[:limit]]

    def _rank(self, number: int, scores: Mapping[int, float], typed: str) -> tuple[float, str]:
        """The score, less a little for each word of the name that nobody asked for; then by name."""
        place = self.places[number]
        whole = 2.0 if any(plain(name) == plain(typed) for name in place.names) else 0.0
        least = min(len(words_of(name)) for name in place.names)
        return -(scores[number] + whole - 0.05 * least), plain(place.names[0])

    def _fits(self, word: str) -> dict[int, float]:
        """How well each place answers to one word: 1 for the word itself, less for its beginning or a slip."""
        found: dict[int, float] = {}
        for known, fit in self._alike(word).items():
            for number in self._bearers[known]:
                found[number] = max(found.get(number, 0.0), fit)
        return found

    def _alike(self, word: str) -> dict[str, float]:
        if word in self._bearers and word in GENERIC:
            return {word: 1.0}
        found = {known: 0.8 for known in self._vocabulary if known.startswith(word)}
        slips = slips_allowed(word)
        if slips:
            for known, distance, _place in process.extract_iter(
                word, self._vocabulary, scorer=OSA.distance, score_cutoff=slips
            ):
                found[known] = max(found.get(known, 0.0), 0.7 - 0.1 * distance)
            for known in self._begun_alike(word, slips):
                found.setdefault(known, 0.4)
        if word in self._bearers:
            found[word] = 1.0
        return found

    def _begun_alike(self, word: str, slips: int) -> Iterable[str]:
        """Words of which the typed one may be the beginning, with a slip in it."""
        length = len(word)
        openings = self._openings.setdefault(length, [known[:length] for known in self._vocabulary])
        found = process.extract_iter(word, openings, scorer=OSA.distance, score_cutoff=slips)
        return [self._vocabulary[place] for _opening, _distance, place in found]


def _meant(asked: Sequence[str], typed: str) -> Sequence[str]:
    """Of the words that are asked for, those that must fit: what a place is called, numbers only where nothing else is left."""
    named = [word for word in asked if word not in GENERIC.union(civic_number(typed).split())]
    return [word for word in named if not word.isdigit()] or named or asked


def slips_allowed(word: str) -> int:
    """How many slips of a finger are forgiven in a word: none below four signs and in numbers, one from four, two from eight."""
    return 0 if len(word) < ONE_SLIP or word.isdigit() else 1 if len(word) < TWO_SLIPS else 2


def for_scripts() -> Mapping[str, Any]:
    """The tables and patterns of this module as a browser reads them."""
    return {
        "abbreviations": ABBREVIATIONS, "small": sorted(SMALL), "generic": sorted(GENERIC), "ordinal": f"^{_ORDINAL.pattern}$",
        "civic": f"^{_CIVIC.pattern}", "corner": _CORNER.pattern, "cornerOf": _CORNER_OF.pattern,
    }  # fmt: skip


def _bare(text: str) -> str:
    """The text without accents and case."""
    return "".join(
        sign for sign in unicodedata.normalize("NFD", text.translate(_LIGATURES)) if not unicodedata.combining(sign)
    ).casefold()


def _long(word: str) -> str:
    ordinal = _ORDINAL.fullmatch(word)
    return ordinal[1] if ordinal else ABBREVIATIONS.get(word, word)
