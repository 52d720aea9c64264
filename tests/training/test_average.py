"""The moving average of the weights, evaluated and saved; test_resume.py has one, too."""

import json
import shutil

import numpy as np
import pytest
from helpers import complaint, newest, restamp, weights
from mxnet import nd

from gluon_seq2seq import ModelError, TrainingSettings, UsageError, load_model, train
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.training import checkpoint, train_state
from gluon_seq2seq.training.average import Average
from gluon_seq2seq.training.loop import _Run
from gluon_seq2seq.training.train_step import Step
from gluon_seq2seq.translation.metrics import mean_loss

SETTINGS = {"epochs": 2, "batch_size": 8, "seed": 3, "quiet": True}  # 7 steps an epoch
AVERAGED = {**SETTINGS, "average": 0.6}


def same(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


def averages(model, step):
    """The averages by structural name."""
    names = {p.name: name for name, p in model._collect_params_with_prefix().items()}
    average = step.average
    return {names[p.name]: a.asnumpy() for p, a in zip(average.parameters, average.arrays)}


@pytest.fixture
def batches(tiny):
    return list(Minibatches(pairs_of(tiny.train), tiny.src_vocab, tiny.tgt_vocab, 8))


@pytest.mark.parametrize("hybrid", [False, True], ids=["eager", "hybridized"])
def test_the_formula(small_model, batches, hybrid):
    """By hand, in float64; from step 5 on 0.4 is the smaller of the two."""
    model = small_model()
    model.hybridize(hybrid)
    step, mean = Step(model, TrainingSettings(average=0.4)), {}
    for t, batch in enumerate(batches, 1):
        step(batch, 0.05)
        k = min(0.4, (1 + t) / (10 + t))
        assert (k == 0.4) == (t >= 5)
        for name, w in weights(model).items():
            w = w.astype("float64")
            mean[name] = w if t == 1 else k * mean[name] + (1 - k) * w
    for name, found in averages(model, step).items():
        np.testing.assert_allclose(found, mean[name], atol=1e-6)
        assert np.abs(found - weights(model)[name]).max() > 1e-4 or not found.any()


def test_doubles_are_averaged_as_doubles():
    class Parameter:
        def __init__(self, value):
            self.array = nd.array([value], dtype="float64")

        def list_data(self):
            return [self.array]

    one = Parameter(1.0)
    average = Average([one], 0.5)
    average.update(1)
    one.array[:] = 1 + 2**-40
    average.update(20)
    assert average.arrays[0].asscalar() == 1 + 2**-41


def test_off_it_keeps_nothing_and_changes_no_bit(tiny, small_model, batches):
    plain, averaged = small_model(), small_model()
    steps = Step(plain), Step(averaged, TrainingSettings(average=0.9))
    for batch in batches[:3]:
        for step in steps:
            step(batch, 0.01)
    assert steps[0].average.arrays == [] and same(weights(plain), weights(averaged))
    with steps[0].average.used():
        assert same(weights(plain), weights(averaged))


def test_what_is_evaluated_saved_and_left_is_the_average(tiny, small_model, tmp_path, monkeypatch):
    """Training itself goes on with the weights of the last step."""
    seen, evaluate, stepped = [], _Run.evaluate, []

    def looking(run, examples, batches):
        seen.append((weights(run.model), averages(run.model, run.step)))
        return evaluate(run, examples, batches)

    monkeypatch.setattr(_Run, "evaluate", looking)
    call = Step.__call__

    def stepping(self, batch, rate):
        before, done = weights(self.model), call(self, batch, rate)
        stepped.append((before, weights(self.model)))
        return done

    monkeypatch.setattr(Step, "__call__", stepping)
    asked = []

    def until(row):
        asked.append(weights(model))
        return False

    model, dev = small_model(), pairs_of(tiny.dev)
    history = train(model, tiny, **AVERAGED, out=tmp_path, until=until)
    for (used, mean), one in zip(seen, asked):
        assert same(used, mean) and same(one, mean)
    best = seen[history.best["epoch"] - 1][0]
    assert same(weights(model), best) and same(weights(load_model(tmp_path, "cpu")), best)
    batches = Minibatches(dev, tiny.src_vocab, tiny.tgt_vocab, 8)
    assert history.best["dev_loss"] == mean_loss(model, batches)
    assert all(same(after, before) for (_, after), (before, _) in zip(stepped, stepped[1:]))
    assert not same(stepped[6][1], seen[0][0])


@pytest.fixture(scope="module")
def finished(tiny, small_model, tmp_path_factory):
    """Directories of a run without an average and of one with."""
    out = tmp_path_factory.mktemp("finished")
    for name, settings in ("plain", SETTINGS), ("averaged", AVERAGED):
        train(small_model(), tiny, **{**settings, "epochs": 1}, out=out / name)
    return out


@pytest.fixture
def runs(finished, tmp_path):
    """A copy of them."""
    return shutil.copytree(finished, tmp_path / "runs")


def test_a_run_of_a_version_without_averages_goes_on_without(tiny, small_model, runs, run_cli):
    out = runs / "plain"
    path = newest(out, "checkpoint") / "state.json"
    assert not (path.parent / train_state.AVERAGE).exists()
    state = json.loads(path.read_text("utf-8"))
    del state["settings"]["average"], state["settings"]["keep_best"]
    path.write_text(json.dumps(state), "utf-8")
    restamp(path)
    says = complaint(run_cli("train", "--resume", "--out", out, "--average", 0.5), 2)
    assert "--average is 0.5, was 0.0" in says
    with pytest.raises(UsageError, match=r"average is 0.6, was 0.0$"):
        train(small_model(), tiny, **AVERAGED, out=out, resume=True)
    for other, says in (
        ({"keep_best": "bleu"}, "keep_best is bleu, was loss"),
        ({}, "average is 0.0"),
    ):
        with pytest.raises(UsageError, match=says):
            where = out if other else runs / "averaged"
            train(small_model(), tiny, **SETTINGS, **other, out=where, resume=True)
    done = run_cli("train", "--resume", "--out", out, "--epochs", 2)
    assert done.code == 0, done
    longer = json.loads((newest(out, "checkpoint") / "state.json").read_text("utf-8"))
    assert longer["settings"]["average"] == 0 and longer["step"] == 14


@pytest.mark.parametrize("harm", ["lost", "other bytes", "of another model"])
def test_an_average_that_is_damaged(tiny, small_model, runs, harm):
    out = runs / "averaged"
    path = newest(out, "checkpoint") / train_state.AVERAGE
    if harm == "lost":
        path.unlink()
    elif harm == "other bytes":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    else:
        shutil.copy(path.parent / "optimizer.params", path)
        restamp(path)
    model = small_model(seed=5)
    before = weights(model)
    with pytest.raises(ModelError, match=r"average\.params.*train it again"):
        train(model, tiny, **AVERAGED, out=out, resume=True)
    assert same(weights(model), before)
    checkpoint.load_model(out, "cpu")  # the model itself is as it was
