/* The page of what is on this phone: drafts, what waits to be sent and when, receipts with their codes. */
import "./outbox.js";
import { keep } from "./codes-on-phone.js";
import { wake as letCopy } from "./copy-text.js";
import { fillList, timeWords } from "./phone-list.js";

const { outbox } = self;

export function wake(page) {
  const part = (name) => page.querySelector(`[data-part=${name}]`);
  const status = page.querySelector("[data-status]");

  async function show() {
    const [drafts, waiting, receipts] = await Promise.all(["drafts", "waiting", "receipts"].map(outbox.all));
    list("receipts", receipts, receiptRow);
    list("waiting", waiting, waitingRow);
    list("drafts", drafts, draftRow);
    page.querySelector("[data-empty]").hidden = drafts.length + waiting.length + receipts.length > 0;
    part("forget").hidden = drafts.length + waiting.length + receipts.length === 0;
  }

  function list(name, items, fillRow) {
    part(name).hidden = items.length === 0;
    fillList(part(name).querySelector("ul"), items.sort((a, b) => b.made_at - a.made_at), (row, item) => {
      row.querySelector("[data-label]").textContent = item.label || page.dataset.textUntitled;
      row.querySelector("[data-when]").textContent = timeWords(item.changed_at ?? item.made_at);
      fillRow(row, item);
      letDrop(row, name, item.client_id);
    });
  }

  function draftRow(row, { client_id, problems }) {
    row.querySelector("[data-open]").href += `#brouillon=${client_id}`;
    const told = row.querySelector("[data-problems]");
    told.hidden = !problems?.length;
    told.querySelector("span").textContent = (problems ?? []).map(({ text }) => text).join(" ");
  }

  function waitingRow(row, { attempts, next_attempt_at: at, last_problem: problem, photos }) {
    const { textNew, textOffline, textTrouble, textBusy, textPhotos } = page.dataset;
    const words = !problem ? textNew : problem.kind === "network" ? textOffline : (problem.status === 429 ? textBusy : textTrouble).replace("{when}", timeWords(at));
    row.querySelector("[data-why]").textContent = words;
    row.querySelector("[data-photos]").textContent = photos.length > 0 ? textPhotos.replace("{count}", photos.length) : "";
    row.dataset.attempts = attempts;
  }

  function receiptRow(row, { code, reference, photos }) {
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
    const [first, sure] = [row.querySelector("[data-drop]"), row.querySelector("[data-sure]")];
    first.addEventListener("click", () => {
      first.hidden = true;
      sure.hidden = false;
      sure.querySelector("button").focus();
    });
    sure.querySelector("[data-yes]").addEventListener("click", async () => {
      await outbox.drop(store, client_id);
      page.querySelector("h2").focus();
    });
    sure.querySelector("[data-no]").addEventListener("click", () => {
      sure.hidden = true;
      first.hidden = false;
      first.focus();
    });
  }

  letDropAll(part("forget"));
  function letDropAll(box) {
    box.querySelector("[data-drop]").addEventListener("click", () => { box.querySelector("[data-sure]").hidden = false; box.querySelector("[data-yes]").focus(); });
    box.querySelector("[data-no]").addEventListener("click", () => { box.querySelector("[data-sure]").hidden = true; box.querySelector("[data-drop]").focus(); });
    box.querySelector("[data-yes]").addEventListener("click", async () => {
      await outbox.forgetAll();
      keep([]);
      box.querySelector("[data-sure]").hidden = true;
      status.textContent = page.dataset.textForgotten;
    });
  }

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
