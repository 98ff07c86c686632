/* The offline form's last step: all that would be sent, each line with a way back to its question. */
import { answersOf, stepsOf, takesPhotos } from "./offline-draft.js";

const STEP_OF = { place: "place", category: "category", observed_on: "questions", text: "questions", answers: "questions", belongings: "belongings", photos: "photos" };

export function fillReview(section, { draft, catalogue, nameOf, mend }) {
  const { fields, photos } = draft;
  const { category } = fields;
  const texts = section.dataset;
  const chosen = catalogue[category];
  const rows = [
    ["category", texts.textSubject, nameOf("category", category) || texts.textConcern],
    ["place", texts.textWhere, nameOf("place", fields.place) || texts.textPoint],
    ...(fields.landmark ? [["place", texts.textLandmark, fields.landmark]] : []),
    ...answersOf(fields, category).filter(([, answer]) => answer).map(([code, answer]) => ["questions", textOf(category, code), nameOf(`${category}:answer_${code}`, answer)]),
    ["questions", texts.textText, fields.text || texts.textNone],
    ["questions", texts.textDate, new Date(`${fields.observed_on}T12:00`).toLocaleDateString(`${document.documentElement.lang}-CA`, { dateStyle: "long" })],
    ...(chosen.asks_belongings ? [["belongings", texts.textBelongings, nameOf("belongings", fields.belongings)]] : []),
    ...(takesPhotos(chosen, fields) ? [["photos", texts.textPhotos, String(photos.length)]] : []),
  ];
  const list = section.querySelector("[data-summary]");
  for (const old of list.querySelectorAll("div")) old.remove();
  for (const row of rows) list.append(line(list, row, stepsOf(draft, catalogue), mend));
  const isNever = chosen.never_public || ["yes", "unknown"].includes(fields.belongings);
  section.querySelector("[data-never]").hidden = !isNever;
  section.querySelector("[data-later]").hidden = isNever;
  tellProblems(section, draft.problems ?? [], mend);
  draft.seen = true;
}

const textOf = (category, code) => document.getElementById(`${category}-${code}-0`).closest("fieldset").querySelector("legend").textContent.trim();

function line(list, [step, label, value], steps, mend) {
  const made = list.querySelector("template").content.cloneNode(true);
  made.querySelector("dt").textContent = label;
  made.querySelector("dd").textContent = value;
  const button = made.querySelector("button");
  button.querySelector("[data-what]").textContent = label;
  button.hidden = !steps.includes(step);
  button.addEventListener("click", () => mend(step));
  return made;
}

function tellProblems(section, problems, mend) {
  const box = section.querySelector("[data-problems]");
  const list = box.querySelector("ul");
  for (const old of list.querySelectorAll("li")) old.remove();
  for (const { field, text } of problems) {
    const made = box.querySelector("template").content.cloneNode(true);
    made.querySelector("button").textContent = text;
    made.querySelector("button").addEventListener("click", () => mend(field === "help" ? "help" : STEP_OF[field] ?? "questions"));
    list.append(made);
  }
  box.hidden = problems.length === 0;
}
