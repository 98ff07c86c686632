/* Chooses a place on a map: by a tap, or by moving a centred cross with the arrow keys. */
import { openMap, say, wakeOnce } from "./city-map.js";

/* Metres within which a point is said to be near a place. */
const NEAR = 60;

/** @param {import("./city-map.js").MapPanel} panel */
export function wake(panel) {
  wakeOnce(panel, async () => {
    letPick(panel, await openMap(panel));
  });
}

/** @param {import("./city-map.js").MapPanel} panel @param {Awaited<ReturnType<typeof openMap>>} opened */
function letPick(panel, { L, map, places }) {
  const lon = /** @type {HTMLInputElement} */ (document.getElementById(panel.dataset.lon));
  const lat = /** @type {HTMLInputElement} */ (document.getElementById(panel.dataset.lat));
  const html = `<svg class="icon" aria-hidden="true"><use href="${panel.dataset.pin}"></use></svg>`;
  const icon = L.divIcon({ className: "pin-marker", html, iconSize: [40, 40], iconAnchor: [20, 38] });
  /** @type {L.Marker | null} */
  let marker = null;

  const pointInForm = () => (lon.value && lat.value ? L.latLng(Number(lat.value), Number(lon.value)) : null);

  /** @param {L.LatLng} at */
  function show(at) {
    marker = marker ? marker.setLatLng(at) : L.marker(at, { icon, keyboard: false, interactive: false }).addTo(map);
  }

  /** @param {L.LatLng} at */
  function pick(at) {
    lon.value = at.lng.toFixed(6);
    lat.value = at.lat.toFixed(6);
    show(at);
    const [near] = places
      .map(({ name, at: point }) => ({ name, metres: map.distance(at, point) }))
      .filter(({ metres }) => metres <= NEAR)
      .sort((a, b) => a.metres - b.metres);
    say(panel, near ? panel.dataset.textNear.replace("{name}", near.name) : panel.dataset.textPlaced);
    lon.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: { by: "map" } }));
  }

  /** @param {number} zoom */
  function goToPoint(zoom) {
    const at = pointInForm();
    if (!at) return;
    show(at);
    map.setView(at, zoom);
  }

  map.on("click", (event) => pick(event.latlng));
  panel.querySelector("[data-place]").addEventListener("click", () => pick(map.getCenter()));
  const canvas = panel.querySelector("[data-canvas]");
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === canvas) {
      event.preventDefault();
      pick(map.getCenter());
    }
  });
  document.addEventListener("place:named", () => {
    marker?.remove();
    marker = null;
    say(panel, "");
  });
  document.addEventListener("place:chosen", ({ detail }) => {
    if (detail.by !== "map") goToPoint(17);
  });
  goToPoint(16);
}
