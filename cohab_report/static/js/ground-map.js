/* Draws the city's own ground for a map: outline, sectors, places. Leaflet is fetched only when a map is opened. Not a behaviour of its own. */
export const CLOSE = 16;
/* From this zoom on places have their names; further out only sectors do. */

async function fetchLeaflet({ leaflet, leafletCss }) {
  const sheet = document.createElement("link");
  const styled = new Promise((resolve, reject) => { sheet.onload = resolve; sheet.onerror = reject; });
  Object.assign(sheet, { rel: "stylesheet", href: leafletCss });
  document.head.append(sheet);
  const script = document.createElement("script");
  const loaded = new Promise((resolve, reject) => { script.onload = resolve; script.onerror = reject; });
  script.src = leaflet;
  document.head.append(script);
  await Promise.all([styled, loaded]);
  return window.L;
}

export async function openMap(panel, zoom = CLOSE) {
  const { dataset } = panel;
  const [L, ground] = await Promise.all([
    fetchLeaflet(dataset),
    fetch(dataset.source, { headers: { Accept: "application/json" } }).then((answer) => answer.json()),
  ]);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(panel.querySelector("[data-canvas]"), {
    zoomControl: false, attributionControl: Boolean(dataset.attribution), keyboardPanDelta: 40, minZoom: 9, maxZoom: 19,
    fadeAnimation: !calm, zoomAnimation: !calm, inertia: !calm, preferCanvas: false,
  });
  L.control.zoom({ zoomInTitle: dataset.textZoomIn, zoomOutTitle: dataset.textZoomOut }).addTo(map);
  if (dataset.tiles) L.tileLayer(dataset.tiles, { attribution: dataset.attribution, maxZoom: 19 }).addTo(map);
  const places = drawGround(L, map, ground, zoom);
  return { L, map, places };
}

function drawGround(L, map, ground, zoom) {
  const places = [];
  const layer = L.geoJSON(ground, {
    interactive: false,
    style: (feature) => ({ className: `shape-${feature.properties.kind}`, weight: feature.properties.kind === "boundary" ? 2 : 1, fillOpacity: 0.5 }),
    pointToLayer: (feature, at) => {
      const { kind, name } = feature.properties;
      if (kind === "place") places.push({ name, at });
      return L.circleMarker(at, { radius: kind === "place" ? 5 : 0, className: `shape-${kind}`, weight: kind === "place" ? 2 : 0, interactive: false })
        .bindTooltip(name, { permanent: true, direction: kind === "place" ? "right" : "center", className: `name-${kind}`, interactive: false });
    },
  }).addTo(map);
  const tell = () => map.getContainer().classList.toggle("is-near", map.getZoom() >= CLOSE);
  map.on("zoomend", tell);
  if (ground.centre) map.setView([ground.centre[1], ground.centre[0]], zoom);
  else map.fitBounds(layer.getBounds());
  tell();
  return places;
}

export function say(panel, words) {
  panel.querySelector("[data-map-status]").textContent = words;
}

export function wakeOnce(panel, open) {
  panel.hidden = false;
  const start = () => {
    if (panel.open && !panel.dataset.opened) {
      panel.dataset.opened = "yes";
      say(panel, "");
      open(panel).catch(() => {
        say(panel, panel.dataset.textFailed);
        if (!panel.querySelector(".leaflet-container")) delete panel.dataset.opened;  // opened again, it is tried again
      });
    }
  };
  panel.addEventListener("toggle", start);
  start();
}
