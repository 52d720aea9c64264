"""The whole model: P(y | x) as the chain rule has it, and as a probability."""

import itertools

import mxnet as mx
import numpy as np
import pytest
import reference
from mxnet import nd

from gluon_seq2seq import (
    DataError,
    EncoderDecoder,
    SequenceLoss,
    SystemProblem,
    UsageError,
    book,
)
from gluon_seq2seq.batches import Minibatches
from gluon_seq2seq.corpus import pairs_of
from gluon_seq2seq.text import BOS, EOS


def shaken(model):
    """Parameters large enough that a wrong term would show."""
    mx.random.seed(3)
    model.initialize(mx.init.Uniform(0.5), force_reinit=True)
    return model


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_joint_probability_equals_the_formulas(tiny, bidirectional, hybrid):
    model = shaken(book(tiny.src_vocab, tiny.tgt_vocab, 6, 5, 2, bidirectional, device="cpu"))
    model.hybridize(hybrid)
    batch = next(iter(Minibatches(pairs_of(tiny.train), tiny.src_vocab, tiny.tgt_vocab, 8)))
    logits, alpha = model(batch.X, batch.src_valid_length, batch.Y_prev)
    assert logits.shape == (*batch.Y.shape, len(tiny.tgt_vocab))
    assert alpha.shape == (*batch.Y.shape, batch.X.shape[1])
    total, tokens = SequenceLoss()(logits, batch.Y, batch.tgt_valid_length)

    encoder, decoder, bridge = map(reference.numbers, (model.encoder, model.decoder, model.bridge))
    expected = 0.0
    for X, T, Y_prev, Y, T_out in zip(*(array.asnumpy() for array in batch)):
        _, _, c = reference.encode(encoder, X[:T], 2, bidirectional)
        s_0 = np.tanh(bridge["w_s.weight"] @ c + bridge["w_s.bias"]).reshape((2, 5))
        log_p, _ = reference.decode(decoder, Y_prev[:T_out], s_0, c, 2)
        expected -= log_p[np.arange(T_out), Y[:T_out]].sum()
    assert total.asscalar() == pytest.approx(expected, rel=1e-5)
    assert tokens.asscalar() == batch.tgt_valid_length.asnumpy().sum()


def test_probabilities_of_all_outputs_sum_to_one(tiny):
    """By brute force: all outputs of 0 or 1 words and <eos>, all unfinished ones of 2 words."""
    model = shaken(book(tiny.src_vocab, tiny.tgt_vocab, 4, 4, device="cpu"))
    X = nd.array([tiny.src_vocab.encode("They are watching.")], dtype="int32")
    bos, eos = tiny.tgt_vocab[BOS], tiny.tgt_vocab[EOS]
    words = [i for i in range(len(tiny.tgt_vocab)) if i != eos]
    outputs = [[[eos]], [[a, eos] for a in words], list(map(list, itertools.product(words, words)))]
    mass = 0.0
    for group in outputs:
        Y = nd.array(group, dtype="int32")
        Y_prev = nd.array([[bos, *y[:-1]] for y in group], dtype="int32")
        n = len(group)
        logits, _ = model(X.tile((n, 1)), nd.full((n,), X.shape[1], dtype="int32"), Y_prev)
        log_p = logits.log_softmax().pick(Y, axis=2).sum(axis=1).asnumpy()
        mass += np.exp(log_p.astype("float64")).sum()
    assert mass == pytest.approx(1, abs=1e-4)


def test_loss_ignores_padding_and_batch_mates():
    logits, Y = (
        nd.random.normal(shape=(3, 4, 7)),
        nd.array([[1, 2, 3, 0], [4, 0, 0, 0], [6, 5, 4, 3]]),
    )
    lengths = [3, 1, 4]
    x = logits.asnumpy().astype("float64")
    log_p = x - np.log(np.exp(x).sum(axis=2, keepdims=True))
    expected = -sum(
        log_p[i, t, int(Y[i, t].asscalar())] for i, n in enumerate(lengths) for t in range(n)
    )
    loss = SequenceLoss()
    for _ in ("eager", "hybrid"):
        total, tokens = loss(logits, Y, nd.array(lengths, dtype="int32"))
        assert total.asscalar() == pytest.approx(expected, rel=1e-5)
        assert tokens.asscalar() == 8
        loss.hybridize()


def test_padding_gets_no_gradient():
    logits, Y = nd.random.normal(shape=(2, 4, 7)), nd.zeros((2, 4))
    logits.attach_grad()
    with mx.autograd.record():
        total, _ = SequenceLoss()(logits, Y, nd.array([4, 2], dtype="int32"))
    total.backward()
    assert not logits.grad[1, 2:].asnumpy().any()
    assert np.abs(logits.grad[1, :2].asnumpy()).min() > 0


@pytest.mark.parametrize("which", ["source", "target"])
def test_ids_of_the_other_language_are_refused(tiny, small_model, which):
    model = small_model()
    X, Y_prev = nd.ones((1, 2), dtype="int32"), nd.ones((1, 3), dtype="int32")
    if which == "source":
        X[0, 0] = len(tiny.src_vocab)
    else:
        Y_prev[0, 0] = len(tiny.tgt_vocab)
    with pytest.raises(DataError, match="ids go from"):
        model(X, nd.array([2], dtype="int32"), Y_prev)


def test_put_together_by_hand_from_sides_of_different_size(tiny):
    from gluon_seq2seq import Decoder, Encoder

    encoder = Encoder(len(tiny.src_vocab), 5, 3, num_layers=1, bidirectional=True)
    decoder = Decoder(len(tiny.tgt_vocab), 4, 7, encoder.output_size, num_layers=2)
    model = EncoderDecoder(encoder, decoder, tiny.src_vocab, tiny.tgt_vocab)
    model.initialize()
    logits, _ = model(
        nd.ones((2, 3), dtype="int32"), nd.array([3, 1], dtype="int32"), nd.ones((2, 4))
    )
    assert logits.shape == (2, 4, len(tiny.tgt_vocab))


@pytest.mark.filterwarnings("ignore:Cannot decide type")
def test_exports_and_runs_as_a_symbol(tiny, small_model, tmp_path):
    model = small_model()
    inputs = (
        nd.array([[4, 5, 2]], dtype="int32"),
        nd.array([3], dtype="int32"),
        nd.array([[1, 4]], dtype="int32"),
    )
    expected = model(*inputs)[0].asnumpy()
    model.export(str(tmp_path / "whole"))
    names = ["data0", "data1", "data2"]
    files = str(tmp_path / "whole-symbol.json"), names, str(tmp_path / "whole-0000.params")
    imported = mx.gluon.SymbolBlock.imports(*files)
    np.testing.assert_allclose(imported(*inputs)[0].asnumpy(), expected, atol=1e-6)


def test_loss_refuses_what_mxnet_would_clip():
    logits, loss = nd.zeros((2, 3, 5)), SequenceLoss()
    right = nd.ones((2, 3), dtype="int32"), nd.array([3, 1], dtype="int32")
    loss(logits, *right)
    for Y, lengths in (
        ([[1, 9, 1]] * 2, [3, 1]),
        ([[1, -3, 1]] * 2, [3, 1]),
        ([[1] * 3] * 2, [7, 1]),
    ):
        with pytest.raises(DataError):
            loss(logits, nd.array(Y, dtype="int32"), nd.array(lengths, dtype="int32"))


@pytest.mark.parametrize(
    "sizes",
    [{"embed_size": 0}, {"num_hiddens": -1}, {"num_layers": 1.5}, {"drop_prob": 1.5}],
    ids=str,
)
def test_sizes_out_of_range(small_model, sizes):
    with pytest.raises(UsageError):
        small_model(**sizes)


def test_more_than_the_memory(small_model):
    with pytest.raises(SystemProblem, match="smaller"):
        small_model(num_hiddens=10**9)
