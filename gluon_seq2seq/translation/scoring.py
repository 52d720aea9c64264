r"""Force decoding: a model's probability of given translations."""

import numpy as np
from mxnet import autograd, nd

from ..corpus.batches import Minibatches, pad_sources
from ..errors import ModelError
from ..model.loss import log_probabilities
from ..semantics.kinds import as_nd, legacy
from ..text.tokenizer import BOS, EOS

NO_PROBABILITIES = (
    "the model gives no probabilities, only NaN: train it again, with a lower learning rate"
)


def forced(model, pairs, batch_size=64):
    """Force decoding: let ``model`` write the given translations of ``pairs`` of texts,
    ``batch_size`` at a time.

    Yields, a batch at a time, the positions in ``pairs``, and for each the log probabilities
    ``(T',)`` of the target tokens, ``<eos>`` last, and alpha ``(T', T)``.
    """
    batches = Minibatches(pairs, model.src_vocab, model.tgt_vocab, batch_size, model.ctx)
    for ids, batch in zip(batches.sampler, batches):
        X, src_valid_length, Y_prev, Y, tgt_valid_length = as_nd(batch)
        with legacy(), autograd.pause():
            logits, alpha = model(X, src_valid_length, Y_prev)
            log_p = log_probabilities(nd, logits, Y, tgt_valid_length).asnumpy()
        lengths = list(zip(src_valid_length.asnumpy(), tgt_valid_length.asnumpy()))
        alpha = alpha.asnumpy()
        yield (
            ids,
            [row[:n] for row, (_, n) in zip(log_p, lengths)],
            [rows[:n, :m] for rows, (m, n) in zip(alpha, lengths)],
        )


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


@legacy()
def attention_of(model, pairs, batch_size=64):
    """What ``model`` attends to while it writes: an iterator over alpha ``(T', T)`` of each of
    ``pairs`` of ids, source and target, one row for each word and one for ``<eos>``.

    A target may end in ``<eos>`` or not. (A text of it may be cut into other words.)
    """
    vocab, found = model.tgt_vocab, []
    for start in range(0, len(pairs), batch_size):
        sources, targets = zip(*pairs[start : start + batch_size])
        rows = [[vocab[BOS], *(i for i in target if i != vocab[EOS])] for target in targets]
        X, src_valid_length = pad_sources(sources, model.src_vocab, model.ctx)
        Y_prev, tgt_valid_length = pad_sources(rows, vocab, model.ctx)
        with autograd.pause():
            _, alpha = model(X, src_valid_length, Y_prev)  # (N, T', T)
        lengths = zip(tgt_valid_length.asnumpy(), src_valid_length.asnumpy())
        found += [rows[:n, :m] for rows, (n, m) in zip(alpha.asnumpy(), lengths)]
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
