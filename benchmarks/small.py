"""What is small: a sentence alone, and a training step of a class's size, in milliseconds of the
processor: ``python -m benchmarks.small BEFORE`` (some five minutes) prints a table.

BEFORE, the folder of another checkout of this repository, and this one take turns, each task in a
process of its own with one thread. Processor time of all its threads counts, not the clock, so that
the ratios hold on a busy machine, too.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.turns import take_turns

HERE = Path(__file__).parents[1]
ROUNDS, REPEATS = 3, 3
WORDS = 3, 4, 5, 3, 4, 6, 3, 4, 5, 4  # of each sentence that is translated
TASKS = {
    "luong2015, a sentence alone, greedy": ("sentence", "luong2015", 1),
    "luong2015, a sentence alone, beam 5": ("sentence", "luong2015", 5),
    "bahdanau2015, a sentence alone, greedy": ("sentence", "bahdanau2015", 1),
    "bahdanau2015, a step of 32": ("step", "bahdanau2015", 20),
    "luong2015, a step of 32": ("step", "luong2015", 20),
}

CODE = """import json, runpy, sys
print(runpy.run_path(sys.argv[1])["milliseconds"](*json.loads(sys.argv[2])))"""


def sentence(name, beam_size):
    """A function that translates each of some sentences alone, and their number: 256 units, 8,004
    words, first weights; a translation ends after 1.5 times as many tokens as its source."""
    import numpy as np

    from benchmarks.worker import vocabulary
    from gluon_seq2seq import Translator, runtime
    from gluon_seq2seq.model import papers

    runtime.seed(0)
    vocabs, random = [vocabulary(8004) for _ in range(2)], np.random.RandomState(0)
    model = papers.MODELS[name](*vocabs, 256, 256, drop_prob=0, device="cpu")
    translator = Translator(model, beam_size=beam_size)
    translator.max_length = lambda length: length * 3 // 2
    texts = [" ".join(f"w{i}" for i in random.randint(4, 8004, n)) for n in WORDS]
    return lambda: [translator.search(text) for text in texts], len(texts)


def step(name, steps):
    """A function that takes so many training steps, and their number: mini, 128 units, 32 sentences
    a batch, dropout 0.4."""
    from gluon_seq2seq import load_corpus, runtime
    from gluon_seq2seq.corpus.batches import Minibatches
    from gluon_seq2seq.corpus.examples import pairs_of
    from gluon_seq2seq.model import papers
    from gluon_seq2seq.training.train_step import Step

    runtime.seed(0)
    corpus = load_corpus("mini")
    vocabs = corpus.src_vocab, corpus.tgt_vocab
    model = papers.MODELS[name](*vocabs, 128, 128, drop_prob=0.4, device="cpu")
    batches = list(Minibatches(pairs_of(corpus.train), *vocabs, 32, shuffle=True))[:steps]
    one = Step(model)
    return lambda: [one(batch, 1e-3) for batch in batches], steps


def milliseconds(kind, *arguments):
    """Of the processor, for one sentence or step: the median of some repeats, after one."""
    work, count = {"sentence": sentence, "step": step}[kind](*arguments)
    from mxnet import nd  # after the package, which sets its threads

    found = []
    for _ in range(1 + REPEATS):
        begin = time.process_time()
        work()
        nd.waitall()
        found.append(1000 * (time.process_time() - begin) / count)
    return statistics.median(found[1:])


def measured(folder, task):
    """:func:`milliseconds` of ``task`` with the package in ``folder``, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, __file__, json.dumps(task)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(folder)},
        cwd=folder,  # which -c looks into first
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def main(before):
    print("|  | before, ms | after, ms | after / before |\n| --- | ---: | ---: | ---: |")
    for name, task in TASKS.items():
        folders = {"before": Path(before).absolute(), "after": HERE}
        tasks = {when: partial(measured, folder, task) for when, folder in folders.items()}
        found = take_turns(tasks, ROUNDS)
        ratio = statistics.median(b / a for a, b in zip(*found.values()))
        told = (f"{statistics.median(v):.1f} ({min(v):.1f}–{max(v):.1f})" for v in found.values())
        print(f"| {name} | {' | '.join(told)} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
