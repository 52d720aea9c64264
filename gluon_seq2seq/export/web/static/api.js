// How the page asks: the model is here, in the page itself.

import * as ort from "../onnxruntime/ort.js";
import { TooLong, Translator } from "./translator.js";

const FILES = ["model.json", "src_vocab.json", "tgt_vocab.json", "source.onnx", "step.onnx"];
let translator, last = {};

export class Trouble extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function models() {
  if (isSecureContext) navigator.serviceWorker?.register("sw.js").catch(() => {}); // the page does without it
  try {
    const read = FILES.map(async (name) => [name, await file(`model/${name}`, name.endsWith(".json"))]);
    const [wasm, ...files] = await Promise.all([file("onnxruntime/ort-wasm-simd-threaded.wasm"), ...read]);
    translator = await Translator.load(ort, wasm, Object.fromEntries(files));
  } catch (error) {
    throw new Trouble("load", String(error.message));
  }
  return { models: [translator.about.model], limits: translator.about.limits };
}

async function file(path, json = false) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return json ? response.json() : response.arrayBuffer();
}

export async function translate({ sentences: [sentence], ...fields }) {
  try {
    return { results: [await searched(sentence, fields)] };
  } catch (error) {
    if (error instanceof TooLong) return { results: [{ error: error.message }] };
    throw error;
  }
}

export async function beam({ sentence, ...fields }) {
  return { steps: (await searched(sentence, fields)).steps };
}

// The page asks for the list and for the tree: one search gives both.
function searched(sentence, { beam_size, alpha }) {
  const key = JSON.stringify([sentence, beam_size, alpha]);
  if (last.key !== key) last = { key, found: translator.translate(sentence, { beam_size, alpha }) };
  return last.found;
}
