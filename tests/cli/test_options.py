"""Options are made of settings: a default, a range and a help stand in one place."""

import inspect
import subprocess
import sys
from dataclasses import dataclass, fields

import click
import pytest

import gluon_seq2seq as gs
from gluon_seq2seq.cli import cli
from gluon_seq2seq.cli.common.options import option
from gluon_seq2seq.settings import PAPERS
from gluon_seq2seq.settings.fields import setting, settings_of

TRAIN = "train", "--data", "tiny", "--device", "cpu"
SEARCH = [("translate", {}), ("evaluate", {}), ("plot attention", {}), ("plot accuracy", {})]


def options(command):
    """``{name: option}`` of a command, by its words."""
    found = cli
    for word in command.split():
        found = found.commands[word]
    return {one.name: one for one in found.get_params(click.Context(found, **cli.context_settings))}


@pytest.mark.parametrize(
    "command, kind, own",
    [
        ("train", gs.LuongSettings, {}),
        ("train", gs.TrainingSettings, {}),
        *((command, gs.SearchSettings, own) for command, own in SEARCH),
        ("plot beam", gs.SearchSettings, {"beam_size": 3}),
    ],
)
def test_a_default_is_that_of_python(command, kind, own):
    found, names = options(command), [field.name for field in fields(kind)]
    if command.startswith("plot"):
        names.remove("batch_size")
    for name in names:
        (field,) = (field for field in fields(kind) if field.name == name)
        assert found[name].default == own.get(name, field.default), name
        assert found[name].help == field.metadata["help"]
        for limit in "min", "max", "min_open", "max_open":
            assert getattr(found[name].type, limit, None) in (field.metadata.get(limit), False)


def test_the_seed_of_others():
    for command in "demo", "translate":
        assert options(command)["seed"].default == gs.TrainingSettings().seed


def test_a_corpus_by_default_is_that_of_python():
    found = cli.commands["train"].make_context("train", ["--out", "model"]).params
    for name, parameter in inspect.signature(gs.load_corpus).parameters.items():
        if name != "data":
            assert found[name] == parameter.default, name


@pytest.fixture
def trained(monkeypatch):
    """What the command line hands to ``train``."""
    found = []

    def train(model, corpus, settings, **_):
        found.extend([model.settings, settings])
        raise gs.UsageError("caught")

    monkeypatch.setattr(gs, "train", train)
    return found


@pytest.mark.parametrize("name", PAPERS)
def test_no_option_is_python_without_arguments(name, run_cli, trained, tiny, tmp_path):
    run_cli(*TRAIN, "--out", tmp_path, "--model", name)
    by_python = getattr(gs, name)(tiny.src_vocab, tiny.tgt_vocab, device="cpu")
    assert trained == [by_python.settings, gs.TrainingSettings()]
    assert by_python.settings == PAPERS[name]


def test_options_become_settings(run_cli, trained, tmp_path):
    of_model = {"embed_size": 4, "num_hiddens": 6, "drop_prob": 0.1, "score": "dot", "window": 3}
    of_training = {"epochs": 3, "batch_size": 8, "clip": 2, "minutes": 0.5, "seed": 9}
    words = [f"--{k.replace('_', '-')}={v}" for k, v in {**of_model, **of_training}.items()]
    words += ["--unidirectional", "--reverse", "--input-feeding"]
    run_cli(*TRAIN, "--out", tmp_path, "--model", "luong2015", *words)
    own = {"bidirectional": False, "reverse": True, "input_feeding": True}
    assert trained[0] == gs.LuongSettings(**of_model, **own)
    assert trained[1] == gs.TrainingSettings(**of_training)


@pytest.mark.parametrize(
    "name, shown",
    [
        ("rnn", "gru, for sutskever2014 lstm"),
        ("bidirectional", "only for bahdanau2015 and luong2015"),
        ("reverse", "only for sutskever2014"),
        ("epochs", "20, where minutes set no limit"),
    ],
)
def test_defaults_that_depend(name, shown):
    assert options("train")[name].show_default == shown


def test_what_is_on_by_default_can_be_turned_off():
    @dataclass(frozen=True)
    class Own(gs.TrainingSettings):
        amsgrad: bool = setting(True, "Keep the largest variance so far.")
        nesterov: bool = setting(False, "Look one step ahead.")

    *_, on, off = map(option, settings_of(Own))
    assert on.secondary_opts == ["--no-amsgrad"] and on.default is True and on.show_default
    assert off.opts == ["--nesterov"] and not off.secondary_opts and not off.show_default


def test_help_needs_no_mxnet():
    program = (
        "import sys\n"
        "from gluon_seq2seq.cli import cli\n"
        "cli.main(['train', '--help'], standalone_mode=False)\n"
        "sys.exit('mxnet' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0 and "--label-smoothing" in done.stdout, done
