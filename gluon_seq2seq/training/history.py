"""What training measured, epoch by epoch."""

import json
import math
from pathlib import Path

from ..files.atomic import whole

MEASURES = {"loss": ("dev_loss", 1, "lower dev loss"), "bleu": ("bleu", -1, "higher dev BLEU")}
CURVE = "epoch", "seconds", "train_loss", "dev_loss", "bleu"  # what a picture needs of each row


def checked_rows(rows):
    """``rows`` of a file, which may say anything, once they are those of a :class:`History`: each
    has finite numbers, all of ``CURVE`` among them, or None. Raises :class:`ValueError`."""
    if not isinstance(rows, list):
        raise ValueError("a history is a list")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise ValueError(f"epoch {number} is no object")
        for name in {**row, **dict.fromkeys(CURVE)}:
            value = row.get(name)
            fits = type(value) in (int, float) and abs(value) < math.inf
            if not (fits or (value is None and name not in CURVE)):
                raise ValueError(f"epoch {number} has no number as its {str(name)[:40]!r}")
    return rows


class History(list):
    """One dict an epoch: ``epoch step tokens_per_s train_loss seconds dev_loss perplexity bleu``,
    ``exact`` and ``floor``, below which no model's dev loss can be expected (``None``: not known).

    Losses are in nats per target token, ``seconds`` since training began, ``bleu`` is sacreBLEU
    (0 to 100) of greedy translations of dev, ``exact`` the share of them that are one of their
    references; the last epoch may be a part of one.

    ``by``: what says which epoch is the best, ``"loss"`` or ``"bleu"``: ``keep_best`` of
    :class:`TrainingSettings`.
    """

    by = "loss"

    @property
    def best(self):
        """The epoch of least dev loss, or highest BLEU: the one whose model is kept; of equal ones
        the first."""
        return min(self, key=self._cost)

    def improved_by(self, row):
        """Whether an epoch's ``row`` is better than all of these."""
        return not self or self._cost(row) < self._cost(self.best)

    def _cost(self, row):
        name, sign, _ = MEASURES[self.by]
        return sign * row[name]

    @property
    def better(self):
        """What a better epoch has: a "lower dev loss", or a "higher dev BLEU"."""
        return MEASURES[self.by][2]

    def without_progress(self):
        """Epochs since the best one."""
        return self[-1]["epoch"] - self.best["epoch"] if self else 0

    def ended(self, settings):
        """Whether these are all ``epochs`` of ``settings``, or its ``patience`` is gone."""
        all_epochs = settings.epochs is not None and len(self) >= settings.epochs
        return all_epochs or self.without_progress() >= settings.patience

    def longer(self, settings):
        """Which end of ``settings`` a finished run has reached, and what makes it longer."""
        if self.without_progress() >= settings.patience:
            return f"after {settings.patience} epochs without a {self.better}: give more patience"
        if self.ended(settings):
            return f"after {len(self)} epochs: give more epochs to go on"
        return f"after {settings.minutes:g} minutes: give more minutes to go on"

    def plot(self, lang="en", ax=None):
        """The learning curve as a matplotlib Figure, labelled in ``lang``, ``"en"`` or ``"zh"``;
        ``ax``: as in :func:`~gluon_seq2seq.learning_curve`."""
        from ..plots import learning_curve  # matplotlib is slow to import

        return learning_curve(self, lang, ax)

    def write(self, out):
        """Write ``history.json`` and ``history.csv`` into the directory ``out``."""
        with whole(Path(out, "history.json"), follow=False) as stream:
            stream.write(json.dumps(self, indent=1).encode())
        with whole(Path(out, "history.csv"), follow=False) as stream:
            names = list(self[-1])  # rows that an older version wrote may have fewer
            for row in [names, *(map(row.get, names) for row in self)]:
                line = ",".join("" if value is None else str(value) for value in row)
                stream.write(f"{line}\n".encode())

    def save(self, out):
        """Write what :meth:`write` does and ``learning-curve.png`` into the directory ``out``."""
        from ..plots.style import save_picture

        self.write(out)
        save_picture(self.plot(), Path(out, "learning-curve.png"), follow=False)
