/* Removes this phone's copy of the receipt that stands on this page: it guarded the receipt on the way, and stays on no
   phone unasked. */
import "./outbox.js";
import { takeStoredAnswers } from "./store-answers.js";

/** @param {TemplateElement} box */
export async function wake(box) {
  takeStoredAnswers();
  const receipts = await self.outbox.all("receipts").catch(() => []);
  for (const { client_id, code } of receipts) {
    if (code === box.dataset.code) await self.outbox.remove("receipts", client_id);
  }
}
