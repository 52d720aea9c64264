// Tokens <-> ids, as text/vocabulary.py.

import { Tokenizer } from "./text.js";

export const SPECIALS = ["<pad>", "<bos>", "<eos>", "<unk>"]; // ids 0, 1, 2, 3
export const [PAD, BOS, EOS, UNK] = SPECIALS;

export class Vocabulary {
  constructor(tokens, own, rules) {
    this.tokens = tokens;
    this.ids = new Map(tokens.map((token, i) => [token, i]));
    this.rules = rules;
    this.tokenizer = new Tokenizer(own, rules);
  }

  has(token) {
    return this.ids.has(token);
  }

  encode(tokens) {
    return [...tokens, EOS].map((token) => this.ids.get(token) ?? this.ids.get(UNK));
  }
}
