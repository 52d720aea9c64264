// Words that a model does not know, as translation/unknown.py reads and copies them.

import { UNK } from "./vocabulary.js";

const LETTERS = "abcdefghij";
const SHORT = 30; // letters of a word that gets the nearest known one

// The tokens of `sentence` for a model with the source vocabulary `vocab`.
export function read(vocab, sentence) {
  const { tokenizer, rules } = vocab;
  const whole = sentence.match(rules.whole) ?? [];
  const standIns = new Map();
  for (let i = 0; standIns.size < whole.length; i += 1) {
    const word = rules.stand_in + [...String(i)].map((digit) => LETTERS[digit]).join("");
    if (!sentence.toLowerCase().includes(word)) standIns.set(word, whole[standIns.size]);
  }
  let names = standIns;
  const numbers = names.keys();
  let tokens = tokenizer.tokenize(sentence.replace(rules.whole, () => numbers.next().value));
  let words = tokenizer.words(tokens);
  if (words.map(([word]) => word).filter((word) => names.has(word)).join(" ") !== [...names.keys()].join(" ")) {
    names = new Map(); // something clings to one
    tokens = tokenizer.tokenize(sentence);
    words = tokenizer.words(tokens);
  }
  const upper = words.filter(([word]) => rules.isUpper(word)).length;
  const loud = upper > 1 && words.every(([word]) => names.has(word) || word.toUpperCase() === word);
  const found = [];
  let last = 0, begins = true;
  for (const [word, at] of words) {
    found.push(...tokens.slice(last, at)); // a marker
    last = at + 1;
    if (names.has(word)) found.push(names.get(word));
    else found.push(...((!vocab.has(word) && inAKnownCase(vocab, word, begins, loud)) || [word]));
    begins = rules.ends.has(word) || (begins && ![...word].every((c) => isAlphanumeric(rules, c)));
  }
  return [...found, ...tokens.slice(last)];
}

function isAlphanumeric(rules, c) {
  return c !== "_" && rules.letter.test(c);
}

function inAKnownCase(vocab, word, begins, loud) {
  const { tokenizer, rules } = vocab, length = [...word].length;
  let forms = [];
  if (rules.isLower(word)) forms = [rules.capitalized(word), word.toUpperCase()];
  else if (rules.isUpper(word) && length > 1) {
    if (loud || length > rules.longest_acronym) forms = [word.toLowerCase(), rules.capitalized(word)];
  } else if (begins && rules.isLower([...word].slice(1).join(""))) forms = [word.toLowerCase()];
  for (const form of forms) {
    const pieces = tokenizer.cut(form);
    if (pieces.every((piece) => vocab.has(piece))) return pieces;
  }
  return undefined;
}

// A translation `tokens` (T') with words of its source in it that `vocab` does not know. `alpha`
// (T' + 1, T): the attention that it was written with; `tokenizer`: that of the translation.
export function copied(tokens, alpha, source, vocab, tokenizer) {
  const { rules } = vocab;
  const words = vocab.tokenizer.words(source), targets = tokenizer.words(tokens);
  const columns = [...words.map(([, at]) => at), source.length]; // the last is that of <eos>
  const attention = targets.map(([, at]) => columns.map((column) => alpha[at][column]));
  const best = attention.map((row) => row.indexOf(Math.max(...row)));
  const said = ([word]) => [...word].some((c) => isAlphanumeric(rules, c));
  const places = (all, wanted) => all.map((one, i) => (wanted(one) ? i : -1)).filter((i) => i >= 0);
  const unknown = places(words, ([word]) => !vocab.has(word));
  const holes = places(targets, ([word]) => word === UNK);
  const guesses = places(targets, said).filter((j) => !holes.includes(j));
  const links = holes.flatMap((j) => unknown.filter((i) => attention[j][i]).map((i) => [j, i]));
  const instead = guesses.map((j) => [j, best[j]]).filter(([, i]) => unknown.includes(i) && said(words[i]));
  const chosen = new Map(); // target word -> source word
  for (const some of [links, instead]) {
    for (const [j, i] of some.sort((a, b) => attention[b[0]][b[1]] - attention[a[0]][a[1]])) {
      if (!chosen.has(j) && ![...chosen.values()].includes(i)) chosen.set(j, i);
    }
  }
  for (const j of holes) if (!chosen.has(j)) chosen.set(j, best[j]);
  const written = new Map([...chosen].map(([j, i]) => [targets[j][1], words[i]?.[0]]));
  const found = [], rows = [];
  alpha.forEach((row, k) => {
    if (written.has(k) && written.get(k) === undefined) return; // of <eos>: left out
    if (k < tokens.length) found.push(written.get(k) ?? tokens[k]);
    rows.push(row);
  });
  return { tokens: found, alpha: rows };
}

// What the source `tokens` have that `vocab` lacks, the first `most` with the known word near it.
export function unknownWords(vocab, tokens, most) {
  return vocab.tokenizer.words(tokens).filter(([word]) => !vocab.has(word)).map(([word, at], i) => ({
    word, positions: [at],
    near: i < most && [...word].length < SHORT ? nearest(word, vocab.tokens) : null,
  }));
}

// difflib.get_close_matches(word, known, 1, 0.75): of the largest ratio, then the last by its code.
function nearest(word, known) {
  const b = [...word], counts = counted(b);
  let best = null, most = 0.75;
  for (const other of known) {
    const a = [...other], both = a.length + b.length;
    if ((2 * Math.min(a.length, b.length)) / both < most) continue;
    if ((2 * common(a, counts)) / both < most) continue;
    const ratio = (2 * matching(a, b, 0, a.length, 0, b.length)) / both;
    if (ratio > most || (ratio === most && (best === null || byCode(other, best) > 0))) [best, most] = [other, ratio];
  }
  return best;
}

function counted(letters) {
  const counts = new Map();
  for (const c of letters) counts.set(c, (counts.get(c) ?? 0) + 1);
  return counts;
}

function common(letters, counts) {
  const left = new Map(counts);
  return letters.filter((c) => left.get(c) > 0 && left.set(c, left.get(c) - 1)).length;
}

function byCode(a, b) {
  const [x, y] = [a, b].map((word) => Array.from(word, (c) => c.codePointAt(0)));
  const i = x.findIndex((code, place) => code !== y[place]);
  return i < 0 ? x.length - y.length : i >= y.length ? 1 : x[i] - y[i];
}

// The letters of the longest common block, the earliest of them, and of those left and right of it.
function matching(a, b, aLow, aHigh, bLow, bHigh) {
  let [i, j, size] = [aLow, bLow, 0], lengths = new Map();
  for (let x = aLow; x < aHigh; x += 1) {
    const here = new Map();
    for (let y = bLow; y < bHigh; y += 1) {
      if (a[x] !== b[y]) continue;
      const length = (lengths.get(y - 1) ?? 0) + 1;
      here.set(y, length);
      if (length > size) [i, j, size] = [x - length + 1, y - length + 1, length];
    }
    lengths = here;
  }
  if (!size) return 0;
  return size + matching(a, b, aLow, i, bLow, j) + matching(a, b, i + size, aHigh, j + size, bHigh);
}

