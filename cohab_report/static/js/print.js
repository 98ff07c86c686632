/* Shows a print button that would do nothing without scripts. */
export function wake(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
