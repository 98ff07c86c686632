/* Keeps the follow-up code on this phone, and only when its owner presses the button. The code goes nowhere else. */
import { kept, keep } from "./codes-on-phone.js";

export function wake(box) {
  const button = box.querySelector("[data-keep]");
  const status = box.querySelector("[data-keep-status]");
  const { code, label } = box.dataset;
  if (kept() === null) return;
  box.hidden = false;

  function done() {
    button.hidden = true;
    status.textContent = box.dataset.textKept;
  }

  if (kept().some((known) => known.code === code)) done();
  button.addEventListener("click", () => {
    keep([{ code, label }, ...kept().filter((known) => known.code !== code)]);
    done();
  });
}
