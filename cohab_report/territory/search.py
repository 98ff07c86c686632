"""Geocoder: finds places, streets and street corners from what a resident types, in the city's own tables.

No outside service is called. A city that has its own geocoder may register it; none ships and no setting names one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app

from cohab_report.db import Words
from cohab_report.territory.names import MOST_MATCHES, NamedPlace, corner_of
from cohab_report.territory.queries import CityFacts, PlaceFacts, city_facts

GEOCODER_KEY = "geocoder"
CORNER_PREFIX = "corner:"


@dataclass(frozen=True)
class Spot:
    """A search result that a resident may choose as the place: `value` is a place's code, or `corner:` and two streets'
    codes.
    """

    value: str
    name: Words
    sector: Words
    also: tuple[str, ...] = ()


Geocoder = Callable[[str], Sequence[Spot]]
"""Returns at most MOST_MATCHES spots of this city for typed words, the best first; raises nothing, learns nothing of
the person.
"""


def register_geocoder(app: Flask, geocoder: Geocoder) -> None:
    """Replaces the search in the city's own tables by this geocoder."""
    app.extensions[GEOCODER_KEY] = geocoder


def find_places(typed: str) -> Sequence[Spot]:
    """Returns the spots that match the typed words, the best first, each with its sector to tell namesakes apart."""
    geocoder: Geocoder = current_app.extensions.get(GEOCODER_KEY, find_in_city_tables)
    return geocoder(typed)


def find_in_city_tables(typed: str) -> Sequence[Spot]:
    """Finds places by the names of the city profile, in memory; two streets give their corner first. The default
    geocoder.
    """
    city = city_facts()
    street_names = corner_of(typed)
    streets = [_best_street(city, name) for name in street_names] if street_names else []
    if streets and all(streets):
        return [*_corner_spots(city, streets), *(spot_of(street) for street in streets if street)]
    return [
        spot_of(place)
        for match in city.gazetteer.find(typed, limit=MOST_MATCHES)
        if (place := city.place_of(match.code))
    ]


def spot_of(place: PlaceFacts) -> Spot:
    """Returns the spot of a place or street."""
    return Spot(place.code, place.name, place.sector, place.also)


def corner_spot(city: CityFacts, value: str) -> Spot | None:
    """Returns the spot of a value like `corner:CODE:CODE`, or None if the two streets have no corner
    (`CityFacts.corner`).
    """
    first, _, second = value.removeprefix(CORNER_PREFIX).partition(":")
    corner = city.corner(first, second)
    return Spot(value, corner.name, corner.sector) if corner else None


def _corner_spots(city: CityFacts, streets: Sequence[PlaceFacts | None]) -> Sequence[Spot]:
    corner = corner_spot(city, CORNER_PREFIX + ":".join(sorted(street.code for street in streets if street)))
    return [corner] if corner else []


def _best_street(city: CityFacts, typed: str) -> PlaceFacts | None:
    streets: Sequence[NamedPlace] = [match for match in city.gazetteer.find(typed) if match.is_street]
    return city.place_of(streets[0].code) if streets else None
