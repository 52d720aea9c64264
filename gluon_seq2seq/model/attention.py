r"""Attention: :math:`e_{t't} = a(s, h_t)`, :math:`\alpha = \mathrm{softmax}(e)`, :math:`c_{t'} =
\sum_t \alpha_{t't} h_t`.

*Dive into Deep Learning* (d2l-zh, 2018), section "注意力机制"; Bahdanau et al. 2015; Luong et al.
2015. GluonNLP has attention cells; these exist to be read beside the formulas, and because a
score's share that depends on h alone is computed once, outside the decoder's loop.
"""

import math

from mxnet import nd

from ..errors import UsageError
from ..semantics import nn
from .checks import check_lengths


class Attention(nn.HybridBlock):
    r"""What all scores a have in common.

    .. math::
        \alpha_{t't} = \frac{\exp(a(s_{t'}, h_t))}{\sum_{k=1}^{T} \exp(a(s_{t'}, h_k))}, \qquad
        c_{t'} = \sum_{t=1}^{T} \alpha_{t't} h_t

    ``attention(s, h, valid_length)`` with ``s (N, T', H)``, ``h (N, T, D)`` and ``valid_length
    (N,)``, int32, returns ``c (N, T', D)`` and ``alpha (N, T', T)``, zero over padding. Raises
    :class:`DataError` for lengths out of range, :class:`UsageError` for sizes that do not fit.

    A score of your own is a class like those below: it has ``a``, ``between``, and ``same_size =
    True`` where it compares s with h number by number; an entry in :data:`SCORES` makes it known
    by a name.
    """

    needs_t = False  # whether a step has to know its number
    same_size = False  # whether s and h have to be of one size

    @classmethod
    def between(cls, query_size, size, window):
        """One for s of ``query_size`` and h of ``size``; ``window``, in positions to either side,
        is for scores that have one."""
        return cls(query_size, size)

    def forward(self, s, h, valid_length):
        if isinstance(h, nd.NDArray):
            check_lengths(valid_length, h.shape)
            self.check_sizes(s.shape[2], h.shape[2])
        return super().forward(s, h, valid_length)

    def hybrid_forward(self, F, s, h, valid_length):
        t = F.contrib.arange_like(s, axis=1).reshape((1, -1, 1)) if self.needs_t else None
        return self.attend(F, s, self.keys(F, h), h, source_mask(F, h, valid_length), t)

    def check_sizes(self, query_size, size):
        """Raise :class:`UsageError` where s of ``query_size`` and h of ``size`` do not fit."""
        if self.same_size and query_size != size:
            raise UsageError(
                f"{type(self).__name__} compares s of size {query_size} with h of size {size}: "
                "use equal sizes, or the score general"
            )

    def attend(self, F, s, keys, h, mask, t):
        """``c (N, T', D)`` and ``alpha (N, T', T)`` of ``s (N, T', H)`` and ``h (N, T, D)``.

        ``keys``: what :meth:`keys` says of h; ``mask (N, 1, T)``: :func:`source_mask`; ``t (N, T',
        1)``: t' - 1, or None unless ``needs_t``.
        """
        alpha = self.weights(F, s, keys, mask, t)  # (N, T', T)
        return F.batch_dot(alpha, h), alpha

    def weights(self, F, s, keys, mask, t):
        """``alpha (N, T', T)``; ``s``, ``keys``, ``mask`` and ``t`` as in :meth:`attend`."""
        return masked_softmax(F, self.a(F, s, keys), mask)

    def keys(self, F, h):
        """What a needs of ``h (N, T, D)``, once for all steps: ``(N, T, ·)``."""
        return h

    def a(self, F, s, keys):
        """The scores e, ``(N, T', T)``, of ``s (N, T', H)`` and ``keys``, those of :meth:`keys`."""
        raise NotImplementedError


class Dot(Attention):
    r""":math:`a(s, h) = s^\top h`; both of one size (Luong et al. 2015, eq. 8, dot)."""

    same_size = True

    @classmethod
    def between(cls, query_size, size, window):
        return cls()

    def a(self, F, s, keys):
        return F.batch_dot(s, keys, transpose_b=True)


class ScaledDot(Attention):
    r""":math:`a(s, h) = s^\top h / \sqrt{D}`, D their ``size`` (Vaswani et al. 2017, eq. 1)."""

    same_size = True

    @classmethod
    def between(cls, query_size, size, window):
        return cls(size)

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def a(self, F, s, keys):
        return F.batch_dot(s, keys, transpose_b=True) / math.sqrt(self.size)


class General(Attention):
    r""":math:`a(s, h) = s^\top W_a h` (Luong et al. 2015, eq. 8, general).

    ``query_size`` is the size of s, ``size`` that of h.
    """

    def __init__(self, query_size, size, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.w_a = nn.Dense(query_size, use_bias=False, flatten=False, in_units=size)

    def keys(self, F, h):
        return self.w_a(h)  # (N, T, H)

    def a(self, F, s, keys):
        return F.batch_dot(s, keys, transpose_b=True)


class Additive(Attention):
    r""":math:`a(s, h) = v^\top \tanh(W_s s + W_h h)` (Bahdanau et al. 2015, appendix A.1.2).

    Luong's concat, :math:`v^\top \tanh(W_a [s; h])` (Luong et al. 2015, eq. 8), is the same with
    :math:`W_a = [W_s, W_h]`. ``query_size`` is the size of s, ``size`` that of h,
    ``num_hiddens`` that of v.
    """

    def __init__(self, query_size, size, num_hiddens, **kwargs):
        super().__init__(**kwargs)
        self.num_hiddens = num_hiddens
        with self.name_scope():
            self.w_s = nn.Dense(num_hiddens, use_bias=False, flatten=False, in_units=query_size)
            self.w_h = nn.Dense(num_hiddens, use_bias=False, flatten=False, in_units=size)
            self.v = nn.Dense(1, use_bias=False, flatten=False, in_units=num_hiddens)

    @classmethod
    def between(cls, query_size, size, window):
        return cls(query_size, size, query_size)

    def keys(self, F, h):
        return self.w_h(h)  # (N, T, A)

    def a(self, F, s, keys):
        # A product with ones, not a broadcast, and Activation, not F.tanh: benchmarks/README.md,
        # "What made it fast".
        ones = F.ones_like(F.slice_axis(keys, axis=2, begin=0, end=1))  # (N, T, 1)
        s = F.batch_dot(ones, self.w_s(s).reshape((0, 1, -1)))  # (N, T, T' A)
        sums = F.broadcast_add(s.reshape((0, 0, -1, self.num_hiddens)), keys.expand_dims(2))
        tanh = F.Activation(sums, act_type="tanh")  # (N, T, T', A)
        return self.v(tanh).reshape((0, 0, -1)).swapaxes(1, 2)  # (N, T', T)


class LocalMonotonic(Attention):
    r"""local-m: only the :math:`2 D + 1` states around :math:`p_{t'} = t'` are attended to.

    (Luong et al. 2015, section 3.2.) ``score`` is another attention, whose a is used;
    ``window`` is D, in positions. Past the end of the source the window stays on its last state,
    where the paper leaves it empty. Raises :class:`UsageError` for a window below 1.
    """

    needs_t = True

    def __init__(self, score, window=10, **kwargs):
        super().__init__(**kwargs)
        if window < 1:
            raise UsageError(f"window is {window}: use 1 or more")
        self.window = window
        with self.name_scope():
            self.score = score

    @classmethod
    def between(cls, query_size, size, window):
        return cls(General(query_size, size), window)

    def check_sizes(self, query_size, size):
        self.score.check_sizes(query_size, size)

    def keys(self, F, h):
        return self.score.keys(F, h)

    def weights(self, F, s, keys, mask, t):
        last = F.sum(mask, axis=2, keepdims=True) - 1  # (N, 1, 1)
        return self.near(F, s, keys, mask, F.broadcast_minimum(t, last))[0]

    def near(self, F, s, keys, mask, p):
        """``alpha (N, T', T)`` within the window around ``p (N, T', 1)``, and the distances t - p;
        ``s``, ``keys`` and ``mask`` as in :meth:`attend`."""
        positions = F.contrib.arange_like(mask, axis=2).reshape((1, 1, -1))  # (1, 1, T)
        distance = F.broadcast_sub(positions, p)  # (N, T', T)
        mask = F.broadcast_mul(mask, F.abs(F.stop_gradient(distance)) <= self.window)
        return masked_softmax(F, self.score.a(F, s, keys), mask), distance


class LocalPredictive(LocalMonotonic):
    r"""local-p: s says where to look, and what is far from there weighs less.

    .. math::
        p_{t'} = S \cdot \sigma(v_p^\top \tanh(W_p s_{t'})), \qquad
        \alpha_{t't} = \mathrm{softmax}(a(s_{t'}, h_t)) \exp\left(-\frac{(t - p_{t'})^2}
        {2 \sigma^2}\right), \quad \sigma = D / 2

    with S the last position of the source, counted from 0 (Luong et al. 2015, eqs. 9 and 10).
    The weights of a step do not sum to one. ``score`` and ``window``, D, as in
    :class:`LocalMonotonic`; ``query_size`` is the size of s.
    """

    needs_t = False

    def __init__(self, score, query_size, window=10, **kwargs):
        super().__init__(score, window, **kwargs)
        with self.name_scope():
            self.w_p = nn.Dense(
                query_size, activation="tanh", use_bias=False, flatten=False, in_units=query_size
            )
            self.v_p = nn.Dense(1, use_bias=False, flatten=False, in_units=query_size)

    @classmethod
    def between(cls, query_size, size, window):
        return cls(General(query_size, size), query_size, window)

    def weights(self, F, s, keys, mask, t):
        last = F.sum(mask, axis=2, keepdims=True) - 1  # (N, 1, 1)
        p = F.broadcast_mul(last, F.sigmoid(self.v_p(self.w_p(s))))  # (N, T', 1)
        alpha, distance = self.near(F, s, keys, mask, p)
        return alpha * F.exp(-2 * F.square(distance / self.window))


SCORES = {
    "dot": Dot,
    "scaled-dot": ScaledDot,
    "general": General,
    "concat": Additive,
    "local-m": LocalMonotonic,
    "local-p": LocalPredictive,
}
"""The scores that go by a name; one of your own may join them."""


def source_mask(F, h, valid_length):
    """1 at each sentence's own positions, 0 over padding, ``(N, 1, T)``."""
    ones = F.ones_like(F.slice_axis(h, axis=2, begin=0, end=1))  # (N, T, 1)
    mask = F.SequenceMask(ones, valid_length, use_sequence_length=True, axis=1)
    return mask.swapaxes(1, 2)


def masked_softmax(F, e, mask):
    """softmax of ``e (N, T', T)`` over the positions where ``mask`` is 1, and 0 elsewhere."""
    return F.softmax(F.broadcast_add(e, (mask - 1) * 1e9), axis=2)
