/* Narrows a list of places as one types, the best first. What the page's own list doesn't have (a corner of two streets, the rest of a
   long list) is asked of this site; without a line, the list alone answers. Nothing is taken out of the form. */
import { finder } from "./find-places.js";

const PAUSE = 250;

export function wake(box) {
  const list = document.getElementById(box.dataset.target);
  const input = box.querySelector("[data-search]");
  const status = box.querySelector("[data-search-status]");
  const landmark = document.getElementById(box.dataset.landmark ?? "");
  const names = finder(JSON.parse(box.dataset.names));
  const entries = [...list.querySelectorAll("[data-place-row]")].map((row) => names.entryOf(row, namesOf(row)));
  const usual = entries.map(({ thing }) => thing);
  let pause = 0;
  let hinted = "";
  box.hidden = false;

  function filter() {
    clearTimeout(pause);
    hint();
    const typed = input.value.trim();
    if (!typed) return show(usual, "");
    show(found(typed), typed);
    if (box.dataset.source && (box.dataset.partial || names.cornerOf(typed))) pause = setTimeout(() => ask(typed), PAUSE);
  }

  /* The rows of this page; of a corner, those of both its streets. */
  function found(typed) {
    const corner = names.isNamed(entries, typed) ? null : names.cornerOf(typed);
    const rows = corner ? corner.flatMap((half) => names.find(entries, half).slice(0, 1)) : names.find(entries, typed);
    return [...new Set(rows)].map(({ thing }) => thing);
  }

  async function ask(typed) {
    try {
      const address = new URL(box.dataset.source, location.href);
      address.searchParams.set("q", typed);
      const answer = await (await fetch(address)).json();
      if (input.value.trim() === typed && answer.length) show(answer.map(rowOf), typed);
    } catch {
      // Without a line the page's own list has answered already.
    }
  }

  function rowOf({ value, name, sector }) {
    const known = list.querySelector(`input[value="${CSS.escape(value)}"]`)?.closest("[data-place-row]");
    const row = known ?? usual[0].cloneNode(true);
    if (!known) {
      const choice = row.querySelector("input");
      Object.assign(choice, { value, id: `found-${value}`, checked: false });
      const label = row.querySelector("label");
      label.htmlFor = choice.id;
      label.textContent = name;
      row.querySelector(".hint")?.remove();
      choice.removeAttribute("aria-describedby");
    }
    if (sector && !row.querySelector(".hint")) {
      const where = document.createElement("p");
      Object.assign(where, { className: "hint", textContent: sector, id: `${row.querySelector("input").id}-hint` });
      row.querySelector("input").setAttribute("aria-describedby", where.id);
      row.append(where);
    }
    return row;
  }

  function show(rows, typed) {
    const all = [...list.querySelectorAll("[data-place-row]")];
    const kept = all.filter((row) => row.querySelector(":checked") && !rows.includes(row));
    const shown = new Set([...rows, ...kept]);
    for (const row of [...shown, ...all.filter((each) => !shown.has(each))]) {
      row.hidden = !shown.has(row);
      list.append(row);
    }
    list.hidden = shown.size === 0;
    status.textContent = typed ? wordsFor(rows.length) : "";
  }

  function wordsFor(count) {
    if (count === 0) return box.dataset.textNone;
    return count === 1 ? box.dataset.textOne : box.dataset.textMany.replace("{count}", String(count));
  }

  /* An address or a corner stays, as it was typed, beside the street; what the person wrote there by hand is left alone. */
  function hint() {
    if (!landmark || (landmark.value && landmark.value !== hinted)) return;
    const typed = input.value.trim();
    hinted = names.civicNumber(typed) || names.cornerOf(typed) ? typed.slice(0, landmark.maxLength > 0 ? landmark.maxLength : 80) : "";
    landmark.value = hinted;
    landmark.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function chooseFirst() {
    const first = list.querySelector("[data-place-row]:not([hidden]) input");
    if (!first) return;
    first.checked = true;
    first.focus();
    first.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    chooseFirst();
  });
  box.querySelector("[data-search-button]")?.remove();
  if (input.value) filter();
  const group = list.closest("fieldset");
  group.addEventListener("change", () => {
    for (const point of document.querySelectorAll("#lon, #lat")) point.value = "";
    document.dispatchEvent(new CustomEvent("place:named"));
  });
  document.addEventListener("place:chosen", () => {
    for (const checked of group.querySelectorAll("input:checked")) checked.checked = false;
  });
}

/* What is read on the row first, then the other names that the page knows. */
function namesOf(row) {
  const shown = row.querySelector("label").textContent.trim();
  return [shown, ...(row.dataset.also ?? "").split(";").map((name) => name.trim()).filter((name) => name && name !== shown)];
}
