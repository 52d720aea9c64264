"""Speed of this machine: ``python -m benchmarks`` writes results.json and a part of README.md
beside this file, and prints that part (some 15 minutes on two slow cores).

Where Tatoeba's sentences cannot be downloaded, random ones of their lengths stand in. Rounds and
steps are the constants below; results.json has every round, the page medians and ranges.
"""

import argparse
import datetime
import json
import os
import platform
import random
import shlex
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import tables
from benchmarks.scaling import scaling, write_tsv
from benchmarks.start import measured
from benchmarks.turns import take_turns
from benchmarks.worker import Failed, Worker, save_prepared

PAIRS = 40_000  # of the data, drawn once for all workers
ROUNDS, STEPS, WARM_UP = 3, 10, 4
TRAINED, SENTENCES, ALONE, TRANSLATION_ROUNDS = 120, 2000, 100, 2
BATCHES = 64, 256
BUSY_ROUNDS, BUSY_STEPS = 3, 10

FOLDER = Path(__file__).parent
PEERS = Path(".venv-peers/bin/python")
OURS = "luong2015", "bahdanau2015", "book"
RIVALS = {  # label: program in peers/, its name for the model, our model like it
    "JoeyNMT luong": ("joeynmt_worker.py", "luong", "luong2015"),
    "JoeyNMT bahdanau": ("joeynmt_worker.py", "bahdanau", "bahdanau2015"),
    "d2l book": ("d2l_worker.py", "book", "book"),
}
# Words of the two sides of fra.txt's pairs: the means of twenty parts, sorted by length.
LENGTHS = (
    *((4, 4), (5, 5), (5, 5), (5, 6), (6, 6), (6, 6), (6, 7), (6, 7), (7, 7), (7, 8)),
    *((7, 8), (7, 8), (8, 9), (8, 9), (9, 9), (9, 10), (10, 11), (10, 11), (11, 13), (15, 16)),
)
BUSY = "while True: pass"
VERSIONS = (
    "from importlib.metadata import version as v; print(', '.join(f'{{p}} {{v(p)}}' for p in {}))"
)


class Suite:
    """What the sections share: the data, prepared once, and workers, started when first wanted."""

    def __init__(self, data, peers, folder, stack):
        # Without what the package sets in this process: workers choose their threads themselves.
        self.environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_"))
        }
        self.peers, self.folder, self.stack = peers, folder, stack
        self.workers, self.notes, self.data = {}, [], data or "tatoeba"
        self.prepared, self.vocab_sizes, self.pairs = self.prepare("data", self.corpus(data))

    def corpus(self, data):
        from gluon_seq2seq import SystemProblem, load_corpus

        try:
            return load_corpus(self.data)
        except SystemProblem:
            if data:
                raise
        self.data = "random sentences of the lengths of fra.txt: tatoeba could not be downloaded"
        path = self.folder / "synthetic.tsv"
        write_tsv(path, synthetic())
        return load_corpus(path)

    def prepare(self, name, corpus):
        """The path of PREPARED.npz, the vocabularies' sizes, and all training pairs of texts."""
        from gluon_seq2seq.corpus.examples import pairs_of

        pairs, vocabs = pairs_of(corpus.train), (corpus.src_vocab, corpus.tgt_vocab)
        drawn = random.Random(0).sample(pairs, min(PAIRS, len(pairs)))
        ids = [tuple(vocab.encode(side) for vocab, side in zip(vocabs, pair)) for pair in drawn]
        tests = [corpus.src_vocab.encode(example.source) for example in corpus.test]
        path, sizes = self.folder / f"{name}.npz", [len(vocab) for vocab in vocabs]
        save_prepared(path, ids, tests, sizes)
        return path, sizes, pairs

    def worker(self, label, prepared=None, environment=(), **options):
        """A new worker for one of OURS or RIVALS; options as ``batch_size=32``."""
        command = [sys.executable, "-m", "benchmarks.worker", prepared or self.prepared, label]
        if label in RIVALS:
            program, model, _ = RIVALS[label]
            command = [self.peers, FOLDER / "peers" / program, prepared or self.prepared, model]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", value]
        environment = {**self.environment, **dict(environment)}
        worker = Worker(command, self.folder / f"{label}.log", environment)
        return self.stack.enter_context(worker)

    def warm(self, label, **settings):
        """:meth:`worker` after a few steps, or for a rival that does not run a note and None."""
        if label in RIVALS and not self.peers:
            return None
        try:
            worker = self.worker(label, **settings)
            worker.train(WARM_UP)
            return worker
        except (Failed, OSError) as error:
            if label in OURS:
                raise
            self.notes.append(f"{label} does not run: {error}")
            return None

    def standing(self, labels):
        """``{label: worker}`` of those that run: the same ones for every section."""
        for label in labels:
            if label not in self.workers:
                self.workers[label] = self.warm(label)
        return {label: self.workers[label] for label in labels if self.workers[label]}

    def dismiss(self):
        """End all workers so far."""
        self.stack.close()
        self.workers.clear()

    def output(self, *command):
        """The last line that a process of its own prints."""
        run = partial(subprocess.run, check=True, stdout=subprocess.PIPE, text=True)
        done = run(list(map(str, command)), env=self.environment)
        return done.stdout.splitlines()[-1]


def synthetic(count=160_000):
    """Yield random pairs with the lengths and the number of words of fra.txt."""
    rng, words = random.Random(0), [f"w{i}" for i in range(8000)]
    for _ in range(count):
        yield tuple(" ".join(rng.choices(words, k=length)) for length in rng.choice(LENGTHS))


def ratios(speeds, pairs):
    """How many times as fast the first of each pair of labels is as the second, in each round."""
    return {
        f"{ours} / {other}": [a / b for a, b in zip(speeds[ours], speeds[other])]
        for ours, other in pairs
        if ours in speeds and other in speeds
    }


def trained(workers, rounds=None, steps=None):
    tasks = {label: partial(worker.train, steps or STEPS) for label, worker in workers.items()}
    return take_turns(tasks, rounds or ROUNDS)


def training(suite):
    """Target tokens per second of our models and their rivals; and at a classroom's size."""
    from gluon_seq2seq import load_corpus

    large = trained(suite.standing((*OURS, *RIVALS)))
    sizes = {"embed_size": 256, "num_hiddens": 128, "batch_size": 32}
    sizes["prepared"] = suite.prepare("mini", load_corpus("mini"))[0]
    ours = partial(suite.warm, "bahdanau2015", drop_prob=0.4, **sizes)
    one, rival = "bahdanau2015, one thread", "JoeyNMT bahdanau"
    small = {
        one: ours(environment={"OMP_NUM_THREADS": "1"}),
        "bahdanau2015, all cores": ours(),
        rival: suite.warm(rival, **sizes),
    }
    small = trained({label: worker for label, worker in small.items() if worker})
    pairs = [(ours, label) for label, (_, _, ours) in RIVALS.items()]
    return {
        "rounds": ROUNDS,
        "steps": STEPS,
        "tokens_per_s": large,
        "ratios": ratios(large, pairs),
        "classroom_tokens_per_s": small,
        "classroom_ratios": ratios(small, [(one, rival)]),
    }


def translation(suite):
    """Sentences per second of the same workers, in batches and one by one."""
    searches = {"greedy": 1, "beam 5": 5}
    jobs = {
        f"{label}, {search}": (label, {"beam": beam})
        for label in ("luong2015", "JoeyNMT luong")
        for search, beam in searches.items()
    }
    exported = {
        f"luong2015 exported, {search}": ("luong2015", {"beam": beam, "exported": True})
        for search, beam in searches.items()
    }
    workers = suite.standing(dict.fromkeys(label for label, _ in jobs.values()))
    for worker in workers.values():
        worker.train(max(1, TRAINED - worker.steps))  # so that they end their sentences
        worker.ask("translate", beam=5, batch=1, sentences=10)

    def searched(jobs, batch, sentences):
        request = {"batch": batch, "sentences": sentences}
        tasks = {
            label: partial(workers[name].ask, "translate", **how, **request)
            for label, (name, how) in jobs.items()
            if name in workers
        }
        return take_turns(tasks, TRANSLATION_ROUNDS)

    pairs = [
        (f"{ours}, {how}", f"JoeyNMT luong, {how}")
        for ours in ("luong2015", "luong2015 exported")
        for how in searches
    ]

    def measured(jobs, batch, sentences):
        found = searched(jobs, batch, sentences)
        speeds = {
            label: [answer["sentences"] / answer["seconds"] for answer in answers]
            for label, answers in found.items()
        }
        return {
            "sentences_per_s": speeds,
            "tokens_a_sentence": {k: one[0]["tokens"] / sentences for k, one in found.items()},
            "median_ms": {
                label: [answer["median_ms"] for answer in answers]
                for label, answers in found.items()
                if "median_ms" in answers[0]
            },
            "ratios": ratios(speeds, pairs),
        }

    alone = measured({**jobs, **exported}, 1, ALONE)
    for worker in workers.values():
        worker.ask("translate", beam=5, batch=BATCHES[-1], sentences=BATCHES[-1])
    return {
        "steps": TRAINED,
        "sentences": SENTENCES,
        "batches": {str(batch): measured(jobs, batch, SENTENCES) for batch in BATCHES},
        "alone": ALONE,
        "one_by_one": alone,
    }


def busy(suite):
    """Tokens per second of luong2015 with a core kept busy by others, and with other threads."""
    own = str(max(1, os.cpu_count() // 2))
    settings = {
        "ours": {},
        "mxnet": {"OMP_NUM_THREADS": own, "OMP_WAIT_POLICY": "ACTIVE"},
        "spinning": {"OMP_WAIT_POLICY": "ACTIVE", "OMP_NUM_THREADS": str(os.cpu_count())},
    }
    workers = {name: suite.warm("luong2015", environment=each) for name, each in settings.items()}

    def beside_another(worker):
        with subprocess.Popen([sys.executable, "-c", BUSY], env=suite.environment) as other:
            try:
                return worker.train(BUSY_STEPS)
            finally:
                other.kill()

    tasks = {
        "alone": partial(workers["ours"].train, BUSY_STEPS),
        "one core kept busy": partial(beside_another, workers["ours"]),
        "MXNet's own threads, alone": partial(workers["mxnet"].train, BUSY_STEPS),
        "all cores spinning, one kept busy": partial(beside_another, workers["spinning"]),
    }
    return take_turns(tasks, BUSY_ROUNDS)


def roofline(suite):
    """What :mod:`benchmarks.roofline` measures, in a process of its own."""
    return json.loads(suite.output(sys.executable, "-m", "benchmarks.roofline", suite.prepared))


def start(suite):
    """Seconds of the whole of each of :data:`benchmarks.start.PROGRAMS`."""
    root = FOLDER.parent
    return {
        program: [ms / 1000 for ms, *_ in runs[root]] for program, runs in measured([root]).items()
    }


def bleu(suite):
    """The committed runs of fra-eng, ``[{"minutes" "bleu_greedy" "bleu_beam" "command"}, ...]``."""
    path = FOLDER / "fra.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else []


SECTIONS = {
    section.__name__: section
    for section in (training, translation, busy, roofline, scaling, start, bleu)
}


def about(suite):
    """The machine, the versions and the data, for the page."""
    from gluon_seq2seq.runtime import cores

    def versions(python, *packages):
        try:
            return suite.output(python, "-c", VERSIONS.format(packages))
        except subprocess.CalledProcessError:
            return f"{' or '.join(packages)} is missing"

    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        cpu = next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor()
    own = versions(sys.executable, "mxnet", "gluonnlp", "numpy")
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, {cpu}, {cores()} cores",
        "versions": f"Python {platform.python_version()}, {own}",
        "peers": versions(suite.peers, "torch", "joeynmt") if suite.peers else "not installed",
        "data": f"{Path(suite.data).name}; {len(suite.pairs):,} training pairs, of which the "
        "workers have "
        f"{min(PAIRS, len(suite.pairs)):,}; "
        "vocabularies {:,} and {:,}".format(*suite.vocab_sizes),
        "command": shlex.join(["python", "-m", "benchmarks", *map(name_alone, sys.argv[1:])]),
    }


def name_alone(argument):
    """Without the folders of this machine."""
    return Path(argument).name if os.path.isabs(argument) else argument


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split(":")[0])
    parser.add_argument(
        "--data", help="Where the sentences are, as train takes it (default: tatoeba)."
    )
    parser.add_argument(
        "--peers",
        type=Path,
        default=PEERS if PEERS.exists() else None,
        metavar="PYTHON",
        help="Which Python has peers/requirements.txt (default: that of .venv-peers, if any).",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SECTIONS,
        metavar="SECTION",
        help=f"Which sections to measure: {' '.join(SECTIONS)} (default: all).",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="Where files are written (default: benchmarks/; with --only nowhere).",
    )
    args = parser.parse_args()
    if args.peers and not args.peers.exists():
        parser.error(f"--peers {args.peers}: no such file")
    out, begin = args.out or (None if args.only else FOLDER), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        suite = Suite(args.data, args.peers, Path(folder), stack)
        results = {"about": about(suite), "sections": {}}
        for name in args.only or SECTIONS:
            print(f"{time.monotonic() - begin:5.0f} s: {name} ...", file=sys.stderr)
            results["sections"][name] = SECTIONS[name](suite)
            if name != "training":  # translation goes on with its models
                suite.dismiss()
    results["about"].update(minutes=round((time.monotonic() - begin) / 60, 1))
    if suite.notes:
        results["about"]["not measured"] = "; ".join(suite.notes)
    page = tables.page(results)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "results.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        readme = out / "README.md"
        before = readme.read_text("utf-8") if readme.exists() else tables.BEGIN + tables.END
        readme.write_text(tables.spliced(before, page), "utf-8")
    print(page)


if __name__ == "__main__":
    main()
