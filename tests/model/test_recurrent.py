"""f and g against NumPy: GRU, LSTM, tanh RNN and the textbook's GRU, fused and step by step."""

import json
from functools import partial

import mxnet as mx
import numpy as np
import oracle
import pytest
from mxnet import autograd, nd
from mxnet.gluon import nn, rnn

from gluon_seq2seq.errors import UsageError
from gluon_seq2seq.model import papers
from gluon_seq2seq.model.recurrent import (
    GRU,
    RNNS,
    Recurrent,
    TextbookGRU,
    TextbookGRUCell,
)
from gluon_seq2seq.semantics.nn import Dropout

RNG = np.random.default_rng(0)
T, N, INPUT, H = 4, 3, 5, 6
X = RNG.normal(size=(T, N, INPUT))
GLUONS = {"gru": rnn.GRU, "lstm": rnn.LSTM, "tanh": partial(rnn.RNN, activation="tanh")}
EVERY = [(name, num_layers) for name in RNNS for num_layers in (1, 2, 3)]


def make(name, num_layers, drop_prob=0.0):
    g = Recurrent(RNNS[name], INPUT, H, num_layers, drop_prob)
    g.initialize()
    return oracle.shake(g), RNG.normal(size=(g.rows, N, H))


def expected(p, name, state, under="layers."):
    """``s (T, N, H)`` and the state after the last step, of every sentence by itself."""
    layers, columns = oracle.cells(oracle.under(p, under)), []
    for i in range(N):
        own, s = oracle.unpacked(state[:, i], len(layers)), []
        for x in X[:, i]:
            top, own = oracle.recur(name, layers, x, own)
            s.append(top)
        columns.append((np.array(s), oracle.packed(own)))
    return [np.stack(parts, axis=1) for parts in zip(*columns)]


def all_at_once(g, x, state):
    return g(x, state)


def step_by_step(g, x, state):
    s = []
    for x_t in x:
        top, state = g.step(nd, x_t, state)
        s.append(top)
    return nd.stack(*s), state


@pytest.mark.parametrize("call", [all_at_once, step_by_step])
@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("name, num_layers", EVERY)
def test_equals_the_formulas(name, num_layers, hybrid, call):
    g, state = make(name, num_layers)
    g.hybridize(hybrid)
    results = call(g, nd.array(X), nd.array(state))
    for result, wanted in zip(results, expected(oracle.numbers(g), name, state)):
        np.testing.assert_allclose(result.asnumpy(), wanted, atol=1e-5)


@pytest.mark.parametrize("call", [all_at_once, step_by_step])
@pytest.mark.parametrize("name", RNNS)
def test_gradients(name, call):
    g, state = make(name, 2)
    w_s, w_state = RNG.normal(size=(T, N, H)), RNG.normal(size=state.shape)

    def formula(p):
        s, after = expected(p, name, p["state"])
        return (w_s * s).sum() + (w_state * after).sum()

    begin = nd.array(state)
    begin.attach_grad()
    with autograd.record():
        s, after = call(g, nd.array(X), begin)
        total = (nd.array(w_s) * s).sum() + (nd.array(w_state) * after).sum()
    total.backward()
    oracle.assert_gradients(g, lambda p: formula({**p, "state": state}))
    p, direction = {**oracle.numbers(g), "state": state}, RNG.normal(size=state.shape)
    slope = oracle.difference(formula, p, ["state"], direction)
    assert (begin.grad.asnumpy() * direction).sum() == pytest.approx(slope, rel=1e-3)


@pytest.mark.parametrize("name", ["gru", "lstm", "tanh"])
def test_equals_gluons_own_network_of_several_layers(name):
    """So that LSTM's memory cells follow the states of all layers, as two arrays would."""
    g, state = make(name, 2)
    gluon = GLUONS[name](H, 2, input_size=INPUT)
    gluon.initialize()
    layers = oracle.cells(oracle.under(oracle.numbers(g), "layers."))
    for of_name, parameter in gluon.collect_params().items():
        layer, kind = of_name.split("_", 1)[1].split("_", 1)  # ..._l0_i2h_weight
        parameter.set_data(nd.array(layers[int(layer[1:])][kind]))
    s, kinds = gluon(nd.array(X), [nd.array(rows) for rows in np.split(state, g.kinds)])
    got_s, got_state = g(nd.array(X), nd.array(state))
    np.testing.assert_allclose(got_s.asnumpy(), s.asnumpy(), atol=1e-6)
    np.testing.assert_allclose(got_state.asnumpy(), nd.concat(*kinds, dim=0).asnumpy(), atol=1e-6)


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("input_size, hidden", [(6, 4), (4, 6), (5, 3), (4, 4)])
@pytest.mark.parametrize("name", GLUONS)
def test_layers_are_gluons_bit_for_bit(name, input_size, hidden, hybrid):
    ours, gluons = (kinds[name](hidden, input_size=input_size) for kinds in (RNNS, GLUONS))
    x = nd.array(RNG.normal(size=(T, N, input_size)))
    begin = [nd.array(RNG.normal(size=info["shape"])) for info in ours.state_info(N)]
    found = []
    for layer in ours, gluons:
        layer.initialize()
        for parameter, other in zip(layer.params.values(), ours.params.values()):
            parameter.set_data(other.data())
        layer.hybridize(hybrid)
        with autograd.record():
            h, states = layer(x, begin)
            total = (h * h).sum() + sum(state.sum() for state in states)
        total.backward()
        gradients = [parameter.grad() for parameter in layer.params.values()]
        found.append([array.asnumpy() for array in (h, *states, *gradients)])
    for one, other in zip(*found):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("more", [{"num_layers": 2}, {"bidirectional": True}, {"layout": "NTC"}])
def test_layers_have_one_layer_one_direction_and_time_first(more):
    with pytest.raises(TypeError):
        GRU(H, input_size=INPUT, **more)


@pytest.mark.parametrize("hybrid", [False, True])
def test_textbook_gru_is_called_like_gluons(hybrid):
    layer, gluon = (kind(H, input_size=INPUT) for kind in (TextbookGRU, rnn.GRU))
    layer.initialize()
    gluon.initialize()
    oracle.shake(layer).hybridize(hybrid)
    zeros = nd.zeros((1, N, H))
    h, (after,) = layer(nd.array(X), [zeros])
    of_gluon, (after_of_gluon,) = gluon(nd.array(X), [zeros])
    assert (h.shape, after.shape) == (of_gluon.shape, after_of_gluon.shape)
    wanted = expected(oracle.numbers(layer), "textbook-gru", zeros.asnumpy(), under="")
    np.testing.assert_allclose(h.asnumpy(), wanted[0], atol=1e-5)
    np.testing.assert_allclose(after.asnumpy(), wanted[1], atol=1e-5)
    layer.hybridize(hybrid)  # Gluon keeps a hybridized Block to the arguments of its first call
    np.testing.assert_array_equal(layer(nd.array(X)).asnumpy(), h.asnumpy())


def test_fixed_shapes_of_a_block_around_the_textbook_gru_are_refused():
    net = nn.HybridSequential()
    net.add(TextbookGRU(H, INPUT), nn.Dense(3, flatten=False))
    net.initialize()
    expected = net(nd.array(X)).asnumpy()
    net.hybridize(static_alloc=True, static_shape=True)
    with pytest.raises(UsageError, match=r"TextbookGRU.*without static_shape"):
        net(nd.array(X))
    net.hybridize(active=False, static_shape=True)  # no graph, no fault
    np.testing.assert_allclose(net(nd.array(X)).asnumpy(), expected, atol=1e-6)


def twins(reset=None):
    """The two GRUs with the same numbers; ``reset``: the bias of r."""
    book, mxnet = TextbookGRUCell(H, INPUT), rnn.GRUCell(H, input_size=INPUT)
    book.initialize()
    mxnet.initialize()
    oracle.shake(book)
    if reset is not None:
        book.w_x.bias.data()[:H] = reset
    mxnet.i2h_weight.set_data(book.w_x.weight.data())
    mxnet.i2h_bias.set_data(book.w_x.bias.data())
    mxnet.h2h_weight.set_data(nd.concat(book.w_h.weight.data(), book.w_hh.weight.data(), dim=0))
    mxnet.h2h_bias.set_data(nd.zeros(3 * H))
    x, h = nd.array(X[0]), [nd.array(RNG.normal(size=(N, H)))]
    return book(x, h)[0].asnumpy(), mxnet(x, h)[0].asnumpy()


def test_the_two_grus_are_not_the_same_function():
    book, mxnet = twins()
    assert np.abs(book - mxnet).max() > 1e-2


def test_the_two_grus_agree_where_nothing_is_reset():
    book, mxnet = twins(reset=50)
    np.testing.assert_allclose(book, mxnet, atol=1e-6)


def test_attention_needs_no_other_gru():
    """Is the decoder's GRU to be rewritten for attention, as the book's equations suggest? No.

    The section on attention gives r, z and s~ a third matrix each, for c_t'. A GRU that reads
    [y; c] is the same thing: W_x = [W_y, W_c], since W_x [y; c] = W_y y + W_c c.
    """
    size_y, size_c = 3, INPUT - 3
    w = {
        f"{kind}{gate}": RNG.uniform(-1, 1, size=(H, size))
        for kind, size in (("y", size_y), ("s", H), ("c", size_c))
        for gate in "rzs"
    }
    b = {gate: RNG.uniform(-1, 1, size=H) for gate in "rzs"}
    y, c, s = (RNG.normal(size=n) for n in (size_y, size_c, H))

    r = oracle.sigmoid(w["yr"] @ y + w["sr"] @ s + w["cr"] @ c + b["r"])
    z = oracle.sigmoid(w["yz"] @ y + w["sz"] @ s + w["cz"] @ c + b["z"])
    candidate = np.tanh(w["ys"] @ y + w["ss"] @ (s * r) + w["cs"] @ c + b["s"])
    wanted = z * s + (1 - z) * candidate

    cell = TextbookGRUCell(H, size_y + size_c)
    cell.initialize()
    joined = [np.concatenate([w[f"y{gate}"], w[f"c{gate}"]], axis=1) for gate in "rzs"]
    cell.w_x.weight.set_data(nd.array(np.concatenate(joined)))
    cell.w_x.bias.set_data(nd.array(np.concatenate([b[gate] for gate in "rzs"])))
    cell.w_h.weight.set_data(nd.array(np.concatenate([w["sr"], w["sz"]])))
    cell.w_hh.weight.set_data(nd.array(w["ss"]))
    got, _ = cell(nd.array([[*y, *c]]), [nd.array([s])])
    np.testing.assert_allclose(got[0].asnumpy(), wanted, atol=1e-6)


@pytest.mark.parametrize("call", [all_at_once, step_by_step])
@pytest.mark.parametrize("name", RNNS)
def test_dropout_is_between_layers_and_in_training_alone(name, call):
    def differ(num_layers, training):
        g, state = make(name, num_layers, drop_prob=0.5)
        mx.random.seed(4)
        with autograd.record(train_mode=training):
            a, b = (call(g, nd.array(X), nd.array(state))[0].asnumpy() for _ in range(2))
        return (a != b).any()

    assert [differ(2, True), differ(2, False), differ(1, True)] == [True, False, False]


@pytest.mark.parametrize("axes", [(), (0,)])
@pytest.mark.parametrize("call", ["eager", "hybridized"])
def test_dropout_is_gluons_bit_for_bit_but_for_cudnn(call, axes):
    """The same numbers and gradients on a CPU; on a GPU seeds reach MXNet's own generator."""
    found = []
    for kind in nn.Dropout, Dropout:
        block = kind(0.4, axes)
        block.hybridize(call == "hybridized")
        mx.random.seed(3)
        x = nd.random.normal(shape=(50, 70))
        x.attach_grad()
        with autograd.record():
            y = block(x)
        y.backward(nd.random.normal(shape=y.shape))
        found.append((y.asnumpy(), x.grad.asnumpy()))
        (_, operator) = json.loads(block(mx.sym.var("x")).tojson())["nodes"]
        assert operator["attrs"]["cudnn_off"] == str(kind is Dropout)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
    assert (found[0][0] == 0).any()


def test_no_model_has_a_dropout_of_cudnn(tiny):
    for name in papers.MODELS:
        model = papers.MODELS[name](tiny.src_vocab, tiny.tgt_vocab, 8, 8, drop_prob=0.3)
        names = [mx.sym.var(n) for n in ("X", "valid_length", "Y_prev")]
        nodes = json.loads(model(*names)[0].tojson())["nodes"]
        found = [node["attrs"]["cudnn_off"] for node in nodes if node["op"] == "Dropout"]
        assert len(found) >= 3 and set(found) == {"True"}, name
