"""The outline of a city, read from GeoJSON: the coarse one of its profile, or the official one that a city brings.

Reads Polygon, MultiPolygon, Feature and FeatureCollection in WGS84 longitude and latitude (RFC 7946); refuses what is not a valid
area, and says why. It writes nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from cohab_report.sheets import Mistake, text_of

WGS84_NAMES = ("CRS84", "4326")
OLD_CRS = "the file says it is not in WGS84 (its 'crs' is '{}'): convert it to longitude and latitude first"


@dataclass(frozen=True)
class Outline:
    """A valid area in WGS84 degrees, longitude first, with what the file says of itself."""

    shape: MultiPolygon
    source: str
    is_approximate: bool

    def holds(self, lon: float, lat: float) -> bool:
        """Whether the point is inside or on the edge."""
        return bool(self.shape.covers(shapely.Point(lon, lat)))


class _NotAnArea(ValueError):
    """Why a geometry can't be an outline, in one sentence."""


def read_outline(path: Path, mistakes: list[Mistake]) -> Outline | None:
    """The outline in this file, or None after adding to `mistakes` what keeps it from being one."""
    text, unreadable = text_of(path)
    mistakes += unreadable
    if unreadable:
        return None
    try:
        document = json.loads(text)
        return _outline(document, path.name)
    except json.JSONDecodeError as error:
        mistakes.append(
            Mistake(path.name, error.lineno, "*", f"the file is not JSON: {error.msg.lower()} at column {error.colno}")
        )
    except RecursionError:
        mistakes.append(Mistake(path.name, 1, "*", "the file is nested too deep"))
    except _NotAnArea as error:
        mistakes.append(Mistake(path.name, 1, "geometry", str(error)))
    return None


def _outline(document: Any, name: str) -> Outline:
    if not isinstance(document, dict):
        raise _NotAnArea("the file holds no GeoJSON object")
    _refuse_other_projections(document)
    features = list(_features(document))
    areas = [_area(geometry) for geometry, _ in features]
    if not areas:
        raise _NotAnArea("the file holds no polygon")
    merged = shapely.union_all(areas)
    polygons = [part for part in getattr(merged, "geoms", [merged]) if isinstance(part, Polygon)]
    told = features[0][1]
    return Outline(MultiPolygon(polygons), str(told.get("source") or name), told.get("approximate") is True)


def _features(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each geometry with the properties it came with."""
    kind = document.get("type")
    if kind == "FeatureCollection":
        members = document.get("features")
        if not isinstance(members, list) or not members:
            raise _NotAnArea("the collection has no features")
        for member in members:
            if not isinstance(member, dict):
                raise _NotAnArea("a feature of the collection is not an object")
            yield from _features(member)
    elif kind == "Feature":
        if not isinstance(document.get("geometry"), dict):
            raise _NotAnArea("a feature has no geometry")
        properties = document.get("properties")
        yield document["geometry"], properties if isinstance(properties, dict) else {}
    else:
        yield document, {}


def _area(geometry: dict[str, Any]) -> BaseGeometry:
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
        raise _NotAnArea(OLD_CRS.format(name))
