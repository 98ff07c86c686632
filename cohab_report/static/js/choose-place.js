/* Narrows a list of places as one types, the best first. What the page's own list doesn't have (a corner of two
   streets, the rest of a long list) is asked of this site; without a line, the list alone answers. Nothing is taken out
   of the form. */
import { createPlaceFinder } from "./find-places.js";

/** @typedef {{ value: string, name: string, sector?: string }} PlaceAnswer */

const PAUSE = 250;
const LONGEST_LANDMARK = 80;

/** @param {TemplateElement} box */
export function wake(box) {
  const list = /** @type {HTMLElement} */ (document.getElementById(box.dataset.target));
  const group = /** @type {HTMLFieldSetElement} */ (list.closest("fieldset"));
  const input = box.querySelector("input[data-search]");
  const status = box.querySelector("[data-search-status]");
  const landmark = /** @type {HTMLInputElement | null} */ (document.getElementById(box.dataset.landmark ?? ""));
  const finder = createPlaceFinder(JSON.parse(box.dataset.names));
  const entries = allRows().map((row) => finder.entryOf(row, namesOf(row)));
  const usualRows = entries.map(({ item }) => item);
  let pause = 0;
  let filledLandmark = "";
  box.hidden = false;

  function allRows() {
    return [...list.querySelectorAll("[data-place-row]")];
  }

  function filter() {
    clearTimeout(pause);
    fillLandmark();
    const typed = input.value.trim();
    if (!typed) return show(usualRows, "");
    show(matchingRows(typed), typed);
    const mayHaveMore = box.dataset.partial || finder.cornerOf(typed);
    if (box.dataset.source && mayHaveMore) pause = setTimeout(() => ask(typed), PAUSE);
    return undefined;
  }

  /**
   * The rows of this page; of a corner, those of both its streets.
   * @param {string} typed
   */
  function matchingRows(typed) {
    const corner = finder.isName(entries, typed) ? null : finder.cornerOf(typed);
    const matches = corner
      ? corner.flatMap((street) => finder.find(entries, street).slice(0, 1))
      : finder.find(entries, typed);
    return [...new Set(matches)].map(({ item }) => item);
  }

  /** @param {string} typed */
  async function ask(typed) {
    try {
      const address = new URL(box.dataset.source, window.location.href);
      address.searchParams.set("q", typed);
      /** @type {PlaceAnswer[]} */
      const places = await (await fetch(address)).json();
      if (input.value.trim() === typed && places.length) show(places.map(rowOf), typed);
    } catch {
      // Without a line the page's own list has answered already.
    }
  }

  /**
   * The page's own row of a place, or a new one after the pattern of the first.
   * @param {PlaceAnswer} place
   */
  function rowOf({ value, name, sector }) {
    const choices = list.querySelectorAll(`input[value="${CSS.escape(value)}"]`);
    const row = choices[0]?.closest("[data-place-row]") ?? newRow(value, name);
    if (sector && row.querySelectorAll(".hint").length === 0) {
      const choice = row.querySelector("input");
      const hint = document.createElement("p");
      Object.assign(hint, { className: "hint", textContent: sector, id: `${choice.id}-hint` });
      choice.setAttribute("aria-describedby", hint.id);
      row.append(hint);
    }
    return row;
  }

  /** @param {string} value @param {string} name */
  function newRow(value, name) {
    const row = /** @type {TemplateElement} */ (usualRows[0].cloneNode(true));
    const choice = row.querySelector("input");
    Object.assign(choice, { value, id: `found-${value}`, checked: false });
    choice.removeAttribute("aria-describedby");
    const label = row.querySelector("label");
    label.htmlFor = choice.id;
    label.textContent = name;
    row.querySelector(".hint")?.remove();
    return row;
  }

  /**
   * Shows these rows in their order, and the one that is chosen.
   * @param {HTMLElement[]} rows
   * @param {string} typed
   */
  function show(rows, typed) {
    const all = allRows();
    const chosen = all.filter((row) => row.querySelectorAll(":checked").length > 0);
    const visible = new Set([...rows, ...chosen]);
    for (const row of [...visible, ...all.filter((each) => !visible.has(each))]) {
      row.hidden = !visible.has(row);
      list.append(row);
    }
    list.hidden = visible.size === 0;
    status.textContent = typed ? countWords(rows.length) : "";
  }

  /** @param {number} count */
  function countWords(count) {
    if (count === 0) return box.dataset.textNone;
    return count === 1 ? box.dataset.textOne : box.dataset.textMany.replace("{count}", String(count));
  }

  /* An address or a corner stays, as it was typed, beside the street; what the person wrote there by hand is left
     alone. */
  function fillLandmark() {
    if (!landmark || (landmark.value && landmark.value !== filledLandmark)) return;
    const typed = input.value.trim();
    const longest = landmark.maxLength > 0 ? landmark.maxLength : LONGEST_LANDMARK;
    filledLandmark = finder.civicNumber(typed) || finder.cornerOf(typed) ? typed.slice(0, longest) : "";
    landmark.value = filledLandmark;
    landmark.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function chooseFirst() {
    const [first] = list.querySelectorAll("[data-place-row]:not([hidden]) input");
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
  group.addEventListener("change", () => {
    for (const id of ["lon", "lat"]) {
      const point = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
      if (point) point.value = "";
    }
    document.dispatchEvent(new CustomEvent("place:named"));
  });
  document.addEventListener("place:chosen", () => {
    for (const choice of group.querySelectorAll("input")) if (choice.type === "radio") choice.checked = false;
  });
}

/**
 * What is read on the row first, then the other names that the page knows.
 * @param {TemplateElement} row
 */
function namesOf(row) {
  const label = row.querySelector("label").textContent.trim();
  const others = (row.dataset.also ?? "").split(";").map((name) => name.trim());
  return [label, ...others.filter((name) => name && name !== label)];
}
