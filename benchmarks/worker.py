"""Both ends of the benchmarks' protocol: :class:`Worker` asks, ``python -m benchmarks.worker
PREPARED.npz MODEL`` answers for this package, as peers/ does for others.

A worker is a process of its own: threads are fixed when MXNet is loaded. Requests and answers are
JSON, one a line (peers/protocol.py):

=========================================== =====================================================
``{"do": "train", "steps": n}``             ``{"tokens": real target tokens, "seconds": s}``;
                                            <eos> counts, padding does not
``{"do": "translate", "beam": 1 or more,    ``{"sentences": k, "seconds": s, "tokens": written}``
"batch": n, "sentences": k}``               of the first k test sentences; beam 1 is greedy;
                                            with n = 1 and this package ``"median_ms"``, too
``{"do": "memory"}``                        ``{"peak_mb": m}`` (this package's worker alone)
``{"do": "quit"}``                          none
=========================================== =====================================================

PREPARED.npz holds ids, so that all workers have one vocabulary and one cut: ``src tgt test_src``,
the sentences end to end, each with its <eos>, ``src_offsets tgt_offsets test_src_offsets``, from 0
to the end, and ``vocab_sizes (2,)``.
"""

import argparse
import json
import signal
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np

from benchmarks.peers.protocol import sentences, serve

LEARNING_RATE = 4e-3  # train's own


class Failed(Exception):
    """A worker that died or answered with an error; the message is its last words."""


class Worker:
    """A process that answers requests, stopped whenever it is not asked: nothing of it, spinning
    threads or batches made ahead, takes a core while another one is measured."""

    def __init__(self, command, log, environment):
        self.log = log
        with open(log, "w") as errors:
            self.process = subprocess.Popen(
                list(map(str, command)),
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.steps = 0  # of training so far

    def ask(self, do, **arguments):
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        answer = json.loads(line) if line else {"error": self.last_words()}
        if "error" in answer:
            raise Failed(answer["error"])
        self.process.send_signal(signal.SIGSTOP)
        self.steps += arguments.get("steps", 0)
        return answer

    def train(self, steps):
        """Real target tokens per second."""
        answer = self.ask("train", steps=steps)
        return answer["tokens"] / answer["seconds"]

    def translate(self, beam, batch, sentences):
        """Sentences per second."""
        answer = self.ask("translate", beam=beam, batch=batch, sentences=sentences)
        return answer["sentences"] / answer["seconds"]

    def last_words(self):
        with open(self.log, errors="replace") as lines:
            return "".join(lines.readlines()[-1:]).strip() or "it died without a word"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def save_prepared(path, pairs, tests, vocab_sizes):
    """PREPARED.npz of ``pairs`` of lists of ids and ``tests``, lists of ids, all with <eos>."""
    arrays = {"vocab_sizes": np.array(vocab_sizes)}
    for name, ids in zip(("src", "tgt", "test_src"), (*zip(*pairs), tests)):
        arrays[name] = np.concatenate(ids).astype("int32")
        arrays[f"{name}_offsets"] = np.cumsum([0, *map(len, ids)]).astype("int32")
    np.savez(path, **arrays)


def vocabulary(size):
    """A Vocabulary in which "w7" is the word of id 7."""
    from gluon_seq2seq.text.tokenizer import SPECIALS, Tokenizer
    from gluon_seq2seq.text.vocabulary import Vocabulary

    tokens = [*SPECIALS, *(f"w{i}" for i in range(len(SPECIALS), size))]
    indices = {token: i for i, token in enumerate(tokens)}
    return Vocabulary(Counter(tokens), Tokenizer("en"), token_to_idx=indices)


def text(ids):
    """The sentence that :func:`vocabulary` encodes as ``ids``; <unk> is "w3", unknown to it."""
    return " ".join(f"w{i}" for i in ids[:-1])


class PackageStep:
    """The package's training step, and its parts after the model, which :mod:`.roofline` times."""

    def __init__(self, model, workers):
        from gluon_seq2seq.training.train_step import Step

        self.step = Step(model, workers=workers)

    def __call__(self, batch):
        """Take one step; the number of target tokens."""
        from gluon_seq2seq.training.loop import schedule

        return self.step(batch, LEARNING_RATE * schedule(self.step.count, 0.0))[1]

    def loss(self, logits, Y, tgt_valid_length):
        """The loss and its gradient with respect to the logits."""
        from gluon_seq2seq.model.loss import loss_and_gradient

        return loss_and_gradient(logits, Y, tgt_valid_length)

    def update(self):
        """Clip and update, with the gradients of a backward pass."""
        self.step._norm().asscalar()
        self.step.trainer.step(1000)


class Training:
    """A named model, and its training that goes on through shuffled epochs."""

    def __init__(self, prepared, name, batch_size=128, workers=None, **settings):
        from gluon_seq2seq import runtime
        from gluon_seq2seq.corpus.batches import Minibatches
        from gluon_seq2seq.model import papers as models
        from gluon_seq2seq.training.distributed import Workers

        workers = workers or Workers()

        with np.load(prepared) as arrays:
            vocabs = [vocabulary(size) for size in arrays["vocab_sizes"]]
            src, tgt = (map(text, sentences(arrays, side)) for side in ("src", "tgt"))
            self.tests = [text(ids) for ids in sentences(arrays, "test_src")]
        runtime.seed(0)
        self.model = models.MODELS[name](*vocabs, **{"drop_prob": 0, **settings}, device="cpu")
        share = {"rank": workers.rank, "workers": workers.count, "least": workers.count}
        pairs = list(zip(src, tgt))
        self.batches = Minibatches(pairs, *vocabs, batch_size, shuffle=True, **share)
        self.endless = chain.from_iterable(repeat(self.batches))  # shuffled anew each time
        self.step = PackageStep(self.model, workers)
        self.lengths = []  # of source and target, for each batch of the last ``train``

    def train(self, steps):
        from mxnet import nd

        self.lengths, tokens, begin = [], 0, time.perf_counter()
        for batch in islice(self.endless, steps):
            tokens += self.step(batch)
            self.lengths.append((batch.src_valid_length, batch.tgt_valid_length))
        nd.waitall()
        return {"tokens": tokens, "seconds": time.perf_counter() - begin}

    def translate(self, beam, batch, sentences, exported=False):
        from gluon_seq2seq import Translator

        model = self.exported() if exported else self.model
        translator = Translator(model, batch_size=batch, beam_size=beam)
        translator.max_length = lambda length: length * 3 // 2  # as JoeyNMT, for equal work
        tests = self.tests[:sentences]
        groups = [[one] for one in tests] if batch == 1 else [tests]
        seconds, written = [], 0
        for group in groups:
            begin = time.perf_counter()
            found = translator.search(group)
            seconds.append(time.perf_counter() - begin)
            written += sum(len(translation.tokens) + 1 for translation in found)
        answer = {"sentences": len(tests), "seconds": sum(seconds), "tokens": written}
        if batch == 1:
            answer["median_ms"] = 1000 * statistics.median(seconds)
        return answer

    def exported(self):
        """The model as it is now, exported and read again."""
        from gluon_seq2seq import load_model
        from gluon_seq2seq.export.export import export

        with tempfile.TemporaryDirectory() as folder:
            export(self.model, Path(folder, "exported"))
            return load_model(Path(folder, "exported"))


def peak_mb():
    """The most memory that this process ever had, in MB.

    Not ``ru_maxrss`` where there is another way: Linux counts the process that started this one.
    """
    try:
        with open("/proc/self/status") as status:
            (line,) = (line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except OSError:  # macOS, where the unit is bytes
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("prepared", metavar="PREPARED.npz", help="Which ids to train on.")
    parser.add_argument("model", help="Which model to train.")
    for name, value, text in (
        ("--embed-size", 256, "How many numbers a word vector has"),
        ("--num-hiddens", 256, "How many hidden units a recurrent layer has"),
        ("--batch-size", 128, "How many sentence pairs a step takes"),
        ("--drop-prob", 0.0, "How likely dropout is to leave a number out"),
    ):
        parser.add_argument(name, type=type(value), default=value, help=f"{text} (%(default)s).")
    settings = vars(parser.parse_args())

    def actions():
        training = Training(settings.pop("prepared"), settings.pop("model"), **settings)
        memory = {"memory": lambda: {"peak_mb": peak_mb()}}
        return {"train": training.train, "translate": training.translate, **memory}

    serve(actions)


if __name__ == "__main__":
    main()
