/* Fills in the ids of what this phone holds already, waiting or received, so that the form begins another observation
   and never the same one over it. */
import "./outbox.js";

/** @param {HTMLInputElement} field */
export function wake(field) {
  async function fill() {
    try {
      const items = [...(await self.outbox.all("waiting")), ...(await self.outbox.all("receipts"))];
      field.value = items.map(({ client_id }) => client_id).join(" ");
    } catch (error) {
      console.info("nothing is stored on this phone", error);
    }
  }

  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) fill();
  });
  return fill();
}
