// Beam search as translation/search.py has it, of one sentence; of beam size 1 it is greedy.

const BREATH = 50; // milliseconds after which the page may draw

// `step(ids, rows)` gives, of the hypotheses `rows` of the step before, which go on with `ids`:
// `log_p` (M * V), overwritten, and `alpha` of each. `cap`: how many words at most. Gives `best`,
// hypotheses, and the `steps` with their candidates. Of equal candidates the earlier parent's, then
// the lower id is first; log P is summed in float64.
export async function beam(step, { bos, eos, cap, beamSize, alpha }) {
  const score = (logP, length) => (beamSize === 1 ? logP : logP * length ** -alpha);
  let live = [{ ids: [], logP: 0, row: 0, place: -1, alphas: [] }], best = [], breath = performance.now();
  const steps = [];
  const over = (place) => best[place] && !(live.length && best[place].score < live[0].logP * cap ** -alpha);
  let told = true; // as far as a search for the best one alone goes
  while (live.length) {
    const parents = live;
    const found = await step(parents.map((one) => one.ids.at(-1) ?? bos), parents.map((one) => one.row));
    const record = [];
    live = [];
    largest(found.log_p, parents, 2 * beamSize).forEach(({ row, word, logP }, place) => {
      const parent = parents[row], ids = [...parent.ids, word];
      const one = { ids, logP, row, place, score: score(logP, ids.length), alphas: [...parent.alphas, found.alpha?.(row)] };
      let fate = "pruned";
      if (place < beamSize) {
        fate = word === eos || ids.length === cap ? "finished" : "kept";
        if (fate === "kept") live.push(one);
        else best.push({ ...one, state: found.state });
      }
      // The trees show scores of beam search, also where greedy search ranks nothing.
      record.push({ parent: parent.place, token: word, log_p: logP, score: logP * ids.length ** -alpha, fate });
    });
    if (told) steps.push(record);
    best = best.sort((a, b) => b.score - a.score).slice(0, beamSize);
    told &&= !over(0);
    if (over(beamSize - 1)) break;
    if (performance.now() - breath > BREATH) {
      await new Promise((resolve) => setTimeout(resolve));
      breath = performance.now();
    }
  }
  if (!best.length) throw new Error("the model gives no probabilities, only NaN");
  return { best, steps };
}

// The `count` continuations of largest log P, best first.
function largest(logP, parents, count) {
  const V = logP.length / parents.length;
  const top = parents.map((one, row) => best(logP, row * V, V));
  const found = [];
  while (found.length < count) {
    let row = 0;
    const total = (i) => parents[i].logP + logP[i * V + top[i]];
    for (let i = 1; i < parents.length; i += 1) if (total(i) > total(row)) row = i;
    if (total(row) === -Infinity) break;
    found.push({ row, word: top[row], logP: total(row) });
    logP[row * V + top[row]] = -Infinity;
    top[row] = best(logP, row * V, V);
  }
  return found;
}

function best(logP, start, V) {
  let word = 0;
  for (let i = 1; i < V; i += 1) if (logP[start + i] > logP[start + word]) word = i;
  return word;
}
