"""The step of :mod:`.search` for a model: its encoder once, then its decoder word by word; and what
goes between a search and steps that take MXNet's arrays."""

import threading
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
from mxnet import Context, autograd, cpu, nd, sym

from ..corpus.batches import Batch, in_pieces, pad_sources
from ..model.decoder import Alignment, OneStep
from ..model.loss import log_probabilities
from ..semantics import nn
from ..semantics.kinds import legacy, like
from ..semantics.numpy_graph import READING, NumpyGraph, view_of
from ..semantics.numpy_operators import NoCounterpart
from ..semantics.plain import as_numpy
from ..semantics.shared_rows import SharedRows
from ..text.tokenizer import BOS, PAD, UNK
from .exported import ExportedState, ExportedStep
from .side_by_side import LEAST

# Larger batches are filled up to a multiple of this: for each new number of rows oneDNN makes new
# kernels. Smaller ones are left as they are, for a sentence alone (benchmarks/README.md, "What
# made it fast"); their kernels round in another order, which changes log P by up to 2e-5.
FILL = 16

DRAWING = threading.Lock()  # a Block is drawn by one thread at a time
ROWS = "weight_of_words", "bias_of_words"  # the inputs of a graph of some words


class Source(nn.HybridBlock):
    """What is computed once for a batch: ``X (N, T)``, ``valid_length (N,)`` -> the state ``(rows,
    N, H)`` before the first word, and the arrays ``(N, ...)`` that every ``step`` reads.

    ``shows``: whether the step gives alpha, ``few``: whether it takes the rows of some words, as
    :class:`OneStep` has it.
    """

    def __init__(self, model, shows=False, few=False, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.bridge = model.encoder, model.bridge
        self.step = OneStep(model.decoder, shows, few)

    def hybrid_forward(self, F, X, valid_length):
        h, _, c = self.encoder(X, valid_length)
        return [self.bridge(c), *self.step.source(F, h, c, valid_length)]

    def drawn(self):
        """Its graph and that of its ``step``, as :mod:`.exported` has them: ``{name: (symbol, names
        of the inputs, names of the outputs)}``."""
        given = ["X", "valid_length"]
        first = self(*map(sym.var, given))
        reads = ["state", *(f"source_{i}" for i in range(len(first) - 1))]
        inputs = ["y_prev", *reads, *(ROWS if self.step.few else ())]
        after = self.step(*map(sym.var, inputs))
        gives = ["log_p", "next_state", "alpha"][: len(after)]
        return {
            "source": (sym.Group(first), given, reads),
            "step": (sym.Group(after), inputs, gives),
        }


class OnNumpy:
    """``model`` as :class:`~.exported.ExportedStep` sees one: two graphs, of the source and of a
    step, which NumPy computes with the model's parameters; ``few`` as in :class:`Source`. Raises
    :class:`NoCounterpart` where one has an operator that it does not know, as a Block of yours may.
    """

    @legacy()
    def __init__(self, model, few=False):
        self.src_vocab, self.tgt_vocab = model.src_vocab, model.tgt_vocab
        parameters = {p.name: p for p in model.collect_params().values()}
        drawn = Source(model, shows=True, few=few).drawn()
        source, self.step = (NumpyGraph(*drawn[name], parameters) for name in ("source", "step"))
        self.graphs = {"source": self._source, "step": self.step}
        self.source, self.source_names = source, list(source.outputs)

    def _source(self, wanted, inputs):
        """The arrays ``wanted`` of a source, which the hypotheses of each of many sentences may
        share; of few it takes longer than it saves."""
        found = self.source(wanted, inputs)
        shared = self.step.shared if len(inputs["X"]) >= LEAST else ()
        return [SharedRows(a) if name in shared else a for name, a in zip(wanted, found)]


class StepState(NamedTuple):
    """What the decoder's step needs of each hypothesis, and copies of the last to fill up."""

    s: nd.NDArray  # (rows, M, H)
    source: List[nd.NDArray]  # (M, ...) each
    known: np.ndarray  # (M,) whether the source has no <unk>
    rows: List[nd.NDArray]  # those of W_o (K, units) and b_o (K,) of the only words, or nothing

    def take(self, rows: np.ndarray) -> "StepState":
        """The state of the hypotheses ``rows``, filled up."""
        rows = _filled(rows)
        places = int32(rows, self.s.context)
        source = [array.take(places) for array in self.source]
        return StepState(self.s.take(places, axis=1), source, self.known[rows], self.rows)


class ModelStep:
    r""":math:`\log P(y_{t'} \mid y_{<t'}, c)` of ``model``, as a search calls it.

    ``<pad>``, ``<bos>`` and ``<unk>`` are never chosen: they are not words. With ``unknown`` an
    ``<unk>`` may be, where the source has one. A :class:`~.step.Reads`.
    """

    on_numpy = True

    def __init__(self, model, unknown=False):
        self.model = model
        self.source = Source(model)  # not hybridized itself: its encoder and bridge are
        self.one_step = self.source.step
        self.among = OneStep(model.decoder, few=True)
        self.alignment = Alignment(model.decoder)
        for part in self.one_step, self.among, self.alignment:
            part._active = model._active  # hybridize() would set the decoder's flags too
        self.unknown, self._drawn = unknown, {}
        self._forbidden = [model.tgt_vocab[token] for token in (PAD, BOS)]

    def side_by_side(self, some: bool = False) -> bool:
        """Whether threads may call it side by side: where NumPy computes it; ``some``: with
        ``words``, of :meth:`first`."""
        return self._by_numpy(some) is not None

    def _by_numpy(self, few=False):
        """The step that NumPy computes, on a CPU, of a hybridized model whose graph it can; else
        None. ``few``: that which takes the rows of some words."""
        if not self.model._active or self.model.ctx.device_type != "cpu":
            return None
        with DRAWING:
            if few not in self._drawn:
                try:
                    self._drawn[few] = ExportedStep(OnNumpy(self.model, few), self.unknown)
                except NoCounterpart:
                    self._drawn[few] = None
            return self._drawn[few]

    def _output_layer(self):
        """W_o and b_o."""
        w_o = self.model.decoder.p.w_o
        return [parameter.list_data()[0] for parameter in (w_o.weight, w_o.bias)]

    @legacy()
    def first(
        self, sources: Sequence[Sequence[int]], words: Optional[np.ndarray] = None
    ) -> Union[StepState, ExportedState]:
        """The state before the first word: the encoder reads ``sources``, the ids of each;
        ``words (K,)``: the only ones to choose from, as :class:`~.step.Reads` has it."""
        model, by_numpy, rows = self.model, self._by_numpy(words is not None), []
        if by_numpy:
            if words is not None:
                with READING:
                    rows = [in_place(array)[words] for array in self._output_layer()]
            return by_numpy.first(sources)._replace(common=dict(zip(ROWS, rows)) or None)
        if words is not None:
            ids = int32(words, model.ctx)
            rows = [array.take(ids) for array in self._output_layer()]
        filled = [*sources, *sources[-1:] * _missing(len(sources))]
        X, valid_length = pad_sources(filled, model.src_vocab, model.ctx)
        with autograd.pause():
            s, *source = self.source(X, valid_length)
        unk = model.src_vocab[UNK]
        known = np.array([not self.unknown or unk not in ids for ids in filled])
        return StepState(s, source, known, rows)

    @legacy()
    def __call__(
        self, y_prev: np.ndarray, state: Union[StepState, ExportedState]
    ) -> Tuple[np.ndarray, Any]:
        if isinstance(state, ExportedState):
            return self._by_numpy(bool(state.common))(y_prev, state)
        M = len(y_prev)
        with autograd.pause():
            y_prev = int32(_filled(y_prev), self.model.ctx)
            step = self.among if state.rows else self.one_step
            log_p, s = step(y_prev, state.s, *state.source, *state.rows)
        # Words are chosen by NumPy, not by nd.argmax: benchmarks/README.md, "What made it fast".
        log_p = in_place(log_p)[:M]  # (M, V) or (M, K), where the marks are first, too
        log_p[:, self._forbidden] = -np.inf
        log_p[state.known[:M], self.model.tgt_vocab[UNK]] = -np.inf
        return log_p, state._replace(s=s)

    @legacy()
    def forced(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """log P ``(N, T')`` and alpha ``(N, T', T)`` of given translations: teacher forcing."""
        model = self.model
        X, src_valid_length = pad_sources(sources, model.src_vocab, model.ctx)
        Y, tgt_valid_length = pad_sources(targets, model.tgt_vocab, model.ctx)
        batch = Batch(X, src_valid_length, self._before(targets), Y, tgt_valid_length)
        found = []
        for X, src_valid_length, Y_prev, *written in in_pieces(batch, len(model.tgt_vocab)):
            with autograd.pause():
                logits, alpha = model(X, src_valid_length, Y_prev)  # (n, T', V), (n, T', T)
                log_p = log_probabilities(nd, logits, *written)  # (n, T')
            found.append((log_p.asnumpy(), alpha.asnumpy()))
        log_p, alpha = map(np.concatenate, zip(*found))
        return log_p, alpha

    @legacy()
    def attention(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> np.ndarray:
        """The same alpha alone, of a model that attends."""
        by_numpy = self._by_numpy()
        if by_numpy:
            return by_numpy.attention(sources, targets)
        model = self.model
        X, valid_length = pad_sources(sources, model.src_vocab, model.ctx)
        with autograd.pause():
            h, _, c = model.encoder(X, valid_length)  # (N, T, D), (N, D)
            alpha = self.alignment(self._before(targets), model.bridge(c), h, valid_length)
        return alpha.asnumpy()

    def _before(self, targets):
        """``Y_prev (N, T')`` of ``targets``."""
        before = [[self.model.tgt_vocab[BOS], *ids[:-1]] for ids in targets]
        return pad_sources(before, self.model.tgt_vocab, self.model.ctx)[0]

    @legacy()
    def states(self, source: Sequence[int]) -> np.ndarray:
        """The encoder's states ``h (T, D)`` of ``source``, its ids."""
        X, valid_length = pad_sources([source], self.model.src_vocab, self.model.ctx)
        with autograd.pause():
            return self.model.encoder(X, valid_length)[0][0].asnumpy()


class Held(NamedTuple):
    """The ``state`` of a step of MXNet's arrays, and the device ``ctx`` of what it is given."""

    state: Any
    ctx: Optional[Context]

    def take(self, rows: np.ndarray) -> "Held":
        """The state of ``rows``."""
        if isinstance(self.state, np.ndarray):
            return self._replace(state=self.state[rows])
        return self._replace(state=self.state.take(self.given(rows)))

    def given(self, numbers: np.ndarray) -> Any:
        """``numbers`` as an array of the state's kind, of MXNet's two."""
        return like(self.state, int32(numbers, self.ctx))


class OnMXNet:
    """``step``, which takes MXNet's arrays, for a search, which has NumPy's and :class:`Held`."""

    on_numpy = True

    def __init__(self, step: Any) -> None:
        self.step = step

    def __call__(self, y_prev: np.ndarray, held: Held) -> Tuple[np.ndarray, Held]:
        log_p, state = self.step(held.given(y_prev), held.state)
        return as_numpy(log_p), held._replace(state=state)


def int32(numbers: np.ndarray, ctx: Optional[Context] = None) -> nd.NDArray:
    """``numbers`` as an NDArray; ``nd.array`` would wait for a thread (benchmarks/README.md)."""
    return nd.from_numpy(np.array(numbers, "int32")).as_in_context(ctx or cpu())


def in_place(array: nd.NDArray) -> np.ndarray:
    """``array`` as NumPy's, which may be written to: on a CPU not a copy (benchmarks/README.md,
    "What made it fast")."""
    if array.context.device_type == "gpu":
        return array.asnumpy()
    array.wait_to_read()
    return view_of(array)


def _missing(M):
    return -M % FILL if M > FILL else 0


def _filled(rows):
    """``rows (M,)``, the last repeated until their number is a multiple of :data:`FILL`."""
    missing = _missing(len(rows))
    return np.pad(rows, (0, missing), "edge") if missing else rows
