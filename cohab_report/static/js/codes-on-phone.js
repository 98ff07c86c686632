/* The few codes that a phone's owner chose to keep on it; null where the browser keeps nothing. */
const NAME = "codes";
const MOST = 20;

export function kept() {
  try {
    const found = JSON.parse(window.localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(found) ? found.filter((known) => typeof known?.code === "string") : [];
  } catch {
    return null;
  }
}

export function keep(codes) {
  if (codes.length === 0) window.localStorage.removeItem(NAME);
  else window.localStorage.setItem(NAME, JSON.stringify(codes.slice(0, MOST)));
}
