"""gluon-seq2seq demo in miniature: what it shows, and when it ends."""

import copy
import json
import re
import shlex
import signal
from dataclasses import replace

import pytest
from conftest import signaller
from helpers import complaint

import gluon_seq2seq as gs
from gluon_seq2seq.cli import demo


@pytest.fixture
def small(mini, monkeypatch):
    """The demo with ten of its sentences, four times each, a model of 64 units, and with other
    values of its ``names`` and ``settings`` of its training."""

    def install(names, **settings):
        corpus = copy.copy(mini)
        corpus.origin = {**mini.origin, "data": demo.DATA}
        corpus.train, corpus.dev, corpus.test = 4 * mini.train[:10], mini.train[:6], mini.test[:6]
        monkeypatch.setattr(gs, "load_corpus", lambda *_, **__: corpus)
        model = replace(demo.DEMO_MODEL, embed_size=64, num_hiddens=64, drop_prob=0)
        how = {"batch_size": 4, "epochs": 40, "learning_rate": 1e-2, **settings}
        training = replace(demo.DEMO_TRAINING, **how)
        for name, value in {"DEMO_MODEL": model, "DEMO_TRAINING": training, **names}.items():
            monkeypatch.setattr(demo, name, value)
        return corpus

    return install


def test_demo_spares_another_model(run_cli, small_model, tmp_path):
    model = small_model()
    for origin in ({**model.origin, "data": "mine.tsv"}, None):
        model.origin = origin
        gs.save_model(model, tmp_path)
        assert "choose another --out" in complaint(run_cli("demo", "--out", tmp_path), 2)


def test_demo(run_cli, small, tmp_path):
    corpus = small({"AIM": 0.3, "PLANNED": 1e6, "ENOUGH": 1e6}, minutes=1e6)
    done = run_cli("demo", "--out", tmp_path)
    assert (done.code, done.stderr) == (0, "")
    assert "slower" not in done.stdout
    lines = done.stdout.splitlines()
    start = lines.index("They are watching. -> Ils regardent.")
    assert sum(" -> " in line and "BLEU" in line for line in lines[start + 1 :]) == 5
    assert sum(line.startswith("      valid: ") for line in lines) == 5
    assert sum(f"  {example.source} -> " in done.stdout for example in corpus.test) == 5
    translator = gs.Translator(gs.load_model(tmp_path, "cpu"))
    assert translator.translate("They are watching.") == "Ils regardent."
    texts = translator.translate([example.source for example in corpus.test])
    share = sum(text in one.valid for text, one in zip(texts, corpus.test)) / 6
    assert f"Of 6 test sentences {share:.1%} are exactly right" in done.stdout
    for picture in "learning-curve.png", "attention.png", "beam.png":
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    history = json.loads((tmp_path / "history.json").read_text("utf-8"))
    last = history[-1]
    assert len(history) < 40 and last["exact"] >= 0.3  # the aim, in the epoch that is kept
    assert last["dev_loss"] == min(row["dev_loss"] for row in history)
    assert f"{last['exact']:.1%} of the dev sentences are exactly right" in done.stdout


def test_demo_on_a_slow_machine(run_cli, small, tmp_path):
    small({"PLANNED": 0, "ENOUGH": 0, "AIM": 2}, minutes=1e6)
    done = run_cli("demo", "--out", tmp_path)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.count("This machine is slower than planned") == 1
    assert "They are watching. -> Ils regardent." in done.stdout.splitlines()
    history = json.loads((tmp_path / "history.json").read_text("utf-8"))
    assert 1 < len(history) < 40  # it was wrong at first, and right before all was done


def test_demo_on_a_machine_that_is_too_slow(run_cli, small, tmp_path):
    small({"PLANNED": 0, "ENOUGH": 0}, minutes=0.001)
    done = run_cli("demo", "--out", tmp_path)
    (answer,) = re.findall("^They are watching. -> (.*)$", done.stdout, re.MULTILINE)
    assert answer != "Ils regardent."
    assert "the limit is 0.001 minutes" in done.stdout and "Of 6 test" in done.stdout
    said = complaint(done._replace(stdout=""), 4)
    assert re.search(r"is wrong after \d+\.\d minutes and 1 of 40 epochs", said)
    (command,) = re.findall("gluon-seq2seq (train .*), or take", said)
    done = run_cli(
        *shlex.split(command.replace("--minutes 0.003 --epochs 80", "--minutes 60 --epochs 2"))
    )
    assert (done.code, done.stderr) == (0, "")
    assert len(json.loads((tmp_path / "history.json").read_text("utf-8"))) == 2


def test_an_interrupted_demo_names_the_command_that_goes_on(run_cli, small, monkeypatch, tmp_path):
    small({"PLANNED": 1e6}, epochs=2)
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        signaller(patch)(12, signal.SIGINT)
        done = run_cli("demo", "--out", "a demo")
    said = complaint(done._replace(stdout=""), 130)
    command = "gluon-seq2seq train --resume --out 'a demo'"
    told = "training stopped after step 12 and is saved; go on with"
    assert said == f"gluon-seq2seq: {told}: {command}\n"
    done = run_cli(*shlex.split(command)[1:])
    assert (done.code, done.stderr) == (0, "")
    assert len(json.loads((tmp_path / "a demo" / "history.json").read_text("utf-8"))) == 2


ROW = {"epoch": 2, "seconds": 20.0, "exact": 0.0}


@pytest.mark.parametrize(
    "row, right, enough",
    [
        ({}, True, False),
        ({"exact": demo.AIM}, True, True),
        ({"exact": demo.AIM}, False, False),
        ({"exact": demo.AIM - 0.01, "seconds": demo.ENOUGH}, True, False),
        ({"seconds": demo.ENOUGH + 1}, True, True),
        ({"seconds": demo.ENOUGH + 1}, False, False),
    ],
)
def test_when_the_demo_has_learned_enough(row, right, enough):
    assert demo.Ending(lambda: right, "They are watching.")({**ROW, **row}) is enough


def test_what_the_demo_says_of_a_slow_machine(capsys):
    ending = demo.Ending(lambda: False, "They are watching.")
    epochs = demo.DEMO_TRAINING.epochs
    ending({**ROW, "seconds": 2 * 1.4 * demo.PLANNED / epochs})
    assert capsys.readouterr().out == ""
    ending({**ROW, "seconds": 2 * 4 * demo.PLANNED / epochs})
    ending({**ROW, "seconds": 2 * 4 * demo.PLANNED / epochs})
    assert capsys.readouterr().out == (
        "This machine is slower than planned: all epochs take about 6.0 minutes here. After\n"
        "3 minutes a right answer to 'They are watching.' is enough; the limit is 10 minutes.\n"
    )
