r"""Several models as one: the mean of what they hold probable.

.. math::
    P(y_{t'} \mid y_{<t'}, x) = \frac{1}{K} \sum_{k=1}^{K} P_k(y_{t'} \mid y_{<t'}, x), \qquad
    \alpha_{t't} = \frac{1}{|A|} \sum_{k \in A} \alpha^{(k)}_{t't}

with A those of the K models that attend. (Sutskever et al. 2014, section 3.6, search with an
ensemble of five.) The models may be live or exported, of any architecture and size; the words of
their two vocabularies are the same, so that they write one and the same translation.
"""

import contextlib
import math
from typing import Any, ContextManager, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from ..errors import UsageError
from ..model.checks import check_translates
from .step import Reads, Translates, step_of

SIDES = ("source", "src_vocab"), ("target", "tgt_vocab")


def as_one(models: Any, names: Sequence[str] = ()) -> Any:
    """``models``, one or a list of them, as one: an :class:`Ensemble` of several, called ``names``
    in messages. Raises :class:`UsageError` for an empty list and for what is no model."""
    if not isinstance(models, (list, tuple)):
        return models
    if not models:
        raise UsageError("an ensemble of no models: give one or more")
    for model in models:
        check_translates(model)
    return models[0] if len(models) == 1 else Ensemble(models, names)


class Ensemble:
    """``models``, a list, as one that translates and scores: a :class:`~.step.Translates`.

    ``names``: what to call each in messages. Raises :class:`UsageError` where one has other words
    than the first, or cuts text into them in another way.
    """

    def __init__(self, models: Sequence[Translates], names: Sequence[str] = ()) -> None:
        self.models = list(models)
        first = self.models[0]
        self.src_vocab, self.tgt_vocab = first.src_vocab, first.tgt_vocab
        names = names or [f"model {number}" for number in range(1, len(models) + 1)]
        for model, name in zip(self.models, names):
            for side, vocab in SIDES:
                if _words(getattr(model, vocab)) != _words(getattr(first, vocab)):
                    raise UsageError(
                        f"{name} has other {side} words than {names[0]}: an ensemble needs models "
                        "trained on the same sentences, cut into the same words"
                    )

    @property
    def attends(self) -> bool:
        """Whether one of the models does."""
        return any(model.attends for model in self.models)

    @property
    def why_blind(self) -> Optional[str]:
        """Why the models show no attention, where one of them says so."""
        return next(filter(None, (getattr(m, "why_blind", None) for m in self.models)), None)

    @property
    def lock(self) -> ContextManager[Any]:
        """The locks of all models, each once and always taken in the same order."""
        return _all(sorted(set(_locks(self.models)), key=id))

    @property
    def origin(self) -> Optional[Dict[str, Any]]:
        """What all of the models were trained on, or None where they do not agree."""
        first, *others = (model.origin for model in self.models)
        return first if all(origin == first for origin in others) else None

    def corpus_settings(self, data: Any = None, target: Any = None, columns: Any = None) -> Dict:
        """The arguments of ``load_corpus`` for ``data``, with ``target`` and ``columns``, or for
        what the models were trained on: :func:`~.origin.settings_of`."""
        from ..corpus.origin import settings_of  # the readers of corpora, which it seldom needs

        return settings_of(self, data, target, columns)

    def step(self, unknown: bool = False) -> "EnsembleStep":
        """Its step; ``unknown``: whether ``<unk>`` may be chosen where the source has one."""
        return EnsembleStep(self.models, unknown)


def _locks(models):
    """The lock of each of ``models``, of an ensemble those of its own."""
    for model in models:
        yield from _locks(model.models) if isinstance(model, Ensemble) else [model.lock]


@contextlib.contextmanager
def _all(locks):
    """Several locks as one."""
    with contextlib.ExitStack() as stack:
        for lock in locks:
            stack.enter_context(lock)
        yield


class EnsembleState(NamedTuple):
    """The state of each model's step."""

    states: List[Any]

    def take(self, rows: np.ndarray) -> "EnsembleState":
        """The states of the hypotheses ``rows``."""
        return EnsembleState([state.take(rows) for state in self.states])


class EnsembleStep:
    """The step of an :class:`Ensemble` of ``models``: a :class:`~.step.Reads`."""

    on_numpy = True

    def __init__(self, models: Sequence[Translates], unknown: bool = False) -> None:
        self.models = models
        self.steps: List[Reads] = [step_of(model, unknown) for model in models]

    def side_by_side(self, some: bool = False) -> bool:
        """Whether threads may call it side by side, where they may all of its models' steps;
        ``some``: with ``words``, of :meth:`first`."""
        return all(step.side_by_side(some) for step in self.steps)

    def first(
        self, sources: Sequence[Sequence[int]], words: Optional[np.ndarray] = None
    ) -> EnsembleState:
        """The state before the first word of each of ``sources``, ids that end in ``<eos>``;
        ``words``: of live models, the only ones to choose from, as :class:`~.step.Reads` has it."""
        some = () if words is None else (words,)
        return EnsembleState([step.first(sources, *some) for step in self.steps])

    def __call__(
        self, y_prev: np.ndarray, state: EnsembleState
    ) -> Tuple[np.ndarray, EnsembleState]:
        """``log_p (M, V)`` of each word after ``y_prev (M,)``, and the state after it."""
        found = [step(y_prev, own) for step, own in zip(self.steps, state.states)]
        log_p, states = zip(*found)
        return log_of_mean(log_p), EnsembleState(list(states))

    def forced(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """log P ``(N, T')`` of given translations, and alpha ``(N, T', T)``, zero where no model
        attends."""
        log_p, alphas = zip(*(step.forced(sources, targets) for step in self.steps))
        seen = [alpha for alpha, model in zip(alphas, self.models) if model.attends]
        return log_of_mean(log_p), np.mean(seen or alphas[:1], axis=0)

    def attention(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> np.ndarray:
        """That alpha alone, of models of which one attends."""
        seeing = [step for step, model in zip(self.steps, self.models) if model.attends]
        return np.mean([step.attention(sources, targets) for step in seeing], axis=0)


def log_of_mean(log_p: Sequence[np.ndarray]) -> np.ndarray:
    r""":math:`\log \frac{1}{K} \sum_k \exp(\text{log\_p}_k)` of K arrays of one shape, the first of
    which is overwritten. Underflows for no log P, and -inf in all of them stays so."""
    total = log_p[0]
    for other in log_p[1:]:
        np.logaddexp(total, other, out=total)
    total -= math.log(len(log_p))
    return total


def _words(vocab):
    """What the ids of a vocabulary mean, to compare."""
    return vocab.idx_to_token, vocab.tokenizer.settings()
