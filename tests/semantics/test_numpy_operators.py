"""MXNet's operators by NumPy: the numbers of MXNet's own."""

import json
import math
from contextlib import nullcontext

import numpy as np
import oracle
import pytest
from mxnet import nd, sym
from mxnet.gluon import Parameter

from gluon_seq2seq.semantics import affine
from gluon_seq2seq.semantics.numpy_graph import NumpyGraph
from gluon_seq2seq.semantics.numpy_operators import CACHED, OPERATORS, NoCounterpart, sigmoid

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-2, 2, (3, 4, 6)).astype("float32")
Y = RANDOM.uniform(0.5, 2, (3, 4, 6)).astype("float32")
W, B = RANDOM.normal(size=(5, 6)).astype("float32"), RANDOM.normal(size=5).astype("float32")
LENGTHS, IDS = np.array([1, 3, 2, 3], "int32"), np.array([[2, 0], [3, 1]], "int32")
UNARY = "abs", "exp", "ones_like", "sigmoid", "square", "tanh", "zeros_like"
BINARY = "add", "sub", "mul", "div", "maximum", "minimum"
CASES = {
    **{name: ([X], lambda F, x, name=name: getattr(F, name)(x)) for name in UNARY},
    **{name: ([Y], lambda F, x, name=name: getattr(F, name)(x)) for name in ("log", "sqrt")},
    **{
        f"broadcast_{name}": (
            [X, Y[:, :1]],
            lambda F, x, y, n=name: getattr(F, f"broadcast_{n}")(x, y),
        )
        for name in BINARY
    },
    "elemwise_add": ([X, Y], lambda F, x, y: x + y),
    "elemwise_sub": ([X, Y], lambda F, x, y: x - y),
    "elemwise_mul": ([X, Y], lambda F, x, y: x * y),
    "elemwise_div": ([X, Y], lambda F, x, y: x / y),
    "_maximum": ([X, Y], lambda F, x, y: F.maximum(x, y)),
    "_minimum": ([X, Y], lambda F, x, y: F.minimum(x, y)),
    "_plus_scalar": ([X], lambda F, x: x + 2),
    "_minus_scalar": ([LENGTHS], lambda F, x: x - 1),
    "_rminus_scalar": ([X], lambda F, x: 1 - x),
    "_mul_scalar": ([X], lambda F, x: x * 0.3),
    "_div_scalar": ([X], lambda F, x: x / 3),
    "_lesser_equal_scalar": ([X], lambda F, x: x <= 1),
    "_contrib_arange_like": ([X], lambda F, x: F.contrib.arange_like(x, axis=1)),
    "sigmoid of large numbers": ([X * 100], lambda F, x: F.sigmoid(x)),
    "relu": ([X], lambda F, x: F.Activation(x, act_type="relu")),
    "Activation": ([X], lambda F, x: F.Activation(x, act_type="tanh")),
    "batch_dot": ([X, Y], lambda F, x, y: F.batch_dot(x, y, transpose_b=True)),
    "batch_dot, a": ([X, Y], lambda F, x, y: F.batch_dot(x, y, transpose_a=True)),
    "Cast": ([LENGTHS], lambda F, x: F.cast(x, "float32")),
    "Concat": ([X, Y], lambda F, x, y: F.concat(x, y, dim=2)),
    "dot": ([X, W.T.copy()], lambda F, x, w: F.dot(x, w)),
    "dot, b": ([X[0], W], lambda F, x, w: F.dot(x, w, transpose_b=True)),
    "dot, a, of more axes": ([X, Y[:, :, 0]], lambda F, x, y: F.dot(x, y, transpose_a=True)),
    "dot, b, of more axes": ([W, X], lambda F, w, x: F.dot(w, x, transpose_b=True)),
    "Embedding": ([IDS, Y[0]], lambda F, x, w: F.Embedding(x, w, input_dim=4, output_dim=6)),
    "expand_dims": ([X], lambda F, x: x.expand_dims(1)),
    "FullyConnected": (
        [X, W, B],
        lambda F, x, w, b: F.FullyConnected(x, w, b, num_hidden=5, flatten=False),
    ),
    "FullyConnected, flat": (
        [X[0], W],
        lambda F, x, w: F.FullyConnected(x, w, num_hidden=5, no_bias=True),
    ),
    "log_softmax": ([X * 100], lambda F, x: F.log_softmax(x, axis=1)),
    "softmax": ([X * 100], lambda F, x: F.softmax(x, axis=2)),
    "max": ([X], lambda F, x: F.max(x, axis=1)),
    "sum": ([X], lambda F, x: F.sum(x, axis=2, keepdims=True)),
    "Reshape": ([X], lambda F, x: x.reshape((0, -1, 2, 1))),
    "Reshape, -3": ([X], lambda F, x: x.reshape((-3, 0))),
    "SequenceLast": ([X, LENGTHS], lambda F, x, n: F.SequenceLast(x, n, use_sequence_length=True)),
    "SequenceReverse": (
        [X, LENGTHS],
        lambda F, x, n: F.SequenceReverse(x, n, use_sequence_length=True),
    ),
    "SequenceMask": (
        [X, LENGTHS],
        lambda F, x, n: F.SequenceMask(x, n, use_sequence_length=True, value=-7),
    ),
    "SequenceMask, axis 1": (
        [X, LENGTHS[:3]],
        lambda F, x, n: F.SequenceMask(x, n, use_sequence_length=True, axis=1),
    ),
    "slice_axis": ([X], lambda F, x: F.slice_axis(x, axis=1, begin=-2, end=None)),
    "SliceChannel": ([X], lambda F, x: F.split(x, num_outputs=3, axis=2)),
    "stack": ([X, Y], lambda F, x, y: F.stack(x, y, axis=1)),
    "SwapAxis": ([X], lambda F, x: x.swapaxes(0, 2)),
    "tile": ([X], lambda F, x: F.tile(x, reps=(2, 1, 3))),
    "transpose": ([X], lambda F, x: F.transpose(x, axes=(2, 0, 1))),
    "Dropout": ([X], lambda F, x: F.BlockGrad(F.Dropout(x, p=0.5))),
}


def drawn(call, count, parameters=()):
    names = [f"x{i}" for i in range(count)]
    found = call(sym, *map(sym.var, names))
    outputs = [f"y{i}" for i in range(len(found.list_outputs()))]
    return NumpyGraph(found, names, outputs, parameters), names, outputs


@pytest.mark.parametrize("name", CASES)
def test_an_operator_is_mxnets(name):
    arrays, call = CASES[name]
    graph, names, outputs = drawn(call, len(arrays))
    before = [array.copy() for array in arrays]
    found = graph(outputs, dict(zip(names, arrays)))
    wanted = call(nd, *(nd.array(array, dtype=array.dtype) for array in arrays))
    wanted = wanted if isinstance(wanted, list) else [wanted]
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b.asnumpy(), rtol=2e-5, atol=1e-6)
    for array, same in zip(arrays, before):
        np.testing.assert_array_equal(array, same)


def test_every_operator_has_its_case():
    drawn_ones = set()
    for arrays, call in CASES.values():
        symbols = call(sym, *(sym.var(f"x{i}") for i in range(len(arrays))))
        drawn_ones |= {node["op"] for node in json.loads(symbols.tojson())["nodes"]}
    aliases = {"_add", "_sub", "_mul", "_div", "elemwise_maximum", "elemwise_minimum"}
    assert set(OPERATORS) - aliases <= drawn_ones


@pytest.mark.parametrize(
    "call",
    [
        lambda F, x: F.erf(x),
        lambda F, x: F.Activation(x, act_type="softrelu"),
        lambda F, x: F.softmax(x, temperature=2.0),
        lambda F, x: F.log_softmax(x, axis=0),
        lambda F, x: F.reshape(x, shape=(-4, 1, 3, 0, 0)),
        lambda F, x: F.reshape(x, shape=(-1, 6), reverse=True),
        lambda F, x: F.sum(x, axis=1, exclude=True),
        lambda F, x: F.slice_axis(x, axis=-1, begin=0, end=1),
        lambda F, x: F.SequenceMask(x),
        lambda F, x: F.sum(x),
    ],
)
def test_what_has_no_counterpart_is_refused(call):
    with pytest.raises(NoCounterpart):
        drawn(call, 1)


def test_a_parameter_is_read_where_mxnet_has_it():
    parameter = Parameter("w", shape=(2, 3))
    parameter.initialize()
    given = sym.var("x0") + sym.var("w")
    graph = NumpyGraph(given, ["x0"], ["y"], {"w": parameter})
    x = np.ones((2, 3), "float32")
    for number in range(3):
        parameter.set_data(nd.full((2, 3), number))
        np.testing.assert_array_equal(graph(["y"], {"x0": x})[0], x + number)


WORDS = RANDOM.integers(0, 7, (5, 9)).astype("int32")  # (N, T)
TABLE, ENDS = RANDOM.normal(size=(7, 6)).astype("float32"), np.array([9, 1, 4, 8, 9], "int32")
FLAT = RANDOM.normal(size=(5, 9 * 6)).astype("float32")
OF_TIME = RANDOM.normal(size=(5, 9)).astype("float32")


def reversed_words(F, x, ends):
    return F.SequenceReverse(x.swapaxes(0, 1), ends, use_sequence_length=True)  # (T, N, E)


OF_WORDS = {
    "each": (WORDS, W, lambda F, x, ends: x, False, True),
    "reversed": (WORDS, W, reversed_words, False, True),
    "reversed and back": (
        WORDS,
        W,
        lambda F, x, ends: F.identity(reversed_words(F, x, ends)).swapaxes(1, 0),
        False,
        True,
    ),
    "a word a row": (WORDS.ravel(), W, lambda F, x, ends: F.Dropout(x), True, True),
    "few": (WORDS[:, : affine.MANY // 5], W, lambda F, x, ends: x, False, False),
    "a sentence a row": (WORDS, FLAT, lambda F, x, ends: x, True, False),
    "along time": (WORDS, OF_TIME, lambda F, x, ends: x.swapaxes(1, 2), False, False),
    "changed": (WORDS, W, lambda F, x, ends: F.tanh(x), False, False),
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", OF_WORDS)
def test_a_product_of_embedded_words_is_computed_once_for_each_word(kind, bias, monkeypatch):
    words, weight, order, flatten, once = OF_WORDS[kind]
    rows, product = [], affine.affine

    def seen(x, *given):
        rows.append(x.size // x.shape[-1])
        return product(x, *given)

    def outputs(F, ids, table, ends, weight, *bias):
        x = order(F, F.Embedding(ids, table, input_dim=7, output_dim=6), ends)
        more = {"num_hidden": 5, "flatten": flatten, "no_bias": not bias}
        return F.FullyConnected(x, weight, *bias, **more), x

    monkeypatch.setattr(affine, "affine", seen)
    arrays = [words, TABLE, ENDS, weight, *([B] if bias else [])]
    names = [f"x{i}" for i in range(len(arrays))]
    symbols = sym.Group(list(outputs(sym, *map(sym.var, names))))
    found = NumpyGraph(symbols, names, ["y0", "y1"], {})(["y0", "y1"], dict(zip(names, arrays)))
    expected = outputs(nd, *(nd.array(array, dtype=array.dtype) for array in arrays))
    for one, own in zip(found, expected):
        np.testing.assert_allclose(one, own.asnumpy(), rtol=2e-5, atol=1e-6)
    all_of_them = found[0].size // 5
    assert rows == [len(np.unique(words)) if once else all_of_them]


@pytest.mark.parametrize("order", ["SequenceReverse", "BlockGrad", "flip"])
def test_embedded_words_in_an_order_that_numpy_does_not_know(order):
    def product(F, ids, table, weight):
        x, more = F.Embedding(ids, table, input_dim=7, output_dim=6), {"flip": {"axis": 1}}
        x = getattr(F, order)(x, **more.get(order, {}))
        return F.FullyConnected(x, weight, num_hidden=5, no_bias=True)

    with nullcontext() if order == "BlockGrad" else pytest.raises(NoCounterpart):
        drawn(product, 3)


@pytest.mark.parametrize("mode", ["gru", "lstm", "rnn_tanh"])
def test_a_layer_reads_embedded_words_as_mxnet_does(mode):
    """In either direction; both its outputs, of which one alone was asked for before."""
    gates, H = {"gru": 3, "lstm": 4, "rnn_tanh": 1}[mode], 4
    shapes = (gates * H, 6), (gates * H, H), (gates * H,), (gates * H,)
    parameters = [RANDOM.normal(size=shape).astype("float32") for shape in shapes]

    def outputs(F, ids, table, ends, state, *own):
        x = F.Embedding(ids, table, input_dim=7, output_dim=6)
        joined = F.concat(*(one.reshape((-1,)) for one in own), dim=0)
        more = {"state_size": H, "num_layers": 1, "mode": mode, "state_outputs": True}
        states = [state] * (2 if mode == "lstm" else 1)
        found = [
            F.RNN(each, joined, *states, **more)[:2]
            for each in (x.swapaxes(0, 1), reversed_words(F, x, ends))
        ]
        return [one for pair in found for one in pair]

    state = RANDOM.normal(size=(1, 5, H)).astype("float32")
    given = [WORDS, TABLE, ENDS, state]
    names = [f"x{i}" for i in range(len(given))]
    known = {}
    for i, array in enumerate(parameters):
        known[f"p{i}"] = Parameter(f"p{i}", shape=array.shape)
        known[f"p{i}"].initialize()
        known[f"p{i}"].set_data(nd.array(array))
    symbols = sym.Group(outputs(sym, *map(sym.var, [*names, *known])))
    wanted = ["y0", "y1", "y2", "y3"]
    graph = NumpyGraph(symbols, names, wanted, known)
    expected = outputs(nd, *(nd.array(a, dtype=a.dtype) for a in [*given, *parameters]))
    for some in (["y0"], wanted):
        for name, one in zip(some, graph(some, dict(zip(names, given)))):
            own = expected[wanted.index(name)].asnumpy()
            np.testing.assert_allclose(one, own, rtol=2e-5, atol=1e-6)


def test_log_softmax_in_blocks():
    """Of more rows than stay in cache, by the formula; MXNet's is off by up to 9e-6 here."""
    x = RANDOM.normal(0, 9, (300, 1000)).astype("float32")
    assert x.size > 2 * CACHED
    found = OPERATORS["log_softmax"](axis=1)(x)
    expected = np.log([oracle.softmax(row) for row in x.astype("float64")])
    np.testing.assert_allclose(found, expected, rtol=2e-7, atol=1e-6)
    best = x.argmax(axis=1), np.arange(300)
    np.testing.assert_allclose(found[best[::-1]], expected[best[::-1]], rtol=1e-5, atol=5e-7)
    before = x.copy()
    in_place = OPERATORS["log_softmax"](axis=1, in_place=True)(before)
    assert in_place is before
    np.testing.assert_array_equal(in_place, found)


LOGITS = {
    "read once": (lambda F, o: [o.log_softmax(axis=1)], True),
    "reshaped": (lambda F, o: [F.identity(o.reshape((-3, 0))).log_softmax(axis=1)], True),
    "an output, too": (lambda F, o: [o.log_softmax(axis=1), o], False),
    "an output, reshaped": (lambda F, o: both(o.reshape((-3, 0))), False),
    "read again": (lambda F, o: [o.log_softmax(axis=1) + o], False),
    "read twice": (lambda F, o: [o.log_softmax(axis=1), o.log_softmax(axis=2)], False),
}


def both(flat):
    return [flat.log_softmax(axis=1), flat]


@pytest.mark.parametrize("kind", LOGITS)
def test_log_softmax_takes_the_place_of_logits_that_nobody_else_reads(kind, monkeypatch):
    places, make = [], OPERATORS["log_softmax"]

    def seen(in_place, **attributes):
        places.append(in_place)
        return make(in_place=in_place, **attributes)

    monkeypatch.setitem(OPERATORS, "log_softmax", seen)
    call, expected = LOGITS[kind]

    def outputs(F, x, w, b):
        return call(F, F.FullyConnected(x, w, b, num_hidden=5, flatten=False))

    names = "x0", "x1", "x2"
    symbols = outputs(sym, *map(sym.var, names))
    wanted = [f"y{i}" for i in range(len(symbols))]
    given = dict(zip(names, (X.copy(), W.copy(), B.copy())))
    found = NumpyGraph(sym.Group(symbols), names, wanted, {})(wanted, given)
    assert set(places) == {expected}
    exact = (nd.array(array, dtype="float64") for array in (X, W, B))
    for one, own in zip(found, outputs(nd, *exact)):
        np.testing.assert_allclose(one, own.asnumpy(), rtol=1e-5, atol=1e-6)
    for name, one in zip(names, (X, W, B)):
        np.testing.assert_array_equal(given[name], one)


def test_log_softmax_leaves_an_input_alone():
    graph = NumpyGraph(sym.var("x0").reshape((-3, 0)).log_softmax(axis=1), ["x0"], ["y0"], {})
    given = X.copy()
    (found,) = graph(["y0"], {"x0": given})
    np.testing.assert_array_equal(given, X)
    exact = np.log([oracle.softmax(row) for row in X.reshape(12, 6).astype("float64")])
    np.testing.assert_allclose(found, exact, atol=1e-6)


@pytest.mark.parametrize("x", [-1e4, -89, -20, -1e-3, 0, 1e-3, 20, 89, 1e4])
def test_sigmoid_of_any_number(x):
    expected = math.exp(min(x, 0)) / (1 + math.exp(-abs(x)))
    with np.errstate(over="ignore"):
        found = sigmoid(np.full(1, x, "float32"))
    np.testing.assert_allclose(found, np.float32(expected), rtol=3e-7, atol=1e-38)


def test_no_more_is_computed_than_is_asked_for(monkeypatch):
    calls = []

    def counted(name):
        def make(**_):
            return lambda x: calls.append(name) or x + 1

        return make

    for name in "exp", "log", "tanh":
        monkeypatch.setitem(OPERATORS, name, counted(name))
    x = sym.var("x0")
    both = x.exp()
    graph = NumpyGraph(sym.Group([both.log(), both.tanh()]), ["x0"], ["y0", "y1"], {})
    for wanted, expected in ((["y1"], 3), ["exp", "tanh"]), ((["y0"], 3), ["exp", "log"]):
        found = graph(wanted[0], {"x0": np.ones(2, "float32")})
        np.testing.assert_array_equal(found, [[wanted[1]] * 2])
        assert calls == expected
        calls.clear()
    assert len(graph(["y0", "y1"], {"x0": np.ones(2, "float32")})) == 2
    assert calls == ["exp", "log", "tanh"]
