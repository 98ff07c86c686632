/* The receipt stands on this page: the copy that guarded it on the way is not needed any more, and stays on no phone unasked. */
import { taken } from "./keep-carried.js";
import "./outbox.js";

export async function wake(box) {
  taken();
  const receipts = await self.outbox.all("receipts").catch(() => []);
  for (const { client_id, code } of receipts) if (code === box.dataset.code) await self.outbox.drop("receipts", client_id);
}
