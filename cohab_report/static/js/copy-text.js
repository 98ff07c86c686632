/* Copies the text of [data-copy]; when the browser refuses, selects it and says so. */

const SHOWN_FOR = 3000;

/** @param {TemplateElement} box */
export function wake(box) {
  const source = box.querySelector("[data-copy]");
  const button = box.querySelector("button[data-copy-button]");
  const status = box.querySelector("[data-copy-status]");
  const label = button.querySelector("span");
  const usualLabel = label.textContent;

  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      label.textContent = box.dataset.textDone;
      status.textContent = box.dataset.textDone;
      setTimeout(() => {
        label.textContent = usualLabel;
        status.textContent = "";
      }, SHOWN_FOR);
    } catch {
      window.getSelection()?.selectAllChildren(source);
      status.classList.remove("visually-hidden");
      status.textContent = box.dataset.textFailed;
    }
  });
}
