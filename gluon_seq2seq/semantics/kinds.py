"""``mx.nd`` and ``mx.np``: the caller may use either kind of array, the package computes with one.

MXNet 1.9.1 has NDArrays, with the operators of ``mx.nd``, and since 1.6 ndarrays, with those of
``mx.np``. Neither's operators take the other's arrays. ``npx.set_np()``, the second line of every
chapter in the book's present edition, turns on two flags of the thread: Gluon then makes ndarrays,
and a size of 0 or a shape of ``()`` is one, where it stood for "not known yet" before.

Here all is computed with NDArrays and both flags off, since :math:`f`, foreach and ``reshape`` are
operators that need that; the flags are set back before the caller goes on (:func:`legacy`). What
goes in may be of either kind, and comes out as

============================ =======================================================
what the call is given       what it gives
============================ =======================================================
ndarrays, or some of both    ndarrays
NDArrays                     NDArrays
no array                     what Gluon's DataLoader would: ndarrays under ``set_np``
============================ =======================================================

Both kinds are handles of the same numbers and the same node of autograd: nothing is copied, and
gradients pass (``MXShallowCopyNDArray``).
"""

from contextlib import contextmanager
from functools import wraps
from threading import local

from mxnet import nd
from mxnet import np as mx_np
from mxnet.symbol import Symbol
from mxnet.symbol.numpy import _Symbol as NumpySymbol
from mxnet.util import is_np_array, is_np_shape, np_array, np_shape

from ..errors import DataError

_drawing = local()  # .for_numpy: whether this thread draws a graph that NumPy's shapes will run


@contextmanager
def legacy():
    """Both flags of NumPy semantics off within it, in this thread; also decorates a function."""
    with np_array(False), np_shape(False):
        yield


def across(call, *args, **kwargs):
    """``call(*args, **kwargs)``, computed with NDArrays, flags off; gives what the table above has.

    Arrays may be symbols, and stand in lists and tuples. Raises :class:`DataError` for an array
    without numbers, or of no dimension, which no Block here takes.
    """
    given = list(_arrays((args, tuple(kwargs.values()))))
    if not (is_np_array() or is_np_shape() or any(map(_is_np, given))):
        return call(*args, **kwargs)
    for array in given:
        if not isinstance(array, Symbol) and 0 in (array.ndim, *array.shape):
            raise DataError(f"an array has shape {array.shape}: needs 1 or more of everything")
    with _drawn_for(is_np_shape()), legacy():
        kwargs = {name: as_nd(value) for name, value in kwargs.items()}
        found = call(*as_nd(args), **kwargs)
    return as_np(found) if any(map(_is_np, given)) or (not given and is_np_array()) else found


@contextmanager
def _drawn_for(numpy):
    before, _drawing.for_numpy = drawn_for_numpy(), numpy or drawn_for_numpy()
    try:
        yield
    finally:
        _drawing.for_numpy = before


def drawn_for_numpy():
    """Whether symbols are drawn for a graph of the caller's under NumPy's shapes, in which 0 is no
    "not known yet"."""
    return getattr(_drawing, "for_numpy", False)


def either(function):
    """``function``, of arrays and others, for arrays of either kind: :func:`across`."""

    @wraps(function)
    def called(*args, **kwargs):
        return across(function, *args, **kwargs)

    return called


def like(one, arrays):
    """``arrays`` in the kind of ``one``, or where that is no array, as the caller's flags say."""
    wanted = _is_np(one) if isinstance(one, nd.NDArray) else is_np_array()
    return as_np(arrays) if wanted else as_nd(arrays)


def as_nd(value):
    """``value`` with all of its ndarrays as NDArrays, in lists and tuples too."""
    return _changed(value, lambda array: array.as_nd_ndarray())


def as_np(value):
    """``value`` with all of its NDArrays as ndarrays, in lists and tuples too."""
    return _changed(value, lambda array: array.as_np_ndarray())


def _is_np(array):
    return isinstance(array, (mx_np.ndarray, NumpySymbol))


def _arrays(value):
    if isinstance(value, (nd.NDArray, Symbol)):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _arrays(one)


def _changed(value, change):
    if isinstance(value, (nd.NDArray, Symbol)):
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):  # a Batch
        return type(value)(*(_changed(one, change) for one in value))
    if isinstance(value, (list, tuple)):
        return type(value)(_changed(one, change) for one in value)
    return value
