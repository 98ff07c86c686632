/* Says, after a pause in typing, what in the text could point at a person, and is silent again once it is mended. It
   blocks nothing. The patterns come once from the server; the text is read on this phone and goes nowhere before it is
   sent. */
import { createScreener } from "./screen-words.js";

const PAUSE = 700;

/** @param {TemplateElement} box */
export function wake(box) {
  const area = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (document.getElementById(box.dataset.target));
  /** @type {Record<string, string>} */
  const names = JSON.parse(box.dataset.kinds);
  /** @type {ReturnType<typeof createScreener> | null} */
  let screen = null;
  let pause = 0;

  async function check() {
    try {
      screen ??= createScreener(await (await fetch(box.dataset.source)).json());
      warn(screen(area.value));
    } catch {
      // Without the patterns, or on a phone too old to read them, nothing is said here; the page before sending still
      // says it.
    }
  }

  /** @param {string[]} kinds */
  function warn(kinds) {
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
    const what = list.format(kinds.map((kind) => names[kind]));
    const words = kinds.length === 0 ? "" : box.dataset.text.replace("{what}", what);
    if (box.textContent !== words) box.textContent = words;
    box.classList.toggle("is-said", kinds.length > 0);
  }

  function checkSoon() {
    clearTimeout(pause);
    pause = setTimeout(check, PAUSE);
  }

  area.addEventListener("input", checkSoon);
  if (area.value) checkSoon();
}
