r"""The loss: :math:`-\log P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)`."""

from mxnet import nd

from ..semantics import nn
from ..semantics.kinds import either
from .checks import check_ids, check_lengths


class SequenceLoss(nn.HybridBlock):
    r"""The negative log-likelihood of a batch of translations.

    .. math:: -\log P(y_1, \ldots, y_{T'}) = -\sum_{t'=1}^{T'} \log P(y_{t'} \mid y_{<t'}, c)

    ``logits (N, T', V)``, ``Y (N, T')``, ``tgt_valid_length (N,)`` -> the sum over all sentences,
    ``(1,)`` in nats, and the number of target tokens, ``(1,)``. Padding adds nothing to either.
    (``gluon.loss.SoftmaxCrossEntropyLoss`` takes its mean over padding too, so that the same
    sentence weighs less in a longer batch.) Raises :class:`DataError` for ids or lengths out of
    range.
    """

    def forward(self, logits, Y, tgt_valid_length):
        if isinstance(logits, nd.NDArray):
            check_ids(Y, logits.shape[2])
            check_lengths(tgt_valid_length, Y.shape)
        return super().forward(logits, Y, tgt_valid_length)

    def hybrid_forward(self, F, logits, Y, tgt_valid_length):
        log_p = log_probabilities(F, logits, Y, tgt_valid_length)
        return -F.sum(log_p), F.sum(F.cast(tgt_valid_length, "float32"))


def log_probabilities(F, logits, Y, tgt_valid_length):
    r""":math:`\log P(y_{t'} \mid y_{<t'}, c)`, ``(N, T')``, zero over padding."""
    log_p = F.pick(F.log_softmax(logits, axis=2), Y, axis=2)  # (N, T')
    return F.SequenceMask(log_p, tgt_valid_length, use_sequence_length=True, axis=1)


@either
def loss_and_gradient(logits, Y, tgt_valid_length, label_smoothing=0.0):
    r""":class:`SequenceLoss`, and the logits turned into its gradient with respect to them.

    .. math:: \frac{\partial}{\partial o_{t'}} \left(-\log P(y_{t'} \mid y_{<t'}, c)\right) =
        \mathrm{softmax}(o_{t'}) - \text{one-hot}(y_{t'})

    and zero over padding (d2l-zh 2018, "softmax回归"). ``logits.backward(gradient)`` does the rest.
    With ``label_smoothing`` :math:`\epsilon` the gradient, not the loss, is that of a one-hot that
    gives :math:`\epsilon` of its mass to all V words alike (Szegedy et al. 2016, section 7).
    Autograd would find the same in three passes more over all logits (benchmarks/README.md). The
    gradient takes the place of the logits in memory, and so does :math:`\log P` before, of which
    softmax makes :math:`P` again: log-softmax says it where :math:`P` is too small for a float32,
    elsewhere the logarithm of :math:`P` does, for oneDNN's log-softmax is off by 2e-6. The sum of a
    row's :math:`P`, times 0, makes the loss NaN where a logit is no finite number, which oneDNN
    passes over (findings/softmax_hides_nan.sh).
    """
    small = nd.pick(nd.log_softmax(logits, axis=2, out=logits), Y, axis=2)  # (N, T')
    p = nd.softmax(logits, axis=2, out=logits)  # (N, T', V)
    flat = p.reshape((-3, 0))  # (N T', V), the same memory
    p_y = nd.pick(p, Y, axis=2)  # (N, T')
    sums = nd.dot(flat, nd.ones_like(flat[0])).reshape(p_y.shape)  # (N, T'), 1 each
    log_p = nd.where(p_y > 1e-30, nd.log(p_y), small) + 0 * sums
    total = -nd.SequenceMask(log_p, tgt_valid_length, use_sequence_length=True, axis=1).sum()
    rows = nd.arange(Y.size, dtype="int32", ctx=p.context)
    places = nd.stack(rows, Y.reshape(-1).astype("int32"))  # (2, N T')
    # What flat[rows, Y] = ... comes to, without its Python: benchmarks/README.md, "A step of 32".
    nd._internal._scatter_set_nd(
        flat, p_y.reshape(-1) - (1 - label_smoothing), places, shape=flat.shape, out=flat
    )
    if label_smoothing:
        p -= label_smoothing / p.shape[2]
    nd.SequenceMask(p, tgt_valid_length, use_sequence_length=True, axis=1, out=p)
    return total, p
