/* Removes from this phone what was received of the observation that was just closed here: its receipt and, once it is
   withdrawn, the code that its owner had stored. What still waits to be sent stays, and so do drafts. */
import { storeCodes, storedCodes } from "./code-storage.js";
import "./outbox.js";
import { takeStoredAnswers } from "./store-answers.js";

/** @param {TemplateElement} box */
export async function wake(box) {
  const { reference, withdrawn } = box.dataset;
  takeStoredAnswers();
  if (withdrawn) storeCodes((storedCodes() ?? []).filter((stored) => stored.reference !== reference));
  const receipts = await self.outbox.all("receipts").catch(() => []);
  for (const receipt of receipts) {
    if (receipt.reference === reference) await self.outbox.remove("receipts", receipt.client_id);
  }
}
