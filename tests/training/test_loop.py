"""The training loop: it learns, keeps the best, stops when told to, and repeats itself."""

import csv
import json
import math
import time
from unittest import mock

import numpy as np
import pytest
from helpers import complaint, fresh, weights
from mxnet import autograd, nd
from mxnet.gluon import Trainer
from mxnet.gluon.utils import clip_global_norm

import gluon_seq2seq as gs
from gluon_seq2seq import (
    Diverged,
    EncoderDecoder,
    SequenceLoss,
    SystemProblem,
    TrainingSettings,
    Translator,
    UsageError,
    bahdanau2015,
    book,
    load_corpus,
    load_model,
    runtime,
    train,
)
from gluon_seq2seq.cli.plot import _history
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.training.course import progress
from gluon_seq2seq.training.course.progress import Progress
from gluon_seq2seq.training.course.schedule import WARM_UP, Clock, schedule
from gluon_seq2seq.training.history import History
from gluon_seq2seq.training.loop import _Run
from gluon_seq2seq.training.train_step import Step
from gluon_seq2seq.translation.metrics import mean_loss


def test_learns_and_reports(tiny, small_model, tmp_path):
    model = small_model()
    before = mean_loss(model, Minibatches(pairs_of(tiny.dev), tiny.src_vocab, tiny.tgt_vocab, 8))
    history = train(model, tiny, epochs=8, batch_size=8, out=tmp_path, quiet=True)
    assert [row["epoch"] for row in history] == list(range(1, 9))
    assert history[-1]["step"] == 8 * math.ceil(53 / 8)
    assert history[-1]["train_loss"] < history[0]["train_loss"] < before
    assert history[3]["perplexity"] == pytest.approx(math.exp(history[3]["dev_loss"]))
    assert json.loads((tmp_path / "history.json").read_text()) == history
    assert (tmp_path / "learning-curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def dev_losses(monkeypatch):
    """Let dev losses be given numbers; returns the weights that the model had at each of them."""

    def install(*losses):
        seen = []

        def evaluate(run, examples, batches):
            seen.append(weights(run.model))
            return {
                "seconds": 1.0,
                "dev_loss": losses[len(seen) - 1],
                "perplexity": 1.0,
                "bleu": 1.0,
                "exact": 0.5,
            }

        monkeypatch.setattr(_Run, "evaluate", evaluate)
        return seen

    return install


def test_the_best_epoch_is_what_remains(tiny, small_model, tmp_path, dev_losses):
    seen = dev_losses(3.0, 1.0, 2.0)
    model = small_model()
    history = train(model, tiny, epochs=3, batch_size=8, out=tmp_path, quiet=True)
    assert history.best["epoch"] == 2
    for name, value in weights(load_model(tmp_path, "cpu")).items():
        np.testing.assert_array_equal(value, seen[1][name])
        np.testing.assert_array_equal(value, weights(model)[name])
        assert np.abs(value - seen[2][name]).max() > 0


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Diverged])
def test_an_interrupted_run_leaves_its_best_too(tiny, small_model, tmp_path, monkeypatch, stop):
    model, seen, evaluate = small_model(), [], _Run.evaluate

    def stopping(run, examples, batches):
        seen.append(weights(run.model))
        if len(seen) == 2:
            raise stop
        return evaluate(run, examples, batches)

    monkeypatch.setattr(_Run, "evaluate", stopping)
    with pytest.raises(stop):
        train(model, tiny, epochs=5, batch_size=8, out=tmp_path, quiet=True)
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, seen[0][name])
    assert len(json.loads((tmp_path / "history.json").read_text())) == 1
    assert (tmp_path / "learning-curve.png").exists()


def test_history_can_be_read_while_training_goes_on(tiny, small_model, tmp_path, monkeypatch):
    seen, evaluate = [], _Run.evaluate

    def looking(run, examples, batches):
        if seen or (tmp_path / "history.json").exists():
            seen.append(json.loads((tmp_path / "history.json").read_text()))
        return evaluate(run, examples, batches)

    monkeypatch.setattr(_Run, "evaluate", looking)
    history = train(small_model(), tiny, epochs=3, batch_size=8, out=tmp_path, quiet=True)
    assert seen == [history[:1], history[:2]]
    with open(tmp_path / "history.csv", encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [list(row) for row in rows] == [list(row) for row in history]
    for row, other in zip(rows, history):
        assert {k: float(v) for k, v in row.items() if v} == {
            k: v for k, v in other.items() if v is not None
        }


def test_history_that_cannot_be_written(tiny, small_model, tmp_path):
    (tmp_path / "history.json").mkdir()
    with pytest.raises(SystemProblem, match=r"cannot write .*history\.json"):
        train(small_model(), tiny, epochs=1, out=tmp_path, quiet=True)
    load_model(tmp_path, "cpu")


def test_stops_early(tiny, small_model, dev_losses, capsys):
    dev_losses(5.0, 3.0, 4.0, 3.0, 3.5, 1.0)
    history = train(small_model(), tiny, epochs=6, patience=3)
    assert len(history) == 5 and history.best["epoch"] == 2
    assert "no lower dev loss for 3 epochs" in capsys.readouterr().out


def test_the_best_by_bleu(tiny, small_model, tmp_path, dev_losses, monkeypatch, run_cli, capsys):
    """Kept, told, drawn, asked about and waited for: that of the highest BLEU, the first of two."""
    seen, asked = dev_losses(3.0, 1.0, 2.0, 4.0, 0.5), []
    bleus, evaluate = iter([10.0, 20.0, 30.0, 30.0, 25.0]), _Run.evaluate
    monkeypatch.setattr(_Run, "evaluate", lambda *_: {**evaluate(*_), "bleu": next(bleus)})

    def until(row):
        asked.append(row["epoch"])
        return False

    model, settings = small_model(), {"batch_size": 8, "keep_best": "bleu", "patience": 2}
    history = train(model, tiny, epochs=9, **settings, out=tmp_path, until=until)
    assert history.best["epoch"] == 3 and len(history) == 5 and asked == [1, 2, 3]
    assert "stopped: no higher dev BLEU for 2 epochs" in capsys.readouterr().out
    np.testing.assert_equal(weights(model), seen[2])
    np.testing.assert_equal(weights(load_model(tmp_path, "cpu")), seen[2])
    again = train(small_model(), tiny, epochs=9, **settings, out=tmp_path, resume=True)
    assert again.best["epoch"] == 3
    assert "after 2 epochs without a higher dev BLEU: give more" in capsys.readouterr().out

    for figure in history.plot(), again.plot():
        assert [axes.lines[-1].get_xdata()[0] for axes in figure.axes] == [3, 3]
    assert _history(tmp_path).best["epoch"] == 3
    (path,) = tmp_path.glob("checkpoint-*/state.json")
    for settings in {"keep_best": "f1"}, [], {}:
        path.write_text(json.dumps({"settings": settings}), "utf-8")
        assert _history(tmp_path).best["epoch"] == 5
    done = run_cli("train", "--data", "tiny", "--out", tmp_path / "b", "--keep-best", "f1")
    assert "--keep-best is 'f1': use loss or bleu" in complaint(done, 2)


def test_until_says_that_an_epoch_is_enough(tiny, small_model, dev_losses, tmp_path):
    seen, asked, model = dev_losses(5.0, 6.0, 3.0, 2.0), [], small_model()
    settings = {"epochs": 4, "batch_size": 8, "quiet": True, "out": tmp_path}

    def until(row):
        asked.append(row["epoch"])
        np.testing.assert_equal(weights(model), seen[-1])  # of that epoch
        return row["dev_loss"] < 4

    history = train(model, tiny, **settings, until=until)
    assert asked == [1, 3] and len(history) == 3
    np.testing.assert_equal(weights(model), seen[2])
    assert len(train(small_model(), tiny, **settings, resume=True)) == 4  # to its last epoch


def test_until_is_a_function(tiny, small_model):
    """Which is said before an epoch is over, not after it."""
    with pytest.raises(UsageError, match=r"^until is 0.9: use a function of an epoch's row$"):
        train(small_model(), tiny, epochs=1, quiet=True, until=0.9)


def test_until_of_the_first_worker_ends_all():
    def until(row):
        raise AssertionError

    history = History([{"epoch": 1, "dev_loss": 1.0}])
    for others in 0.0, 1.0:  # what the first one says
        run = mock.Mock(history=history)
        run.workers = mock.Mock(rank=1, sum=lambda said, others=others: (said + others,))
        _Run.ask(run, until)
        assert run.enough is bool(others)


def test_rows_have_the_share_that_is_exactly_right(tiny, small_model, tmp_path):
    model = small_model()
    (row,) = train(model, tiny, epochs=1, batch_size=8, out=tmp_path, quiet=True)
    translations = Translator(model, unknown="never").translate([e.source for e in tiny.dev])
    right = [text in example.valid for text, example in zip(translations, tiny.dev)]
    assert row["exact"] == sum(right) / len(right)
    older = History([{k: v for k, v in row.items() if k != "exact"}, {**row, "epoch": 2}])
    older.write(tmp_path)
    with open(tmp_path / "history.csv", encoding="utf-8", newline="") as table:
        first, second = csv.DictReader(table)
    assert first["exact"] == "" and first["bleu"] == second["bleu"] == str(row["bleu"])
    assert second["exact"] == str(row["exact"])


def test_equal_seeds_give_equal_models(tiny, small_model):
    results = []
    for seed in (5, 5, 6):
        model = small_model(drop_prob=0.5)
        train(model, tiny, epochs=2, batch_size=8, seed=seed, quiet=True)
        results.append(weights(model))
    same, other = (
        all(np.array_equal(results[0][k], results[i][k]) for k in results[0]) for i in (1, 2)
    )
    assert same and not other


def test_of_epochs_and_minutes_whichever_comes_first(tiny, small_model):
    assert len(train(small_model(), tiny, epochs=2, minutes=10, quiet=True)) == 2
    started = time.monotonic() - 600
    history = train(small_model(), tiny, epochs=50, minutes=1, started=started, quiet=True)
    assert len(history) == 1


def test_minutes_end_it_with_a_model_saved(tiny, small_model, tmp_path, monkeypatch):
    """By a clock on which a step takes a tenth of a second more."""
    steps, call, monotonic = [], Step.__call__, time.monotonic
    monkeypatch.setattr(Step, "__call__", lambda *given: (steps.append(0.1), call(*given))[1])
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + sum(steps))
    started = time.monotonic()
    train(small_model(), tiny, minutes=0.1, batch_size=2, patience=999, out=tmp_path, quiet=True)
    assert 2 < time.monotonic() - started < 6 + 10
    load_model(tmp_path, "cpu")


def test_time_already_gone_still_leaves_a_model(tiny, small_model, tmp_path):
    started = time.monotonic() - 600
    train(small_model(), tiny, minutes=1, started=started, out=tmp_path, quiet=True)
    load_model(tmp_path, "cpu")


@pytest.mark.parametrize(
    "step, progress, share",
    [
        (0, 0.0, 0.01),
        (49, 0.1, 0.5),
        (99, 0.0, 1.0),
        (99, 0.3, 0.7),
        (500, 0.5, 0.5),
        (9, 1.0, 0.05),
    ],
)
def test_the_learning_rate_rises_and_falls(step, progress, share):
    assert schedule(step, progress) == pytest.approx(share)


def test_clock_reserves_time_for_the_last_evaluation():
    clock = Clock(None, minutes=1, started=None)
    clock.reserve = 60.0
    assert clock.progress() == 1


def test_nan_stops_and_leaves_the_saved_model(tiny, small_model, tmp_path):
    model = small_model()
    train(model, tiny, epochs=1, out=tmp_path, quiet=True)
    saved = weights(load_model(tmp_path, "cpu"))
    first = next(iter(model.collect_params().values()))
    first.set_data(first.data() * float("nan"))
    with pytest.raises(Diverged, match="step 1"):
        train(model, tiny, epochs=1, out=tmp_path, overwrite=True, quiet=True)
    for name, value in weights(load_model(tmp_path, "cpu")).items():
        np.testing.assert_array_equal(value, saved[name])


@pytest.fixture
def batch(tiny):
    pairs = pairs_of(tiny.train)[:7]
    return next(iter(Minibatches(pairs, tiny.src_vocab, tiny.tgt_vocab, 7)))


@pytest.mark.parametrize("clip", [1e-3, 1e3])
def test_step_follows_the_clipped_gradient_of_the_mean(small_model, batch, clip):
    model, by_hand = small_model(), small_model()
    step, rate = Step(model, TrainingSettings(clip=clip)), 0.5
    step.trainer = Trainer(model.collect_params(), "sgd")  # whose step shows the gradient itself
    total, tokens = step(batch, rate)
    with autograd.record():
        logits, _ = by_hand(batch.X, batch.src_valid_length, batch.Y_prev)
        expected, count = SequenceLoss()(logits, batch.Y, batch.tgt_valid_length)
        mean = expected / count
    mean.backward()
    assert total == pytest.approx(expected.asscalar(), rel=1e-5)
    assert tokens == count.asscalar()
    moved, gradients = weights(model), by_hand._collect_params_with_prefix()
    norm = clip_global_norm([p.grad() for p in by_hand.collect_params().values()], clip)
    assert (norm > clip) == (clip == 1e-3)
    for name, value in weights(by_hand).items():
        expected = value - rate * gradients[name].grad().asnumpy()
        np.testing.assert_allclose(moved[name], expected, atol=1e-6)


def test_adam_adds_epsilon_to_the_root_that_is_not_yet_corrected(small_model, batch):
    model, rate, m, v, off = small_model(), 0.01, {}, {}, []
    step, w = Step(model), {name: a.astype("float64") for name, a in weights(model).items()}
    for t in 1, 2, 3:
        _, tokens = step(batch, rate)
        parts = {name: p.grad() for name, p in model._collect_params_with_prefix().items()}
        sums = {name: g.asnumpy().astype("float64") for name, g in parts.items()}
        norm = np.sqrt(sum((g * g).sum() for g in sums.values()))
        for name, g in sums.items():
            g = g / max(tokens, norm)  # the mean, of norm 1 at most
            m[name] = 0.9 * m.get(name, 0) + 0.1 * g
            v[name] = 0.999 * v.get(name, 0) + 0.001 * g * g
            pace = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            torchs = m[name] / (1 - 0.9**t) / (np.sqrt(v[name] / (1 - 0.999**t)) + 1e-8)
            off.append(np.abs(w[name] - rate * torchs - weights(model)[name]).max())
            w[name] -= pace * m[name] / (np.sqrt(v[name]) + 1e-8)
            np.testing.assert_allclose(weights(model)[name], w[name], atol=2e-6)
    assert max(off) > 1e-4  # where PyTorch adds it, a gradient near epsilon moves the weights more


def test_an_infinite_gradient_stops_before_the_weights(small_model, batch, monkeypatch):
    model = small_model()
    step, before = Step(model), weights(model)
    monkeypatch.setattr(step, "_norm", lambda: nd.array([np.inf]))
    with pytest.raises(Diverged, match="norm of the gradient is inf at step 1"):
        step(batch, 0.1)
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, before[name])


def test_does_not_overwrite_unasked(tiny, small_model, tmp_path):
    train(small_model(), tiny, epochs=1, out=tmp_path, quiet=True)
    with pytest.raises(UsageError, match="overwrite=True"):
        train(small_model(), tiny, epochs=1, out=tmp_path, quiet=True)


@pytest.mark.parametrize(
    "arguments",
    [
        {"epochs": 0},
        {"minutes": -1},
        {"batch_size": 0},
        {"learning_rate": float("nan")},
        {"clip": 0},
        {"patience": 0},
        {"teacher_forcing": 1.1},
        {"teacher_forcing": float("nan")},
    ],
)
def test_arguments_out_of_range(tiny, small_model, arguments):
    with pytest.raises(UsageError):
        train(small_model(), tiny, quiet=True, **arguments)


@pytest.mark.slow
def test_without_teacher_forcing_it_learns_from_its_own_words(tiny, small_model):
    for share in 0.0, 0.5:
        settings = {"epochs": 4, "batch_size": 8, "learning_rate": 0.03, "quiet": True}
        history = train(small_model(), tiny, teacher_forcing=share, **settings)
        assert history[-1]["train_loss"] < 0.97 * history[0]["train_loss"]
    taught = train(small_model(), tiny, **settings)
    assert taught[-1]["train_loss"] != history[-1]["train_loss"]


def test_rows_are_printed_and_nothing_else(tiny, small_model, capsys):
    train(small_model(), tiny, epochs=2)
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split()[0] == "epoch" and lines[-1].split()[0] == "2"
    assert captured.err == ""


def test_history_plots_itself():
    rows = [
        {"epoch": e, "train_loss": 3 / e, "dev_loss": 3 / e + 1, "bleu": 5.0 * e} for e in (1, 2, 3)
    ]
    figure = History(rows).plot()
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), [3, 1.5, 1])
    np.testing.assert_allclose(left.lines[1].get_ydata(), [4, 2.5, 2])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [5, 10, 15])
    assert "nats" in left.get_ylabel() and "BLEU" in right.get_ylabel()


@pytest.mark.slow
def test_learns_the_bundled_sentences_by_heart():
    from gluon_seq2seq import Translator, book

    corpus = load_corpus("tiny")
    runtime.seed(1)
    model = book(corpus.src_vocab, corpus.tgt_vocab, 64, 128, drop_prob=0.1, device="cpu")
    settings = {"epochs": 60, "batch_size": 16, "patience": 60, "learning_rate": 0.01}
    history = train(model, corpus, quiet=True, seed=1, **settings)
    assert history[-1]["step"] > WARM_UP
    translations = Translator(model).translate([e.source for e in corpus.train])
    right = sum(t in e.references for t, e in zip(translations, corpus.train))
    assert translations[0] == "Ils regardent." and right >= 50


def trained(tiny, small_model, change=lambda model: None):
    model = small_model(drop_prob=0.2)
    change(model)
    return train(model, tiny, epochs=2, batch_size=8, quiet=True), weights(model)


def same(one, other):
    (history, before), (again, after) = one, other
    assert [row["dev_loss"] for row in history] == [row["dev_loss"] for row in again]
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name])


def test_gradients_that_add_up_are_those_of_a_step(tiny, small_model):
    """``grad_req="add"`` is for those who want the sum of several batches, and train is not."""

    def add(model):
        for parameter in model.collect_params().values():
            parameter.grad_req = "add"

    same(trained(tiny, small_model), trained(tiny, small_model, add))


def test_training_within_autograd_record(tiny, small_model):
    expected = trained(tiny, small_model)
    with autograd.record():
        found = trained(tiny, small_model)
    same(expected, found)


@pytest.mark.parametrize("rnn", ["gru", "textbook-gru"])
@pytest.mark.parametrize("q", ["last", "mean", "max"])
def test_double_precision(tiny, small_model, q, rnn):
    """A float64 model computes what the float32 one does, to float32's precision."""
    models = [small_model(q=q, rnn=rnn, bidirectional=True) for _ in range(2)]
    models[1].cast("float64")
    batches = Minibatches(pairs_of(tiny.dev), tiny.src_vocab, tiny.tgt_vocab, 4)
    assert models[1](*next(iter(batches))[:3])[0].dtype == np.float64
    losses = [mean_loss(model, batches) for model in models]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    dev_losses = [train(m, tiny, epochs=1, quiet=True)[0]["dev_loss"] for m in models]
    assert dev_losses[0] == pytest.approx(dev_losses[1], rel=1e-4)


def test_a_vocabulary_of_gluonnlp(tiny):
    """It knows no sentences: refused at once, and not after a model is made."""
    import gluonnlp

    plain = gluonnlp.Vocab(gluonnlp.data.count_tokens(["a", "b", "c"]))
    for function in (
        lambda: bahdanau2015(plain, tiny.tgt_vocab),
        lambda: bahdanau2015(tiny.src_vocab, None),
        lambda: Minibatches([("a", "b")], tiny.src_vocab, plain, 1),
    ):
        with pytest.raises(UsageError, match=r"(src|tgt)_vocab is a .*: use a gluon_seq2seq.Voc"):
            function()
    made = bahdanau2015(tiny.src_vocab, tiny.tgt_vocab, 4, 4)
    with pytest.raises(UsageError, match=r"src_vocab is a gluonnlp.Vocab"):
        EncoderDecoder(made.encoder, made.decoder, plain, tiny.tgt_vocab)


def test_sentences_that_are_longer_than_can_be_translated(run_cli, tmp_path):
    """They are trained on; of dev and test their beginning is translated."""
    lines = [f"{'I see ' * 300}{i} cats.\tJe vois {i} chats." for i in range(30)]
    (tmp_path / "long.tsv").write_text("\n".join(lines), "utf-8")
    sizes = ("--embed-size", 4, "--num-hiddens", 4, "--epochs", 1, "--max-length", 1000)
    out = tmp_path / "model"
    done = run_cli("train", "--data", tmp_path / "long.tsv", "--out", out, *sizes)
    assert (done.code, done.stderr) == (0, "")
    done = run_cli("evaluate", "--model", out, "--data", tmp_path / "long.tsv", "--show", 0)
    assert (done.code, done.stderr) == (0, "")
    corpus = gs.load_corpus(tmp_path / "long.tsv", max_length=1000)
    sources = [example.source for example in corpus.test]
    translator = gs.Translator(gs.load_model(out, "cpu"), too_long="cut")
    with pytest.raises(gs.DataError, match="604 tokens, at most 500"):
        gs.Translator(translator.model).translate(sources)
    tokenizer = corpus.src_vocab.tokenizer
    cut = [tokenizer.detokenize(tokenizer.tokenize(source)[:499]) for source in sources]
    assert translator.translate(sources) == gs.Translator(translator.model).translate(cut)
    translator.too_long = "blank"
    assert translator.translate(sources) == [""] * len(sources)
    with pytest.raises(gs.UsageError, match="unknown too_long 'keep': use stop, cut, blank"):
        gs.Translator(translator.model, too_long="keep")


def test_vocabularies_the_wrong_way_round(tiny, small_model):
    turned = book(tiny.tgt_vocab, tiny.src_vocab, 8, 8, device="cpu")
    with pytest.raises(
        UsageError, match="vocabularies of the model are fr-en, the sentences en-fr"
    ):
        train(turned, tiny, epochs=1, quiet=True)
    with pytest.raises(UsageError, match="are en-fr, the sentences fr-en"):
        train(small_model(), load_corpus("tiny", direction="fr-en"), epochs=1, quiet=True)


@pytest.mark.parametrize("many", [False, True])
def test_many_unknown_words_are_told(tiny, small_model, capsys, run_cli, tmp_path, many):
    few = load_corpus("tiny", max_vocab=12)
    model = small_model(few if many else tiny)
    train(model, tiny, epochs=1, out=tmp_path)
    shown = capsys.readouterr().out, run_cli("evaluate", "--model", tmp_path).stdout
    for split, text in zip(("dev", "test"), shown):
        pairs, words = pairs_of(getattr(tiny, split)), []
        for vocab, side in zip((model.src_vocab, model.tgt_vocab), zip(*pairs)):
            tokens = [t for sentence in set(side) for t in vocab.tokenizer.tokenize(sentence)]
            words.append(sum(token not in vocab for token in tokens) / len(tokens))
        says = "{}: {:.0%} of its source tokens and {:.0%} of its target tokens are <unk>"
        assert (says.format(split, *words) in text) == many, text
        assert ("<unk>" in text) == many


def test_a_notebook_shows_the_bar_though_no_terminal_is_there(monkeypatch):
    """Also without having loaded IPython to find out, which takes as long as MXNet."""
    assert Progress(quiet=False).bar.disable  # standard error is a file here
    from tqdm import asyncio, notebook

    kind = type("tqdm", (notebook.tqdm, asyncio.tqdm), {})  # as tqdm.auto makes it in a kernel
    monkeypatch.setattr(progress, "tqdm", kind)
    assert not Progress(quiet=False).bar.disable
    loaded = fresh("import sys, gluon_seq2seq.training.loop; print('IPython' in sys.modules)")
    assert loaded == "False\n"
