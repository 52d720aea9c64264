"""Lines -> examples and splits: what is dropped or mended is counted, and said."""

import hashlib
import re
from collections import Counter
from functools import lru_cache

import numpy as np

from ..errors import DataError
from ..text.tokenizer import MAX_CHARACTERS, Tokenizer
from . import SPLITS
from .annotations import read_gold
from .doubts import Doubts
from .packed import Grouping
from .readers import Note, Wanted, read, read_lines

REPEATED, BLANK = "the same pair again", "a blank side"
CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069]")


class CleaningReport:
    """How many lines were read, and how many were dropped or mended for which reason, where first.

    ``doubted``: what is doubtful of the pairs that were kept, with the first place of each, ``""``
    where it has none. ``format``: what a reader took the file for, ``""`` where it did not say.
    ``chosen``: the two sides were chosen by hand, and may be what else looks like no sentences.

    ``strict``: the first such line, and the first doubt, is a :class:`DataError`; the same pair
    again is none, nor is what costs no pair, such as a header, which is ``noted``.
    """

    def __init__(self, strict=False):
        self.strict, self.read, self.first = strict, 0, {}
        self.dropped, self.mended, self.noted = Counter(), Counter(), Counter()
        self.doubted, self.format, self.chosen = {}, "", False

    def skip(self, reason, place):
        """Count what a reader has left out: a pair, or with a :class:`Note` none."""
        if isinstance(reason, Note):
            self._count(self.noted, reason, place)
        else:
            self.read += 1
            self.drop(reason, place)

    def read_as(self, format):
        self.format = format

    def drop(self, reason, place):
        self._count(self.dropped, reason, place)

    def mend(self, reason, place):
        self._count(self.mended, reason, place)

    def doubt(self, reason, place):
        if self.strict:
            where = f"{place}: " if place else ""
            raise DataError(f"{where}{reason}; or leave out strict=True")
        self.doubted.setdefault(reason, place)

    def _count(self, counts, reason, place):
        if self.strict and counts is not self.noted and reason != REPEATED:
            raise DataError(f"{place}: {reason}: mend the line, or leave out strict=True")
        counts[reason] += 1
        self.first.setdefault(reason, place)

    def add(self, other):
        """Count what another report has counted of files that were read after those of this one."""
        self.read += other.read
        self.dropped += other.dropped
        self.mended += other.mended
        self.noted += other.noted
        self.first = {**other.first, **self.first}
        self.doubted = {**other.doubted, **self.doubted}
        self.format = other.format

    @property
    def kept(self):
        return self.read - sum(self.dropped.values())

    def __str__(self):
        lines = [f"{self.read:,} pairs read, {self.kept:,} kept"]
        kinds = ("dropped", self.dropped), ("mended", self.mended), ("noted", self.noted)
        for what, counts in kinds:
            for reason, count in counts.most_common():
                lines.append(f"  {count:,} {what}: {reason} (first: {self.first[reason]})")
        for reason, place in self.doubted.items():
            lines.append(f"  doubtful: {reason}" + f" (first: {place})" * bool(place))
        return "\n".join(lines)


def clean(lines, tokenizers, max_length, report):
    """The :class:`~.packed.Examples` of normalised pairs of ``(place, (source, target, …))``, by
    source in reading order; counts what is dropped in ``report``."""
    kept = Grouping()
    doubts = Doubts([tokenizer.language for tokenizer in tokenizers], report)
    for place, sides in doubts.watched(_pairs(lines, report)):
        if CONTROLS.search(sides[0] + sides[1]):
            report.mend("control characters, taken out", place)
        source, reference = (
            tokenizer.normalize(side) for tokenizer, side in zip(tokenizers, sides)
        )
        if not source or not reference:
            report.drop(BLANK, place)
        elif (
            max(
                len(tokenizer.cut(side)) for tokenizer, side in zip(tokenizers, (source, reference))
            )
            > max_length
        ):
            report.drop(f"a side of more than {max_length} tokens", place)
        elif not kept.add(source, reference):
            report.drop(REPEATED, place)
    examples = kept.examples()
    doubts.repeated(examples)
    return examples


def clean_files(paths, tokenizers, max_length, wanted, report):
    """:func:`clean` of the lines of ``paths``, the files of a split, as ``wanted``; unless they are
    turned round, with what the ``.jsonl`` beside each knows of its sources."""
    lines = (line for path in paths for line in read(path, wanted))
    examples, gold = clean(lines, tokenizers, max_length, report), {}
    for path in () if wanted.turned else (path.with_suffix(".jsonl") for path in paths):
        if path.is_file():
            gold.update(read_gold(read_lines(path), *tokenizers))
    return [e._replace(gold=gold.get(e.source)) for e in examples] if gold else examples


@lru_cache(maxsize=16)
def clean_bundled(paths, languages, lowercase, max_length, turned, strict):
    """:func:`clean_files` of bundled files, which do not change, and their own report. They are
    read once: several corpora share a split, and evaluation asks for that of training again."""
    report = CleaningReport(strict)
    wanted = Wanted(*languages, None, report.skip, turned, report.read_as)
    tokenizers = [Tokenizer(language, lowercase) for language in languages]
    return clean_files(paths, tokenizers, max_length, wanted, report), report


def _pairs(lines, report):
    """``(place, (source, target))`` of the lines that have both."""
    for place, columns in lines:
        report.read += 1
        if len(columns) < 2:
            report.drop("no translation (no tab)", place)
            continue
        source, target = columns[:2]
        if max(len(source), len(target)) > MAX_CHARACTERS:
            report.drop(f"a side of more than {MAX_CHARACTERS:,} characters", place)
        else:
            yield place, (source, target)


def split(examples):
    """Deal out the sources in the order of a hash of their text, whatever that of the file."""
    held_out = min(2000, max(1, len(examples) // 20))
    # The first 8 bytes of the hashes say which may be held out; whole ones deal these out.
    firsts = np.fromiter((_digest(e)[:8] for e in examples), ">S8", len(examples)).view(">u8")
    among = np.flatnonzero(firsts <= np.sort(firsts)[: 2 * held_out][-1:]).tolist()
    dealt = sorted(among, key=lambda i: _digest(examples[i]))
    chosen = dict.fromkeys(dealt[:held_out], "test")
    chosen.update(dict.fromkeys(dealt[held_out : 2 * held_out], "dev"))
    places = range(len(examples))
    return {
        split: examples.take(i for i in places if chosen.get(i, "train") == split)
        for split in SPLITS
    }


def _digest(example):
    return hashlib.sha256(example.source.encode()).digest()


def check_disjoint(splits, folder):
    seen = {}
    for split in SPLITS:
        for example in splits[split]:
            if example.source in seen:
                raise DataError(
                    f"{folder}: {example.source!r} is in {seen[example.source]}.tsv and in "
                    f"{split}.tsv: keep it in one, or the scores measure memory"
                )
            seen[example.source] = split


def drop_known(splits, report):
    """Drop from each split the sources of those before it: in a folder turned round, two
    sentences of different splits may share their translation."""
    seen = set()
    for split in SPLITS:
        places = [i for i, example in enumerate(splits[split]) if example.source not in seen]
        new = splits[split].take(places)
        known = sum(len(e.references) for e in splits[split]) - sum(len(e.references) for e in new)
        for _ in range(known):
            report.drop("its source is in a split before", f"the split {split}")
        splits[split] = new
        seen.update(example.source for example in new)
