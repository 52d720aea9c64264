"""Speed of this machine: ``python -m benchmarks`` prints a Markdown table (about 7 minutes).

Every comparison is made in one run: the variants take turns, and medians are reported.
"""

import os
import platform
import random
import statistics
import subprocess
import sys

ROUNDS = 3
SENTENCES = 3200  # in 25 batches of 128
BUSY = "while True: pass"

# Each variant runs in a process of its own, because threads are fixed when MXNet is loaded.
TRAIN = """
from benchmarks.__main__ import training_speed
print(training_speed())
"""
TRAIN_SMALL = """
from benchmarks.__main__ import small_training_speed
print(small_training_speed())
"""
IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def synthetic_corpus():
    """Random sentences with the lengths (5 to 11 words) and vocabulary of fra.txt: 8,000 words."""
    from gluon_seq2seq.corpus import CleaningReport, Corpus, Example
    from gluon_seq2seq.text import Tokenizer

    rng = random.Random(0)
    words = [f"w{i}" for i in range(8000)]

    def sentence():
        return " ".join(rng.choices(words, k=rng.randint(5, 11)))

    train = [Example(" ".join(words), (" ".join(words),))]  # so that the vocabularies are full
    examples = [Example(sentence(), (sentence(),)) for _ in range(SENTENCES)]
    splits = {"train": train, "dev": examples[:8], "test": examples[:8]}
    origin = {"data": "synthetic", "direction": "en-fr"}
    corpus = Corpus(splits, [Tokenizer("en"), Tokenizer("fr")], CleaningReport(), origin, None, 1)
    corpus.train = examples
    return corpus


def training_speed():
    """Real target tokens per second of the bidirectional book model, sizes 256, batch 128."""
    import gluon_seq2seq as gs

    corpus = synthetic_corpus()
    model = gs.book(corpus.src_vocab, corpus.tgt_vocab, bidirectional=True, device="cpu")
    return gs.train(model, corpus, epochs=2, quiet=True)[-1]["tokens_per_s"]  # the first warms up


def small_training_speed():
    """Real target tokens per second of the demo's model: 128 units, batches of 32, mini."""
    import gluon_seq2seq as gs
    from gluon_seq2seq.cli import DEMO_MODEL

    corpus = gs.load_corpus("mini")
    model = gs.bahdanau2015(corpus.src_vocab, corpus.tgt_vocab, **DEMO_MODEL, device="cpu")
    return gs.train(model, corpus, epochs=1, batch_size=32, quiet=True)[-1]["tokens_per_s"]


def measure(code, busy=False, **environment):
    """What ``code`` prints, as a number, with or without another process that wants a core."""
    other = subprocess.Popen([sys.executable, "-c", BUSY]) if busy else None
    try:
        output = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **environment},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    finally:
        if other:
            other.kill()
            other.wait()
    return float(output.split()[-1])


def main():
    mxnets_own = str(max(1, os.cpu_count() // 2))
    variants = {
        "alone": {},
        "one core kept busy": {"busy": True},
        "MXNet's own threads, alone": {"OMP_NUM_THREADS": mxnets_own, "OMP_WAIT_POLICY": "ACTIVE"},
        "all cores spinning, one kept busy": {"busy": True, "OMP_WAIT_POLICY": "ACTIVE"},
    }
    speeds = {name: [] for name in variants}
    small = {"all cores": [], "one thread": []}
    imports = {"mxnet": [], "gluon_seq2seq, mxnet": []}
    for _ in range(ROUNDS):
        for name, settings in variants.items():
            speeds[name].append(measure(TRAIN, **settings))
        small["all cores"].append(measure(TRAIN_SMALL))
        small["one thread"].append(measure(TRAIN_SMALL, OMP_NUM_THREADS="1"))
        for modules, seconds in imports.items():
            seconds.append(measure(IMPORT.format(modules)))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| training, 256 / 8,000 words / batch 128 | target tokens/s | of alone |")
    print("| --- | ---: | ---: |")
    alone = statistics.median(speeds["alone"])
    for name, values in speeds.items():
        speed = statistics.median(values)
        print(f"| {name} | {speed:,.0f} | {speed / alone:.2f} |")
    print("\n| training the demo's model | target tokens/s |\n| --- | ---: |")
    for name, values in small.items():
        print(f"| {name} | {statistics.median(values):,.0f} |")
    print("\n| import | seconds |\n| --- | ---: |")
    for modules, values in imports.items():
        print(f"| {modules} | {statistics.median(values):.2f} |")


if __name__ == "__main__":
    main()
