/* Says how many characters are left: on screen at each key, aloud only after a pause and near the end. */

const PAUSE = 1000;

/** @param {TemplateElement} field */
export function wake(field) {
  const input = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (field.querySelector("textarea, input"));
  const count = field.querySelector("[data-count]");
  const spokenCount = field.querySelector("[data-count-spoken]");
  const limit = Number(field.dataset.limit);
  const { textLeft, textLeftOne, textOver, textOverOne } = field.dataset;
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let pause = 0;

  function showCount() {
    const left = limit - [...input.value].length;
    const isOne = plural.select(Math.abs(left)) === "one";
    const words = left < 0 ? `${-left}${isOne ? textOverOne : textOver}` : `${left}${isOne ? textLeftOne : textLeft}`;
    count.textContent = words;
    count.parentElement?.classList.toggle("is-over", left < 0);
    clearTimeout(pause);
    if (left <= limit / 5) {
      pause = setTimeout(() => {
        spokenCount.textContent = words;
      }, PAUSE);
    }
  }

  input.addEventListener("input", showCount);
  showCount();
}
