"""One loop: the loss, Adam, and the best model kept."""

import json
import math
import time
from pathlib import Path

from mxnet import autograd, nd
from mxnet.gluon import Trainer

from . import checkpoint, metrics, runtime
from .batches import Minibatches
from .corpus import pairs_of
from .errors import Diverged, SystemProblem, UsageError
from .forcing import mixed_inputs
from .loss import SequenceLoss, loss_and_gradient
from .plots import learning_curve
from .progress import Progress
from .translate import Translator

WARM_UP = 100  # steps over which the learning rate rises to its full value
GUESS_AFTER = 10  # steps after which the time of the first evaluation is guessed


class History(list):
    """One dict an epoch: ``epoch step seconds tokens_per_s train_loss dev_loss perplexity bleu``,
    and ``floor``, below which no model's dev loss can be expected (``None``: not known).

    Losses are in nats per target token, ``seconds`` since training began, ``bleu`` is sacreBLEU
    (0 to 100) of greedy translations of dev; the last epoch may be a part of one.
    """

    @property
    def best(self):
        """The epoch of least dev loss: the one whose model is kept."""
        return min(self, key=lambda row: row["dev_loss"])

    def plot(self, lang="en"):
        """The learning curve as a matplotlib Figure."""
        return learning_curve(self, lang)


class Clock:
    """How far a run is, from 0 to 1: by steps, and by time where there is a limit.

    A time limit covers everything since ``started``; ``reserve`` seconds of it are kept for
    the evaluation that ends the run.
    """

    def __init__(self, total_steps, minutes, started):
        self.total_steps, self.step, self.reserve = total_steps, 0, 0.0
        self.began = time.monotonic()
        self.deadline = None if minutes is None else (started or self.began) + 60 * minutes

    def progress(self):
        progress = self.step / self.total_steps if self.total_steps else 0.0
        if self.deadline is not None:
            now, end = time.monotonic(), self.deadline - self.reserve
            progress = max(progress, (now - self.began) / max(end - self.began, 1e-9))
        return min(1.0, progress)


def train(
    model,
    corpus,
    epochs=None,
    minutes=None,
    batch_size=128,
    learning_rate=4e-3,
    clip=1.0,
    patience=5,
    teacher_forcing=1.0,
    label_smoothing=0.0,
    seed=0,
    out=None,
    overwrite=False,
    started=None,
    quiet=False,
):
    r"""Minimise :math:`-\log P(y_1, \ldots, y_{T'})` per target token; returns a :class:`History`.

    The decoder reads the reference, one position late (teacher forcing), or below
    ``teacher_forcing`` 1 the reference with that probability and else its own word
    (:mod:`.forcing`; slower). ``label_smoothing``: :func:`~.loss.loss_and_gradient`. Adam; the
    gradient's norm is cut at ``clip``; the learning rate rises over 100 steps, then falls in a
    straight line to a twentieth.

    Stops after ``epochs`` (20 when no limit is given), after ``minutes`` of wall time,
    everything since ``started`` (a ``time.monotonic()``) included, or after ``patience`` epochs
    without a lower dev loss, whichever comes first. Then, and after an interruption, the model
    has the parameters of its best epoch, which are also in the directory ``out``, with
    ``history.json`` and ``learning-curve.png``.

    Equal weights to start from (``gluon_seq2seq.seed`` before the model is made) and equal seeds
    give equal models, as long as no time limit ends the run. Raises :class:`UsageError` for
    arguments out of range, and when ``out`` holds a model and ``overwrite`` is not set;
    :class:`Diverged` when the loss or the gradient is no longer finite.
    """
    _check(epochs, minutes, batch_size, learning_rate, clip, patience)
    if not 0 <= teacher_forcing <= 1:
        raise UsageError(f"teacher_forcing is {teacher_forcing}: use 0 to 1")
    if not 0 <= label_smoothing < 1:
        raise UsageError(f"label_smoothing is {label_smoothing}: use 0 or more and less than 1")
    if out is not None:
        checkpoint.prepare(out, overwrite)
    runtime.seed(seed)
    if epochs is None and minutes is None:
        epochs = 20
    vocabs, ctx = (model.src_vocab, model.tgt_vocab), model.ctx
    batches = Minibatches(pairs_of(corpus.train), *vocabs, batch_size, ctx, shuffle=True)
    dev = Minibatches(pairs_of(corpus.dev), *vocabs, batch_size, ctx)
    model.origin = corpus.origin
    clock = Clock(epochs and epochs * len(batches), minutes, started)
    run = _Run(model, Step(model, clip, teacher_forcing, label_smoothing), learning_rate, clock)
    history, best = History(), {}
    floor = metrics.entropy_floor(corpus.dev, model.tgt_vocab)
    try:
        with Progress(quiet) as progress:
            while not history or (clock.progress() < 1 and len(history) != epochs):
                row = {"epoch": len(history) + 1}
                row.update(run.epoch(batches, dev, progress, row["epoch"], epochs))
                row.update(run.evaluate(corpus.dev, dev))
                row["floor"] = floor
                history.append(row)
                if history.best is row:
                    best = {name: p.data().copy() for name, p in model.collect_params().items()}
                    if out is not None:
                        checkpoint.save_model(model, out)
                progress.row(row, history.best is row)
                if row["epoch"] - history.best["epoch"] >= patience:
                    progress.say(f"stopped: no lower dev loss for {patience} epochs")
                    break
    finally:  # after Ctrl-C or Diverged too
        for name, value in best.items():
            model.collect_params()[name].set_data(value)
        if out is not None and history:
            _save(history, Path(out))
    return history


def _save(history, out):
    try:
        (out / "history.json").write_text(json.dumps(history, indent=1), "utf-8")
        history.plot().savefig(out / "learning-curve.png", dpi=150)
    except OSError as error:
        raise SystemProblem(
            f"the model is saved, but not its history: {out}: {error.strerror}"
        ) from None


def schedule(step, progress):
    """The share of the full learning rate at a step, counted from 0, of a run at ``progress``.

    It rises over :data:`WARM_UP` steps, then falls in a straight line to a twentieth.
    """
    return min((step + 1) / WARM_UP, max(0.05, 1.0 - progress))


class Step:
    r"""One step of Adam: the weights of ``model`` after it has seen a batch.

    ``step(batch, rate)`` takes a :class:`~.batches.Batch` and the learning rate; it returns
    :math:`-\log P` of the batch, summed, in nats, and the number of its target tokens. The
    gradient is that of the mean over the tokens; its norm is cut at ``clip``. Raises
    :class:`Diverged` when the loss or the gradient is not finite, before it reaches the weights.
    """

    def __init__(self, model, clip=1.0, teacher_forcing=1.0, label_smoothing=0.0):
        self.model, self.clip = model, clip
        self.teacher_forcing, self.label_smoothing = teacher_forcing, label_smoothing
        self.count = 0
        self.trainer = Trainer(model.collect_params(), "adam")
        self.parameters = [p for p in model.collect_params().values() if p.grad_req != "null"]

    def __call__(self, batch, rate):
        X, src_valid_length, Y_prev, Y, tgt_valid_length = batch
        if self.teacher_forcing < 1:
            Y_prev = mixed_inputs(self.model, X, src_valid_length, Y_prev, self.teacher_forcing)
        tokens = int(tgt_valid_length.asnumpy().sum())
        with autograd.record():
            logits, _ = self.model(X, src_valid_length, Y_prev)
        total, gradient = loss_and_gradient(logits, Y, tgt_valid_length, self.label_smoothing)
        logits.backward(gradient)
        total, norm = total.asscalar().item(), self._norm().asscalar().item()  # of sums
        self.count += 1
        for what, value in ("the loss", total), ("the norm of the gradient", norm):
            _check_finite(what, value / tokens, self.count)
        self.trainer.set_learning_rate(rate)
        self.trainer.step(max(tokens, norm / self.clip))  # divides the gradient: mean, and clipped
        return total, tokens

    def _norm(self):
        flat = [p.grad().reshape(-1) for p in self.parameters]
        return nd.add_n(*[nd.dot(g, g) for g in flat]).sqrt()  # nd.norm takes 20 times as long


class _Run:
    """The moving parts of one training run."""

    def __init__(self, model, step, learning_rate, clock):
        self.model, self.step, self.learning_rate, self.clock = model, step, learning_rate, clock
        self.translator = Translator(model)

    def epoch(self, batches, dev, progress, number, epochs):
        """One pass over the training pairs, or as much of it as the time limit leaves."""
        begin, total, tokens = time.monotonic(), 0.0, 0
        for batch in batches:
            rate = self.learning_rate * schedule(self.clock.step, self.clock.progress())
            for_batch, count = self.step(batch, rate)
            total, tokens = total + for_batch, tokens + count
            self.clock.step += 1
            seconds = time.monotonic() - begin
            if not self.clock.reserve and self.clock.deadline and self.clock.step == GUESS_AFTER:
                self.clock.reserve = 2 + 1.5 * seconds / tokens * dev.tokens
            progress.show(self.clock.progress(), number, epochs, total / tokens, tokens / seconds)
            if self.clock.deadline and self.clock.progress() >= 1:
                break
        return {
            "step": self.clock.step,
            "tokens_per_s": tokens / seconds,
            "train_loss": total / tokens,
        }

    def evaluate(self, examples, batches):
        """Dev loss, perplexity and BLEU of the model as it is."""
        begin = time.monotonic()
        loss = mean_loss(self.model, batches)
        _check_finite("the dev loss", loss, self.clock.step)
        translations = self.translator.translate([example.source for example in examples])
        scores = metrics.score(translations, [example.valid for example in examples])
        self.clock.reserve = 1 + 1.3 * (time.monotonic() - begin)
        return {
            "seconds": time.monotonic() - self.clock.began,
            "dev_loss": loss,
            "perplexity": perplexity(loss),
            "bleu": scores["bleu"],
        }


def _check_finite(what, value, step):
    if not math.isfinite(value):
        raise Diverged(
            f"{what} is {value} at step {step}: train again with a lower learning rate; models "
            "saved before are as they were"
        )


def mean_loss(model, batches):
    r""":math:`-\log P(y_{t'} \mid y_{<t'}, c)` in nats, averaged over the tokens of ``batches``."""
    loss, total, tokens = SequenceLoss(), 0.0, 0.0
    for X, src_valid_length, Y_prev, Y, tgt_valid_length in batches:
        logits, _ = model(X, src_valid_length, Y_prev)
        for_batch, count = loss(logits, Y, tgt_valid_length)
        total += for_batch.asscalar().item()
        tokens += count.asscalar().item()
    return total / tokens


def perplexity(loss):
    """exp of a mean loss: among how many equally likely words the model seems to choose."""
    return math.exp(min(loss, 700.0))  # beyond that a float overflows


def _check(epochs, minutes, batch_size, learning_rate, clip, patience):
    for name, value in (
        ("epochs", epochs),
        ("minutes", minutes),
        ("batch_size", batch_size),
        ("learning_rate", learning_rate),
        ("clip", clip),
        ("patience", patience),
    ):
        if value is not None and not 0 < value < math.inf:
            raise UsageError(f"{name} is {value}: use more than 0")
