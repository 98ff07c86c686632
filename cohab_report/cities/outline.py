"""Reads a city's outline from GeoJSON: the approximate one of its profile, or an official one.

Accepts Polygon, MultiPolygon, Feature and FeatureCollection in WGS84 longitude and latitude (RFC 7946); refuses
anything that is no valid area, with the reason. No database.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from cohab_report.csv_tables import Mistake, read_text
from cohab_report.geo import METRES_PER_DEGREE

ORIGIN = shapely.Point(0, 0)
WGS84_NAMES = ("CRS84", "4326")
OTHER_CRS_REFUSAL = "the file says it is not in WGS84 (its 'crs' is '{}'): convert it to longitude and latitude first"


@dataclass(frozen=True)
class Outline:
    """A valid area in WGS84 degrees, longitude first, with the file's `source` and `approximate` properties."""

    shape: MultiPolygon
    source: str
    is_approximate: bool

    def contains(self, lon: float, lat: float) -> bool:
        """Returns whether the point is inside or on the edge."""
        return bool(self.shape.covers(shapely.Point(lon, lat)))

    def metres_to(self, lon: float, lat: float) -> float:
        """Returns the distance in metres from the point to the area, 0 inside of it.

        Measured on a plane that is true at the point: good for neighbours, not for other continents.
        """
        scale = (max(cos(radians(lat)), 0.01) * METRES_PER_DEGREE, METRES_PER_DEGREE)
        return float(shapely.transform(self.shape, lambda degrees: (degrees - (lon, lat)) * scale).distance(ORIGIN))


class _NotAnArea(ValueError):
    """Says in one sentence why a geometry can't be an outline."""


def read_outline(path: Path, mistakes: list[Mistake]) -> Outline | None:
    """Reads the outline in this file; returns None after adding the reason to `mistakes`."""
    text, unreadable = read_text(path)
    mistakes += unreadable
    if unreadable:
        return None
    try:
        document = json.loads(text)
        return _parse_outline(document, path.name)
    except json.JSONDecodeError as error:
        mistakes.append(
            Mistake(path.name, error.lineno, "*", f"the file is not JSON: {error.msg.lower()} at column {error.colno}")
        )
    except RecursionError:
        mistakes.append(Mistake(path.name, 1, "*", "the file is nested too deep"))
    except _NotAnArea as error:
        mistakes.append(Mistake(path.name, 1, "geometry", str(error)))
    except ValueError:  # of a whole number of thousands of digits
        mistakes.append(Mistake(path.name, 1, "*", "the file is not JSON: a number is too long"))
    return None


def _parse_outline(document: Any, name: str) -> Outline:
    if not isinstance(document, dict):
        raise _NotAnArea("the file holds no GeoJSON object")
    _refuse_other_projections(document)
    features = list(_geometries(document))
    areas = [_parse_area(geometry) for geometry, _ in features]
    if not areas:
        raise _NotAnArea("the file holds no polygon")
    merged = shapely.union_all(areas)
    polygons = [part for part in getattr(merged, "geoms", [merged]) if isinstance(part, Polygon)]
    properties = features[0][1]
    source = str(properties.get("source") or name)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in source):
        raise _NotAnArea("the property 'source' holds a character that can't be shown")
    return Outline(MultiPolygon(polygons), source, properties.get("approximate") is True)


def _geometries(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yields each geometry with its feature's properties."""
    kind = document.get("type")
    if kind == "FeatureCollection":
        members = document.get("features")
        if not isinstance(members, list) or not members:
            raise _NotAnArea("the collection has no features")
        for member in members:
            if not isinstance(member, dict):
                raise _NotAnArea("a feature of the collection is not an object")
            yield from _geometries(member)
    elif kind == "Feature":
        if not isinstance(document.get("geometry"), dict):
            raise _NotAnArea("a feature has no geometry")
        properties = document.get("properties")
        yield document["geometry"], properties if isinstance(properties, dict) else {}
    else:
        yield document, {}


def _parse_area(geometry: dict[str, Any]) -> BaseGeometry:
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise _NotAnArea(f"the geometry is '{geometry.get('type')}', it must be a Polygon or a MultiPolygon")
    try:
        area = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
        raise _NotAnArea(f"the coordinates do not make a polygon: {error}") from None
    if area.is_empty:
        raise _NotAnArea("the polygon is empty")
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _NotAnArea(
            "the coordinates are not degrees of longitude and latitude: they may be metres of another projection"
        )
    if not area.is_valid:
        raise _NotAnArea(f"the polygon is not valid: {shapely.is_valid_reason(area)}")
    return area


def _refuse_other_projections(document: dict[str, Any]) -> None:
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if name and not name.endswith(WGS84_NAMES):
        raise _NotAnArea(OTHER_CRS_REFUSAL.format(name))
