"""Exported graphs translate as the model does, token for token, and without MXNet."""

import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from helpers import file_size_limit, run_process
from mxnet import nd
from mxnet.gluon import nn
from onnx.reference import ReferenceEvaluator

import gluon_seq2seq as gs
from gluon_seq2seq import ModelError, SystemProblem, Translator, UsageError
from gluon_seq2seq.export import onnx_graph
from gluon_seq2seq.export.export import export, graphs
from gluon_seq2seq.model.attention import SCORES
from gluon_seq2seq.model.decoder import OneStep
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.model.recurrent import RNNS

RNG = np.random.default_rng(0)
SENTENCES = ["They are watching.", "We are not tired, but she is!", "Zzz ~", "I dance."]
EVERY = [
    *({"name": name, "rnn": rnn} for name in MODELS for rnn in RNNS),
    *({"name": name, "num_layers": 2, "tied": True} for name in ("book", "cho2014")),
    {"name": "book", "q": "max", "bidirectional": True},
    {"name": "book", "q": "mean", "reverse": True, "drop_prob": 0.3, "num_layers": 2},
    *(
        {"name": "luong2015", "score": score, "input_feeding": feeding}
        for score in SCORES
        for feeding in (False, True)
    ),
]


@pytest.fixture(scope="module")
def make():
    corpora = {subwords: gs.load_corpus("tiny", subwords=subwords) for subwords in (None, 100)}

    def make(name, subwords=None, **settings):
        gs.seed(3)
        corpus, sizes = corpora[subwords], {"embed_size": 6, "num_hiddens": 8, "device": "cpu"}
        if settings.get("tied"):
            sizes["embed_size"] = 8
        return MODELS[name](corpus.src_vocab, corpus.tgt_vocab, **{**sizes, **settings})

    return make


def translate(folder, *arguments, stdin=""):
    """What the example of an export prints, run where MXNet cannot be imported."""
    return translations(folder, arguments, stdin=stdin)


def translations(folder, *runs, stdin=""):
    """What the example prints when it runs with one list of arguments after the other."""
    script = str(folder / "translate.py")
    code = f"import runpy, sys; sys.path.insert(0, {str(folder)!r})\n"
    if (folder / "source.onnx").exists():
        code += "sys.modules.update(dict.fromkeys(['mxnet', 'gluonnlp', 'gluon_seq2seq']))\n"
    code += f"for sys.argv in {[[script, *map(str, arguments)] for arguments in runs]!r}:\n"
    code += "    runpy.run_path(sys.argv[0], run_name='__main__')"
    environment = {**os.environ, "PYTHONPATH": ""}
    done = run_process(program=code, stdin=stdin, cwd=folder, env=environment)
    assert done.code == 0, done
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize("settings", EVERY, ids=lambda s: "-".join(map(str, s.values())))
def test_numbers_of_a_padded_batch(make, settings, tmp_path):
    model = make(**settings)
    export(model, tmp_path / "out")
    source, step = (
        onnxruntime.InferenceSession(str(tmp_path / "out" / f"{name}.onnx"))
        for name in ("source", "step")
    )
    X, lengths = np.array([[4, 5, 6, 2], [7, 2, 0, 0], [2, 0, 0, 0]], "int32"), [4, 2, 1]
    lengths = np.array(lengths, "int32")
    state, *read = source.run(None, {"X": X, "valid_length": lengths})
    one_step = OneStep(model.decoder, shows=True)
    one_step.hybridize()
    h, _, c = model.encoder(nd.array(X, dtype="int32"), nd.array(lengths, dtype="int32"))
    expected = [model.bridge(c), *one_step.source(nd, h, c, nd.array(lengths, dtype="int32"))]
    assert len(read) == len(expected) - 1
    for a, b in zip([state, *read], expected):
        np.testing.assert_allclose(a, b.asnumpy(), atol=2e-6)
    for y_prev in ([1, 1, 1], [5, 6, 7], [2, 8, 4]):
        inputs = {f"source_{i}": a for i, a in enumerate(read)}
        y_prev = np.array(y_prev, "int32")
        log_p, state, *attention = step.run(None, {"y_prev": y_prev, "state": state, **inputs})
        wanted, after, *alphas = one_step(nd.array(y_prev, dtype="int32"), *expected)
        expected[0] = after
        np.testing.assert_allclose(log_p, wanted.asnumpy(), atol=1e-5)
        np.testing.assert_allclose(state, after.asnumpy(), atol=1e-5)
        assert len(attention) == len(alphas) == model.attends
        for alpha, shown in zip(attention, alphas):  # zero over padding
            assert alpha.shape == X.shape and (alpha.sum(axis=1) > 1e-3).all()
            np.testing.assert_allclose(alpha, shown.asnumpy(), atol=1e-5)
            assert not alpha[np.arange(4) >= lengths[:, np.newaxis]].any()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["onnx", "symbol"])
@pytest.mark.parametrize(
    "settings",
    [
        {"name": "sutskever2014"},
        {"name": "bahdanau2015", "subwords": 100},
        {"name": "luong2015", "score": "local-p", "input_feeding": True},
    ],
    ids=lambda s: s["name"],
)
def test_the_example_translates_as_the_model_does(make, settings, form, tmp_path):
    model = make(**settings)
    export(model, tmp_path / "out", form)
    runs, expected = [], []
    for beam_size in 1, 4:
        runs.append(["--beam-size", beam_size, *SENTENCES])
        found = Translator(model, beam_size=beam_size, unknown="never").translate(SENTENCES)
        assert len(set(found)) > 1
        expected += found
    runs.append([])
    expected += Translator(model, unknown="never").translate([SENTENCES[0], "", "  "])
    stdin = f"{SENTENCES[0]}\n\n  \n"
    assert translations(tmp_path / "out", *runs, stdin=stdin) == expected


@pytest.mark.slow
def test_a_trained_model_from_the_command_line(run_cli, tmp_path):
    model = gs.load_model("mini-luong2015")
    sources = [example.source for example in gs.load_corpus("mini").test][:100]
    out = tmp_path / "not" / "there"
    done = run_cli("export", "--model", "mini-luong2015", "--out", out)
    assert done.code == 0 and "translate.py" in done.stdout
    runs = ["--beam-size", 1], ["--beam-size", 5, *sources], ["They are watching."]
    expected = [Translator(model, beam_size=size).translate(sources) for size in (1, 5)]
    found = translations(out, *runs, stdin="\n".join(sources))
    assert found == [*expected[0], *expected[1], "Ils regardent."]


@pytest.mark.parametrize("subwords", [None, 40], ids=["characters", "subwords"])
def test_the_example_knows_every_language(subwords, tmp_path):
    pairs = [
        (f"我们{what}了{n}本书。", f"Wir {what} {n} „Bücher“…")
        for n in range(9)
        for what in "看买卖"
    ]
    corpus = gs.load_corpus(pairs, source_lang="zh", target_lang="de", subwords=subwords)
    gs.seed(3)
    model = gs.book(corpus.src_vocab, corpus.tgt_vocab, 6, 8, device="cpu")
    export(model, tmp_path / "out")
    sentences = ["我们买了3本书。", "我用 Python 看“书”。", "Zzz ~"]
    found = translate(tmp_path / "out", stdin="\n".join(sentences))
    assert found == Translator(model).translate(sentences)


@pytest.mark.slow
def test_the_example_gives_a_line_for_a_line(tmp_path):
    """On a terminal that is set to ASCII, of lines that cannot be translated, without a reader."""
    out = tmp_path / "out"
    export(gs.load_model("mini-book"), out)
    lines = [b"They are watching.", b"caf\xe9", b"they " * 600, b"x" * 10_001, b"", b"They sing."]
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    def run(*words, stdin=b"", **settings):
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
        command = [sys.executable, out / "translate.py", *words]
        return subprocess.run(command, input=stdin, env=ascii_only, check=False, **settings)

    first, last = Translator(gs.load_model("mini-book")).translate(
        ["They are watching.", "They sing."]
    )
    assert not last.isascii()
    done = run(stdin=b"\n".join(lines))
    assert done.stdout.decode("utf-8").split("\n") == [first, "", "", "", "", last, ""]
    assert done.returncode == 3 and done.stderr.decode().splitlines() == [
        "line 2: not UTF-8; its line is left blank",
        "line 3: 601 tokens, at most 500 can be translated: cut it up; its line is left blank",
        "line 4: more than 10,000 characters are no sentence: cut it up; its line is left blank",
    ]
    done = run("They sing.", "-5 degrees outside.", "--", "-They sing.")
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 3)
    assert done.stdout.decode("utf-8").startswith(last)
    reader, writer = os.pipe()
    os.close(reader)
    done = run(stdin=b"\n".join(lines), stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run("--beam-size", "1001", "Hi.").returncode == 2
    done = run(stdin=b"caf\xe9\n", stderr=None, preexec_fn=lambda: os.close(2))
    assert (done.returncode, done.stdout) == (3, b"\n"), "no warning among the translations"


@pytest.mark.parametrize("beam_size", [1, 2])
def test_the_example_says_that_a_model_has_diverged(make, beam_size, tmp_path):
    model = make("book")
    weight = model.decoder.embedding.weight
    weight.set_data(np.nan * weight.data())
    export(model, tmp_path / "out")
    words = "They are watching.", "--beam-size", str(beam_size)
    command = [sys.executable, tmp_path / "out" / "translate.py", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "the model gives no probabilities, only NaN: train it again\n"


def test_int8(tmp_path):
    model, out = gs.load_model("mini-bahdanau2015"), tmp_path / "out"
    export(model, out)
    sizes = [(out / f"{name}.onnx").stat().st_size for name in ("source", "step")]
    export(model, out, int8=True, overwrite=True)
    less = [(out / f"{name}.onnx").stat().st_size for name in ("source", "step")]
    assert less[1] < 0.27 * sizes[1] and 0.5 < less[0] / sizes[0] < 0.75  # its GRUs as they were
    sources = [example.source for example in gs.load_corpus("mini").test][:40]
    pairs = zip(translate(out, stdin="\n".join(sources)), Translator(model).translate(sources))
    assert sum(found == wanted for found, wanted in pairs) >= 36
    with pytest.raises(UsageError, match="int8 is for ONNX"):
        export(model, out, "symbol", int8=True)


def test_int8_computes_what_onnx_says_on_every_processor(tmp_path):
    """The NumPy of onnx itself adds up whole numbers; signed weights overflow without VNNI."""
    export(gs.load_model("mini-luong2015"), tmp_path / "out", int8=True)
    source, step = (tmp_path / "out" / f"{name}.onnx" for name in ("source", "step"))
    X, lengths = RNG.integers(4, 60, (6, 12)), np.array([12, 3, 7, 9, 1, 12], "int32")
    inputs = {"X": X.astype("int32"), "valid_length": lengths}
    state, *read = onnxruntime.InferenceSession(str(source)).run(None, inputs)
    inputs = {f"source_{i}": array for i, array in enumerate(read)}
    inputs.update(state=state, y_prev=RNG.integers(4, 60, 6).astype("int32"))
    found = onnxruntime.InferenceSession(str(step)).run(None, inputs)
    for a, b in zip(found, ReferenceEvaluator(str(step)).run(None, inputs)):
        np.testing.assert_allclose(a, b, atol=1e-4)
    graph = onnx.load(str(step)).graph
    matrices = {n.input[1] for n in graph.node if n.op_type == "MatMulInteger"}
    types = {array.data_type for array in graph.initializer if array.name in matrices}
    assert types == {onnx.TensorProto.UINT8}


def test_opset_and_free_sizes(make, tmp_path):
    export(make("bahdanau2015"), tmp_path / "out")
    model = onnx.load(str(tmp_path / "out" / "source.onnx"))
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 13)]
    X, valid_length = model.graph.input
    assert [d.dim_param for d in X.type.tensor_type.shape.dim] == ["N", "T"]
    assert [d.dim_param for d in valid_length.type.tensor_type.shape.dim] == ["N"]


def test_the_graphs_read_only_what_they_need(make):
    for symbol, inputs, _ in graphs(make("luong2015")).values():
        assert set(inputs) <= set(symbol.list_inputs())


def test_an_earlier_export_is_replaced_and_nothing_else(make, run_cli, tmp_path):
    model, out = make("book"), tmp_path / "out"
    out.mkdir()
    export(model, out, "symbol")
    with pytest.raises(UsageError, match="overwrite=True"):
        export(model, out)
    assert (out / "step-symbol.json").exists()
    export(model, out, overwrite=True)
    assert (out / "step.onnx").exists() and not (out / "step-symbol.json").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    (out / "notes.txt").write_text("x")
    for place in tmp_path / "mine", tmp_path / "mine" / "thesis.tex", out:
        done = run_cli("export", "--model", "mini-book", "--out", place, "--overwrite")
        assert done.code == 2 and "something else" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "x"
    with pytest.raises(UsageError, match="unknown format"):
        export(model, tmp_path / "new", "tflite")


def test_a_failed_export_leaves_the_earlier_one(make, monkeypatch, tmp_path):
    model, out = make("book"), tmp_path / "out"
    export(model, out)
    before = {path.name: path.read_bytes() for path in out.glob("*.*")}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy", full)
    with pytest.raises(SystemProblem, match="No space left"):
        export(model, out, overwrite=True)
    assert {path.name: path.read_bytes() for path in out.glob("*.*")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with pytest.raises(SystemProblem, match="cannot write"):
        export(model, "/proc/no/such/place")


@pytest.mark.parametrize("form", ["symbol", "onnx"])
@pytest.mark.parametrize("missing", [1, 100, 4096])
def test_an_export_that_lacks_its_last_bytes_is_none(make, tmp_path, form, missing):
    model, out = make("book", num_hiddens=24), tmp_path / "out"
    export(model, out, form)
    before = {path.name: path.stat().st_size for path in out.iterdir()}
    most = max(before.values())
    with file_size_limit(most):
        export(model, out, form, overwrite=True)
    refused = pytest.raises(SystemProblem, match=r"cannot write .*File too large")
    with file_size_limit(most - missing), refused:
        export(model, out, form, overwrite=True)
    assert {path.name: path.stat().st_size for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_without_onnx(make, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "gluon_seq2seq.export.onnx_graph")
    with pytest.raises(SystemProblem, match="pip install"):
        export(make("book"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    export(make("book"), tmp_path / "out", "symbol")


class Own(gs.LastState):
    """A q of one's own, that ends with an operator of MXNet's."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def hybrid_forward(self, F, h, valid_length):
        return self.end(F, super().hybrid_forward(F, h, valid_length))


@pytest.mark.parametrize(
    "end",
    [
        lambda F, c: F.Activation(c, act_type="softsign"),
        lambda F, c: F.arcsinh(c),
        lambda F, c: F.softmax(c, temperature=2),
        lambda F, c: F.broadcast_mul(c, F.sum(c, axis=1, exclude=True, keepdims=True)),
        lambda F, c: F.SequenceLast(F.stack(c, c)),
        lambda F, c: F.cast(F.cast(c, "float64"), "float32"),
        lambda F, c: F.where(c > 0, c, c),
        lambda F, c: F.FullyConnected(c, F.dot(c, c, transpose_a=True), num_hidden=8, no_bias=True),
    ],
)
def test_an_operator_without_a_counterpart(make, end, tmp_path):
    model = make("book")
    model.encoder.q = Own(end)
    with pytest.raises(ModelError, match=r"no ONNX counterpart is known .*use format='symbol'"):
        export(model, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    export(model, tmp_path / "out", "symbol")


def test_the_message_names_what_is_unknown(make, tmp_path):
    model = make("book")
    model.encoder.q = Own(lambda F, c: F.softmax(c, temperature=2))
    with pytest.raises(ModelError, match=r"MXNet's softmax with .*'temperature': 2"):
        export(model, tmp_path / "out")


@pytest.mark.parametrize("bug", [AttributeError, KeyError, TypeError])
def test_a_bug_is_not_told_as_an_unknown_operator(make, bug, monkeypatch, tmp_path):
    def broken(self, node, inputs):
        raise bug("a bug")

    monkeypatch.setattr(onnx_graph._Part, "_square", broken)
    model = make("book")
    model.encoder.q = Own(lambda F, c: F.square(c))
    with pytest.raises(bug, match="a bug"):
        export(model, tmp_path / "out")


class Normed(gs.LastState):
    """A q with LayerNorm, which has outputs that cannot be seen."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.norm = nn.LayerNorm(in_channels=8)

    def hybrid_forward(self, F, h, valid_length):
        return self.norm(super().hybrid_forward(F, h, valid_length))


def test_hidden_outputs(make, tmp_path):
    model = make("book")
    model.encoder.q = Normed()
    model.encoder.q.initialize()
    with pytest.raises(ModelError, match="hidden outputs"):
        export(model, tmp_path / "out")


@pytest.mark.parametrize(
    "end",
    [
        lambda F, c: F.sqrt(F.square(c)) + 0.5,
        lambda F, c: F.broadcast_sub(c, F.max(c, axis=(1,), keepdims=True)),
        lambda F, c: F.broadcast_mul(c, F.sum(F.stack(c, c), axis=(0, 2)).expand_dims(1)),
    ],
)
def test_a_q_of_ones_own(make, end, tmp_path):
    model = make("book")
    model.encoder.q = Own(end)
    export(model, tmp_path / "out")
    assert translate(tmp_path / "out", *SENTENCES) == Translator(model).translate(SENTENCES)
