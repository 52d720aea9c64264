r"""f and g, the recurrent networks of both sides: GRU, LSTM, tanh RNN, and the textbook's own GRU.

:class:`GRU`, :class:`LSTM` and ``partial(RNN, activation="tanh")`` are Gluon's, joined faster;
Gluon's own fit too.

A unit of your own, such as :class:`TextbookGRU`, is a Block class ``U(num_hiddens, input_size=I)``:

================================ ==========================================================
``u(x (T, N, I))``               ``h (T, N, H)``, from states of zeros
``u(x, [state (1, N, H), …])``   ``h`` and the list of states after the last step
``u.state_info()``               a dict for each state: one, or two as with LSTM
``u.cell``                       one step, with the parameters of u: ``cell(x (N, I), [state
                                 (N, H), …])`` -> ``h (N, H)`` and the list of states
================================ ==========================================================

An entry in :data:`RNNS` makes it known by a name. One with ``F.contrib.foreach`` begins with
:func:`~.checks.check_loop`.
"""

from functools import partial

from mxnet import initializer, sym
from mxnet.gluon import rnn
from mxnet.symbol import Symbol

from ..semantics import nn
from ..semantics.kinds import drawn_for_numpy
from .checks import check_loop
from .concat import flattened


class _InRows(nn.EitherKind):
    """A layer of Gluon's, of one layer and one direction, over ``x (T, N, E)``.

    The same numbers and parameters. Only Gluon joins its matrices number by number, at every call
    and every gradient (benchmarks/README.md, "What made it fast").
    """

    def __init__(self, hidden_size, input_size, **kwargs):
        super().__init__(
            hidden_size,
            num_layers=1,
            layout="TNC",
            bidirectional=False,
            input_size=input_size,
            use_sequence_length=False,
            **kwargs,
        )

    def __call__(self, inputs, states=None):
        if states is not None or not isinstance(inputs, Symbol) or not drawn_for_numpy():
            return super().__call__(inputs, states)
        zeros = [zero_state(sym, inputs, self._hidden_size) for _ in self.state_info()]
        return super().__call__(inputs, zeros)[0]  # Gluon's have (1, 0, H), 0 of no known size

    @property
    def cell(self):
        """The cell that shares the parameters."""
        sharing = rnn.HybridSequentialRNNCell(prefix=self.prefix, params=self.params)
        with sharing.name_scope():
            return self.cell_class(
                self._hidden_size,
                input_size=self._input_size,
                i2h_bias_initializer=self._i2h_bias_initializer,  # or they are not the same
                prefix="l0_",
            )

    def _forward_kernel(self, F, inputs, states, sequence_length, **parameters):
        names = (f"l0_{side}_{kind}" for kind in ("weight", "bias") for side in ("i2h", "h2h"))
        sizes = self._input_size, self._hidden_size
        h, *states = F.RNN(
            inputs,
            flattened(F, [parameters[name] for name in names], sizes),
            *states,
            state_size=self._hidden_size,
            num_layers=1,
            mode=self._mode,
            state_outputs=True,
        )  # h (T, N, H), states (1, N, H) each
        return h, states


def zero_state(F, x, num_hiddens):
    """The state ``(1, N, H)`` of zeros before ``x (T, N, I)``; H is ``num_hiddens``."""
    first = F.slice_axis(F.slice_axis(x, axis=0, begin=0, end=1), axis=2, begin=0, end=1)
    return F.tile(F.zeros_like(first), reps=(1, 1, num_hiddens))


class TextbookGRUCell(nn.EitherKind, rnn.HybridRecurrentCell):
    r"""One step of the GRU as the book writes it: the reset comes before the recurrent product.

    .. math::
        r_t &= \sigma(W_{xr} x_t + W_{hr} h_{t-1} + b_r) \\
        z_t &= \sigma(W_{xz} x_t + W_{hz} h_{t-1} + b_z) \\
        \tilde h_t &= \tanh(W_{xh} x_t + W_{hh} (r_t \odot h_{t-1}) + b_h) \\
        h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t

    (d2l-zh 2018, "门控循环单元 (GRU)"; Cho et al. 2014, eqs. 5 to 8.) MXNet's and cuDNN's GRU have
    :math:`\tanh(W_{xh} x_t + b_{xh} + r_t \odot (W_{hh} h_{t-1} + b_{hh}))` in place of the third
    line: all products with :math:`h_{t-1}` are one. Neither is better, but the
    parameters of one mean nothing to the other.

    ``cell(x (N, E), states)``, ``states`` being ``[h (N, H)]``, -> ``h (N, H), [h]``;
    ``num_hiddens`` is H, ``input_size`` E.
    """

    def __init__(self, num_hiddens, input_size, **kwargs):
        super().__init__(**kwargs)
        self.num_hiddens = num_hiddens
        with self.name_scope():
            self.w_x = nn.Dense(3 * num_hiddens, in_units=input_size)
            self.w_h = nn.Dense(2 * num_hiddens, use_bias=False, in_units=num_hiddens)
            self.w_hh = nn.Dense(num_hiddens, use_bias=False, in_units=num_hiddens)

    def _alias(self):
        return "textbookgru"

    def state_info(self, batch_size=0):
        return [{"shape": (batch_size, self.num_hiddens), "__layout__": "NC"}]

    def hybrid_forward(self, F, x, states):
        (h,) = states
        x_r, x_z, x_h = F.split(self.w_x(x), num_outputs=3, axis=1)  # (N, H) each
        h_r, h_z = F.split(self.w_h(h), num_outputs=2, axis=1)
        r, z = F.sigmoid(x_r + h_r), F.sigmoid(x_z + h_z)
        candidate = F.tanh(x_h + self.w_hh(r * h))
        h = z * h + (1 - z) * candidate
        return h, [h]


class TextbookGRU(nn.HybridBlock):
    """A layer of :class:`TextbookGRUCell` over a sequence, in place of Gluon's ``rnn.GRU``.

    ``layer(x (T, N, E))`` -> ``h (T, N, H)``, from a state of zeros; ``layer(x, states)`` with
    ``states``, ``[state (1, N, H)]``, -> ``h, [state]``; ``num_hiddens`` is H, ``input_size`` E. A
    loop in the graph, where ``rnn.GRU`` is one operator. Raises :class:`UsageError` where it is
    hybridized with ``static_shape`` (:func:`~.checks.check_loop`).
    """

    def __init__(self, num_hiddens, input_size, **kwargs):
        super().__init__(**kwargs)
        self.num_hiddens = num_hiddens
        with self.name_scope():
            self.cell = TextbookGRUCell(num_hiddens, input_size)

    def state_info(self, batch_size=0):
        """The shapes of the states of ``batch_size`` sentences, as Gluon's layers have it."""
        return self.cell.state_info(batch_size)

    def hybrid_forward(self, F, x, states=None):
        check_loop(self)
        if states is None:
            state = zero_state(F, x, self.num_hiddens)
        else:
            (state,) = states
        h, (end,) = F.contrib.foreach(self.cell, x, [state.reshape((-3, 0))])
        return h if states is None else (h, [end.expand_dims(0)])


class SlicedGRUCell(nn.EitherKind, rnn.GRUCell):
    r"""One step of Gluon's ``rnn.GRU``, with the layer's own parameters.

    .. math::
        r_t &= \sigma(W_{xr} x_t + b_{xr} + W_{hr} h_{t-1} + b_{hr}), \quad z_t \text{ alike} \\
        n_t &= \tanh(W_{xn} x_t + b_{xn} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\
        h_t &= n_t + z_t \odot (h_{t-1} - n_t)

    ``GRUCell`` computes the same, but with SliceChannel, which takes longer than slices
    (benchmarks/README.md, "What made it fast").
    """

    def hybrid_forward(self, F, inputs, states, i2h_weight, h2h_weight, i2h_bias, h2h_bias):
        (h,), H = states, self._hidden_size

        def part(a, begin, end):
            return F.slice_axis(a, axis=1, begin=begin * H, end=end * H)

        x_part = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=3 * H)
        h_part = F.FullyConnected(h, h2h_weight, h2h_bias, num_hidden=3 * H)
        gates = F.Activation(part(x_part, 0, 2) + part(h_part, 0, 2), act_type="sigmoid")  # r, z
        n = part(x_part, 2, 3) + part(gates, 0, 1) * part(h_part, 2, 3)
        n = F.Activation(n, act_type="tanh")  # (N, H)
        h = n + part(gates, 1, 2) * (h - n)
        return h, [h]


class GRU(_InRows, rnn.GRU):
    __doc__ = _InRows.__doc__
    cell_class = SlicedGRUCell


class LSTM(_InRows, rnn.LSTM):
    __doc__ = _InRows.__doc__
    cell_class = rnn.LSTMCell


class RNN(_InRows, rnn.RNN):
    __doc__ = _InRows.__doc__

    @property
    def cell_class(self):
        return partial(rnn.RNNCell, activation=self._mode.partition("_")[2])  # rnn_tanh


RNNS = {
    "gru": GRU,
    "lstm": partial(LSTM, i2h_bias_initializer=initializer.LSTMBias(1.0)),
    "tanh": partial(RNN, activation="tanh"),
    "textbook-gru": TextbookGRU,
}
"""The units that go by a name; one of your own may join them."""


def cell_of(layer):
    """One step of a layer; ``_unfuse`` is what Gluon's own have in place of ``cell``."""
    return layer.cell if hasattr(layer, "cell") else layer._unfuse()


class Recurrent(nn.HybridBlock):
    r"""g with the states of all its layers in one array: the only place that knows of LSTM's two.

    ``g(x (T', N, I), state (rows, N, H))`` -> ``s (T', N, H)`` of the top layer and the state
    after the last step; :meth:`step` takes one ``x (N, I)``, inside a loop. Row i of ``state`` is
    s of layer i; with LSTM, ``num_layers`` rows of memory cells follow. ``g`` is a class as the
    head of this file describes it, ``input_size`` is I, ``num_hiddens`` H; ``drop_prob``, from 0 to
    less than 1: dropout between the layers.
    """

    def __init__(self, g, input_size, num_hiddens, num_layers=1, drop_prob=0.0, **kwargs):
        super().__init__(**kwargs)
        self.num_layers = num_layers
        with self.name_scope():
            # Not one g of all layers: MXNet's own dropout between them does nothing on a CPU.
            self.dropout = nn.Dropout(drop_prob)
            self.layers = nn.HybridSequential()
            for i in range(num_layers):
                self.layers.add(g(num_hiddens, input_size=num_hiddens if i else input_size))
        self.kinds = len(self.layers[0].state_info())  # 2 with LSTM, else 1
        self.rows = self.kinds * num_layers

    def hybrid_forward(self, F, x, state):
        def run(layer, x, rows):
            s, after = layer(x, [row.expand_dims(0) for row in rows])
            return s, [row.reshape((-3, 0)) for row in after]

        return self.through(F, run, x, state)

    def step(self, F, x, state):
        """One step, as a loop calls it, of ``x (N, I)``: ``s (N, H)``, ``state (rows, N, H)``."""
        return self.through(F, lambda layer, x, rows: cell_of(layer)(x, rows), x, state)

    def through(self, F, run, x, state):
        """``x`` through all layers, each with its own rows of ``state (rows, N, H)``.

        ``run(layer, x, rows)`` takes ``x`` through one and returns its output and its new rows.
        """
        rows = _rows(F, state, self.rows)
        for i, layer in enumerate(self.layers):
            own = slice(i, None, self.num_layers)
            x, rows[own] = run(layer, self.dropout(x) if i else x, rows[own])
        return x, F.stack(*rows, axis=0)


def _rows(F, state, count):
    """The rows ``(N, H)`` of ``state (count, N, H)``, each as an array."""
    return [F.slice_axis(state, axis=0, begin=i, end=i + 1).reshape((-3, 0)) for i in range(count)]
