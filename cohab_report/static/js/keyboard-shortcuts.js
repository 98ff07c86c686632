/* Keyboard for staff: j and k walk the rows, Enter opens, [data-key] presses a button, ? shows the list of keys. Silent
   while one types. */

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=application]";

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof Element && target.closest(TYPING) !== null;

/** @param {TemplateElement} box */
export function wake(box) {
  const rows = [...box.querySelectorAll("[data-row]")];

  /** @param {1 | -1} step */
  function walk(step) {
    if (rows.length === 0) return;
    const at = rows.indexOf(/** @type {TemplateElement} */ (document.activeElement));
    const first = step > 0 ? 0 : rows.length - 1;
    const next = at < 0 ? first : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
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
    if (folded) {
      folded.open = true;
      target.focus();
    } else {
      target.click();
    }
    return true;
  }

  /** @type {Record<string, () => void>} */
  const acts = { j: () => walk(1), k: () => walk(-1), "?": showHelp };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelectorAll("dialog[open]").length > 0) return;
    if (event.key in acts) {
      event.preventDefault();
      acts[event.key]();
    } else if (event.key.length === 1 && press(event.key)) {
      event.preventDefault();
    }
  });
}
