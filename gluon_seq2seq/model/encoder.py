r"""The encoder: :math:`h_t = f(x_t, h_{t-1})`, :math:`c = q(h_1, \ldots, h_T)`; both directions.

*Dive into Deep Learning* (d2l-zh, 2018), section "编码器—解码器 (seq2seq)", "编码器"; after
Cho et al. 2014 and Sutskever et al. 2014.
"""

from mxnet import nd
from mxnet.initializer import Uniform

from ..errors import UsageError
from ..semantics import nn
from .checks import check_ids, check_lengths
from .concat import paired
from .recurrent import GRU


class RecurrentLayer(nn.HybridBlock):
    r"""One recurrent layer over a padded batch, in one direction or both.

    .. math::
        \overrightarrow{h}_t = f(x_t, \overrightarrow{h}_{t-1}), \qquad
        \overleftarrow{h}_t = f(x_t, \overleftarrow{h}_{t+1}), \qquad
        h_t = [\overrightarrow{h}_t ; \overleftarrow{h}_t]

    with :math:`h_0 = 0` and :math:`\overleftarrow{h}_{T+1} = 0`. Input ``x (N, T, E)``, E the
    ``input_size``, and ``valid_length (N,)``; output ``h (N, T, D)``, zero over padding, and
    ``state (N, D)``, each direction at the last token that it reads. ``D`` is ``num_hiddens``,
    twice that for both directions (``bidirectional``). ``f`` is a class of :mod:`.recurrent`:
    ``GRU``, ``LSTM``, ``partial(RNN, activation="tanh")`` or :class:`~.recurrent.TextbookGRU`. Two
    unidirectional layers and not Gluon's own ``bidirectional=True``, whose backward half reads the
    padding first.
    """

    def __init__(self, input_size, num_hiddens, bidirectional=False, f=GRU, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.forwards = f(num_hiddens, input_size=input_size)
            self.backwards = f(num_hiddens, input_size=input_size) if bidirectional else None

    def hybrid_forward(self, F, x, valid_length):
        x = x.swapaxes(0, 1)  # (T, N, E)
        h = self.forwards(x)  # (T, N, H)
        state = F.SequenceLast(h, valid_length, use_sequence_length=True)  # (N, H)
        if self.backwards is not None:
            x = F.SequenceReverse(x, valid_length, use_sequence_length=True)
            back = self.backwards(x)  # (T, N, H), its step 1 is each sentence's last token
            last = F.SequenceLast(back, valid_length, use_sequence_length=True)  # (N, H)
            back = F.SequenceReverse(back, valid_length, use_sequence_length=True)
            h = paired(F, h, back, axis=2)  # (T, N, 2H)
            state = paired(F, state, last, axis=1)  # (N, 2H)
        h = F.SequenceMask(h, valid_length, use_sequence_length=True)  # (T, N, D)
        return h.swapaxes(0, 1), state


class LastState(nn.HybridBlock):
    r"""The simplest pooling q: :math:`c = h_T`, each sentence's own last state.

    With both directions :math:`c = [\overrightarrow{h}_T ; \overleftarrow{h}_1]`: each has read
    the whole sentence there, and nowhere else. ``bidirectional``: whether the encoder has both.
    ``h (N, T, D)``, ``valid_length (N,)`` -> ``c (N, D)``.
    """

    def __init__(self, bidirectional=False, **kwargs):
        super().__init__(**kwargs)
        self.bidirectional = bidirectional

    def hybrid_forward(self, F, h, valid_length):
        last = F.SequenceLast(h.swapaxes(0, 1), valid_length, use_sequence_length=True)  # (N, D)
        if not self.bidirectional:
            return last
        forwards, _ = F.split(last, num_outputs=2, axis=1)  # (N, H)
        first = F.slice_axis(h, axis=1, begin=0, end=1).reshape((0, -1))  # (N, D)
        _, backwards = F.split(first, num_outputs=2, axis=1)  # (N, H)
        return paired(F, forwards, backwards, axis=1)  # (N, D)


class MeanState(nn.HybridBlock):
    r"""Mean pooling, q as a mean: :math:`c = \frac{1}{T} \sum_{t=1}^{T} h_t`.

    ``h (N, T, D)``, zero over padding, ``valid_length (N,)`` -> ``c (N, D)``.
    """

    def hybrid_forward(self, F, h, valid_length):
        h = F.SequenceMask(h, valid_length, use_sequence_length=True, axis=1)
        ones = F.ones_like(F.slice_axis(h, axis=2, begin=0, end=1))  # (N, T, 1), of h's type
        ones = F.SequenceMask(ones, valid_length, use_sequence_length=True, axis=1)
        return F.broadcast_div(F.sum(h, axis=1), F.sum(ones, axis=1))  # (N, D)


class MaxState(nn.HybridBlock):
    r"""Max pooling, q as a maximum: :math:`c_i = \max_t h_{t,i}`.

    Over each sentence's own positions. ``h (N, T, D)``, ``valid_length (N,)`` -> ``c (N, D)``.
    """

    def hybrid_forward(self, F, h, valid_length):
        own = F.SequenceMask(h, valid_length, use_sequence_length=True, axis=1, value=-1e9)
        return F.max(own, axis=1)  # (N, D)


class Encoder(nn.HybridBlock):
    r"""Source ids -> a state for every position, and the context that sums them up.

    .. math:: x_t = o_t^\top E, \qquad h_t = f(x_t, h_{t-1}), \qquad c = q(h_1, \ldots, h_T)

    with :math:`o_t` the one-hot vector of word t. Each further layer reads the states of the
    layer below in place of :math:`x_t`.

    - ``vocab_size``, ``embed_size``, ``num_hiddens``: V, E, and the size of a direction's state;
    - ``num_layers``: recurrent layers, 1 or more;
    - ``bidirectional``: whether f reads both ways; D is then twice ``num_hiddens``;
    - ``drop_prob``: dropout of :math:`x_t` and between the layers, from 0 to less than 1;
    - ``q``: the pooling, a Block: :class:`LastState` unless given, :class:`MeanState`,
      :class:`MaxState` or yours;
    - ``f``: as in :class:`RecurrentLayer`;
    - ``reverse``: f reads the words from last to first, ``<eos>`` still at the end (Sutskever et
      al. 2014, section 3.3); :math:`h_t` stays the state at word t.

    ``encoder(X, valid_length)`` takes ``X (N, T)`` and ``valid_length (N,)``, int32, and returns
    ``h (N, T, D)`` of the top layer, ``state (num_layers, N, D)`` of every layer at its last
    token (LSTM's memory cells stay inside), and ``c (N, D)``. Raises :class:`DataError` for ids
    or lengths out of range, :class:`UsageError` for fewer layers than one.
    """

    def __init__(
        self,
        vocab_size,
        embed_size,
        num_hiddens,
        num_layers=1,
        bidirectional=False,
        drop_prob=0.0,
        q=None,
        f=GRU,
        reverse=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_layers < 1:
            raise UsageError(f"num_layers is {num_layers}: use 1 or more")
        self.vocab_size, self.bidirectional, self.reverse = vocab_size, bidirectional, reverse
        self.output_size = num_hiddens * (2 if bidirectional else 1)
        with self.name_scope():
            self.embedding = nn.Embedding(vocab_size, embed_size, weight_initializer=Uniform(0.3))
            self.dropout = nn.Dropout(drop_prob)
            self.layers = nn.HybridSequential()
            for i in range(num_layers):
                input_size = self.output_size if i else embed_size
                self.layers.add(RecurrentLayer(input_size, num_hiddens, bidirectional, f))
            self.q = q or LastState(bidirectional)

    def forward(self, X, valid_length):
        if isinstance(X, nd.NDArray):
            check_ids(X, self.vocab_size)
            check_lengths(valid_length, X.shape)
        return super().forward(X, valid_length)

    def hybrid_forward(self, F, X, valid_length):
        h = self.embedding(X)  # (N, T, E)
        if self.reverse:
            h = _reverse_words(F, h, valid_length)
        states = []
        for layer in self.layers:
            h, state = layer(self.dropout(h), valid_length)  # (N, T, D), (N, D)
            states.append(state)
        c = self.q(h, valid_length)
        if self.reverse:
            h = _reverse_words(F, h, valid_length)
        return h, F.stack(*states, axis=0), c


def _reverse_words(F, x, valid_length):
    """``x (N, T, ·)`` with all but each sentence's last position, ``<eos>``, in reverse order."""
    words = F.broadcast_maximum(valid_length - 1, F.ones_like(valid_length))  # a lone <eos> stays
    return F.SequenceReverse(x.swapaxes(0, 1), words, use_sequence_length=True).swapaxes(0, 1)
