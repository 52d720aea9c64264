"""The step of :mod:`.search` for a model: its encoder once, then its decoder word by word."""

from typing import List, NamedTuple, Sequence, Tuple

import numpy as np
from mxnet import nd

from .. import limits
from ..corpus.batches import pad_sources
from ..errors import SystemProblem
from ..model.decoder import OneStep
from ..semantics.kinds import as_nd, legacy
from ..text.tokenizer import BOS, PAD, UNK
from .search import int32

# Larger batches are filled up to a multiple of this: for each new number of rows oneDNN makes new
# kernels. Smaller ones are left as they are, for a sentence alone (benchmarks/README.md, "What
# made it fast"); their kernels round in another order, which changes log P by up to 2e-5.
FILL = 16


class StepState(NamedTuple):
    """What the decoder's step needs of each hypothesis, and copies of the last to fill up."""

    s: nd.NDArray  # (rows, M, H)
    source: List[nd.NDArray]  # (M, ...) each
    known: nd.NDArray  # (M,) 1 where the source has no <unk>

    def take(self, rows: nd.NDArray) -> "StepState":
        """The state of the hypotheses ``rows``, filled up."""
        rows = _fill(as_nd(rows))
        source = [array.take(rows) for array in self.source]
        return StepState(self.s.take(rows, axis=1), source, self.known.take(rows))


class ModelStep:
    r""":math:`\log P(y_{t'} \mid y_{<t'}, c)` of ``model``, as a search calls it.

    ``<pad>``, ``<bos>`` and ``<unk>`` are never chosen: they are not words. With ``unknown`` an
    ``<unk>`` may be, where the source has one.
    """

    def __init__(self, model, unknown=False):
        self.model = model
        self.one_step = OneStep(model.decoder)
        self.one_step._active = model._active  # hybridize() would set the decoder's flags too
        self.unknown = unknown
        self._forbidden = [model.tgt_vocab[token] for token in (PAD, BOS)]

    @legacy()
    def first(self, sources: Sequence[Sequence[int]]) -> StepState:
        """The state before the first word: the encoder reads ``sources``, the ids of each."""
        model, filled = self.model, [*sources, *sources[-1:] * _missing(len(sources))]
        X, valid_length = pad_sources(filled, model.src_vocab, model.ctx)
        h, _, c = model.encoder(X, valid_length)  # (N, T, D), (N, D)
        known = (
            (model.src_vocab[UNK] != X).min(axis=1) if self.unknown else nd.ones_like(valid_length)
        )
        return StepState(model.bridge(c), self.one_step.source(nd, h, c, valid_length), known)

    @legacy()
    def __call__(self, y_prev: nd.NDArray, state: StepState) -> Tuple[np.ndarray, StepState]:
        log_p, s = self.one_step(_fill(as_nd(y_prev)), state.s, *state.source)
        log_p = log_p.asnumpy()[: len(y_prev)]  # (M, V)
        log_p[:, self._forbidden] = -np.inf
        known = state.known.asnumpy()[: len(y_prev)] > 0
        log_p[known, self.model.tgt_vocab[UNK]] = -np.inf
        return log_p, state._replace(s=s)


def check_memory(model, sentences, beam_size):
    """Raise :class:`SystemProblem` where not even what a step gives of so many ``sentences``, log P
    of all words after each of ``beam_size`` hypotheses, can be held by MXNet and by NumPy."""
    needed = 2 * 4 * sentences * beam_size * len(model.tgt_vocab)  # bytes
    free = limits.memory()
    if free is not None and needed > free:
        raise SystemProblem(
            f"translating {sentences:,} sentences at a time needs more than "
            f"{needed / 2**20:,.0f} MB of memory, {max(free, 0) / 2**20:,.0f} MB are free: use "
            "a smaller batch_size or beam_size"
        )


def _missing(M):
    return -M % FILL if M > FILL else 0


def _fill(rows):
    """``rows (M,)``, the last repeated until their number is a multiple of :data:`FILL`."""
    M = len(rows)
    if not _missing(M):
        return rows
    return rows.take(int32(np.arange(M + _missing(M)).clip(max=M - 1), rows.context))
