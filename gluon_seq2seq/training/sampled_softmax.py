r"""The softmax of a batch over its own words, the most frequent ones and a sample, in training.

.. math::
    \log \sum_{k=1}^V e^{o_k} \approx \log \Big( \sum_{k \in T} e^{o_k} +
    \frac{V - |T|}{|S|} \sum_{k \in S} e^{o_k} \Big)

T has the target words of the batch and the most frequent ones, S some of the others, drawn evenly,
each time anew. The sum of T and S is on average that of all V words, and where S has all others it
is that sum (complementary sum sampling: Botev et al. 2017; training a large vocabulary on a sample
of it: Jean et al. 2015, section 3). The product of the output layer, most of a step's work, then
has :math:`|T| + |S|` columns in place of V.
"""

import math

import numpy as np
from mxnet import nd

from ..errors import UsageError
from ..model.checks import check_ids, check_lengths
from ..model.decoder import Decoder, Part
from ..model.encoder_decoder import EncoderDecoder
from ..model.output import has_among
from ..semantics.kinds import as_nd

FREQUENT = 0.75  # of the size: benchmarks/README.md, "A sampled softmax"
MULTIPLE = 256  # of words in all: for each new number of them oneDNN makes, and keeps, new kernels


class SampledSoftmax(Part):
    r"""``model``, an :class:`EncoderDecoder`, with the logits of some words: those of a batch, the
    most frequent ones, three quarters of ``size``, and drawn ones, a quarter of it or as many more
    as make a round number of words; with V or more all of them.

    ``logits, places = sampled(X, valid_length, Y_prev, Y)``, with ``X (N, T)``, ``Y_prev`` and
    ``Y (N, T')``: ``logits (N, T', K)``, those of S raised by :math:`\log ((V - |T|) /
    |S|)`, and ``places (N, T')`` of Y among the K words, for :func:`~.loss.loss_and_gradient`.
    MXNet's generator says which others. Raises :class:`UsageError` for a model with a call of its
    own, or with a decoder or p that has one (:func:`~.output.has_among`), :class:`DataError` for
    ids or lengths out of range.
    """

    def __init__(self, model, size, **kwargs):
        super().__init__(**kwargs)
        kinds = (model, EncoderDecoder), (model.decoder, Decoder)
        passed = [b for b, kind in kinds if _call_of(type(b)) is not _call_of(kind)]
        p = getattr(model.decoder, "p", None)
        passed += [] if has_among(p) else [p]
        if passed:
            name = type(passed[0]).__name__
            raise UsageError(f"sampled_words would pass over what {name} does: use 0 for it")
        self.model, self.size = model, size
        self._active = model._active  # hybridize() would set the model's flags, too

    def forward(self, X, valid_length, Y_prev, Y):
        V = len(self.model.tgt_vocab)
        check_ids(X, len(self.model.src_vocab))
        check_lengths(valid_length, X.shape)
        check_ids(Y_prev, V)
        check_ids(Y, V)
        words, places, raised = self.draw(Y.asnumpy(), V)
        ids = nd.array(words, ctx=Y.context, dtype="int32")
        w_o = self.model.decoder.p.w_o
        weight, bias = (as_nd(p.data(Y.context)).take(ids) for p in (w_o.weight, w_o.bias))
        bias = bias + nd.array(raised, ctx=Y.context, dtype=bias.dtype)
        logits = super().forward(X, valid_length, Y_prev, weight, bias)
        places = nd.array(places, ctx=Y.context, dtype="int32")
        return logits.reshape((*Y.shape, -1)), places

    def draw(self, Y, V):
        """The words ``(K,)`` for ``Y (N, T')``, of V in all, S last; the places of Y among them,
        and what is added to their logits ``(K,)``."""
        frequent = int(FREQUENT * self.size)  # a vocabulary has its most frequent words first
        summed = np.union1d(Y, np.arange(min(frequent, V)))
        others = np.setdiff1d(np.arange(V), summed, assume_unique=True)
        count = self.size - frequent
        count += -(len(summed) + count) % MULTIPLE
        seed = nd.random.randint(0, 2**31 - 1, shape=(1,)).asscalar()
        drawn = np.random.RandomState(seed).permutation(others)[:count]
        raised = math.log(len(others) / len(drawn)) if len(drawn) else 0.0
        raised = np.repeat([0.0, raised], [len(summed), len(drawn)])
        return np.concatenate([summed, drawn]), np.searchsorted(summed, Y), raised

    def hybrid_forward(self, F, X, valid_length, Y_prev, weight, bias):
        model = self.model
        h, _, c = model.encoder(X, valid_length)
        y_prev, s, c, *_ = model.decoder.states(F, Y_prev, model.bridge(c), h, c, valid_length)
        return model.decoder.p.among(F, y_prev, s, c, weight, bias)  # (N T', K)


def _call_of(kind):
    return getattr(kind, "hybrid_forward", None)
