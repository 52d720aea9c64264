"""The book's library, d2l, beside these Blocks: its data, attention, models and Trainer."""

import re
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, init, npx
from mxnet.gluon import nn

import gluon_seq2seq as gs
from gluon_seq2seq.training.train_step import Step

PAIRS = [
    ("They are watching.", "Ils regardent."),
    ("I see.", "Je vois."),
    ("He is here!", "Il est ici !"),
    ("We are here.", "Nous sommes ici."),
    ("She sees the cat.", "Elle voit le chat."),
    ("I see.", "Je vois bien."),
    ("They are here.", "Elles sont ici."),
    ("You see them.", "Tu les vois."),
    ("They are watching.", "Elles regardent."),
]


@pytest.fixture(scope="module")
def d2l():
    from d2l import mxnet as d2l

    return d2l


@pytest.fixture
def data(d2l):
    """The book's data set of the sentences above, five of them for training."""

    class Bundled(d2l.MTFraEng):
        def _download(self):
            return "\n".join("\t".join(pair) for pair in PAIRS)

    npx.set_np()
    yield Bundled(5, num_steps=7, num_train=5, num_val=4)
    npx.reset_np()


def test_the_package_does_not_import_d2l():
    for path in Path(gs.__file__).parent.rglob("*.py"):
        assert not re.search(r"^\s*(from|import) d2l\b", path.read_text("utf-8"), re.M), path


def test_its_sentences_are_a_corpus(data):
    corpus = gs.load_corpus(data)
    assert [e.source for e in corpus.train] == [
        "they are watching.",
        "i see.",
        "he is here!",
        "we are here.",
        "she sees the cat.",
    ]
    held_out = {e.source: e.references for e in [*corpus.dev, *corpus.test]}
    assert held_out == {  # the others are in training
        "they are here.": ("elles sont ici.",),
        "you see them.": ("tu les vois.",),
    }
    assert sum(corpus.report.dropped.values()) == 2
    vocab = corpus.src_vocab
    assert vocab.decode(vocab.encode("They are WATCHING.")) == "they are watching."
    for row, example in zip(data.arrays[0].asnumpy(), corpus.train):  # its ids have the same words
        words = [*vocab.tokenizer.tokenize(example.source), "<eos>"]
        assert row[: len(words)].tolist() == data.src_vocab[words]


def test_the_other_way_and_other_languages(data):
    corpus = gs.load_corpus(data, direction="fr-en")
    assert corpus.train[0].source == "ils regardent." and corpus.source_lang == "fr"
    with pytest.raises(gs.UsageError, match="the book's data is English and French, not Chinese"):
        gs.load_corpus(data, source_lang="zh", target_lang="en")


def test_its_batches_through_these_blocks(data):
    X, Y_prev, valid_length, _ = next(iter(data.train_dataloader()))
    encoder = gs.Encoder(len(data.src_vocab), 4, 6)
    decoder = gs.Decoder(len(data.tgt_vocab), 4, 6, 6, attention=gs.Additive(6, 6, 5))
    bridge = gs.Bridge(6, 6, 1)
    for block in encoder, decoder, bridge:
        block.initialize()
    h, _, c = encoder(X, valid_length)
    logits, _, alpha = decoder(Y_prev, bridge(c), h, c, valid_length)
    assert all(isinstance(a, mx.np.ndarray) for a in (h, c, logits, alpha))
    rows = [
        encoder(X[i : i + 1, : int(n)], valid_length[i : i + 1])[2]
        for i, n in enumerate(valid_length)
    ]
    np.testing.assert_allclose(c.asnumpy(), mx.np.concatenate(rows).asnumpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(alpha.sum(axis=2).asnumpy(), 1, rtol=1e-5)


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_attention_is_that_of_the_book(d2l, data, kind):
    random = np.random.RandomState(0)
    s, h = (
        mx.np.array(random.normal(size=size), dtype="float32") for size in [(2, 3, 6), (2, 5, 6)]
    )
    lengths = mx.np.array([5, 2], dtype="int32")
    if kind == "dot":
        ours, theirs = gs.ScaledDot(6), d2l.DotProductAttention(0)
    else:
        ours, theirs = gs.Additive(6, 6, 4), d2l.AdditiveAttention(4, 0)
        ours.initialize(init.Normal(0.5))
        theirs.initialize()
        theirs(s, h, h, lengths)
        for own, book in [(ours.w_s, theirs.W_q), (ours.w_h, theirs.W_k), (ours.v, theirs.w_v)]:
            book.weight.set_data(own.weight.data())
    gradients = []
    for call in lambda: ours(s, h, lengths)[0], lambda: theirs(s, h, h, lengths):
        h.attach_grad()
        with autograd.record():
            c = call()
            (c * c).sum().backward()
        gradients.append((c.asnumpy(), h.grad.asnumpy().copy()))
    for one, other in zip(*gradients):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    weights = theirs.attention_weights.asnumpy()
    np.testing.assert_allclose(ours(s, h, lengths)[1].asnumpy(), weights, rtol=1e-4, atol=1e-6)


def ours(d2l, data):
    class Ours(d2l.Seq2Seq):
        def __init__(self):
            V, W = len(data.src_vocab), len(data.tgt_vocab)
            super().__init__(
                gs.Encoder(V, 8, 8), gs.Decoder(W, 8, 8, 8), data.tgt_vocab["<pad>"], 0.02
            )
            self.bridge = gs.Bridge(8, 8, 1)
            self.extra = nn.Dense(W, flatten=False)  # one of MXNet's, among ours
            self.initialize(init.Xavier())
            self.board.display = False

        def forward(self, X, Y_prev, valid_length):
            h, _, c = self.encoder(X, valid_length)
            return self.extra(self.decoder(Y_prev, self.bridge(c), h, c, valid_length)[0])

    return Ours()


@pytest.mark.parametrize("hybrid", [False, True])
def test_its_trainer_trains_these_blocks(d2l, data, hybrid):
    gs.seed(0)
    net = ours(d2l, data)
    net.hybridize(hybrid)
    batch = next(iter(data.train_dataloader()))
    losses, before = (
        [float(net.loss(net(*batch[:-1]), batch[-1]))],
        net.encoder.embedding.weight.data().copy(),
    )
    d2l.Trainer(max_epochs=30, gradient_clip_val=1).fit(net, data)
    losses.append(float(net.loss(net(*batch[:-1]), batch[-1])))
    assert losses[1] < losses[0] / 2
    assert float(abs(net.encoder.embedding.weight.data() - before).max()) > 0.05
    assert npx.is_np_array()


class InOurLoop(nn.Block):
    """A model of the book's, as our step calls one."""

    def __init__(self, net, device):
        super().__init__()
        self.net, self.devices = net, [device]

    def forward(self, X, valid_length, Y_prev):
        with mx.util.np_shape(), mx.util.np_array():
            X, valid_length, Y_prev = (a.as_np_ndarray() for a in (X, valid_length, Y_prev))
            return self.net(X, Y_prev, valid_length).as_nd_ndarray(), None


class BookDecoder(nn.Block):
    """A decoder that starts from the encoder's last state."""

    def __init__(self, d2l, vocab_size):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(vocab_size, 8), d2l.GRU(8, 1)
        self.dense = nn.Dense(vocab_size, flatten=False)
        self.initialize(init.Xavier())

    def init_state(self, encoded, *_):
        return encoded[1]

    def forward(self, Y_prev, state):
        outputs, state = self.rnn(self.embedding(Y_prev.T), state)
        return self.dense(outputs).swapaxes(0, 1), state


def test_our_step_trains_its_model(d2l, data):
    """As MXNet's own Trainer does, of a loss written down in NumPy's way."""
    batch = X, Y_prev, valid_length, Y = next(iter(data.train_dataloader()))
    pad = data.tgt_vocab["<pad>"]
    mask = (pad != Y).astype("float32")

    def book():
        gs.seed(3)
        V, W = len(data.src_vocab), len(data.tgt_vocab)
        net = d2l.Seq2Seq(d2l.Seq2SeqEncoder(V, 8, 8, 1), BookDecoder(d2l, W), pad, 0.01)
        net(*batch[:-1])
        return net

    expected, found = book(), book()
    trainer = gluon.Trainer(expected.collect_params(), "adam", {"learning_rate": 0.01})
    step = Step(InOurLoop(found, d2l.try_gpu()), gs.TrainingSettings(clip=1e9))
    lengths = mask.sum(axis=1).astype("int32")
    source, y_prev, y = (a.astype("int32") for a in (X, Y_prev, Y))
    for _ in range(3):
        with autograd.record():
            log_p = npx.pick(npx.log_softmax(expected(*batch[:-1]), axis=2), Y, axis=2)
            loss = -(log_p * mask).sum()
        loss.backward()
        trainer.step(int(lengths.sum()))
        total, tokens = step(gs.Batch(source, valid_length, y_prev, y, lengths), 0.01)
        assert total == pytest.approx(float(loss), rel=1e-5) and tokens == int(lengths.sum())
    named = found._collect_params_with_prefix()
    for name, parameter in expected._collect_params_with_prefix().items():
        one, other = parameter.data().asnumpy(), named[name].data().asnumpy()
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)
    assert npx.is_np_array()


def test_its_pictures_take_what_these_blocks_give(d2l, data):
    from matplotlib import pyplot

    alpha = gs.Dot()(mx.np.ones((1, 3, 4)), mx.np.ones((1, 2, 4)), mx.np.array([2], dtype="int32"))[
        1
    ]
    d2l.show_heatmaps(alpha[None], "source", "target")
    (image,) = pyplot.gcf().axes[0].images
    np.testing.assert_array_equal(image.get_array(), alpha[0].asnumpy())
    pyplot.close("all")
    assert len(gs.attention_map(alpha, "a b", "x y z").axes) == 2
