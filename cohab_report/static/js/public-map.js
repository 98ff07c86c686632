/* Shows on a map what the list shows: counts as words in calm squares, and from close by points. The list stays the
   whole answer. */
import { openMap, say, wakeOnce } from "./city-map.js";

/**
 * @typedef {import("./city-map.js").MapPanel} MapPanel
 * @typedef {L.Map} LeafletMap
 * @typedef {import("./city-map.js").Leaflet} Leaflet
 * @typedef {{ shape: "square", text: string }} SquareProperties
 * @typedef {{ shape: "point", text: string, kind: string }} PointProperties
 * @typedef {GeoJSON.Feature<GeoJSON.Polygon, SquareProperties>} Square
 * @typedef {GeoJSON.Feature<GeoJSON.Point, PointProperties>} Point
 * @typedef {{ at: [number, number], points: PointProperties[] }} PointGroup
 */

const WHOLE_CITY = 12;
/* Points nearer to each other than this many pixels are one target with several lines: a thumb could not tell them
   apart. */
const APART = 48;
/** @type {Record<string, string>} */
const ICONS = { cleanliness: "leaf", safety: "lamp", positive: "heart", several: "list" };

/** @param {MapPanel} panel */
export function wake(panel) {
  if (window.matchMedia("(min-width: 62em)").matches) panel.open = true;
  wakeOnce(panel, async () => {
    const { L, map } = await openMap(panel, WHOLE_CITY);
    /** @type {Map<string, L.Layer>} */
    const layers = new Map();
    let requests = 0;
    const update = async () => {
      requests += 1;
      const request = requests;
      const { features } = await fetchFeatures(panel, map);
      if (request === requests) draw(L, map, layers, panel, features);
    };
    map.on("moveend", () => update().catch(() => say(panel, panel.dataset.textFailed)));
    await update();
  });
}

/** @param {MapPanel} panel @param {LeafletMap} map @returns {Promise<{ features: (Square | Point)[] }>} */
async function fetchFeatures(panel, map) {
  const address = new URL(panel.dataset.cells, window.location.href);
  address.searchParams.set("zoom", String(map.getZoom()));
  address.searchParams.set("cadre", map.getBounds().toBBoxString());
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** @param {Square | Point} feature @returns {feature is Square} */
const isSquare = (feature) => feature.properties.shape === "square";

/** @param {Square | Point} feature @returns {feature is Point} */
const isPoint = (feature) => feature.properties.shape === "point";

/**
 * Draws the features. What is there already stays, so that a focused point keeps its focus and an open word stays open
 * while the map moves.
 * @param {Leaflet} L
 * @param {LeafletMap} map
 * @param {Map<string, L.Layer>} layers what is drawn, by the JSON of what it shows
 * @param {MapPanel} panel
 * @param {(Square | Point)[]} features
 */
function draw(L, map, layers, panel, features) {
  /** @type {Map<string, () => L.Layer>} */
  const wantedLayers = new Map();
  for (const square of features.filter(isSquare))
    wantedLayers.set(JSON.stringify(square), () => drawSquare(L, map, square));
  for (const group of grouped(map, features.filter(isPoint))) {
    wantedLayers.set(JSON.stringify(group), () => drawPoints(L, map, panel, group));
  }
  for (const [key, layer] of layers) {
    if (!wantedLayers.has(key)) {
      layer.remove();
      layers.delete(key);
    }
  }
  for (const [key, drawLayer] of wantedLayers) {
    if (!layers.has(key)) layers.set(key, drawLayer());
  }
  say(panel, features.length ? panel.dataset.textSome : panel.dataset.textNone);
}

/** @param {Leaflet} L @param {LeafletMap} map @param {Square} square */
function drawSquare(L, map, { geometry, properties }) {
  const ring = geometry.coordinates[0].map(([lon, lat]) => L.latLng(lat, lon));
  const options = { className: "shape-square", weight: 1, fillOpacity: 0.85, interactive: false };
  return L.polygon(ring, options)
    .bindTooltip(properties.text, {
      permanent: true,
      direction: "center",
      className: "name-square",
      interactive: false,
    })
    .addTo(map);
}

/**
 * @param {LeafletMap} map
 * @param {Point[]} points
 * @returns {PointGroup[]} points that a thumb could not tell apart are together
 */
function grouped(map, points) {
  /** @type {PointGroup[]} */
  const groups = [];
  for (const { geometry, properties } of points) {
    const [lon, lat] = geometry.coordinates;
    const pixel = map.latLngToLayerPoint([lat, lon]);
    const near = groups.find((group) => map.latLngToLayerPoint(group.at).distanceTo(pixel) < APART);
    if (near) near.points.push(properties);
    else groups.push({ at: [lat, lon], points: [properties] });
  }
  return groups;
}

/** @param {Leaflet} L @param {LeafletMap} map @param {MapPanel} panel @param {PointGroup} group */
function drawPoints(L, map, panel, { at, points }) {
  const kinds = new Set(points.map(({ kind }) => kind));
  const kind = kinds.size === 1 ? points[0].kind : "several";
  const picture = `<svg class="icon" aria-hidden="true"><use href="${panel.dataset.icons}#${ICONS[kind]}"></use></svg>`;
  const html = `<span class="kind kind--${kind}">${picture}</span>`;
  const icon = L.divIcon({ className: "point-marker", html, iconSize: [44, 44], iconAnchor: [22, 22] });
  const popup = document.createElement("div");
  popup.append(...points.map(({ text }) => Object.assign(document.createElement("p"), { textContent: text })));
  const name = points.map(({ text }) => text).join(" · ");
  const marker = L.marker(at, { icon, title: name, keyboard: true })
    .bindPopup(popup, { closeButton: false })
    .addTo(map);
  marker.getElement()?.setAttribute("aria-label", name);
  return marker;
}
