/* Says how many characters are left: on screen at each key, aloud only after a pause and near the end. */
export function wake(field) {
  const area = field.querySelector("textarea, input");
  const shown = field.querySelector("[data-count]");
  const spoken = field.querySelector("[data-count-spoken]");
  const limit = Number(field.dataset.limit);
  const { textLeft, textLeftOne, textOver, textOverOne } = field.dataset;
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let pause = 0;

  function tell() {
    const left = limit - [...area.value].length;
    const isOne = plural.select(Math.abs(left)) === "one";
    const words = left < 0 ? `${-left}${isOne ? textOverOne : textOver}` : `${left}${isOne ? textLeftOne : textLeft}`;
    shown.textContent = words;
    shown.parentElement.classList.toggle("is-over", left < 0);
    clearTimeout(pause);
    if (left <= limit / 5) {
      pause = setTimeout(() => { spoken.textContent = words; }, 1000);
    }
  }

  area.addEventListener("input", tell);
  tell();
}
