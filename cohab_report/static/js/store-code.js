/* Stores the follow-up code on this phone, and only when its owner presses the button. The code goes nowhere else. */
import { storeCodes, storedCodes } from "./code-storage.js";

/** @param {TemplateElement} box */
export function wake(box) {
  const button = box.querySelector("button[data-keep]");
  const status = box.querySelector("[data-keep-status]");
  const { code, label, reference } = box.dataset;
  const codes = storedCodes();
  if (codes === null) return;
  box.hidden = false;

  function showStored() {
    button.hidden = true;
    status.textContent = box.dataset.textKept;
  }

  if (codes.some((stored) => stored.code === code)) showStored();
  button.addEventListener("click", () => {
    storeCodes([{ code, label, reference }, ...(storedCodes() ?? []).filter((stored) => stored.code !== code)]);
    showStored();
  });
}
