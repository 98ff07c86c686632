/* The page of what is on this phone: drafts, what waits to be sent and when, receipts with their codes. */
import "./outbox.js";
import { storeCodes } from "./code-storage.js";
import { wake as wakeCopy } from "./copy-text.js";
import { takeStoredAnswers } from "./store-answers.js";
import { timeWords, updateList } from "./template-list.js";

const { outbox } = self;

/** @param {TemplateElement} page */
export function wake(page) {
  /** @param {string} name */
  const part = (name) => page.querySelector(`[data-part=${name}]`);
  const status = page.querySelector("[data-status]");
  const elsewhere = page.querySelector("[data-elsewhere]");

  async function show() {
    const [drafts, waiting, receipts] = await Promise.all([
      outbox.all("drafts"),
      outbox.all("waiting"),
      outbox.all("receipts"),
    ]);
    const hadFocus = page.contains(document.activeElement);
    showList("receipts", receipts, beginReceipt, () => {});
    showList("waiting", waiting, () => {}, showState);
    showList("drafts", drafts, beginDraft, showProblems);
    const count = drafts.length + waiting.length + receipts.length;
    page.querySelector("[data-empty]").hidden = count > 0;
    part("forget").hidden = count === 0;
    if (hadFocus) restoreFocus();
  }

  /* Whoever stood on what is gone now stands on the heading of what is left. */
  function restoreFocus() {
    const focused = document.activeElement;
    if (focused && page.contains(focused) && !focused.closest("[hidden]")) return;
    const [heading] = [...page.querySelectorAll("[data-part]:not([hidden]) h2"), document.querySelector("h1")];
    heading.focus();
  }

  /**
   * @template {Draft | WaitingItem | Receipt} Item
   * @param {"drafts" | "waiting" | "receipts"} name
   * @param {Item[]} items
   * @param {(row: TemplateElement, item: Item) => void} beginRow
   * @param {(row: TemplateElement, item: Item) => void} updateRow
   */
  function showList(name, items, beginRow, updateRow) {
    part(name).hidden = items.length === 0;
    updateList(
      part(name).querySelector("ul"),
      items.sort((a, b) => b.made_at - a.made_at),
      (row, item) => {
        letRemove(row, name, item.client_id);
        beginRow(row, item);
      },
      (row, item) => {
        const changedAt = "changed_at" in item ? item.changed_at : undefined;
        row.querySelector("[data-label]").textContent = item.label || page.dataset.textUntitled;
        row.querySelector("[data-when]").textContent = timeWords(changedAt ?? item.made_at);
        updateRow(row, item);
      },
    );
  }

  /** @param {TemplateElement} row @param {Draft} draft */
  function beginDraft(row, { client_id }) {
    row.querySelector("a[data-open]").href += `#brouillon=${client_id}`;
  }

  /** @param {TemplateElement} row @param {{ problems?: Problem[] }} item */
  function showProblems(row, { problems }) {
    const line = row.querySelector("[data-problems]");
    line.hidden = !problems?.length;
    line.querySelector("span").textContent = (problems ?? []).map(({ text }) => text).join(" ");
  }

  /** @param {TemplateElement} row @param {WaitingItem} item */
  function showState(row, item) {
    const { textPhotos } = page.dataset;
    const count = item.photos.length;
    row.querySelector("[data-why]").textContent = stateWords(item);
    row.querySelector("[data-photos]").textContent = count > 0 ? textPhotos.replace("{count}", String(count)) : "";
    row.dataset.attempts = String(item.attempts);
  }

  /** @param {WaitingItem} item */
  function stateWords({ next_attempt_at: at, last_problem: problem }) {
    const { textNew, textOffline, textTrouble, textBusy } = page.dataset;
    if (!problem) return textNew;
    if (problem.kind === "network") return textOffline;
    return (problem.status === 429 ? textBusy : textTrouble).replace("{when}", timeWords(at));
  }

  /** @param {TemplateElement} row @param {Receipt} receipt */
  function beginReceipt(row, { code, reference, photos }) {
    row.querySelector("[data-copy]").textContent = code;
    row.querySelector("[data-reference]").textContent = reference;
    row.querySelector("a[data-follow]").href += `#${code}`;
    showProblems(row, { problems: photos });
    wakeCopy(row.querySelector(".code"));
  }

  /** @param {TemplateElement} row @param {"drafts" | "waiting" | "receipts"} store @param {string} client_id */
  function letRemove(row, store, client_id) {
    askTwice(row, async () => {
      await outbox.remove(store, client_id);
      status.textContent = page.dataset.textErased;
    });
  }

  /**
   * Twice, because nobody can bring it back.
   * @param {TemplateElement} box
   * @param {() => Promise<void>} act
   */
  function askTwice(box, act) {
    const first = box.querySelector("button[data-drop]");
    const question = box.querySelector("[data-sure]");
    /** @param {boolean} isOpen */
    const ask = (isOpen) => {
      question.hidden = !isOpen;
      first.hidden = isOpen;
      (isOpen ? question.querySelector("button") : first).focus();
    };
    first.addEventListener("click", () => ask(true));
    question.querySelector("[data-no]").addEventListener("click", () => ask(false));
    question.querySelector("[data-yes]").addEventListener("click", async () => {
      await act();
      await show();
      question.hidden = true;
      first.hidden = false;
    });
  }

  askTwice(part("forget"), async () => {
    await outbox.forgetAll();
    storeCodes([]);
    takeStoredAnswers();
    status.textContent = page.dataset.textForgotten;
  });

  /* The worker set aside what a page was sending when the network went. It stands here once, and nowhere else. */
  async function showUnsent() {
    const unsent = await outbox.readFact("not_sent");
    if (!unsent) return;
    await outbox.storeFact("not_sent", null);
    elsewhere.querySelector("a").href = unsent.page;
    elsewhere.querySelector("[data-not-sent]").hidden = false;
    elsewhere.querySelector("[data-typed]").hidden = !unsent.text;
    elsewhere.querySelector("pre").textContent = unsent.text;
  }

  const sendButton = page.querySelector("button[data-send]");
  sendButton.addEventListener("click", async () => {
    sendButton.disabled = true;
    status.textContent = page.dataset.textSending;
    const left = await outbox.sendAll({ evenEarly: true });
    status.textContent = left === 0 ? page.dataset.textDone : page.dataset.textStill;
    sendButton.disabled = false;
  });
  elsewhere.hidden = window.location.pathname === page.dataset.own;
  if (!elsewhere.hidden) showUnsent();
  page.hidden = false;
  outbox.onChange(show);
  show();
}
