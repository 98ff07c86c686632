/* Names what this phone holds already, waiting or received, so that the form begins another observation and never the same one over it. */
import "./outbox.js";

export function wake(field) {
  async function name() {
    try {
      const held = [...(await self.outbox.all("waiting")), ...(await self.outbox.all("receipts"))];
      field.value = held.map(({ client_id }) => client_id).join(" ");
    } catch (refused) {
      console.info("nothing is kept on this phone", refused.name);
    }
  }

  window.addEventListener("pageshow", ({ persisted }) => persisted && name());
  return name();
}
