// The search of the reading room, loaded when it is first opened: an index of all words of the notes, made in a fraction
// of a second for a few megabytes. It finds whole words, beginnings, plurals, and what small slips meant.
"use strict";

Object.assign(readingRoom, (() => {
  const { make, say, spoken } = readingRoom, input = document.querySelector("#query"), [status, results] = document.querySelectorAll(".status, .results");
  const passages = [], places = new Map(); // word → places: the number of a passage and its field in the last two bits
  const FIELDS = ["textFolded", "headingFolded", "noteFolded", "videoFolded"];
  const WORTH = [[3, 3], [8, 8], [10, 2], [4, 1]]; // of a word in a field of a note's first passage, and of the others
  const fold = (text) => text.replace(/[\u00c0-\u024f\u0370-\u04ff\u1e00-\u1fff]/g, (char) => char.normalize("NFD")[0]).replace(/[‘’]/g, "'").replace(/[“”„«»]/g, '"').replace(/[–—]/g, "-").toLowerCase();
  const wordsOf = (text) => text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

  /** Takes the passages of the book: rows of page, its title and its notes (place, title, passages). */
  function search(rows) {
    for (const [page, video, notes] of rows) {
      const videoFolded = fold(video);
      for (const [mark, note, own] of notes) {
        const noteFolded = fold(note);
        const inside = own.length ? own : [[mark, "", -1, ""]];
        inside.forEach(([place, heading, second, text], number) => index({
          page, video, videoFolded, note, noteFolded, place, heading, second, text,
          headingFolded: fold(heading), textFolded: fold(text), first: number === 0,
        }));
      }
    }
    showResults();
  }

  function index(passage) {
    const number = passages.push(passage) - 1;
    FIELDS.forEach((field, bits) => {
      for (const word of new Set(wordsOf(passage[field]))) {
        const known = places.get(word);
        if (known) known.push(number * 4 + bits); else places.set(word, [number * 4 + bits]);
      }
    });
  }

  const ENDINGS = [["s", ""], ["es", ""], ["ies", "y"], ["ices", "ix"], ["ices", "ex"], ["es", "is"], ["ves", "f"], ["ves", "fe"],
    ["men", "man"], ["ren", ""], ["i", "us"], ["a", "um"], ["a", "on"], ["eet", "oot"], ["eeth", "ooth"], ["ice", "ouse"], ["aux", "al"],
    ...(/^(und|en)/.test(document.documentElement.lang) ? [] : [["en", ""], ["e", ""], ["n", ""], ["er", ""], ["i", "o"], ["e", "a"]])];

  /** Plurals of a word, and words that it is the plural of, if the book has them. */
  function forms(word) {
    const found = ENDINGS.flatMap(([many, one]) => [[many, one], [one, many]])
      .filter(([from]) => word.endsWith(from) && word.length - from.length > 2).map(([from, to]) => word.slice(0, word.length - from.length) + to);
    return [...new Set(found)].filter((form) => places.has(form) && form !== word);
  }

  /** Whether one letter more, less, other or swapped makes one of the other. */
  function isSlip(word, other) {
    let at = 0;
    while (at < word.length && word[at] === other[at]) at++;
    const same = (one, two) => word.slice(at + one) === other.slice(at + two);
    return same(1, 1) || same(1, 0) || same(0, 1) || (word[at] === other[at + 1] && word[at + 1] === other[at] && same(2, 2));
  }

  /** Words that may be meant by one that the book does not have, or their beginnings. */
  function slipsOf(word) {
    if (word.length < 4) return [];
    const known = [...places.keys()], whole = known.filter((other) => Math.abs(other.length - word.length) < 2 && isSlip(word, other));
    if (whole.length || word.length < 5) return whole;
    return known.filter((other) => other[0] === word[0] && [-1, 0, 1].some((more) => isSlip(word, other.slice(0, word.length + more))));
  }

  /** What the book has for a word: [word, share of its worth], surest first, and the words to mark. */
  function meant(word) {
    const begun = [], inside = [], isLong = word.length > 1 || word > "\x7f";
    for (const known of places.keys()) {
      if (known.startsWith(word)) begun.push([known, known === word ? 1 : 0.9]);
      else if (isLong && known.includes(word)) inside.push([known, 0.3]);
    }
    const formed = forms(word), slips = begun.length || formed.length ? [] : slipsOf(word);
    const variants = [...begun.sort((a, b) => b[1] - a[1]), ...formed.map((form) => [form, 0.8]), ...slips.map((slip) => [slip, 0.5]), ...inside];
    return { variants, slips: inside.length ? [] : slips, marks: [word, ...formed, ...slips] };
  }

  /** What a word is worth in each passage, and the fields that have it. */
  function weigh({ variants }) {
    const worth = new Float32Array(passages.length), seen = new Uint8Array(passages.length);
    for (const [word, share] of variants) {
      for (const place of places.get(word)) {
        const number = place >> 2, field = place & 3;
        if (seen[number] & (1 << field) || (field === 3 && seen[number] & 4)) continue;
        seen[number] |= 1 << field;
        worth[number] += WORTH[field][passages[number].first ? 0 : 1] * share;
      }
    }
    return { worth, seen };
  }

  /** The places that have all the words, best first; the words to mark in them; words that were taken for slips of others. */
  function lookUp(query) {
    const folded = fold(query), words = [...new Set(wordsOf(folded))].map(meant), whole = folded.trim().split(/\s+/).join(" ");
    // Such as "c++" or "0:32": the signs must be there, too.
    const signs = folded.split(/\s+/).map((one) => one.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}+#%]+$/gu, "")).filter((one) => one && wordsOf(one)[0] !== one);
    const weighed = words.map(weigh);
    const found = [];
    passages.forEach((passage, number) => {
      const isOwn = passage.first || weighed.some(({ seen }) => seen[number] & 3) || !weighed.length;
      if (!isOwn || !weighed.every(({ worth }) => worth[number])) return;
      if (!signs.every((sign) => FIELDS.some((field) => passage[field].includes(sign)))) return;
      let worth = weighed.reduce((sum, one) => sum + one.worth[number], 0);
      if (words.length > 1 && passage.textFolded.includes(whole)) worth += 6;
      if (passage.headingFolded.includes(whole)) worth += 8;
      found.push({ passage, worth });
    });
    const asked = words.length || signs.length;
    const marks = [...signs, ...words.flatMap((one) => one.marks.filter((mark) => !signs.some((sign) => sign.includes(mark))))];
    return { found: asked ? few(found.sort((a, b) => b.worth - a.worth)) : [], marks, slips: words.flatMap(({ slips }) => slips) };
  }

  const noteOf = ({ passage }) => `${passage.page} ${passage.note}`;
  const MOST_OF_A_NOTE = 3;

  /** The same places, but those of a note after its best few come last. */
  function few(found) {
    const seen = new Map(), isBest = found.map((one) => seen.set(noteOf(one), (seen.get(noteOf(one)) ?? 0) + 1).get(noteOf(one)) <= MOST_OF_A_NOTE);
    return [...found.filter((_, at) => isBest[at]), ...found.filter((_, at) => !isBest[at])];
  }

  const STEP = 40;

  function showResults() {
    const query = input.value.trim(), { found, marks, slips } = lookUp(query);
    results.replaceChildren();
    showMore(found, marks);
    results.scrollTop = 0;
    if (!query) status.textContent = say("Type a word or more.");
    else status.textContent = counted(found) + (found.length && slips.length ? `, ${say("for {}", slips.slice(0, 3).join(", "))}` : "");
  }

  /** Adds the next results, and a button for more if there are more. */
  function showMore(found, marks) {
    const shown = results.children.length;
    results.append(...found.slice(shown, shown + STEP).map(({ passage }) => resultOf(passage, marks)));
    const left = found.length - shown - STEP;
    if (left <= 0) return;
    const more = make("button", { className: "quiet", type: "button", textContent: say("{} more", left.toLocaleString("en")) });
    const item = make("li", { className: "more" }, more);
    more.addEventListener("click", () => { item.remove(); showMore(found, marks); results.children[shown + STEP].firstChild.focus(); });
    results.append(item);
  }

  function counted(found) {
    const notes = new Set(found.map(noteOf)).size;
    const many = (number, unit) => `${number.toLocaleString("en")} ${unit}${number === 1 ? "" : "s"}`;
    if (found.length && spoken.Places) return `${spoken.Places}: ${found.length} · ${spoken.Notes}: ${notes}`;
    return found.length ? `${many(found.length, "place")} in ${many(notes, "note")}` : say("Nothing found.");
  }

  function resultOf(passage, words) {
    const link = make("a", { href: `${passage.page}#${passage.place}` }, make("b", {}, ...marked(passage.heading || passage.note, words)));
    const where = [passage.heading ? passage.note : "", passage.video].filter((title, number, titles) => title && titles.indexOf(title) === number && title !== passage.heading);
    if (where.length && !(where.length === 1 && where[0] === passage.note && !passage.heading)) link.append(make("small", {}, ...marked(where.join(" · "), words)));
    if (passage.text) link.append(make("span", {}, ...marked(excerpt(passage, words), words)));
    return make("li", {}, link);
  }

  /** The words around the first match, none of them cut, unless the language has no blanks. */
  function excerpt({ text, textFolded }, words) {
    const starts = words.map((word) => ` ${textFolded}`.indexOf(` ${word}`)).filter((place) => place >= 0);
    const within = words.map((word) => textFolded.indexOf(word)).filter((place) => place >= 0);
    const at = Math.min(...(starts.length ? starts : within.length ? within : [0]));
    const blank = text.indexOf(" ", at - 60);
    const from = at < 60 ? 0 : blank >= 0 && blank < at ? blank + 1 : at;
    const end = text.lastIndexOf(" ", from + 190);
    const to = from + 190 >= text.length ? text.length : end > at + 20 ? end : from + 190;
    const cut = text.slice(from, to).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
    return `${from ? "… " : ""}${to < text.length ? `${cut.replace(/[\s,;:–—-]+$/, "")}\u00a0…` : cut}`;
  }

  /** The text with the words in `mark` elements. */
  function marked(text, words) {
    const folded = fold(text), pieces = [];
    let done = 0;
    while (folded.length === text.length) {
      const next = words.map((word) => ({ word, at: word ? folded.indexOf(word, done) : -1 })).filter((one) => one.at >= 0)
        .sort((a, b) => a.at - b.at || b.word.length - a.word.length)[0];
      if (!next) break;
      pieces.push(text.slice(done, next.at), make("mark", { textContent: text.slice(next.at, next.at + next.word.length) }));
      done = next.at + next.word.length;
    }
    return [...pieces, text.slice(done)];
  }

  input.addEventListener("input", showResults);
  return { search, lookUp };
})());
