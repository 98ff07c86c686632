/* Shows a print button that would do nothing without scripts; what paper needs is unfolded first, however printing was
   asked for. */

/** @param {HTMLButtonElement} button */
export function wake(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  window.addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details[data-print-open]")) folded.open = true;
  });
}
