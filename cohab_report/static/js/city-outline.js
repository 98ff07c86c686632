/* Whether a point is surely outside the city, by the outline that this phone keeps. Near the border, and without an
   outline, the answer is no: the server decides there. */

/**
 * @typedef {[number, number]} Metres east and north of the point
 * @typedef {[Metres, Metres]} Side
 */

/* Metres beyond the outline within which a point may still be the city's. */
const NEAR = 300;
const METRES_PER_DEGREE = 111320;

/**
 * Whether the point (degrees, WGS84) lies more than 300 m outside the city's outline.
 * @param {import("./city-map.js").CityMap} cityMap
 * @param {number} lon
 * @param {number} lat
 */
export function isSurelyOutside(cityMap, lon, lat) {
  const outline = cityMap.features.find(({ properties }) => properties.kind === "boundary")?.geometry;
  const polygons =
    outline?.type === "Polygon" ? [outline.coordinates] : outline?.type === "MultiPolygon" ? outline.coordinates : [];
  const east = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  /** @param {GeoJSON.Position} position @returns {Metres} */
  const inMetres = ([x, y]) => [(x - lon) * east, (y - lat) * METRES_PER_DEGREE];
  const rings = polygons.flat().map((ring) => ring.map(inMetres));
  const sides = rings.flatMap((ring) => ring.slice(1).map((end, index) => /** @type {Side} */ ([ring[index], end])));
  const isInside = sides.filter(crossesRay).length % 2 === 1;
  return sides.length > 0 && !isInside && sides.every((side) => distanceTo(side) > NEAR);
}

/**
 * Whether a ray from the point, which is the origin, to the east meets the side.
 * @param {Side} side
 */
const crossesRay = ([[x1, y1], [x2, y2]]) => y1 > 0 !== y2 > 0 && x1 + ((x2 - x1) * -y1) / (y2 - y1) > 0;

/**
 * Metres from the origin to the nearest point of the side.
 * @param {Side} side
 */
function distanceTo([[x1, y1], [x2, y2]]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, -(x1 * dx + y1 * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x1 + along * dx, y1 + along * dy);
}
