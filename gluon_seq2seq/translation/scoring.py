r"""Force decoding: a model's probability of given translations."""

from typing import List, Sequence, Tuple

import numpy as np

from ..corpus.examples import two_texts
from ..errors import ModelError
from ..semantics.plain import as_numpy
from ..text.tokenizer import EOS
from .step import step_of

Words = Sequence[Tuple[str, List[int]]]  # of Tokenizer.words
NO_PROBABILITIES = (
    "the model gives no probabilities, only NaN: train it again, with a lower learning rate"
)


def forced(model, pairs, batch_size=64):
    """Force decoding: let ``model`` write the given translations of ``pairs`` of texts,
    ``batch_size`` at a time.

    Yields, a batch at a time, the positions in ``pairs``, and for each the log probabilities
    ``(T',)`` of the target tokens, ``<eos>`` last, and alpha ``(T', T)``.
    """
    sides = zip(*map(two_texts, pairs))
    vocabs = model.src_vocab, model.tgt_vocab
    ids = [[vocab.encode(text) for text in side] for vocab, side in zip(vocabs, sides)]
    return _forced(model, list(zip(*ids)), batch_size)


def _forced(model, pairs, batch_size):
    """The same of ``pairs`` of ids, both with ``<eos>`` at their end."""
    step = step_of(model) if pairs else None  # which takes a while to make
    for batch, sources, targets in _of_like_length(pairs, batch_size):
        log_p, alpha = step.forced(sources, targets)  # (N, T'), (N, T', T)
        lengths = [(len(x), len(y)) for x, y in zip(sources, targets)]
        yield (
            batch,
            [row[:n] for row, (_, n) in zip(log_p, lengths)],
            [rows[:n, :m] for rows, (m, n) in zip(alpha, lengths)],
        )


def _of_like_length(pairs, batch_size):
    """Positions in ``pairs`` of ids, and both sides of those, ``batch_size`` of like length at a
    time."""
    order = sorted(range(len(pairs)), key=lambda i: [len(ids) for ids in pairs[i][::-1]])
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        yield (batch, *zip(*(pairs[i] for i in batch)))


def forced_in_order(model, pairs, batch_size=64):
    """:func:`forced`, as a list of ``(log_p (T',), alpha (T', T))`` in the order of ``pairs``.

    Raises :class:`ModelError` where the model computes NaN.
    """
    found = [None] * len(pairs)
    for ids, log_p, alphas in forced(model, pairs, batch_size):
        for i, row, alpha in zip(ids, log_p, alphas):
            if np.isnan(row).any():
                raise ModelError(NO_PROBABILITIES)
            found[i] = row, alpha
    return found


def of_words(log_p, words):
    r"""log P of each of ``words``, as :meth:`Tokenizer.words` gives them, and of ``<eos>``.

    ``log_p (T',)``: of the tokens, ``<eos>`` last. A word has the sum of its pieces and of the
    markers right before it, so that all sum to :math:`\log P(y \mid x)`.
    """
    ends = [positions[-1] + 1 for _, positions in words]
    return [float(part.sum()) for part in np.split(log_p, ends)]


def word_attention(alpha: np.ndarray, source: Words, target: Words) -> np.ndarray:
    r"""Attention between words, of that between tokens.

    ``alpha (T', T)``: a row for each target token and ``<eos>``, a column for each source token and
    ``<eos>``, as :class:`Translation` has it; ``source``, ``target``: the words of both sides, U
    and W of them, as :meth:`Tokenizer.words` gives them. Returns ``(U, W + 1)``, the last column
    that of ``<eos>``:

    .. math:: \frac{1}{|u|} \sum_{t' \in u} \sum_{t \in w} \alpha_{t't}

    with t' the pieces of the target word u and t those of the source word w. What is on a marker of
    the tokenizer is left out, so that a row may sum to less than 1.
    """
    alpha = as_numpy(alpha)
    columns = np.zeros((alpha.shape[1], len(source) + 1))  # (T, W + 1)
    for w, (_, positions) in enumerate(source):
        columns[positions, w] = 1
    columns[-1, -1] = 1
    rows = np.zeros((len(target), alpha.shape[0]))  # (U, T')
    for u, (_, positions) in enumerate(target):
        rows[u, positions] = 1 / len(positions)
    return rows @ alpha @ columns


def attention_of(model, pairs, batch_size=64, step=None):
    """What ``model`` attends to while it writes: an iterator over alpha ``(T', T)`` of each of
    ``pairs`` of ids, source and target, one row for each word and one for ``<eos>``.

    ``step``: that of ``model``, where there is one already, whose graph is drawn then. A target may
    end in ``<eos>`` or not. (A text of it may be cut into other words.)
    """
    eos, found = model.tgt_vocab[EOS], [None] * len(pairs)
    ended = [(source, [*(i for i in target if i != eos), eos]) for source, target in pairs]
    step = step if step or not pairs else step_of(model)
    for batch, sources, targets in _of_like_length(ended, batch_size):
        for i, x, y, alpha in zip(batch, sources, targets, step.attention(sources, targets)):
            found[i] = alpha[: len(y), : len(x)]
    return iter(found)


def sentence_losses(model, pairs, batch_size=64):
    r""":math:`-\log P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)` of each of ``pairs`` of texts.

    Returns two arrays ``(len(pairs),)``, in the order of ``pairs``: the loss in nats, and the
    number of target tokens, ``<eos>`` counted.
    """
    losses, tokens = np.zeros(len(pairs)), np.zeros(len(pairs))
    for ids, log_p, _ in forced(model, pairs, batch_size):
        losses[ids] = [-row.sum() for row in log_p]
        tokens[ids] = [len(row) for row in log_p]
    return losses, tokens
