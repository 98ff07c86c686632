"""Checks of what a city profile says about the ground: outline, box, cells, sectors, places and protected sites.

A position outside of the outline is refused wherever it stands: a protected site there would protect nothing, and no
page would tell.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import cos, radians
from zoneinfo import ZoneInfo

from cohab_report.cities.outline import Outline
from cohab_report.cities.positions import why_outside
from cohab_report.cities.sector_shares import shares_of_sectors
from cohab_report.cities.tables import Profile
from cohab_report.csv_tables import CsvRow, CsvTable, Mistake
from cohab_report.geo import METRES_PER_DEGREE

POSITION_TABLES = ("sectors", "places", "streets", "protected_sites")
LEAST_CELL_METRES, MOST_CELL_METRES = 100, 400
"""A smaller cell tells too exactly where somebody is, a larger one tells too little to work with."""
SMALLEST_SECTOR_SHARE = 0.005
"""Of the city's area; a sector with less of it has its reference point at the wrong place."""
FARTHEST_ZONE_DEGREES = 60
"""Between a city's longitude and the one that its standard time follows: nowhere on Earth is it more."""
SKELETON_SEA = (-45, 45)
"""The longitude and latitude of the skeleton's made-up city."""
NO_SITES = "no_protected_sites"


def territory_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Returns the mistakes of city.toml, sectors, places and streets about the ground, and of the outline."""
    yield from _box_mistakes(profile)
    yield from _lattice_mistakes(profile)
    yield from _time_zone_mistakes(profile)
    if _is_outline_elsewhere(profile):
        what = (
            "none of the profile's positions lies in it: GeoJSON has the longitude first, is this the city's outline?"
        )
        yield Mistake("boundary.geojson", 1, "geometry", what)
        return
    reference = profile.city_toml["reference.lon"], profile.city_toml["reference.lat"]
    if not profile.outline.contains(*reference):
        yield profile.city_toml.mistake_at("reference.lon", why_outside(*reference, profile.outline))
    if abs(reference[0] - SKELETON_SEA[0]) < 1 and abs(reference[1] - SKELETON_SEA[1]) < 1:
        what = "the city still lies in the open sea, where `flask new-city` put it"
        yield replace(profile.city_toml.mistake_at("reference.lon", what), is_warning=True)
    for name in ("sectors", "places", "streets"):
        yield from _positions_outside(profile.tables[name], profile.outline)
    yield from _sector_mistakes(profile)
    yield from _place_mistakes(profile)


def protected_site_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Returns a mistake for each protected site that would protect nothing, and warnings for doubtful ones."""
    table, says_none = profile.tables["protected_sites"], profile.city_toml[NO_SITES]
    if not table.rows and not says_none:
        yield Mistake(
            table.file, 1, "*", f"the list is empty: name each shelter, or write '{NO_SITES} = true' in city.toml"
        )
    if table.rows and says_none:
        yield profile.city_toml.mistake_at(NO_SITES, f"{table.file} names a site: take this line out")
    if _is_outline_elsewhere(profile):
        return
    for row in table.rows:
        if profile.outline.metres_to(row["lon"], row["lat"]) > row["radius_m"]:
            reason = why_outside(row["lon"], row["lat"], profile.outline)
            yield table.mistake_at(row, "lon", f"{reason}; the site '{row['code']}' would protect nothing")
        elif all(round(row[side], 2) == row[side] for side in ("lon", "lat")):
            yield table.warning_at(row, "lon", "two decimals are about 1 km: give the position with four or five")
    yield from _same_positions(table, "warning")


def _box_mistakes(profile: Profile) -> Iterator[Mistake]:
    city = profile.city_toml
    west, south, east, north = (city[f"accept.{side}"] for side in ("west", "south", "east", "north"))
    bounds = profile.outline.shape.bounds
    if not (west < east and south < north):
        yield city.mistake_at("accept.west", "the box is empty: west must be less than east, and south less than north")
    elif not (west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north):
        yield city.mistake_at(
            "accept.west",
            "the outline of boundary.geojson reaches beyond the box: it goes"
            f" from {bounds[0]:g} to {bounds[2]:g} in longitude and from {bounds[1]:g} to {bounds[3]:g} in latitude",
        )


def _lattice_mistakes(profile: Profile) -> Iterator[Mistake]:
    city = profile.city_toml
    parallel = cos(radians(city["reference.lat"]))
    metres = {
        "lattice.dlon": city["lattice.dlon"] * METRES_PER_DEGREE * parallel,
        "lattice.dlat": city["lattice.dlat"] * METRES_PER_DEGREE,
    }
    for name, side in metres.items():
        if not LEAST_CELL_METRES <= side <= MOST_CELL_METRES:
            yield city.mistake_at(
                name,
                f"a cell has {side:.0f} m on this side: choose about 150 m,"
                f" from {LEAST_CELL_METRES} to {MOST_CELL_METRES}",
            )


def _time_zone_mistakes(profile: Profile) -> Iterator[Mistake]:
    """Yields a mistake if the reference point is on another side of the Earth than the time zone."""
    city = profile.city_toml
    winter = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(city["time_zone"])).utcoffset()
    zone_lon = (winter.total_seconds() if winter else 0) / 240
    lon = city["reference.lon"]
    if abs((lon - zone_lon + 180) % 360 - 180) > FARTHEST_ZONE_DEGREES:
        yield city.mistake_at(
            "reference.lon",
            f"the longitude {lon:g} does not go with {city['time_zone']}, whose time is that of {zone_lon:g}:"
            " is its sign wrong, or are longitude and latitude exchanged?",
        )


def _is_outline_elsewhere(profile: Profile) -> bool:
    """Returns whether no position of the profile lies in the outline: then it is the outline that is wrong."""
    rows = [row for name in POSITION_TABLES for row in profile.tables[name].rows]
    positions = [(row["lon"], row["lat"]) for row in rows]
    positions.append((profile.city_toml["reference.lon"], profile.city_toml["reference.lat"]))
    return not any(profile.outline.contains(*position) for position in positions)


def _positions_outside(table: CsvTable, outline: Outline) -> Iterator[Mistake]:
    for row in table.rows:
        if not outline.contains(row["lon"], row["lat"]):
            yield table.mistake_at(row, "lon", why_outside(row["lon"], row["lat"], outline))


def _same_positions(table: CsvTable, kind: str) -> Iterator[Mistake]:
    """Yields a mistake, or a warning, for each row at the very position of another one: it was copied."""
    first_rows: dict[tuple[float, float], CsvRow] = {}
    for row in table.rows:
        first = first_rows.setdefault((row["lon"], row["lat"]), row)
        if first is not row:
            what = f"the position is that of '{first['code']}', on line {first.line}"
            yield table.warning_at(row, "lon", what) if kind == "warning" else table.mistake_at(row, "lon", what)


def _sector_mistakes(profile: Profile) -> Iterator[Mistake]:
    """Yields a mistake for two sectors with one position, and a warning for one that hardly any point belongs to."""
    table = profile.tables["sectors"]
    copies = list(_same_positions(table, "mistake"))
    yield from copies
    inside = [row for row in table.rows if profile.outline.contains(row["lon"], row["lat"])]
    if copies or len(inside) < len(table.rows):
        return
    shares = shares_of_sectors([(row["lon"], row["lat"]) for row in inside], profile.outline.shape)
    for row, share in zip(inside, shares, strict=True):
        if share < SMALLEST_SECTOR_SHARE:
            yield table.warning_at(row, "lon", f"only {share:.1%} of the city's area is nearest to this position")


def _place_mistakes(profile: Profile) -> Iterator[Mistake]:
    places: Mapping[str, CsvRow] = {row["code"].casefold(): row for row in profile.tables["places"].rows}
    streets = profile.tables["streets"]
    for row in streets.rows:
        if place := places.get(row["code"].casefold()):
            yield streets.mistake_at(
                row, "code", f"'{row['code']}' is already a place, in places.csv line {place.line}"
            )
    yield from _shelter_mistakes(profile)


def _shelter_mistakes(profile: Profile) -> Iterator[Mistake]:
    """Refuses shelters and day centres among the places that residents choose: it would invite reports on those who use
    them.
    """
    shelters = {
        row["name_fr"].casefold(): row
        for row in profile.tables["protected_sites"].rows
        if row["kind"] in ("shelter", "day_centre")
    }
    codes = {row["code"].casefold() for row in shelters.values()}
    for name in ("places", "streets"):
        table = profile.tables[name]
        for row in table.rows:
            is_shelter = row["code"].casefold() in codes
            if is_shelter or any(shelter in row["name_fr"].casefold() for shelter in shelters):
                yield table.mistake_at(row, "code", "a shelter or day centre can't be a place that residents pick")
