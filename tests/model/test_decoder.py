"""The decoder against NumPy from s_t' = g(y_{t'-1}, c, s_{t'-1}) and p(y_{t'-1}, s_t', c).

With c fixed, left out, attended to before g (Bahdanau et al. 2015) or after it (Luong et al. 2015).
"""

import functools
import subprocess
import sys
import warnings

import numpy as np
import oracle
import pytest
from mxnet import autograd, nd

from gluon_seq2seq import Bridge, DataError, Decoder, UsageError
from gluon_seq2seq.model.attention import Additive, Dot, General, LocalMonotonic, LocalPredictive
from gluon_seq2seq.model.decoder import LuongDecoder
from gluon_seq2seq.model.output import MaxoutReadout, Readout, StateReadout
from gluon_seq2seq.model.recurrent import RNNS

V, E, S, D, LAYERS, WINDOW = 9, 6, 4, 5, 2, 1
Y_PREV = np.array([[1, 4, 5, 6], [1, 7, 0, 0]])
LENGTHS = [3, 2]
RNG = np.random.default_rng(0)
H, C = RNG.normal(size=(2, 3, D)), RNG.normal(size=(2, D))
STATE = RNG.normal(size=(2 * LAYERS, 2, S))  # as many rows as LSTM has
FED = RNG.normal(size=(1, 2, S))  # s~ of the step before
ATTENTIONS = {
    "dot": Dot,
    "general": lambda: General(S, D),
    "additive": lambda: Additive(S, D, 3),
    "local-m": lambda: LocalMonotonic(General(S, D), WINDOW),
    "local-p": lambda: LocalPredictive(General(S, D), S, WINDOW),
}
P = {"tanh": Readout, "maxout": MaxoutReadout, "state": StateReadout}
CASES = [  # when g meets c, the score, the RNN, the output layer
    *(("fixed", None, rnn, "tanh") for rnn in RNNS),
    ("fixed", None, "gru", "maxout"),
    *(("nothing", None, rnn, "state") for rnn in RNNS),
    *(("before", "additive", rnn, "maxout") for rnn in RNNS),
    *(("before", score, "gru", "tanh") for score in ATTENTIONS if score != "additive"),
    *(("after", "general", rnn, "attentional") for rnn in RNNS),
    *(("after", score, "gru", "attentional") for score in ATTENTIONS if score != "general"),
    *(("fed", "general", rnn, "attentional") for rnn in RNNS),
    *(("fed", score, "gru", "attentional") for score in ATTENTIONS if score != "general"),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(filter(None, case)))


def make(case, hybrid=True, drop_prob=0.0):
    order, score, rnn, readout = case
    settings = {"num_layers": LAYERS, "g": RNNS[rnn], "drop_prob": drop_prob}
    if score:
        settings["attention"] = ATTENTIONS[score]()
    size = 0 if order == "nothing" else S if score == "dot" else D
    if order in ("after", "fed"):
        decoder = LuongDecoder(V, E, S, size, input_feeding=order == "fed", **settings)
    else:
        decoder = Decoder(V, E, S, size, p=P[readout], **settings)
    decoder.initialize()
    decoder.hybridize(hybrid)
    return oracle.shake(decoder, 0.8)


@functools.lru_cache(maxsize=None)
def made(case, hybrid=True):
    """What :func:`make` makes, one for all tests, not to be changed but for its gradients."""
    return make(case, hybrid)


def beginning(case, steps=0):
    """A state in the middle of a sentence, after so many steps; h and c of the right size."""
    order, score, rnn, _ = case
    rows = [STATE if rnn == "lstm" else STATE[:LAYERS]]
    rows += [FED] if order == "fed" else []
    rows += [np.full((1, 2, S), steps)] if score == "local-m" else []
    size = S if score == "dot" else D
    return np.concatenate(rows), H[..., :size], C[..., :size]


def call(decoder, y_prev, state, h, c, lengths=LENGTHS):
    ids, lengths = nd.array(y_prev, dtype="int32"), nd.array(lengths, dtype="int32")
    logits, state, alpha = decoder(ids, nd.array(state), nd.array(h), nd.array(c), lengths)
    return logits.log_softmax().asnumpy(), state.asnumpy(), alpha.asnumpy()


def expected(case, p, i, y_prev, state, h, c):
    order, score, rnn, readout = case
    n = LENGTHS[i]
    return oracle.decode(
        p, y_prev[i], state[:, i], h[i, :n], c[i], readout, rnn, score, WINDOW, order
    )


@pytest.mark.parametrize("steps", [0, 1])
@pytest.mark.parametrize("hybrid", [False, True])
@every_case
def test_equals_the_formulas(case, hybrid, steps):
    decoder = made(case, hybrid)
    given = beginning(case, steps)
    log_p, state, alpha = call(decoder, Y_PREV, *given)
    assert log_p.shape == (2, 4, V) and alpha.shape == (2, 4, 3) and state.shape == given[0].shape
    for i, n in enumerate(LENGTHS):
        wanted = expected(case, oracle.numbers(decoder), i, Y_PREV, *given)
        np.testing.assert_allclose(log_p[i], wanted[0], atol=1e-5)
        np.testing.assert_allclose(state[:, i], wanted[1], atol=1e-5)
        np.testing.assert_allclose(alpha[i, :, :n], wanted[2], atol=1e-5)
        assert not alpha[i, :, n:].any()


@every_case
def test_gradients(case):
    decoder, given = made(case), beginning(case)
    w, w_alpha = RNG.normal(size=(2, 4, V)), RNG.normal(size=(2, 4, 3))

    def formula(p):
        total = 0.0
        for i, n in enumerate(LENGTHS):
            log_p, _, alpha = expected(case, p, i, Y_PREV, *(p[name] for name in "shc"))
            total += (w[i] * log_p).sum() + (w_alpha[i, :, :n] * alpha).sum()
        return total

    inputs = dict(zip("shc", given))
    arrays = {name: nd.array(x) for name, x in inputs.items()}
    for array in arrays.values():
        array.attach_grad()
    lengths = nd.array(LENGTHS, dtype="int32")
    with autograd.record():
        logits, _, alpha = decoder(nd.array(Y_PREV, dtype="int32"), *arrays.values(), lengths)
        total = (nd.array(w) * logits.log_softmax()).sum() + (nd.array(w_alpha) * alpha).sum()
    total.backward()
    oracle.assert_gradients(decoder, lambda p: formula({**inputs, **p}))
    p = {**inputs, **oracle.numbers(decoder)}
    for name, array in arrays.items():
        gradient, direction = array.grad.asnumpy(), RNG.normal(size=array.shape)
        if name == "s" and case[1]:
            direction[-1] = 0  # the number of steps is no number to differentiate by
        slope = oracle.difference(formula, p, [name], direction)
        error = abs((gradient * direction).sum() - slope)
        assert error <= 1e-3 * np.linalg.norm(gradient) + 1e-9, name


@every_case
def test_step_by_step_equals_all_at_once(case):
    decoder = made(case)
    state, h, c = beginning(case)
    together, last, alphas = call(decoder, Y_PREV, state, h, c)
    for t in range(4):
        log_p, state, alpha = call(decoder, Y_PREV[:, t : t + 1], state, h, c)
        np.testing.assert_allclose(log_p[:, 0], together[:, t], atol=1e-5)
        np.testing.assert_allclose(alpha[:, 0], alphas[:, t], atol=1e-5)
    np.testing.assert_allclose(state, last, atol=1e-5)


@every_case
def test_padding_and_batch_mates_change_nothing(case):
    decoder = made(case)
    state, h, c = beginning(case)
    log_p, last, alpha = call(decoder, Y_PREV, state, h, c)
    garbage = h.copy()
    garbage[1, 2:] = 1e3
    for a, b in zip((log_p, last, alpha), call(decoder, Y_PREV, state, garbage, c)):
        np.testing.assert_array_equal(a, b)
    for i, n in enumerate(LENGTHS):
        one = slice(i, i + 1)
        alone = call(decoder, Y_PREV[one], state[:, one], h[one, :n], c[one], [n])
        for a, b in zip((log_p[i], last[:, i], alpha[i, :, :n]), alone):
            np.testing.assert_allclose(a, b.reshape(a.shape), atol=1e-5)


@every_case
def test_no_step_sees_a_later_word(case):
    decoder, given = made(case, hybrid=False), beginning(case)
    changed = Y_PREV.copy()
    changed[:, 2:] = 8
    before, after = call(decoder, Y_PREV, *given)[0], call(decoder, changed, *given)[0]
    np.testing.assert_array_equal(before[:, :2], after[:, :2])
    assert np.abs(before[:, 2] - after[:, 2]).max() > 1e-3


@every_case
def test_a_hybridized_step_warns_of_nothing(case):
    decoder, given = make(case), beginning(case)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)  # of what MXNet imports
        for _ in range(2):
            call(decoder, Y_PREV[:, :1], *given)


@every_case
def test_dropout_in_training_alone(case):
    decoder, given, differ = make(case, drop_prob=0.5), beginning(case), []
    for training in (True, False):
        with autograd.record(train_mode=training):
            a, b = (call(decoder, Y_PREV, *given)[0] for _ in range(2))
        differ.append((a != b).any())
    assert differ == [True, False]


def test_attention_looks_at_h_and_not_at_c():
    case = ("before", "additive", "gru", "maxout")
    decoder, (state, h, c) = made(case), beginning(case)
    for a, b in zip(call(decoder, Y_PREV, state, h, c), call(decoder, Y_PREV, state, h, c + 3)):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("p", P.values())
def test_without_a_context_nothing_reads_c(p):
    decoder = Decoder(V, E, S, 0, p=p)
    decoder.initialize()
    oracle.shake(decoder)
    with_c = call(decoder, Y_PREV, STATE[:1], H, C)[0]
    np.testing.assert_array_equal(call(decoder, Y_PREV, STATE[:1], H, C + 3)[0], with_c)


def test_local_m_differentiates_before_hybridize():
    """In another process, since MXNet's backward pass can end it."""
    script = """if True:
        import mxnet
        from mxnet import autograd, nd
        import gluon_seq2seq.model.decoder as d
        from gluon_seq2seq.model.attention import Dot, LocalMonotonic
        decoder = d.LuongDecoder(9, 6, 4, 4, attention=LocalMonotonic(Dot(), 1))
        decoder.initialize()
        state, h, c, n = nd.ones((2, 2, 4)), nd.ones((2, 3, 4)), nd.ones((2, 4)), nd.array([3, 2])
        state.attach_grad()
        with autograd.record():
            logits, _, _ = decoder(nd.ones((2, 3), dtype="int32"), state, h, c, n)
        logits.backward()
        nd.waitall()
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_bridge(zeros, hybrid):
    bridge = Bridge(D, S, 2, zeros)
    bridge.initialize()
    bridge.hybridize(hybrid)
    p = oracle.numbers(oracle.shake(bridge, 0.8))
    s_0 = bridge(nd.array(C)).asnumpy()
    assert s_0.shape == (2 + zeros, 2, S)
    for i in range(2):
        np.testing.assert_allclose(s_0[:, i], oracle.start(p, C[i], S, zeros), atol=1e-6)


def test_gradients_of_the_bridge():
    bridge, w = Bridge(D, S, 3, 1), RNG.normal(size=(4, 2, S))
    bridge.initialize()
    oracle.shake(bridge, 0.8)
    with autograd.record():
        total = (nd.array(w) * bridge(nd.array(C))).sum()
    total.backward()
    oracle.assert_gradients(
        bridge, lambda p: sum((w[:, i] * oracle.start(p, C[i], S, 1)).sum() for i in range(2))
    )


def test_ids_and_lengths_are_checked():
    case = CASES[0]
    decoder, given = make(case), [nd.array(x) for x in beginning(case)]
    lengths = nd.array(LENGTHS, dtype="int32")
    with pytest.raises(DataError, match="ids"):
        decoder(nd.full((2, 1), V, dtype="int32"), *given, lengths)
    with pytest.raises(DataError, match="valid_length"):
        decoder(nd.ones((2, 1), dtype="int32"), *given, lengths + 1)


def test_no_layers():
    with pytest.raises(UsageError, match="num_layers"):
        Decoder(V, E, S, D, num_layers=0)
