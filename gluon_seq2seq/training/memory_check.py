"""Whether training fits into memory, before MXNet finds out: it may die of it without a word."""

import math

from .. import limits
from ..errors import SystemProblem

MARGIN = 200 * 2**20  # for threads, kernels and Python
SMALLER = "batch_size", "max_length", "num_hiddens", "embed_size", "max_vocab"


def check(model, batches, average=0.0, sampled_words=0):
    """Raise :class:`SystemProblem` where training on ``batches`` cannot fit.

    Counted are the parameters four times (Adam's two moments, the gradient), with an ``average``
    five times, and the logits of the longest batch once, with ``sampled_words`` those alone: less
    than it takes, so that nothing is refused that would fit.
    """
    parameters = sum(math.prod(p.shape) for p in model.collect_params().values())
    words = len(model.tgt_vocab)
    logits = batches.most_tokens() * min(sampled_words or words, words)
    needed, free = 4 * ((4 + bool(average)) * parameters + logits) + MARGIN, limits.memory()
    if free is not None and needed > free:
        raise SystemProblem(
            f"training needs more than {needed / 2**20:,.0f} MB of memory, "
            f"{max(free, 0) / 2**20:,.0f} MB are free: use a smaller "
            f"{', '.join(SMALLER[:-1])} or {SMALLER[-1]}"
        )
