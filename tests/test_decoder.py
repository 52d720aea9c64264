"""The decoder against NumPy from s_t' = g(y_{t'-1}, c, s_{t'-1}) and p(y_{t'-1}, s_t', c)."""

import mxnet as mx
import numpy as np
import pytest
import reference
from mxnet import nd

from gluon_seq2seq import Bridge, DataError, Decoder

Y_PREV = np.array([[1, 4, 5, 6], [1, 7, 0, 0]])
RNG = np.random.default_rng(0)
H, C, STATE = RNG.normal(size=(2, 3, 5)), RNG.normal(size=(2, 5)), RNG.normal(size=(2, 2, 4))


def make(hybrid):
    mx.random.seed(2)
    decoder = Decoder(9, 6, 4, 5, num_layers=2)
    decoder.initialize(mx.init.Uniform(0.8))
    if hybrid:
        decoder.hybridize()
    return decoder


def call(decoder, y_prev, state=STATE):
    lengths = nd.array([3, 2], dtype="int32")
    arrays = nd.array(y_prev, dtype="int32"), nd.array(state), nd.array(H), nd.array(C), lengths
    logits, state, alpha = decoder(*arrays)
    return logits.log_softmax().asnumpy(), state.asnumpy(), alpha.asnumpy()


@pytest.mark.parametrize("hybrid", [False, True])
def test_equals_the_formulas(hybrid):
    decoder = make(hybrid)
    log_p, state, alpha = call(decoder, Y_PREV)
    p = reference.numbers(decoder)
    for i in range(2):
        log_p_i, state_i = reference.decode(p, Y_PREV[i], STATE[:, i], C[i], num_layers=2)
        np.testing.assert_allclose(log_p[i], log_p_i, atol=1e-5)
        np.testing.assert_allclose(state[:, i], state_i, atol=1e-5)
    assert alpha.shape == (2, 4, 3) and not alpha.any()


def test_step_by_step_equals_all_at_once():
    decoder = make(hybrid=True)
    together, last, _ = call(decoder, Y_PREV)
    state = STATE
    for t in range(4):
        log_p, state, _ = call(decoder, Y_PREV[:, t : t + 1], state)
        np.testing.assert_allclose(log_p[:, 0], together[:, t], atol=1e-5)
    np.testing.assert_allclose(state, last, atol=1e-5)


def test_no_step_sees_a_later_word():
    decoder = make(hybrid=False)
    changed = Y_PREV.copy()
    changed[:, 2:] = 8
    before, after = call(decoder, Y_PREV)[0], call(decoder, changed)[0]
    np.testing.assert_array_equal(before[:, :2], after[:, :2])
    assert np.abs(before[:, 2] - after[:, 2]).max() > 1e-3


def test_p_takes_all_three():
    decoder = make(hybrid=False)
    y_prev, s, c = (nd.array(RNG.normal(size=(1, 1, n))) for n in (6, 4, 5))
    whole = decoder.p(y_prev, s, c).asnumpy()
    for blanked in ((y_prev * 0, s, c), (y_prev, s * 0, c), (y_prev, s, c * 0)):
        assert np.abs(decoder.p(*blanked).asnumpy() - whole).max() > 1e-3


def test_bridge():
    bridge = Bridge(5, 4, 2)
    bridge.initialize(mx.init.Uniform(0.8))
    p = reference.numbers(bridge)
    for i, s_0 in enumerate(bridge(nd.array(C)).asnumpy().swapaxes(0, 1)):  # (2, 4)
        expected = np.tanh(p["w_s.weight"] @ C[i] + p["w_s.bias"]).reshape((2, 4))
        np.testing.assert_allclose(s_0, expected, atol=1e-6)


def test_ids_and_lengths_are_checked():
    decoder, state, h, c = make(True), nd.array(STATE), nd.array(H), nd.array(C)
    lengths = nd.array([3, 2], dtype="int32")
    with pytest.raises(DataError, match="ids"):
        decoder(nd.full((2, 1), 9, dtype="int32"), state, h, c, lengths)
    with pytest.raises(DataError, match="valid_length"):
        decoder(nd.ones((2, 1), dtype="int32"), state, h, c, lengths + 1)
