r"""The decoder: :math:`s_{t'} = g(y_{t'-1}, c, s_{t'-1})`,
:math:`P(y_{t'} \mid y_{<t'}, c) = p(y_{t'-1}, s_{t'}, c)`.

*Dive into Deep Learning* (d2l-zh, 2018), section "编码器—解码器 (seq2seq)", "解码器".
"""

from mxnet import nd
from mxnet.gluon import HybridBlock, nn, rnn
from mxnet.initializer import Uniform

from .batches import check_ids, check_lengths
from .errors import UsageError


class Bridge(HybridBlock):
    r"""Where the decoder starts: :math:`s_0 = \tanh(W_s c + b_s)` for each of its layers.

    The chapter leaves :math:`s_0` open; this is Cho et al. 2014, appendix A.1.2
    (:math:`h'^{\langle 0 \rangle} = \tanh(V' c)`). It fits sides of different sizes and depths.
    ``c (N, D)`` -> ``state (num_layers, N, num_hiddens)``.
    """

    def __init__(self, context_size, num_hiddens, num_layers, **kwargs):
        super().__init__(**kwargs)
        self.shape = (0, num_layers, num_hiddens)
        with self.name_scope():
            self.w_s = nn.Dense(num_layers * num_hiddens, activation="tanh", in_units=context_size)

    def hybrid_forward(self, F, c):
        return self.w_s(c).reshape(self.shape).swapaxes(0, 1)  # (num_layers, N, num_hiddens)


class Readout(HybridBlock):
    r"""p, a network with one hidden layer; its logits become probabilities by softmax.

    .. math::
        p(y_{t'-1}, s_{t'}, c) =
        \mathrm{softmax}(W_o \tanh(W_p [y_{t'-1}; s_{t'}; c] + b_p) + b_o)

    The chapter asks for "an output layer" of these three; the hidden layer is the deep output of
    Cho et al. 2014, appendix A.1.2, with tanh in place of maxout.

    ``y_prev (N, T', E)``, ``s (N, T', H)``, ``c (N, T', D)`` -> ``logits (N, T', V)``.
    """

    def __init__(self, vocab_size, embed_size, num_hiddens, context_size, drop_prob=0.0, **kwargs):
        super().__init__(**kwargs)
        inputs = embed_size + num_hiddens + context_size
        with self.name_scope():
            self.w_p = nn.Dense(embed_size, activation="tanh", flatten=False, in_units=inputs)
            self.dropout = nn.Dropout(drop_prob)
            self.w_o = nn.Dense(
                vocab_size, flatten=False, in_units=embed_size, weight_initializer=Uniform(0.1)
            )

    def hybrid_forward(self, F, y_prev, s, c):
        hidden = self.w_p(F.concat(y_prev, s, c, dim=2))  # (N, T', E)
        return self.w_o(self.dropout(hidden))  # (N, T', V)


class Decoder(HybridBlock):
    r"""One step of the decoder, or all steps of a given translation at once: one code path.

    .. math::
        s_{t'} = g(y_{t'-1}, c, s_{t'-1}), \qquad P(y_{t'} \mid y_{<t'}, c) = p(y_{t'-1}, s_{t'}, c)

    g is a GRU of ``num_layers`` layers over :math:`[y_{t'-1}; c]`, with :math:`y_{t'-1}` the
    embedding of the previous word and :math:`y_0` that of ``<bos>``.

    ``decoder(Y_prev, state, h, c, valid_length)`` takes ``Y_prev (N, T')``, ``state (num_layers,
    N, num_hiddens)`` and what the encoder returned; it returns ``logits (N, T', V)``, the state
    after the last step, and ``alpha (N, T', T)``, the weight of each source position at each
    step: all zero here, where c is the same at every step and nothing is attended to.
    T' is 1 in search, the whole translation in training (teacher forcing). Raises
    :class:`DataError` for ids or lengths out of range.
    """

    def __init__(
        self,
        vocab_size,
        embed_size,
        num_hiddens,
        context_size,
        num_layers=1,
        drop_prob=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_layers < 1:
            raise UsageError(f"num_layers is {num_layers}: use 1 or more")
        self.vocab_size = vocab_size
        self.num_hiddens, self.num_layers = num_hiddens, num_layers
        with self.name_scope():
            self.embedding = nn.Embedding(vocab_size, embed_size, weight_initializer=Uniform(0.3))
            self.dropout = nn.Dropout(drop_prob)
            self.g = rnn.GRU(
                num_hiddens, num_layers, dropout=drop_prob, input_size=embed_size + context_size
            )
            self.p = Readout(vocab_size, embed_size, num_hiddens, context_size, drop_prob)

    def forward(self, Y_prev, state, h, c, valid_length):
        if isinstance(Y_prev, nd.NDArray):
            check_ids(Y_prev, self.vocab_size)
            check_lengths(valid_length, h.shape)
        return super().forward(Y_prev, state, h, c, valid_length)

    def hybrid_forward(self, F, Y_prev, state, h, c, valid_length):
        y_prev = self.dropout(self.embedding(Y_prev))  # (N, T', E)
        c = F.expand_dims(c, axis=1)  # (N, 1, D)
        c = F.broadcast_like(c, y_prev, lhs_axes=(1,), rhs_axes=(1,))  # (N, T', D)
        inputs = F.concat(y_prev, c, dim=2).swapaxes(0, 1)  # (T', N, E+D)
        s, (state,) = self.g(inputs, [state])  # (T', N, H), (num_layers, N, H)
        logits = self.p(y_prev, s.swapaxes(0, 1), c)  # (N, T', V)
        steps = F.zeros_like(F.slice_axis(y_prev, axis=2, begin=0, end=1))  # (N, T', 1)
        positions = F.zeros_like(F.slice_axis(h, axis=2, begin=0, end=1))  # (N, T, 1)
        positions = F.SequenceMask(positions, valid_length, use_sequence_length=True, axis=1)
        alpha = F.batch_dot(steps, positions, transpose_b=True)  # (N, T', T)
        return logits, state, alpha
