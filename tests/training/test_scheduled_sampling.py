"""Scheduled sampling: which words of the reference are replaced, and by what."""

import mxnet as mx
import numpy as np
import oracle
import pytest
from mxnet import autograd, nd

from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.training.scheduled_sampling import mixed_inputs

X, LENGTHS = np.array([[4, 5, 6, 7, 2], [2, 9, 9, 9, 9], [11, 4, 2, 9, 9]]), np.array([5, 1, 3])
Y_PREV = np.array([[1, 4, 5, 6, 9, 9], [1, 7, 8, 8, 4, 4], [1, 12, 13, 8, 5, 6]])
every_model = pytest.mark.parametrize("name", MODELS)


def make(tiny, name, **settings):
    sizes = {"embed_size": 6, "num_hiddens": 6, "drop_prob": 0, "device": "cpu", **settings}
    return oracle.shake(MODELS[name](tiny.src_vocab, tiny.tgt_vocab, **sizes), 1.0)


def mixed(model, teacher_forcing, y_prev=Y_PREV):
    given = (nd.array(x, dtype="int32") for x in (X, LENGTHS, y_prev))
    return mixed_inputs(model, *given, teacher_forcing)


def favourites(model, y_prev):
    """The most probable word after each prefix of ``y_prev``, by NumPy."""
    p, settings = oracle.numbers(model), {**model.recipe}
    name = settings.pop("name")
    rows = [
        oracle.translate(p, name, settings, x[:n], y)[0].argmax(axis=1)
        for x, n, y in zip(X, LENGTHS, y_prev)
    ]
    return np.array(rows)


@every_model
def test_all_of_the_reference(tiny, name):
    y_prev = mixed(make(tiny, name), 1.0)
    np.testing.assert_array_equal(y_prev.asnumpy(), Y_PREV)
    assert y_prev.dtype == np.int32


@every_model
def test_none_of_the_reference_is_what_the_model_writes_by_itself(tiny, name):
    model = make(tiny, name)
    y_prev = mixed(model, 0.0)
    assert y_prev.dtype == np.int32
    y_prev = y_prev.asnumpy()
    np.testing.assert_array_equal(y_prev[:, 0], Y_PREV[:, 0])
    np.testing.assert_array_equal(y_prev[:, 1:], favourites(model, y_prev)[:, :-1])
    others = np.where(np.arange(6) > 0, 3, Y_PREV)
    np.testing.assert_array_equal(y_prev, mixed(model, 0.0, others).asnumpy())


@every_model
def test_some_of_it(tiny, name):
    """Each word is the reference's or the one that the model would write after those before."""
    model = make(tiny, name)
    mx.random.seed(6)
    kept = []
    for _ in range(4):
        y_prev = mixed(model, 0.5).asnumpy()
        own = favourites(model, y_prev)[:, :-1]
        of_reference, of_model = y_prev[:, 1:] == Y_PREV[:, 1:], y_prev[:, 1:] == own
        assert (of_reference | of_model).all()
        kept.append(of_reference[~of_model | ~of_reference])
    assert {True, False} == set(np.concatenate(kept))


@pytest.mark.parametrize("teacher_forcing", [0.25, 0.75])
def test_as_often_as_asked_and_each_word_by_itself(tiny, teacher_forcing):
    model, n = make(tiny, "book"), 600
    given = (nd.array(np.repeat(x[:1], n, axis=0), dtype="int32") for x in (X, LENGTHS))
    # nothing of the model's own is <unk>, 3, so that every replaced word can be told
    model.decoder.p.w_o.bias.data()[3] = -100
    y_prev = nd.array(np.tile([1, 3, 3, 3], (n, 1)), dtype="int32")
    kept = (mixed_inputs(model, *given, y_prev, teacher_forcing).asnumpy() == 3)[:, 1:]
    np.testing.assert_allclose(kept.mean(axis=0), teacher_forcing, atol=0.07)  # 4 sigma
    both = (kept[:, 0] & kept[:, 1]).mean()
    assert both == pytest.approx(teacher_forcing**2, abs=0.08)


def test_nothing_is_dropped_out_and_nothing_recorded(tiny):
    model = make(tiny, "bahdanau2015", drop_prob=0.5)
    with autograd.record():
        model(*(nd.array(x, dtype="int32") for x in (X, LENGTHS, Y_PREV)))
    first, second = mixed(model, 0.0).asnumpy(), mixed(model, 0.0).asnumpy()
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first[:, 1:], favourites(model, first)[:, :-1])


def test_one_step_has_nothing_to_replace(tiny):
    np.testing.assert_array_equal(
        mixed(make(tiny, "book"), 0.0, Y_PREV[:, :1]).asnumpy(), [[1]] * 3
    )
