r"""Search for :math:`\arg\max_y P(y_1, \ldots, y_{T'} \mid c)` (d2l-zh 2018, "束搜索").

A search sees only a :class:`~.step.Step`. All sums of log probabilities are in float64. It computes
with NumPy alone, and is copied beside the graphs of an exported model, which search with it, too.
"""

import math
from numbers import Real
from typing import TYPE_CHECKING, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from ..errors import UsageError, whole_number
from .step import S, Step, on_numpy

if TYPE_CHECKING:  # it loads MXNet
    from mxnet import Context

EXHAUSTIVE_LIMIT = 100_000
Lengths = Union[Sequence[int], np.ndarray]


class Hypothesis(NamedTuple):
    r"""An output :math:`y_1, \ldots, y_L`, ``<eos>`` included where it was reached.

    ``log_p`` is :math:`\sum_{t'} \log P(y_{t'} \mid y_{<t'}, c)` in nats, ``score``
    :math:`L^{-\alpha}` times that; both are 0 where there are no ids.
    """

    ids: Tuple[int, ...]
    log_p: float
    score: float


class Candidate(NamedTuple):
    """A continuation that beam search looked at, as its ``record`` has it."""

    parent: int  # index in the list of the step before; -1 at the first step
    token: int
    log_p: float  # of the whole hypothesis so far
    score: float
    fate: str  # "kept", "finished" or "pruned"


class _Live(NamedTuple):
    """An unfinished hypothesis of beam search, one row of the step's batch."""

    sentence: int
    parent: int  # the row of the step before that it continues
    ids: Tuple[int, ...]
    log_p: float
    place: int  # among its step's candidates


def greedy(
    step: Step[S],
    state: S,
    bos: int,
    eos: int,
    max_length: Lengths,
    ctx: Optional["Context"] = None,
) -> List[Hypothesis]:
    r"""Take :math:`y_{t'} = \arg\max_y P(y \mid y_{<t'}, c)` until ``<eos>``.

    - ``step``, ``state``: as above, the state that of N sentences; ``y_prev`` and ``rows`` are of
      its kind of arrays, of MXNet's two, or where it is none, of that which ``npx.set_np()`` asks;
      where ``step.on_numpy`` is true, they are NumPy's;
    - ``bos``, ``eos``: the ids that begin and end a sentence;
    - ``max_length (N,)``: each sentence's largest number of steps; 0 gives an empty hypothesis;
    - ``ctx``: the device of ``y_prev`` and ``rows`` (``None``: the CPU).

    Of equal words the lowest id is taken. Returns N :class:`Hypothesis`; there is nothing to rank,
    so their ``score`` is their ``log_p`` (:math:`\alpha = 0`).
    """

    def choose(log_p, _):
        return log_p.argmax(axis=1)

    return _word_by_word(step, state, bos, eos, max_length, choose, ctx)


def sample(
    step: Step[S],
    state: S,
    bos: int,
    eos: int,
    max_length: Lengths,
    temperature: float = 1.0,
    seed: Union[int, Sequence[int]] = 0,
    ctx: Optional["Context"] = None,
) -> List[Hypothesis]:
    r"""Draw :math:`y_{t'} \sim P(y \mid y_{<t'}, c)^{1/\tau}`, renormalised, until ``<eos>``.

    A ``temperature`` :math:`\tau` below 1 sharpens the distribution, towards :func:`greedy`; one
    above 1 flattens it. ``step``, ``state``, ``bos``, ``eos``, ``max_length`` and ``ctx`` are those
    of :func:`greedy`; ``log_p`` is the model's own, whatever the temperature. The same ``seed``
    draws the same, whatever other sentences there are: sentence i draws by ``seed`` + i, or by its
    own of N seeds; the global generators are left alone. Raises :class:`UsageError` where the
    temperature is not finite and above 0.
    """
    if not isinstance(temperature, Real) or not 0 < temperature < math.inf:
        raise UsageError(
            f"temperature is {temperature!r}: use a finite number above 0, or greedy for 0"
        )
    if isinstance(seed, (int, np.integer)):
        seed = whole_number("seed", seed, 0, 2**32 - 1)
        seed = [seed + i for i in range(len(max_length))]
    random = [np.random.RandomState(number % 2**32) for number in seed]

    def choose(log_p, sentence):
        log_p = log_p.astype("float64")
        weight = np.exp((log_p - log_p.max(axis=1, keepdims=True)) / temperature)
        below = weight.cumsum(axis=1)  # (M, V)
        drawn = np.array([[random[i].random_sample()] for i in sentence]) * below[:, -1:]
        return (below > drawn).argmax(axis=1)

    return _word_by_word(step, state, bos, eos, max_length, choose, ctx)


def _word_by_word(step, state, bos, eos, max_length, choose, ctx):
    """One hypothesis a sentence, each word as ``choose(log_p, sentence) -> (M,)`` says."""
    step, state = on_numpy(step, state, ctx)
    max_length = np.asarray(max_length)
    ids, total = [[] for _ in max_length], np.zeros(len(max_length))
    sentence, y = np.arange(len(max_length)), np.full(len(max_length), bos)
    alive = max_length > 0
    while alive.any():
        if not alive.all():
            state = _take(state, np.flatnonzero(alive))
            sentence, y = sentence[alive], y[alive]  # (M,)
        log_p, state = step(_int32(y), state)
        y = choose(log_p, sentence)
        total[sentence] += log_p[np.arange(len(y)), y]
        for i, word in zip(sentence, y.tolist()):
            ids[i].append(word)
        alive = (y != eos) & (len(ids[sentence[0]]) < max_length[sentence])
    return [Hypothesis(tuple(y), log_p, log_p) for y, log_p in zip(ids, total.tolist())]


def beam(
    step: Step[S],
    state: S,
    bos: int,
    eos: int,
    max_length: Lengths,
    beam_size: int,
    alpha: float = 0.75,
    n_best: int = 1,
    record: Optional[List[List[List[Candidate]]]] = None,
    ctx: Optional["Context"] = None,
) -> List[List[Hypothesis]]:
    r"""Keep the ``beam_size`` most probable hypotheses at every step; beam size 1 is greedy.

    At each step all live hypotheses of a sentence are continued with all words, and the
    ``beam_size`` continuations of the largest log P are kept (fewer where there are fewer).
    Those that end in ``<eos>`` or reach the sentence's ``max_length`` are finished; the others
    live on. The finished ones are ranked by

    .. math:: \frac{1}{L^\alpha} \sum_{t'=1}^{L} \log P(y_{t'} \mid y_{<t'}, c)

    with L the number of words, ``<eos>`` counted. Since log P is negative, :math:`L^\alpha`
    favours long outputs, the more the larger ``alpha``; 0 ranks by log P alone.

    A hypothesis of log P S never scores more than :math:`S / \text{max\_length}^\alpha` in the
    end. As soon as none of a sentence's live hypotheses can come among its ``n_best`` any more,
    its search stops; this changes nothing about the result. ``step``, ``state``, ``bos``, ``eos``,
    ``max_length (N,)`` and ``ctx`` are those of :func:`greedy`.

    Returns, for each of the N sentences, its ``n_best`` :class:`Hypothesis` (or as many as there
    are), best first. Of equal candidates the earlier parent's, then the lower word id is first.
    A list passed as ``record`` gets N lists of steps, each step a list of :class:`Candidate`,
    best first: all that were kept or finished, and the nearest misses, at most ``beam_size``.
    Raises :class:`UsageError` for sizes out of range.

    (``gluonnlp.model.BeamSearchSampler`` has one cap for all sentences, computes finished ones
    until the last is finished, and leaves no record to draw.)
    """
    beam_size = whole_number("beam_size", beam_size, 1)
    n_best = whole_number("n_best", n_best, 1, beam_size, ", the beam_size")
    alpha = _checked(alpha)
    step, state = on_numpy(step, state, ctx)
    caps = np.asarray(max_length).tolist()
    best = [[] if cap > 0 else [Hypothesis((), 0.0, 0.0)] for cap in caps]
    steps: List[List[List[Candidate]]] = [[] for _ in caps]
    looked_at = beam_size if record is None else 2 * beam_size
    live = [_Live(i, i, (), 0.0, -1) for i, cap in enumerate(caps) if cap > 0]
    while live:
        y_prev = _int32([(bos, *row.ids)[-1] for row in live])
        state = _take(state, [row.parent for row in live])
        log_p, state = step(y_prev, state)
        parents, live = live, []
        for i, candidates in _largest(log_p, parents, looked_at):
            kept = []
            if record is not None:
                steps[i].append([])
            for place, (row, word, total) in enumerate(candidates):
                ids = (*parents[row].ids, word)
                if place >= beam_size:
                    fate = "pruned"
                elif word == eos or len(ids) == caps[i]:
                    fate = "finished"
                    best[i].append(Hypothesis(ids, total, _score(total, len(ids), alpha)))
                else:
                    fate = "kept"
                    kept.append(_Live(i, row, ids, total, place))
                if record is not None:
                    score = _score(total, len(ids), alpha)
                    steps[i][-1].append(Candidate(parents[row].place, word, total, score, fate))
            best[i] = _ranked(best[i])[:n_best]
            if len(best[i]) < n_best or (
                kept and best[i][-1].score < _score(kept[0].log_p, caps[i], alpha)
            ):
                live += kept
    if record is not None:
        record.extend(steps)
    return best


def exhaustive(
    step: Step[S],
    state: S,
    bos: int,
    eos: int,
    max_length: int,
    alpha: float = 0.75,
    ctx: Optional["Context"] = None,
) -> List[Hypothesis]:
    r"""Score every output of one sentence: the optimum, at the price of :math:`|Y|^{T'}` outputs.

    The batch of ``step`` begins with one row; ``max_length`` is a number; ``state``, ``bos``,
    ``eos`` and ``ctx`` are those of :func:`greedy`, ``alpha`` that of :func:`beam`. Returns all
    outputs that end in ``<eos>`` or have ``max_length`` words and are possible at all, each a
    :class:`Hypothesis`, best first by the score of :func:`beam`. Raises :class:`UsageError` for
    more than 100,000 outputs.
    """
    alpha = _checked(alpha)
    if max_length < 1:
        return [Hypothesis((), 0.0, 0.0)]
    step, state = on_numpy(step, state, ctx)
    live: List[Tuple[int, ...]] = [()]
    found, total = [], np.zeros(1)
    for length in range(1, max_length + 1):
        log_p, state = step(_int32([(bos, *ids)[-1] for ids in live]), state)
        V = log_p.shape[1]
        if V ** min(max_length, 17) > EXHAUSTIVE_LIMIT:  # 2 ** 17 is beyond it already
            raise UsageError(
                f"exhaustive search would score {V} ** {max_length} outputs, about "
                f"10^{max_length * math.log10(V):.1f}: use a max_length that makes it "
                f"{EXHAUSTIVE_LIMIT} or fewer, or beam search"
            )
        total = total[:, np.newaxis] + log_p  # (M, V)
        rows, words = np.nonzero(total > -np.inf)
        parents, live = live, []
        ends = (words == eos) | (length == max_length)
        total = total[rows, words]
        for row, word, end, p in zip(rows, words.tolist(), ends, total.tolist()):
            ids = (*parents[row], word)
            if end:
                found.append(Hypothesis(ids, p, _score(p, length, alpha)))
            else:
                live.append(ids)
        if not live:
            break
        total, state = total[~ends], _take(state, rows[~ends])
    return _ranked(found)


def _largest(log_p, parents, k):
    """The k continuations of largest log P of each sentence, best first.

    ``log_p (M, V)``, which is overwritten, has the words after each of ``parents``, which stand
    sentence by sentence. Yields ``sentence, [(row, word, log_p), ...]``. Looks once at all of
    ``log_p``, then at rows that lost a word: ``np.argpartition`` leaves the order of ties open.
    """
    sentences, first, of = np.unique(
        [parent.sentence for parent in parents], return_index=True, return_inverse=True
    )
    total = np.array([parent.log_p for parent in parents])  # (M,)
    word = log_p.argmax(axis=1)  # (M,) the best one that is left of each row
    rows, all_sentences = np.arange(len(parents)), np.arange(len(sentences))
    beams = np.full((len(sentences), np.bincount(of).max()), -np.inf)
    beams[of, rows - first[of]] = total + log_p[rows, word]
    found = [[] for _ in sentences]
    for nth in range(1, k + 1):
        column = beams.argmax(axis=1)
        largest = beams[all_sentences, column].tolist()
        row = first + column  # (number of sentences,)
        for candidates, candidate in zip(found, zip(row.tolist(), word[row].tolist(), largest)):
            if candidate[-1] > -np.inf:
                candidates.append(candidate)
        if nth == k or max(largest) == -np.inf:
            break
        log_p[row, word[row]] = -np.inf
        word[row] = [log_p[one].argmax() for one in row.tolist()]  # log_p[row] would be a copy
        beams[all_sentences, column] = total[row] + log_p[row, word[row]]
    return zip(sentences.tolist(), found)


def _int32(numbers):
    return np.array(numbers, "int32")


def _take(state, rows):
    rows = _int32(rows)
    return state[rows] if isinstance(state, np.ndarray) else state.take(rows)  # np's own flattens


def _score(log_p, length, alpha):
    return log_p * length**-alpha


def _ranked(hypotheses):
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)


def _checked(alpha):
    if not isinstance(alpha, Real) or not 0 <= alpha < math.inf:
        raise UsageError(f"alpha is {alpha!r}: use a finite number, 0 or more")
    return float(alpha)  # a float32 would make one of every score
