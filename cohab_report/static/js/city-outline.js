/* Whether a point is surely outside the city, by the outline that this phone keeps. Near the border, and without an outline, the answer is no:
   the server decides there. */
const NEAR = 300;
const METRES_A_DEGREE = 111320;

export function isSurelyOutside(ground, lon, lat) {
  const outline = ground.features.find(({ properties }) => properties.kind === "boundary").geometry;
  const polygons = outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates;
  const east = METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  const rings = polygons.flat().map((ring) => ring.map(([x, y]) => [(x - lon) * east, (y - lat) * METRES_A_DEGREE]));
  const sides = rings.flatMap((ring) => ring.slice(1).map((end, index) => [ring[index], end]));
  const isInside = sides.filter(isCrossed).length % 2 === 1;
  return !isInside && sides.every((side) => distanceTo(side) > NEAR);
}

/* Whether a ray from the point, which is the origin, to the east meets the side. */
const isCrossed = ([[x1, y1], [x2, y2]]) => y1 > 0 !== y2 > 0 && x1 + ((x2 - x1) * -y1) / (y2 - y1) > 0;

/* Metres from the origin to the nearest point of the side. */
function distanceTo([[x1, y1], [x2, y2]]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, -(x1 * dx + y1 * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x1 + along * dx, y1 + along * dy);
}
