"""p, the output, against NumPy in all its forms, and with the target embedding's matrix."""

import numpy as np
import oracle
import pytest
from mxnet import autograd, nd

from gluon_seq2seq import UsageError
from gluon_seq2seq.model.attention import Dot
from gluon_seq2seq.model.decoder import Decoder, LuongDecoder
from gluon_seq2seq.model.output import AttentionalReadout, MaxoutReadout, Readout, StateReadout

V, E, S, C = 7, 4, 5, 6
RNG = np.random.default_rng(0)
INPUTS = {"y_prev": (2, 3, E), "s": (2, 3, S), "c": (2, 3, C)}
INPUTS = {name: RNG.normal(size=shape) for name, shape in INPUTS.items()}
READOUTS = {
    "tanh": Readout,
    "maxout": MaxoutReadout,
    "attentional": AttentionalReadout,
    "state": StateReadout,
}
READS = {"tanh": "y_prev s c", "maxout": "y_prev s c", "attentional": "s c", "state": "s"}
every_readout = pytest.mark.parametrize("kind", READOUTS)


def make(kind, drop_prob=0.0):
    p = READOUTS[kind](V, E, S, C, drop_prob)
    p.initialize()
    return oracle.shake(p)


def arrays(**other):
    return [nd.array(x) for x in {**INPUTS, **other}.values()]


@pytest.mark.filterwarnings("ignore:.*not used")  # what MXNet says of an input that goes unread
@pytest.mark.parametrize("hybrid", [False, True])
@every_readout
def test_equals_the_formulas(kind, hybrid):
    block = make(kind)
    block.hybridize(hybrid)
    got, p = block(*arrays()).asnumpy(), oracle.numbers(block)
    for place in np.ndindex(2, 3):
        wanted = oracle.logits(kind, p, *(x[place] for x in INPUTS.values()))
        np.testing.assert_allclose(got[place], wanted, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*not used")  # what MXNet says of an input that goes unread
@every_readout
def test_gradients(kind):
    block, w = make(kind), RNG.normal(size=(2, 3, V))

    def formula(p):
        return sum(
            w[place] @ oracle.logits(kind, p, *(x[place] for x in INPUTS.values()))
            for place in np.ndindex(2, 3)
        )

    block.hybridize()
    with autograd.record():
        total = (nd.array(w) * block(*arrays())).sum()
    total.backward()
    oracle.assert_gradients(block, formula)


@pytest.mark.parametrize("name", INPUTS)
@every_readout
def test_reads_what_it_should(kind, name):
    block = make(kind)
    moved = (block(*arrays()) - block(*arrays(**{name: 0 * INPUTS[name]}))).abs().max()
    assert (moved > 1e-3) == (name in READS[kind].split())


@every_readout
def test_dropout_in_training_alone(kind):
    block, differ = make(kind, drop_prob=0.5), []
    for training in (True, False):
        with autograd.record(train_mode=training):
            a, b = (block(*arrays()).asnumpy() for _ in range(2))
        differ.append((a != b).any())
    assert differ == [True, False]


def tied(kind, embed_size=S):
    """A decoder with that output layer, tied to its embedding."""
    if kind == "attentional":
        decoder = LuongDecoder(V, embed_size, S, S, attention=Dot(), tied=True)
    else:
        decoder = Decoder(V, embed_size, S, S, p=READOUTS[kind], tied=True)
    decoder.initialize()
    return oracle.shake(decoder)


@every_readout
def test_tied_weights_are_one(kind):
    decoder = tied(kind)
    assert decoder.p.w_o.weight is decoder.embedding.weight
    y_prev, s, c = (nd.array(RNG.normal(size=(1, 2, S))) for _ in range(3))
    before = decoder.p(y_prev, s, c).asnumpy()
    decoder.embedding.weight.data()[3] += 1
    moved = np.abs(decoder.p(y_prev, s, c).asnumpy() - before).max(axis=(0, 1))
    np.testing.assert_array_equal(moved > 1e-6, np.arange(V) == 3)  # the logit of word 3


@every_readout
def test_the_gradients_of_both_uses_of_a_tied_matrix_add_up(kind):
    """As what is read, y_prev, and as what scores the words."""
    decoder, ids, names = tied(kind), [3, 1, 3], ("embedding.weight", "p.w_o.weight")
    h, w = RNG.normal(size=(2, S)), RNG.normal(size=(3, V))
    state = np.zeros((1 + decoder.zero_rows, S))
    order, score = ("after", "dot") if kind == "attentional" else ("fixed", None)

    def formula(p):
        log_p, _, _ = oracle.decode(p, ids, state, h, h[0], readout=kind, order=order, score=score)
        return (w * log_p).sum()

    arguments = (nd.array([x]) for x in (ids, state[:, None], h, h[0], 2))
    y_prev, s, h_, c, n = arguments
    with autograd.record():
        logits, _, _ = decoder(y_prev, s[0], h_, c, n)
        total = (nd.array(w) * logits.log_softmax()[0]).sum()
    total.backward()
    gradient, direction = decoder.embedding.weight.grad().asnumpy(), RNG.normal(size=(V, S))
    p = oracle.numbers(decoder)
    slopes = [oracle.difference(formula, p, [name], direction) for name in names]
    assert min(map(abs, slopes)) > 1e-2
    assert (gradient * direction).sum() == pytest.approx(sum(slopes), rel=1e-3)


@every_readout
def test_tied_weights_of_other_sizes(kind):
    if kind in ("tanh", "maxout"):  # their hidden layer is of the embedding's size
        tied(kind, S + 1)
        return
    with pytest.raises(UsageError, match="equal"):
        tied(kind, S + 1)
