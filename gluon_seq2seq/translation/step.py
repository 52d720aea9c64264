r"""What a search sees of a model: ``step(y_prev, state) -> (log_p, state)``.

- ``y_prev (M,)``: the previous word of each of M hypotheses, int32;
- ``log_p (M, V)``: the log probability of each word after it in nats, -inf for words that may
  not be chosen (not all of them); an NDArray, or a numpy array, which is overwritten;
- ``state``: whatever the step needs to remember. ``state.take(rows)`` returns the state of
  ``rows``, an int32 NDArray that may leave out, repeat and reorder rows. An NDArray ``(M, ...)``
  can do this itself; a numpy array will do too.

M is the number of hypotheses that are still alive: the rows of finished ones are dropped.
"""

from typing import Any, Protocol, Tuple, TypeVar, Union

import numpy as np
from mxnet import nd


class State(Protocol):
    """What a step remembers of its hypotheses."""

    def take(self, rows: nd.NDArray) -> Any:
        """The state of ``rows``."""


S = TypeVar("S", bound=Union[State, np.ndarray])


class Step(Protocol[S]):
    """One word on: a function, or an object that can be called."""

    def __call__(self, y_prev: nd.NDArray, state: S, /) -> Tuple[Union[nd.NDArray, np.ndarray], S]:
        """The log probability of each word after ``y_prev``, and the state after it."""
