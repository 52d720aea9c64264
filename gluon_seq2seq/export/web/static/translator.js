// Text in, translations out: the graphs of an export, run by onnxruntime-web.

import { beam } from "./search.js";
import { compiled } from "./text.js";
import { copied, read, unknownWords } from "./unknown.js";
import { BOS, EOS, PAD, UNK, Vocabulary } from "./vocabulary.js";

export class TooLong extends Error {}

export class Translator {
  // `ort`: onnxruntime-web, and `wasm`, the bytes of it; `files`: model.json, src_vocab.json and
  // tgt_vocab.json read, and the bytes of source.onnx and step.onnx.
  static async load(ort, wasm, files) {
    const mjs = new URL("../onnxruntime/ort-wasm-simd-threaded.js", import.meta.url).href;
    ort.env.logLevel = "error"; // it warns of processors that it does not know
    // More threads would need headers of the server (COOP, COEP).
    Object.assign(ort.env.wasm, { wasmBinary: wasm, wasmPaths: { mjs }, numThreads: 1 });
    const sessions = [];
    for (const name of ["source.onnx", "step.onnx"]) {
      sessions.push(await ort.InferenceSession.create(files[name], { executionProviders: ["wasm"] }));
    }
    return new Translator(ort, files, sessions);
  }

  constructor(ort, files, [source, step]) {
    const about = files["model.json"], rules = compiled(about.rules.shared);
    [this.ort, this.about, this.source, this.step] = [ort, about, source, step];
    [this.src, this.tgt] = ["src", "tgt"].map((side) => new Vocabulary(files[`${side}_vocab.json`].tokens, about.rules[side], rules));
    this.queue = Promise.resolve(); // a session runs one thing at a time
  }

  // `source_tokens`, `unknown`, `n_best` and `steps`, as the JSON API has them. Throws TooLong.
  translate(sentence, { beam_size: beamSize, alpha }) {
    const found = this.queue.then(() => this.found(sentence, beamSize, alpha));
    this.queue = found.catch(() => {});
    return found;
  }

  async found(sentence, beamSize, alpha) {
    const tokens = this.read(sentence), near = this.about.near;
    const told = { source_tokens: [...tokens, EOS], unknown: unknownWords(this.src, tokens, near) };
    if (!tokens.length) return { ...told, n_best: [{ text: "", tokens: [], log_p: 0, p: 1, score: 0 }], steps: [] };
    const x = this.src.encode(tokens), ahead = await this.reading(x), word = (id) => this.tgt.tokens[id];
    const { best, steps } = await this.search(x, ahead, beamSize, alpha);
    const n_best = [];
    for (const one of best) n_best.push(await this.translation(one, tokens, ahead));
    return { ...told, n_best, steps: steps.map((step) => step.map((one) => ({ ...one, token: word(one.token) }))) };
  }

  read(sentence) {
    const { limits, model: { attention } } = this.about, length = [...sentence].length;
    if (length > limits.characters) throw new TooLong(`${length} characters, at most ${limits.characters}`);
    const tokens = attention ? read(this.src, sentence) : this.src.tokenizer.tokenize(sentence);
    if (tokens.length >= limits.tokens) throw new TooLong(`${tokens.length + 1} tokens, at most ${limits.tokens}`);
    return tokens;
  }

  // The source graph reads the ids `x`: a function of the step graph, which goes on with the words
  // `y` from the `rows` of a state, at first undefined.
  async reading(x) {
    const { ort } = this, int32 = (numbers, dims) => new ort.Tensor("int32", Int32Array.from(numbers), dims);
    const { state: first, ...read } = await this.source.run({ X: int32(x, [1, x.length]), valid_length: int32([x.length], [1]) });
    const repeated = new Map(); // what every step reads, by the number of hypotheses
    return (y, rows, state = first) => {
      const M = y.length;
      if (!repeated.has(M)) {
        const all = Object.entries(read).map(([name, array]) => [name, taken(ort, array, 0, Array(M).fill(0))]);
        repeated.set(M, Object.fromEntries(all));
      }
      return this.step.run({ y_prev: int32(y, [M]), state: taken(ort, state, 1, rows), ...repeated.get(M) });
    };
  }

  search(x, ahead, beamSize, alpha) {
    const id = (token) => this.tgt.ids.get(token), forbidden = [PAD, BOS].map(id);
    if (!this.about.model.attention || !x.includes(this.src.ids.get(UNK))) forbidden.push(id(UNK));
    let state;
    const step = async (y, rows) => {
      const found = await ahead(y, rows, state), log_p = found.log_p.data, V = log_p.length / y.length;
      state = found.next_state;
      for (let row = 0; row < y.length; row += 1) for (const word of forbidden) log_p[row * V + word] = -Infinity;
      return { log_p, state, alpha: rowsOf(found.alpha) };
    };
    return beam(step, { bos: id(BOS), eos: id(EOS), cap: 2 * x.length + 10, beamSize, alpha });
  }

  async translation(one, source, ahead) {
    const { src, tgt } = this, { attention } = this.about.model, eos = tgt.ids.get(EOS);
    let tokens = one.ids.filter((id) => id !== eos).map((id) => tgt.tokens[id]), alpha = one.alphas;
    if (attention && one.ids.at(-1) !== eos) { // where it would end
      alpha = [...alpha, rowsOf((await ahead(one.ids.slice(-1), [one.row], one.state)).alpha)(0)];
    }
    if (attention && (tokens.includes(UNK) || source.some((token) => !src.has(token)))) {
      ({ tokens, alpha } = copied(tokens, alpha, source, src, tgt.tokenizer));
    }
    const found = { text: tgt.tokenizer.detokenize(tokens), tokens, log_p: one.logP, p: Math.exp(one.logP), score: one.score };
    return attention ? { ...found, attention: alpha.map((row) => Array.from(row)) } : found;
  }
}

// The rows of `alpha` (M, T), a function of their number; undefined without attention.
function rowsOf(alpha) {
  if (!alpha) return undefined;
  const T = alpha.dims[1];
  return (row) => alpha.data.slice(row * T, (row + 1) * T);
}

// The `rows` of `array` along `axis`.
function taken(ort, array, axis, rows) {
  const size = (dims) => dims.reduce((all, one) => all * one, 1);
  const outer = size(array.dims.slice(0, axis)), M = array.dims[axis], inner = size(array.dims.slice(axis + 1));
  const data = new Float32Array(outer * rows.length * inner);
  for (let i = 0; i < outer; i += 1) {
    rows.forEach((row, j) => data.set(array.data.subarray((i * M + row) * inner, (i * M + row + 1) * inner), (i * rows.length + j) * inner));
  }
  return new ort.Tensor("float32", data, [...array.dims.slice(0, axis), rows.length, ...array.dims.slice(axis + 1)]);
}
