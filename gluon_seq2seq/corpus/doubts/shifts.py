r"""Whether the lines of the two sides go together: of two files one may have lost a line.

Two lines are known to be a pair by what survives translation: their marks ``? ! " ( :``, their
digits, their capitals, their length. Each of these is a class f of 32, and a source i and a target
j go together by their pointwise mutual information

.. math:: q(i, j) = \sum_f \log \frac{P(f(s_i), f(t_j))}{P(f(s_i))\, P(f(t_j))}

which is learned from the file itself. Where the translations stand k lines further on,
:math:`x_i = q(i, i+k) - q(i, i)` is positive in the mean, elsewhere negative, whatever the file: it
is a ratio of likelihoods. Its sum over a stretch reaches h by chance once in :math:`e^h`
(CUSUM: Page, 1954), so the stretch of the largest sum is one, or none.
"""

import math
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

CLASSES = 32
FURTHEST = 5  # lines that a translation may stand off its source
SURE = 30.0  # nats beyond what chance has among so many lines
CHANCE = 50.0  # nats by which another way has to be ahead of the straight one
SIGMAS = 4  # standard deviations that are chance
LEAST = 100  # lines, of a file that is judged at all
SHRINK = 5.0  # pairs of classes that are seen as chance has them, before those of the file
EVERY = 16  # of so many lines the place of one is kept
AT_ONCE = 250_000  # lines
ENOUGH = 500, 20_000  # lines at least, and those looked at, to say that nothing goes together

_CODES = 0x10000  # characters beyond count as the last of these
# The upper half of a number: a bit for each kind of mark. The lower: capitals and digits, of which
# a sum tells names and numbers from one another.
_TABLE = np.zeros(_CODES, "uint32")
for _bit, _marks in enumerate(["?？؟", "!！¡", '"“”„«»「」『』', "()（）[]", ":：…"]):
    for _mark in _marks:
        _TABLE[ord(_mark)] = 1 << (16 + _bit)
for _letter in set(range(26)) - {ord("I") - 65}:  # in English a word of its own
    _TABLE[65 + _letter] = 37 + 61 * _letter
for _first in 0x30, 0xFF10:
    _TABLE[_first : _first + 10] = [3, 7, 13, 29, 41, 59, 73, 89, 101, 113]


class Shift(NamedTuple):
    """From the line ``start`` to ``end``, counted from 0, translations stand ``by`` lines on."""

    start: int
    end: int
    by: int


class Lines:
    """What is kept of the lines of both sides, six bytes a pair, and the places of some."""

    def __init__(self) -> None:
        self.count = 0
        self._places: List[str] = []
        self._classes: List[Tuple[Any, Any]] = []  # of sources and targets, (3, n) each

    def add(self, places: Sequence[str], sources: Sequence[str], targets: Sequence[str]) -> None:
        """Keep what is to be known of further pairs."""
        self._places.extend(places[-self.count % EVERY :: EVERY])
        self._classes.append((_classes(sources), _classes(targets)))
        self.count += len(places)

    def place(self, line: int) -> str:
        """About where a line stands that is counted from 0."""
        return self._places[line // EVERY]

    def judged(self) -> Tuple[Optional[Shift], bool]:
        """The stretch where translations stand off their sources, None if there is none, and
        whether nothing goes together at all."""
        if self.count < LEAST:
            return None, False
        sources, targets = (np.concatenate(side, axis=1) for side in zip(*self._classes))
        shift = shifted(sources, targets)
        return shift, shift is None and unrelated(sources, targets)


def _classes(texts: Sequence[str]) -> Any:
    """``(3, n)``, uint8 below :data:`CLASSES`: marks, digits and capitals, length of each text."""
    lengths = np.fromiter(map(len, texts), "int64", len(texts))
    text = "".join([*texts, " "])
    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "uint16")
    if len(codes) != len(text):  # characters beyond 16 bits
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "uint32")
        codes = np.minimum(codes, _CODES - 1)
    starts = np.cumsum(lengths) - lengths
    values = _TABLE[codes]
    first = codes[starts]
    values[starts[(first >= 65) & (first < 91)]] = 0  # the first letter is large in any case
    marks = np.bitwise_or.reduceat(values, starts) >> 16
    names = np.add.reduceat(values, starts) & 0xFFFF
    names = np.where(names > 0, names % (CLASSES - 1) + 1, 0)
    sizes = np.minimum(4 * np.log2(lengths + 1), CLASSES - 1)
    return np.where(lengths > 0, [marks, names, sizes], 0).astype("uint8")


def _joint(sources: Any, targets: Any) -> Any:
    """``(3, CLASSES, CLASSES)``: how often two classes meet, of pairs ``(3, n)``."""
    counts = [
        np.bincount(s.astype("uint16") * CLASSES + t, minlength=CLASSES**2)
        for s, t in zip(sources, targets)
    ]
    return np.array(counts).reshape(-1, CLASSES, CLASSES)


def _expected(joint: Any) -> Any:
    """What chance has in place of ``joint``, from its margins."""
    return joint.sum(2, keepdims=True) * joint.sum(1, keepdims=True) / max(1, joint[0].sum())


def _information(joint: Any) -> float:
    """The mutual information of the classes, in nats, of all pairs together."""
    seen = joint > 0
    return float((joint[seen] * np.log(joint[seen] / _expected(joint)[seen])).sum())


def shifted(sources: Any, targets: Any) -> Optional[Shift]:
    """The surest stretch of which each translation stands a few lines off its source, or None.

    ``sources``, ``targets``: classes, ``(3, n)``. Of more than :data:`AT_ONCE` lines some are
    looked at, and then those around both ends of the stretch.
    """
    n = sources.shape[1]
    step = -(-n // AT_ONCE)
    best = _surest(sources, targets, step)
    if best is None or step == 1:
        return best
    ends = []
    for line in best.start, best.end:
        first, last = max(0, line - AT_ONCE // 8), line + AT_ONCE // 8
        near = _surest(sources[:, first:last], targets[:, first:last], 1)
        ends.append((near.start + first, near.end + first) if near else (line, line))
    return Shift(ends[0][0], ends[1][1], best.by)


def _surest(sources: Any, targets: Any, step: int) -> Optional[Shift]:
    """The same, of every so many-th line."""
    n = sources.shape[1]

    def pairs(by: int) -> Tuple[Any, Any]:
        here, there = FURTHEST, FURTHEST + by
        width = n - 2 * FURTHEST
        return sources[:, here : here + width : step], targets[:, there : there + width : step]

    ways = [by for by in range(-FURTHEST, FURTHEST + 1) if by]
    joints = {by: _joint(*pairs(by)) for by in [0, *ways]}
    information = {by: _information(joint) for by, joint in joints.items()}
    joint, by = joints[0], max(joints, key=information.__getitem__)
    if information[by] > information[0] + CHANCE:  # shifted from the first line on?
        mean, deviation = _by_chance(*pairs(by))
        if information[by] > mean + 2 * SIGMAS * deviation:
            joint = joints[by]
    q = np.log((joint + SHRINK) / (_expected(joint) + SHRINK)).astype("float32")
    straight = _goes_together(q, *pairs(0))
    best, most = None, SURE + math.log(n * len(ways))
    for by in ways:
        x = _goes_together(q, *pairs(by)) - straight
        sums = np.concatenate([[0.0], np.cumsum(x, dtype="float64")])
        gains = sums - np.minimum.accumulate(sums)
        end = int(gains.argmax())
        if gains[end] > most:
            start, most = int(sums[: end + 1].argmin()), gains[end]
            best = Shift(FURTHEST + start * step, FURTHEST + (end - 1) * step, by)
    return best


def _goes_together(q: Any, sources: Any, targets: Any) -> Any:
    """q of each pair, ``(n,)``."""
    total = np.zeros(sources.shape[1], "float32")
    for table, s, t in zip(q, sources, targets):
        total += table[s, t]
    return total


def unrelated(sources: Any, targets: Any) -> bool:
    """Whether the two sides share no more than they would in any order."""
    least, most = ENOUGH
    n = sources.shape[1]
    if n < least:
        return False
    lines = np.linspace(0, n - 1, min(n, most)).astype("int64")
    sources, targets = sources[:, lines], targets[:, lines]
    varied = min(len(np.unique(side[-1])) for side in (sources, targets)) > 4
    mean, deviation = _by_chance(sources, targets)
    return varied and _information(_joint(sources, targets)) < mean + SIGMAS * deviation


def _by_chance(sources: Any, targets: Any) -> Tuple[float, float]:
    """The mean information of the same lines in ten other orders, and its standard deviation."""
    draw = np.random.RandomState(0)
    orders = [draw.permutation(sources.shape[1]) for _ in range(10)]
    found = [_information(_joint(sources, targets[:, order])) for order in orders]
    return float(np.mean(found)), float(np.std(found))
