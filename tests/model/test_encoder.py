"""The encoder against NumPy written from h_t = f(x_t, h_{t-1}) and c = q(h_1..h_T)."""

import mxnet as mx
import numpy as np
import oracle
import pytest
from mxnet import autograd, nd

from gluon_seq2seq import DataError, Encoder, LastState, UsageError
from gluon_seq2seq.model.papers import QS
from gluon_seq2seq.model.recurrent import RNNS

LENGTHS = [5, 1, 3]
IDS = np.array([[4, 5, 6, 7, 2], [2, 9, 9, 9, 9], [8, 4, 2, 9, 9]])  # 9 stands in the padding
EVERY = [
    {"num_layers": num_layers, "bidirectional": bidirectional, "reverse": reverse, **of_kind}
    for num_layers in (1, 2)
    for bidirectional in (False, True)
    for reverse in (False, True)
    for of_kind in [
        *({"rnn": rnn} for rnn in RNNS),
        *({"q": q} for q in QS if q != "last"),
    ]
]

MADE = {}


def make(num_layers=1, bidirectional=False, hybrid=False, rnn="gru", q="last", reverse=False):
    q, f = QS[q](bidirectional), RNNS[rnn]
    encoder = Encoder(10, 6, 4, num_layers, bidirectional, q=q, f=f, reverse=reverse)
    encoder.initialize()
    encoder.hybridize(hybrid)
    return oracle.shake(encoder, 0.8)


def made(hybrid=True, **settings):
    """What :func:`make` makes, one for all tests, not to be changed but for its gradients."""
    key = hybrid, *settings.items()
    if key not in MADE:
        MADE[key] = make(hybrid=hybrid, **settings)
    return MADE[key]


def call(encoder, ids, lengths):
    arrays = nd.array(ids, dtype="int32"), nd.array(lengths, dtype="int32")
    return [array.asnumpy() for array in encoder(*arrays)]


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("settings", EVERY, ids=str)
def test_equals_the_formulas(settings, hybrid):
    encoder = made(hybrid, **settings)
    h, state, c = call(encoder, IDS, LENGTHS)
    size, num_layers = 8 if settings["bidirectional"] else 4, settings["num_layers"]
    assert h.shape == (3, 5, size) and state.shape == (num_layers, 3, size) and c.shape == (3, size)
    p = oracle.numbers(encoder)
    for i, length in enumerate(LENGTHS):
        h_i, state_i, c_i = oracle.encode(p, IDS[i, :length], **settings)
        np.testing.assert_allclose(h[i, :length], h_i, atol=1e-5)
        np.testing.assert_allclose(state[:, i], state_i, atol=1e-5)
        np.testing.assert_allclose(c[i], c_i, atol=1e-5)
        assert not h[i, length:].any()


@pytest.mark.parametrize("settings", EVERY, ids=str)
def test_padding_and_batch_mates_change_nothing(settings):
    encoder = made(**settings)
    padded = call(encoder, IDS, LENGTHS)
    other_padding = call(encoder, np.where(IDS == 9, 0, IDS), LENGTHS)
    for a, b in zip(padded, other_padding):
        np.testing.assert_array_equal(a, b)
    for i, length in enumerate(LENGTHS):
        h, state, c = call(encoder, IDS[i : i + 1, :length], [length])
        np.testing.assert_allclose(padded[0][i, :length], h[0], atol=1e-6)
        np.testing.assert_allclose(padded[1][:, i], state[:, 0], atol=1e-6)
        np.testing.assert_allclose(padded[2][i], c[0], atol=1e-6)


@pytest.mark.parametrize("settings", [s for s in EVERY if s["num_layers"] == 2], ids=str)
def test_gradients(settings):
    encoder = made(**settings)
    size, rng = encoder.output_size, np.random.default_rng(1)
    w_h, w_state, w_c = (rng.normal(size=(*n, size)) for n in ((3, 5), (2, 3), (3,)))

    def formula(p):
        total = 0.0
        for i, n in enumerate(LENGTHS):
            h, state, c = oracle.encode(p, IDS[i, :n], **settings)
            total += (w_h[i, :n] * h).sum() + (w_state[:, i] * state).sum() + w_c[i] @ c
        return total

    with autograd.record():
        h, state, c = encoder(nd.array(IDS, dtype="int32"), nd.array(LENGTHS, dtype="int32"))
        wanted = zip((w_h, w_state, w_c), (h, state, c))
        total = sum((nd.array(w) * x).sum() for w, x in wanted)
    total.backward()
    oracle.assert_gradients(encoder, formula)


def test_both_directions_are_complete_at_opposite_ends():
    h = nd.array(np.arange(24).reshape((1, 6, 4)))
    c = LastState(bidirectional=True)(h, nd.array([3], dtype="int32")).asnumpy()
    np.testing.assert_array_equal(c, [[8, 9, 2, 3]])  # forward at step 3, backward at step 1


def test_the_mean_and_the_maximum_of_negative_states_leave_padding_out():
    h, lengths = nd.array([[[-3.0], [-1], [0]]]), nd.array([2], dtype="int32")
    assert [QS[q](False)(h, lengths).asscalar() for q in ("mean", "max")] == [-2, -1]


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


@pytest.mark.parametrize("rnn", RNNS)
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_reverse_is_the_words_in_reverse_order(bidirectional, num_layers, rnn):
    settings = {"num_layers": num_layers, "bidirectional": bidirectional, "rnn": rnn}
    turned = IDS.copy()
    for i, n in enumerate(LENGTHS):
        turned[i, : n - 1] = IDS[i, : n - 1][::-1]  # <eos> stays at the end
    reading, plain = make(reverse=True, **settings), make(**settings)
    h, state, c = call(reading, IDS, LENGTHS)
    h_turned, state_turned, c_turned = call(plain, turned, LENGTHS)
    np.testing.assert_array_equal(state, state_turned)
    np.testing.assert_array_equal(c, c_turned)
    for i, n in enumerate(LENGTHS):
        np.testing.assert_array_equal(h[i, : n - 1], h_turned[i, : n - 1][::-1])
        np.testing.assert_array_equal(h[i, n - 1 :], h_turned[i, n - 1 :])
    assert np.abs(h[0] - call(plain, IDS, LENGTHS)[0][0]).max() > 1e-2


def test_reverse_of_sentences_of_eos_alone():
    reading, plain = make(reverse=True), make()
    for a, b in zip(call(reading, [[2], [2]], [1, 1]), call(plain, [[2], [2]], [1, 1])):
        np.testing.assert_array_equal(a, b)


def test_dropout_in_training_alone():
    encoder = Encoder(10, 6, 4, num_layers=2, drop_prob=0.5)
    encoder.initialize()
    differ = []
    for training in (True, False):
        with autograd.record(train_mode=training):
            a, b = (call(encoder, IDS, LENGTHS)[0] for _ in range(2))
        differ.append((a != b).any())
    assert differ == [True, False]


@pytest.mark.parametrize("lengths", [[5, 0, 3], [5, 6, 3], [5, -1, 3], [5, 1], [5, 1, 2.5]])
def test_lengths_that_would_corrupt_memory_are_refused(lengths):
    with pytest.raises(DataError, match="valid_length"):
        make()(nd.array(IDS, dtype="int32"), nd.array(lengths))


@pytest.mark.parametrize("bad", [10, -1, 4.5, float("nan")])
def test_ids_outside_the_vocabulary_are_refused(bad):
    ids = IDS.astype("float32")
    ids[0, 0] = bad
    with pytest.raises(DataError, match="ids"):
        make()(nd.array(ids), nd.array(LENGTHS, dtype="int32"))


def test_no_layers():
    with pytest.raises(UsageError, match="num_layers"):
        Encoder(10, 6, 4, num_layers=0)
