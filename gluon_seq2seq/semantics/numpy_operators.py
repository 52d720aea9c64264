"""MXNet's operators by NumPy, a function each, of what a model's graph has in inference.

:data:`OPERATORS` has, by MXNet's name, what makes an operator's function of its attributes:
``make(**attributes) -> function(*arrays)``. A form that is not known here raises TypeError, by its
attributes, or :class:`NoCounterpart`. No function changes what it is given, unless it is told to.

Source: MXNet 1.9.1, the docstrings of ``mx.nd``.
"""

import numpy as np

from .affine import fully_connected
from .shared_rows import SharedRows

CACHED = 2**17  # numbers of float32 that stay in a core's cache


class NoCounterpart(Exception):
    """An operator that has no function here, or not in this form."""


def expects(value, wanted):
    """Raise :class:`NoCounterpart` unless an attribute has the ``value`` that is ``wanted``."""
    if value != wanted:
        raise NoCounterpart


def sigmoid(x):
    r""":math:`\sigma(x) = 1 / (1 + \exp(-x))`; where exp is infinite, 0. (np.tanh takes twice as
    long as np.exp.)"""
    found = np.negative(x)
    np.exp(found, out=found)
    found += 1
    return np.reciprocal(found, out=found)


def relu(x):
    """max(x, 0)."""
    return np.maximum(x, 0)


ACTIVATIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu}


def activation(act_type):
    """The function of that name."""
    if act_type not in ACTIVATIONS:
        raise NoCounterpart
    return ACTIVATIONS[act_type]


def reshape(shape, reverse=False):
    """0 keeps a size, -1 is what is left, -3 the product of two (MXNet has more)."""
    expects(reverse, False)
    if not all(size in (0, -1, -3) or size > 0 for size in shape):
        raise NoCounterpart

    def function(x):
        wanted, i = [], 0
        for size in shape:
            if size == -3:
                wanted.append(x.shape[i] * x.shape[i + 1])
                i += 1
            else:
                wanted.append(x.shape[i] if size == 0 else size)
            i += 1
        return x.reshape(wanted)

    return function


def slice_axis(axis, begin, end):
    """``x[..., begin:end, ...]``."""
    part = slice(begin, end)
    if axis < 0:
        raise NoCounterpart
    place = (slice(None),) * axis + (part,)
    return lambda x: x[place]


def softmax(axis=-1, temperature=None, use_length=False, dtype=None):
    r""":math:`\exp(x_i) / \sum_j \exp(x_j)`."""
    expects((temperature, use_length, dtype), (None, False, None))

    def function(x):
        found = x - x.max(axis=axis, keepdims=True)
        np.exp(found, out=found)
        found /= found.sum(axis=axis, keepdims=True)
        return found

    return function


def log_softmax(axis=-1, temperature=None, use_length=False, dtype=None, in_place=False):
    r""":math:`x_i - \log \sum_j \exp(x_j)`, of so many rows at a time that they stay in cache;
    ``in_place``: in the place of x."""
    expects((temperature, use_length, dtype, axis == 0), (None, False, None, False))

    def function(x):
        found, rows = x if in_place else np.empty_like(x), max(1, CACHED * len(x) // x.size)
        exp = np.empty_like(x[:rows])
        for start in range(0, len(x), rows):
            own = slice(start, start + rows)
            part = np.subtract(x[own], x[own].max(axis=axis, keepdims=True), out=found[own])
            p = np.exp(part, out=exp[: len(part)])
            part -= np.log(p.sum(axis=axis, keepdims=True))
        return found

    return function


def batch_dot(transpose_a=False, transpose_b=False):
    """One matrix product for each number of the first axis; b may be :class:`SharedRows`."""

    def function(a, b):
        a = a.swapaxes(1, 2) if transpose_a else a
        if isinstance(b, SharedRows):
            return b.dot(a, transpose_b)
        return np.matmul(a, b.swapaxes(1, 2) if transpose_b else b)

    return function


def reduced(reduce):
    """``sum`` and ``max``."""

    def make(axis, keepdims=False, exclude=False):
        expects(exclude, False)
        return lambda x: reduce(x, axis=axis, keepdims=keepdims)

    return make


def scalar(function):
    """``function`` of an array and a number, in the array's type."""
    return lambda scalar, is_int=True: lambda x: function(x, x.dtype.type(scalar))


def arange_like(axis, start=0.0, step=1.0, repeat=1, ctx=""):
    """0, 1, 2, ... to the size of ``x`` along ``axis``."""
    expects((start, step, repeat), (0, 1, 1))
    return lambda x: np.arange(x.shape[axis], dtype=x.dtype)


def _within(x, lengths, axis):
    """Which positions along ``axis``, 0 or 1, the other one being the batch, are before each
    sentence's end, for all further axes of ``x``."""
    within = np.arange(x.shape[axis])[:, np.newaxis] < lengths  # (T, N)
    return (within.T if axis else within).reshape(x.shape[:2] + (1,) * (x.ndim - 2))


def sequence_mask(use_sequence_length, value=0.0, axis=0):
    """``x``, with ``value`` after each sentence's end."""
    expects(use_sequence_length, True)
    return lambda x, lengths: np.where(_within(x, lengths, axis), x, x.dtype.type(value))


def sequence_last(use_sequence_length, axis=0):
    """What stands at each sentence's end: ``(T, N, ...)`` -> ``(N, ...)``."""
    expects((use_sequence_length, axis), (True, 0))
    return lambda x, lengths: x[lengths - 1, np.arange(len(lengths))]


def sequence_reverse(use_sequence_length, axis=0):
    """``x (T, N, ...)`` with each sentence's own positions the other way round."""
    expects((use_sequence_length, axis), (True, 0))

    def function(x, lengths):
        t = np.arange(len(x))[:, np.newaxis]
        return x[np.where(t < lengths, lengths - 1 - t, t), np.arange(len(lengths))]

    return function


def recurrent(mode, state_size):
    """One layer in one direction: ``function(x_parts (T, N, gates H), W_h, b_h, states (1, N, H))``
    -> ``h (T, N, H)`` and the states after the last step; ``x_parts``: what x adds to the gates; no
    states are zeros."""
    if mode not in CELLS:
        raise NoCounterpart
    cell, count = CELLS[mode]

    def function(x_parts, w_h, b_h, *states):
        T, N, _ = x_parts.shape
        rows = [row[0] for row in states] or count * [np.zeros((N, state_size), x_parts.dtype)]
        h = np.empty((T, N, state_size), x_parts.dtype)
        for t in range(T):
            if t or states:
                h_part = rows[0] @ w_h.T
                h_part += b_h
            else:
                h_part = np.broadcast_to(b_h, (N, len(b_h)))  # h is 0
            rows = cell(state_size, x_parts[t], h_part, *rows)
            h[t] = rows[0]
        return (h, *(row[np.newaxis] for row in rows))

    return function


def _gru(H, x, h_part, h):
    gates = sigmoid(x[:, : 2 * H] + h_part[:, : 2 * H])  # r, z
    n = gates[:, :H] * h_part[:, 2 * H :]
    n += x[:, 2 * H :]
    np.tanh(n, out=n)
    h = h - n
    h *= gates[:, H:]
    h += n
    return [h]


def _lstm(H, x, h_part, h, c):
    sums = x + h_part  # i, f, g, o
    i, f, o = (sigmoid(sums[:, k * H : (k + 1) * H]) for k in (0, 1, 3))
    c = f * c + i * np.tanh(sums[:, 2 * H : 3 * H])
    return [o * np.tanh(c), c]


CELLS = {
    "gru": (_gru, 1),
    "lstm": (_lstm, 2),
    "rnn_tanh": (lambda H, x, h_part, h: [np.tanh(x + h_part)], 1),
    "rnn_relu": (lambda H, x, h_part, h: [relu(x + h_part)], 1),
}
"""A step of each unit, of what x and h add to the gates, ``(N, gates H)``, and how many states."""


_BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
OPERATORS = {
    **{
        prefix + name: lambda function=function: function
        for name, function in _BINARY.items()
        for prefix in ("broadcast_", "elemwise_", "_")
    },
    **{
        name: lambda function=function: function
        for name, function in {
            "abs": np.abs,
            "exp": np.exp,
            "log": np.log,
            "ones_like": np.ones_like,
            "sigmoid": sigmoid,
            "sqrt": np.sqrt,
            "square": np.square,
            "tanh": np.tanh,
            "zeros_like": np.zeros_like,
        }.items()
    },
    "_plus_scalar": scalar(np.add),
    "_minus_scalar": scalar(np.subtract),
    "_mul_scalar": scalar(np.multiply),
    "_div_scalar": scalar(np.divide),
    "_rminus_scalar": scalar(lambda x, number: number - x),
    "_lesser_equal_scalar": scalar(lambda x, number: (x <= number).astype(x.dtype)),
    "_contrib_arange_like": arange_like,
    "Activation": activation,
    "batch_dot": batch_dot,
    "Cast": lambda dtype: lambda x: x.astype(dtype),
    "Concat": lambda num_args, dim=1: lambda *arrays: np.concatenate(arrays, dim),
    "dot": lambda transpose_a=False, transpose_b=False: (
        lambda a, b: np.tensordot(a, b, (0 if transpose_a else -1, -1 if transpose_b else 0))
    ),
    "Embedding": lambda input_dim, output_dim, dtype="float32", sparse_grad=False: (
        lambda ids, weight: weight[ids]
    ),
    "expand_dims": lambda axis: lambda x: np.expand_dims(x, axis),
    "FullyConnected": fully_connected,
    "log_softmax": log_softmax,
    "max": reduced(np.max),
    "Reshape": reshape,
    "SequenceLast": sequence_last,
    "SequenceMask": sequence_mask,
    "SequenceReverse": sequence_reverse,
    "slice_axis": slice_axis,
    "SliceChannel": lambda num_outputs, axis=1, squeeze_axis=False: (
        expects(squeeze_axis, False) or (lambda x: np.split(x, num_outputs, axis))
    ),
    "softmax": softmax,
    "stack": lambda num_args, axis=0: lambda *arrays: np.stack(arrays, axis),
    "sum": reduced(np.sum),
    "SwapAxis": lambda dim1=0, dim2=0: lambda x: x.swapaxes(dim1, dim2),
    "tile": lambda reps: lambda x: np.tile(x, reps),
    "transpose": lambda axes: lambda x: x.transpose(axes),
}
