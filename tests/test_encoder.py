"""The encoder against NumPy written from h_t = f(x_t, h_{t-1}) and c = q(h_1..h_T)."""

import mxnet as mx
import numpy as np
import pytest
import reference
from mxnet import nd

from gluon_seq2seq import DataError, Encoder, LastState, UsageError

LENGTHS = [5, 1, 3]
IDS = np.array([[4, 5, 6, 7, 2], [2, 9, 9, 9, 9], [8, 4, 2, 9, 9]])  # 9 stands in the padding


def make(num_layers, bidirectional, hybrid=False):
    mx.random.seed(1)
    encoder = Encoder(10, 6, 4, num_layers, bidirectional)
    encoder.initialize(mx.init.Uniform(0.8))
    if hybrid:
        encoder.hybridize()
    return encoder


def call(encoder, ids, lengths):
    arrays = nd.array(ids, dtype="int32"), nd.array(lengths, dtype="int32")
    return [array.asnumpy() for array in encoder(*arrays)]


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 3])
def test_equals_the_formulas(num_layers, bidirectional, hybrid):
    encoder = make(num_layers, bidirectional, hybrid)
    h, state, c = call(encoder, IDS, LENGTHS)
    size = 8 if bidirectional else 4
    assert h.shape == (3, 5, size) and state.shape == (num_layers, 3, size) and c.shape == (3, size)
    p = reference.numbers(encoder)
    for i, length in enumerate(LENGTHS):
        h_i, state_i, c_i = reference.encode(p, IDS[i, :length], num_layers, bidirectional)
        np.testing.assert_allclose(h[i, :length], h_i, atol=1e-5)
        np.testing.assert_allclose(state[:, i], state_i, atol=1e-5)
        np.testing.assert_allclose(c[i], c_i, atol=1e-5)
        assert not h[i, length:].any()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_changes_nothing(bidirectional):
    encoder = make(2, bidirectional, hybrid=True)
    padded = call(encoder, IDS, LENGTHS)
    other_padding = call(encoder, np.where(IDS == 9, 0, IDS), LENGTHS)
    for a, b in zip(padded, other_padding):
        np.testing.assert_array_equal(a, b)
    for i, length in enumerate(LENGTHS):
        h, state, c = call(encoder, IDS[i : i + 1, :length], [length])
        np.testing.assert_allclose(padded[0][i, :length], h[0], atol=1e-6)
        np.testing.assert_allclose(padded[1][:, i], state[:, 0], atol=1e-6)
        np.testing.assert_allclose(padded[2][i], c[0], atol=1e-6)


def test_both_directions_are_complete_at_opposite_ends():
    h = nd.array(np.arange(24).reshape((1, 6, 4)))
    c = LastState(bidirectional=True)(h, nd.array([3], dtype="int32")).asnumpy()
    np.testing.assert_array_equal(c, [[8, 9, 2, 3]])  # forward at step 3, backward at step 1


def test_a_q_of_ones_own():
    class Mean(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, h, valid_length):
            return F.broadcast_div(
                F.sum(h, axis=1), F.expand_dims(F.cast(valid_length, "float32"), 1)
            )

    encoder = Encoder(10, 6, 4, q=Mean())
    encoder.initialize()
    h, _, c = call(encoder, IDS, LENGTHS)
    np.testing.assert_allclose(c[2], h[2, :3].mean(axis=0), atol=1e-6)


def test_gradient_by_finite_differences():
    encoder = make(2, True)
    X, lengths = nd.array(IDS, dtype="int32"), nd.array(LENGTHS, dtype="int32")

    def objective():
        h, state, c = encoder(X, lengths)
        return (h**2).sum() + (state * 0.5).sum() + c.sum()

    with mx.autograd.record():
        objective().backward()
    for name, parameter in encoder.collect_params().items():
        value, gradient = parameter.data().asnumpy(), parameter.grad().asnumpy()
        where = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        slopes = []
        for sign in (1, -1):
            moved = value.copy()
            moved[where] += sign * 1e-2
            parameter.set_data(nd.array(moved))
            slopes.append(objective().asscalar())
        parameter.set_data(nd.array(value))
        assert (slopes[0] - slopes[1]) / 2e-2 == pytest.approx(gradient[where], rel=2e-2), name


@pytest.mark.parametrize("lengths", [[5, 0, 3], [5, 6, 3], [5, -1, 3], [5, 1], [5, 1, 2.5]])
def test_lengths_that_would_corrupt_memory_are_refused(lengths):
    with pytest.raises(DataError, match="valid_length"):
        make(1, True)(nd.array(IDS, dtype="int32"), nd.array(lengths))


@pytest.mark.parametrize("bad", [10, -1, 4.5, float("nan")])
def test_ids_outside_the_vocabulary_are_refused(bad):
    ids = IDS.astype("float32")
    ids[0, 0] = bad
    with pytest.raises(DataError, match="ids"):
        make(1, False)(nd.array(ids), nd.array(LENGTHS, dtype="int32"))


def test_no_layers():
    with pytest.raises(UsageError, match="num_layers"):
        Encoder(10, 6, 4, num_layers=0)
