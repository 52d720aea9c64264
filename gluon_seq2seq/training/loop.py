"""One loop: the loss, Adam, and the best model kept."""

import contextlib
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Union

import mxnet as mx
from mxnet import autograd

from .. import runtime
from ..corpus.batches import Minibatches
from ..corpus.corpus import Corpus
from ..corpus.examples import each_pair
from ..corpus.origin import seen_from
from ..errors import SystemProblem, UsageError
from ..model.checks import check_languages, check_model
from ..model.encoder_decoder import EncoderDecoder
from ..semantics.kinds import legacy
from ..settings import EPOCHS, SETTINGS, TrainingSettings
from ..settings.fields import listed, signature_with, with_changes
from ..translation import metrics
from ..translation.translator import Translator
from . import checkpoint, memory_check, train_state
from .course.progress import Progress
from .course.schedule import Clock, schedule
from .distributed import Workers
from .history import History
from .signals import Interrupted, Stop, last_words
from .train_step import Step, check_finite

SAVE_EVERY = 300  # seconds
GUESS_AFTER = 10  # steps after which the time of the first evaluation is guessed


def train(
    model: EncoderDecoder,
    corpus: Corpus,
    settings: Optional[TrainingSettings] = None,
    *,
    out: Union[str, Path, None] = None,
    overwrite: bool = False,
    resume: bool = False,
    started: Optional[float] = None,
    quiet: bool = False,
    workers: Optional[Workers] = None,
    until: Optional[Callable[[Dict[str, Any]], bool]] = None,
    **changes: Any,
) -> History:
    r"""Minimise :math:`-\log P(y_1, \ldots, y_{T'})` per target token; returns a :class:`History`.

    ``model``, an :class:`EncoderDecoder`, learns the training pairs of ``corpus``, a
    :class:`Corpus`, in batches. The decoder reads the reference, one position late (teacher
    forcing), or below ``teacher_forcing`` 1 the reference with that probability and else its own
    word (:mod:`scheduled sampling <.scheduled_sampling>`, which is slower). Adam; the learning rate
    rises over 100 steps to ``learning_rate``, then falls in a straight line to a twentieth.
    ``quiet`` prints nothing.

    Stops after ``epochs`` (20 when no limit is given), after ``minutes`` of wall time,
    everything since ``started`` (a ``time.monotonic()``) included, or after ``patience`` epochs
    without a lower dev loss (with ``keep_best="bleu"``, a higher dev BLEU), whichever comes first;
    or where ``until``, a function of an epoch's row of the :class:`History`, returns true: it is
    asked after each epoch that is the best so far, with the model as it is then. Then, and after an
    interruption, the model has the parameters of its best epoch, which are also in the directory
    ``out``, with ``history.json``, ``history.csv`` and, at the end, ``learning-curve.png``. With an
    ``average`` these are the :mod:`moving average <.average>` of its weights, which dev is
    translated with, too.

    While it trains, ``out`` has checkpoints, one an epoch and one every five minutes; the last one
    stays. ``resume=True`` goes on from it, whatever ended the run. Model, sentences and settings
    have to be those that it began with, but for ``epochs``, ``minutes`` (both in all) and
    ``patience``: with larger ones a run that is finished is trained longer, and the learning rate
    goes on as in one of the new length; one that ``until`` ended needs none. Where no training was
    begun in ``out``, it begins. After Ctrl-C, SIGTERM or SIGHUP the step is finished and saved;
    whatever exception ends a training, its ``history`` has the epochs before.

    A ``model`` that has been trained before, such as one of :func:`load_model`, begins with the
    parameters that it has.

    With several ``workers`` (:class:`~.distributed.Workers`) each calls this function with the same
    arguments. A step has ``batch_size`` sentences of every worker; the first one translates dev,
    writes ``out`` and keeps the time. To resume, each has to be able to read ``out``.

    Equal weights to start from (``gluon_seq2seq.seed`` before the model is made) and an equal
    ``seed`` give equal models, interrupted and resumed or not, as long as no time limit ends the
    run. Raises :class:`UsageError` for arguments out of range, when ``out`` holds a model and
    ``overwrite`` is not set, while another process trains there, for settings that are not those of
    the run to resume, for a model of other languages than the corpus, and one without gradients;
    :class:`DataError` for other sentences; :class:`Diverged` when loss or gradient is not finite.

    Takes these as keywords, or as ``settings`` a value that has them all, a
    :class:`TrainingSettings`; or those of the class that :data:`~.settings.SETTINGS` has.
    """
    check_model(model)
    if resume and out is None:
        raise UsageError("resume needs out, the directory of the run")
    if until is not None and not callable(until):
        raise UsageError(f"until is {until!r}: use a function of an epoch's row")
    begun, kept = resume and train_state.begun(out), {}
    if begun and settings is None:
        kept = train_state.limits(out)
    settings = with_changes("train", settings, SETTINGS["training"](), {**kept, **changes})
    if settings.epochs is None and settings.minutes is None:
        settings = replace(settings, epochs=EPOCHS)
    workers = workers or Workers()
    with legacy(), autograd.pause(), contextlib.ExitStack() as stack:  # within their record()
        check = None
        if out is not None and not workers.rank:
            check = stack.enter_context(train_state.locked(out))
            if not begun:
                checkpoint.prepare(out, overwrite)
        check_languages(model, corpus)
        runtime.seed(settings.seed)
        vocabs, ctx = (model.src_vocab, model.tgt_vocab), model.ctx
        share = workers.rank, workers.count
        least = workers.count * len(model.devices)
        size, pairs = settings.batch_size, each_pair(corpus.train)
        batches = Minibatches(pairs, *vocabs, size, ctx, True, *share, least)
        dev = Minibatches(each_pair(corpus.dev), *vocabs, size, ctx)
        memory_check.check(model, batches, settings.average, settings.sampled_words)
        model.origin = corpus.origin
        steps = settings.epochs and settings.epochs * len(batches)
        clock = Clock(steps, settings.minutes, started)
        run = _Run(Step(model, settings, workers), clock, out and corpus.sha256(), out, check)
        if begun:
            run.resume()
        run.stop = stack.enter_context(Stop())
        floor = metrics.entropy_floor(corpus.dev, model.tgt_vocab)
        many = None if workers.rank else metrics.many_unknown(model, corpus.dev, "dev")
        history = run.history
        try:
            with Progress(quiet or workers.rank) as progress:
                if resume and not begun:
                    progress.say(f"{out}: no training was begun there, so it begins")
                if many:
                    progress.say(many)
                while not run.over():
                    row = {"epoch": len(history) + 1}
                    row.update(run.epoch(batches, dev, progress, row["epoch"]))
                    if run.stopped:
                        break
                    with run.step.average.used():
                        row.update(run.evaluate(corpus.dev, dev))
                        row["floor"] = floor
                        run.keep(row)
                    run.save()
                    progress.row(row, history.best is row)
                    with run.step.average.used():
                        run.ask(until)
                if begun and len(history) == run.epochs_before and not run.stopped:
                    progress.say(f"{out}: training is finished there, {history.longer(settings)}")
                elif history.without_progress() >= settings.patience:
                    progress.say(f"stopped: no {history.better} for {settings.patience} epochs")
        except BaseException as error:
            error.history = history  # type: ignore[attr-defined]
            with contextlib.suppress(SystemProblem):  # the first failure is the one to tell
                run.leave()
            raise
        run.leave()
        if run.stopped and not run.over():
            raise Interrupted(last_words(clock.step, out, history), run.stopped, history)
        if run.out is not None:
            checkpoint.remove(out, "checkpoint", but=1)  # for who wants it trained longer
    return history


train.__signature__ = signature_with(train, TrainingSettings())  # type: ignore[attr-defined]
train.__doc__ = listed(TrainingSettings, train.__doc__)


class _Run:
    """The moving parts of one training run, and how they are saved and found again."""

    def __init__(self, step, clock, data=None, out=None, check=None):
        self.model, self.settings, self.step, self.clock = step.model, step.settings, step, clock
        self.workers, self.data, self.folder, self.stop = step.workers, data, out, Stop()
        self.check = check  # raises where the folder is no longer the run's own
        self.out = None if self.workers.rank else out  # the first worker alone writes
        self.stopped = None  # the signal that ends the run of all workers
        self.enough = False  # what until said of the last epoch
        self.history, self.best, self.epochs_before = History(), {}, None
        self.history.by = self.settings.keep_best
        self.batches, self.loss, self.tokens, self.seconds = 0, 0.0, 0, 0.0  # of this epoch
        self.saved = time.monotonic()
        self.translator = Translator(self.model, too_long="cut", unknown="never")

    def over(self):
        """Whether an end of training is reached, and the epoch with the last step is evaluated: a
        signal in that step has it wait until the run goes on."""
        waiting = self.batches and self.clock.step == self.clock.total_steps
        return bool(self.history and not waiting) and (
            self.progress() >= 1 or self.enough or self.history.ended(self.settings)
        )

    def ask(self, until):
        """Learn from the first worker's ``until`` whether the last epoch, the best, is enough."""
        row = self.history[-1]
        asked = until is not None and not self.workers.rank and self.history.best is row
        (said,) = self.workers.sum(bool(asked and until(row)))
        self.enough = bool(said)

    def progress(self):
        """How far the run is, by the first worker's clock; learns whether any is to stop."""
        own = 0.0 if self.workers.rank else self.clock.progress()
        progress, signals = self.workers.sum(own, bool(self.stop.signal))
        if signals:
            self.stopped = self.stop.signal or signal.SIGTERM
        return progress

    def epoch(self, batches, dev, progress, number):
        """One pass over the training pairs, or as much of it as time limit and signals leave."""
        seed, rate = self.settings.seed, self.settings.learning_rate
        runtime.seed(seed + number - 1)  # for shuffling
        begin, done = time.monotonic() - self.seconds, self.progress()
        for batch in batches.after(self.batches):
            own = 1_000_003 * seed + 500_009 * self.workers.rank  # dropout is each worker's own
            mx.random.seed((own + self.clock.step) % 2**31)
            share = schedule(self.clock.step, done)
            loss, tokens = self.step(batch, rate * share)
            self.loss, self.tokens = self.loss + loss, self.tokens + tokens
            self.batches, self.clock.step = self.batches + 1, self.clock.step + 1
            self.seconds = time.monotonic() - begin
            if not self.clock.reserve and self.clock.deadline and self.clock.step == GUESS_AFTER:
                self.clock.reserve = 2 + 1.5 * self.seconds / self.tokens * dev.tokens
            speed, mean = self.tokens / self.seconds, self.loss / self.tokens
            done = self.progress()
            progress.show(done, number, self.settings.epochs, mean, speed)
            if self.stopped or time.monotonic() > self.saved + SAVE_EVERY:
                self.save()
            if self.stopped or (self.clock.deadline and done >= 1):
                break
        return {
            "step": self.clock.step,
            "tokens_per_s": self.tokens / self.seconds,
            "train_loss": self.loss / self.tokens,
        }

    def keep(self, row):
        """Close an epoch: its row, and its model where it is the best so far."""
        if self.history.improved_by(row):
            self.best = {n: p.list_data()[0].copy() for n, p in self.model.collect_params().items()}
            if self.out is not None:
                with self.saving():
                    checkpoint.save_model(self.model, self.out)
        self.history.append(row)
        if self.out is not None:
            self.history.write(self.out)  # so that plot curve shows a run that goes on
        self.batches, self.loss, self.tokens, self.seconds = 0, 0.0, 0, 0.0

    @contextlib.contextmanager
    def saving(self):
        """Save within it: the folder is this run's still, and a run before it is over then."""
        self.check()
        if self.epochs_before is not None:
            yield
            return
        with checkpoint.replacing(self.out, "checkpoint"):
            yield
        self.epochs_before = 0

    def save(self):
        if self.out is None:
            return
        where = {name: getattr(self, name) for name in ("history", "batches", "loss", "tokens")}
        where.update(seconds=self.seconds, step=self.clock.step)
        where["places"] = seen_from(self.folder, self.model.origin)
        where.update(elapsed=self.clock.elapsed(), reserve=self.clock.reserve)
        with self.saving():
            train_state.save(self.out, self.step, self.data, where)
        self.saved = time.monotonic()

    def resume(self):
        """Go on from the newest checkpoint; the best model so far is that of the directory."""
        state = train_state.restore(self.folder, self.step, self.data)
        self.history.extend(state["history"])
        self.epochs_before = len(self.history)
        for name in "batches", "loss", "tokens", "seconds":
            setattr(self, name, state[name])
        self.step.count = self.clock.step = state["step"]
        self.clock.go_on_after(state["elapsed"])
        self.clock.reserve = state["reserve"]
        if self.history:
            best = checkpoint.load_model(self.folder, str(self.model.ctx).partition("(")[0])
            parameters = best._collect_params_with_prefix()
            for name, parameter in self.model._collect_params_with_prefix().items():
                self.best[parameter.name] = parameters[name].list_data()[0].copy()

    def leave(self):
        """Give the model its best parameters back and the system its memory; write the history."""
        for name, value in self.best.items():
            self.model.collect_params()[name].set_data(value)
        runtime.give_memory_back()  # benchmarks/README.md, "Memory, before and after"
        if self.out is not None and self.history:
            self.check()
            self.history.save(self.out)

    def evaluate(self, examples, batches):
        """What dev says of the model as it is: the first worker finds it."""
        runtime.give_memory_back()
        begin, first = time.monotonic(), not self.workers.rank
        (loss,) = self.workers.sum(metrics.mean_loss(self.model, batches) if first else 0.0)
        check_finite("the dev loss", loss, self.clock.step)
        bleu, exact = self.workers.sum(*(self._scores(examples) if first else (0.0, 0.0)))
        runtime.give_memory_back()
        self.clock.reserve = 1 + 1.3 * (time.monotonic() - begin)
        return {
            "seconds": self.clock.elapsed(),
            "dev_loss": loss,
            "perplexity": metrics.perplexity(loss),
            "bleu": bleu,
            "exact": exact,
        }

    def _scores(self, examples):
        translations = self.translator.translate([example.source for example in examples])
        references, side = [example.valid for example in examples], self.model.tgt_vocab.tokenizer
        found = metrics.score(translations, references, language=side.language)
        return found["bleu"], found["exact"]
