/* Lists that are filled from what this phone keeps: a <template> is the row. */
export function fillList(list, items, fillRow) {
  for (const old of list.querySelectorAll(":scope > :not(template)")) old.remove();
  for (const item of items) {
    const row = list.querySelector("template").content.cloneNode(true).firstElementChild;
    fillRow(row, item);
    list.append(row);
  }
}

export const timeWords = (instant) => new Date(instant).toLocaleString(`${document.documentElement.lang}-CA`, { dateStyle: "long", timeStyle: "short" });
