"""How well each model learns mini: ``python -m benchmarks.quality`` prints a Markdown table.

Every model is trained with every seed, each run in a process of its own with one thread, as many
at a time as there are cores. What is finished stands in runs/quality/; begun again, the command
goes on from there.
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

DATA = "mini-10k"
SEEDS = 0, 1, 2
SIZES = {"embed_size": 256, "num_hiddens": 128, "drop_prob": 0.3}
TRAINING = {"epochs": 10, "batch_size": 64}
RESULTS = Path("runs/quality")
SCORES = "dot", "scaled-dot", "general", "concat", "local-m", "local-p"
MODELS = {  # label: function of gluon_seq2seq.model, settings beside SIZES
    "book": ("book", {}),
    "book, bidirectional": ("book", {"bidirectional": True}),
    "book, reversed": ("book", {"reverse": True}),
    "cho2014": ("cho2014", {}),
    "sutskever2014": ("sutskever2014", {}),
    "bahdanau2015, one way": ("bahdanau2015", {"bidirectional": False}),
    "bahdanau2015": ("bahdanau2015", {}),
    "bahdanau2015, 256 units": ("bahdanau2015", {"num_hiddens": 256}),
    **{f"luong2015, {score}": ("luong2015", {"score": score, "window": 3}) for score in SCORES},
    "luong2015, general, input feeding": ("luong2015", {"input_feeding": True}),
}


def measure(label, seed):
    """Train one model with one seed and score it on the test set and each held-out set."""
    import gluon_seq2seq as gs
    from gluon_seq2seq import model as models
    from gluon_seq2seq.corpus import HELD_OUT
    from gluon_seq2seq.train import perplexity

    name, settings = MODELS[label]
    corpus = gs.load_corpus(DATA)
    gs.seed(seed)
    make = getattr(models, name)
    settings = {**SIZES, **settings}
    model = make(corpus.src_vocab, corpus.tgt_vocab, **settings, device="cpu")
    began = time.process_time()  # of one thread: the time it has when nothing else wants the core
    gs.train(model, corpus, **TRAINING, seed=seed, quiet=True)
    seconds = time.process_time() - began
    translator = gs.Translator(model)

    def exact_and_bleu(examples):
        texts = translator.translate([example.source for example in examples])
        scores = gs.score(texts, [example.valid for example in examples])
        return {"exact": scores["exact"], "bleu": scores["bleu"]}

    entropy = gs.cross_entropy(model, corpus.test)
    return {
        "label": label,
        "seed": seed,
        "seconds": seconds,
        "perplexity": perplexity(entropy["loss"]),
        "floor": perplexity(entropy["floor"]),
        **gs.alignment(model, corpus.test),
        "test": exact_and_bleu(corpus.test),
        "held_out": {
            held_out: exact_and_bleu(gs.load_corpus(f"mini-{held_out}").test)
            for held_out in HELD_OUT
        },
    }


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
        "{label}, seed {seed}: {test[exact]:.3f} in {seconds:.0f} s".format(**result),
        file=sys.stderr,
    )
    return result


def spread(values, form):
    """Mean and range of one figure over the seeds."""
    if values[0] is None:
        return "–"
    mean, low, high = (form.format(v) for v in (statistics.mean(values), min(values), max(values)))
    return f"{mean} ({low}–{high})"


def main():
    RESULTS.mkdir(parents=True, exist_ok=True)
    tasks = [(label, seed) for seed in SEEDS for label in MODELS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda task: run(*task), tasks))
    found = {label: [r for r in results if r["label"] == label] for label in MODELS}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| i.i.d. test | exact % | sacreBLEU | AER % | mass % | perplexity | training, CPU s |")
    print("| --- " + "| ---: " * 6 + "|")
    for label, rows in found.items():
        cells = [
            spread([100 * r["test"]["exact"] for r in rows], "{:.1f}"),
            spread([r["test"]["bleu"] for r in rows], "{:.1f}"),
            spread([r["aer"] and 100 * r["aer"] for r in rows], "{:.1f}"),
            spread([r["mass"] and 100 * r["mass"] for r in rows], "{:.1f}"),
            spread([r["perplexity"] for r in rows], "{:.3f}"),
            spread([r["seconds"] for r in rows], "{:.0f}"),
        ]
        print(f"| {label} | {' | '.join(cells)} |")
    print(f"\nThe least possible perplexity is {results[0]['floor']:.3f}.\n")
    sets = [name for name in results[0]["held_out"] if not name.endswith("-control")]
    print("| exact %, held out / control | " + " | ".join(sets) + " |")
    print("| --- " + "| ---: " * len(sets) + "|")
    for label, rows in found.items():
        cells = [
            " / ".join(
                spread([100 * r["held_out"][name + control]["exact"] for r in rows], "{:.1f}")
                for control in ("", "-control")
            )
            for name in sets
        ]
        print(f"| {label} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
