/* Keyboard for staff: j and k walk the rows, Enter opens, [data-key] presses a button, ? shows the help sheet. Silent while one types. */
const typing = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=application]") !== null;

export function wake(box) {
  const rows = [...box.querySelectorAll("[data-row]")];

  function walk(step) {
    if (rows.length === 0) return;
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function help() {
    const sheet = document.querySelector("[data-keys-help]");
    if (sheet && !sheet.open) sheet.showModal();
  }

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

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const acts = { j: () => walk(1), k: () => walk(-1), "?": help };
    if (event.key in acts) {
      event.preventDefault();
      acts[event.key]();
    } else if (event.key.length === 1 && press(event.key)) {
      event.preventDefault();
    }
  });
}
