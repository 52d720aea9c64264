"""Across the seam in a user's own code: gradients, Trainers, Blocks around ours, threads, files."""

import threading

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd, npx
from mxnet.gluon import nn
from mxnet.util import is_np_array, is_np_shape

import gluon_seq2seq as gs
from gluon_seq2seq.semantics import kinds


@pytest.fixture
def under_np():
    npx.set_np()
    yield
    npx.reset_np()


@pytest.fixture
def encoder():
    gs.seed(0)
    made = gs.Encoder(9, 4, 5, bidirectional=True)
    made.initialize(mx.init.Normal(0.5))
    return made


IDS, LENGTHS = [[4, 5, 6, 2], [7, 2, 0, 0]], [4, 2]


class Parent(gluon.HybridBlock):
    """A Block of the user's with one of ours inside, and a layer of MXNet's after it."""

    def __init__(self, inner):
        super().__init__()
        with self.name_scope():
            self.inner, self.out = inner, nn.Dense(3, flatten=False, in_units=10)

    def hybrid_forward(self, F, X, valid_length):
        return self.out(self.inner(X, valid_length)[0])


def gradients(block, *inputs):
    with autograd.record():
        total = (block(*inputs) * block(*inputs)).sum()
    total.backward()
    return {name: p.grad().asnumpy() for name, p in block._collect_params_with_prefix().items()}


@pytest.mark.parametrize("hybrid", [False, True])
def test_gradients_reach_what_is_inside_a_block_of_the_users(encoder, hybrid):
    parent = Parent(encoder)
    parent.out.initialize(mx.init.Normal(0.5))
    expected = gradients(parent, nd.array(IDS), nd.array(LENGTHS, dtype="int32"))
    weights = {k: p.data().asnumpy() for k, p in parent._collect_params_with_prefix().items()}
    npx.set_np()
    try:
        other = Parent(gs.Encoder(9, 4, 5, bidirectional=True))
        other.initialize()  # by MXNet, under NumPy semantics: not by us
        for name, parameter in other._collect_params_with_prefix().items():
            parameter.set_data(mx.np.array(weights[name]))
            assert isinstance(parameter.data(), mx.np.ndarray)
        other.hybridize(hybrid)
        found = gradients(other, mx.np.array(IDS), mx.np.array(LENGTHS, dtype="int32"))
    finally:
        npx.reset_np()
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-4, atol=1e-5)
        assert np.abs(gradient).max() > 0


@pytest.mark.parametrize("made_under_np", [False, True])
@pytest.mark.parametrize("stepped_under_np", [False, True])
def test_a_trainer_moves_our_parameters(encoder, made_under_np, stepped_under_np):
    try:
        npx.set_np(made_under_np, made_under_np)
        trainer = gluon.Trainer(encoder.collect_params(), "sgd", {"learning_rate": 0.5})
        npx.set_np(stepped_under_np, stepped_under_np)
        weight = encoder.embedding.weight
        before = weight.data().asnumpy()
        with autograd.record():
            c = encoder(nd.array(IDS), nd.array(LENGTHS, dtype="int32"))[2]
            total = (c * c).sum()
        total.backward()
        gradient = weight.grad().asnumpy()
        trainer.step(2)
    finally:
        npx.reset_np()
    np.testing.assert_allclose(weight.data().asnumpy(), before - 0.25 * gradient, rtol=1e-5)
    assert np.abs(gradient).max() > 0


def test_parameters_are_shown_in_the_callers_kind_and_are_the_same_memory(encoder, under_np):
    weight = encoder.embedding.weight
    shown = weight.data()
    assert isinstance(shown, mx.np.ndarray) and isinstance(weight.list_data()[0], nd.NDArray)
    shown[0] = 7
    weight.data().grad[1] = 3  # as the book's gradient clipping writes it
    npx.reset_np()
    assert type(weight.data()) is type(weight.grad()) is nd.NDArray
    assert (weight.data()[0].asnumpy() == 7).all() and (weight.grad()[1].asnumpy() == 3).all()
    weight.grad_req = "add"
    weight.zero_grad()
    encoder.collect_params().zero_grad()
    assert not weight.grad().asnumpy().any()


def test_what_is_frozen_or_cast_under_numpy_semantics(encoder, under_np):
    encoder.collect_params().setattr("grad_req", "null")
    encoder.collect_params().setattr("grad_req", "write")
    encoder.cast("float64")
    found = gradients(
        Second(encoder), mx.np.array(IDS, dtype="float64"), mx.np.array(LENGTHS, dtype="int32")
    )
    assert all(np.abs(g).max() > 0 and g.dtype == np.float64 for g in found.values())


class Second(gluon.Block):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, *inputs):
        return self.inner(*inputs)[0]


def test_dataloaders_batches(encoder, under_np):
    data = gluon.data.ArrayDataset(mx.np.array(IDS), mx.np.array(LENGTHS, dtype="int32"))
    for workers in 0, 1:
        (batch,) = gluon.data.DataLoader(data, 2, num_workers=workers, thread_pool=True)
        assert isinstance(encoder(*batch)[0], mx.np.ndarray)


def test_files_that_the_book_wrote(encoder, tmp_path):
    expected = encoder(nd.array(IDS), nd.array(LENGTHS, dtype="int32"))[0].asnumpy()
    arrays = {k: p.data().asnumpy() for k, p in encoder._collect_params_with_prefix().items()}
    npx.set_np()
    try:
        npx.save(str(tmp_path / "np"), {k: mx.np.array(a) for k, a in arrays.items()})
    finally:
        npx.reset_np()
    for parameter in encoder.collect_params().values():
        parameter.set_data(nd.zeros(parameter.shape))
    encoder.load_parameters(str(tmp_path / "np"))
    found = encoder(nd.array(IDS), nd.array(LENGTHS, dtype="int32"))[0].asnumpy()
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(0, 4), (2, 0), ()])
def test_an_array_without_numbers_is_refused(encoder, under_np, shape):
    with pytest.raises(gs.DataError, match="needs"):
        encoder(mx.np.ones(shape), mx.np.array(LENGTHS, dtype="int32"))
    assert is_np_array() and is_np_shape()


def test_each_thread_has_its_own_semantics(encoder):
    """One thread of each kind, at the same time, many times."""
    expected = encoder(nd.array(IDS), nd.array(LENGTHS, dtype="int32"))[0].asnumpy()
    failures, lock = [], threading.Lock()

    def work(array, flags):
        npx.set_np(*flags)
        for _ in range(20):
            with lock:  # MXNet's own need, whatever the semantics
                h = encoder(array.array(IDS), array.array(LENGTHS, dtype="int32"))[0]
            fine = type(h) is array.ndarray and (is_np_shape(), is_np_array()) == flags
            if not fine or not np.array_equal(h.asnumpy(), expected):
                failures.append((type(h), is_np_shape(), is_np_array()))

    class Legacy:
        array, ndarray = nd.array, nd.NDArray

    both = [(Legacy, (False, False)), (mx.np, (True, True))]
    threads = [threading.Thread(target=work, args=one) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_flags_come_back_after_an_error(under_np):
    @kinds.legacy()
    def fail():
        assert not is_np_array() and not is_np_shape()
        raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()
        assert is_np_array() and is_np_shape()


def test_a_generator_leaves_the_flags_between_its_results(tiny, under_np):
    model = gs.book(tiny.src_vocab, tiny.tgt_vocab, 8, 8, device="cpu")
    for _ in gs.forced(model, [("I see.", "Je vois."), ("No.", "Non.")], 1):
        assert is_np_array() and is_np_shape()
    for batch in gs.Minibatches([("I see.", "Je vois.")], tiny.src_vocab, tiny.tgt_vocab, 1):
        assert isinstance(batch.X, mx.np.ndarray) and is_np_array()


def test_the_gradient_of_an_input_passes():
    """d/dh of sum(mean of h over time)^2 is 2 c / T, in either kind."""
    h = mx.np.array(np.random.RandomState(0).normal(size=(1, 4, 3)).astype("float32"))
    h.attach_grad()
    with autograd.record():
        c = gs.MeanState()(h * 1, mx.np.array([4], dtype="int32"))
        total = (c * c).sum()
    total.backward()
    expected = np.repeat(2 * h.asnumpy().mean(axis=1, keepdims=True) / 4, 4, axis=1)
    np.testing.assert_allclose(h.grad.asnumpy(), expected, rtol=1e-5)
