/* Stores what was answered so far in this tab while it is open: a step that can't be read for want of a network goes on
   offline from there. */
const NAME = "carried";

/** @param {HTMLInputElement} input the hidden field that carries the answers from step to step */
export function wake(input) {
  try {
    window.sessionStorage.setItem(NAME, input.value);
  } catch (error) {
    console.info("nothing can be stored in this tab", error);
  }
}

/**
 * Returns the answers of the last step and forgets them; null where none are stored.
 * @returns {Fields | null}
 */
export function takeStoredAnswers() {
  try {
    const answers = JSON.parse(window.sessionStorage.getItem(NAME) ?? "null");
    window.sessionStorage.removeItem(NAME);
    return answers;
  } catch {
    return null;
  }
}
