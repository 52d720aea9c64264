"""What CONTRIBUTING says of adding things, done from outside the package with a toy of each."""

import gzip
import io
import json
from dataclasses import dataclass

import numpy as np
import pytest
from helpers import complaint, newest, weights
from mxnet import nd
from mxnet.gluon import HybridBlock, nn

import gluon_seq2seq as gs
from gluon_seq2seq import UsageError
from gluon_seq2seq.corpus import readers
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.export import export
from gluon_seq2seq.model import attention, recurrent
from gluon_seq2seq.model.checks import check_loop
from gluon_seq2seq.settings import SETTINGS
from gluon_seq2seq.settings.fields import setting
from gluon_seq2seq.training.signals import Interrupted
from gluon_seq2seq.training.train_step import GRADIENTS, Step, backward

SIZES = {"embed_size": 16, "num_hiddens": 32, "drop_prob": 0, "device": "cpu"}


class Cosine(gs.Attention):
    """a(s, h) = s . h / (|s| |h|)."""

    same_size = True

    @classmethod
    def between(cls, query_size, size, window):
        return cls()

    def keys(self, F, h):
        return F.L2Normalization(h.reshape((-3, 0)), mode="instance").reshape_like(h)

    def a(self, F, s, keys):
        s = F.broadcast_div(s, F.norm(s, axis=2, keepdims=True))
        return F.batch_dot(s, keys, transpose_b=True)


class LeakyCell(HybridBlock):
    """h_t = h_{t-1} / 2 + tanh(W x_t) / 2."""

    def __init__(self, num_hiddens, input_size, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.w = nn.Dense(num_hiddens, in_units=input_size, flatten=False)

    def hybrid_forward(self, F, x, states):
        h = 0.5 * states[0] + 0.5 * F.tanh(self.w(x))
        return h, [h]


class Leaky(HybridBlock):
    """A layer of it over x (T, N, I)."""

    def __init__(self, num_hiddens, input_size, **kwargs):
        super().__init__(**kwargs)
        self.num_hiddens = num_hiddens
        with self.name_scope():
            self.cell = LeakyCell(num_hiddens, input_size)

    def state_info(self, batch_size=0):
        return [{"shape": (batch_size, self.num_hiddens)}]

    def hybrid_forward(self, F, x, states=None):
        check_loop(self)
        start = F.zeros_like(F.slice_axis(self.cell.w(x), axis=0, begin=0, end=1))
        first = (start if states is None else states[0]).reshape((-3, 0))
        h, (end,) = F.contrib.foreach(self.cell, x, [first])
        return h if states is None else (h, [end.expand_dims(0)])


def learns(model, tiny):
    history = gs.train(model, tiny, epochs=4, batch_size=8, learning_rate=0.05, quiet=True)
    return history[-1]["train_loss"] < 0.95 * history[0]["train_loss"]


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_score(bidirectional, tiny, monkeypatch, tmp_path):
    monkeypatch.setitem(attention.SCORES, "cosine", Cosine)
    settings = {"score": "cosine", "bidirectional": bidirectional, **SIZES}
    model = gs.luong2015(tiny.src_vocab, tiny.tgt_vocab, **settings)
    assert learns(model, tiny)
    gs.save_model(model, tmp_path)
    translators = [gs.Translator(m, beam_size=2) for m in (model, gs.load_model(tmp_path, "cpu"))]
    one, other = (translator.translate("They are watching.") for translator in translators)
    assert one == other
    s, h = (np.random.RandomState(i).randn(2, 3, 4).astype("float32") for i in range(2))
    _, alpha = Cosine()(nd.array(s), nd.array(h), nd.array([3, 3], dtype="int32"))
    e = np.einsum("nsd,ntd->nst", s, h)
    e /= np.linalg.norm(s, axis=2)[:, :, None] * np.linalg.norm(h, axis=2)[:, None]
    expected = np.exp(e) / np.exp(e).sum(2, keepdims=True)
    np.testing.assert_allclose(alpha.asnumpy(), expected, rtol=1e-5)


@pytest.mark.parametrize(
    "score", [gs.Dot(), gs.ScaledDot(4), Cosine(), gs.LocalMonotonic(Cosine())]
)
def test_a_score_says_itself_that_sizes_differ(score):
    with pytest.raises(UsageError, match="s of size 4 with h of size 6"):
        score(nd.ones((2, 1, 4)), nd.ones((2, 3, 6)), nd.array([3, 2], dtype="int32"))
    with pytest.raises(UsageError, match="s of size 8 with h of size 6"):
        gs.Decoder(10, 5, num_hiddens=8, context_size=6, attention=score)


@pytest.mark.parametrize("name", ["book", "bahdanau2015"])
def test_a_recurrent_unit(name, tiny, monkeypatch):
    monkeypatch.setitem(recurrent.RNNS, "leaky", Leaky)
    model = getattr(gs, name)(tiny.src_vocab, tiny.tgt_vocab, rnn="leaky", num_layers=2, **SIZES)
    assert learns(model, tiny)
    (forced,) = gs.Translator(model).force(["They are watching."], ["Ils regardent."])
    found = gs.Translator(model, beam_size=3).translate("They are watching.")
    assert np.isfinite(forced.log_p) and isinstance(found, str)


class Bitext:
    """A line of each language in turn, after a first one that says which: ``%bitext en fr``."""

    NAME, ENDINGS = "bitext", (".bt",)

    @staticmethod
    def recognises(name, head):
        return head.startswith(b"%bitext ")

    @staticmethod
    def read(path, content, wanted):
        first, *lines = (line for _, line in readers.text_lines(path, io.BytesIO(content)))
        source, target = wanted.pick(path, first.split()[1:])
        for number in range(0, len(lines), 2):
            place = f"{path}, line {number + 2}"
            if number + 1 == len(lines):
                wanted.skipped("a line without a translation", place)
            else:
                yield place, (lines[number + source], lines[number + target])


@pytest.mark.parametrize("name", ["pairs.bt", "pairs.csv", "pairs.bt.gz", "pairs"])
def test_a_reader(name, monkeypatch, tmp_path):
    """It comes before those of the package, whatever the file is called or packed in."""
    monkeypatch.setitem(readers.READERS, "bitext", Bitext)
    text = "".join(f"{i}, je vois.\n{i}, I see.\n" for i in range(40))
    content = f"%bitext fr en\n{text}rien\n".encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    corpus = gs.load_corpus(tmp_path / name)
    assert sum(map(len, (corpus.train, corpus.dev, corpus.test))) == 40
    assert "7, I see." in {e.source for e in [*corpus.train, *corpus.dev, *corpus.test]}
    assert "1 dropped: a line without a translation" in str(corpus.report)
    assert "line 82" in str(corpus.report)


def test_an_export_target(tiny, small_model, monkeypatch, tmp_path):
    def write(path, symbol, parameters, inputs, outputs, int8):
        path.with_suffix(".json").write_text(
            json.dumps([sorted(parameters), list(inputs), outputs])
        )

    monkeypatch.setitem(export.FORMATS, "names", write)
    export.export(small_model(), tmp_path / "names", "names")
    names, inputs, outputs = json.loads((tmp_path / "names" / "step.json").read_text())
    assert names and inputs[:2] == ["y_prev", "state"] and outputs == ["log_p", "next_state"]


@dataclass(frozen=True)
class Decaying(gs.TrainingSettings):
    weight_decay: float = setting(0.0, "Add this share of the weights to the gradient.", min=0)


def decayed(weight_decay, parameters, norm, divisor):
    """g / n + weight_decay w."""
    for parameter in parameters:
        for gradient, weight in zip(parameter.list_grad(), parameter.list_data()):
            gradient += weight_decay * divisor * weight
    return divisor


@pytest.fixture
def decaying(monkeypatch):
    monkeypatch.setitem(SETTINGS, "training", Decaying)
    monkeypatch.setitem(GRADIENTS, "weight_decay", decayed)


@pytest.mark.parametrize("clip", [0.01, 1e3])
def test_a_setting_of_training(clip, tiny, small_model, decaying):
    """A step of Adam (Kingma and Ba 2015, end of section 2), in NumPy."""
    model, by_hand, rate, decay = small_model(), small_model(), 0.01, 0.5
    batch = next(iter(Minibatches(pairs_of(tiny.train)[:7], tiny.src_vocab, tiny.tgt_vocab, 7)))
    _, n = Step(model, Decaying(clip=clip, weight_decay=decay))(batch, rate)
    backward(by_hand, batch)
    gradients = {
        name: p.grad().asnumpy() for name, p in by_hand._collect_params_with_prefix().items()
    }
    norm = np.sqrt(sum((g**2).sum() for g in gradients.values()))
    assert (norm / n > clip) == (clip == 0.01)
    found = weights(model)
    for name, w in weights(by_hand).items():
        g = gradients[name] / n * min(1, clip * n / norm) + decay * w
        m, v, share = (1 - 0.9) * g, (1 - 0.999) * g**2, np.sqrt(1 - 0.999) / (1 - 0.9)
        sure = np.abs(g) > 1e-5  # below, rounding decides
        expected = w - rate * share * m / (np.sqrt(v) + 1e-8)
        np.testing.assert_allclose(found[name][sure], expected[sure], atol=2e-5)


def test_a_setting_of_training_from_both_sides(tiny, decaying, run_cli, tmp_path):
    def by_python(**more):
        gs.seed(0)
        model = gs.book(tiny.src_vocab, tiny.tgt_vocab, 8, 8, device="cpu")
        gs.train(model, tiny, epochs=1, batch_size=8, quiet=True, **more)
        return weights(model)

    words = "train", "--data", "tiny", "--embed-size", 8, "--num-hiddens", 8, "--epochs", 1
    words = (*words, "--batch-size", 8, "--device", "cpu", "--out")
    assert run_cli(*words, tmp_path / "out", "--weight-decay", 0.5).code == 0
    on_disk, in_python = (
        weights(gs.load_model(tmp_path / "out", "cpu")),
        by_python(weight_decay=0.5),
    )
    without, zero = by_python(), by_python(weight_decay=0)
    for name, weight in in_python.items():
        np.testing.assert_array_equal(weight, on_disk[name])
        np.testing.assert_array_equal(without[name], zero[name])
    assert sum(np.abs(w).sum() for w in in_python.values()) < sum(
        np.abs(w).sum() for w in without.values()
    )
    help = " ".join(run_cli("train", "--help").stdout.split())
    assert "Add this share of the weights to the gradient. [default: 0.0; x>=0]" in help
    assert "--weight-decay" in complaint(run_cli(*words, tmp_path / "x", "--weight-decay", -1), 2)
    with pytest.raises(UsageError, match="weight_decay is -1: use 0 or more"):
        by_python(weight_decay=-1)
    with pytest.raises(TypeError, match="'weight_deca': did you mean 'weight_decay'"):
        by_python(weight_deca=1)


def test_a_setting_of_training_is_resumed(
    tiny, small_model, decaying, run_cli, tmp_path, monkeypatch, signal_at
):
    run = {"epochs": 2, "batch_size": 8, "weight_decay": 0.5, "quiet": True}
    whole = small_model()
    gs.train(whole, tiny, **run)
    with monkeypatch.context():
        signal_at(10)
        with pytest.raises(Interrupted):
            gs.train(small_model(), tiny, **run, out=tmp_path)
    state = json.loads((newest(tmp_path, "checkpoint") / "state.json").read_text("utf-8"))
    assert state["settings"]["weight_decay"] == 0.5
    done = run_cli("train", "--resume", "--out", tmp_path, "--weight-decay", 0.1)
    assert "--weight-decay is 0.1, was 0.5" in complaint(done, 2)
    assert run_cli("train", "--resume", "--out", tmp_path, "--device", "cpu").code == 0
    for name, weight in weights(gs.load_model(tmp_path, "cpu")).items():
        np.testing.assert_array_equal(weight, weights(whole)[name])
