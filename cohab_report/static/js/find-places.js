/* Finds places by their names as the server's territory/names.py does, with its tables: without accents, abbreviated,
   in another order, with a slip of a finger. It works without a line. */

/**
 * @typedef {object} NameTables What the server exports: words, and sources of patterns.
 * @property {string[]} small words that say nothing alone
 * @property {string[]} generic words that many names have
 * @property {Record<string, string>} abbreviations
 * @property {string} ordinal
 * @property {string} civic
 * @property {string} corner
 * @property {string} cornerOf
 */

/**
 * @template Item
 * @typedef {object} Entry What is searched: an item and all its names.
 * @property {Item} item
 * @property {Set<string>} words
 * @property {Set<string>} wholeNames
 * @property {number} fewestWords
 * @property {string} order
 */

const LONGEST = 120;
const MOST_WORDS = 8;

/** @param {NameTables} tables */
export function createPlaceFinder(tables) {
  const small = new Set(tables.small);
  const generic = new Set(tables.generic);
  const ordinalPattern = new RegExp(tables.ordinal);
  const civicPattern = new RegExp(tables.civic);
  const cornerPattern = new RegExp(tables.corner);
  const cornerOfPattern = new RegExp(tables.cornerOf);

  /** @param {string} text */
  const withoutAccents = (text) =>
    text
      .replace(/œ/gi, "oe")
      .replace(/æ/gi, "ae")
      .normalize("NFD")
      .replace(/\p{Mn}/gu, "")
      .toLowerCase();

  /** @param {string} text */
  const normalized = (text) => (withoutAccents(text).match(/[a-z0-9]+/g) ?? []).join(" ");

  /**
   * @param {string} text
   * @returns {string[]} its words, abbreviations written out, small ones left out unless there is nothing else
   */
  function wordsOf(text) {
    const typedWords = normalized(text).split(" ").filter(Boolean);
    if (typedWords.length > 1 && typedWords.at(-1) === "st") typedWords[typedWords.length - 1] = "rue";
    const fullWords = typedWords
      .map((word) => ordinalPattern.exec(word)?.[1] ?? tables.abbreviations[word] ?? word)
      .join(" ")
      .split(" ")
      .filter(Boolean);
    const meaningful = fullWords.filter((word) => !small.has(word));
    return meaningful.length ? meaningful : fullWords;
  }

  /** @param {string} typed @returns {string} the civic number that an address begins with, or "" */
  function civicNumber(typed) {
    const words = normalized(typed);
    const number = civicPattern.exec(words)?.[0];
    return number && wordsOf(words.slice(number.length)).length ? number : "";
  }

  /** @param {string} typed @returns {string[] | null} the two streets of « A / B » */
  function cornerOf(typed) {
    const oneSpaceApart = withoutAccents(typed).trim().replace(/\s+/g, " ");
    const streets = oneSpaceApart.replace(cornerOfPattern, "").split(cornerPattern).map(normalized);
    return streets.length === 2 && streets.every(Boolean) ? streets : null;
  }

  /**
   * How well a word of a name answers to a typed one, from 0 (not at all) to 1.
   * @param {string} typed
   * @param {string} word
   */
  function wordScore(typed, word) {
    if (typed === word) return 1;
    const slips = typed.length < 4 || /^\d+$/.test(typed) ? 0 : typed.length < 8 ? 1 : 2;
    const prefixScore = word.startsWith(typed) ? 0.8 : 0;
    if (!slips) return prefixScore;
    const distance = editDistance(typed, word, slips);
    const slipScore = distance <= slips ? 0.7 - 0.1 * distance : 0;
    const prefixSlipScore = editDistance(typed, word.slice(0, typed.length), slips) <= slips ? 0.4 : 0;
    return Math.max(prefixScore, slipScore, prefixSlipScore);
  }

  /**
   * Returns the entries whose names fit what was typed, the best first: all its words, or else at least half of them.
   * @template Item
   * @param {Entry<Item>[]} entries
   * @param {string} typed
   */
  function find(entries, typed) {
    const typedWords = wordsOf(typed.slice(0, LONGEST)).slice(0, MOST_WORDS);
    const commonWords = new Set([...generic, ...civicNumber(typed).split(" ")]);
    const properWords = typedWords.filter((word) => !commonWords.has(word));
    const properNames = properWords.filter((word) => !/^\d+$/.test(word));
    const countedWords = [properNames, properWords, typedWords].find((words) => words.length) ?? [];
    const counted = new Set(countedWords);
    const exact = new Set(
      typedWords.filter((word) => generic.has(word) && entries.some((entry) => entry.words.has(word))),
    );
    const scored = entries.map((entry) => {
      let score = 0;
      let hits = 0;
      for (const word of typedWords) {
        const best = exact.has(word)
          ? Number(entry.words.has(word))
          : Math.max(0, ...[...entry.words].map((nameWord) => wordScore(word, nameWord)));
        score += (counted.has(word) ? 3 : 1) * best;
        hits += counted.has(word) && best > 0 ? 1 : 0;
      }
      const wholeBonus = entry.wholeNames.has(normalized(typed)) ? 2 : 0;
      return { entry, hits, score: score + wholeBonus - 0.05 * entry.fewestWords };
    });
    const most = Math.max(0, ...scored.map(({ hits }) => hits));
    if (!most || most * 2 < countedWords.length) return [];
    return scored
      .filter(({ hits }) => hits === most)
      .sort((a, b) => b.score - a.score || (a.entry.order < b.entry.order ? -1 : 1))
      .map(({ entry }) => entry);
  }

  /**
   * Makes what `find` looks through; the first of its names orders equals.
   * @template Item
   * @param {Item} item
   * @param {string[]} names
   * @returns {Entry<Item>}
   */
  function entryOf(item, names) {
    const words = names.map(wordsOf);
    return {
      item,
      words: new Set(words.flat()),
      wholeNames: new Set(names.map(normalized)),
      fewestWords: Math.min(...words.map((each) => each.length)),
      order: normalized(names[0]),
    };
  }

  /** @param {Entry<unknown>[]} entries @param {string} typed */
  const isName = (entries, typed) => entries.some((entry) => entry.wholeNames.has(normalized(typed)));

  return { find, entryOf, isName, civicNumber, cornerOf };
}

/**
 * How many characters are left out, put in, changed or swapped with their neighbour; anything above `most` may come
 * back as most + 1.
 * @param {string} one
 * @param {string} other
 * @param {number} most
 */
function editDistance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  /** @type {number[]} */
  let beforeLast = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const changed = last[column - 1] + (one[row - 1] === other[column - 1] ? 0 : 1);
      line[column] = Math.min(line[column - 1] + 1, last[column] + 1, changed);
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwapped) line[column] = Math.min(line[column], beforeLast[column - 2] + 1);
    }
    [beforeLast, last] = [last, line];
  }
  return last[other.length];
}
