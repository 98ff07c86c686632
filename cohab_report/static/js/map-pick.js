/* Chooses a place on a map: by a tap, or by moving a centred cross with the arrow keys. */
import { openMap, say, wakeOnce } from "./ground-map.js";

const METRES_NEAR = 60;

export function wake(panel) {
  wakeOnce(panel, async () => {
    const { L, map, places } = await openMap(panel);
    letChoose(L, map, panel, places);
  });
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
