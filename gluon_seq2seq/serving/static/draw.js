// The two pictures, as SVG: attention with its values, and the tree of hypotheses.
// Text goes into the document as text alone, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const pen = document.createElement("canvas").getContext("2d");

export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export const number = (value, digits) => value.toFixed(digits).replace("-", "−");

// A token as one visible line, a long end cut.
export function shown(token, longest = 18) {
  const text = Array.from(token.trim() ? token : "␣");
  return text.length <= longest ? text.join("") : text.slice(0, longest - 1).join("") + "…";
}

function width(text, size = 13) {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

const label = (text, x, y, kind = "") => shape("text", { x, y, class: kind }, text);

// Keys: one of `cells` can be reached with Tab, the others with arrows. `step(i, key)` is the next.
export function rove(cells, step) {
  cells.forEach((cell, i) => {
    cell.setAttribute("tabindex", i ? -1 : 0);
    cell.addEventListener("keydown", (event) => {
      const next = { Home: 0, End: cells.length - 1 }[event.key] ?? step(i, event.key);
      if (next === undefined || !cells[next]) return;
      event.preventDefault();
      cell.setAttribute("tabindex", -1);
      cells[next].setAttribute("tabindex", 0);
      cells[next].focus();
    });
  });
}

// `weights` (T', T): a row for each of `targets`, a column for each of `sources`.
export function attention(weights, sources, targets, words) {
  const left = Math.max(...targets.map((one) => width(shown(one)))) + 12, top = 26, height = 30;
  const wide = Math.max(46, ...sources.map((one) => width(shown(one)) + 14));
  const cells = [];
  const picture = canvas(left + wide * sources.length + 2, top + height * targets.length + 2, words.attention, words.arrows);
  sources.forEach((one, t) => picture.append(label(shown(one), left + wide * (t + 0.5), top - 9, "centred")));
  targets.forEach((target, row) => {
    picture.append(label(shown(target), left - 8, top + height * row + 20, "right"));
    sources.forEach((source, t) => {
      const weight = weights[row][t], help = words.cell(target, source, `${number(100 * weight, 1)} %`);
      const x = left + wide * t, y = top + height * row;
      const cell = shape(
        "g", { role: "img", "aria-label": help, "data-help": help, class: weight > 0.62 ? "dark" : undefined },
        shape("rect", { x, y, width: wide, height, class: "cell", "fill-opacity": weight }),
        label(number(weight, 2), x + wide / 2, y + 20, "centred value"),
      );
      cells.push(cell);
      picture.append(cell);
    });
  });
  const columns = sources.length;
  rove(cells, (i, key) => {
    if (key === "ArrowRight" && (i + 1) % columns) return i + 1;
    if (key === "ArrowLeft" && i % columns) return i - 1;
    return { ArrowDown: i + columns, ArrowUp: i - columns }[key];
  });
  return picture;
}

function canvas(wide, high, title, hint) {
  const size = { width: Math.ceil(wide), height: Math.ceil(high) };
  return shape("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}`, role: "group", "aria-label": `${title}. ${hint}` });
}

// `steps`: of each the candidates, with parent, token, log_p, score and fate. Time goes to the right.
export function tree(steps, words) {
  const best = winner(steps), gap = 28, lines = (one) => (one.fate === "finished" ? 3 : 2);
  const high = (one) => 8 + 16 * lines(one);
  const marks = { kept: "", pruned: "✗ ", finished: "✓ " };
  const texts = steps.map((step) => step.map((one) => [
    marks[one.fate] + shown(one.token), number(one.log_p, 2),
    ...(one.fate === "finished" ? [`${words.score} ${number(one.score, 2)}`] : []),
  ]));
  const widths = texts.map((step) => Math.max(...step.flat().map((text) => width(text))) + 16);
  const heights = steps.map((step) => step.reduce((sum, one) => sum + high(one) + 8, 0));
  const tall = Math.max(60, ...heights) + 8, first = width("<bos>") + 16;
  const picture = canvas(first + widths.reduce((sum, one) => sum + one + gap, 0) + 8, tall, words.search, words.arrows);
  const edges = shape("g"), nodes = [], places = [];
  const add = (x, y, wide, height, text, kind, help, parent) => {
    const node = shape(
      "g", { role: "img", "aria-label": help, "data-help": help, class: kind },
      shape("rect", { x, y, width: wide, height, rx: 4, class: "box" }),
      ...text.map((line, i) => label(line, x + wide / 2, y + 17 + 16 * i, "centred")),
    );
    nodes.push({ node, parent, middle: y + height / 2 });
    picture.append(node);
    return nodes.length - 1;
  };
  picture.append(edges);
  let x = 4, parents = [add(x, tall / 2 - 13, first, 26, ["<bos>"], "kept", words.start, undefined)], spoken = [""];
  x += first;
  steps.forEach((step, t) => {
    const above = (one) => (one.parent < 0 ? 0 : one.parent);
    const order = step.map((one, i) => i).sort((i, j) => nodes[parents[above(step[i])]].middle - nodes[parents[above(step[j])]].middle || step[j].log_p - step[i].log_p);
    let y = (tall - heights[t]) / 2 + 4;
    const here = [], said = [];
    for (const i of order) {
      const one = step[i], parent = parents[above(one)];
      said[i] = `${spoken[above(one)]} ${one.token}`.trim();
      const help = words.candidate({
        text: said[i], fate: words.fates[one.fate], log_p: number(one.log_p, 2),
        p: Math.exp(one.log_p).toPrecision(3), score: number(one.score, 2),
      });
      here[i] = add(x + gap, y, widths[t], high(one), texts[t][i], one.fate, help, parent);
      const start = nodes[parent].middle, end = nodes[here[i]].middle;
      const kind = best.has(`${t} ${i}`) ? "winner" : one.fate === "pruned" ? "pruned" : "";
      edges.append(shape("path", { d: `M${x} ${start}C${x + gap / 2} ${start} ${x + gap / 2} ${end} ${x + gap} ${end}`, class: `edge ${kind}` }));
      y += high(one) + 8;
    }
    places.push(order.map((i) => here[i]));
    [parents, spoken] = [here, said];
    x += gap + widths[t];
  });
  rove(nodes.map((one) => one.node), (i, key) => {
    const column = places.find((one) => one.includes(i)) || [i], at = column.indexOf(i);
    const children = nodes.findIndex((one) => one.parent === i);
    return { ArrowUp: column[at - 1], ArrowDown: column[at + 1], ArrowLeft: nodes[i].parent, ArrowRight: children < 0 ? undefined : children }[key];
  });
  return picture;
}

// "step place" of each candidate of the best-scored finished hypothesis.
function winner(steps) {
  const path = new Set();
  let best;
  steps.forEach((step, t) => step.forEach((one, i) => {
    if (one.fate === "finished" && !(best && best.score >= one.score)) best = { t, i, score: one.score };
  }));
  if (best) for (let { t, i } = best; t >= 0; i = steps[t].at(i).parent, t -= 1) path.add(`${t} ${i}`);
  return path;
}

export function legend(words) {
  const samples = ["kept", "pruned", "finished"].map((fate) => [fate, shape("g", { class: fate }, shape("rect", { x: 2, y: 2, width: 24, height: 12, rx: 3, class: "box" }))]);
  samples.push(["winner", shape("path", { d: "M2 8H26", class: "edge winner" })]);
  return element("ul", { class: "legend" }, ...samples.map(([name, sample]) => element("li", {}, shape("svg", { width: 28, height: 16, "aria-hidden": "true" }, sample), words.fates[name])));
}
