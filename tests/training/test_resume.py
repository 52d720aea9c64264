"""A run that was interrupted and goes on ends with the same bits as one that was not."""

import contextlib
import itertools
import json
import os
import shutil
import signal

import numpy as np
import pytest
from conftest import signaller
from helpers import complaint, newest, restamp, weights
from matplotlib.figure import Figure

from gluon_seq2seq import (
    DataError,
    Diverged,
    ModelError,
    SystemProblem,
    UsageError,
    load_model,
    train,
)
from gluon_seq2seq.training import checkpoint, train_state
from gluon_seq2seq.training.history import History
from gluon_seq2seq.training.signals import Interrupted
from gluon_seq2seq.training.train_step import Step

SETTINGS = {
    "epochs": 3,
    "batch_size": 16,  # 4 steps an epoch
    "teacher_forcing": 0.5,
    "label_smoothing": 0.1,
    "unknown_words": 0.3,
    "average": 0.6,
    "seed": 3,
    "quiet": True,
}
SEEN = {name: SETTINGS[name] for name in SETTINGS if name not in ("epochs", "quiet")}
KEPT = ("minutes",)  # whose None is a value


def same(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module", autouse=True)
def an_empty_curve():
    """The picture that a run ends with, which costs as much as ten steps; test_loop.py has it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(History, "plot", lambda _: Figure((1, 1)))
        yield


@pytest.fixture(scope="module")
def uninterrupted(tiny, small_model, tmp_path_factory):
    """Model, history and directory of a run from beginning to end. Not to be changed."""
    model = small_model(drop_prob=0.5)
    out = tmp_path_factory.mktemp("uninterrupted")
    return model, train(model, tiny, **SETTINGS, out=out), out


@pytest.mark.parametrize("step", [1, 3, 4, 5, 7, 11, 12])
@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_resumed_is_uninterrupted(
    tiny, small_model, tmp_path, uninterrupted, signal_at, step, number, code
):
    expected, history, whole = uninterrupted
    out = tmp_path / "out"
    signal_at(step, number)
    with pytest.raises(Interrupted, match=rf"after step {step} .*go on with resume=True") as caught:
        train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=out)
    assert caught.value.exit_code == code
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    model = small_model(seed=77, drop_prob=0.5)  # other weights: they have to be replaced
    resumed = train(model, tiny, **SETTINGS, out=out, resume=True)
    assert same(weights(model), weights(expected))
    assert same(weights(load_model(out, "cpu")), weights(load_model(whole, "cpu")))
    for row, other in zip(resumed, history):
        for name in ("epoch", "step", "train_loss", "dev_loss", "bleu"):
            assert row[name] == other[name]
    assert len(json.loads((out / "history.json").read_text())) == 3


def test_interrupted_again_and_again(tiny, small_model, tmp_path, uninterrupted, signal_at):
    out, resume = tmp_path / "out", False
    while True:
        signal_at(3)
        model = small_model(drop_prob=0.5)
        try:
            train(model, tiny, **SETTINGS, out=out, resume=resume)
            break
        except Interrupted:
            resume = True
    assert same(weights(model), weights(uninterrupted[0]))


def test_a_finished_run_stays_as_it_is(tiny, small_model, uninterrupted, tmp_path, capsys):
    expected, history, whole = uninterrupted
    out = shutil.copytree(whole, tmp_path / "out")
    assert [path.name for path in out.glob("*checkpoint*")] == ["checkpoint-0003"]
    model = small_model(seed=77, drop_prob=0.5)
    again = train(model, tiny, **{**SETTINGS, "quiet": False}, out=out, resume=True)
    assert again == history
    assert same(weights(model), weights(expected))
    says = f"{out}: training is finished there, after 3 epochs: give more epochs to go on\n"
    assert says in capsys.readouterr().out


def rates_of(monkeypatch):
    """A list that gets the learning rate of every step from now on."""
    rates, call = [], Step.__call__

    def stepping(self, batch, rate):
        rates.append(rate)
        return call(self, batch, rate)

    monkeypatch.setattr(Step, "__call__", stepping)
    return rates


@pytest.mark.parametrize("stopped", [None, 6], ids=["finished", "stopped"])
def test_trained_longer(tiny, small_model, tmp_path, signal_at, monkeypatch, stopped):
    with monkeypatch.context():
        signal_at(stopped or 0)
        with contextlib.suppress(Interrupted):
            train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=tmp_path)
    monkeypatch.undo()
    copy = shutil.copytree(tmp_path, tmp_path / "copy")
    longer, rates = {**SETTINGS, "epochs": 6}, rates_of(monkeypatch)
    model = small_model(seed=77, drop_prob=0.5)
    history = train(model, tiny, **longer, out=tmp_path, resume=True)
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6]
    steps = range(stopped or 12, 24)
    expected = [4e-3 * min((step + 1) / 100, max(0.05, 1 - step / 24)) for step in steps]
    np.testing.assert_allclose(rates, expected)

    signal_at(5)
    with pytest.raises(Interrupted):
        train(small_model(drop_prob=0.5), tiny, **longer, out=copy, resume=True)
    again = small_model(drop_prob=0.5)
    resumed = train(again, tiny, quiet=True, **SEEN, out=copy, resume=True)  # its limits are kept
    assert same(weights(again), weights(model))
    assert [row["dev_loss"] for row in resumed] == [row["dev_loss"] for row in history]


def test_more_patience_and_more_minutes(tiny, small_model, tmp_path, monkeypatch):
    losses = itertools.count(1)  # never lower than the first
    monkeypatch.setattr("gluon_seq2seq.translation.metrics.mean_loss", lambda *_: next(losses))
    settings = {**SETTINGS, "epochs": 9}

    def done(**more):
        return len(train(small_model(), tiny, **{**settings, **more}, out=tmp_path, resume=True))

    assert (done(patience=2), done(patience=2), done(patience=4)) == (3, 3, 5)
    assert (done(patience=9, minutes=1e-6), done(patience=9)) == (5, 9)


def test_less_than_is_done_changes_nothing(tiny, small_model, uninterrupted, tmp_path):
    _, history, whole = uninterrupted
    out = shutil.copytree(whole, tmp_path / "out")
    less = {**SETTINGS, "epochs": 1}
    assert train(small_model(drop_prob=0.5), tiny, **less, out=out, resume=True) == history


def test_two_checkpoints_are_kept(tiny, small_model, tmp_path, signal_at):
    signal_at(11)
    with pytest.raises(Interrupted):
        train(small_model(), tiny, **SETTINGS, out=tmp_path)
    names = sorted(path.name for path in tmp_path.glob("checkpoint-*"))
    assert names == ["checkpoint-0002", "checkpoint-0003"]


@pytest.mark.parametrize("step, epochs", [(2, 0), (6, 1)])
@pytest.mark.parametrize("saved", [False, True])
def test_who_catches_it_has_the_history(
    tiny, small_model, tmp_path, uninterrupted, signal_at, step, epochs, saved
):
    signal_at(step, signal.SIGINT)
    model = small_model(drop_prob=0.5)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(model, tiny, **SETTINGS, out=tmp_path if saved else None)
    losses = [
        [row["dev_loss"] for row in rows] for rows in (caught.value.history, uninterrupted[1])
    ]
    assert losses[0] == losses[1][:epochs]
    assert type(caught.value.history) is History
    if saved:
        assert str(caught.value).endswith("and is saved; go on with resume=True")
    else:
        best = "the model is that of epoch 1" if epochs else "the model is as it is then"
        assert f"{best}, error.history has its figures" in str(caught.value)


def test_so_has_who_catches_another_error(tiny, small_model, monkeypatch, signal_at):
    signal_at(6, signal.SIGINT, times=2)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(small_model(), tiny, **SETTINGS)
    assert len(caught.value.history) == 1
    monkeypatch.undo()
    model = small_model()
    weight = model.decoder.p.w_o.weight
    weight.set_data(weight.data() * float("nan"))
    with pytest.raises(Diverged) as diverged:
        train(model, tiny, **SETTINGS)
    assert diverged.value.history == []


def test_a_second_signal_interrupts_at_once(tiny, small_model, tmp_path, signal_at):
    signal_at(3, signal.SIGINT, times=2)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(small_model(), tiny, **SETTINGS, out=tmp_path)
    assert not isinstance(caught.value, Interrupted)


def test_where_nothing_was_begun_it_begins(tiny, small_model, tmp_path, uninterrupted, capsys):
    model, settings = small_model(drop_prob=0.5), {**SETTINGS, "quiet": False}
    train(model, tiny, **settings, out=tmp_path / "new", resume=True)
    assert same(weights(model), weights(uninterrupted[0]))
    assert capsys.readouterr().out.count("no training was begun there, so it begins\n") == 1


def test_nothing_to_resume(tiny, small_model, tmp_path):
    checkpoint.save_model(small_model(), tmp_path)
    with pytest.raises(UsageError, match="holds a model, but no checkpoint to go on from"):
        train(small_model(), tiny, **SETTINGS, out=tmp_path, resume=True)
    with pytest.raises(UsageError, match="resume needs out"):
        train(small_model(), tiny, **SETTINGS, resume=True)


@pytest.fixture(scope="module")
def stopped(tiny, small_model, tmp_path_factory):
    """The directory of a run that was stopped in its second epoch. Not to be changed."""
    out = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch:
        signaller(patch)(6)
        with pytest.raises(Interrupted):
            train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=out)
    return out


@pytest.fixture
def begun(stopped, tmp_path):
    """A copy of that directory."""
    return shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)


def test_other_settings_are_named(tiny, small_model, begun):
    before = weights(model := small_model(drop_prob=0.25))
    other = {**SETTINGS, "batch_size": 4, "seed": 4}
    with pytest.raises(UsageError) as caught:
        train(model, tiny, **other, out=begun, resume=True)
    for text in "batch_size is 4, was 16", "seed is 4, was 3", "drop_prob is 0.25, was 0.5":
        assert text in str(caught.value)
    assert same(weights(model), before)


@pytest.mark.parametrize(
    "options, says",
    [
        (("--clip", 3), "--clip is 3.0, was 1.0"),
        (("--batch-size", 4, "--unidirectional", "--tied"), "--batch-size is 4, was 16; --tied is"),
        (("--drop-prob", 0.2), "--drop-prob is 0.2, was 0.5"),
    ],
)
def test_other_settings_are_named_by_their_options(begun, run_cli, options, says):
    assert says in complaint(run_cli("train", "--resume", "--out", begun, *options), 2)


def rewrite(begun, **settings):
    """Change settings in state.json, None: take them out, as another version would have it."""
    path = newest(begun, "checkpoint") / "state.json"
    state = json.loads(path.read_text("utf-8"))
    state["settings"].update(settings)
    state["settings"] = {k: v for k, v in state["settings"].items() if v is not None or k in KEPT}
    path.write_text(json.dumps(state), "utf-8")
    restamp(path)


def test_a_checkpoint_from_before_a_setting(tiny, small_model, begun, uninterrupted, run_cli):
    """It has what was true then: the default."""
    rewrite(begun, clip=None, label_smoothing=None)
    with pytest.raises(UsageError, match=r"label_smoothing is 0.1, was 0.0$"):
        train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=begun, resume=True)
    words = "train", "--resume", "--out", begun, "--label-smoothing", 0.1
    assert "--label-smoothing is 0.1, was 0.0" in complaint(run_cli(*words), 2)
    rewrite(begun, label_smoothing=0.1)
    model = small_model(drop_prob=0.5)
    train(model, tiny, **SETTINGS, out=begun, resume=True)
    assert same(weights(model), weights(uninterrupted[0]))


def test_a_checkpoint_with_a_setting_that_is_unknown(tiny, small_model, begun, run_cli):
    rewrite(begun, weight_decay=0.1)
    with pytest.raises(ModelError, match=r"state.json: .*weight_decay"):
        train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=begun, resume=True)
    done = run_cli("train", "--resume", "--out", begun)
    assert "weight_decay" in complaint(done, 4)


def test_other_sentences(tiny, small_model, begun, monkeypatch):
    monkeypatch.setattr(tiny, "dev", tiny.dev[1:])
    with pytest.raises(DataError, match="other sentences"):
        train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=begun, resume=True)


@pytest.mark.parametrize("name", ["model.params", "optimizer.params", "state.json", "config.json"])
def test_damage_is_named_and_the_checkpoint_before_it(tiny, small_model, begun, name):
    path = checkpoint.newest(begun, "checkpoint") / name
    content = path.read_bytes()
    path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    before = weights(model := small_model(drop_prob=0.5))
    with pytest.raises(ModelError, match=rf"{name}.*go back to the checkpoint .*checkpoint-0001"):
        train(model, tiny, **SETTINGS, out=begun, resume=True)
    assert same(weights(model), before)


def test_an_existing_run_is_not_begun_anew_unasked(tiny, small_model, begun):
    with pytest.raises(UsageError, match=r"overwrite=True, or resume=True"):
        train(small_model(), tiny, **SETTINGS, out=begun)


def test_one_trainer_a_directory(tiny, small_model, tmp_path):
    with train_state.locked(tmp_path), pytest.raises(UsageError, match=f"process {os.getpid()} "):
        train(small_model(), tiny, **SETTINGS, out=tmp_path)
    train(small_model(), tiny, epochs=1, quiet=True, out=tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"history": [1]},
        {"history": [{"epoch": 1}]},
        {"history": {"epoch": 1}},
        {"batches": -1},
        {"step": True},
        {"tokens": 10**400},
        {"elapsed": float("nan")},
        {"reserve": float("inf")},
        {"settings": []},
    ],
    ids=str,
)
def test_a_state_of_other_types(tiny, small_model, begun, change):
    path = max(begun.glob("checkpoint-*")) / "state.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    restamp(path)
    model = small_model(drop_prob=0.5, seed=9)
    before = weights(model)
    with pytest.raises(ModelError, match=r"state\.json"):
        train(model, tiny, **SETTINGS, out=begun, resume=True)
    assert same(weights(model), before)


@pytest.mark.parametrize("recipe", [None, [], "book"], ids=str)
def test_a_recipe_of_another_type(tiny, small_model, begun, recipe):
    path = max(begun.glob("checkpoint-*")) / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "recipe": recipe}))
    restamp(path)
    with pytest.raises(ModelError, match=r"config\.json"):
        train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=begun, resume=True)


@pytest.mark.parametrize("kind", ["link", "pipe"])
@pytest.mark.parametrize("name", ["history.json", "history.csv", "learning-curve.png"])
def test_what_training_writes_follows_no_link(tiny, small_model, tmp_path, name, kind):
    out, other = tmp_path / "out", tmp_path / "other"
    other.write_text("Keep this.")
    out.mkdir()
    (out / name).symlink_to(other) if kind == "link" else os.mkfifo(out / name)
    train(small_model(), tiny, epochs=1, batch_size=16, quiet=True, out=out)
    assert other.read_text() == "Keep this."
    assert (out / name).is_file() and not (out / name).is_symlink()


def test_a_new_run_that_cannot_begin_deletes_nothing(tiny, small_model, begun, monkeypatch):
    before = digests(begun)

    def refuse(*_):
        raise SystemProblem("training needs more memory")

    for place in "memory_check.check", "Step.__call__", "Minibatches.__init__":
        with monkeypatch.context() as patch:
            patch.setattr(f"gluon_seq2seq.training.loop.{place}", refuse)
            with pytest.raises(SystemProblem):
                train(small_model(), tiny, **SETTINGS, out=begun, overwrite=True)
        assert digests(begun) == before, place
    train(small_model(drop_prob=0.5), tiny, **SETTINGS, out=begun, resume=True)


def digests(out):
    files = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("lost", ["folder", "lock"])
def test_two_that_follow_each_other_in_a_folder(tiny, small_model, tmp_path, monkeypatch, lost):
    """The first one's folder is removed, and another trains there: it is not written over."""
    out, call, count, seen = tmp_path / "out", Step.__call__, itertools.count(1), {}

    def stepping(self, batch, rate):
        if next(count) == 6:  # in the second epoch of the first
            shutil.rmtree(out) if lost == "folder" else (out / ".lock").unlink()
            with monkeypatch.context() as patch:
                patch.setattr(Step, "__call__", call)
                overwrite = {"overwrite": lost == "lock"}
                train(small_model(seed=5), tiny, **{**SETTINGS, **overwrite}, out=out)
            seen.update(digests(out))
        return call(self, batch, rate)

    monkeypatch.setattr(Step, "__call__", stepping)
    with pytest.raises(
        SystemProblem, match=rf"{out} was removed, or its .lock, while it was"
    ) as end:
        train(small_model(), tiny, **SETTINGS, out=out)
    assert len(end.value.history) in (1, 2)
    assert digests(out) == seen


def test_a_folder_that_is_removed_does_not_come_back(tiny, small_model, tmp_path, monkeypatch):
    out, call, count = tmp_path / "out", Step.__call__, itertools.count(1)

    def stepping(self, batch, rate):
        if next(count) == 6:
            shutil.rmtree(out)
        return call(self, batch, rate)

    monkeypatch.setattr(Step, "__call__", stepping)
    with pytest.raises(SystemProblem, match="was removed"):
        train(small_model(), tiny, **SETTINGS, out=out)
    assert not out.exists()


@pytest.mark.parametrize("step", [None, 2], ids=["an epoch", "a signal"])
def test_a_first_save_that_fails_brings_the_run_before_back(
    tiny, small_model, begun, monkeypatch, signal_at, step
):
    before = digests(begun)

    def full(path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_flush", full)
        signal_at(step or 0)
        with pytest.raises(SystemProblem, match="No space left"):
            train(small_model(), tiny, **SETTINGS, out=begun, overwrite=True)
    assert digests(begun) == before
    monkeypatch.undo()
    signal_at(2)
    with pytest.raises(Interrupted):
        train(small_model(), tiny, **SETTINGS, out=begun, overwrite=True)
    hidden = [path.name for path in begun.iterdir() if path.name.startswith(".")]
    assert [path.name for path in begun.glob("checkpoint-*")] == ["checkpoint-0001"]
    assert hidden == [".lock"]
