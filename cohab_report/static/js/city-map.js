/* Draws the city's own map: outline, sectors, places. Leaflet is fetched only when a map is opened. Not a behaviour of
   its own. */

/**
 * @typedef {{ kind: "boundary" | "sector" | "place", name: string }} ShapeProperties
 * @typedef {GeoJSON.FeatureCollection<GeoJSON.Geometry, ShapeProperties> & { centre?: [number, number] }} CityMap What
 *   resident.ground answers.
 * @typedef {{ name: string, at: L.LatLng }} NamedPoint
 * @typedef {typeof L} Leaflet
 * @typedef {HTMLDetailsElement & TemplateElement} MapPanel
 */

/* From this zoom on places have their names; further out only sectors do. */
const CLOSE = 16;

/** @param {DOMStringMap} addresses @returns {Promise<Leaflet>} */
async function fetchLeaflet({ leaflet = "", leafletCss = "" }) {
  const stylesheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: leafletCss });
  const script = Object.assign(document.createElement("script"), { src: leaflet });
  await Promise.all([stylesheet, script].map(load));
  return window.L;
}

/** @param {HTMLElement} element put into the page's head @returns {Promise<Event>} */
function load(element) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}

/** @param {MapPanel} panel */
export async function openMap(panel, zoom = CLOSE) {
  const { dataset } = panel;
  const [L, cityMap] = await Promise.all([
    fetchLeaflet(dataset),
    fetch(dataset.source, { headers: { Accept: "application/json" } }).then((answer) => answer.json()),
  ]);
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(panel.querySelector("[data-canvas]"), {
    zoomControl: false,
    attributionControl: Boolean(dataset.attribution),
    keyboardPanDelta: 40,
    minZoom: 9,
    maxZoom: 19,
    fadeAnimation: !isCalm,
    zoomAnimation: !isCalm,
    inertia: !isCalm,
    preferCanvas: false,
  });
  L.control.zoom({ zoomInTitle: dataset.textZoomIn, zoomOutTitle: dataset.textZoomOut }).addTo(map);
  if (dataset.tiles) L.tileLayer(dataset.tiles, { attribution: dataset.attribution, maxZoom: 19 }).addTo(map);
  const places = drawCity(L, map, cityMap, zoom);
  return { L, map, places };
}

/**
 * Draws outline, sectors and places, and returns the places.
 * @param {Leaflet} L
 * @param {L.Map} map
 * @param {CityMap} cityMap
 * @param {number} zoom
 */
function drawCity(L, map, cityMap, zoom) {
  /** @type {NamedPoint[]} */
  const places = [];
  const layer = L.geoJSON(cityMap, {
    interactive: false,
    style: (feature) => ({
      className: `shape-${feature?.properties.kind}`,
      weight: feature?.properties.kind === "boundary" ? 2 : 1,
      fillOpacity: 0.5,
    }),
    pointToLayer: ({ properties: { kind, name } }, at) => {
      const isPlace = kind === "place";
      if (isPlace) places.push({ name, at });
      const [radius, weight] = isPlace ? [5, 2] : [0, 0];
      return L.circleMarker(at, { radius, weight, className: `shape-${kind}`, interactive: false }).bindTooltip(name, {
        permanent: true,
        direction: isPlace ? "right" : "center",
        className: `name-${kind}`,
        interactive: false,
      });
    },
  }).addTo(map);
  const showNames = () => map.getContainer().classList.toggle("is-near", map.getZoom() >= CLOSE);
  map.on("zoomend", showNames);
  if (cityMap.centre) map.setView([cityMap.centre[1], cityMap.centre[0]], zoom);
  else map.fitBounds(layer.getBounds());
  showNames();
  return places;
}

/** @param {MapPanel} panel @param {string} words */
export function say(panel, words) {
  panel.querySelector("[data-map-status]").textContent = words;
}

/**
 * Shows the panel, and opens its map the first time that it is unfolded.
 * @param {MapPanel} panel
 * @param {(panel: MapPanel) => Promise<void>} open
 */
export function wakeOnce(panel, open) {
  panel.hidden = false;
  const start = () => {
    if (panel.open && !panel.dataset.opened) {
      panel.dataset.opened = "yes";
      say(panel, "");
      open(panel).catch(() => {
        say(panel, panel.dataset.textFailed);
        // Without a map, opening the panel again tries again.
        if (panel.querySelectorAll(".leaflet-container").length === 0) delete panel.dataset.opened;
      });
    }
  };
  panel.addEventListener("toggle", start);
  start();
}
