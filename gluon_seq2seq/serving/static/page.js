// The page: its controls, what it asks and what it shows.

import * as api from "./api.js";
import { attention, element, legend, number, rove, shown, tree } from "./draw.js";
import { WORDS } from "./words.js";

const EOS = "<eos>";
const at = (id) => document.getElementById(id);
const [form, sentence, model, best, result, trouble, tip] = ["form", "sentence", "model", "best", "result", "trouble", "tip"].map(at);
const ranges = ["beam_size", "alpha"].map(at);
let known = [], limits = {}, words, last = 0;

function lang() {
  return document.documentElement.lang;
}

function languageName() {
  const code = known.find((one) => one.name === model.value)?.source_language ?? "en";
  try {
    return new Intl.DisplayNames([lang()], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

function speak(chosen) {
  document.documentElement.lang = chosen;
  words = WORDS[chosen];
  document.title = `${words.title} · gluon_seq2seq`;
  for (const button of at("languages").children) button.setAttribute("aria-pressed", button.value === chosen);
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = words[one.dataset.say];
  for (const one of document.querySelectorAll("[data-term]")) helping(one, words.help[one.dataset.term]);
  at("translate").textContent = words.translate;
  at("sentence-label").textContent = words.language(languageName());
}

// What a thing means, on hover and when it has the focus.
function helping(node, text) {
  node.dataset.help = text;
  node.setAttribute("aria-description", text);
  node.tabIndex = 0;
  return node;
}

const term = (name) => {
  const node = element("span", { "data-term": name }, words[name]);
  return helping(node, words.help[name]);
};

async function update() {
  const mine = (last += 1), fields = { model: model.value };
  for (const one of ranges) {
    fields[one.id] = Number(one.value);
    document.querySelector(`output[for=${one.id}]`).textContent = one.value;
  }
  speak(lang());
  const text = sentence.value, language = known.find((one) => one.name === model.value);
  if (!text.trim() || (text === words.example && language.source_language !== "en")) return say(words.empty(languageName()));
  result.setAttribute("aria-busy", "true");
  at("translate").textContent = words.busy;
  try {
    const asked = { ...fields, sentences: [text], n_best: fields.beam_size, attention: language.attention };
    const [found, searched] = await Promise.all([api.translate(asked), api.beam({ ...fields, sentence: text }).catch((error) => error)]);
    if (mine !== last) return; // another question was asked since
    const [one] = found.results;
    if (one.error) return say(`${words.too_long(limits)} (${one.error})`);
    if (searched instanceof Error) throw searched;
    show(one, searched.steps);
  } catch (error) {
    if (mine === last) say(words.trouble[error.status] ?? error.message);
  } finally {
    if (mine === last) {
      result.removeAttribute("aria-busy");
      at("translate").textContent = words.translate;
    }
  }
}

function say(line) {
  trouble.textContent = line;
  best.textContent = "";
  result.hidden = true;
}

function show(one, steps) {
  trouble.textContent = "";
  best.textContent = one.n_best[0].text;
  const picture = element("div"), table = element("tbody");
  const choose = (rank) => {
    [...table.rows].forEach((row, i) => row.classList.toggle("chosen", i === rank));
    [...table.querySelectorAll("button")].forEach((button, i) => button.setAttribute("aria-pressed", i === rank));
    const { attention: weights, tokens } = one.n_best[rank];
    picture.replaceChildren(
      weights ? element("div", { class: "scroll" }, attention(weights, one.source_tokens, [...tokens, EOS], words)) : element("p", {}, words.blind),
    );
  };
  one.n_best.forEach((found, rank) => table.append(row(found, rank, choose)));
  const head = element("tr", {}, ...["rank", "text"].map((name) => element("th", { scope: "col" }, words[name])), ...["log_p", "p", "score"].map((name) => element("th", { scope: "col" }, term(name))));
  result.replaceChildren(
    source(one),
    ...warning(one.unknown),
    element("h2", {}, words.list),
    element("div", { class: "scroll" }, element("table", {}, element("thead", {}, head), table)),
    element("h2", {}, words.attention),
    picture,
    element("h2", {}, words.search),
    element("div", { class: "scroll" }, tree(steps, words)),
    legend(words),
  );
  choose(0);
  result.hidden = false;
}

function row(found, rank, choose) {
  const figures = [number(found.log_p, 2), found.p < 0.001 ? found.p.toExponential(0).replace("-", "−") : number(found.p, 3), number(found.score, 2)];
  let first = String(rank + 1);
  if (found.attention) {
    first = element("button", { type: "button", "aria-label": words.show(rank + 1, found.text) }, first);
    first.addEventListener("click", () => choose(rank));
  }
  return element("tr", {}, ...[first, found.text, ...figures].map((text) => element("td", {}, text)));
}

// The source as the model reads it, unknown words marked.
function source(one) {
  const unknown = new Map(one.unknown.flatMap((word) => word.positions.map((place) => [place, word])));
  const line = element("p", { class: "source" });
  one.source_tokens.forEach((token, i) => {
    const strange = unknown.get(i);
    const help = strange ? words.unknown_word(strange.word, strange.near) : words.special[token] ?? words.word(token, i + 1, one.source_tokens.length);
    line.append(helping(element(strange ? "mark" : "span", {}, shown(token, 40)), help), " ");
  });
  rove([...line.children], (i, key) => ({ ArrowRight: i + 1, ArrowLeft: i - 1 })[key]);
  return line;
}

function warning(unknown) {
  if (!unknown.length) return [];
  const named = [...new Set(unknown.map((one) => words.near(one.word, one.near)))];
  return [element("p", { class: "warning", role: "alert" }, `⚠ ${words.unknown}`, element("b", {}, named.join(words.and)), words.warning)];
}

function hint(event) {
  const about = event.target.closest?.("[data-help]");
  tip.hidden = !about;
  if (!about) return;
  tip.textContent = about.dataset.help;
  const box = about.getBoundingClientRect(), own = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - own.width - 4))}px`;
  tip.style.top = `${box.bottom + own.height + 8 < innerHeight ? box.bottom + 6 : Math.max(4, box.top - own.height - 6)}px`;
}

const hide = () => { tip.hidden = true; };
document.addEventListener("mouseover", hint);
document.addEventListener("focusin", hint);
document.addEventListener("focusout", hide);
document.addEventListener("scroll", hide, true);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  update();
});
for (const one of [model, ...ranges]) one.addEventListener("change", update);
for (const one of ranges) one.addEventListener("input", () => { document.querySelector(`output[for=${one.id}]`).textContent = one.value; });
for (const button of at("languages").children) {
  button.addEventListener("click", () => {
    localStorage.setItem("lang", button.value);
    speak(button.value);
    update();
  });
}

speak(WORDS[localStorage.getItem("lang")] ? localStorage.getItem("lang") : lang());
at("translate").textContent = words.loading;
try {
  ({ models: known, limits } = await api.models());
  model.append(...known.map((one) => element("option", {}, one.name)));
  model.parentElement.hidden = known.length < 2;
  sentence.maxLength = limits.characters;
  update();
} catch (error) {
  say(words.trouble[error.status] ?? error.message);
  at("translate").textContent = words.translate;
}
