/* The few follow-up codes that a phone's owner chose to store on it. */

/** @typedef {{ code: string, label?: string, reference?: string }} StoredCode */

/** The event of the window that says that other codes are stored now. */
export const CODES_CHANGED = "codes-changed";
const NAME = "codes";
const MOST = 20;

/**
 * Returns the stored codes, the newest first; null where the browser stores nothing.
 * @returns {StoredCode[] | null}
 */
export function storedCodes() {
  try {
    const codes = JSON.parse(window.localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(codes) ? codes.filter((each) => typeof each?.code === "string") : [];
  } catch {
    return null;
  }
}

/** @param {StoredCode[]} codes all that are stored from now on */
export function storeCodes(codes) {
  if (codes.length === 0) window.localStorage.removeItem(NAME);
  else window.localStorage.setItem(NAME, JSON.stringify(codes.slice(0, MOST)));
  window.dispatchEvent(new Event(CODES_CHANGED));
}
