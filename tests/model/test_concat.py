"""Vectors end to end, against NumPy: values and gradients, eager and hybridized."""

import numpy as np
import pytest
from mxnet import autograd, nd
from mxnet.gluon import HybridBlock

from gluon_seq2seq.model.concat import concatenated, flattened, paired

RNG = np.random.default_rng(0)


class Joined(HybridBlock):
    def __init__(self, join):
        super().__init__()
        self.join = join

    def hybrid_forward(self, F, *arrays):
        return self.join(F, *arrays)


def assert_joins(join, expected, shapes, hybrid):
    """``join`` puts arrays where ``expected`` puts NumPy's, and its gradient takes them back."""
    block = Joined(join)
    block.hybridize(hybrid)
    arrays = [nd.array(RNG.normal(size=shape)) for shape in shapes]
    for array in arrays:
        array.attach_grad()
    with autograd.record():
        found = block(*arrays)
    np.testing.assert_array_equal(found.asnumpy(), expected([a.asnumpy() for a in arrays]))
    head = RNG.normal(size=found.shape).astype("float32")
    found.backward(nd.array(head))
    places = np.cumsum([0, *(array.size for array in arrays)])
    numbered = [np.arange(a, b) for a, b in zip(places, places[1:])]
    where = expected([n.reshape(shape) for n, shape in zip(numbered, shapes)])
    for array, numbers in zip(arrays, numbered):
        own = head[np.isin(where, numbers)][np.argsort(where[np.isin(where, numbers)])]
        np.testing.assert_array_equal(array.grad.asnumpy().ravel(), own)


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("sizes", [(4, 6), (6, 4, 8), (5, 3), (7,), (1, 1, 1)])
@pytest.mark.parametrize("leading", [(2, 3), (1, 1), (4, 1)])
def test_concatenated(leading, sizes, hybrid):
    shapes = [(*leading, size) for size in sizes]

    def join(F, *arrays):
        return concatenated(F, sizes, *arrays)

    assert_joins(join, lambda arrays: np.concatenate(arrays, axis=2), shapes, hybrid)


def test_concatenated_leaves_out_a_size_of_zero():
    a, b = nd.ones((2, 3, 4)), nd.zeros((2, 3, 6))
    assert concatenated(nd, (4, 6, 0), a, b).shape == (2, 3, 10)


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4)])
def test_paired(shape, hybrid):
    axis = len(shape) - 1

    def join(F, a, b):
        return paired(F, a, b, axis)

    assert_joins(join, lambda arrays: np.concatenate(arrays, axis), [shape] * 2, hybrid)


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("input_size, hidden", [(4, 6), (5, 3), (3, 3)])
def test_flattened(input_size, hidden, hybrid):
    shapes = (3 * hidden, input_size), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,)

    def join(F, *parameters):
        return flattened(F, parameters, (input_size, hidden))

    assert_joins(join, lambda arrays: np.concatenate([a.ravel() for a in arrays]), shapes, hybrid)
