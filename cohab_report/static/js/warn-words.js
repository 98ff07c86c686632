/* Says, after a pause in typing, what in the text could point at a person, and is silent again once it is mended. It blocks nothing.
   The patterns come once from the server; the text is read on this phone and goes nowhere before it is sent. */
import { screener } from "./screen-words.js";

const PAUSE = 700;

export function wake(box) {
  const area = document.getElementById(box.dataset.target);
  const names = JSON.parse(box.dataset.kinds);
  let screen = null;
  let pause = 0;

  async function check() {
    try {
      screen ??= screener(await (await fetch(box.dataset.source)).json());
      tell(screen(area.value));
    } catch {
      // Without the patterns, or on a phone too old to read them, nothing is said here; the page before sending still says it.
    }
  }

  function tell(kinds) {
    const said = kinds.map((kind) => names[kind]);
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(said);
    const words = said.length === 0 ? "" : box.dataset.text.replace("{what}", list);
    if (box.textContent !== words) box.textContent = words;
    box.classList.toggle("is-said", said.length > 0);
  }

  function soon() {
    clearTimeout(pause);
    pause = setTimeout(check, PAUSE);
  }

  area.addEventListener("input", soon);
  if (area.value) soon();
}
