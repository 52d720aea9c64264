"""Any two languages from the command line."""

import json

import pytest
from helpers import complaint

import gluon_seq2seq as gs

WHO = {"我": "I", "你": "you", "我们": "we", "他们": "they", "老师们": "the teachers"}
WHAT = {"看书": "read", "喝茶": "drink tea", "走路": "walk", "睡觉": "sleep", "写字": "write"}
SMALL = ("--embed-size", 8, "--num-hiddens", 8, "--device", "cpu", "--epochs", 1)
ZH_EN = ("--source-lang", "zh", "--target-lang", "en")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "zh.tsv"
    lines = [f"{who}{what}。\t{en} {WHAT[what]}.\n" for who, en in WHO.items() for what in WHAT]
    path.write_text("".join(lines), "utf-8")
    return path


def test_from_chinese_and_back(run_cli, data, tmp_path):
    done = run_cli("train", "--data", data, "--out", tmp_path / "a", *ZH_EN, *SMALL)
    assert done.code == 0 and "zh-en" in done.stdout
    model = gs.load_model(tmp_path / "a", "cpu")
    assert {"我", "们", "。"} < set(model.src_vocab) and "我们看书" not in model.src_vocab
    shown = run_cli("evaluate", "--model", tmp_path / "a", "--data", data).stdout
    assert "tok:13a" in shown and "are <unk> to the model" not in shown

    turned = tmp_path / "en.tsv"
    lines = [line.split("\t") for line in data.read_text("utf-8").splitlines()]
    turned.write_text("".join(f"{b}\t{a}\n" for a, b in lines), "utf-8")
    back = ("--source-lang", "en", "--target-lang", "zh")
    done = run_cli("train", "--data", turned, "--out", tmp_path / "b", *back, *SMALL)
    assert done.code == 0
    scores = tmp_path / "scores.json"
    shown = run_cli(
        "evaluate", "--model", tmp_path / "b", "--data", turned, "--json", scores
    ).stdout
    assert "tok:zh" in shown and "tok:zh" in json.loads(scores.read_text())["signature"]


def test_messages_name_the_language_of_the_model(run_cli, data, tmp_path):
    assert run_cli("train", "--data", data, "--out", tmp_path / "a", *ZH_EN, *SMALL).code == 0
    for model, says in (
        (tmp_path / "a", "a sentence in Chinese"),
        ("mini-book", "They are watching."),
    ):
        done = run_cli("export", "--model", model, "--out", tmp_path / f"{says[0]}-onnx")
        assert done.code == 0 and f'translate.py "{says}"' in done.stdout


def test_a_run_goes_on_with_its_languages(run_cli, data, tmp_path):
    command = "train", "--data", data, "--out", tmp_path / "a", *ZH_EN, *SMALL
    assert run_cli(*command).code == 0
    assert run_cli(*command, "--resume", "--epochs", 2).code == 0
    wrong = run_cli("train", "--out", tmp_path / "a", "--resume", "--source-lang", "ja")
    assert "--source-lang is ja, was zh" in complaint(wrong, 2)
    more = "train", "--data", data, "--init-from", tmp_path / "a", *SMALL[4:]
    assert run_cli(*more, "--out", tmp_path / "b").code == 0
    assert gs.load_model(tmp_path / "b", "cpu").src_vocab.tokenizer.language == "zh"
    assert run_cli(*more, "--out", tmp_path / "c", *ZH_EN).code == 0
    wrong = run_cli(*more, "--out", tmp_path / "d", "--source-lang", "ja", "--target-lang", "en")
    assert "--source-lang is ja, " in complaint(wrong, 2) and "has zh" in wrong.stderr


def test_a_model_from_french_can_be_told_which_column_is_which(run_cli, tmp_path):
    """Its direction says that English stands first; its languages that French does."""
    first = ("--direction", "fr-en", *SMALL)
    assert run_cli("train", "--data", "tiny", "--out", tmp_path / "a", *first).code == 0
    corpus = gs.load_corpus("tiny", direction="fr-en")
    lines = [f"{e.source}\t{e.references[0]}\n" for e in corpus.train]
    (tmp_path / "fr.tsv").write_text("".join(lines), "utf-8")
    more = "train", "--data", tmp_path / "fr.tsv", "--init-from", tmp_path / "a", *SMALL[4:]
    languages = "--source-lang", "fr", "--target-lang", "en"
    assert run_cli(*more, "--out", tmp_path / "b", *languages).code == 0
    origin = gs.load_model(tmp_path / "b", "cpu").origin
    assert (origin["direction"], origin["source_lang"]) == (None, "fr")
    done = run_cli(*more, "--out", tmp_path / "c")
    assert done.code == 3 and "give --source-lang" in done.stderr


@pytest.mark.parametrize(
    "options, says",
    [
        (("--source-lang", "german", "--target-lang", "en"), "--source-lang is 'german', which is"),
        (("--source-lang", "de"), "--target-lang is missing: give both"),
        (("--direction", "de-en"), "use en-fr or fr-en, or --source-lang and --target-lang for"),
        (("--direction", "en-fr", *ZH_EN), "--direction is 'en-fr', but the languages are zh and"),
        (("--columns", "2"), "--columns is"),
        (("--columns", "2,2"), "--columns is"),
        (("--columns", "0,2"), "--columns is"),
        (("--columns", "2,"), "--columns is"),
    ],
    ids=str,
)
def test_languages_and_columns_that_are_none(run_cli, data, tmp_path, options, says):
    done = run_cli("train", "--data", data, "--out", tmp_path / "a", *SMALL, *options)
    assert says in complaint(done, 2)
    assert not (tmp_path / "a").exists()


def test_pictures_of_another_language(run_cli, data, tmp_path):
    picture = tmp_path / "a.svg"
    assert run_cli("plot", "lengths", "--data", data, *ZH_EN, "--out", picture).code == 0
    words = "plot", "bleu", "我们喝茶。", "我们喝水。", "--out", picture
    assert run_cli(*words, "--target-lang", "zh").code == 0
    assert "--target-lang" in run_cli("plot", "bleu", "--help").stdout
    assert "which is no ISO 639-1 code" in complaint(run_cli(*words, "--target-lang", "xx"), 2)
