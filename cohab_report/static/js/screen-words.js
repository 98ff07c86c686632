/* The wording check of the server's intake/wording/screening.py, with the patterns that the server exports: the same kinds for the
   same text. It works on the phone alone; what one types goes nowhere. */

export function screener(known) {
  const compiled = new Map();
  const names = Object.fromEntries(["given", "givenWithFamily", "family", "bodies", "notPlates"].map((list) => [list, new Set(known[list])]));
  const languages = Object.values(known.languages);
  const { patterns } = known;

  function regex(source, flags) {
    const key = flags + source;
    if (!compiled.has(key)) compiled.set(key, new RegExp(source, flags));
    return compiled.get(key);
  }

  function* spans(source, text) {
    for (const match of text.matchAll(regex(source, "gu"))) yield { start: match.index, end: match.index + match[0].length, match };
  }

  function at(source, text, place) {
    const sticky = regex(source, "uy");
    sticky.lastIndex = place;
    return sticky.exec(text);
  }

  const searched = (source, text) => regex(source, "u").test(text);

  function fold(text) {
    let cased = "";
    let lower = "";
    const accented = new Set();
    for (const sign of [...text].slice(0, known.longest)) {
      for (const part of (known.alike[sign] ?? sign).normalize("NFKD")) {
        const isSpace = /[\s\x1c-\x1f\x85]/u.test(part);
        if (/\p{Mn}/u.test(part)) accented.add(cased.length - 1);
        if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(part) || (isSpace && cased.endsWith(" "))) continue;
        const kept = isSpace ? " " : known.alike[part] ?? part;
        const small = kept.toLowerCase();
        cased += kept;
        lower += small.length === kept.length ? small : kept;
      }
    }
    return { cased, lower, accented };
  }

  const followsAPlace = (before) => languages.some((words) => searched(words.place_before, before));

  function isPlace({ lower }, start, end) {
    return lower[start - 1] === "-" || lower[end] === "-" || followsAPlace(lower.slice(Math.max(0, start - 60), start))
      || languages.some((words) => at(words.place_after, lower, end));
  }

  function tellsOfAPlace({ lower }, start, reach) {
    const before = lower.slice(Math.max(0, start - reach), start).split(regex(patterns.break, "u")).at(-1);
    const gaps = [...before].flatMap((sign, place) => (sign === " " ? [place] : []));
    return [...gaps, before.length].some((gap) => followsAPlace(before.slice(0, gap)));
  }

  function* plates({ cased }) {
    for (const span of spans(patterns.plate, cased)) {
      const letters = (span.match[1] ?? span.match[2] ?? "").toLowerCase();
      const digits = span.match[0].replace(/^[A-Z -]+|[A-Z -]+$/g, "");
      if (!names.notPlates.has(letters) && !known.serviceNumbers.includes(digits)) yield span;
    }
  }

  function* listed(folded) {
    const aside = [...spans(known.notNames, folded.lower)];
    for (const { start, end: wordEnd, match } of spans(patterns.word, folded.cased)) {
      const given = match[0].toLowerCase();
      if (!names.given.has(given) && !names.givenWithFamily.has(given)) continue;
      const after = at(patterns.word_after, folded.cased, wordEnd);
      const isCapital = (word) => word[0] !== word[0].toLowerCase();
      const hasFamily = after !== null && (names.family.has(after[1].toLowerCase()) || (isCapital(after[1]) && isCapital(match[0])));
      const alone = names.given.has(given) && isCapital(match[0]) && match[0] !== match[0].toUpperCase();
      const end = hasFamily ? wordEnd + after[0].length : wordEnd;
      const isAside = aside.some((span) => span.start < end && start < span.end);
      if ((hasFamily || alone) && !isAside && !isPlace(folded, start, wordEnd) && !isPlace(folded, start, end)) yield { start, end };
    }
  }

  function* introduced(folded, words) {
    for (const intro of spans(words.introductions, folded.lower)) {
      const shape = known.weakIntroductions.includes(intro.match[0]) ? patterns.capitals : patterns.any_name;
      const found = at(shape, folded.cased, intro.end + 1);
      if (found && !tellsOfAPlace(folded, intro.start, 30)) yield { start: found.index, end: found.index + found[0].length };
    }
    for (const title of spans(words.titles, folded.lower)) {
      const found = at(patterns.titled, folded.cased, title.end);
      const family = at(patterns.word, folded.lower, title.end);
      const end = title.end + (found ?? family ?? [""])[0].length;
      if ((found || (family && names.family.has(family[0]))) && !isPlace(folded, title.start, title.end)) yield { start: title.start, end };
    }
    for (const companion of spans(words.companions, folded.lower)) {
      const found = at(patterns.capitals, folded.cased, companion.end + 1);
      if (!found?.[0].includes(" ") || found[0].toLowerCase().split(" ").some((part) => names.bodies.has(part))) continue;
      const span = { start: found.index, end: found.index + found[0].length };
      if (!isPlace(folded, span.start, span.end)) yield span;
    }
  }

  function* near(text, source, people, words) {
    for (const span of spans(source, text)) {
      const isNear = people.some(({ start, end }) => {
        const between = end <= span.start ? text.slice(end, span.start) : text.slice(span.end, start);
        const touches = start < span.end && span.start < end;
        return !touches && !searched(patterns.break, between) && between.length <= 60 && between.split(" ").filter(Boolean).length <= words;
      });
      if (isNear) yield span;
    }
  }

  function* after(text, source, wanted) {
    for (const word of spans(source, text)) {
      const found = at(wanted, text, word.end);
      const end = found && found.index + found[0].length;
      if (found) yield { start: end - found[1].length, end };
    }
  }

  function* saidOfPeople(folded, words) {
    const { lower } = folded;
    const people = [...spans(words.people, lower)];
    for (const lists of [words.alone, words.as_noun]) for (const [kind, source] of Object.entries(lists)) yield [kind, spans(source, lower)];
    for (const [kind, source] of Object.entries(words.with_person)) yield [kind, near(lower, source, people, known.nearWords)];
    yield ["person_description", near(lower, words.beside_person, people, 0)];
    yield ["person_description", near(lower, patterns.years, people, known.nearWords)];
    yield ["person_description", spans(patterns.age, lower)];
    yield ["person_description", near(lower, words.with_person.person_description, [...spans(words.wearing, lower)], 2)];
    yield ["dehumanising", spans(words.against_people, lower)];
    yield ["dwelling", spans(words.dwelling, lower)];
    yield ["phone", after(lower, words.phone_words, patterns.short_phone)];
    yield ["plate", after(lower, words.plate_words, patterns.plate_after_word)];
    yield ["name", introduced(folded, words)];
  }

  function* letThrough({ lower, accented }, words) {
    yield* spans(words.exceptions, lower);
    for (const span of spans(words.exceptions_without_accent, lower)) {
      if (![...accented].some((place) => span.start <= place && place < span.end)) yield span;
    }
  }

  return function screen(text) {
    const folded = fold(text);
    const kinds = new Set();
    const some = (found) => !found.next().done;
    for (const [kind, source] of [["phone", "phone"], ["email", "email"], ["social_link", "social"], ["health_card", "health_card"]]) {
      if (searched(patterns[source], folded.lower)) kinds.add(kind);
    }
    if (some(plates(folded))) kinds.add("plate");
    if (some(listed(folded))) kinds.add("name");
    const aside = languages.flatMap((words) => [...letThrough(folded, words)]);
    for (const words of languages) {
      for (const [kind, found] of saidOfPeople(folded, words)) {
        for (const { start, end } of found) {
          if (start < end && !aside.some((span) => span.start <= start && end <= span.end)) kinds.add(kind);
        }
      }
    }
    return [...kinds].sort();
  };
}
