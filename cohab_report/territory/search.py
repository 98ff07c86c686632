"""What residents find when they type where it was: places and streets of the city's own tables, and corners of two streets.

Nobody outside is asked. Another geocoder may be plugged in, when a city has one of its own; none ships and no setting names one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app

from cohab_report.db import Words
from cohab_report.territory.names import MOST, Named, corner_of
from cohab_report.territory.queries import Ground, PlaceFacts, ground

KEY = "geocoder"
CORNER = "corner:"


@dataclass(frozen=True)
class Spot:
    """Something that may be chosen as where it was: a place's code, or `corner:` and two streets' codes."""

    value: str
    name: Words
    sector: Words
    also: tuple[str, ...] = ()


Geocoder = Callable[[str], Sequence[Spot]]
"""Answers typed words with spots of this city, the best first, at most a dozen; raises nothing and knows nobody."""


def plug(app: Flask, geocoder: Geocoder) -> None:
    """From now on typed words are answered by this geocoder instead of the city's own tables."""
    app.extensions[KEY] = geocoder


def search(typed: str) -> Sequence[Spot]:
    """The spots that fit the typed words, the best first, each with its sector so that namesakes differ; none for no words."""
    geocoder: Geocoder = current_app.extensions.get(KEY, in_own_tables)
    return geocoder(typed)


def in_own_tables(typed: str) -> Sequence[Spot]:
    """The geocoder that ships: names of the profile, read from memory."""
    known = ground()
    halves = corner_of(typed)
    streets = [_best_street(known, half) for half in halves] if halves else []
    if streets and all(streets):
        return [*_corner(known, streets), *(spot_of(street) for street in streets if street)]
    return [
        spot_of(place) for named in known.gazetteer.find(typed, limit=MOST) if (place := known.place_of(named.code))
    ]


def spot_of(place: PlaceFacts) -> Spot:
    """The place as something that may be chosen."""
    return Spot(place.code, place.name, place.sector, place.also)


def corner_spot(known: Ground, value: str) -> Spot | None:
    """The corner that `corner:` and two codes name, or None where it can't be said even about."""
    first, _, second = value.removeprefix(CORNER).partition(":")
    corner = known.corner(first, second)
    return Spot(value, corner.name, corner.sector) if corner else None


def _corner(known: Ground, streets: Sequence[PlaceFacts | None]) -> Sequence[Spot]:
    found = corner_spot(known, CORNER + ":".join(sorted(street.code for street in streets if street)))
    return [found] if found else []


def _best_street(known: Ground, typed: str) -> PlaceFacts | None:
    found: Sequence[Named] = [named for named in known.gazetteer.find(typed) if named.is_street]
    return known.place_of(found[0].code) if found else None
