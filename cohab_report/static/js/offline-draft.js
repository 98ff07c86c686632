/* What a draft of the offline form says, as plain facts: which steps it has, what is still open, what its fields are
   when it is sent. */

/**
 * @typedef {{ code: string, is_required: boolean, shows: Record<string, string>, blocks: Record<string, string> }}
 *   CatalogueQuestion
 *
 * @typedef {object} CatalogueCategory What the page knows of a category.
 * @property {string} kind
 * @property {boolean} asks_belongings
 * @property {boolean} photos
 * @property {boolean} opens_the_form
 * @property {boolean} never_public
 * @property {string[]} posts codes of the advice beside it
 * @property {CatalogueQuestion[]} questions
 *
 * @typedef {Record<string, CatalogueCategory>} Catalogue by the category's code
 */

const ANSWER = "answer_";
/* What says where: the part that another observation at the same place begins with. */
export const PLACE_FIELDS = ["place", "lon", "lat", "landmark"];
/* Exactly the names that the online form's last page carries, besides answers. */
const SENT_FIELDS = [
  "kind",
  "lon",
  "lat",
  "place",
  "landmark",
  "category",
  "asked",
  "text",
  "observed_on",
  "near",
  "joins",
];

/** @param {string} category @param {string} question both by their codes */
export const answerField = (category, question) => `${category}:${ANSWER}${question}`;

/**
 * Returns the answers to a category's questions, each with its question's code.
 * @param {Fields} fields
 * @param {string} category
 * @returns {[code: string, answer: string][]}
 */
export const answersOf = (fields, category) => {
  const prefix = answerField(category, "");
  return Object.entries(fields)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, answer]) => [name.slice(prefix.length), answer]);
};

/** @param {Draft} draft @param {Catalogue} catalogue @returns {CatalogueCategory | null} the category that is chosen */
export function categoryOf({ fields }, catalogue) {
  const category = catalogue[fields.category];
  return category && category.kind === fields.kind ? category : null;
}

/** @param {Draft} draft */
export const hasPoint = ({ fields }) => Boolean(fields.lon && fields.lat);

/** @param {Fields} fields */
export const mayBeBelongings = ({ belongings }) => ["yes", "unknown"].includes(belongings);

/**
 * Whether photos may go along. The same rule as the server's: nobody's belongings may be on a picture, and what is
 * never public takes none.
 * @param {CatalogueCategory} category
 * @param {Fields} fields
 */
export const takesPhotos = (category, fields) => category.photos && !category.never_public && !mayBeBelongings(fields);

/**
 * @param {Draft} draft
 * @param {Catalogue} catalogue
 * @returns {string[]} the steps that this draft goes through, in order
 */
export function stepsOf(draft, catalogue) {
  const choices = Object.values(catalogue).filter(({ kind }) => kind === draft.fields.kind);
  const category = categoryOf(draft, catalogue);
  const asksBelongings = category ? category.asks_belongings : choices.some((each) => each.asks_belongings);
  const asksPhotos = (category ? [category] : choices).some((each) => takesPhotos(each, draft.fields));
  return [
    "subject",
    "place",
    ...(choices.length === 1 ? [] : ["category"]),
    "questions",
    ...(asksBelongings ? ["belongings"] : []),
    ...(asksPhotos ? ["photos"] : []),
    "review",
  ];
}

/** @param {Draft} draft @param {Catalogue} catalogue @returns {string} the first step that is still open */
export function nextStep(draft, catalogue) {
  const { fields } = draft;
  const category = categoryOf(draft, catalogue);
  /** @type {Record<string, boolean>} */
  const isAnswered = {
    subject: Boolean(fields.kind),
    place: Boolean(fields.place) || hasPoint(draft),
    category: Boolean(category),
    questions: Boolean(category && fields.asked === fields.category),
    belongings: Boolean(fields.belongings),
    photos: true,
  };
  return stepsOf(draft, catalogue).find((step) => !isAnswered[step]) ?? "review";
}

/**
 * Returns the fields with answers named after their category. Those that came from the online form name answers without
 * it.
 * @param {Fields} fields
 * @returns {Fields}
 */
export function withCategoryNames(fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name.startsWith(ANSWER) ? `${fields.category}:${name}` : name, text]),
  );
}

/**
 * Returns what is sent of a draft: the fields by the names that the server knows, and the photos that may go along.
 * @param {Draft} draft
 * @param {Catalogue} catalogue
 */
export function submissionFields({ client_id, fields, photos }, catalogue) {
  const category = catalogue[fields.category];
  /** @type {Fields} */
  const sent = { client_id };
  for (const name of SENT_FIELDS) sent[name] = fields[name] ?? "";
  if (sent.lon && sent.lat) sent.place = "";
  sent.belongings = category.asks_belongings ? fields.belongings : "";
  for (const [code, answer] of answersOf(fields, fields.category)) if (answer) sent[ANSWER + code] = answer;
  return { fields: sent, photos: takesPhotos(category, fields) ? photos : [] };
}
