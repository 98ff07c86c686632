/* Sends the observation without leaving the page: it is kept on this phone first, so that a line that drops loses nothing. */
import "./outbox.js";

const { outbox } = self;
const STATES = ["sending", "waits"];

export function wake(box) {
  const form = box.querySelector("form");
  const bar = box.querySelector("progress");
  const status = box.querySelector("[data-send-status]");
  const inWords = new Intl.NumberFormat(`${document.documentElement.lang}-CA`, { style: "percent" });
  let busy = false;

  function show(state) {
    for (const name of STATES) box.querySelector(`[data-state=${name}]`).hidden = name !== state;
    form.hidden = state !== null;
  }

  function itemOf(data) {
    const fields = {};
    for (const [name, text] of data) if (typeof text === "string" && !["csrf_token", "carried"].includes(name)) fields[name] = text;
    const photos = data.getAll("photos").filter((photo) => photo.size > 0);
    return { client_id: fields.client_id, fields, photos, language: document.documentElement.lang, label: box.dataset.label, made_at: Date.now() };
  }

  function byPlainPost() {
    show(null);
    HTMLFormElement.prototype.submit.call(form);
  }

  async function send(item) {
    const outcome = await outbox.sendOne(item.client_id, { post: withProgress });
    if (outcome.kind === "received") {
      window.location.assign(outcome.receipt.shown_at ?? box.dataset.waiting);
    } else if (outcome.kind === "refused") {
      await outbox.drop("drafts", item.client_id);
      byPlainPost();  // the server says on its own page what to mend; what was typed is in its session
    } else {
      for (const words of box.querySelectorAll("[data-by-itself]")) words.hidden = (words.dataset.byItself === "yes") !== outcome.by_itself;
      show("waits");
      box.querySelector("[data-state=waits] h2").focus();
      busy = false;
    }
  }

  function withProgress(address, headers, body, patience) {
    return new Promise((resolve, reject) => {
      const line = new XMLHttpRequest();
      line.open("POST", address);
      for (const [name, text] of Object.entries(headers)) line.setRequestHeader(name, text);
      line.timeout = patience;
      line.upload.onprogress = ({ loaded, total }) => tell(loaded, total);
      line.onload = () => resolve({ status: line.status, retryAfter: line.getResponseHeader("Retry-After"), text: line.responseText });
      line.onerror = () => reject(new TypeError("no line"));
      line.ontimeout = () => reject(new TypeError("too slow"));
      line.send(body);
    });
  }

  function tell(loaded, total) {
    const percent = Math.round((100 * loaded) / Math.max(total, 1));
    bar.value = percent;
    status.textContent = percent < 100 ? box.dataset.textProgress.replace("{percent}", inWords.format(percent / 100)) : box.dataset.textArriving;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const data = new FormData(form);
    try {
      const item = itemOf(data);
      await outbox.queue(item);
      show("sending");
      await send(item);
    } catch (trouble) {
      console.info("nothing can be kept on this phone", trouble?.name);
      byPlainPost();
    }
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) show(null);
    if (persisted) busy = false;
  });
}
