// Sentence <-> tokens, as text/tokenizer.py does it, by the rules that stand in model.json.

// `rules` for all languages, with everything that is a pattern compiled.
export function compiled(rules) {
  const pattern = (source, flags) => new RegExp(source.replace(/@(\w)/g, (_, name) => rules.classes[name]), `u${flags}`);
  const of = (ranges) => new RegExp(`[${ranges}]`, "u");
  const [lower, upper, title] = ["lower", "upper", "title"].map((name) => of(rules.cases[name]));
  const cased = (word, one, others) => {
    const letters = [...word];
    return letters.some((c) => one.test(c)) && !letters.some((c) => others.some((other) => other.test(c)));
  };
  return {
    ...rules,
    pattern,
    whole: pattern(rules.whole, "g"),
    ends: new Set(rules.ends),
    spaces: pattern("[@s]+", ""),
    letter: pattern("[@w]", ""),
    isLower: (word) => cased(word, lower, [upper, title]),
    isUpper: (word) => cased(word, upper, [lower, title]),
    capitalized: (word) => {
      const [first] = word;
      return (rules.titles[first] ?? first.toUpperCase()) + word.toLowerCase().slice(first.toLowerCase().length);
    },
  };
}

export class Tokenizer {
  constructor(own, rules) {
    const { pattern } = rules;
    this.rules = rules;
    this.lowercase = own.lowercase;
    this.invisible = pattern(own.invisible, "g");
    this.plain = new Map(Object.entries(own.plain));
    this.composed = own.composed && [pattern(own.composed[0], "g"), own.composed[1]];
    this.tokens = pattern(own.tokens, "g");
    this.clings = own.clings.map((source) => pattern(source, "y"));
    this.quotes = new Set(own.quotes);
    this.markers = new Set([rules.join, rules.space]);
  }

  normalize(sentence) {
    let text = Array.from(sentence.replace(this.invisible, ""), (c) => this.plain.get(c) ?? c).join("").normalize("NFC");
    if (this.lowercase) text = text.toLowerCase().normalize("NFC");
    if (this.composed) text = text.replace(...this.composed);
    return text.split(this.rules.spaces).filter(Boolean).join(" ");
  }

  tokenize(sentence) {
    return this.cut(this.normalize(sentence));
  }

  cut(sentence) {
    const { join, space } = this.rules, tokens = [];
    let quoted = false, before;
    for (const word of sentence.split(" ")) {
      let spaced = true;
      for (const token of word.match(this.tokens) ?? []) {
        const piece = this.piece(token);
        if (before && spaced !== between(before, piece, quoted)) tokens.push(spaced ? space : join);
        tokens.push(token);
        [before, spaced, quoted] = [piece, false, quoted !== piece.quote];
      }
    }
    return tokens;
  }

  detokenize(tokens) {
    let sentence = "", quoted = false, before, marker;
    for (const token of tokens) {
      if (this.markers.has(token)) {
        marker = token;
        continue;
      }
      const piece = this.piece(token);
      if (before && (marker ? marker === this.rules.space : between(before, piece, quoted))) sentence += " ";
      sentence += token;
      [before, marker, quoted] = [piece, undefined, quoted !== piece.quote];
    }
    return sentence;
  }

  // [word, its place] of each token that is no marker.
  words(tokens) {
    return tokens.map((token, i) => [token, i]).filter(([token]) => !this.markers.has(token));
  }

  // Whether a token clings to the one before it, to the one after it, whether it is a quote.
  piece(token) {
    const [previous, next] = this.clings.map((pattern) => {
      pattern.lastIndex = 0;
      return pattern.test(token);
    });
    return { previous, next, quote: this.quotes.has(token) };
  }
}

// Whether a space goes between two pieces when no marker says otherwise.
function between(before, piece, quoted) {
  if (quoted && (piece.quote || before.quote)) return false;
  return !(piece.previous || before.next);
}
