"""The softmax of a batch over its own words and a sample of the others: its sum, its gradient, and
a training with it."""

import math

import mxnet as mx
import numpy as np
import oracle
import pytest
from helpers import complaint, weights
from mxnet import nd

from gluon_seq2seq import (
    DataError,
    Decoder,
    Encoder,
    EncoderDecoder,
    Readout,
    TrainingSettings,
    UsageError,
    train,
)
from gluon_seq2seq.corpus.batches import Batch, Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.semantics import nn
from gluon_seq2seq.training import sampled_softmax
from gluon_seq2seq.training.sampled_softmax import SampledSoftmax
from gluon_seq2seq.training.signals import Interrupted
from gluon_seq2seq.training.train_step import Step, backward
from gluon_seq2seq.translation.metrics import mean_loss

X, LENGTHS = np.array([[4, 5, 6, 7, 2], [2, 9, 9, 9, 9], [11, 4, 2, 9, 9]]), np.array([5, 1, 3])
Y_PREV = np.array([[1, 4, 5, 6], [1, 7, 8, 8], [1, 12, 8, 8]])
Y, TGT_LENGTHS = np.array([[4, 5, 6, 2], [7, 2, 8, 8], [2, 8, 8, 8]]), np.array([4, 2, 1])
OWN = [2, 4, 5, 6, 7, 8]  # padding's 8, too, which changes no loss on average
VARIANTS = [
    *((name, {}) for name in MODELS),
    *((name, {"tied": True}) for name in MODELS),
    ("luong2015", {"input_feeding": True}),
    ("book", {"rnn": "lstm", "num_layers": 2}),
]
every_variant = pytest.mark.parametrize("name, settings", VARIANTS, ids=str)
either_way = pytest.mark.parametrize("hybrid", [False, True], ids=["eager", "hybridized"])


@pytest.fixture(autouse=True)
def any_number_of_words(monkeypatch):
    """Or all 59 of tiny would be taken."""
    monkeypatch.setattr(sampled_softmax, "MULTIPLE", 1)


def make(tiny, name="luong2015", hybrid=True, **settings):
    sizes = {"embed_size": 6, "num_hiddens": 6, "drop_prob": 0, "device": "cpu", **settings}
    model = oracle.shake(MODELS[name](tiny.src_vocab, tiny.tgt_vocab, **sizes))
    model.hybridize(hybrid)
    return model


def given():
    return Batch(*(nd.array(x, dtype="int32") for x in (X, LENGTHS, Y_PREV, Y, TGT_LENGTHS)))


SIZE, SUMMED = 9, [0, 1, *OWN, 3]  # the six most frequent words among them, and 9 - 6 drawn ones


def drawn(model, seed):
    """The words that are drawn after ``mx.random.seed(seed)``."""
    mx.random.seed(seed)
    words, places, _ = SampledSoftmax(model, SIZE).draw(Y, len(model.tgt_vocab))
    np.testing.assert_array_equal(words[places], Y)
    assert words[: len(SUMMED)].tolist() == sorted(SUMMED) and len(set(words)) == len(words)
    return words[len(SUMMED) :]


def by_hand(model, p, others):
    """-log P of the batch by NumPy, where ``others`` stand for all words but SUMMED."""
    settings, V, total = {**model.recipe}, len(model.tgt_vocab), 0.0
    name = settings.pop("name")
    for x, m, y_prev, y, n in zip(X, LENGTHS, Y_PREV, Y, TGT_LENGTHS):
        log_p, _ = oracle.translate(p, name, settings, x[:m], y_prev[:n])  # (n, V)
        some = np.exp(log_p[:, others]).sum(axis=1) * (V - len(SUMMED)) / len(others)
        whole = np.exp(log_p[:, SUMMED]).sum(axis=1) + some
        total += (np.log(whole) - log_p[np.arange(n), y[:n]]).sum()
    return total


@either_way
@every_variant
def test_loss_and_gradient_are_those_of_the_formula(tiny, name, settings, hybrid):
    model = make(tiny, name, hybrid, **settings)
    others = drawn(model, seed=3)
    assert len(others) == 3
    compare(model, others)


def test_a_round_number_of_words_in_loss_and_gradient(tiny, monkeypatch):
    monkeypatch.setattr(sampled_softmax, "MULTIPLE", 16)
    model = make(tiny)
    others = drawn(model, seed=3)
    assert len(others) == 16 - len(SUMMED)
    compare(model, others)


def compare(model, others):
    sampled = SampledSoftmax(model, SIZE)
    mx.random.seed(3)
    total = backward(model, given(), sampled=sampled).asscalar()
    p = oracle.numbers(model)
    assert total == pytest.approx(by_hand(model, p, others), rel=1e-5)
    oracle.assert_gradients(model, lambda p: by_hand(model, p, others))
    assert backward(model, given()).asscalar() != pytest.approx(total, rel=2e-5)


@either_way
@pytest.mark.parametrize("more", [0, 100])
@pytest.mark.parametrize("name", MODELS)
def test_a_sample_of_all_others_is_the_softmax(tiny, name, hybrid, more):
    model = make(tiny, name, hybrid)
    sampled = SampledSoftmax(model, len(tiny.tgt_vocab) + more)
    whole = backward(model, given()).asscalar()
    parameters = list(model.collect_params().values())
    expected = [p.grad().asnumpy() for p in parameters]
    assert backward(model, given(), sampled=sampled).asscalar() == pytest.approx(whole, rel=1e-6)
    for parameter, gradient in zip(parameters, expected):
        np.testing.assert_allclose(parameter.grad().asnumpy(), gradient, rtol=1e-4, atol=1e-6)


def test_a_batch_of_all_words_has_no_others(tiny):
    V = len(tiny.tgt_vocab)
    words, places, raised = SampledSoftmax(make(tiny), 5).draw(np.arange(V)[None], V)
    assert words.tolist() == places[0].tolist() == list(range(V)) and not raised.any()


def test_a_round_number_of_words(tiny, monkeypatch):
    monkeypatch.setattr(sampled_softmax, "MULTIPLE", 16)
    sampled = SampledSoftmax(make(tiny), 20)
    for words in 1, 12, 13, 28, 29:
        K = len(sampled.draw(np.arange(words)[None], 100)[0])
        assert K % 16 == 0 and 0 <= K - max(words, 15) - 5 < 16
    assert len(sampled.draw(np.arange(50)[None], 59)[0]) == 59


def test_the_sum_is_right_on_average(tiny):
    """Over all samples of two among five others, each as probable as the next."""
    sampled, o, seen = SampledSoftmax(make(tiny), 5), np.random.RandomState(0).normal(size=10), {}
    own, n = np.array([[1, 4, 4], [6, 1, 6]]), 4000
    mx.random.seed(0)
    for _ in range(n):
        words, places, raised = sampled.draw(own, 10)
        np.testing.assert_array_equal(words[places], own)
        assert words[:5].tolist() == [0, 1, 2, 4, 6]
        several = seen.setdefault(tuple(sorted(words[5:])), [])
        several.append(np.exp(o[words] + raised).sum())
    assert len(seen) == 10
    assert np.mean([sums[0] for sums in seen.values()]) == pytest.approx(np.exp(o).sum())
    counts = [len(sums) for sums in seen.values()]
    assert np.abs(np.array(counts) - n / 10).max() < 5 * math.sqrt(n * 0.1 * 0.9)


def test_it_trains_as_well(tiny, small_model):
    dev = Minibatches(pairs_of(tiny.train), tiny.src_vocab, tiny.tgt_vocab, 64)
    losses = []
    for size in 0, 20:
        model = small_model(num_hiddens=32, embed_size=32)
        before = mean_loss(model, dev)
        train(model, tiny, epochs=30, batch_size=8, sampled_words=size, quiet=True)
        losses.append(mean_loss(model, dev))
    assert losses[1] < 1.1 * losses[0] and losses[0] < 0.5 * before


def test_resumed_is_uninterrupted(tiny, small_model, tmp_path, signal_at):
    settings = {"epochs": 2, "batch_size": 16, "sampled_words": 9, "seed": 3, "quiet": True}
    settings.update(teacher_forcing=0.5, average=0.6)
    whole = small_model(drop_prob=0.5)
    history = train(whole, tiny, **settings)
    signal_at(6)
    with pytest.raises(Interrupted):
        train(small_model(drop_prob=0.5), tiny, **settings, out=tmp_path)
    model = small_model(seed=77, drop_prob=0.5)
    resumed = train(model, tiny, **settings, out=tmp_path, resume=True)
    assert resumed[-1]["train_loss"] == history[-1]["train_loss"]
    for name, found in weights(model).items():
        np.testing.assert_array_equal(found, weights(whole)[name])


def test_not_with_label_smoothing(run_cli, tmp_path):
    both = {"sampled_words": 5, "label_smoothing": 0.1}
    with pytest.raises(UsageError, match="set one of them to 0"):
        TrainingSettings(**both)
    options = ["--sampled-words", 5, "--label-smoothing", 0.1]
    done = run_cli("train", "--data", "tiny", "--out", tmp_path / "out", *options)
    assert "set one of them to 0" in complaint(done, 2)


class Softer(Readout):
    def output(self, hidden):
        return super().output(hidden) / 2


class Biasless(Readout):
    def __init__(self, *sizes, **kwargs):
        super().__init__(*sizes, **kwargs)
        with self.name_scope():
            self.w_o = nn.Dense(sizes[0], use_bias=False, flatten=False, in_units=sizes[1])


class Rectified(Readout):
    def hidden(self, F, y_prev, s, c):
        return super().hidden(F, y_prev, s, c).relu()


class OwnDecoder(Decoder):
    def hybrid_forward(self, F, *inputs):
        return super().hybrid_forward(F, *inputs)


class OwnModel(EncoderDecoder):
    def hybrid_forward(self, F, *inputs):
        return super().hybrid_forward(F, *inputs)


def put_together(tiny, model=EncoderDecoder, decoder=Decoder, p=Readout):
    encoder = Encoder(len(tiny.src_vocab), 6, 6)
    own = decoder(len(tiny.tgt_vocab), 6, 6, encoder.output_size, p=p)
    made = model(encoder, own, tiny.src_vocab, tiny.tgt_vocab)
    made.initialize(ctx=mx.cpu())
    made.hybridize()
    return made


@pytest.mark.parametrize(
    "parts, name",
    [
        ({"p": Softer}, "Softer"),
        ({"p": Biasless}, "Biasless"),
        ({"decoder": OwnDecoder}, "OwnDecoder"),
        ({"model": OwnModel}, "OwnModel"),
    ],
    ids=str,
)
def test_what_it_would_pass_over_is_refused(tiny, parts, name):
    model = put_together(tiny, **parts)
    with pytest.raises(UsageError, match=f"would pass over what {name} does: use 0 for it"):
        Step(model, TrainingSettings(sampled_words=5))
    Step(model)(given(), 0.01)


def test_a_hidden_layer_of_yours(tiny):
    model = put_together(tiny, p=Rectified)
    sampled = SampledSoftmax(model, len(tiny.tgt_vocab))
    whole = backward(model, given()).asscalar()
    assert backward(model, given(), sampled=sampled).asscalar() == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("field", ["X", "src_valid_length", "Y_prev", "Y"])
def test_ids_and_lengths_out_of_range(tiny, field):
    batch = given()
    wrong = batch._replace(**{field: getattr(batch, field) + 99})
    with pytest.raises(DataError):
        SampledSoftmax(make(tiny), 5)(*wrong[:4])


def test_doubles(tiny):
    model = make(tiny)
    model.cast("float64")
    total = backward(model, given(), sampled=SampledSoftmax(model, 10**6)).asscalar()
    assert total == pytest.approx(backward(model, given()).asscalar(), rel=1e-9)
