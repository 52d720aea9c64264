"""How well each model learns mini: ``python -m benchmarks.quality`` prints Markdown tables.

Every model is trained with every seed, each run in a process of its own with one thread, as many
at a time as there are cores. What is finished stands in runs/quality/; begun again, the command
goes on from there. All figures go to benchmarks/quality.json, too.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gluon_seq2seq.cli.demo import DEMO_MODEL, DEMO_TRAINING

DATA = "mini-10k"
SEEDS = 0, 1, 2
SIZES = {"embed_size": 256, "num_hiddens": 128, "drop_prob": 0.3}
TRAINING = {"epochs": 8, "batch_size": 64, "learning_rate": 4e-3}
RESULTS = Path("runs/quality")
SCORES = "dot", "scaled-dot", "general", "concat", "local-m", "local-p"
MODELS = {  # label: a function of model.papers, settings beside SIZES and TRAINING
    "book": ("book", {}),
    "book, bidirectional": ("book", {"bidirectional": True}),
    "book, reversed": ("book", {"reverse": True}),
    "cho2014": ("cho2014", {}),
    "sutskever2014": ("sutskever2014", {}),
    "bahdanau2015, unidirectional": ("bahdanau2015", {"bidirectional": False}),
    "bahdanau2015": ("bahdanau2015", {}),
    "bahdanau2015, larger and longer": (
        "bahdanau2015",
        {"num_hiddens": 256, "drop_prob": 0.4, "epochs": 12},
    ),
    **{f"luong2015, {score}": ("luong2015", {"score": score, "window": 3}) for score in SCORES},
    "luong2015, the demo's": (
        "luong2015",
        {**vars(DEMO_MODEL), **{name: getattr(DEMO_TRAINING, name) for name in TRAINING}},
    ),
}


def measure(label, seed):
    """Train one model with one seed and score it on the test set and each held-out set."""
    import gluon_seq2seq as gs
    from gluon_seq2seq.corpus.origin import HELD_OUT
    from gluon_seq2seq.model import papers as models
    from gluon_seq2seq.translation.metrics import perplexity

    name, settings = MODELS[label]
    corpus = gs.load_corpus(DATA)
    gs.seed(seed)
    make = getattr(models, name)
    settings = {**SIZES, **TRAINING, **settings}
    training = {key: settings.pop(key) for key in TRAINING}
    model = make(corpus.src_vocab, corpus.tgt_vocab, **settings, device="cpu")
    began = time.process_time()  # of one thread: the time it has when nothing else wants the core
    gs.train(model, corpus, **training, seed=seed, quiet=True)
    seconds = time.process_time() - began
    translator = gs.Translator(model, unknown="never")

    def scores(examples):
        texts = translator.translate([example.source for example in examples])
        found = gs.score(texts, [example.valid for example in examples])
        entropy = gs.cross_entropy(model, examples)
        return {
            "exact": found["exact"],
            "bleu": found["bleu"],
            "perplexity": perplexity(entropy["loss"]),
            "floor": perplexity(entropy["floor"]),
            **gs.alignment(model, examples),
        }

    sets = {"test": corpus.test, **{name: gs.load_corpus(f"mini-{name}").test for name in HELD_OUT}}
    found = {name: scores(examples) for name, examples in sets.items()}
    return {"label": label, "seed": seed, "seconds": seconds, "sets": found}


def run(label, seed):
    """``measure`` in a process of its own, or what it found before."""
    path = RESULTS / f"{label.replace(', ', '-').replace(' ', '-')}-{seed}.json"
    if not path.exists():
        code = (
            f"import benchmarks.quality as q, json; print(json.dumps(q.measure({label!r}, {seed})))"
        )
        output = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        path.write_text(output.splitlines()[-1], "utf-8")
    result = json.loads(path.read_text("utf-8"))
    print(
        "{label}, seed {seed}: {sets[test][exact]:.3f} in {seconds:.0f} s".format(**result),
        file=sys.stderr,
    )
    return result


def spread(values, form):
    """Mean and range of one figure over the seeds."""
    if values[0] is None:
        return "–"
    mean, low, high = (form.format(v) for v in (statistics.mean(values), min(values), max(values)))
    return f"{mean} ({low}–{high})"


def spread_short(values):
    """Mean and half the range, for narrow columns."""
    return f"{statistics.mean(values):.1f} ±{(max(values) - min(values)) / 2:.1f}"


def main():
    RESULTS.mkdir(parents=True, exist_ok=True)
    tasks = [(label, seed) for seed in SEEDS for label in MODELS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda task: run(*task), tasks))
    lines = ",\n".join(json.dumps(result) for result in results)
    Path("benchmarks/quality.json").write_text(f"[{lines}]\n", "utf-8")
    found = {label: [r for r in results if r["label"] == label] for label in MODELS}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| i.i.d. test | exact % | sacreBLEU | AER % | mass % | perplexity | training, CPU s |")
    print("| --- " + "| ---: " * 6 + "|")
    for label, rows in found.items():
        tests = [row["sets"]["test"] for row in rows]
        cells = [
            spread([100 * t["exact"] for t in tests], "{:.1f}"),
            spread([t["bleu"] for t in tests], "{:.1f}"),
            spread([t["aer"] and 100 * t["aer"] for t in tests], "{:.1f}"),
            spread([t["mass"] and 100 * t["mass"] for t in tests], "{:.1f}"),
            spread([t["perplexity"] for t in tests], "{:.3f}"),
            spread([row["seconds"] for row in rows], "{:.0f}"),
        ]
        print(f"| {label} | {' | '.join(cells)} |")
    print(f"\nThe least possible perplexity is {results[0]['sets']['test']['floor']:.3f}.\n")
    sets = [name for name in results[0]["sets"] if not name.endswith(("test", "-control"))]
    print("| exact %, held out / control | " + " | ".join(sets) + " |")
    print("| --- " + "| ---: " * len(sets) + "|")
    for label, rows in found.items():
        cells = [
            " / ".join(
                spread_short([100 * row["sets"][name + control]["exact"] for row in rows])
                for control in ("", "-control")
            )
            for name in sets
        ]
        print(f"| {label} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
