/* The summary of errors takes the focus once, so that it is read first. */
export function wake(box) {
  box.focus();
}
