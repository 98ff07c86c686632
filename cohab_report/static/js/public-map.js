/* Shows on a map what the list shows: counts as words in calm squares, and from close by points. The list stays the whole answer. */
import { openMap, say, wakeOnce } from "./ground-map.js";

const WHOLE_CITY = 12;
const APART = 48;
/* Points nearer to each other than this many pixels are one target with several lines: a thumb could not tell them apart. */
const SHAPES = { cleanliness: "leaf", safety: "lamp", positive: "heart", several: "list" };

export function wake(panel) {
  if (window.matchMedia("(min-width: 62em)").matches) panel.open = true;
  wakeOnce(panel, async () => {
    const { L, map } = await openMap(panel, WHOLE_CITY);
    const drawn = new Map();
    let asked = 0;
    const follow = async () => {
      const mine = (asked += 1);
      const found = await windowOf(panel, map);
      if (mine === asked) draw(L, map, drawn, panel, found.features);
    };
    map.on("moveend", () => follow().catch(() => say(panel, panel.dataset.textFailed)));
    await follow();
  });
}

async function windowOf(panel, map) {
  const address = new URL(panel.dataset.cells, window.location.href);
  address.searchParams.set("zoom", String(map.getZoom()));
  address.searchParams.set("cadre", map.getBounds().toBBoxString());
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/* What is there already stays, so that a focused point keeps its focus and an open word stays open while the map moves. */
function draw(L, map, drawn, panel, features) {
  const squares = features.filter(({ properties }) => properties.shape === "square");
  const wanted = new Map([...squares, ...together(map, features)].map((feature) => [JSON.stringify(feature), feature]));
  for (const [key, layer] of drawn) {
    if (!wanted.has(key)) {
      layer.remove();
      drawn.delete(key);
    }
  }
  for (const [key, feature] of wanted) {
    if (!drawn.has(key)) drawn.set(key, (feature.properties.shape === "square" ? square : point)(L, map, panel, feature));
  }
  say(panel, features.length ? panel.dataset.textSome : panel.dataset.textNone);
}

function square(L, map, _panel, { geometry, properties }) {
  const ring = geometry.coordinates[0].map(([lon, lat]) => [lat, lon]);
  return L.polygon(ring, { className: "shape-square", weight: 1, fillOpacity: 0.85, interactive: false })
    .bindTooltip(properties.text, { permanent: true, direction: "center", className: "name-square", interactive: false }).addTo(map);
}

function together(map, features) {
  const groups = [];
  for (const { geometry, properties } of features.filter((each) => each.properties.shape === "point")) {
    const [lon, lat] = geometry.coordinates;
    const at = [lat, lon];
    const spot = map.latLngToLayerPoint(at);
    const near = groups.find((group) => map.latLngToLayerPoint(group.at).distanceTo(spot) < APART);
    if (near) near.points.push(properties);
    else groups.push({ properties: { shape: "point" }, at, points: [properties] });
  }
  return groups;
}

function point(L, map, panel, { at, points }) {
  const kinds = new Set(points.map(({ kind }) => kind));
  const kind = kinds.size === 1 ? points[0].kind : "several";
  const html = `<span class="kind kind--${kind}"><svg class="icon" aria-hidden="true"><use href="${panel.dataset.icons}#${SHAPES[kind]}"></use></svg></span>`;
  const icon = L.divIcon({ className: "point-marker", html, iconSize: [44, 44], iconAnchor: [22, 22] });
  const words = document.createElement("div");
  words.append(...points.map(({ text }) => Object.assign(document.createElement("p"), { textContent: text })));
  const name = points.map(({ text }) => text).join(" · ");
  const marker = L.marker(at, { icon, title: name, keyboard: true }).bindPopup(words, { closeButton: false }).addTo(map);
  marker.getElement().setAttribute("aria-label", name);
  return marker;
}
