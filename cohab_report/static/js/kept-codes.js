/* Lists the codes that are kept on this phone; one press follows one of them, another forgets them all. */
import { kept, keep } from "./codes-on-phone.js";

export function wake(box) {
  const list = box.querySelector("[data-list]");
  const row = box.querySelector("template");
  const input = document.getElementById(box.dataset.input);
  const codes = kept() ?? [];
  box.hidden = codes.length === 0;

  for (const { code, label } of codes) {
    const made = row.content.cloneNode(true);
    const button = made.querySelector("button");
    made.querySelector("[data-label]").textContent = label ?? "";
    made.querySelector("[data-code]").textContent = code;
    button.addEventListener("click", () => {
      input.value = code;
      input.form.requestSubmit();
    });
    list.append(made);
  }
  box.querySelector("[data-forget]").addEventListener("click", () => {
    keep([]);
    box.hidden = true;
    input.focus();
  });
}
