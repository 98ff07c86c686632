/* The wording check of the server's intake/wording/screening.py, with the patterns that the server exports: the same
   kinds for the same text. It works on the phone alone; what one types goes nowhere. */

/**
 * @typedef {object} LanguagePatterns The sources of one language's patterns.
 * @property {string} people
 * @property {string} place_before
 * @property {string} place_after
 * @property {string} introductions
 * @property {string} titles
 * @property {string} companions
 * @property {Record<string, string>} alone by the kind of finding
 * @property {Record<string, string>} as_noun
 * @property {Record<string, string>} with_person
 * @property {string} beside_person
 * @property {string} wearing
 * @property {string} against_people
 * @property {string} dwelling
 * @property {string} phone_words
 * @property {string} plate_words
 * @property {string} exceptions
 * @property {string} exceptions_without_accent
 *
 * @typedef {object} ScreeningTables
 * @property {Record<string, string>} patterns those of every language
 * @property {Record<string, LanguagePatterns>} languages
 * @property {string[]} given
 * @property {string[]} givenWithFamily
 * @property {string[]} family
 * @property {string[]} bodies
 * @property {string[]} notPlates
 * @property {string} notNames
 * @property {string[]} weakIntroductions
 * @property {string[]} serviceNumbers
 * @property {number} nearWords
 * @property {number} longest
 * @property {Record<string, string>} alike characters that stand for others
 *
 * @typedef {object} FoldedText
 * @property {string} cased without accents and doubled spaces
 * @property {string} lower the same in small letters, character by character
 * @property {Set<number>} accented where an accent was
 *
 * @typedef {{ start: number, end: number }} Span
 * @typedef {Span & { match: RegExpExecArray }} MatchSpan
 */

const ACCENT = /\p{Mn}/u;
const INVISIBLE = /[\p{Mn}\p{Me}\p{Cf}]/u;
/* Python's spaces: JavaScript's and these control characters. */
const MORE_SPACES = "\u001c\u001d\u001e\u001f\u0085";
/* Characters before a name in which a word may say that it is a place's. */
const PLACE_REACH = 60;
const INTRODUCTION_REACH = 30;
const LONGEST_GAP = 60;

/**
 * Returns the check: which kinds of findings a text has, sorted.
 * @param {ScreeningTables} tables
 * @returns {(text: string) => string[]}
 */
export function createScreener(tables) {
  /** @type {Map<string, RegExp>} */
  const compiled = new Map();
  const given = new Set(tables.given);
  const givenWithFamily = new Set(tables.givenWithFamily);
  const familyNames = new Set(tables.family);
  const bodies = new Set(tables.bodies);
  const notPlates = new Set(tables.notPlates);
  const languages = Object.values(tables.languages);
  const { patterns } = tables;

  /** @param {string} source @param {string} flags */
  function regex(source, flags) {
    const key = flags + source;
    const present = compiled.get(key);
    if (present) return present;
    const expression = new RegExp(source, flags);
    compiled.set(key, expression);
    return expression;
  }

  /** @param {string} source @param {string} text @returns {Generator<MatchSpan>} */
  function* spans(source, text) {
    for (const match of text.matchAll(regex(source, "gu"))) {
      yield { start: match.index, end: match.index + match[0].length, match };
    }
  }

  /** @param {string} source @param {string} text @param {number} place where the match must begin */
  function matchAt(source, text, place) {
    const sticky = regex(source, "uy");
    sticky.lastIndex = place;
    return sticky.exec(text);
  }

  /** @param {string} source @param {string} text */
  const isIn = (source, text) => regex(source, "u").test(text);

  /** @param {string} text @returns {FoldedText} */
  function fold(text) {
    let cased = "";
    let lower = "";
    /** @type {Set<number>} */
    const accented = new Set();
    for (const character of [...text].slice(0, tables.longest)) {
      for (const part of (tables.alike[character] ?? character).normalize("NFKD")) {
        const isSpace = /\s/u.test(part) || MORE_SPACES.includes(part);
        if (ACCENT.test(part)) accented.add(cased.length - 1);
        if (INVISIBLE.test(part) || (isSpace && cased.endsWith(" "))) continue;
        const folded = isSpace ? " " : (tables.alike[part] ?? part);
        const small = folded.toLowerCase();
        cased += folded;
        lower += small.length === folded.length ? small : folded;
      }
    }
    return { cased, lower, accented };
  }

  /** @param {string} before */
  const endsInPlaceWord = (before) => languages.some((words) => isIn(words.place_before, before));

  /** @param {FoldedText} folded @param {number} start @param {number} end */
  function isPlaceName({ lower }, start, end) {
    return (
      lower[start - 1] === "-" ||
      lower[end] === "-" ||
      endsInPlaceWord(lower.slice(Math.max(0, start - PLACE_REACH), start)) ||
      languages.some((words) => matchAt(words.place_after, lower, end))
    );
  }

  /** @param {FoldedText} folded @param {number} start @param {number} reach */
  function isAboutPlace({ lower }, start, reach) {
    const before =
      lower
        .slice(Math.max(0, start - reach), start)
        .split(regex(patterns.break, "u"))
        .at(-1) ?? "";
    const gaps = [...before].flatMap((character, place) => (character === " " ? [place] : []));
    return [...gaps, before.length].some((gap) => endsInPlaceWord(before.slice(0, gap)));
  }

  /** @param {FoldedText} folded @returns {Generator<Span>} */
  function* plates({ cased }) {
    for (const span of spans(patterns.plate, cased)) {
      const letters = (span.match[1] ?? span.match[2] ?? "").toLowerCase();
      const digits = span.match[0].replace(/^[A-Z -]+|[A-Z -]+$/g, "");
      if (!notPlates.has(letters) && !tables.serviceNumbers.includes(digits)) yield span;
    }
  }

  /** @param {string} word */
  const isCapitalized = (word) => word[0] !== word[0].toLowerCase();

  /** @param {FoldedText} folded @returns {Generator<Span>} names that are in the lists */
  function* listedNames(folded) {
    const exceptions = [...spans(tables.notNames, folded.lower)];
    for (const { start, end: wordEnd, match } of spans(patterns.word, folded.cased)) {
      const name = match[0].toLowerCase();
      if (!given.has(name) && !givenWithFamily.has(name)) continue;
      const after = matchAt(patterns.word_after, folded.cased, wordEnd);
      const hasFamily =
        after !== null &&
        (familyNames.has(after[1].toLowerCase()) || (isCapitalized(after[1]) && isCapitalized(match[0])));
      const isAlone = given.has(name) && isCapitalized(match[0]) && match[0] !== match[0].toUpperCase();
      const end = hasFamily ? wordEnd + after[0].length : wordEnd;
      const isException = exceptions.some((span) => span.start < end && start < span.end);
      const isPlace = isPlaceName(folded, start, wordEnd) || isPlaceName(folded, start, end);
      if ((hasFamily || isAlone) && !isException && !isPlace) yield { start, end };
    }
  }

  /**
   * @param {FoldedText} folded
   * @param {LanguagePatterns} words
   * @returns {Generator<Span>} names that other words introduce
   */
  function* introducedNames(folded, words) {
    for (const introduction of spans(words.introductions, folded.lower)) {
      const isWeak = tables.weakIntroductions.includes(introduction.match[0]);
      const name = matchAt(isWeak ? patterns.capitals : patterns.any_name, folded.cased, introduction.end + 1);
      if (name && !isAboutPlace(folded, introduction.start, INTRODUCTION_REACH)) {
        yield { start: name.index, end: name.index + name[0].length };
      }
    }
    for (const title of spans(words.titles, folded.lower)) {
      const name = matchAt(patterns.titled, folded.cased, title.end);
      const word = matchAt(patterns.word, folded.lower, title.end);
      const end = title.end + (name ?? word ?? [""])[0].length;
      const isName = name !== null || (word !== null && familyNames.has(word[0]));
      if (isName && !isPlaceName(folded, title.start, title.end)) yield { start: title.start, end };
    }
    for (const companion of spans(words.companions, folded.lower)) {
      const name = matchAt(patterns.capitals, folded.cased, companion.end + 1);
      if (!name?.[0].includes(" ")) continue;
      if (
        name[0]
          .toLowerCase()
          .split(" ")
          .some((part) => bodies.has(part))
      )
        continue;
      const span = { start: name.index, end: name.index + name[0].length };
      if (!isPlaceName(folded, span.start, span.end)) yield span;
    }
  }

  /**
   * @param {string} text
   * @param {string} source
   * @param {Span[]} people
   * @param {number} mostWords between the two
   * @returns {Generator<Span>} matches near a word for a person, with nothing between that ends a sentence
   */
  function* nearPeople(text, source, people, mostWords) {
    for (const span of spans(source, text)) {
      const isNear = people.some(({ start, end }) => {
        const between = end <= span.start ? text.slice(end, span.start) : text.slice(span.end, start);
        const touches = start < span.end && span.start < end;
        const wordCount = between.split(" ").filter(Boolean).length;
        return !touches && !isIn(patterns.break, between) && between.length <= LONGEST_GAP && wordCount <= mostWords;
      });
      if (isNear) yield span;
    }
  }

  /**
   * @param {string} text
   * @param {string} source of a word such as "phone"
   * @param {string} wanted source of what must follow it
   * @returns {Generator<Span>}
   */
  function* afterWord(text, source, wanted) {
    for (const word of spans(source, text)) {
      const match = matchAt(wanted, text, word.end);
      if (!match) continue;
      const end = match.index + match[0].length;
      yield { start: end - match[1].length, end };
    }
  }

  /**
   * @param {FoldedText} folded
   * @param {LanguagePatterns} words
   * @returns {Generator<[kind: string, spans: Iterable<Span>]>}
   */
  function* wordsOnPeople(folded, words) {
    const { lower } = folded;
    const people = [...spans(words.people, lower)];
    for (const sources of [words.alone, words.as_noun]) {
      for (const [kind, source] of Object.entries(sources)) yield [kind, spans(source, lower)];
    }
    for (const [kind, source] of Object.entries(words.with_person)) {
      yield [kind, nearPeople(lower, source, people, tables.nearWords)];
    }
    const description = "person_description";
    const clothes = [...spans(words.wearing, lower)];
    yield [description, nearPeople(lower, words.beside_person, people, 0)];
    yield [description, nearPeople(lower, patterns.years, people, tables.nearWords)];
    yield [description, spans(patterns.age, lower)];
    yield [description, nearPeople(lower, words.with_person[description], clothes, 2)];
    yield ["dehumanising", spans(words.against_people, lower)];
    yield ["dwelling", spans(words.dwelling, lower)];
    yield ["phone", afterWord(lower, words.phone_words, patterns.short_phone)];
    yield ["plate", afterWord(lower, words.plate_words, patterns.plate_after_word)];
    yield ["name", introducedNames(folded, words)];
  }

  /** @param {FoldedText} folded @param {LanguagePatterns} words @returns {Generator<Span>} harmless expressions */
  function* exceptionsIn({ lower, accented }, words) {
    yield* spans(words.exceptions, lower);
    for (const span of spans(words.exceptions_without_accent, lower)) {
      if (![...accented].some((place) => span.start <= place && place < span.end)) yield span;
    }
  }

  /** @param {Generator<Span>} found */
  const hasAny = (found) => !found.next().done;

  return function screen(text) {
    const folded = fold(text);
    /** @type {Set<string>} */
    const kinds = new Set();
    const simple = { phone: patterns.phone, email: patterns.email, social_link: patterns.social };
    for (const [kind, source] of Object.entries({ ...simple, health_card: patterns.health_card })) {
      if (isIn(source, folded.lower)) kinds.add(kind);
    }
    if (hasAny(plates(folded))) kinds.add("plate");
    if (hasAny(listedNames(folded))) kinds.add("name");
    const exceptions = languages.flatMap((words) => [...exceptionsIn(folded, words)]);
    for (const words of languages) {
      for (const [kind, found] of wordsOnPeople(folded, words)) {
        for (const { start, end } of found) {
          const isException = exceptions.some((span) => span.start <= start && end <= span.end);
          if (start < end && !isException) kinds.add(kind);
        }
      }
    }
    return [...kinds].sort();
  };
}
