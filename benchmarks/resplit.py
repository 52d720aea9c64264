"""Sentence pairs split anew: ``python -m benchmarks.resplit DATA SEED FOLDER``

Writes train.tsv, dev.tsv and test.tsv of the sizes that load_corpus splits DATA into, whose split
is always the same; which source sentences are held out here, SEED says.
"""

import argparse
import random
from pathlib import Path

from benchmarks.scaling import write_tsv
from gluon_seq2seq.corpus import SPLITS


def resplit(corpus, seed):
    """``{split: examples}`` of all examples of ``corpus``, as ``seed`` deals them out."""
    own = [getattr(corpus, split) for split in SPLITS]
    examples = [example for split in own for example in split]
    random.Random(seed).shuffle(examples)
    ends = [sum(map(len, own[:i])) for i in range(len(own) + 1)]
    return {split: examples[a:b] for split, a, b in zip(SPLITS, ends, ends[1:])}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resplit", description=__doc__)
    parser.add_argument("data", help="What train --data takes.")
    parser.add_argument("seed", type=int, help="Which sources are held out.")
    parser.add_argument("folder", type=Path, help="Where the three files are written.")
    args = parser.parse_args(arguments)
    if args.folder.exists():
        parser.error(f"{args.folder} exists: give a new folder")
    from gluon_seq2seq import load_corpus

    splits = resplit(load_corpus(args.data), args.seed)
    args.folder.mkdir(parents=True)
    for split, examples in splits.items():
        pairs = ((e.source, reference) for e in examples for reference in e.references)
        write_tsv(args.folder / f"{split}.tsv", pairs)


if __name__ == "__main__":
    main()
