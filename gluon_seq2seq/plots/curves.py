"""Pictures of training: loss and BLEU, of one run or of several."""

import itertools

from matplotlib.ticker import MaxNLocator

from .style import drawing, require, shown


def _curves(axes, time, value):
    """Name the axes of learning curves."""
    axes.set(xlabel=time, ylabel=value)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)


def learning_curve(history, lang="en"):
    """Loss on both splits (left) and BLEU on dev (right) after each epoch.

    ``history``: a :class:`~gluon_seq2seq.History`, or any list of dicts with ``epoch``,
    ``train_loss``, ``dev_loss``, ``bleu``, and ``floor`` where the corpus knows it; ``lang``:
    ``"en"`` or ``"zh"``. Raises :class:`UsageError` where there is no epoch.
    """
    rows = list(history)
    require(rows, "there is no epoch to plot yet: train first")
    epochs = [row["epoch"] for row in rows]
    marks = {"markevery": max(1, len(rows) // 12), "markersize": 5}
    with drawing(lang) as (figure, words):
        left, right = figure.subplots(1, 2)
        for split, line in ("train", "o-"), ("dev", "s--"):
            left.plot(
                epochs, [row[f"{split}_loss"] for row in rows], line, label=words[split], **marks
            )
        right.plot(
            epochs, [row["bleu"] for row in rows], "s--", color="C1", label=words["dev"], **marks
        )
        if rows[0].get("floor") is not None:
            left.axhline(rows[0]["floor"], color="C2", linestyle="-.", label=words["floor"])
        best = min(rows, key=lambda row: row["dev_loss"])["epoch"]
        falls, rises = (left, words["loss"], "upper right"), (right, words["bleu"], "lower right")
        for axes, label, free in falls, rises:
            axes.axvline(best, color="0.4", linestyle=":", label=words["best"])
            _curves(axes, words["time"], label)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axes.legend(loc=free)  # where matplotlib looks for the best place, it may warn
    return figure


def training_comparison(histories, lang="en"):
    """Dev loss (left) and dev BLEU (right) of several runs, over the seconds they took.

    ``histories``: a dict from the name of a run to its history, a list of dicts with ``seconds``,
    ``dev_loss`` and ``bleu``; ``lang``: ``"en"`` or ``"zh"``. Raises :class:`UsageError` where
    there is no epoch.
    """
    require(histories and all(histories.values()), "there is no epoch to plot yet: train first")
    with drawing(lang, height=4) as (figure, words):
        for axes, key in zip(figure.subplots(1, 2), ("dev_loss", "bleu")):
            styles = zip(itertools.cycle(["-", "--", "-.", ":"]), itertools.cycle("os^DvPX"))
            for rows, (line, marker) in zip(histories.values(), styles):
                seconds, values = zip(*((row["seconds"], row[key]) for row in rows))
                every = max(1, len(rows) // 12)
                axes.plot(seconds, values, line, marker=marker, markersize=5, markevery=every)
            _curves(axes, words["seconds"], words[key])
            axes.set_xlim(left=0)
        names = [shown(name, 60) for name in histories]
        columns = max(1, min(4, len(names), 120 // (8 + max(map(len, names)))))
        numbers = map(str, range(len(names)))
        legend = figure.legend(axes.lines, numbers, loc="outside lower center", ncols=columns)
        for text, name in zip(legend.get_texts(), names):
            text.set_text(name)  # legend() itself leaves out names like "_run"
    return figure
