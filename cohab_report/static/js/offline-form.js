/* The whole form on one page, for a place without network: one step at a time, the danger screen first, each change
   stored on this phone. */
import "./outbox.js";
import { isSurelyOutside } from "./city-outline.js";
import {
  answerField,
  answersOf,
  categoryOf,
  nextStep,
  PLACE_FIELDS,
  stepsOf,
  submissionFields,
  withCategoryNames,
} from "./offline-draft.js";
import { draftPhotos } from "./offline-photos.js";
import { problemsOf, showProblems } from "./offline-problems.js";
import { fillReview } from "./offline-review.js";
import { takeStoredAnswers } from "./store-answers.js";
import { fillList, timeWords } from "./template-list.js";

/**
 * @typedef {import("./offline-draft.js").Catalogue} Catalogue
 * @typedef {import("./city-map.js").CityMap} CityMap
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLButtonElement} Control
 */

const { outbox } = self;
/* Milliseconds for which a draft that the worker handed over is the one to go on with. */
const FRESH = 120000;
/* Milliseconds that the city's outline is waited for. */
const PATIENCE = 2000;
const MILLISECONDS_PER_DAY = 86400000;
/* The online form's steps after the danger screen, in whose place this page may be read. */
const ONLINE_STEPS = /^\/signaler\/(?!hors-ligne$|aide$|orientation$|en-attente$)./;
const DRAFT_IN_ADDRESS = /^#brouillon=([0-9a-f-]{36})$/;
const KINDS = ["cleanliness", "safety", "positive", "concern"];
/* Steps that need no draft. */
const STEPS_WITHOUT_DRAFT = ["danger", "help", "drafts"];

/**
 * The calendar date that it is in the city's time zone, as YYYY-MM-DD, however the phone's own clock is set. Swedish
 * dates are ISO 8601.
 * @param {string} timeZone
 * @param {number} instant
 */
const dayIn = (timeZone, instant) => new Date(instant).toLocaleDateString("sv-SE", { timeZone });

/**
 * Hides those of the elements that don't fit.
 * @param {Iterable<TemplateElement>} elements
 * @param {(element: TemplateElement) => boolean} fits
 */
function showOnly(elements, fits) {
  for (const element of elements) element.hidden = !fits(element);
}

/** @param {TemplateElement} page */
export function wake(page) {
  /** @type {Catalogue} */
  const catalogue = JSON.parse(page.dataset.catalogue);
  /** @type {Record<string, TemplateElement>} */
  const sections = Object.fromEntries(
    [...page.querySelectorAll("[data-step]")].map((section) => [section.dataset.step, section]),
  );
  const language = document.documentElement.lang;
  const photos = draftPhotos(sections.photos, () => save());
  const date = sections.questions.querySelector("input[name=observed_on]");
  /** @type {Draft | null} */
  let current = null;
  /** @type {string | null} The id of the draft that the address asks for. */
  let wantedId = null;
  let saving = Promise.resolve();
  /** @type {Promise<CityMap | null> | null} */
  let cityMap = null;
  /** @type {Fields} Where the last observation was, for another one there. */
  let lastPlace = {};

  /* The draft in progress, of which there is one in each step but the first. */
  function theDraft() {
    if (!current) throw new Error("no draft");
    return current;
  }

  /** @param {Fields} fields that are known already */
  function begin(fields = {}) {
    const draft = outbox.newDraft(language);
    Object.assign(draft.fields, fields);
    open(draft);
  }

  /**
   * Puts the draft's answers into the page, and shows where to go on.
   * @param {Draft} draft
   */
  function open(draft) {
    current = draft;
    const { zone, oldestDays, day } = page.dataset;
    for (const form of page.querySelectorAll("form")) form.reset();
    draft.fields = withCategoryNames(draft.fields);
    date.min = dayIn(zone, Date.now() - Number(oldestDays) * MILLISECONDS_PER_DAY);
    // A phone whose clock is behind is told by the page, which is of a day that has been.
    date.max = [dayIn(zone, Date.now()), day].sort()[1];
    if (!draft.fields.observed_on) draft.fields.observed_on = date.max;
    for (const element of page.querySelectorAll("form [name]")) {
      const control = /** @type {Control} */ (/** @type {HTMLElement} */ (element));
      fill(control, draft.fields[control.name] ?? "");
    }
    sections.questions.querySelector("textarea").dispatchEvent(new Event("input"));
    photos.show(draft.photos);
    if (draft.fields.kind) chooseOnlyCategory(draft);
    go(draft.problems?.length ? "review" : nextStep(draft, catalogue));
  }

  /** @param {Control} control @param {string} text */
  function fill(control, text) {
    if (control instanceof HTMLInputElement && control.type === "radio") {
      control.checked = control.value === text && text !== "";
    } else if (control.type !== "file" && control.type !== "submit") {
      control.value = text;
    }
  }

  /**
   * A kind with a single category needs no further choice.
   * @param {Draft} draft
   */
  function chooseOnlyCategory(draft) {
    const { fields } = draft;
    const codes = Object.keys(catalogue).filter((code) => catalogue[code].kind === fields.kind);
    if (codes.length === 1) [fields.category] = codes;
    else if (!categoryOf(draft, catalogue)) delete fields.category;
  }

  /**
   * Takes what stands in the page into the draft.
   * @param {Draft} draft
   */
  function collect(draft) {
    const { fields } = draft;
    const forms = [sections.place, sections.questions, sections.belongings].map((step) => step.querySelector("form"));
    const categoryForms = sections.category.querySelectorAll(`form[data-kind="${fields.kind}"]`);
    for (const form of [...forms, ...categoryForms]) {
      for (const [name, text] of new FormData(form)) if (typeof text === "string") fields[name] = text;
    }
    if (fields.lon && fields.lat) fields.place = "";
    draft.photos = photos.all();
  }

  function save() {
    if (!current) return saving;
    collect(current);
    current.label = draftLabel(current);
    const copy = structuredClone(current);
    saving = saving
      .then(() => outbox.storeDraft(copy))
      .then(
        () => warnUnstored(false),
        () => warnUnstored(true),
      );
    return saving;
  }

  /** @param {boolean} isUnstored */
  function warnUnstored(isUnstored) {
    page.querySelector("[data-unkept]").hidden = !isUnstored;
  }

  /**
   * @param {string} name
   * @param {string | undefined} value
   * @returns {string} the words of a choice that the page offers
   */
  function labelOf(name, value) {
    if (!value) return "";
    const [choice] = page.querySelectorAll(`input[name="${name}"][value="${CSS.escape(value)}"]`);
    return choice ? page.querySelector(`label[for="${choice.id}"]`).textContent : "";
  }

  /** @param {Draft} draft */
  function draftLabel({ fields }) {
    const kind = fields.kind ?? "";
    const subject =
      labelOf("category", fields.category) || page.dataset[`kind${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`];
    return [subject, labelOf("place", fields.place)].filter(Boolean).join(", ");
  }

  /** @param {string} step @param {{ isFirst?: boolean }} options */
  function go(step, { isFirst = false } = {}) {
    if (current && step !== "done") current.step = step;
    if (isFirst) history.replaceState({ step }, "");
    else history.pushState({ step }, "");
    show(step, { isFirst });
  }

  /** @param {string} step @param {{ isFirst?: boolean }} options */
  function show(step, { isFirst = false } = {}) {
    for (const [name, section] of Object.entries(sections)) section.hidden = name !== step;
    const section = sections[step];
    showProgress(step);
    page.querySelector("[data-back]").hidden = ["danger", "done"].includes(step);
    if (step === "place") cityMap ??= fetchCityMap();
    if (current) fillStep(step, section, current);
    if (isFirst) return;
    section.querySelector("h2").focus();
    window.scrollTo(0, 0);
  }

  /** @param {string} step @param {TemplateElement} section @param {Draft} draft */
  function fillStep(step, section, draft) {
    if (step === "category") {
      showOnly(section.querySelectorAll("form[data-kind]"), (form) => form.dataset.kind === draft.fields.kind);
    }
    if (step === "questions") showQuestions(section, draft);
    if (step === "review") fillReview(section, { draft, catalogue, labelOf, goTo: go });
  }

  const currentSteps = () => (current ? stepsOf(current, catalogue) : []);

  /** @param {string} step */
  function showProgress(step) {
    const steps = currentSteps();
    const number = steps.indexOf(step) + 1;
    const progress = page.querySelector("[data-progress]");
    progress.hidden = number === 0;
    if (number === 0) return;
    const text = page.dataset.textProgress.replace("{step}", String(number)).replace("{total}", String(steps.length));
    const width = `${Math.round((100 * number) / steps.length)}%`;
    progress.querySelector("p").textContent = text;
    progress.querySelector("rect + rect").setAttribute("width", width);
  }

  /** @param {TemplateElement} section @param {Draft} draft */
  function showQuestions(section, draft) {
    const { category } = draft.fields;
    section.querySelector("h2").textContent = labelOf("category", category) || page.dataset.textConcern;
    showOnly(section.querySelectorAll("[data-questions]"), (questions) => questions.dataset.questions === category);
    showAdviceBeside(section, draft);
  }

  /** @param {TemplateElement} section @param {Draft} draft */
  function showAdviceBeside(section, { fields }) {
    const posts = new Set(catalogue[fields.category].posts);
    for (const [code, answer] of answersOf(fields, fields.category)) {
      const post = questionOf(fields.category, code)?.shows[answer];
      if (post) posts.add(post);
    }
    showOnly(section.querySelectorAll("[data-beside]"), (post) => posts.has(post.dataset.beside));
  }

  /** @param {string} category @param {string} code */
  const questionOf = (category, code) => catalogue[category].questions.find((question) => question.code === code);

  /** @param {(string | undefined)[]} posts codes of advice */
  function advise(posts) {
    showOnly(sections.advice.querySelectorAll("[data-post]"), (post) => posts.includes(post.dataset.post));
    go("advice");
  }

  /** @returns {Promise<CityMap | null>} */
  const fetchCityMap = () =>
    fetch(page.dataset.ground)
      .then((answer) => answer.json())
      .catch(() => null);

  /**
   * Whether the point that was placed is surely not the city's; whoever waits too long for the outline is not stopped
   * by it.
   * @param {Fields} fields
   */
  async function isElsewhere({ lon, lat }) {
    if (!lon || !lat) return false;
    /** @type {Promise<null>} */
    const timeout = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE));
    const outline = await Promise.race([cityMap, timeout]);
    return outline !== null && isSurelyOutside(outline, Number(lon), Number(lat));
  }

  /**
   * Takes the answer of a step, and goes to the next one unless something is missing.
   * @param {string} step
   * @param {string} pressed the value of the button that was pressed
   */
  async function answer(step, pressed) {
    if (step === "danger") return pressed === "yes" ? go("help") : passDanger();
    if (step === "drafts") return begin();
    if (step === "done") return begin({ ...lastPlace, again: "yes" });
    const draft = theDraft();
    if (step === "subject") chooseKind(draft, pressed);
    collect(draft);
    if (showProblems(page, sections[step], await problemsAt(step, draft))) return undefined;
    if (step === "category" && !catalogue[draft.fields.category].opens_the_form) {
      const { posts } = catalogue[draft.fields.category];
      Object.assign(draft.fields, { category: "", asked: "" });
      return save().then(() => advise(posts));
    }
    if (step === "questions") {
      const posts = takeBlockingAnswers(draft);
      if (posts.length > 0) return save().then(() => advise(posts));
      draft.fields.asked = draft.fields.category;
    }
    if (step === "review") return finish(draft);
    return save().then(() => go(stepAfter(step, draft)));
  }

  /** @param {Draft} draft @param {string} kind */
  function chooseKind(draft, kind) {
    if (draft.fields.kind !== kind) Object.assign(draft.fields, { kind, category: "", asked: "", belongings: "" });
    chooseOnlyCategory(draft);
  }

  /** @param {string} step @param {Draft} draft @returns {Promise<import("./offline-problems.js").StepProblem[]>} */
  async function problemsAt(step, draft) {
    const isOutside = step === "place" && (await isElsewhere(draft.fields));
    sections.place.querySelector("[data-outside]").hidden = !isOutside;
    if (isOutside) return [["choix-du-lieu", page.dataset.textOutside]];
    return problemsOf(step, draft, { catalogue, texts: page.dataset, date });
  }

  /**
   * Takes back the answers with which nothing is sent, and returns the codes of the advice that is given in its place.
   * @param {Draft} draft
   */
  function takeBlockingAnswers({ fields }) {
    const { category } = fields;
    const posts = [];
    for (const [code, given] of answersOf(fields, category)) {
      const post = questionOf(category, code)?.blocks[given];
      if (!post) continue;
      posts.push(post);
      fields[answerField(category, code)] = "";
      const first = /** @type {HTMLInputElement | null} */ (document.getElementById(`${category}-${code}-0`));
      for (const input of page.querySelectorAll(`input[name="${first?.name}"]`)) input.checked = false;
    }
    return posts;
  }

  /**
   * Whoever mends one answer from the review goes back there, unless the change opened another question; who is here
   * again leaps the place.
   * @param {string} step
   * @param {Draft} draft
   */
  function stepAfter(step, draft) {
    const steps = stepsOf(draft, catalogue);
    const following = steps[steps.indexOf(step) + 1];
    const leaps = draft.problems?.length || draft.seen || (step === "subject" && draft.fields.again);
    const open = nextStep(draft, catalogue);
    return leaps && steps.indexOf(open) > steps.indexOf(step) ? open : following;
  }

  /* Whoever comes back to the danger screen is asked which draft to go on with: it may be somebody else by now. */
  async function passDanger() {
    await saving;
    const kind = new URLSearchParams(window.location.search).get("sujet");
    const wantedDraft = !current && wantedId && (await outbox.one("drafts", wantedId));
    if (wantedDraft) return open(wantedDraft);
    const drafts = await outbox.all("drafts").catch(() => (current?.fields.kind ? [current] : []));
    if (drafts.length === 0 || (kind && !current)) return begin(kind && KINDS.includes(kind) ? { kind } : {});
    listDrafts(drafts);
    return go("drafts");
  }

  /** @param {Draft[]} drafts */
  function listDrafts(drafts) {
    const changedAt = (/** @type {Draft} */ draft) => draft.changed_at ?? draft.made_at;
    const latestFirst = drafts.sort((a, b) => changedAt(b) - changedAt(a));
    fillList(sections.drafts.querySelector("[data-drafts]"), latestFirst, (row, draft) => {
      row.querySelector("[data-label]").textContent = draft.label || page.dataset.textUntitled;
      row.querySelector("[data-when]").textContent = timeWords(changedAt(draft));
      row.querySelector("[data-open]").addEventListener("click", () => open(draft));
    });
  }

  /** @param {Draft} draft */
  async function finish(draft) {
    const openStep = nextStep(draft, catalogue);
    if (openStep !== "review") return go(openStep);
    await save();
    const submission = { ...draft, ...submissionFields(draft, catalogue) };
    try {
      await outbox.queue(submission);
    } catch {
      return warnUnstored(true);
    }
    lastPlace = Object.fromEntries(PLACE_FIELDS.map((name) => [name, draft.fields[name] ?? ""]));
    current = null;
    go("done");
    return showOutcome(submission.client_id);
  }

  /** @param {string} client_id */
  async function showOutcome(client_id) {
    const { textSending, textReceived, textRefused, textWaits, textWaitsForUs } = page.dataset;
    const status = sections.done.querySelector("[data-done-status]");
    status.textContent = textSending;
    const { kind, hasSync } = await outbox.sendOne(client_id);
    if (kind === "received") status.textContent = textReceived;
    else if (kind === "refused") status.textContent = textRefused;
    else status.textContent = hasSync ? textWaits : textWaitsForUs;
  }

  async function start() {
    const handedOver = await outbox.readFact("handed_over").catch(() => null);
    wantedId = DRAFT_IN_ADDRESS.exec(window.location.hash)?.[1] ?? null;
    page.hidden = false;
    if (handedOver && Date.now() - handedOver.at < FRESH) {
      await outbox.storeFact("handed_over", null);
      if (handedOver.help === "yes") return go("help", { isFirst: true });
      const draft = await outbox.one("drafts", handedOver.client_id);
      if (draft) return open(draft);
    }
    const answers = ONLINE_STEPS.test(window.location.pathname) ? takeStoredAnswers() : null;
    if (answers?.kind) return open({ ...outbox.newDraft(language), client_id: answers.client_id, fields: answers });
    return go("danger", { isFirst: true });
  }

  page.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    answer(form.closest("[data-step]")?.dataset.step ?? "", button?.value ?? "");
  });
  for (const type of ["input", "change"]) {
    page.addEventListener(type, () => {
      save();
      if (current && !sections.questions.hidden) showAdviceBeside(sections.questions, current);
    });
  }
  document.addEventListener("place:chosen", () => save());
  document.addEventListener("place:named", () => save());
  page.querySelector("[data-back]").addEventListener("click", () => {
    const step = Object.keys(sections).find((name) => !sections[name].hidden) ?? "danger";
    const steps = currentSteps();
    const before = steps[steps.indexOf(step) - 1] ?? "danger";
    save();
    go(step === "advice" && current ? nextStep(current, catalogue) : before);
  });
  window.addEventListener("popstate", ({ state }) => {
    if (state?.step && (current || STEPS_WITHOUT_DRAFT.includes(state.step))) show(state.step);
  });
  start();
}
