/* What a step of the offline form still lacks, and saying so: in a summary that takes the focus, and beside each
   question. */
import { answersOf, hasPoint } from "./offline-draft.js";

/** @typedef {[id: string, words: string]} StepProblem The id of the control to go to, and the words of what to mend. */

/**
 * Returns the problems of a step; empty when the step may be left.
 * @param {string} step
 * @param {Draft} draft
 * @param {object} page
 * @param {import("./offline-draft.js").Catalogue} page.catalogue
 * @param {Record<string, string>} page.texts
 * @param {HTMLInputElement} page.date
 * @returns {StepProblem[]}
 */
export function problemsOf(step, draft, { catalogue, texts, date }) {
  const { fields } = draft;
  const { category } = fields;
  if (step === "place") return fields.place || hasPoint(draft) ? [] : [["choix-du-lieu", texts.textPlace]];
  if (step === "category") return category ? [] : [[`category-${fields.kind}-0`, texts.textCategory]];
  if (step === "belongings") return fields.belongings ? [] : [["belongings-0", texts.textBelongings]];
  if (step !== "questions") return [];
  const answers = Object.fromEntries(answersOf(fields, category));
  const open = catalogue[category].questions.filter(
    ({ code, is_required: isRequired }) => isRequired && !answers[code],
  );
  /** @type {StepProblem[]} */
  const problems = open.map(({ code }) => [`${category}-${code}-0`, texts.textChoose]);
  if ([...(fields.text ?? "")].length > Number(texts.longestText)) problems.push(["text", texts.textTooLong]);
  const day = fields.observed_on;
  if (!day || day > date.max || day < date.min) problems.push(["observed_on", texts.textDate]);
  return problems;
}

/**
 * Shows the problems of a step in place of earlier ones, and returns whether there are any.
 * @param {TemplateElement} page
 * @param {HTMLElement} section
 * @param {StepProblem[]} problems
 */
export function showProblems(page, section, problems) {
  removeProblems(section);
  if (problems.length === 0) return false;
  const fragment = document.importNode(page.querySelector("template[data-errors]").content, true);
  const summary = /** @type {TemplateElement} */ (fragment.firstElementChild);
  for (const [id, words] of problems) {
    const control = /** @type {HTMLElement} */ (document.getElementById(id));
    const question = showBeside(page, control, words);
    const line = document.importNode(summary.querySelector("template").content, true);
    const textContent = `${question.textContent.trim()} — ${words}`;
    Object.assign(line.querySelector("a"), { href: `#${id}`, textContent });
    summary.querySelector("ul").append(line);
  }
  section.prepend(summary);
  summary.focus();
  return true;
}

/**
 * @param {TemplateElement} page
 * @param {HTMLElement} control
 * @param {string} words
 * @returns {HTMLElement} the control's question
 */
function showBeside(page, control, words) {
  const field = /** @type {HTMLElement} */ (control.closest(".field"));
  const question = field.querySelector("legend, label");
  const fragment = document.importNode(page.querySelector("template[data-error-line]").content, true);
  const line = /** @type {TemplateElement} */ (fragment.firstElementChild);
  const described = field.matches("fieldset") ? field : control;
  line.id = `${control.id}-mend`;
  line.querySelector("[data-words]").textContent = words;
  question.after(line);
  described.setAttribute("aria-describedby", `${described.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
  if (control.matches("input, textarea")) control.setAttribute("aria-invalid", "true");
  return question;
}

/** @param {HTMLElement} section */
function removeProblems(section) {
  for (const old of section.querySelectorAll("[data-mend]")) old.remove();
  for (const control of section.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const described of section.querySelectorAll("[aria-describedby$='-mend']")) {
    const ids = (described.getAttribute("aria-describedby") ?? "").split(" ");
    const others = ids.filter((id) => !id.endsWith("-mend")).join(" ");
    if (others) described.setAttribute("aria-describedby", others);
    else described.removeAttribute("aria-describedby");
  }
}
