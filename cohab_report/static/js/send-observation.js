/* Sends the observation without leaving the page: it is stored on this phone first, so that a line that drops loses
   nothing. */
import "./outbox.js";

const { outbox } = self;
const STATES = ["sending", "waits"];
/* Fields of the form that say nothing of the observation. */
const NOT_ANSWERS = ["csrf_token", "carried"];

/** @param {TemplateElement} box */
export function wake(box) {
  const form = box.querySelector("form");
  const bar = box.querySelector("progress");
  const status = box.querySelector("[data-send-status]");
  const percentFormat = new Intl.NumberFormat(`${document.documentElement.lang}-CA`, { style: "percent" });
  let isBusy = false;

  /** @param {string | null} state one of STATES; null shows the form */
  function show(state) {
    for (const name of STATES) box.querySelector(`[data-state=${name}]`).hidden = name !== state;
    form.hidden = state !== null;
  }

  /** @param {FormData} data @returns {Submission} */
  function submissionOf(data) {
    /** @type {Fields} */
    const fields = {};
    for (const [name, text] of data) {
      if (typeof text === "string" && !NOT_ANSWERS.includes(name)) fields[name] = text;
    }
    const photos = data.getAll("photos").filter((photo) => photo instanceof File && photo.size > 0);
    return {
      client_id: fields.client_id,
      fields,
      photos: /** @type {File[]} */ (photos),
      language: document.documentElement.lang,
      label: box.dataset.label,
      made_at: Date.now(),
    };
  }

  function submitPlainly() {
    show(null);
    HTMLFormElement.prototype.submit.call(form);
  }

  /** @param {Submission} submission that waits in the outbox */
  async function send({ client_id }) {
    const outcome = await outbox.sendOne(client_id, { post: postWithProgress });
    if (outcome.kind === "received") {
      window.location.assign(outcome.receipt.shown_at ?? box.dataset.waiting);
    } else if (outcome.kind === "refused") {
      await outbox.remove("drafts", client_id);
      submitPlainly(); // the server says on its own page what to mend; what was typed is in its session
    } else {
      for (const words of box.querySelectorAll("[data-by-itself]")) {
        words.hidden = (words.dataset.byItself === "yes") !== outcome.hasSync;
      }
      show("waits");
      box.querySelector("[data-state=waits] h2").focus();
      isBusy = false;
    }
  }

  /** @type {Post} */
  function postWithProgress(address, headers, body, timeout) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      for (const [name, text] of Object.entries(headers)) request.setRequestHeader(name, text);
      request.timeout = timeout;
      request.upload.onprogress = ({ loaded, total }) => showProgress(loaded, total);
      request.onload = () => {
        const retryAfter = request.getResponseHeader("Retry-After");
        resolve({ status: request.status, retryAfter, text: request.responseText });
      };
      request.onerror = () => reject(new TypeError("no line"));
      request.ontimeout = () => reject(new TypeError("too slow"));
      request.send(body);
    });
  }

  /** @param {number} loaded @param {number} total bytes */
  function showProgress(loaded, total) {
    const percent = Math.round((100 * loaded) / Math.max(total, 1));
    const { textProgress, textArriving } = box.dataset;
    bar.value = percent;
    status.textContent =
      percent < 100 ? textProgress.replace("{percent}", percentFormat.format(percent / 100)) : textArriving;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const data = new FormData(form);
    try {
      const submission = submissionOf(data);
      await outbox.queue(submission);
      show("sending");
      await send(submission);
    } catch (error) {
      console.info("nothing can be stored on this phone", error);
      submitPlainly();
    }
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    show(null);
    isBusy = false;
  });
}
