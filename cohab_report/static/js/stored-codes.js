/* Lists the codes that are stored on this phone; one press follows one of them, another forgets them all. */
import { CODES_CHANGED, storeCodes, storedCodes } from "./code-storage.js";

/** @param {TemplateElement} box */
export function wake(box) {
  const list = box.querySelector("[data-list]");
  const template = box.querySelector("template");
  const input = /** @type {HTMLInputElement} */ (document.getElementById(box.dataset.input));

  function render() {
    const codes = storedCodes() ?? [];
    box.hidden = codes.length === 0;
    list.replaceChildren(...codes.map(rowOf));
  }

  /** @param {import("./code-storage.js").StoredCode} stored */
  function rowOf({ code, label }) {
    const row = document.importNode(template.content, true);
    row.querySelector("[data-label]").textContent = label ?? "";
    row.querySelector("[data-code]").textContent = code;
    row.querySelector("button").addEventListener("click", () => {
      input.value = code;
      input.form?.requestSubmit();
    });
    return row;
  }

  render();
  window.addEventListener(CODES_CHANGED, render);
  box.querySelector("[data-forget]").addEventListener("click", () => {
    storeCodes([]);
    input.focus();
  });
}
