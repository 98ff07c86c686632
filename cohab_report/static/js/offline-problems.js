/* What a step of the offline form still lacks, and saying so: in a summary that takes the focus, and beside each question. */
import { answersOf } from "./offline-draft.js";

/* The id of the control to go to and the words of each problem; empty when the step may be left. */
export function missingIn(step, { fields }, { catalogue, texts, date }) {
  const { category } = fields;
  if (step === "place") return fields.place || (fields.lon && fields.lat) ? [] : [["choix-du-lieu", texts.textPlace]];
  if (step === "category") return category ? [] : [[`category-${fields.kind}-0`, texts.textCategory]];
  if (step === "belongings") return fields.belongings ? [] : [["belongings-0", texts.textBelongings]];
  if (step !== "questions") return [];
  const given = Object.fromEntries(answersOf(fields, category));
  const open = catalogue[category].questions.filter(({ code, is_required: isRequired }) => isRequired && !given[code]);
  const found = open.map(({ code }) => [`${category}-${code}-0`, texts.textChoose]);
  if ([...fields.text ?? ""].length > Number(texts.longestText)) found.push(["text", texts.textTooLong]);
  if (!fields.observed_on || fields.observed_on > date.max || fields.observed_on < date.min) found.push(["observed_on", texts.textDate]);
  return found;
}

/* Whether there was anything to say; what was said before is gone. */
export function refused(page, section, problems) {
  forget(section);
  if (problems.length === 0) return false;
  const summary = page.querySelector("template[data-errors]").content.cloneNode(true).firstElementChild;
  for (const [target, words] of problems) {
    const asks = tellBeside(page, document.getElementById(target), words);
    const line = summary.querySelector("template").content.cloneNode(true);
    Object.assign(line.querySelector("a"), { href: `#${target}`, textContent: `${asks.textContent.trim()} — ${words}` });
    summary.querySelector("ul").append(line);
  }
  section.prepend(summary);
  summary.focus();
  return true;
}

function tellBeside(page, control, words) {
  const field = control.closest(".field");
  const asks = field.querySelector("legend, label");
  const beside = page.querySelector("template[data-error-line]").content.cloneNode(true).firstElementChild;
  const described = field.matches("fieldset") ? field : control;
  beside.id = `${control.id}-mend`;
  beside.querySelector("[data-words]").textContent = words;
  asks.after(beside);
  described.setAttribute("aria-describedby", `${described.getAttribute("aria-describedby") ?? ""} ${beside.id}`.trim());
  if (control.matches("input, textarea")) control.setAttribute("aria-invalid", "true");
  return asks;
}

function forget(section) {
  for (const old of section.querySelectorAll("[data-mend]")) old.remove();
  for (const marked of section.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  for (const told of section.querySelectorAll("[aria-describedby$='-mend']")) {
    const left = told.getAttribute("aria-describedby").split(" ").filter((id) => !id.endsWith("-mend")).join(" ");
    if (left) told.setAttribute("aria-describedby", left);
    else told.removeAttribute("aria-describedby");
  }
}
