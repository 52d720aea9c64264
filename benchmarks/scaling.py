"""What more data and longer sentences cost: time and memory to prepare a corpus, memory to train,
speed against length. ``python -m benchmarks.scaling FILE.tsv`` prepares one corpus.

Prepared means: read, cleaned, split, vocabularies made, and the first shuffled batch of 128 at
hand. Each is prepared in a process of its own, the first time after imports.
"""

import json
import random
import sys
import time
from functools import partial

from benchmarks.turns import take_turns
from benchmarks.worker import peak_mb, save_prepared

PAIRS = 10_000, 40_000, 160_000
RECOMBINED = 2_000_000
MEMORY_STEPS = 50
LENGTHS = 5, 10, 20, 40
TOKENS = 1280  # a side of a batch, at every length
ROUNDS, STEPS = 3, 10


def recombined(pairs, count, seed=0):
    """Yield ``count`` pairs of new sentences, no source twice.

    Each is the first half of the words of one pair and the second half of those of another, on
    both sides: lengths and words stay like those of ``pairs``, meaning does not. Raises
    :class:`ValueError` where ``pairs`` has not that many halves.
    """
    rng, seen = random.Random(seed), set()
    halves = [tuple(cut(side) for side in pair) for pair in pairs]
    for _ in range(10 * count):
        first, second = rng.choice(halves), rng.choice(halves)
        source, target = (" ".join((a, b)) for (a, _), (_, b) in zip(first, second))
        if source not in seen:
            seen.add(source)
            yield source, target
            if len(seen) == count:
                return
    raise ValueError(f"{len(pairs)} pairs make only {len(seen)} of {count} new ones")


def cut(sentence):
    words = sentence.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[:middle]), " ".join(words[middle:])


def write_tsv(path, pairs):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{source}\t{target}\n" for source, target in pairs)


def prepare(path):
    """Seconds, and the peak of memory in MB, to the first batch; how much of it are imports."""
    import gluon_seq2seq as gs
    from gluon_seq2seq.corpus.examples import each_pair

    gs.Minibatches  # noqa: B018  is imported with this
    imported, begin = peak_mb(), time.perf_counter()
    corpus = gs.load_corpus(path)
    vocabs = corpus.src_vocab, corpus.tgt_vocab
    batches = gs.Minibatches(each_pair(corpus.train), *vocabs, 128, shuffle=True)
    next(iter(batches)).X.wait_to_read()
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "peak_mb": peak_mb(), "imports_mb": imported}


def preparation(suite):
    """Rows for cuts of the data, and for sentences recombined from the largest of them."""
    pairs = list(suite.pairs)
    random.Random(0).shuffle(pairs)
    found = {}
    for count in (*PAIRS, RECOMBINED):
        path = suite.folder / "pairs.tsv"
        if count > len(pairs):
            write_tsv(path, recombined(pairs[: max(PAIRS)], count))
        else:
            write_tsv(path, pairs[:count])
        output = suite.output(sys.executable, "-m", "benchmarks.scaling", path)
        found[count] = json.loads(output)
        path.unlink()
    return found


def memory(suite):
    """Peak memory in MB of training luong2015 at batch 128, data and imports included."""
    worker = suite.worker("luong2015")
    worker.train(MEMORY_STEPS)
    return worker.ask("memory")["peak_mb"]


def lengths(suite):
    """Target tokens per second, round by round, of sentences of one length only."""
    rng, least = random.Random(0), min(suite.vocab_sizes)

    def sentence(length):
        return [*(rng.randrange(4, least) for _ in range(length - 1)), 2]

    tasks = {}
    for length in LENGTHS:
        batch = TOKENS // length
        pairs = [(sentence(length), sentence(length)) for _ in range(4 * batch)]
        path = suite.folder / f"length-{length}.npz"
        save_prepared(path, pairs, [pairs[0][0]], suite.vocab_sizes)
        worker = suite.warm("luong2015", prepared=path, batch_size=batch)
        tasks[length] = partial(worker.train, STEPS)
    return take_turns(tasks, ROUNDS)


def scaling(suite):
    found = {"preparation": preparation(suite)}
    small, large = (found["preparation"][count]["seconds"] for count in (max(PAIRS), RECOMBINED))
    found.update(ratio=large / small, steps=MEMORY_STEPS, training_mb=memory(suite))
    return {**found, "lengths": lengths(suite)}


if __name__ == "__main__":
    print(json.dumps(prepare(sys.argv[1])))
