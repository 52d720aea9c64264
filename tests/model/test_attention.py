"""Attention: scores and windows against NumPy, and against GluonNLP's own attention cells."""

import numpy as np
import oracle
import pytest
from gluonnlp.model import DotProductAttentionCell, MLPAttentionCell
from mxnet import autograd, nd

from gluon_seq2seq import DataError, UsageError
from gluon_seq2seq.model.attention import (
    Additive,
    Dot,
    General,
    LocalMonotonic,
    LocalPredictive,
    ScaledDot,
)

S, D, UNITS, WINDOW = 5, 4, 3, 2  # sizes of s, h and v; the windows are 5 positions wide
LENGTHS = [7, 1, 4]
RNG = np.random.default_rng(0)
H = RNG.normal(size=(3, 7, D))
QUERIES = {size: RNG.normal(size=(3, 9, size)) for size in (S, D)}
MAKERS = {  # the size of s, and the Block
    "dot": (D, Dot),
    "scaled-dot": (D, lambda: ScaledDot(D)),
    "general": (S, lambda: General(S, D)),
    "concat": (S, lambda: Additive(S, D, S)),
    "additive": (S, lambda: Additive(S, D, UNITS)),
    "local-m": (S, lambda: LocalMonotonic(General(S, D), WINDOW)),
    "local-p": (S, lambda: LocalPredictive(General(S, D), S, WINDOW)),
}
every_score = pytest.mark.parametrize("kind", MAKERS)


def make(kind, hybrid=True):
    size, block = MAKERS[kind]
    attention = block()
    attention.initialize()
    attention.hybridize(hybrid)
    return oracle.shake(attention, 1.0), QUERIES[size]


def call(attention, s, h=H, lengths=LENGTHS):
    c, alpha = attention(nd.array(s), nd.array(h), nd.array(lengths, dtype="int32"))
    return c.asnumpy(), alpha.asnumpy()


def expected(kind, p, s, h, step):
    return oracle.attend(kind, p, s, h, step, WINDOW)


@pytest.mark.parametrize("hybrid", [False, True])
@every_score
def test_equals_the_formulas(kind, hybrid):
    attention, s = make(kind, hybrid)
    c, alpha = call(attention, s)
    p = oracle.numbers(attention)
    for i, n in enumerate(LENGTHS):
        for t in range(s.shape[1]):
            c_t, alpha_t = expected(kind, p, s[i, t], H[i, :n], t)
            np.testing.assert_allclose(c[i, t], c_t, atol=1e-5)
            np.testing.assert_allclose(alpha[i, t, :n], alpha_t, atol=1e-5)


@every_score
def test_gradients(kind):
    attention, s = make(kind)
    w_c, w_alpha = RNG.normal(size=(3, 9, D)), RNG.normal(size=(3, 9, 7))

    def formula(p):
        total = 0.0
        for i, n in enumerate(LENGTHS):
            for t in range(9):
                c, alpha = expected(kind, p, p["s"][i, t], p["h"][i, :n], t)
                total += w_c[i, t] @ c + w_alpha[i, t, :n] @ alpha
        return total

    inputs = {"s": s, "h": H}
    arrays = {name: nd.array(x) for name, x in inputs.items()}
    for array in arrays.values():
        array.attach_grad()
    with autograd.record():
        c, alpha = attention(arrays["s"], arrays["h"], nd.array(LENGTHS, dtype="int32"))
        total = (nd.array(w_c) * c).sum() + (nd.array(w_alpha) * alpha).sum()
    total.backward()
    if oracle.numbers(attention):
        oracle.assert_gradients(attention, lambda p: formula({**inputs, **p}))
    p = {**inputs, **oracle.numbers(attention)}
    for name, array in arrays.items():
        direction, gradient = RNG.normal(size=array.shape), array.grad.asnumpy()
        slope = oracle.difference(formula, p, [name], direction)
        assert abs((gradient * direction).sum() - slope) < 1e-3 * np.linalg.norm(gradient)


@pytest.mark.parametrize("kind", ["dot", "scaled-dot", "general", "additive"])
def test_equals_the_cells_of_gluonnlp(kind):
    attention, s = make(kind)
    p = {name: nd.array(value) for name, value in oracle.numbers(attention).items()}
    if kind == "additive":
        cell = MLPAttentionCell(UNITS)
        matrices = {"query_weight": "w_s", "key_weight": "w_h", "score_weight": "v"}
    elif kind == "general":
        cell = DotProductAttentionCell(D, luong_style=True, scaled=False, use_bias=False)
        matrices, p["w_a.weight"] = {"query_weight": "w_a"}, p["w_a.weight"].T
    else:
        cell = DotProductAttentionCell(scaled=kind == "scaled-dot")
        matrices = {}
    cell.initialize()
    arguments = nd.array(s), nd.array(H)
    mask = nd.array(np.tile(np.arange(7)[None, None], (3, 9, 1)) < np.reshape(LENGTHS, (3, 1, 1)))
    cell(*arguments, None, mask)  # so that the sizes are known
    for name, of_ours in matrices.items():
        (parameter,) = cell.collect_params(f".*{name}$").values()
        parameter.set_data(p[f"{of_ours}.weight"])
    for ours, theirs in zip(call(attention, s), cell(*arguments, None, mask)):
        np.testing.assert_allclose(ours, theirs.asnumpy(), atol=1e-6)


@every_score
def test_weights_are_a_distribution_over_the_sentence(kind):
    attention, s = make(kind)
    alpha = call(attention, s)[1]
    for i, n in enumerate(LENGTHS):
        assert not alpha[i, :, n:].any()
        assert alpha[i, :, :n].min() >= 0
        if kind == "local-p":
            assert alpha[i].sum(axis=1).max() < 1 + 1e-6
        else:
            np.testing.assert_allclose(alpha[i].sum(axis=1), 1, atol=1e-6)
        if not kind.startswith("local"):
            assert alpha[i, :, :n].min() > 0


def test_the_window_of_local_m_moves_with_the_step_and_stays_at_the_end():
    attention, s = make("local-m")
    alpha = call(attention, s)[1]
    inside = [
        [(abs(t - min(step, n - 1)) <= WINDOW) and t < n for t in range(7)]
        for n in (7, 4)
        for step in range(9)
    ]
    np.testing.assert_array_equal(alpha[[0, 2]].reshape((18, 7)) > 0, inside)


def test_the_window_of_local_p_is_around_the_predicted_place():
    attention, s = make("local-p")
    alpha, p = call(attention, s)[1], oracle.numbers(attention)
    places = 6 * oracle.sigmoid(np.tanh(s[0] @ p["w_p.weight"].T) @ p["v_p.weight"][0])
    assert places.max() - places.min() > WINDOW
    np.testing.assert_array_equal(
        alpha[0] > 0, np.abs(np.arange(7)[None] - places[:, None]) <= WINDOW
    )


@every_score
def test_padding_and_batch_mates_change_nothing(kind):
    attention, s = make(kind)
    c, alpha = call(attention, s)
    garbage = H.copy()
    for i, n in enumerate(LENGTHS):
        garbage[i, n:] = 1e3
    for a, b in zip((c, alpha), call(attention, s, garbage)):
        np.testing.assert_array_equal(a, b)
    for i, n in enumerate(LENGTHS):
        c_i, alpha_i = call(attention, s[i : i + 1], H[i : i + 1, :n], [n])
        np.testing.assert_allclose(c[i], c_i[0], atol=1e-6)
        np.testing.assert_allclose(alpha[i, :, :n], alpha_i[0], atol=1e-6)


@every_score
def test_large_scores_do_not_overflow(kind):
    attention, s = make(kind)
    c, alpha = call(attention, 1e4 * s, 1e2 * H)
    assert np.isfinite(c).all() and np.isfinite(alpha).all()
    assert not alpha[1, :, 1:].any()


@every_score
@pytest.mark.parametrize("lengths", [[7, 0, 4], [7, 8, 4], [7, -1, 4], [7, 1], [7, 1, 2.5]])
def test_lengths_out_of_range(kind, lengths):
    attention, s = make(kind)
    with pytest.raises(DataError, match="valid_length"):
        attention(nd.array(s), nd.array(H), nd.array(lengths))


@pytest.mark.parametrize("window", [0, -1])
@pytest.mark.parametrize("kind", [LocalMonotonic, lambda a, w: LocalPredictive(a, S, w)])
def test_windows_out_of_range(kind, window):
    with pytest.raises(UsageError, match="window"):
        kind(Dot(), window)


def test_a_score_of_ones_own():
    class Euclid(Dot):
        def a(self, F, s, keys):
            return -F.square(F.broadcast_sub(s.expand_dims(2), keys.expand_dims(1))).sum(axis=3)

    _, alpha = call(Euclid(), QUERIES[D])
    distance = ((QUERIES[D][0, 3] - H[0]) ** 2).sum(axis=1)
    np.testing.assert_allclose(alpha[0, 3], oracle.softmax(-distance), atol=1e-5)
