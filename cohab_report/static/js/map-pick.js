/* Chooses a place on a map: by a tap, or by moving a centred cross with the arrow keys. Leaflet is fetched only when the map is opened. */
const METRES_NEAR = 60;
const CLOSE = 16;
/* From this zoom on places have their names; further out only sectors do. */

export function wake(panel) {
  panel.hidden = false;
  panel.addEventListener("toggle", () => {
    if (panel.open && !panel.dataset.opened) {
      panel.dataset.opened = "yes";
      open(panel).catch(() => say(panel, panel.dataset.textFailed));
    }
  });
}

function say(panel, words) {
  panel.querySelector("[data-map-status]").textContent = words;
}

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

async function open(panel) {
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
  const places = drawGround(L, map, ground);
  letChoose(L, map, panel, places);
}

function drawGround(L, map, ground) {
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
  if (ground.centre) map.setView([ground.centre[1], ground.centre[0]], CLOSE);
  else map.fitBounds(layer.getBounds());
  tell();
  return places;
}

function letChoose(L, map, panel, places) {
  const lon = document.getElementById(panel.dataset.lon);
  const lat = document.getElementById(panel.dataset.lat);
  const pin = L.divIcon({ className: "pin-marker", html: `<svg class="icon" aria-hidden="true"><use href="${panel.dataset.pin}"></use></svg>`, iconSize: [40, 40], iconAnchor: [20, 38] });
  let marker = null;

  function show(at) {
    marker = marker ? marker.setLatLng(at) : L.marker(at, { icon: pin, keyboard: false, interactive: false }).addTo(map);
  }

  function place(at) {
    lon.value = at.lng.toFixed(6);
    lat.value = at.lat.toFixed(6);
    show(at);
    const near = places.map(({ name, at: spot }) => ({ name, far: map.distance(at, spot) })).filter(({ far }) => far <= METRES_NEAR).sort((a, b) => a.far - b.far)[0];
    say(panel, near ? panel.dataset.textNear.replace("{name}", near.name) : panel.dataset.textPlaced);
    lon.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: { by: "map" } }));
  }

  map.on("click", (event) => place(event.latlng));
  panel.querySelector("[data-place]").addEventListener("click", () => place(map.getCenter()));
  panel.querySelector("[data-canvas]").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-canvas]")) {
      event.preventDefault();
      place(map.getCenter());
    }
  });
  document.addEventListener("place:named", () => {
    marker?.remove();
    marker = null;
    say(panel, "");
  });
  document.addEventListener("place:chosen", (event) => {
    if (event.detail.by === "map" || !lon.value) return;
    const at = L.latLng(Number(lat.value), Number(lon.value));
    show(at);
    map.setView(at, 17);
  });
  if (lon.value && lat.value) {
    const at = L.latLng(Number(lat.value), Number(lon.value));
    show(at);
    map.setView(at, 16);
  }
}
