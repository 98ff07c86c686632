"""Recognizes what is wrong with a position that should lie in the city: exchanged, with another sign, never filled in.

Pure: a longitude and a latitude in WGS84 degrees and the city's outline in, a sentence out.
"""

from cohab_report.cities.outline import Outline

NULL_ISLAND = 0.5
"""Degrees around 0, 0 in which there is only sea: a position there was never filled in."""


def why_outside(lon: float, lat: float, outline: Outline) -> str:
    """Returns why a position outside of the outline is wrong and what to write instead, without a full stop."""
    if abs(lon) < NULL_ISLAND and abs(lat) < NULL_ISLAND:
        return f"the position {lon:g}, {lat:g} is in the sea off Africa: fill in the longitude and the latitude"
    for reason, (better_lon, better_lat) in _corrections(lon, lat).items():
        if outline.contains(better_lon, better_lat):
            return f"{reason}: write lon {better_lon:g} and lat {better_lat:g}, which lies in the city"
    kilometres = outline.metres_to(lon, lat) / 1000
    return f"the position lies outside of boundary.geojson, {kilometres:.1f} km from it"


def _corrections(lon: float, lat: float) -> dict[str, tuple[float, float]]:
    """Returns the positions that may have been meant, each by the reason why it was written otherwise."""
    return {
        "the longitude has the wrong sign": (-lon, lat),
        "the latitude has the wrong sign": (lon, -lat),
        "longitude and latitude have the wrong sign": (-lon, -lat),
        "longitude and latitude are exchanged": (lat, lon),
        "longitude and latitude are exchanged, and the longitude has the wrong sign": (-lat, lon),
        "longitude and latitude are exchanged, and the latitude has the wrong sign": (lat, -lon),
        "longitude and latitude are exchanged, and both have the wrong sign": (-lat, -lon),
    }
