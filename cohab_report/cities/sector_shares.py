"""How much of the city is nearest to each sector's reference point (Voronoi cells), as a share of its area. Pure."""

from collections.abc import Sequence
from math import cos, radians

import numpy as np
import shapely
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry


def shares_of_sectors(positions: Sequence[tuple[float, float]], area: BaseGeometry) -> Sequence[float]:
    """Returns the share of the area, from 0 to 1, that is nearest to each of these different positions in degrees."""
    if len(positions) < 2:
        return [1.0 for _position in positions]
    scale = np.array([cos(radians(area.centroid.y)), 1])
    flat_area = shapely.transform(area, lambda degrees: degrees * scale)
    points = shapely.points(np.array(positions) * scale)
    cells = shapely.voronoi_polygons(MultiPoint(list(points)), extend_to=flat_area)
    return [
        sum(flat_area.intersection(cell).area for cell in cells.geoms if cell.covers(point)) / flat_area.area
        for point in points
    ]
