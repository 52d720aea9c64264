// What the modules of an exported page compute: node in_node.mjs FOLDER < LINES OF JSON
// A line [name, ...arguments] is answered by a line, or an object {sentence, beam_size, alpha} by
// what the page is told of it, for which onnxruntime-web is loaded.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const at = (path) => new URL(path, `${pathToFileURL(process.argv[2]).href}/`);
const json = async (path) => JSON.parse(await readFile(at(path), "utf-8"));
const [{ compiled }, unknown, { Vocabulary }, { beam }, { Translator }] = await Promise.all(
  ["text", "unknown", "vocabulary", "search", "translator"].map((name) => import(at(`static/${name}.js`).href)),
);
const { rules: { shared, ...own } } = await json("model/model.json");
const rules = compiled(shared), vocabs = {};
for (const side of ["src", "tgt"]) vocabs[side] = new Vocabulary((await json(`model/${side}_vocab.json`)).tokens, own[side], rules);
const { src, tgt } = vocabs;
const minus = (x) => x ?? -Infinity; // which JSON has not

const ways = {
  cut: (side, text) => {
    const { tokenizer } = vocabs[side], normal = tokenizer.normalize(text), tokens = tokenizer.cut(normal);
    return [normal, tokens, tokenizer.detokenize(tokens)];
  },
  detokenize: (side, tokens) => vocabs[side].tokenizer.detokenize(tokens),
  find: (source, text) => text.match(rules.pattern(source, "g")) ?? [],
  read: (text) => unknown.read(src, text),
  unknown: (tokens, most) => unknown.unknownWords(src, tokens, most),
  copied: (tokens, alpha, source) => unknown.copied(tokens, alpha, source, src, tgt.tokenizer),
  beam: (table, settings) => {
    const V = table[0].length; // log P of each word after each, [V + 1][V]: the last after <bos>
    const step = async (y) => ({ log_p: Float64Array.from(y.flatMap((word) => table[word].map(minus))), state: null });
    return beam(step, { bos: V, ...settings });
  },
};

let translator;
async function translate({ sentence, ...search }) {
  if (!translator) {
    const files = {};
    for (const name of ["model.json", "src_vocab.json", "tgt_vocab.json"]) files[name] = await json(`model/${name}`);
    for (const name of ["source.onnx", "step.onnx"]) files[name] = await readFile(at(`model/${name}`));
    const ort = await import(at("onnxruntime/ort.js").href);
    translator = await Translator.load(ort, await readFile(at("onnxruntime/ort-wasm-simd-threaded.wasm")), files);
  }
  return translator.translate(sentence, search).catch((error) => ({ error: error.message }));
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(Array.isArray(asked) ? await ways[asked[0]](...asked.slice(1)) : await translate(asked)));
}
