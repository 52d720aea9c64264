r"""p, the output layer: :math:`P(y_{t'} \mid y_{<t'}, c) = p(y_{t'-1}, s_{t'}, c)`, in four forms.

Each returns logits; softmax makes probabilities of them.
"""

from mxnet.initializer import Uniform

from ..errors import UsageError
from ..semantics import nn
from .concat import concatenated


class Readout(nn.HybridBlock):
    r"""p of all three arguments, with one hidden layer.

    .. math::
        p(y_{t'-1}, s_{t'}, c) =
        \mathrm{softmax}(W_o \tanh(W_p [y_{t'-1}; s_{t'}; c] + b_p) + b_o)

    The chapter names the three and gives p no form; the hidden layer is the deep output of Cho et
    al. 2014, appendix A.1.2, with tanh in place of maxout.

    ``y_prev (N, T', E)``, ``s (N, T', H)``, ``c (N, T', D)`` -> ``logits (N, T', V)``.

    - ``vocab_size``, ``embed_size``, ``num_hiddens``, ``context_size``: V, E, H and D; with D 0
      there is no c to read;
    - ``drop_prob``: dropout before :math:`W_o`, from 0 to less than 1;
    - ``params``: the ParameterDict of the target embedding, where :math:`W_o` is to be that matrix
      (weight tying: Press and Wolf 2017).

    Raises :class:`UsageError` where the size of that matrix is another.
    """

    def __init__(
        self,
        vocab_size,
        embed_size,
        num_hiddens,
        context_size,
        drop_prob=0.0,
        params=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        units = self.hidden_size(embed_size, num_hiddens)
        self.sizes = embed_size, num_hiddens, context_size
        if params is not None and units != embed_size:
            raise UsageError(f"tied needs equal sizes, not {embed_size} and {units}")
        with self.name_scope():
            self.make_hidden(units, embed_size, num_hiddens, context_size)
            self.dropout = nn.Dropout(drop_prob)
            self.w_o = nn.Dense(
                vocab_size,
                flatten=False,
                in_units=units,
                weight_initializer=Uniform(0.1) if params is None else None,
                params=params,
            )

    def hybrid_forward(self, F, y_prev, s, c):
        return self.output(self.hidden(F, y_prev, s, c))

    def output(self, hidden):
        """``logits (N, T', V)`` of the ``hidden (N, T', ·)`` layer."""
        return self.w_o(self.dropout(hidden))  # (N, T', V)

    def among(self, F, y_prev, s, c, weight, bias):
        """``logits (N T', K)`` of K words alone, whose rows of :math:`W_o` and :math:`b_o` are
        ``weight (K, units)`` and ``bias (K,)``; ``y_prev``, ``s`` and ``c`` as ever."""
        hidden = self.dropout(self.hidden(F, y_prev, s, c)).reshape((-3, 0))  # (N T', units)
        return F.broadcast_add(F.dot(hidden, weight, transpose_b=True), bias.expand_dims(0))

    def hidden_size(self, embed_size, num_hiddens):
        """The size of the hidden layer: one of ``embed_size`` and ``num_hiddens``, E and H."""
        return embed_size

    def make_hidden(self, units, embed_size, num_hiddens, context_size):
        """Make the hidden layer of ``units``; the sizes read are ``embed_size``, ``num_hiddens``
        and ``context_size``. Called once, within the name scope."""
        inputs = embed_size + num_hiddens + context_size
        self.w_p = nn.Dense(units, activation="tanh", flatten=False, in_units=inputs)

    def hidden(self, F, y_prev, s, c):
        """The hidden layer, ``(N, T', units)``, of ``y_prev (N, T', E)``, ``s (N, T', H)`` and
        ``c (N, T', D)``."""
        return self.w_p(self.joined(F, y_prev, s, c))  # (N, T', E)

    def joined(self, F, y_prev, s, c):
        """``[y_prev; s; c]``, ``(N, T', E + H + D)``."""
        return concatenated(F, self.sizes, y_prev, s, *([c] if self.sizes[-1] else []))


class MaxoutReadout(Readout):
    r"""The same with the papers' maxout: of each two units the larger one.

    .. math:: t_{t',j} = \max(\tilde t_{t',2j-1}, \tilde t_{t',2j}), \qquad
        \tilde t_{t'} = W_p [y_{t'-1}; s_{t'}; c] + b_p

    (Cho et al. 2014, appendix A.1.2; Bahdanau et al. 2015, appendix A.2.2, which has
    :math:`s_{t'-1}` where the chapter has :math:`s_{t'}`.)
    """

    def make_hidden(self, units, embed_size, num_hiddens, context_size):
        inputs = embed_size + num_hiddens + context_size
        self.w_p = nn.Dense(2 * units, flatten=False, in_units=inputs)

    def hidden(self, F, y_prev, s, c):
        pairs = self.w_p(self.joined(F, y_prev, s, c)).reshape((0, 0, -1, 2))  # (N, T', E, 2)
        both = (F.slice_axis(pairs, axis=3, begin=i, end=i + 1) for i in range(2))
        return F.maximum(*both).reshape((0, 0, -1))  # (N, T', E); not F.max: benchmarks/README.md


class AttentionalReadout(Readout):
    r"""p of s and c alone, by the attentional state :math:`\tilde s`.

    .. math:: \tilde s_{t'} = \tanh(W_c [c_{t'}; s_{t'}]), \qquad p = \mathrm{softmax}(W_o
        \tilde s_{t'} + b_o)

    (Luong et al. 2015, eqs. 5 and 6.)
    """

    def hidden_size(self, embed_size, num_hiddens):
        return num_hiddens

    def make_hidden(self, units, embed_size, num_hiddens, context_size):
        self.w_c = nn.Dense(
            units,
            activation="tanh",
            use_bias=False,
            flatten=False,
            in_units=context_size + num_hiddens,
        )

    def hidden(self, F, y_prev, s, c):
        return self.w_c(concatenated(F, self.sizes[1:], c, s))  # (N, T', H)


class StateReadout(Readout):
    r"""p of s alone: :math:`\mathrm{softmax}(W_o s_{t'} + b_o)` (Sutskever et al. 2014)."""

    def hidden_size(self, embed_size, num_hiddens):
        return num_hiddens

    def make_hidden(self, units, embed_size, num_hiddens, context_size):
        pass

    def hidden(self, F, y_prev, s, c):
        return s


def has_among(p):
    """Whether :meth:`Readout.among` of ``p`` gives what a call gives of the same words: not where a
    Block of yours finds logits in a way of its own, and has no ``among`` of its own."""
    kind, own = type(p), ("hybrid_forward", "output")
    if not isinstance(p, Readout) or p.w_o.bias is None:
        return False
    same = all(getattr(kind, name) is getattr(Readout, name) for name in own)
    return same or kind.among is not Readout.among
