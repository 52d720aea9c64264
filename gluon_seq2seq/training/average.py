r"""The average of the weights that training went through.

A step's weights follow its batch; their average lies in the middle of where they go to and fro
(Polyak and Juditsky 1992), so that it is what is evaluated and saved. A moving one forgets the
steps that are far back:

.. math::
    \bar w_1 = w_1, \qquad \bar w_t = k_t \bar w_{t-1} + (1 - k_t) w_t, \qquad
    k_t = \min\left(\text{decay}, \frac{1 + t}{10 + t}\right)

with t the steps so far. :math:`k_t` is that of TensorFlow's ``ExponentialMovingAverage`` with
``num_updates``: a short run averages its last ninth or so, a long one :math:`1 / (1 -
\text{decay})` steps.
"""

import contextlib

from mxnet import nd

from ..semantics.kinds import as_nd, legacy


class Average:
    """The moving average of ``parameters``, a list, with ``decay``; 0 keeps none.

    ``arrays``: the average of each, of its shape and type, on the first of its devices; none before
    the first step.
    """

    def __init__(self, parameters, decay):
        self.parameters, self.decay, self.arrays = parameters, decay, []

    def update(self, t):
        """Take in the weights after step ``t``, counted from 1."""
        if not self.decay:
            return
        weights = self._weights()
        if not self.arrays:
            self.arrays = [w.copy() for w in weights]
            return
        share = 1 - min(self.decay, (1 + t) / (10 + t))
        for mean, w in zip(self.arrays, weights):
            # One pass, without arrays between: SGD of the "gradient" mean - w.
            nd.sgd_update(mean, w, lr=share, wd=1.0, rescale_grad=-1.0, out=mean)

    @contextlib.contextmanager
    def used(self):
        """Give the parameters their averages within it, and their own values back at its end."""
        own = [w.copy() for w in self._weights()] if self.arrays else []
        try:
            self._set(self.arrays)
            yield
        finally:
            self._set(own)

    @legacy()
    def _set(self, arrays):
        for parameter, array in zip(self.parameters, arrays):
            parameter.set_data(array)

    def _weights(self):
        return as_nd([p.list_data()[0] for p in self.parameters])
