r"""The whole model.

.. math:: P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T) = \prod_{t'=1}^{T'} P(y_{t'} \mid y_{<t'}, c)
"""

import threading

from mxnet import initializer, nd
from mxnet.base import MXNetError
from mxnet.gluon import HybridBlock

from .batches import check_ids, check_lengths
from .decoder import Bridge, Decoder
from .encoder import Encoder
from .errors import SystemProblem, UsageError
from .runtime import device as context_of


class EncoderDecoder(HybridBlock):
    """An encoder, a decoder and the vocabularies of the two languages.

    ``model(X, valid_length, Y_prev)`` with ``X (N, T)``, ``valid_length (N,)`` and ``Y_prev (N,
    T')`` returns ``logits (N, T', V)`` and ``alpha (N, T', T)``. Raises :class:`DataError` for
    ids or lengths out of range.
    """

    def __init__(self, encoder, decoder, src_vocab, tgt_vocab, **kwargs):
        super().__init__(**kwargs)
        self.src_vocab, self.tgt_vocab = src_vocab, tgt_vocab
        self.recipe = None  # the name and arguments that make this model again from disk
        self.origin = None  # what it was trained on: the arguments of load_corpus
        self.lock = threading.Lock()  # MXNet can hang when threads share a hybridized Block
        with self.name_scope():
            self.encoder, self.decoder = encoder, decoder
            self.bridge = Bridge(encoder.output_size, decoder.num_hiddens, decoder.num_layers)

    @property
    def ctx(self):
        """The device that holds the parameters."""
        return next(iter(self.collect_params().values())).list_ctx()[0]

    def forward(self, X, valid_length, Y_prev):
        if isinstance(X, nd.NDArray):
            check_ids(X, len(self.src_vocab))
            check_lengths(valid_length, X.shape)
            check_ids(Y_prev, len(self.tgt_vocab))
        return super().forward(X, valid_length, Y_prev)

    def hybrid_forward(self, F, X, valid_length, Y_prev):
        h, _, c = self.encoder(X, valid_length)  # (N, T, D), (N, D)
        s_0 = self.bridge(c)  # (num_layers, N, num_hiddens)
        logits, _, alpha = self.decoder(Y_prev, s_0, h, c, valid_length)
        return logits, alpha


def book(
    src_vocab,
    tgt_vocab,
    embed_size=256,
    num_hiddens=256,
    num_layers=1,
    bidirectional=False,
    drop_prob=0.0,
    device="auto",
):
    r"""The chapter's own model, initialised and hybridized.

    f and g are GRUs, q is the last state, c enters g and p at every step (d2l-zh 2018,
    "编码器—解码器 (seq2seq)"). ``num_layers`` counts for both sides. Where the chapter is silent:
    :math:`h_0 = 0`, :math:`s_0 = \tanh(W_s c)`, p has one hidden layer (:mod:`.decoder`).
    Weights start as Xavier has it, but embeddings uniform in ±0.3 and the output layer in ±0.1:
    Xavier's range shrinks with the size of the vocabulary, and at 8,000 words training stalls.
    Raises :class:`UsageError` for sizes out of range, :class:`SystemProblem` without the memory.
    """
    recipe = dict(locals(), name="book")
    _check_sizes(drop_prob, embed_size, num_hiddens, num_layers)
    encoder = Encoder(len(src_vocab), embed_size, num_hiddens, num_layers, bidirectional, drop_prob)
    decoder = Decoder(
        len(tgt_vocab), embed_size, num_hiddens, encoder.output_size, num_layers, drop_prob
    )
    return _ready(EncoderDecoder(encoder, decoder, src_vocab, tgt_vocab), recipe)


def _check_sizes(drop_prob, *sizes):
    if not 0 <= drop_prob < 1:
        raise UsageError(f"drop_prob is {drop_prob}: use 0 or more and less than 1")
    if not all(isinstance(size, int) and size >= 1 for size in sizes):
        raise UsageError(f"sizes and layers are {sizes}: use whole numbers of 1 or more")


def _ready(model, recipe):
    ctx = context_of(recipe.pop("device"))
    model.recipe = {k: v for k, v in recipe.items() if k not in ("src_vocab", "tgt_vocab")}
    try:
        model.initialize(initializer.Xavier(), ctx=ctx)
    except MXNetError:
        raise SystemProblem(f"no memory for {model.recipe}: use smaller sizes") from None
    model.hybridize()
    return model


MODELS = {"book": book}
