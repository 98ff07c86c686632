/* Lists that are filled from what this phone keeps: a <template> is the row. */
export function fillList(list, items, fillRow) {
  for (const old of list.querySelectorAll(":scope > :not(template)")) old.remove();
  for (const item of items) {
    const row = list.querySelector("template").content.cloneNode(true).firstElementChild;
    fillRow(row, item);
    list.append(row);
  }
}

/* The same for a list that changes while it is read: what is on a row is told anew and its row stays, so that whoever stands on it does too.
   `begin` is done once a row. Items come in an order that doesn't change. */
export function followList(list, items, begin, tell) {
  const rows = new Map([...list.querySelectorAll(":scope > :not(template)")].map((row) => [row.dataset.key, row]));
  let last = list.querySelector("template");
  for (const item of items) {
    const known = rows.get(item.client_id);
    const row = known ?? list.querySelector("template").content.cloneNode(true).firstElementChild;
    if (!known) {
      row.dataset.key = item.client_id;
      last.after(row);
      begin(row, item);
    }
    tell(row, item);
    rows.delete(item.client_id);
    last = row;
  }
  for (const gone of rows.values()) gone.remove();
}

export const timeWords = (instant) => new Date(instant).toLocaleString(`${document.documentElement.lang}-CA`, { dateStyle: "long", timeStyle: "short" });
