/* Gives the focus to the summary of errors once, so that it is read first. */

/** @param {HTMLElement} box */
export function wake(box) {
  box.focus();
}
