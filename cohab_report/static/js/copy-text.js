/* Copies the text of [data-copy]; when the browser refuses, selects it and says so. */
export function wake(box) {
  const source = box.querySelector("[data-copy]");
  const button = box.querySelector("[data-copy-button]");
  const status = box.querySelector("[data-copy-status]");
  const label = button.querySelector("span");
  const usual = label.textContent;

  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      label.textContent = box.dataset.textDone;
      status.textContent = box.dataset.textDone;
      setTimeout(() => { label.textContent = usual; status.textContent = ""; }, 3000);
    } catch {
      window.getSelection().selectAllChildren(source);
      status.classList.remove("visually-hidden");
      status.textContent = box.dataset.textFailed;
    }
  });
}
