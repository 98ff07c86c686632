/* On every page: registers the service worker, sends what waits, and says that something waits. It stands aside for
   whoever has signed in. */
import "./outbox.js";

const { outbox } = self;
/* Milliseconds after which a page is taken for quiet. */
const QUIET = 3000;
const LONGEST_PAUSE = 3600000;
const MARGIN = 500;

/** @param {TemplateElement} box */
export function wake(box) {
  const signedIn = box.dataset.signedIn === "yes";
  const isWriting = hasOfflineForm();
  if ("serviceWorker" in navigator) afterLoad(() => register(signedIn));
  if (signedIn || !("indexedDB" in window)) return;
  let nextSending = 0;

  async function update() {
    const [waiting, drafts, receipts] = await Promise.all([
      outbox.all("waiting"),
      outbox.all("drafts"),
      outbox.all("receipts"),
    ]);
    showNotice({ Waiting: waiting.length, Receipts: receipts.length, Drafts: isWriting ? 0 : drafts.length });
    clearTimeout(nextSending);
    const soonest = Math.min(...waiting.map(({ next_attempt_at: at }) => at));
    const pause = soonest - Date.now();
    if (pause > 0) nextSending = setTimeout(send, Math.min(pause + MARGIN, LONGEST_PAUSE));
  }

  /**
   * @param {Record<string, number>} counts what is on this phone, the most important first: only one of them is told
   */
  function showNotice(counts) {
    const link = box.querySelector("a");
    const [name, count] = Object.entries(counts).find(([, number]) => number > 0) ?? ["", 0];
    box.hidden = !count || window.location.pathname === link.pathname;
    if (!count) return;
    const text = box.dataset[`text${name}${count === 1 ? "One" : "Many"}`];
    link.textContent = text.replace("{count}", String(count));
  }

  const send = async () => {
    if (navigator.onLine && (await outbox.all("waiting")).length > 0) await outbox.sendAll();
  };

  outbox.onChange(update);
  window.addEventListener("online", send);
  update().then(send, (error) => console.info("nothing can be stored on this phone", error));
}

const hasOfflineForm = () => document.querySelectorAll("[data-behaviour~=offline-form]").length > 0;

/**
 * After the page itself: what is made ready for later must not slow what is read now.
 * @param {() => void} work
 */
function afterLoad(work) {
  if (document.readyState === "complete") setTimeout(work, 0);
  else window.addEventListener("load", () => setTimeout(work, 0), { once: true });
}

/** @param {boolean} signedIn */
async function register(signedIn) {
  try {
    const registration = await navigator.serviceWorker.register("/sw.js");
    const message = { type: "page", language: document.documentElement.lang, signedIn };
    navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(message));
    activateWaiting(registration);
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", () => activateWaiting(registration));
    });
  } catch (error) {
    console.info("no service worker", error);
  }
}

/**
 * A new release waits while a draft is being written in this tab: its scripts are of the release it was opened with.
 * And until the page is quiet: Chromium leaves the new worker standing, for good, when a file is asked for at the
 * moment of the change.
 * @param {ServiceWorkerRegistration} registration
 */
function activateWaiting(registration) {
  if (hasOfflineForm()) return;
  setTimeout(() => registration.waiting?.postMessage({ type: "take over" }), QUIET);
}
