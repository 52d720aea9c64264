"""Examples by the million: texts packed end to end, and found again by hashes.

A str takes 50 to 70 bytes beside its letters, an :class:`Example` 140 more, a dict of them 100: ten
times the text. Here a pair takes its UTF-8, and 8 to 12 bytes beside it.
"""

from array import array
from collections.abc import Sequence
from operator import index

import numpy as np

from .examples import Example

BLOCK = 32  # texts that are packed, and unpacked, together


class Texts:
    """Normalised texts, which have no line ends, one after the other as UTF-8, found by their
    numbers, 0 and up; they can be added, not changed."""

    def __init__(self):
        self._blocks, self._last, self._unpacked = [], [], (-1, [])

    def append(self, text):
        """Add ``text`` at the end."""
        self._last.append(text)
        if len(self._last) == BLOCK:
            self._blocks.append("\n".join(self._last).encode())
            self._last = []

    def __len__(self):
        return BLOCK * len(self._blocks) + len(self._last)

    def __getitem__(self, i):
        block, place = divmod(i, BLOCK)
        if block == len(self._blocks):
            return self._last[place]
        unpacked = self._unpacked  # once: another thread may replace it
        if unpacked[0] != block:
            self._unpacked = unpacked = block, self._blocks[block].decode().split("\n")
        return unpacked[1][place]


class Numbers:
    """Hash of 64 bits -> a number, by open addressing: 24 bytes each, or up to 48, where a dict of
    ints takes 130.

    Of n hashes two are equal by chance with a probability of about :math:`n^2 / 2^{65}` (the
    birthday problem): one in 2 million for 2 million pairs, which have up to 4 million. Then a
    pair is taken for one before, or gets another's source.
    """

    def __init__(self):
        self._count, self._mask = 0, 2**10 - 1
        self._keys, self._numbers = array("q", bytes(8 * 2**10)), array("i", bytes(4 * 2**10))

    def setdefault(self, key, number):
        """The number of ``key``, which is ``number``, 0 or more, where it had none."""
        keys, numbers, mask = self._keys, self._numbers, self._mask
        i = key & mask
        while numbers[i]:  # one more than the number; 0 is a free place
            if keys[i] == key:
                return numbers[i] - 1
            i = (i + 1) & mask
        keys[i], numbers[i] = key, number + 1
        self._count += 1
        if 2 * self._count > mask:
            self._grow()
        return number

    def _grow(self):
        keys, numbers, size = self._keys, self._numbers, 2 * (self._mask + 1)
        self._count, self._mask = 0, size - 1
        self._keys, self._numbers = array("q", bytes(8 * size)), array("i", bytes(4 * size))
        for key, number in zip(keys, numbers):
            if number:
                self.setdefault(key, number - 1)


class Grouping:
    """Puts the translations of a source together, wherever they stand; each pair counts once."""

    def __init__(self):
        self._numbers, self._sources, self._references = Numbers(), Texts(), Texts()
        self._source_of = array("i")  # of each reference, by its number

    def add(self, source, reference):
        """Keep a pair; returns whether it is new."""
        pair, new = len(self._references), len(self._sources)
        number = self._numbers.setdefault(hash(source), new)
        if self._numbers.setdefault(hash((source, reference)), pair) != pair:
            return False
        if number == new:
            self._sources.append(source)
        self._references.append(reference)
        self._source_of.append(number)
        return True

    def examples(self):
        """The :class:`Examples`, in the order of their sources."""
        source_of = np.array(self._source_of, "int32")
        order = array("i", np.argsort(source_of, kind="stable").astype("int32").tobytes())
        ends = np.cumsum(np.bincount(source_of, minlength=len(self._sources)))
        starts = array("i", [0])
        starts.frombytes(ends.astype("int32").tobytes())
        ids = array("i", range(len(self._sources)))
        return Examples(self._sources, self._references, order, starts, ids)


class Examples(Sequence):
    """A sequence of :class:`Example`, each made when it is asked for; it equals a list of them.

    ``sources`` and ``references``: :class:`Texts`; ``order``: the numbers of references, those of
    source e from ``starts[e]`` to ``starts[e + 1]``; ``ids``: the numbers of its own sources.
    """

    def __init__(self, sources, references, order, starts, ids):
        self._sources, self._references, self._order = sources, references, order
        self._starts, self._ids = starts, ids

    def take(self, ids):
        """Those at the places ``ids``, whole numbers, in that order; texts are shared."""
        chosen = array("i", map(self._ids.__getitem__, ids))
        return Examples(self._sources, self._references, self._order, self._starts, chosen)

    def __len__(self):
        return len(self._ids)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return self.take(range(len(self))[i])
        return self._example(self._ids[index(i)])

    def __iter__(self):
        return map(self._example, self._ids)

    def _example(self, number):
        places = self._order[self._starts[number] : self._starts[number + 1]]
        return Example(self._sources[number], tuple(map(self._references.__getitem__, places)))

    def __eq__(self, other):
        if not isinstance(other, (list, Examples)):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other))

    def __add__(self, other):
        return [*self, *other]

    def __radd__(self, other):
        return [*other, *self]

    def __repr__(self):
        return repr(list(self))
