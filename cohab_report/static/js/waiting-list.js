/* The page of what is on this phone: drafts, what waits to be sent and when, receipts with their codes. */
import "./outbox.js";
import { keep } from "./codes-on-phone.js";
import { taken } from "./keep-carried.js";
import { wake as letCopy } from "./copy-text.js";
import { followList, timeWords } from "./phone-list.js";

const { outbox } = self;

export function wake(page) {
  const part = (name) => page.querySelector(`[data-part=${name}]`);
  const status = page.querySelector("[data-status]");

  async function show() {
    const [drafts, waiting, receipts] = await Promise.all(["drafts", "waiting", "receipts"].map(outbox.all));
    const stood = page.contains(document.activeElement);
    list("receipts", receipts, beginReceipt, () => {});
    list("waiting", waiting, () => {}, tellWaiting);
    list("drafts", drafts, beginDraft, tellDraft);
    page.querySelector("[data-empty]").hidden = drafts.length + waiting.length + receipts.length > 0;
    part("forget").hidden = drafts.length + waiting.length + receipts.length === 0;
    if (stood) standSomewhere();
  }

  /* Whoever stood on what is gone now stands on the heading of what is left. */
  function standSomewhere() {
    const present = document.activeElement;
    if (page.contains(present) && !present.closest("[hidden]")) return;
    (page.querySelector("[data-part]:not([hidden]) h2") ?? document.querySelector("h1")).focus();
  }

  function list(name, items, begin, tell) {
    part(name).hidden = items.length === 0;
    followList(part(name).querySelector("ul"), items.sort((a, b) => b.made_at - a.made_at), (row, item) => {
      letDrop(row, name, item.client_id);
      begin(row, item);
    }, (row, item) => {
      row.querySelector("[data-label]").textContent = item.label || page.dataset.textUntitled;
      row.querySelector("[data-when]").textContent = timeWords(item.changed_at ?? item.made_at);
      tell(row, item);
    });
  }

  function beginDraft(row, { client_id }) {
    row.querySelector("[data-open]").href += `#brouillon=${client_id}`;
  }

  function tellDraft(row, { problems }) {
    const told = row.querySelector("[data-problems]");
    told.hidden = !problems?.length;
    told.querySelector("span").textContent = (problems ?? []).map(({ text }) => text).join(" ");
  }

  function tellWaiting(row, { attempts, next_attempt_at: at, last_problem: problem, photos }) {
    const { textNew, textOffline, textTrouble, textBusy, textPhotos } = page.dataset;
    const words = !problem ? textNew : problem.kind === "network" ? textOffline : (problem.status === 429 ? textBusy : textTrouble).replace("{when}", timeWords(at));
    row.querySelector("[data-why]").textContent = words;
    row.querySelector("[data-photos]").textContent = photos.length > 0 ? textPhotos.replace("{count}", photos.length) : "";
    row.dataset.attempts = attempts;
  }

  function beginReceipt(row, { code, reference, photos }) {
    row.querySelector("[data-copy]").textContent = code;
    row.querySelector("[data-reference]").textContent = reference;
    row.querySelector("[data-follow]").href += `#${code}`;
    const told = row.querySelector("[data-problems]");
    told.hidden = !photos?.length;
    told.querySelector("span").textContent = (photos ?? []).map(({ text }) => text).join(" ");
    letCopy(row.querySelector(".code"));
  }

  /* Twice, because nobody can bring it back. */
  function letDrop(row, store, client_id) {
    askTwice(row, async () => {
      await outbox.drop(store, client_id);
      status.textContent = page.dataset.textErased;
    });
  }

  function askTwice(box, act) {
    const [first, sure] = [box.querySelector("[data-drop]"), box.querySelector("[data-sure]")];
    const ask = (isAsked) => {
      sure.hidden = !isAsked;
      first.hidden = isAsked;
      (isAsked ? sure.querySelector("button") : first).focus();
    };
    first.addEventListener("click", () => ask(true));
    sure.querySelector("[data-no]").addEventListener("click", () => ask(false));
    sure.querySelector("[data-yes]").addEventListener("click", async () => {
      await act();
      await show();
      sure.hidden = true;
      first.hidden = false;
    });
  }

  askTwice(part("forget"), async () => {
    await outbox.forgetAll();
    keep([]);
    taken();
    status.textContent = page.dataset.textForgotten;
  });

  /* The worker set aside what a page was sending when the network went. It stands here once, and nowhere else. */
  async function tellNotSent() {
    const unsent = await outbox.fact("not_sent");
    if (!unsent) return;
    await outbox.learn("not_sent", null);
    elsewhere.querySelector("a").href = unsent.page;
    elsewhere.querySelector("[data-not-sent]").hidden = false;
    elsewhere.querySelector("[data-typed]").hidden = !unsent.text;
    elsewhere.querySelector("pre").textContent = unsent.text;
  }

  page.querySelector("[data-send]").addEventListener("click", async ({ currentTarget: button }) => {
    button.disabled = true;
    status.textContent = page.dataset.textSending;
    const left = await outbox.sendAll({ evenEarly: true });
    status.textContent = left === 0 ? page.dataset.textDone : page.dataset.textStill;
    button.disabled = false;
  });
  const elsewhere = page.querySelector("[data-elsewhere]");
  elsewhere.hidden = window.location.pathname === page.dataset.own;
  if (!elsewhere.hidden) tellNotSent();
  page.hidden = false;
  outbox.onChange(show);
  show();
}
