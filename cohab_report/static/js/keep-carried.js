/* What was answered so far stays in this tab while it is open: a step that can't be read for want of a network goes on offline from there. */
const NAME = "carried";

export function wake(input) {
  try {
    window.sessionStorage.setItem(NAME, input.value);
  } catch (refused) {
    console.info("nothing can be kept in this tab", refused.name);
  }
}

/* What the last step knew, once; null where nothing was kept. */
export function taken() {
  try {
    const kept = JSON.parse(window.sessionStorage.getItem(NAME));
    window.sessionStorage.removeItem(NAME);
    return kept;
  } catch {
    return null;
  }
}
