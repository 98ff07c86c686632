/* On every page: has the worker made ready, sends what waits, and says that something waits. It stands aside for whoever has signed in. */
import "./outbox.js";

const { outbox } = self;
const QUIET = 3000;

export function wake(box) {
  const signedIn = box.dataset.signedIn === "yes";
  const isWriting = document.querySelector("[data-behaviour~=offline-form]") !== null;
  if ("serviceWorker" in navigator) afterLoad(() => register(signedIn));
  if (signedIn || !("indexedDB" in window)) return;
  let next = 0;

  async function tell() {
    const [waiting, kept, receipts] = await Promise.all(["waiting", "drafts", "receipts"].map(outbox.all));
    const drafts = isWriting ? [] : kept;
    const [count, which] = [[waiting, "Waiting"], [receipts, "Receipts"], [drafts, "Drafts"]].map(([items, name]) => [items.length, name]).find(([length]) => length > 0) ?? [0];
    box.hidden = !count || window.location.pathname === box.querySelector("a").pathname;
    if (count) box.querySelector("a").textContent = box.dataset[`text${which}${count === 1 ? "One" : "Many"}`].replace("{count}", count);
    clearTimeout(next);
    const soonest = Math.min(...waiting.map(({ next_attempt_at: at }) => at));
    if (soonest > Date.now()) next = setTimeout(send, Math.min(soonest - Date.now() + 500, 3600000));
  }

  const send = async () => {
    if (navigator.onLine && (await outbox.all("waiting")).length > 0) await outbox.sendAll();
  };

  outbox.onChange(tell);
  window.addEventListener("online", send);
  tell().then(send, (trouble) => console.info("nothing can be kept on this phone", trouble?.name));
}

/* After the page itself: what is made ready for later must not slow what is read now. */
function afterLoad(work) {
  if (document.readyState === "complete") setTimeout(work, 0);
  else window.addEventListener("load", () => setTimeout(work, 0), { once: true });
}

async function register(signedIn) {
  try {
    const registration = await navigator.serviceWorker.register("/sw.js");
    const page = { type: "page", language: document.documentElement.lang, signedIn };
    navigator.serviceWorker.ready.then(({ active }) => active.postMessage(page));
    takeOver(registration);
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", () => takeOver(registration)));
  } catch (trouble) {
    console.info("no service worker", trouble.name);
  }
}

/* A new release waits while a draft is being written in this tab: its scripts are of the release it was opened with. And until the page
   is quiet: Chromium leaves the new worker standing, for good, when a file is asked for at the moment of the change. */
function takeOver(registration) {
  if (document.querySelector("[data-behaviour~=offline-form]")) return;
  setTimeout(() => registration.waiting?.postMessage({ type: "take over" }), QUIET);
}
