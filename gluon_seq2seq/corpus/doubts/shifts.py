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
CHANCE = 50.0  # nats by which one way of so many is ahead of another
LEAST = 100  # lines, of a file that is judged at all
SHRINK = 5.0  # pairs of classes that are seen as chance has them, before those of the file
EVERY = 16  # of so many lines the place of one is kept
ENOUGH = 500, 20_000  # lines at least, and those looked at, to say that nothing goes together

_CODES = 0x10000  # characters beyond count as the last of these
_MARKS = np.zeros(_CODES, "uint8")
for _bit, _marks in enumerate(["?？؟", "!！¡", '"“”„«»「」『』', "()（）[]", ":：…"]):
    for _mark in _marks:
        _MARKS[ord(_mark)] = 1 << _bit
_NAMES = np.zeros(_CODES, "uint16")  # a sum of these tells numbers and capitals from one another
for _letter in range(26):
    _NAMES[65 + _letter] = 37 + 61 * _letter
_NAMES[ord("I")] = 0  # a word of its own in English, and of its own alone
_LETTERS = _NAMES > 0
for _first in 0x30, 0xFF10:
    _NAMES[_first : _first + 10] = [3, 7, 13, 29, 41, 59, 73, 89, 101, 113]


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
    names = _NAMES[codes]
    names[starts[_LETTERS[codes[starts]]]] = 0  # the first letter is large in any case
    names = np.add.reduceat(names, starts)  # modulo 2**16
    marks = np.bitwise_or.reduceat(_MARKS[codes], starts)
    names = np.where(names > 0, names % (CLASSES - 1) + 1, 0)
    classes = np.array([marks, names, np.minimum(4 * np.log2(lengths + 1), CLASSES - 1)], "uint8")
    return np.where(lengths > 0, classes, 0)


def _joint(sources: Any, targets: Any, by: int = 0) -> Any:
    """``(3, CLASSES, CLASSES)``: how often two classes meet, targets ``by`` lines further on."""
    here, there = _apart(sources, targets, by)
    counts = [
        np.bincount(s.astype("uint16") * CLASSES + t, minlength=CLASSES**2)
        for s, t in zip(here, there)
    ]
    return np.array(counts).reshape(-1, CLASSES, CLASSES)


def _apart(sources: Any, targets: Any, by: int) -> Tuple[Any, Any]:
    n = sources.shape[1]
    return sources[:, max(0, -by) : n - max(0, by)], targets[:, max(0, by) : n - max(0, -by)]


def _expected(joint: Any) -> Any:
    """What chance has in place of ``joint``, from its margins."""
    return joint.sum(2, keepdims=True) * joint.sum(1, keepdims=True) / max(1, joint[0].sum())


def _information(joint: Any) -> float:
    """The mutual information of the classes, in nats, of all pairs together."""
    seen = joint > 0
    return float((joint[seen] * np.log(joint[seen] / _expected(joint)[seen])).sum())


def shifted(sources: Any, targets: Any) -> Optional[Shift]:
    """The surest stretch of which each translation stands a few lines off its source, or None.

    ``sources``, ``targets``: classes, ``(3, n)``.
    """
    n = sources.shape[1]
    ways = [by for by in range(-FURTHEST, FURTHEST + 1) if by]
    joints = {by: _joint(sources, targets, by) for by in [0, *ways]}
    information = {by: _information(joint) for by, joint in joints.items()}
    learned = max(joints, key=information.__getitem__)  # of a file that is shifted from the first
    joint = joints[learned if information[learned] > information[0] + CHANCE else 0]
    q = np.log((joint + SHRINK) / (_expected(joint) + SHRINK)).astype("float32")
    straight = _goes_together(q, sources, targets)
    best, most = None, SURE + math.log(n * len(ways))
    for by in ways:
        x = _goes_together(q, *_apart(sources, targets, by))
        x -= straight[max(0, -by) : n - max(0, by)]
        sums = np.concatenate([[0.0], np.cumsum(x, dtype="float64")])
        gains = sums - np.minimum.accumulate(sums)
        end = int(gains.argmax())
        if gains[end] > most:
            start = int(sums[: end + 1].argmin())
            most, before = gains[end], max(0, -by)
            best = Shift(start + before, end + before - 1, by)
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
    draw = np.random.RandomState(0)
    chance = [
        _information(_joint(sources, targets[:, draw.permutation(len(lines))])) for _ in range(10)
    ]
    varied = min(len(np.unique(side[-1])) for side in (sources, targets)) > 4
    near = np.mean(chance) + 4 * np.std(chance)
    return bool(varied and _information(_joint(sources, targets)) < near)
