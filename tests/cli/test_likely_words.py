"""The command that learns a shortlist, and --shortlist."""

import json
import shutil

import pytest
from helpers import complaint

import gluon_seq2seq as gs
from gluon_seq2seq.export.export import export
from gluon_seq2seq.resources import data_folder
from gluon_seq2seq.translation.tables import shortlist

KNOWN = "They are watching."
LUONG = "mini-luong2015"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, run_cli):
    """A model of one's own, which is that of mini, with a shortlist that leaves most of it out."""
    out = tmp_path_factory.mktemp("runs") / "mini"
    shutil.copytree(data_folder() / "models" / LUONG, out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shortlist, "FREQUENT", 50)
        done = run_cli("shortlist", "--model", out, "--data", "mini", "--size", 4)
    pairs = len(gs.load_corpus("mini").train)
    assert done.code == 0 and done.stdout == ""
    assert f"shortlist.params: up to 4 words for each of the source, of {pairs:,} pairs" in (
        done.stderr
    )
    return out


def test_likely_words_of_mini(folder):
    model = gs.load_model(folder, "cpu")
    table = gs.Shortlist.read(folder / "shortlist.params")
    for source, wanted in ("cat", "chat"), ("watching", "regardent"), ("old", "vieux"):
        likely = model.tgt_vocab.to_tokens(table.likely[model.src_vocab[source]])
        assert wanted in likely and len(likely) == 4


def test_translate_with_it(folder, run_cli):
    for options in (), ("--beam-size", 4, "--n-best", 2):
        command = ("translate", "--model", folder, *options, KNOWN)
        done = run_cli(*command, "--shortlist")
        whole = run_cli(*command)
        assert (done.code, done.stderr) == (0, "")
        assert done.stdout.split("\t")[-1] == whole.stdout.split("\t")[-1] != ""
    translator = gs.Translator(gs.load_model(folder, "cpu"), shortlist=True)
    lines = "They are watching.\nThe cat is old.\n"
    done = run_cli("translate", "--model", folder, "--shortlist", stdin=lines)
    assert done.stdout.splitlines() == translator.translate(lines.splitlines())


def test_evaluate_with_it(folder, run_cli):
    command = "evaluate", "--data", "tiny", "--split", "all", "--model", folder, "--json", "-"
    done, whole = run_cli(*command, "--shortlist"), run_cli(*command)
    found, wanted = json.loads(done.stdout), json.loads(whole.stdout)
    assert (found["shortlist"], wanted["shortlist"]) == (True, False)
    assert found["loss"] == wanted["loss"]  # of all words
    tiny = gs.load_corpus("tiny")
    examples = [*tiny.train, *tiny.dev, *tiny.test]
    translator = gs.Translator(gs.load_model(folder, "cpu"), shortlist=True)
    texts = translator.translate([example.source for example in examples])
    by_python = gs.score(texts, [example.valid for example in examples])["bleu"]
    assert found["bleu"] == pytest.approx(by_python) != wanted["bleu"]


def test_documents_and_pictures_with_it(folder, run_cli, tmp_path):
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nThey are watching.\n")
    done = run_cli(
        *("translate", "--model", folder, "--shortlist"),
        *("--input", tmp_path / "a.srt", "--output", tmp_path / "b.srt"),
    )
    assert done.code == 0 and "regardent" in (tmp_path / "b.srt").read_text("utf-8")
    for kind in "beam", "attention":
        picture = tmp_path / f"{kind}.svg"
        done = run_cli("plot", kind, "--model", folder, "--shortlist", KNOWN, "--out", picture)
        assert done.code == 0 and picture.stat().st_size > 5000


def test_an_ensemble_with_it(folder, run_cli):
    models = "--model", LUONG, "--model", folder
    done = run_cli("translate", *models, "--shortlist", KNOWN)
    assert done.stdout == run_cli("translate", "--model", folder, KNOWN).stdout


def test_without_one(folder, run_cli, tmp_path):
    none = complaint(run_cli("translate", "--model", LUONG, "--shortlist", KNOWN), 2)
    assert (
        "has no shortlist: make one with: gluon-seq2seq shortlist, or leave --shortlist out" in none
    )
    export(gs.load_model(LUONG, "cpu"), tmp_path / "onnx")
    for command in ("translate", "--shortlist", KNOWN), ("shortlist",):
        done = run_cli(command[0], "--model", tmp_path / "onnx", *command[1:])
        assert "in its graph, and takes no shortlist: use the model that" in complaint(done, 2)
    ours = complaint(run_cli("shortlist", "--model", LUONG), 2)
    assert "mini-luong2015 comes with the package" in ours


def test_one_that_is_damaged_or_of_other_words(folder, run_cli, tmp_path, saved):
    broken = shutil.copytree(folder, tmp_path / "broken")
    (broken / "shortlist.params").write_bytes(b"x")
    done = run_cli("translate", "--model", broken, "--shortlist", KNOWN)
    assert "broken/shortlist.params: is no shortlist: it ends too soon; make it anew" in (
        complaint(done, 4)
    )
    assert run_cli("translate", "--model", broken, KNOWN).code == 0
    other = shutil.copytree(saved, tmp_path / "other")
    shutil.copy(folder / "shortlist.params", other)
    done = run_cli("evaluate", "--model", other, "--shortlist")
    assert "of other words than the model's: make it anew" in complaint(done, 4)


def test_what_cannot_be_learned_or_written(folder, run_cli, tmp_path):
    model = shutil.copytree(folder, tmp_path / "model")
    before = (model / "shortlist.params").read_bytes()
    for option, value, code in ("--size", 0, 2), ("--split", "x", 2), ("--data", "none.tsv", 3):
        complaint(run_cli("shortlist", "--model", model, option, value), code)
    assert (model / "shortlist.params").read_bytes() == before
    (model / "shortlist.params").unlink()
    (model / "shortlist.params").mkdir()
    done = run_cli("shortlist", "--model", model, "--data", "tiny")
    assert done.code == 5 and "shortlist.params: Is a directory" in done.stderr
