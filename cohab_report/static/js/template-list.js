/* Lists that are filled from what this phone stores: a <template> is the row. */

/** @param {HTMLElement} list */
const newRow = (list) =>
  /** @type {TemplateElement} */ (document.importNode(list.querySelector("template").content, true).firstElementChild);

/**
 * Replaces the rows of a list.
 * @template Item
 * @param {HTMLElement} list
 * @param {Item[]} items
 * @param {(row: TemplateElement, item: Item) => void} fillRow
 */
export function fillList(list, items, fillRow) {
  for (const old of list.querySelectorAll(":scope > :not(template)")) old.remove();
  for (const item of items) {
    const row = newRow(list);
    fillRow(row, item);
    list.append(row);
  }
}

/**
 * The same for a list that changes while it is read: what is on a row is told anew and its row stays, so that whoever
 * stands on it does too. Items come in an order that doesn't change.
 * @template {{ client_id: string }} Item
 * @param {HTMLElement} list
 * @param {Item[]} items
 * @param {(row: TemplateElement, item: Item) => void} beginRow done once a row
 * @param {(row: TemplateElement, item: Item) => void} updateRow
 */
export function updateList(list, items, beginRow, updateRow) {
  const rows = new Map([...list.querySelectorAll(":scope > :not(template)")].map((row) => [row.dataset.key, row]));
  /** @type {HTMLElement} */
  let last = list.querySelector("template");
  for (const item of items) {
    const present = rows.get(item.client_id);
    const row = present ?? newRow(list);
    if (!present) {
      row.dataset.key = item.client_id;
      last.after(row);
      beginRow(row, item);
    }
    updateRow(row, item);
    rows.delete(item.client_id);
    last = row;
  }
  for (const gone of rows.values()) gone.remove();
}

/** @param {number} instant milliseconds @returns {string} date and time in the page's language */
export const timeWords = (instant) =>
  new Date(instant).toLocaleString(`${document.documentElement.lang}-CA`, { dateStyle: "long", timeStyle: "short" });
