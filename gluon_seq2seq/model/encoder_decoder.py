r"""The whole model.

.. math:: P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T) = \prod_{t'=1}^{T'} P(y_{t'} \mid y_{<t'}, c)
"""

import threading

from mxnet import initializer, nd

from ..corpus.origin import settings_of
from ..errors import DataError
from ..semantics import nn
from ..text.vocabulary import check_vocab
from .checks import check_ids, check_lengths
from .decoder import Bridge


class EncoderDecoder(nn.HybridBlock):
    """An encoder, a decoder and the vocabularies of the two languages.

    ``encoder`` and ``decoder`` are Blocks like :class:`Encoder` and :class:`Decoder`;
    ``src_vocab`` and ``tgt_vocab``, each a :class:`Vocabulary`, have as many words as they know.

    ``model(X, valid_length, Y_prev)`` with ``X (N, T)``, ``valid_length (N,)`` and ``Y_prev (N,
    T')`` returns ``logits (N, T', V)`` and ``alpha (N, T', T)``. Raises :class:`DataError` for
    ids or lengths out of range, :class:`UsageError` for a vocabulary that makes no ids of text,
    such as GluonNLP's own.

    Models of :mod:`.papers` can be copied and pickled, and sent to other processes.
    """

    def __init__(self, encoder, decoder, src_vocab, tgt_vocab, **kwargs):
        super().__init__(**kwargs)
        check_vocab(src_vocab, "src_vocab")
        check_vocab(tgt_vocab, "tgt_vocab")
        self.src_vocab, self.tgt_vocab = src_vocab, tgt_vocab
        self.settings = None  # of a model of papers: a ModelSettings
        self.recipe = None  # its name and settings, which make it again from disk
        self.origin = None  # what it was trained on: the arguments of load_corpus
        self.shortlist = None  # a Shortlist, or the path of its file, for a Translator that asks
        self.lock = threading.Lock()  # MXNet can hang when threads share a hybridized Block
        with self.name_scope():
            self.encoder, self.decoder = encoder, decoder
            self.bridge = Bridge(
                encoder.output_size,
                decoder.num_hiddens,
                decoder.g.rows,
                decoder.zero_rows,
                # Where s_0 is c's only way in, a faint one stays unused: training stalls.
                None if decoder.context_size else initializer.Normal(1),
            )

    @property
    def devices(self):
        """The devices that hold the parameters: several may train, the first does all else."""
        return self.decoder.embedding.weight.list_ctx()

    @property
    def ctx(self):
        """The first of the devices."""
        return self.devices[0]

    @property
    def attends(self):
        """Whether it has attention to show."""
        return self.decoder.attention is not None

    def corpus_settings(self, data=None, target=None, columns=None):
        """The arguments of ``load_corpus`` for ``data``, with ``target`` and ``columns``, or for
        what this model was trained on: :func:`~.origin.settings_of`."""
        return settings_of(self, data, target, columns)

    def forward(self, X, valid_length, Y_prev):
        if isinstance(X, nd.NDArray):
            check_ids(X, len(self.src_vocab))
            check_lengths(valid_length, X.shape)
            check_ids(Y_prev, len(self.tgt_vocab))
            if len(Y_prev) != len(X):
                raise DataError(f"{len(X)} sentences, but {len(Y_prev)} translations")
        return super().forward(X, valid_length, Y_prev)

    def hybrid_forward(self, F, X, valid_length, Y_prev):
        h, _, c = self.encoder(X, valid_length)  # (N, T, D), (N, D)
        s_0 = self.bridge(c)  # (rows, N, num_hiddens)
        logits, _, alpha = self.decoder(Y_prev, s_0, h, c, valid_length)
        return logits, alpha
