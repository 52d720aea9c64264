r"""Words that both sides share, hidden in training, so that a model learns to copy.

A vocabulary of all training words has no ``<unk>`` in its training pairs, so that the model never
learns to read or write it. Names and numbers are the same on both sides: hidden behind ``<unk>`` on
both, now and then, they show that what is not known is written where it was read (after the rare
words of Luong et al. 2015, which are ``<unk>`` on both sides always).
"""

import numpy as np
from mxnet import nd

from ..errors import UsageError
from ..text.tokenizer import UNK
from ..text.vocabulary import Vocabulary
from .batches import Batch

LETTERS = 4  # a shorter word, "on" or "me", means something else in another language


def _same_everywhere(token):
    return any(map(str.isdigit, token)) or token[0].isupper() or len(token) >= LETTERS


class HiddenWords:
    """Hides words that ``src_vocab`` and ``tgt_vocab`` share behind ``<unk>``, each with
    ``probability`` in a batch, on both sides of every pair that has it on both.

    Shared are tokens that are equal, with a digit, a capital first, or four letters or more. Raises
    :class:`UsageError` for vocabularies of subwords, which know every word, and where none is
    shared.
    """

    def __init__(self, src_vocab: Vocabulary, tgt_vocab: Vocabulary, probability: float) -> None:
        if not all(vocab.tokenizer.whole_words for vocab in (src_vocab, tgt_vocab)):
            raise UsageError("unknown_words is of vocabularies of words: subwords know every word")
        self.probability, self.unknown = probability, (src_vocab[UNK], tgt_vocab[UNK])
        self.twins = np.full(len(src_vocab), -1, "int32")  # the same word among the targets
        for i, token in enumerate(src_vocab):
            if token in tgt_vocab and token[0].isalnum() and _same_everywhere(token):
                self.twins[i] = tgt_vocab[token]
        if self.twins.max() < 0:
            raise UsageError("unknown_words hides words that both sides share: these share none")

    def __call__(self, batch: Batch) -> Batch:
        """``batch`` with words hidden, by MXNet's generator of its device."""
        X, _, Y_prev, Y, _ = batch
        twins = nd.array(self.twins, X.context, "int32").take(X)  # (N, T)
        drawn = nd.random.uniform(shape=self.twins.shape, ctx=X.context).take(X)  # (N, T)
        same = nd.broadcast_equal(twins.expand_dims(2), Y.expand_dims(1))  # (N, T, T')
        same = same * (drawn < self.probability).astype("int32").expand_dims(2)
        read, written = same.max(axis=2), same.max(axis=1)  # (N, T), (N, T')
        before = nd.concat(nd.zeros_like(written[:, :1]), written[:, :-1], dim=1)
        source, target = self.unknown
        return batch._replace(
            X=nd.where(read, nd.ones_like(X) * source, X),
            Y_prev=nd.where(before, nd.ones_like(Y) * target, Y_prev),
            Y=nd.where(written, nd.ones_like(Y) * target, Y),
        )
