r"""What a search sees of a model: ``step(y_prev, state) -> (log_p, state)``.

- ``y_prev (M,)``: the previous word of each of M hypotheses, int32;
- ``log_p (M, V)``: the log probability of each word after it in nats, -inf for words that may
  not be chosen (not all of them); an NDArray, or a numpy array, which is overwritten;
- ``state``: whatever the step needs to remember. ``state.take(rows)`` returns the state of
  ``rows``, an int32 NDArray that may leave out, repeat and reorder rows. An NDArray ``(M, ...)``
  can do this itself; a numpy array will do too.

M is the number of hypotheses that are still alive: the rows of finished ones are dropped. A step
whose ``on_numpy`` is true gets ``y_prev`` and ``rows`` as NumPy's arrays, and gives such.

And what a :class:`~.translator.Translator` sees of a model: a :class:`Translates`, whose
:func:`step_of` is a :class:`Reads`. There are three: :class:`~.encoder_decoder.EncoderDecoder` with
:class:`~.model_step.ModelStep`, :class:`~.exported.ExportedModel`, which loads no MXNet, and
:class:`~.ensemble.Ensemble`, several of both.
"""

from typing import (
    TYPE_CHECKING,
    Any,
    ContextManager,
    Dict,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    TypeVar,
    Union,
)

import numpy as np

from .. import limits
from ..errors import SystemProblem
from ..text.words import Words

if TYPE_CHECKING:
    from mxnet import nd

    Array = Union[nd.NDArray, np.ndarray]

LITTLE = 2**20  # bytes; to ask what is free takes a millisecond, a tenth of a short sentence


class State(Protocol):
    """What a step remembers of its hypotheses."""

    def take(self, rows: Any) -> Any:
        """The state of ``rows``."""


S = TypeVar("S", bound=Union[State, np.ndarray])


class Step(Protocol[S]):
    """One word on: a function, or an object that can be called."""

    def __call__(self, y_prev: Any, state: S, /) -> "Tuple[Array, S]":
        """The log probability of each word after ``y_prev``, and the state after it."""


class Reads(Step[Any], Protocol):
    """The step of a model, which reads sources, too."""

    on_numpy: bool  # True

    def side_by_side(self, some: bool = False, /) -> bool:
        """Whether threads may call it side by side, each with a state of its own; ``some``: with
        ``words``, of :meth:`first`."""

    def first(self, sources: Sequence[Sequence[int]], words: Any = None, /) -> Any:
        """The state before the first word of each of ``sources``, ids that end in ``<eos>``.

        ``words (K,)``: ids, the marks' 0 to 3 and others, rising, that are the only ones to choose
        from: the log P of steps from there is ``(M, K)``. An exported model takes none."""

    def forced(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """The log probability ``(N, T')`` of each id of ``targets``, which end in ``<eos>``, after
        those before it, and alpha ``(N, T', T)``, zero without attention; what is beyond a row's
        own ids has no meaning."""

    def attention(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> np.ndarray:
        """That alpha alone, of a model that attends."""


class Translates(Protocol):
    """A model: ``attends``: whether it shows its attention; ``origin``: what it was trained on, the
    arguments of ``load_corpus``, or None; ``lock``: of the thread that computes with it."""

    src_vocab: Words
    tgt_vocab: Words
    lock: ContextManager[Any]

    @property
    def attends(self) -> bool: ...

    @property
    def origin(self) -> Optional[Dict[str, Any]]: ...

    def corpus_settings(self, data: Any = None, target: Any = None, columns: Any = None) -> Dict:
        """:func:`~.origin.settings_of` this model."""


def on_numpy(step: Any, state: Any, ctx: Any = None) -> Tuple[Any, Any]:
    """``step`` and ``state`` as those of a step that takes NumPy's arrays, and gives them; ``ctx``:
    the device of what it is given, ``None`` the CPU."""
    if getattr(step, "on_numpy", False):
        return step, state
    from .model_step import Held, OnMXNet  # they load MXNet

    return OnMXNet(step), Held(state, ctx)


def step_of(model: Any, unknown: bool = False) -> Any:
    """The :class:`Reads` of ``model``; ``unknown``: whether it may choose ``<unk>`` where the
    source has one."""
    if hasattr(model, "step"):
        return model.step(unknown)
    from .model_step import ModelStep

    return ModelStep(model, unknown)


def check_memory(model: Translates, sentences: int, beam_size: int) -> None:
    """Raise :class:`SystemProblem` where not even what a step of ``model`` gives of so many
    ``sentences``, log P of all words after each of ``beam_size`` hypotheses, can be held twice, as
    the runtime's array and for the search. Where that is :data:`LITTLE`, nothing is asked."""
    needed = 2 * 4 * sentences * beam_size * len(model.tgt_vocab)  # bytes
    if needed <= LITTLE:
        return
    free = limits.memory()
    if free is not None and needed > free:
        raise SystemProblem(
            f"translating {sentences:,} sentences at a time needs more than "
            f"{needed / 2**20:,.0f} MB of memory, {max(free, 0) / 2**20:,.0f} MB are free: use "
            "a smaller batch_size or beam_size"
        )
