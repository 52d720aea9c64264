r"""The decoder: :math:`s_{t'} = g(y_{t'-1}, c, s_{t'-1})`,
:math:`P(y_{t'} \mid y_{<t'}, c) = p(y_{t'-1}, s_{t'}, c)`.

*Dive into Deep Learning* (d2l-zh, 2018), section "编码器—解码器 (seq2seq)", "解码器"; with
attention, section "注意力机制", and Luong et al. 2015.
"""

import warnings

from mxnet import nd
from mxnet.initializer import Uniform

from ..errors import UsageError
from ..semantics import nn
from .attention import source_mask
from .checks import check_ids, check_lengths, check_loop
from .concat import concatenated
from .output import AttentionalReadout, Readout
from .recurrent import GRU, Recurrent


class Bridge(nn.HybridBlock):
    r"""Where the decoder starts: :math:`s_0 = \tanh(W_s c + b_s)` for each of its layers.

    The chapter leaves :math:`s_0` open; this is Cho et al. 2014, appendix A.1.2
    (:math:`h'^{\langle 0 \rangle} = \tanh(V' c)`). It fits sides of different sizes and depths.
    ``c (N, D)``, D the ``context_size``, -> ``state (rows + zeros, N, num_hiddens)``; the last
    ``zeros`` rows are zero. ``weight_initializer`` is :math:`W_s`'s, an initializer of MXNet's.
    """

    def __init__(self, context_size, num_hiddens, rows, zeros=0, weight_initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.shape, self.zeros = (0, rows, num_hiddens), zeros
        with self.name_scope():
            self.w_s = nn.Dense(
                rows * num_hiddens,
                activation="tanh",
                in_units=context_size,
                weight_initializer=weight_initializer,
            )

    def hybrid_forward(self, F, c):
        s_0 = self.w_s(c).reshape(self.shape).swapaxes(0, 1)  # (rows, N, num_hiddens)
        row = F.zeros_like(F.slice_axis(s_0, axis=0, begin=0, end=1))
        return F.concat(s_0, *[row] * self.zeros, dim=0)


class Decoder(nn.HybridBlock):
    r"""One step of the decoder, or all steps of a given translation at once: one code path.

    .. math::
        s_{t'} = g(y_{t'-1}, c, s_{t'-1}), \qquad P(y_{t'} \mid y_{<t'}, c) = p(y_{t'-1}, s_{t'}, c)

    g is a recurrent network of ``num_layers`` layers over :math:`[y_{t'-1}; c]`, with
    :math:`y_{t'-1}` the embedding of the previous word and :math:`y_0` that of ``<bos>``.

    - ``attention=None``: c is the same at every step. With ``context_size=0`` neither g nor p
      reads it: the source is in :math:`s_0` alone.
    - with an :class:`~.attention.Attention`: c is :math:`c_{t'}`, attended to by
      :math:`s_{t'-1}` (Bahdanau et al. 2015, section 3.1). g is no other for it: it reads
      :math:`c_{t'}` where it read c.

    ``decoder(Y_prev, state, h, c, valid_length)`` takes ``Y_prev (N, T')``, ``state`` as
    :class:`Bridge` makes it and what the encoder returned; it returns ``logits (N, T', V)``, the
    state after the last step, and ``alpha (N, T', T)``, the weight of each source position at
    each step, all zero without attention. T' is 1 in search, the whole translation in training
    (teacher forcing). Raises :class:`DataError` for ids or lengths out of range,
    :class:`UsageError` for fewer layers than one.

    - ``vocab_size``, ``embed_size``, ``num_hiddens``, ``context_size``: V, E, H and D, the size
      of c or of :math:`h_t`;
    - ``num_layers``: of g, 1 or more;
    - ``drop_prob``: dropout of :math:`y_{t'-1}`, between layers and in p, from 0 to less than 1;
    - ``g`` and ``p``: classes, as :class:`~.recurrent.LSTM` and :class:`~.output.MaxoutReadout`;
    - ``tied``: the matrix of the output layer is the embedding (weight tying).
    """

    def __init__(
        self,
        vocab_size,
        embed_size,
        num_hiddens,
        context_size,
        num_layers=1,
        drop_prob=0.0,
        attention=None,
        g=GRU,
        p=Readout,
        tied=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_layers < 1:
            raise UsageError(f"num_layers is {num_layers}: use 1 or more")
        if attention is not None:
            attention.check_sizes(num_hiddens, context_size)
        self.vocab_size, self.num_hiddens, self.num_layers = vocab_size, num_hiddens, num_layers
        self.context_size, self.sizes = context_size, (embed_size, context_size)
        with self.name_scope():
            self.embedding = nn.Embedding(vocab_size, embed_size, weight_initializer=Uniform(0.3))
            self.dropout = nn.Dropout(drop_prob)
            inputs = embed_size + self.fed_size()
            self.g = Recurrent(g, inputs, num_hiddens, num_layers, drop_prob)
            self.attention = attention
            params = self.embedding.params if tied else None
            self.p = p(vocab_size, embed_size, num_hiddens, context_size, drop_prob, params)

    def fed_size(self):
        """The size of what g reads beside :math:`y_{t'-1}`."""
        return self.context_size

    @property
    def zero_rows(self):
        """How many rows of the state, after g's own, start from zero."""
        return int(self.counts)  # the number of steps taken

    @property
    def counts(self):
        """Whether attention asks for the number of steps taken."""
        return self.attention is not None and self.attention.needs_t

    def forward(self, Y_prev, state, h, c, valid_length):
        if isinstance(Y_prev, nd.NDArray):
            check_ids(Y_prev, self.vocab_size)
            check_lengths(valid_length, h.shape)
        return super().forward(Y_prev, state, h, c, valid_length)

    def hybrid_forward(self, F, Y_prev, state, h, c, valid_length):
        y_prev, s, c, state, alpha = self.states(F, Y_prev, state, h, c, valid_length)
        return self.p(y_prev, s, c), state, alpha

    def states(self, F, Y_prev, state, h, c, valid_length):
        """What p reads at every step, and what a call returns beside logits; ``Y_prev``, ``state``,
        ``h``, ``c`` and ``valid_length`` as there."""
        y_prev = self.dropout(self.embedding(Y_prev))  # (N, T', E)
        mask = source_mask(F, h, valid_length)  # (N, 1, T)
        if self.attention is None:
            s, state, c, alpha = self.read_whole(F, y_prev, state, c, mask)
        else:
            # Attention looks at h in place of c, and MXNet warns of an input that nothing reads.
            state = F.broadcast_add(state, 0 * F.sum(c))
            s, state, c, alpha = self.attend(F, y_prev, state, h, mask)
        return y_prev, s, c, state, alpha  # (N, T', E), (N, T', H), (N, T', D), ...

    def read_whole(self, F, y_prev, state, c, mask):
        """All steps with one ``c (N, D)``: ``s (N, T', H)``, state, ``c (N, T', D)`` and alpha.

        ``y_prev (N, T', E)``, ``state (rows, N, H)``, ``mask (N, 1, T)``: the source's own
        positions.
        """
        c = F.broadcast_like(c.expand_dims(1), y_prev, lhs_axes=(1,), rhs_axes=(1,))  # (N, T', D)
        inputs = concatenated(F, self.sizes, y_prev, c) if self.context_size else y_prev
        s, state = self.g(inputs.swapaxes(0, 1), state)  # (T', N, H), (rows, N, H)
        steps = F.zeros_like(F.slice_axis(c, axis=2, begin=0, end=1))  # (N, T', 1)
        return s.swapaxes(0, 1), state, c, F.broadcast_mul(steps, mask)

    def attend(self, F, y_prev, state, h, mask):
        """The same with attention before g, to ``h (N, T, D)``: a loop over t', in the graph.

        ``y_prev (N, T', E)``, ``state (rows, N, H)``, ``mask (N, 1, T)``.
        """
        check_loop(self)
        keys = self.attention.keys(F, h)

        def step(y, state):
            s, c, alpha, state = self.one_step(F, y, state, keys, h, mask)
            return [s, c, alpha], state

        (s, c, alpha), state = F.contrib.foreach(step, y_prev.swapaxes(0, 1), state)
        return s.swapaxes(0, 1), state, c.swapaxes(0, 1), alpha.swapaxes(0, 1)

    def one_step(self, F, y, state, keys, h, mask):
        """From ``y (N, E)`` and ``state (rows, N, H)``: ``s (N, H)``, ``c (N, D)``, ``alpha (N,
        T)``, state; ``keys``, ``h`` and ``mask`` as in :meth:`.Attention.attend`."""
        own, t = self.parts(F, state)
        s_prev = _row(F, own, self.num_layers - 1).swapaxes(0, 1)  # (N, 1, H)
        c, alpha = self.attention.attend(F, s_prev, keys, h, mask, t)  # (N, 1, D), (N, 1, T)
        c = c.reshape((0, -1))
        s, own = self.g.step(F, F.concat(y, c, dim=1), own)
        return s, c, alpha.reshape((0, -1)), self.joined(F, [own], t)

    def parts(self, F, state):
        """g's rows of ``state (rows, N, H)``, and from its last row the number of steps taken,
        ``(N, 1, 1)``, or None where nothing asks for it."""
        own = F.slice_axis(state, axis=0, begin=0, end=self.g.rows) if self.zero_rows else state
        if not self.counts:
            return own, None
        count = F.stop_gradient(_row(F, state, -1))  # through it MXNet's gradient would crash
        return own, F.slice_axis(count, axis=2, begin=0, end=1).swapaxes(0, 1)

    def joined(self, F, parts, t):
        """The state one step after ``t``, of ``parts``: rows of arrays ``(·, N, H)``."""
        if t is None:
            return parts[0] if len(parts) == 1 else F.concat(*parts, dim=0)
        count = F.tile(t.swapaxes(0, 1) + 1, reps=(1, 1, self.num_hiddens))  # (1, N, H)
        return F.concat(*parts, count, dim=0)


class LuongDecoder(Decoder):
    r"""Attention after g: :math:`s_{t'}` itself looks for :math:`c_{t'}`.

    .. math::
        s_{t'} = g(y_{t'-1}, s_{t'-1}), \qquad c_{t'} = \sum_t \alpha_{t't} h_t, \qquad
        \tilde s_{t'} = \tanh(W_c [c_{t'}; s_{t'}])

    (Luong et al. 2015, eqs. 5 to 7). No step of g waits for a c, so that all steps of a given
    translation are attended to at once. With ``input_feeding`` g reads :math:`[y_{t'-1};
    \tilde s_{t'-1}]` (section 3.3), and the steps are a loop again. Arguments and results are
    those of :class:`Decoder`: ``sizes`` are its ``vocab_size, embed_size, num_hiddens,
    context_size`` and so on, ``attention`` is needed, p is :class:`~.output.AttentionalReadout`.
    """

    def __init__(self, *sizes, attention, input_feeding=False, **kwargs):
        self.input_feeding = input_feeding
        super().__init__(*sizes, attention=attention, p=AttentionalReadout, **kwargs)

    def fed_size(self):
        return self.num_hiddens if self.input_feeding else 0

    @property
    def zero_rows(self):
        return int(self.input_feeding) + int(self.counts)  # s~ of the step before, the steps

    def attend(self, F, y_prev, state, h, mask):
        if self.input_feeding:
            return super().attend(F, y_prev, state, h, mask)
        own, t = self.parts(F, state)
        s, own = self.g(y_prev.swapaxes(0, 1), own)  # (T', N, H)
        s = s.swapaxes(0, 1)
        if t is not None:
            steps = F.contrib.arange_like(y_prev, axis=1).reshape((1, -1, 1))  # (1, T', 1)
            t = F.broadcast_add(t, steps)  # (N, T', 1)
        c, alpha = self.attention.attend(F, s, self.attention.keys(F, h), h, mask, t)
        last = None if t is None else F.slice_axis(t, axis=1, begin=-1, end=None)  # (N, 1, 1)
        return s, self.joined(F, [own], last), c, alpha

    def one_step(self, F, y, state, keys, h, mask):
        own, t = self.parts(F, state)
        if self.input_feeding:
            y = F.concat(y, _row(F, state, self.g.rows).reshape((-3, 0)), dim=1)  # (N, E + H)
        s, own = self.g.step(F, y, own)
        s = s.expand_dims(1)  # (N, 1, H)
        c, alpha = self.attention.attend(F, s, keys, h, mask, t)  # (N, 1, D), (N, 1, T)
        parts = [own]
        if self.input_feeding:
            parts.append(self.p.hidden(F, None, s, c).swapaxes(0, 1))  # s~ (1, N, H)
        flat = (array.reshape((0, -1)) for array in (s, c, alpha))
        return (*flat, self.joined(F, parts, t))


class Part(nn.HybridBlock):
    """A Block that uses some parameters of a decoder or model; ids and lengths are not checked."""

    def forward(self, *inputs):
        if self._cached_graph:
            return super().forward(*inputs)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Parameter .* is not used by any computation")
            return super().forward(*inputs)


class Alignment(Part):
    r"""What ``decoder`` attends to while it writes given translations: :math:`\alpha`, without p.

    ``Y_prev (N, T')``, ``state (rows, N, H)``, ``h (N, T, D)``, ``valid_length (N,)`` ->
    ``alpha (N, T', T)``.
    """

    def __init__(self, decoder, **kwargs):
        super().__init__(**kwargs)
        self.decoder = decoder

    def hybrid_forward(self, F, Y_prev, state, h, valid_length):
        y_prev = self.decoder.embedding(Y_prev)  # (N, T', E)
        *_, alpha = self.decoder.attend(F, y_prev, state, h, source_mask(F, h, valid_length))
        return alpha


class OneStep(Part):
    r"""``decoder`` as search calls it: one word on, :math:`\log P(y_{t'} \mid y_{<t'}, c)`.

    The same numbers as the decoder's own with T' = 1, in a third of the time: what depends on the
    source alone is computed once (:meth:`source`), and g's cells take the place of the layers,
    which MXNet makes ready for a long sequence at every call.

    ``step(y_prev (M,), state, *source)`` -> ``log_p (M, V)``, state; with ``shows``, where the
    decoder attends, ``alpha (M, T)``, too. With ``few`` it takes the rows of :math:`W_o` and
    :math:`b_o` of K words, the last of its inputs, and gives ``log_p (M, K)``, as if there were
    no others (:mod:`.shortlist`).
    """

    def __init__(self, decoder, shows=False, few=False, **kwargs):
        super().__init__(**kwargs)
        self.decoder, self.shows = decoder, shows and decoder.attention is not None
        self.few = few

    def source(self, F, h, c, valid_length):
        """The arrays ``(M, ...)`` that every step reads, M rows each."""
        if self.decoder.attention is None:
            return [c] if self.decoder.context_size else []
        return [self.decoder.attention.keys(F, h), h, source_mask(F, h, valid_length)]

    def hybrid_forward(self, F, y_prev, state, *source):
        decoder = self.decoder
        source, rows = (source[:-2], source[-2:]) if self.few else (source, ())
        y = decoder.embedding(y_prev)  # (M, E)
        if decoder.attention is not None:
            s, c, alpha, state = decoder.one_step(F, y, state, *source)
        else:
            (c,) = source or [None]
            s, state = decoder.g.step(F, F.concat(y, *source, dim=1), state)
        read = [a if a is None else a.expand_dims(1) for a in (y, s, c)]
        logits = decoder.p.among(F, *read, *rows) if rows else decoder.p(*read).reshape((-3, 0))
        log_p = F.log_softmax(logits, axis=1)  # (M, V) or (M, K)
        return (log_p, state, alpha) if self.shows else (log_p, state)


def _row(F, state, i):
    """Row i of the state, ``(1, N, H)``."""
    return F.slice_axis(state, axis=0, begin=i, end=i + 1 if i != -1 else None)
