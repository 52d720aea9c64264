"""One training step: the gradient of a batch, what settings make of it, and Adam."""

import math

from mxnet import autograd, nd
from mxnet.gluon import Trainer
from mxnet.gluon.utils import split_and_load

from .. import runtime
from ..corpus.batches import Batch
from ..corpus.hidden_words import HiddenWords
from ..errors import Diverged, UsageError
from ..model.loss import loss_and_gradient
from ..semantics.kinds import as_nd, either, legacy
from ..settings import TrainingSettings
from .average import Average
from .distributed import Workers
from .sampled_softmax import SampledSoftmax
from .scheduled_sampling import mixed_inputs

GIVE_BACK_EVERY = 16  # steps, after which memory is in pieces that few arrays fit


class Step:
    r"""One step of Adam: the weights of ``model`` after it has seen a batch.

    ``step(batch, rate)`` takes a :class:`~.batches.Batch` and the learning rate; it returns
    :math:`-\log P` of the batch, summed, in nats, and the number of its target tokens. The
    gradient is that of the mean over the tokens, changed as :data:`GRADIENTS` has it for those of
    ``settings``, a :class:`TrainingSettings`, that stand there. Where ``model`` is on several
    devices, each takes some of the sentences, and where there are several ``workers``
    (:class:`~.distributed.Workers`), each has a batch of its own, and all of it is their sum.
    Raises :class:`UsageError` for a model without gradients, :class:`Diverged` when the loss or
    the gradient is not finite, before it reaches the weights. ``average``, an
    :class:`~.average.Average`, follows the weights.

    .. math::
        w \leftarrow w - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot
        \frac{m_t}{\sqrt{v_t} + \epsilon}

    is MXNet's Adam, the efficient form of Kingma and Ba 2015, end of section 2. PyTorch has their
    algorithm 1, which adds :math:`\epsilon`, 1e-8 in both, to :math:`\sqrt{v_t / (1 -
    \beta_2^t)}`: here it acts :math:`1 / \sqrt{1 - \beta_2^t}` times as large, 32 times at step 1.
    """

    def __init__(self, model, settings=None, workers=None):
        self.model, self.settings = model, settings or TrainingSettings()
        self.workers = workers or Workers()
        self.count, self.hidden, share = 0, None, self.settings.unknown_words
        self.largest = 0  # target positions of a batch since memory was given back
        size = self.settings.sampled_words
        self.sampled = SampledSoftmax(model, size) if size else None
        if share:
            self.hidden = HiddenWords(model.src_vocab, model.tgt_vocab, share)
        self.trainer = Trainer(model.collect_params(), "adam", kvstore=None)  # workers add up
        self.parameters = [p for p in model.collect_params().values() if p.grad_req != "null"]
        if not self.parameters:
            raise UsageError(
                "no parameter has a gradient, so that nothing would be trained: load the model "
                "without grad_req='null'"
            )
        self.workers.broadcast(self.parameters)
        self.average = Average(self.parameters, self.settings.average)

    @legacy()
    def __call__(self, batch, rate):
        batch = as_nd(batch)
        if batch.Y.size > 2 * self.largest or self.count % GIVE_BACK_EVERY == 0:
            nd.waitall()
            runtime.give_memory_back()
            self.largest = 0
        self.largest = max(self.largest, batch.Y.size)
        tokens = int(batch.tgt_valid_length.asnumpy().sum())
        for parameter in self.parameters:
            if parameter.grad_req == "add":  # the step before is not a part of this one
                parameter.zero_grad()
        batch = self.hidden(batch) if self.hidden else batch
        arrays = (split_and_load(array, self.model.devices, even_split=False) for array in batch)
        how = self.settings.teacher_forcing, self.settings.label_smoothing, self.sampled
        losses = [backward(self.model, Batch(*part), *how) for part in zip(*arrays)]
        total = sum(loss.asscalar().item() for loss in losses)
        gradients = as_nd([p.list_grad() for p in self.parameters])
        total, tokens = self.workers.add(gradients, total, tokens)
        tokens = int(tokens)
        norm = self._norm().asscalar().item()  # of the sum
        self.count += 1
        for what, value in ("the loss", total), ("the norm of the gradient", norm):
            check_finite(what, value / tokens, self.count)
        divisor = tokens
        for name, value in vars(self.settings).items():
            if name in GRADIENTS:
                divisor = GRADIENTS[name](value, self.parameters, norm, divisor)
        self.trainer.set_learning_rate(rate)
        self.trainer.step(divisor)
        self.average.update(self.count)
        return total, tokens

    def _norm(self):
        flat = [as_nd(p.list_grad()[0]).reshape(-1) for p in self.parameters]
        return nd.add_n(*[nd.dot(g, g) for g in flat]).sqrt()  # not nd.norm: benchmarks/README.md


def clipped(clip, parameters, norm, divisor):
    r"""The divisor :math:`\max(n, \lVert g \rVert / \text{clip})`: the norm is ``clip`` at most."""
    return max(divisor, norm / clip)


GRADIENTS = {"clip": clipped}
r"""What comes between the gradient and Adam: settings, each with a function of its value.

``change(value, parameters, norm, divisor)``: Adam follows :math:`g / n`, where g, with its
``norm``, is in ``parameters``, a sum over the tokens on every device, and n is ``divisor``, their
number or what the settings before have made of it. The function may change g in place, and returns
n.
"""


@either
def backward(model, batch, teacher_forcing=1.0, label_smoothing=0.0, sampled=None):
    r"""The gradient of :math:`-\log P` of ``batch`` in the parameters of ``model``; returns
    :math:`-\log P`, ``(1,)`` in nats. Both are sums over the sentences, and estimates where
    ``sampled``, a :class:`~.sampled_softmax.SampledSoftmax`, gives the logits."""
    X, src_valid_length, Y_prev, Y, tgt_valid_length = batch
    if teacher_forcing < 1:
        Y_prev = mixed_inputs(model, X, src_valid_length, Y_prev, teacher_forcing)
    with autograd.record():
        if sampled is None:
            logits, _ = model(X, src_valid_length, Y_prev)  # (N, T', V)
        else:
            logits, Y = sampled(X, src_valid_length, Y_prev, Y)  # (N, T', K)
    total, gradient = loss_and_gradient(logits, Y, tgt_valid_length, label_smoothing)
    logits.backward(gradient)
    return total


def check_finite(what, value, step):
    """Raise :class:`Diverged` unless ``value`` is a finite number."""
    if not math.isfinite(value):
        raise Diverged(
            f"{what} is {value} at step {step}: train again with a lower learning rate; models "
            "saved before are as they were"
        )
