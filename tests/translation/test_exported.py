"""An exported folder as a model, which answers as the live one does; and folders that are none."""

import copy
import hashlib
import json
import pickle
import shutil
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
from helpers import complaint, run_process
from serving.inprocess import serving

import gluon_seq2seq as gs
from gluon_seq2seq import ModelError, Translator, UsageError
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.export.export import export
from gluon_seq2seq.serving.asked import Limits
from gluon_seq2seq.serving.batching import Worker
from gluon_seq2seq.training.checkpoint import SHIPPED
from gluon_seq2seq.translation import metrics
from gluon_seq2seq.translation.exported import NO_ALPHA, ExportedModel, Graph
from gluon_seq2seq.translation.scoring import forced

UNKNOWN = ["Zorro is watching 12 Ponies.", "", "CATS sleep, see www.x.example!"]
ATTENTIVE = "mini-luong2015"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """``{name: exported folder}`` of the models that come along."""
    out = tmp_path_factory.mktemp("exported")
    for name in SHIPPED:
        export(gs.load_model(name, "cpu"), out / name)
    return {name: out / name for name in SHIPPED}


@pytest.fixture
def folder(folders, tmp_path):
    """A copy of one of them, to be spoilt."""
    return shutil.copytree(folders[ATTENTIVE], tmp_path / "exported")


@pytest.fixture
def older(folder):
    """The same as it was before exports told what they are, and gave attention."""
    (folder / "model.json").unlink()
    graph = onnx.load(str(folder / "step.onnx"))
    del graph.graph.output[2]
    onnx.save(graph, str(folder / "step.onnx"))
    return folder


def same(found, wanted):
    """Lists of lists of Translations that say the same, and are as probable."""
    assert [len(several) for several in found] == [len(several) for several in wanted]
    for several, others in zip(found, wanted):
        for one, other in zip(several, others):
            assert one[:2] == other[:2] and one.copied == other.copied
            assert one.log_p == pytest.approx(other.log_p, abs=1e-4)
            assert one.score == pytest.approx(other.score, abs=1e-4)
            assert (one.attention is None) == (other.attention is None)
            if one.attention is not None:
                np.testing.assert_allclose(one.attention, other.attention, atol=1e-4)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("beam_size", [1, 5])
def test_translations_are_the_live_ones(folders, mini, name, beam_size):
    sentences = [example.source for example in mini.test[:67]] + UNKNOWN
    live, exported = gs.load_model(name, "cpu"), gs.load_model(folders[name])
    wanted = Translator(live, beam_size=beam_size).n_best(sentences, min(3, beam_size))
    for batch_size in 1, 7, 64:
        own = Translator(exported, beam_size=beam_size, batch_size=batch_size)
        same(own.n_best(sentences, min(3, beam_size)), wanted)


@pytest.mark.parametrize("name", SHIPPED)
def test_scores_and_attention_are_the_live_ones(folders, mini, name):
    live, exported = (Translator(gs.load_model(one, "cpu")) for one in (name, folders[name]))
    pairs = [*pairs_of(mini.dev)[:40], ("Zorro sings.", "Zorro chante un peu."), ("Hi.", "")]
    found, wanted = (one.force(*map(list, zip(*pairs))) for one in (exported, live))
    same([[one] for one in found], [[one] for one in wanted])
    for one, other in zip(found, wanted):
        np.testing.assert_allclose(one.token_log_p, other.token_log_p, atol=1e-4)
    for one, other in zip(forced(exported.model, pairs[:9], 4), forced(live.model, pairs[:9], 4)):
        assert one[0] == other[0]
        for alpha, beta in zip(one[2], other[2]):
            np.testing.assert_allclose(alpha, beta, atol=1e-4)
    drawn = [one.sample(UNKNOWN, 0.8, 3) for one in (exported, live)]
    same(*([[one] for one in several] for several in drawn))
    if live.model.attends:
        searched = [one.n_best(UNKNOWN, attention=True) for one in (exported, live)]
        same(*searched)


def test_an_ensemble_of_live_and_exported_models(folders, mini):
    sentences = [example.source for example in mini.test[:20]] + UNKNOWN
    live, mixed = (
        Translator([gs.load_model(one, "cpu") for one in (*SHIPPED[:2], third)], beam_size=3)
        for third in (SHIPPED[2], folders[SHIPPED[2]])
    )
    same(mixed.n_best(sentences, 2, True), live.n_best(sentences, 2, True))


@pytest.mark.parametrize("name", SHIPPED)
def test_figures_are_the_live_ones(folders, mini, name):
    live, exported = gs.load_model(name, "cpu"), gs.load_model(folders[name])
    found, wanted = (
        {**metrics.cross_entropy(model, mini.test[:60]), **metrics.alignment(model, mini.test[:60])}
        for model in (exported, live)
    )
    assert found == {
        name: value if value is None else pytest.approx(value, abs=1e-4)
        for name, value in wanted.items()
    }
    assert exported.origin == live.origin
    assert exported.corpus_settings() == live.corpus_settings()


def test_the_beam_of_a_sentence(folders):
    records = [
        Translator(gs.load_model(one, "cpu"), beam_size=3).beam_record("They are watching.")
        for one in (ATTENTIVE, folders[ATTENTIVE])
    ]
    steps = [
        [[(one.parent, one.token, one.fate) for one in step] for step in record]
        for record in records
    ]
    assert steps[0] == steps[1] and len(steps[0]) > 2


def test_copies(folders):
    model = gs.load_model(folders["mini-book"])
    for again in copy.deepcopy(model), pickle.loads(pickle.dumps(model)):
        assert Translator(again).translate("They are watching.") == "Ils regardent."


WITHOUT_MXNET = """
import io, json, sys
from gluon_seq2seq.cli import main

folder, pairs = sys.argv[1:]
model = "--model", folder
for words in (
    ["translate", *model, "Zorro is watching.", "--beam-size", "3", "--alignment", "soft"],
    ["translate", *model, "They are watching.", "--format", "jsonl"],
    ["score", *model, "--input", pairs, "--alignment", "pharaoh"],
    ["evaluate", *model, "--data", "tiny", "--show", "0"],
):
    sys.argv = ["gluon-seq2seq", *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
    if words[0] == "translate":
        assert "gluon_seq2seq.corpus.readers" not in sys.modules
        assert "sacrebleu" not in sys.modules
from gluon_seq2seq.serving.batching import Task, Worker

worker = Worker([folder], 10)
worker.start()
(future,) = worker.submit(Task("exported", 2, 0.75, True), ["They are watching."], [10], 1)
print(future.result()[0].text)
worker.close()
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & {"mxnet", "gluonnlp", "d2l", "matplotlib", "onnx", "scipy", "sentencepiece"}))
"""


@pytest.mark.slow
def test_nothing_of_mxnet_is_loaded(folder, tmp_path):
    (tmp_path / "pairs.tsv").write_text("They are watching.\tIls regardent.\n", "utf-8")
    done = run_process(folder, tmp_path / "pairs.tsv", program=WITHOUT_MXNET)
    assert done.code == 0, done
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Zorro ") and " ||| " in lines[0]
    assert "Ils regardent." in lines[1]
    assert lines[2].endswith("0-0 2-1")
    assert any(line.startswith("sacreBLEU") for line in lines)
    assert lines[-2:] == ["Ils regardent.", "[]"]


def test_evaluate_says_what_it_says_of_the_live_model(run_cli, folders, tmp_path):
    told = []
    for model in ATTENTIVE, folders[ATTENTIVE]:
        out = tmp_path / "figures.json"
        done = run_cli("evaluate", "--model", model, "--json", out, "--beam-size", 2)
        assert done.code == 0, done
        told.append({**json.loads(out.read_text("utf-8")), "seconds": None})
    live, exported = told
    for name in "loss", "perplexity", "mass", "aer":
        assert exported.pop(name) == pytest.approx(live.pop(name), abs=1e-4)
    assert exported == live and live["copied_words"] == 0 and live["bleu"] > 90


def test_served_with_attention(folder):
    worker = Worker([str(folder), ATTENTIVE], Limits().waiting)
    worker.start()
    with serving(worker) as served:
        status, listed = served.ask("/api/models")
        assert status == 200 and [one["attention"] for one in listed["models"]] == [True, True]
        fields = {"n_best": 2, "beam_size": 4, "attention": True}
        own, live = (
            served.translate("They are watching.", "Zorro sings.", model=name, **fields)
            for name in ("exported", ATTENTIVE)
        )
        for one, other in zip(own, live):
            texts = [[row["text"] for row in result["n_best"]] for result in (one, other)]
            assert texts[0] == texts[1]
            for row, wanted in zip(one["n_best"], other["n_best"]):
                np.testing.assert_allclose(row["attention"], wanted["attention"], atol=2e-4)
        asked = {"model": "exported", "sentence": "They are watching.", "beam_size": 2}
        assert served.ask("/api/beam", asked)[0] == 200
    worker.close()


def test_rows_of_one_sentence_share_what_is_read_of_it(folders):
    """Beams that change places do not copy the source; sentences that end leave it."""
    step = gs.load_model(folders[ATTENTIVE]).step()
    sources = [step.model.src_vocab.encode(text) for text in ("They are watching.", "We sing.")]
    state = step.first(sources).take(np.array([0, 0, 1]))
    swapped = state.take(np.array([1, 0, 2]))
    assert swapped.source is state.source
    left = swapped.take(np.array([2]))
    assert [len(array) for array in left.source] == [1] * 3 and left.of.tolist() == [1]
    np.testing.assert_array_equal(left.source[1][0], state.source[1][2])


# --- folders that are no model ------------------------------------------------------------------


def test_older_exports_translate_and_say_that_they_show_nothing(older, run_cli):
    sentences = ["They are watching.", "Zorro sings."]
    translator = Translator(gs.load_model(older))
    live = Translator(gs.load_model(ATTENTIVE, "cpu"), unknown="never")
    same(translator.n_best(sentences), live.n_best(sentences))
    assert translator.unknown.blind == NO_ALPHA and translator.model.origin is None
    with pytest.raises(UsageError, match=r"gives no attention.*export the model anew"):
        translator.search(sentences, attention=True)
    done = run_cli("translate", "--model", older, "Hi.", "--alignment", "soft")
    assert "export the model anew" in complaint(done, 2)
    done = run_cli("translate", "--model", older, "Zorro sings.")
    assert done.code == 0 and "this export gives no attention" in done.stderr
    done = run_cli("evaluate", "--model", older, "--data", "tiny", "--show", 0)
    assert done.code == 0 and "never: this export gives no attention" in done.stdout
    done = run_cli("evaluate", "--model", older)
    assert "what it was trained on: give --data" in complaint(done, 2)


def test_a_book_model_has_no_attention_to_show(folders):
    with pytest.raises(UsageError, match="has no attention to show: train"):
        Translator(gs.load_model(folders["mini-book"])).search(["Hi."], attention=True)


def test_eight_bits(tmp_path):
    out = tmp_path / "exported"
    export(gs.load_model(ATTENTIVE, "cpu"), out, int8=True)
    sources = [example.source for example in gs.load_corpus("mini").test[:40]]
    found = Translator(gs.load_model(out)).search(sources, attention=True)
    wanted = Translator(gs.load_model(ATTENTIVE, "cpu")).translate(sources)
    assert sum(one.text == text for one, text in zip(found, wanted)) >= 36
    assert all(np.abs(one.attention.sum(axis=1) - 1).max() < 1e-3 for one in found)


@pytest.mark.parametrize("name", ["source.onnx", "step.onnx", "src_vocab.json", "tgt_vocab.json"])
def test_a_file_that_is_missing_or_another(folder, run_cli, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    done = run_cli("translate", "--model", folder, "Hi.")
    assert f"{folder / name}: is not the file that was exported" in complaint(done, 4)
    (folder / name).unlink()
    done = run_cli("translate", "--model", folder, "Hi.")
    assert f"{folder / name}: No such file" in complaint(done, 4)
    (folder / name).symlink_to("/etc/hostname")
    with pytest.raises(ModelError, match="symbolic link"):
        gs.load_model(folder)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda content: content[: len(content) // 2], "step.onnx: no graph for onnxruntime"),
        (lambda _: b"", "step.onnx: no graph for onnxruntime"),
        (lambda _: b"PK\x03\x04 not ONNX", "step.onnx: no graph for onnxruntime"),
    ],
    ids=["cut", "empty", "another"],
)
def test_a_damaged_graph_of_an_older_export(older, run_cli, spoil, told):
    path = older / "step.onnx"
    path.write_bytes(spoil(path.read_bytes()))
    line = complaint(run_cli("translate", "--model", older, "Hi."), 4)
    assert told in line and line.endswith("export the model anew\n")


@pytest.mark.parametrize("length", [b"\x08", b"\x88\x80\x00"], ids=["plain", "in more bytes"])
def test_a_graph_that_would_read_another_file(folder, run_cli, length):
    """Its hash is right, as it is where a stranger has written the whole folder."""
    path, key = folder / "step.onnx", b"location"
    graph = onnx.load(str(path))
    elsewhere = {"save_as_external_data": True, "location": "elsewhere.bin", "size_threshold": 0}
    onnx.save_model(graph, str(path), **elsewhere)
    assert (folder / "elsewhere.bin").stat().st_size > 1000
    assert onnx.StringStringEntryProto.FromString(b"\n" + length + key).key == "location"
    content = path.read_bytes().replace(b"\x08" + key, length + key)
    path.write_bytes(content)
    fields = json.loads((folder / "model.json").read_text("utf-8"))
    fields["sha256"]["step.onnx"] = hashlib.sha256(content).hexdigest()
    (folder / "model.json").write_text(json.dumps(fields), "utf-8")
    line = complaint(run_cli("translate", "--model", folder, "Hi."), 4)
    assert f"{path}: would read another file" in line and "export the model anew" in line


def test_names_in_a_graph_may_be_any(older):
    """Such as those of Luong's attention by location."""
    graph = onnx.load(str(older / "step.onnx"))
    one = graph.graph.initializer[0]
    for node in graph.graph.node:
        for i, name in enumerate(node.input):
            if name == one.name:
                node.input[i] = "location_weight"
    one.name = "location_weight"
    onnx.save(graph, str(older / "step.onnx"))
    assert Translator(gs.load_model(older)).translate("They are watching.") == "Ils regardent."


def test_onnxruntimes_own_format_is_no_export(older):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(older / "own")
    options.add_session_config_entry("session.save_model_format", "ORT")
    path = older / "step.onnx"
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    shutil.move(older / "own", path)
    with pytest.raises(ModelError, match=r"step.onnx: no graph for onnxruntime: .*anew"):
        gs.load_model(older)


def test_graphs_that_do_not_belong_together(older, folders, tiny):
    shutil.copy(folders["mini-book"] / "source.onnx", older)
    with pytest.raises(ModelError, match=r"source.onnx: is no graph of an export"):
        gs.load_model(older)
    shutil.copy(folders[ATTENTIVE] / "source.onnx", older)
    (older / "tgt_vocab.json").write_text(tiny.tgt_vocab.to_json(), "utf-8")
    with pytest.raises(ModelError, match=r"step.onnx: chooses among .* words, the vocabulary"):
        gs.load_model(older)
    (older / "tgt_vocab.json").write_text("[]", "utf-8")
    with pytest.raises(ModelError, match=r"tgt_vocab.json: not a vocabulary"):
        gs.load_model(older)


def slimmer(graph, name, axis):
    """Of the output ``name`` only the first along ``axis``."""
    bounds = {"begin": 0, "end": 1, "axis": axis}
    for key, value in bounds.items():
        graph.initializer.append(onnx.numpy_helper.from_array(np.array([value]), key))
    graph.node.append(onnx.helper.make_node("Slice", ["found", *bounds], [name]))


def flat(graph, name):
    graph.initializer.append(onnx.numpy_helper.from_array(np.array([-1]), "all"))
    graph.node.append(onnx.helper.make_node("Reshape", ["found", "all"], [name]))


def whole(graph, name):
    graph.node.append(onnx.helper.make_node("Cast", ["found"], [name], to=onnx.TensorProto.INT64))


@pytest.mark.parametrize(
    ("graph", "output", "spoil"),
    [
        ("step", "log_p", flat),
        ("step", "log_p", whole),
        ("step", "next_state", partial(slimmer, axis=2)),
        ("step", "alpha", partial(slimmer, axis=1)),
        ("source", "state", flat),
        ("source", "source_0", flat),
    ],
)
def test_arrays_that_no_export_gives(folder, graph, output, spoil):
    """Of a stranger, who tells no hashes."""
    (folder / "model.json").unlink()
    path = folder / f"{graph}.onnx"
    spoilt = onnx.load(str(path))
    for node in spoilt.graph.node:
        for names in node.input, node.output:
            names[:] = ["found" if name == output else name for name in names]
    spoil(spoilt.graph, output)
    for value in spoilt.graph.output:
        if value.name == output:
            kind = onnx.TensorProto.INT64 if spoil is whole else onnx.TensorProto.FLOAT
            value.CopyFrom(onnx.helper.make_tensor_value_info(output, kind, None))
    onnx.save(spoilt, str(path))
    translator = Translator(gs.load_model(folder), beam_size=2)
    with pytest.raises(ModelError, match=rf"{graph}.onnx: gives arrays that no export gives"):
        translator.search(["They are watching."], attention=True)


def test_a_source_that_the_graph_cannot_read(older):
    """More source words than the graph has vectors for, which is seen when it is computed."""
    fields = json.loads((older / "src_vocab.json").read_text("utf-8"))
    fields["tokens"] += [f"zz{i}" for i in range(50)]
    (older / "src_vocab.json").write_text(json.dumps(fields), "utf-8")
    with pytest.raises(ModelError, match=r"source.onnx: cannot be computed: .*export the model"):
        Translator(gs.load_model(older)).translate("zz49 zz48.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "model.json: "),
        ("[]", "model.json: lists no files"),
        ('{"format": 1}', "model.json: lists no files"),
        ('{"format": 99, "sha256": {}}', "format 99, this version reads 1: update"),
    ],
)
def test_what_an_export_tells_may_be_wrong(folder, run_cli, text, told):
    (folder / "model.json").write_text(text, "utf-8")
    assert told in complaint(run_cli("translate", "--model", folder, "Hi."), 4)


def test_a_wrong_origin_hinders_only_who_asks_for_it(folder):
    fields = json.loads((folder / "model.json").read_text("utf-8"))
    (folder / "model.json").write_text(json.dumps({**fields, "origin": {"data": 3}}), "utf-8")
    model = gs.load_model(folder)
    assert Translator(model).translate("They are watching.") == "Ils regardent."
    with pytest.raises(ModelError, match=r"model.json: its origin has 'data'"):
        model.corpus_settings("tiny")


def test_out_of_memory(folder, run_cli, monkeypatch):
    def run(*_):
        raise RuntimeError(
            "[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer"
        )

    real = Graph.__init__

    def small(self, *arguments):
        real(self, *arguments)
        self.session = SimpleNamespace(run=run)

    monkeypatch.setattr(Graph, "__init__", small)
    line = complaint(run_cli("translate", "--model", folder, "Hi."), 5)
    assert "onnxruntime is out of memory: use a smaller --batch-size or --beam-size" in line


def test_out_of_memory_while_it_is_loaded(folder, run_cli, monkeypatch):
    def load(*_, **__):
        raise RuntimeError("[ONNXRuntimeError] : 1 : Exception during loading: std::bad_alloc")

    monkeypatch.setattr(onnxruntime, "InferenceSession", load)
    line = complaint(run_cli("translate", "--model", folder, "Hi."), 5)
    assert "onnxruntime is out of memory: end other programs" in line


def test_an_onnxruntime_that_cannot_be_loaded(folder, run_cli, monkeypatch):
    """Its reason is told, not that it is missing."""

    class Broken:
        def find_spec(self, name, *_):
            if name == "onnxruntime":
                raise ImportError("failed to map segment from shared object", name=name)

    monkeypatch.delitem(sys.modules, "onnxruntime")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    line = complaint(run_cli("translate", "--model", folder, "Hi."), 5)
    assert "failed to map segment" in line and "not installed" not in line


def test_without_onnxruntime(folder, run_cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    line = complaint(run_cli("translate", "--model", folder, "Hi."), 5)
    assert "onnxruntime is not installed" in line and "pip install 'gluon-seq2seq[onnx]'" in line


def test_symbols_and_foreign_folders(tmp_path, run_cli):
    export(gs.load_model("mini-book", "cpu"), tmp_path / "symbols", "symbol")
    done = run_cli("translate", "--model", tmp_path / "symbols", "Hi.")
    assert "holds symbols, which need MXNet" in complaint(done, 4)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    done = run_cli("translate", "--model", tmp_path / "mine", "Hi.")
    assert "holds no model" in complaint(done, 4)


def test_what_needs_a_live_model(folder, run_cli, tmp_path, tiny):
    model = gs.load_model(folder)
    assert isinstance(model, ExportedModel)
    for refused in (
        lambda: gs.train(model, tiny, epochs=1),
        lambda: gs.save_model(model, tmp_path / "saved"),
        lambda: export(model, tmp_path / "again"),
        lambda: Translator(model).hidden_states("Hi."),
    ):
        with pytest.raises(UsageError, match="an exported model translates and scores"):
            refused()
    for words in (
        ["export", "--model", folder, "--out", tmp_path / "again"],
        ["train", "--init-from", folder, "--data", "tiny", "--out", tmp_path / "again"],
        ["plot", "states", "--model", folder, "Hi.", "--out", tmp_path / "states.png"],
    ):
        assert "an exported model translates" in complaint(run_cli(*words), 2)
    done = run_cli("translate", "--model", folder, "Hi.", "--device", "gpu")
    assert "exported models are computed on the CPU: use --device cpu" in complaint(done, 5)
    assert gs.load_model(folder, None) and gs.load_model(folder, "cpu")
