/* The whole form on one page, for a place without network: one step at a time, the danger screen first, each change kept on this phone. */
import "./outbox.js";
import { isSurelyOutside } from "./city-outline.js";
import { taken } from "./keep-carried.js";
import { PLACED, adopted, answersOf, categoryOf, nextStep, stepsOf, toSend } from "./offline-draft.js";
import { keptPhotos } from "./offline-photos.js";
import { missingIn, refused } from "./offline-problems.js";
import { fillReview } from "./offline-review.js";
import { fillList, timeWords } from "./phone-list.js";

const { outbox } = self;
const FRESH = 120000;
const PATIENCE = 2000;
/* The online form's steps after the danger screen, in whose place this page may be read. */
const STEPS_ONLINE = /^\/signaler\/(?!hors-ligne$|aide$|orientation$|en-attente$)./;

/* The calendar date that it is in the city's time zone, as YYYY-MM-DD, however the phone's own clock is set. Swedish dates are ISO 8601. */
const dayIn = (timeZone, instant) => new Date(instant).toLocaleDateString("sv-SE", { timeZone });

export function wake(page) {
  const catalogue = JSON.parse(page.dataset.catalogue);
  const sections = Object.fromEntries([...page.querySelectorAll("[data-step]")].map((section) => [section.dataset.step, section]));
  const language = document.documentElement.lang;
  const photos = keptPhotos(sections.photos, () => save());
  const date = sections.questions.querySelector("[name=observed_on]");
  let draft = null;
  let wanted = null;
  let saving = Promise.resolve();
  let groundKnown = null;
  let here = {};

  function begin(known = {}) {
    draft = outbox.begun(language);
    Object.assign(draft.fields, known);
    open();
  }

  /* The draft's answers stand in the page, which shows where to go on. */
  function open() {
    for (const form of page.querySelectorAll("form")) form.reset();
    draft.fields = adopted(draft.fields);
    date.min = dayIn(page.dataset.zone, Date.now() - Number(page.dataset.oldestDays) * 86400000);
    // A phone whose clock is behind is told by the page, which is of a day that has been.
    date.max = [dayIn(page.dataset.zone, Date.now()), page.dataset.day].sort().at(-1);
    if (!draft.fields.observed_on) draft.fields.observed_on = date.max;
    for (const control of page.querySelectorAll("form [name]")) fill(control, draft.fields[control.name] ?? "");
    sections.questions.querySelector("textarea").dispatchEvent(new Event("input"));
    photos.show(draft.photos);
    if (draft.fields.kind) settleKind();
    go(draft.problems?.length ? "review" : nextStep(draft, catalogue));
  }

  function fill(control, text) {
    if (control.type === "radio") control.checked = control.value === text && text !== "";
    else if (control.type !== "file" && control.type !== "submit") control.value = text;
  }

  /* A kind with a single category needs no further choice. */
  function settleKind() {
    const choices = Object.keys(catalogue).filter((code) => catalogue[code].kind === draft.fields.kind);
    if (choices.length === 1) [draft.fields.category] = choices;
    else if (!categoryOf(draft, catalogue)) delete draft.fields.category;
  }

  function collect() {
    if (!draft) return;
    const kindOf = `form[data-kind="${draft.fields.kind}"]`;
    for (const form of [sections.place, sections.questions, sections.belongings].map((section) => section.querySelector("form"))) take(form);
    if (sections.category.querySelector(kindOf)) take(sections.category.querySelector(kindOf));
    if (draft.fields.lon && draft.fields.lat) draft.fields.place = "";
    draft.photos = photos.all();
  }

  const take = (form) => {
    for (const [name, text] of new FormData(form)) if (typeof text === "string") draft.fields[name] = text;
  };

  function save() {
    if (!draft) return saving;
    collect();
    draft.label = labelOf();
    const present = structuredClone(draft);
    saving = saving.then(() => outbox.keepDraft(present)).then(() => unkept(false), () => unkept(true));
    return saving;
  }

  function unkept(isSo) {
    page.querySelector("[data-unkept]").hidden = !isSo;
  }

  const nameOf = (name, value) => {
    const chosen = value && page.querySelector(`input[name="${name}"][value="${CSS.escape(value)}"]`);
    return chosen ? page.querySelector(`label[for="${chosen.id}"]`).textContent : "";
  };
  const labelOf = () => [nameOf("category", draft.fields.category) || page.dataset[`kind${draft.fields.kind?.[0].toUpperCase()}${draft.fields.kind?.slice(1)}`], nameOf("place", draft.fields.place)].filter(Boolean).join(", ");

  function go(step, { isFirst = false } = {}) {
    if (draft && step !== "done") draft.step = step;
    if (isFirst) history.replaceState({ step }, "");
    else history.pushState({ step }, "");
    show(step, { isFirst });
  }

  function show(step, { isFirst = false } = {}) {
    for (const [name, section] of Object.entries(sections)) section.hidden = name !== step;
    const section = sections[step];
    const steps = draft ? stepsOf(draft, catalogue) : [];
    const at = steps.indexOf(step);
    const progress = page.querySelector("[data-progress]");
    progress.hidden = at < 0;
    if (at >= 0) {
      progress.querySelector("p").textContent = page.dataset.textProgress.replace("{step}", at + 1).replace("{total}", steps.length);
      progress.querySelector("rect + rect").setAttribute("width", `${Math.round((100 * (at + 1)) / steps.length)}%`);
    }
    page.querySelector("[data-back]").hidden = ["danger", "done"].includes(step);
    if (step === "category") only(section, "form[data-kind]", (form) => form.dataset.kind === draft.fields.kind);
    if (step === "place") groundKnown ??= knownGround();
    if (step === "questions") tellCategory(section);
    if (step === "review") fillReview(section, { draft, catalogue, nameOf, mend: go });
    if (isFirst) return;
    section.querySelector("h2").focus();
    window.scrollTo(0, 0);
  }

  const only = (section, what, fits) => {
    for (const each of section.querySelectorAll(what)) each.hidden = !fits(each);
  };

  function tellCategory(section) {
    const { category } = draft.fields;
    section.querySelector("h2").textContent = nameOf("category", category) || page.dataset.textConcern;
    only(section, "[data-questions]", (questions) => questions.dataset.questions === category);
    tellBeside(section);
  }

  function tellBeside(section) {
    const { category } = draft.fields;
    const shown = new Set(catalogue[category].posts);
    for (const [code, answer] of answersOf(draft.fields, category)) shown.add(asked(code)?.shows[answer]);
    only(section, "[data-beside]", (post) => shown.has(post.dataset.beside));
  }

  const asked = (code) => catalogue[draft.fields.category].questions.find((question) => question.code === code);

  function advise(posts) {
    only(sections.advice, "[data-post]", (post) => posts.includes(post.dataset.post));
    go("advice");
  }

  const knownGround = () => fetch(page.dataset.ground).then((answer) => answer.json()).catch(() => null);

  /* Whether the point that was placed is surely not the city's; whoever waits too long for the outline is not stopped by it. */
  async function isElsewhere({ lon, lat }) {
    if (!lon || !lat) return false;
    const ground = await Promise.race([groundKnown, new Promise((go) => setTimeout(go, PATIENCE))]);
    return Boolean(ground) && isSurelyOutside(ground, Number(lon), Number(lat));
  }

  async function answer(step, pressed) {
    if (step === "danger") return pressed.value === "yes" ? go("help") : passed();
    if (step === "drafts") return begin();
    if (step === "done") return begin({ ...here, again: "yes" });
    if (step === "subject") {
      if (draft.fields.kind !== pressed.value) Object.assign(draft.fields, { kind: pressed.value, category: "", asked: "", belongings: "" });
      settleKind();
    }
    collect();
    const outside = step === "place" && (await isElsewhere(draft.fields));
    sections.place.querySelector("[data-outside]").hidden = !outside;
    const problems = outside ? [["choix-du-lieu", page.dataset.textOutside]] : missingIn(step, draft, { catalogue, texts: page.dataset, date });
    if (refused(page, sections[step], problems)) return undefined;
    if (step === "category" && !catalogue[draft.fields.category].opens_the_form) {
      const { posts } = catalogue[draft.fields.category];
      Object.assign(draft.fields, { category: "", asked: "" });
      return save().then(() => advise(posts));
    }
    if (step === "questions") {
      const blocked = answersOf(draft.fields, draft.fields.category).filter(([code, given]) => asked(code)?.blocks[given]);
      if (blocked.length > 0) {
        for (const [code] of blocked) draft.fields[`${draft.fields.category}:answer_${code}`] = "";
        const posts = blocked.map(([code, given]) => asked(code).blocks[given]);
        sections.questions.querySelectorAll(blocked.map(([code, given]) => `#${draft.fields.category}-${code}-0`).join()).forEach((first) => {
          for (const input of page.querySelectorAll(`input[name="${first.name}"]`)) input.checked = false;
        });
        return save().then(() => advise(posts));
      }
      draft.fields.asked = draft.fields.category;
    }
    if (step === "review") return finish();
    const steps = stepsOf(draft, catalogue);
    const leaps = draft.problems?.length || draft.seen || (step === "subject" && draft.fields.again);
    return save().then(() => go(leaps ? after(step, steps) : steps[steps.indexOf(step) + 1]));
  }

  /* Whoever mends one answer from the review goes back there, unless the change opened another question; who is here again leaps the place. */
  const after = (step, steps) => {
    const open = nextStep(draft, catalogue);
    return steps.indexOf(open) > steps.indexOf(step) ? open : steps[steps.indexOf(step) + 1];
  };

  /* A page holds one draft from its first answer on: photos chosen for one must never stand in another. */
  async function passed() {
    if (draft) return go(nextStep(draft, catalogue));
    const kind = new URLSearchParams(window.location.search).get("sujet");
    draft = wanted && (await outbox.one("drafts", wanted));
    if (draft) return open();
    const drafts = await outbox.all("drafts");
    if (drafts.length === 0 || kind) return begin(kind in { cleanliness: 1, safety: 1, positive: 1, concern: 1 } ? { kind } : {});
    listDrafts(drafts);
    return go("drafts");
  }

  function listDrafts(drafts) {
    fillList(sections.drafts.querySelector("[data-drafts]"), drafts.sort((a, b) => b.changed_at - a.changed_at), (row, kept) => {
      row.querySelector("[data-label]").textContent = kept.label || page.dataset.textUntitled;
      row.querySelector("[data-when]").textContent = timeWords(kept.changed_at);
      row.querySelector("[data-open]").addEventListener("click", () => { draft = kept; open(); });
    });
  }

  async function finish() {
    const open = nextStep(draft, catalogue);
    if (open !== "review" && open) return go(open);
    await save();
    const item = { ...draft, ...toSend(draft, catalogue), label: draft.label };
    try {
      await outbox.queue(item);
    } catch {
      return unkept(true);
    }
    here = Object.fromEntries(PLACED.map((name) => [name, draft.fields[name] ?? ""]));
    draft = null;
    go("done");
    return tellOutcome(item.client_id);
  }

  async function tellOutcome(client_id) {
    const status = sections.done.querySelector("[data-done-status]");
    status.textContent = page.dataset.textSending;
    const { kind, by_itself } = await outbox.sendOne(client_id);
    const waits = by_itself ? "textWaits" : "textWaitsForUs";
    status.textContent = page.dataset[{ received: "textReceived", refused: "textRefused" }[kind] ?? waits];
  }

  async function start() {
    const handed = await outbox.fact("handed_over").catch(() => null);
    wanted = /^#brouillon=([0-9a-f-]{36})$/.exec(window.location.hash)?.[1] ?? null;
    page.hidden = false;
    if (handed && Date.now() - handed.at < FRESH) {
      await outbox.learn("handed_over", null);
      if (handed.help === "yes") return go("help", { isFirst: true });
      draft = await outbox.one("drafts", handed.client_id);
      if (draft) return open();
    }
    const carried = STEPS_ONLINE.test(window.location.pathname) ? taken() : null;
    if (carried?.kind) {
      draft = { ...outbox.begun(language), client_id: carried.client_id, fields: carried };
      return open();
    }
    return go("danger", { isFirst: true });
  }

  page.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(event.target.closest("[data-step]").dataset.step, event.submitter);
  });
  for (const happened of ["input", "change"]) {
    page.addEventListener(happened, () => {
      save();
      if (draft && !sections.questions.hidden) tellBeside(sections.questions);
    });
  }
  for (const chosen of ["place:chosen", "place:named"]) document.addEventListener(chosen, () => save());
  page.querySelector("[data-back]").addEventListener("click", () => {
    const shown = Object.keys(sections).find((name) => !sections[name].hidden);
    const steps = draft ? stepsOf(draft, catalogue) : [];
    const before = steps[steps.indexOf(shown) - 1];
    save();
    go(shown === "advice" && draft ? nextStep(draft, catalogue) : before ?? "danger");
  });
  window.addEventListener("popstate", ({ state }) => {
    if (state?.step && (draft || ["danger", "help", "drafts"].includes(state.step))) show(state.step);
  });
  start();
}
