"""Sentence pairs split anew: ``python -m benchmarks.resplit DATA SEED FOLDER``

Writes ``train.tsv dev.tsv test.tsv`` of DATA, which is what ``train --data`` takes, into FOLDER.
The sizes are those that :func:`gluon_seq2seq.load_corpus` splits it into, whose split is always the
same; which source sentences are held out, SEED says.
"""

import random
import sys
from pathlib import Path

from benchmarks.scaling import write_tsv

SPLITS = "train", "dev", "test"


def resplit(corpus, seed):
    """``{split: examples}`` of all examples of ``corpus``, as ``seed`` deals them out."""
    own = [getattr(corpus, split) for split in SPLITS]
    examples = [example for split in own for example in split]
    random.Random(seed).shuffle(examples)
    ends = [sum(map(len, own[:i])) for i in range(len(own) + 1)]
    return {split: examples[a:b] for split, a, b in zip(SPLITS, ends, ends[1:])}


def main(data, seed, folder):
    from gluon_seq2seq import load_corpus

    Path(folder).mkdir(parents=True)
    for split, examples in resplit(load_corpus(data), int(seed)).items():
        pairs = ((e.source, reference) for e in examples for reference in e.references)
        write_tsv(Path(folder, f"{split}.tsv"), pairs)


if __name__ == "__main__":
    main(*sys.argv[1:])
