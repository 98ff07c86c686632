/* Filters a long list of places as one types, without minding accents, case or word order; nothing is taken out of the form. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function wake(box) {
  const list = document.getElementById(box.dataset.target);
  const input = box.querySelector("[data-search]");
  const status = box.querySelector("[data-search-status]");
  const rows = [...list.querySelectorAll("[data-place-row]")].map((row) => ({ row, words: plain(row.textContent) }));
  box.hidden = false;

  function filter() {
    const wanted = plain(input.value).split(/[\s,'’-]+/).filter(Boolean);
    let shown = 0;
    for (const { row, words } of rows) {
      const fits = wanted.every((word) => words.includes(word)) || row.querySelector(":checked") !== null;
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    list.hidden = shown === 0;
    status.textContent = wanted.length === 0 ? "" : wordsFor(shown);
  }

  function wordsFor(count) {
    if (count === 0) return box.dataset.textNone;
    return count === 1 ? box.dataset.textOne : box.dataset.textMany.replace("{count}", String(count));
  }

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = list.querySelector("[data-place-row]:not([hidden]) input");
    if (first) {
      first.checked = true;
      first.focus();
      first.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  const group = list.closest("fieldset");
  group.addEventListener("change", () => {
    for (const input of document.querySelectorAll("#lon, #lat")) input.value = "";
    document.dispatchEvent(new CustomEvent("place:named"));
  });
  document.addEventListener("place:chosen", () => {
    for (const checked of group.querySelectorAll("input:checked")) checked.checked = false;
  });
}
