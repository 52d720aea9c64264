"""Pictures of training: loss and BLEU, of one run or of several."""

import itertools

import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import drawing, given, numbers, require, shown


def _curves(axes, time, value):
    """Name the axes of learning curves."""
    axes.set(xlabel=time, ylabel=value)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)


def learning_curve(history, lang="en", ax=None):
    """Loss on both splits (left) and BLEU on dev (right) after each epoch.

    ``history``: a :class:`~gluon_seq2seq.History`, or any list of dicts with ``epoch`` and some of
    ``train_loss``, ``dev_loss``, ``bleu``, and ``floor`` where the corpus knows it. The best model
    is that of the lowest dev loss, or of what the History goes ``by``. ``lang``:
    ``"en"`` or ``"zh"``; ``ax``: two axes of matplotlib's to draw into, in place of a new Figure.
    Raises :class:`UsageError` where there is no epoch, or ``ax`` is something else.
    """
    rows, axes = list(history), given(ax, 2)
    require(rows, "there is no epoch to plot yet: train first")
    epochs = _values(rows, "epoch")
    marks = {"markevery": max(1, len(rows) // 12), "markersize": 5}
    with drawing(lang, ax=ax) as (figure, words):
        left, right = axes or figure.subplots(1, 2)
        dev_loss, bleu = _values(rows, "dev_loss"), _values(rows, "bleu")
        for split, line, losses in (
            ("train", "o-", _values(rows, "train_loss")),
            ("dev", "s--", dev_loss),
        ):
            if not np.isnan(losses).all():
                left.plot(epochs, losses, line, label=words[split], **marks)
        if not np.isnan(bleu).all():
            right.plot(epochs, bleu, "s--", color="C1", label=words["dev"], **marks)
        if rows[0].get("floor") is not None:
            left.axhline(rows[0]["floor"], color="C2", linestyle="-.", label=words["floor"])
        measure = -bleu if getattr(history, "by", "loss") == "bleu" else dev_loss
        falls, rises = (left, words["loss"], "upper right"), (right, words["bleu"], "lower right")
        for axes, label, free in falls, rises:
            if not np.isnan(measure).all():
                best = epochs[np.nanargmin(measure)]
                axes.axvline(best, color="0.4", linestyle=":", label=words["best"])
            _curves(axes, words["time"], label)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            if axes.lines:
                axes.legend(loc=free)  # where matplotlib looks for the best place, it may warn
    return figure


def _values(rows, name):
    """``row[name]`` of each row, as an array; not a number where a row has none."""
    found = (row.get(name) for row in rows)
    return np.array([np.nan if value is None else numbers(value).item() for value in found])


def training_comparison(histories, lang="en", ax=None):
    """Dev loss (left) and dev BLEU (right) of several runs, over the seconds they took.

    ``histories``: a dict from the name of a run to its history, a list of dicts with ``seconds``,
    ``dev_loss`` and ``bleu``, as far as they are known; ``lang``: ``"en"`` or ``"zh"``; ``ax``: two
    axes of matplotlib's to draw into, in place of a new Figure. Raises :class:`UsageError` where
    there is no epoch, or ``ax`` is something else.
    """
    require(histories and all(histories.values()), "there is no epoch to plot yet: train first")
    panels = given(ax, 2)
    with drawing(lang, height=4, ax=ax) as (figure, words):
        for axes, key in zip(panels or figure.subplots(1, 2), ("dev_loss", "bleu")):
            styles = zip(itertools.cycle(["-", "--", "-.", ":"]), itertools.cycle("os^DvPX"))
            lines = []
            for rows, (line, marker) in zip(histories.values(), styles):
                seconds, values = _values(rows, "seconds"), _values(rows, key)
                every = max(1, len(rows) // 12)
                how = {"marker": marker, "markersize": 5, "markevery": every}
                lines += axes.plot(seconds, values, line, **how)
            _curves(axes, words["seconds"], words[key])
            axes.set_xlim(left=0)
        names = [shown(name, 60) for name in histories]
        columns = max(1, min(4, len(names), 120 // (8 + max(map(len, names)))))
        labels = list(map(str, range(len(names))))
        if panels:
            legend = axes.legend(lines, labels, loc="lower right")
        else:
            legend = figure.legend(lines, labels, loc="outside lower center", ncols=columns)
        for text, name in zip(legend.get_texts(), names):
            text.set_text(name)  # legend() itself leaves out names like "_run"
    return figure
