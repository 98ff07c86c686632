/* Finds places by their names as the server's territory/names.py does, with its tables: without accents, abbreviated, in another order,
   with a slip of a finger. It works without a line. */

export function finder(tables) {
  const small = new Set(tables.small);
  const generic = new Set(tables.generic);
  const pattern = (source, flags = "") => new RegExp(source, flags);

  const bare = (text) => text.replace(/œ/gi, "oe").replace(/æ/gi, "ae").normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
  const plain = (text) => (bare(text).match(/[a-z0-9]+/g) ?? []).join(" ");

  function wordsOf(text) {
    const written = plain(text).split(" ").filter(Boolean);
    if (written.length > 1 && written.at(-1) === "st") written[written.length - 1] = "rue";
    const long = written.map((word) => pattern(tables.ordinal).exec(word)?.[1] ?? tables.abbreviations[word] ?? word).join(" ").split(" ").filter(Boolean);
    const meant = long.filter((word) => !small.has(word));
    return meant.length ? meant : long;
  }

  function civicNumber(typed) {
    const words = plain(typed);
    const found = pattern(tables.civic).exec(words)?.[0];
    return found && wordsOf(words.slice(found.length)).length ? found : "";
  }

  function cornerOf(typed) {
    const parts = bare(typed).replace(pattern(tables.cornerOf), "").split(pattern(tables.corner)).map(plain);
    return parts.length === 2 && parts.every(Boolean) ? parts : null;
  }

  /* How well a word of a name answers to a typed one; 0 when it doesn't. */
  function fit(word, known) {
    if (word === known) return 1;
    const slips = word.length < 4 || /^\d+$/.test(word) ? 0 : word.length < 8 ? 1 : 2;
    const begun = known.startsWith(word) ? 0.8 : 0;
    if (!slips) return begun;
    const distance = distanceOf(word, known, slips);
    const near = distance <= slips ? 0.7 - 0.1 * distance : 0;
    return Math.max(begun, near, distanceOf(word, known.slice(0, word.length), slips) <= slips ? 0.4 : 0);
  }

  /* The entries whose names fit what was typed, the best first; all its words, or else at least half of them. */
  function find(entries, typed) {
    const asked = wordsOf(typed.slice(0, 120)).slice(0, 8);
    const aside = new Set([...generic, ...civicNumber(typed).split(" ")]);
    const called = asked.filter((word) => !aside.has(word));
    const meant = [called.filter((word) => !/^\d+$/.test(word)), called, asked].find((words) => words.length) ?? [];
    const wanted = new Set(meant);
    const count = meant.length;
    const exact = new Set(asked.filter((word) => generic.has(word) && entries.some((entry) => entry.words.has(word))));
    const scored = entries.map((entry) => {
      let score = 0;
      let hits = 0;
      for (const word of asked) {
        const best = exact.has(word) ? Number(entry.words.has(word)) : Math.max(0, ...[...entry.words].map((known) => fit(word, known)));
        score += (wanted.has(word) ? 3 : 1) * best;
        hits += wanted.has(word) && best > 0 ? 1 : 0;
      }
      return { entry, hits, score: score + (entry.whole.has(plain(typed)) ? 2 : 0) - 0.05 * entry.least };
    });
    const most = Math.max(0, ...scored.map(({ hits }) => hits));
    if (!most || most * 2 < count) return [];
    return scored.filter(({ hits }) => hits === most).sort((one, other) => other.score - one.score || (one.entry.order < other.entry.order ? -1 : 1)).map(({ entry }) => entry);
  }

  /* What `find` looks through, made once of a thing and all its names, the first of which orders equals. */
  function entryOf(thing, names) {
    const words = names.map(wordsOf);
    return { thing, words: new Set(words.flat()), whole: new Set(names.map(plain)), least: Math.min(...words.map((each) => each.length)), order: plain(names[0]) };
  }

  const isNamed = (entries, typed) => entries.some((entry) => entry.whole.has(plain(typed)));

  return { find, entryOf, isNamed, civicNumber, cornerOf };
}

/* Letters left out, put in, changed or swapped with their neighbour; anything above `most` may come back as most + 1. */
function distanceOf(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const changed = last[column - 1] + (one[row - 1] === other[column - 1] ? 0 : 1);
      line[column] = Math.min(line[column - 1] + 1, last[column] + 1, changed);
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) line[column] = Math.min(line[column], before[column - 2] + 1);
    }
    [before, last] = [last, line];
  }
  return last[other.length];
}
