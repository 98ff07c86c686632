/* Keyboard for staff: j and k walk the rows, Enter opens, [data-key] presses a button, ? shows the list of keys. Silent
   while one types, while a key is held, and after the one act that a page may have by key. The account chooses (on
   <html>) whether a key is pressed alone, with Alt, or never. */

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=application]";
const SHORTCUT_KEYS = document.documentElement.dataset.shortcutKeys ?? "off";
let hasActed = false;

window.addEventListener("pageshow", () => {
  hasActed = false;
});

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof Element && target.closest(TYPING) !== null;

/** The key as it is written on the page: with Alt some systems put another character in its place.
 * @param {KeyboardEvent} event */
const keyOf = (event) => {
  if (SHORTCUT_KEYS !== "alt" || /^[\x21-\x7e]$/.test(event.key)) return event.key;
  return event.code.replace(/^(Key|Digit)(?=.$)/, "").toLowerCase();
};

/** @param {KeyboardEvent} event */
const isShortcut = (event) =>
  SHORTCUT_KEYS !== "off" &&
  event.altKey === (SHORTCUT_KEYS === "alt") &&
  !(event.repeat || event.ctrlKey || event.metaKey || event.defaultPrevented) &&
  !isTyping(event.target) &&
  document.querySelectorAll("dialog[open]").length === 0;

/** @param {TemplateElement} target */
function bringThere(target) {
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

/** @param {TemplateElement} box */
export function wake(box) {
  const rows = [...box.querySelectorAll("[data-row]")];

  /** @param {1 | -1} step */
  function walk(step) {
    if (rows.length === 0) return;
    const at = rows.indexOf(/** @type {TemplateElement} */ (document.activeElement));
    const first = step > 0 ? 0 : rows.length - 1;
    const next = at < 0 ? first : Math.min(Math.max(at + step, 0), rows.length - 1);
    bringThere(rows[next]);
  }

  function showHelp() {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-keys-help]"));
    if (dialog && !dialog.open) dialog.showModal();
  }

  /** @param {string} key @returns {boolean} whether an element has this key */
  function press(key) {
    const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
    if (!target) return false;
    const folded = target.closest("details:not([open])");
    if (folded) folded.open = true;
    if (folded || "keyFocuses" in target.dataset) {
      bringThere(target);
    } else if (!hasActed) {
      hasActed = true;
      target.click();
    }
    return true;
  }

  /** @type {Record<string, () => void>} */
  const acts = { j: () => walk(1), k: () => walk(-1), "?": showHelp };

  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event)) return;
    const key = keyOf(event);
    if (key in acts) {
      event.preventDefault();
      acts[key]();
    } else if (key.length === 1 && press(key)) {
      event.preventDefault();
    }
  });
}
