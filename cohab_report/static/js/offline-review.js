/* The offline form's last step: all that would be sent, each line with a way back to its question. */
import { answerField, answersOf, mayBeBelongings, stepsOf, takesPhotos } from "./offline-draft.js";

/**
 * @typedef {[step: string, label: string, value: string]} ReviewRow
 *
 * @typedef {object} Review
 * @property {Draft} draft
 * @property {import("./offline-draft.js").Catalogue} catalogue
 * @property {(name: string, value: string) => string} labelOf what a choice of the page is called
 * @property {(step: string) => void} goTo
 */

/** @type {Record<string, string>} The step at which a field is mended. */
const STEP_OF = {
  place: "place",
  category: "category",
  observed_on: "questions",
  text: "questions",
  answers: "questions",
  belongings: "belongings",
  photos: "photos",
};

/** @param {TemplateElement} section @param {Review} review */
export function fillReview(section, { draft, catalogue, labelOf, goTo }) {
  const category = catalogue[draft.fields.category];
  const steps = stepsOf(draft, catalogue);
  const list = section.querySelector("[data-summary]");
  for (const old of list.querySelectorAll("div")) old.remove();
  for (const row of rowsOf(draft, category, section.dataset, labelOf)) {
    const canChange = steps.includes(row[0]);
    list.append(newLine(list, row, canChange, goTo));
  }
  const isNeverPublic = category.never_public || mayBeBelongings(draft.fields);
  section.querySelector("[data-never]").hidden = !isNeverPublic;
  section.querySelector("[data-later]").hidden = isNeverPublic;
  showServerProblems(section, draft.problems ?? [], goTo);
  draft.seen = true;
}

/**
 * @param {Draft} draft
 * @param {import("./offline-draft.js").CatalogueCategory} category
 * @param {Record<string, string>} texts
 * @param {Review["labelOf"]} labelOf
 * @returns {ReviewRow[]}
 */
function rowsOf({ fields, photos }, category, texts, labelOf) {
  const code = fields.category;
  /** @type {ReviewRow[]} */
  const rows = [
    ["category", texts.textSubject, labelOf("category", code) || texts.textConcern],
    ["place", texts.textWhere, labelOf("place", fields.place) || texts.textPoint],
  ];
  if (fields.landmark) rows.push(["place", texts.textLandmark, fields.landmark]);
  for (const [question, answer] of answersOf(fields, code)) {
    if (answer) rows.push(["questions", questionText(code, question), labelOf(answerField(code, question), answer)]);
  }
  rows.push(["questions", texts.textText, fields.text || texts.textNone]);
  rows.push(["questions", texts.textDate, dayWords(fields.observed_on)]);
  if (category.asks_belongings) {
    rows.push(["belongings", texts.textBelongings, labelOf("belongings", fields.belongings)]);
  }
  if (takesPhotos(category, fields)) rows.push(["photos", texts.textPhotos, String(photos.length)]);
  return rows;
}

/** @param {string} day YYYY-MM-DD */
const dayWords = (day) =>
  new Date(`${day}T12:00`).toLocaleDateString(`${document.documentElement.lang}-CA`, { dateStyle: "long" });

/** @param {string} category @param {string} question both by their codes */
function questionText(category, question) {
  const fieldset = document.getElementById(`${category}-${question}-0`)?.closest("fieldset");
  return fieldset?.querySelector("legend").textContent.trim() ?? "";
}

/** @param {TemplateElement} list @param {ReviewRow} row @param {boolean} canChange @param {Review["goTo"]} goTo */
function newLine(list, [step, label, value], canChange, goTo) {
  const line = document.importNode(list.querySelector("template").content, true);
  const button = line.querySelector("button");
  line.querySelector("dt").textContent = label;
  line.querySelector("dd").textContent = value;
  button.querySelector("[data-what]").textContent = label;
  button.hidden = !canChange;
  button.addEventListener("click", () => goTo(step));
  return line;
}

/** @param {TemplateElement} section @param {Problem[]} problems @param {Review["goTo"]} goTo */
function showServerProblems(section, problems, goTo) {
  const box = section.querySelector("[data-problems]");
  const list = box.querySelector("ul");
  for (const old of list.querySelectorAll("li")) old.remove();
  for (const { field, text } of problems) {
    const line = document.importNode(box.querySelector("template").content, true);
    const button = line.querySelector("button");
    button.textContent = text;
    button.addEventListener("click", () => goTo(field === "help" ? "help" : (STEP_OF[field] ?? "questions")));
    list.append(line);
  }
  box.hidden = problems.length === 0;
}
