"""What CONTRIBUTING says of adding things, done from outside the package with a toy of each."""

import csv
import io
import json

import numpy as np
import pytest
from mxnet import nd
from mxnet.gluon import HybridBlock, nn

import gluon_seq2seq as gs
from gluon_seq2seq import UsageError
from gluon_seq2seq.corpus import readers
from gluon_seq2seq.export import export
from gluon_seq2seq.model import attention, recurrent
from gluon_seq2seq.model.checks import check_loop

SIZES = {"embed_size": 16, "num_hiddens": 32, "device": "cpu"}


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
    history = gs.train(model, tiny, epochs=15, batch_size=8, quiet=True)
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


def test_a_reader(monkeypatch, tmp_path):
    def read_csv(path, content):
        for number, row in enumerate(csv.DictReader(io.StringIO(content.decode())), 2):
            yield f"{path}, line {number}", (row["english"], row["french"])

    monkeypatch.setitem(readers.READERS, ".csv", read_csv)
    rows = "".join(f'{i},"{i}, I see.","{i}, je vois."\n' for i in range(40))
    (tmp_path / "pairs.csv").write_text(f"id,english,french\n{rows}41,,nothing\n")
    corpus = gs.load_corpus(tmp_path / "pairs.csv")
    assert sum(map(len, (corpus.train, corpus.dev, corpus.test))) == 40
    assert "7, I see." in {e.source for e in [*corpus.train, *corpus.dev, *corpus.test]}
    assert "line 42" in str(corpus.report)


def test_an_export_target(tiny, small_model, monkeypatch, tmp_path):
    def write(path, symbol, parameters, inputs, outputs, int8):
        path.with_suffix(".json").write_text(
            json.dumps([sorted(parameters), list(inputs), outputs])
        )

    monkeypatch.setitem(export.FORMATS, "names", write)
    export.export(small_model(), tmp_path / "names", "names")
    names, inputs, outputs = json.loads((tmp_path / "names" / "step.json").read_text())
    assert names and inputs[:2] == ["y_prev", "state"] and outputs == ["log_p", "next_state"]
