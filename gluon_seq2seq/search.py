r"""Search for :math:`\arg\max_y P(y_1, \ldots, y_{T'} \mid c)`: so far, greedy.

A search needs only ``step(y_prev, state) -> (log_p, state)`` with ``y_prev (N,)``, ``log_p (N,
V)`` and a state that it does not look into.
"""

import numpy as np
from mxnet import nd


def greedy(step, state, bos, eos, max_length, ctx=None):
    r"""Take :math:`y_{t'} = \arg\max_y P(y \mid y_{<t'}, c)` until ``<eos>``.

    ``max_length (N,)`` caps each sentence's number of steps. Returns a list of N lists of ids,
    ``<eos>`` included where it was reached, and ``log_p (N,)``, each the sum of its log
    probabilities in nats.
    """
    max_length = np.asarray(max_length)
    outputs, total = [[] for _ in max_length], np.zeros(len(max_length))
    alive = max_length > 0
    y_prev = nd.full((len(max_length),), bos, dtype="int32", ctx=ctx)
    while alive.any():
        log_p, state = step(y_prev, state)
        y_prev = log_p.argmax(axis=1).astype("int32")  # (N,)
        best = log_p.max(axis=1).asnumpy()
        for i, y in enumerate(y_prev.asnumpy()):
            if alive[i]:
                outputs[i].append(int(y))
                total[i] += best[i]
                alive[i] = y != eos and len(outputs[i]) < max_length[i]
    return outputs, total
