/* What a draft of the offline form says, as plain facts: which steps it has, what is still open, what its fields are when it is sent. */
const ANSWER = "answer_";
/* What says where: the part that another observation at the same place begins with. */
export const PLACED = ["place", "lon", "lat", "landmark"];

export const answersOf = (fields, category) => Object.entries(fields)
  .filter(([name]) => name.startsWith(`${category}:${ANSWER}`))
  .map(([name, answer]) => [name.slice(category.length + 1 + ANSWER.length), answer]);

export function categoryOf({ fields }, catalogue) {
  const chosen = catalogue[fields.category];
  return chosen && chosen.kind === fields.kind ? chosen : null;
}

/* The same rule as the server's: nobody's belongings may be on a picture, and what is never public takes none. */
export const takesPhotos = (chosen, { belongings }) => chosen.photos && !chosen.never_public && !["yes", "unknown"].includes(belongings);

export function stepsOf(draft, catalogue) {
  const choices = Object.values(catalogue).filter(({ kind }) => kind === draft.fields.kind);
  const chosen = categoryOf(draft, catalogue);
  const asks = chosen ? chosen.asks_belongings : choices.some((each) => each.asks_belongings);
  const photos = (chosen ? [chosen] : choices).some((each) => takesPhotos(each, draft.fields));
  return ["subject", "place", ...(choices.length === 1 ? [] : ["category"]), "questions", ...(asks ? ["belongings"] : []), ...(photos ? ["photos"] : []), "review"];
}

export function nextStep(draft, catalogue) {
  const { fields } = draft;
  const chosen = categoryOf(draft, catalogue);
  const answered = {
    subject: fields.kind, place: fields.place || (fields.lon && fields.lat), category: chosen,
    questions: chosen && fields.asked === fields.category, belongings: fields.belongings, photos: true,
  };
  return stepsOf(draft, catalogue).find((step) => !answered[step]);
}

/* Fields that came from the online form name answers without their category; here each category has its own. */
export function adopted(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name.startsWith(ANSWER) ? `${fields.category}:${name}` : name, text]));
}

/* Exactly the names that the online form's last page carries. */
export function toSend({ client_id, fields, photos }, catalogue) {
  const chosen = catalogue[fields.category];
  const sent = { client_id };
  for (const name of ["kind", "lon", "lat", "place", "landmark", "category", "asked", "text", "observed_on", "near", "joins"]) sent[name] = fields[name] ?? "";
  if (sent.lon && sent.lat) sent.place = "";
  sent.belongings = chosen.asks_belongings ? fields.belongings : "";
  for (const [code, answer] of answersOf(fields, fields.category)) if (answer) sent[ANSWER + code] = answer;
  return { fields: sent, photos: takesPhotos(chosen, fields) ? photos : [] };
}
