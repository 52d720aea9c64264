"""Pictures of a corpus and of how well it is translated: lengths, accuracy."""

import math

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .phenomena import CHINESE
from .style import (
    ALONG,
    DARK,
    LIGHT,
    ORANGE,
    SMALL,
    drawing,
    given,
    name_columns,
    numbers,
    points,
    require,
    shown,
)


def length_histogram(source_lengths, target_lengths, lang="en", ax=None):
    """How many sentences have how many tokens, on either side, and the medians.

    ``source_lengths``, ``target_lengths``: token counts, one a sentence; ``lang``: ``"en"`` or
    ``"zh"``; ``ax``: axes of matplotlib's to draw into, in place of a new Figure. Raises
    :class:`UsageError` where a side has none, or ``ax`` is something else.
    """
    source_lengths, target_lengths = numbers(source_lengths, int), numbers(target_lengths, int)
    own = given(ax)
    require(len(source_lengths) and len(target_lengths), "there are no lengths to count")
    with drawing(lang, 8, ax=ax) as (figure, words):
        (axes,) = own or [figure.subplots()]
        for side, lengths, shift, color, hatch, line in (
            ("source", source_lengths, -0.2, DARK, "", {"color": ORANGE, "linewidth": 4}),
            ("target", target_lengths, 0.2, LIGHT, "////", {"color": "black", "linestyle": ":"}),
        ):
            bins, counts = np.unique(lengths, return_counts=True)
            style = {"color": color, "hatch": hatch, "edgecolor": DARK, "linewidth": 0.5}
            axes.bar(bins + shift, counts, 0.4, label=words[side], **style)
            middle = np.median(lengths)
            label = words["median"].format(words[side], middle)
            axes.axvline(middle, label=label, **{"linewidth": 2, **line})
        axes.set(xlabel=words["tokens"], ylabel=words["sentences"])
        for axis in axes.xaxis, axes.yaxis:
            axis.set_major_locator(MaxNLocator("auto", integer=True))
        axes.legend(loc="upper right")
    return figure


def accuracy_by_length(lengths, correct, lang="en", ax=None):
    """The share of exact translations among sources of each length, with Wilson's 95 % interval.

    ``lengths``: token counts of the sources; ``correct``: whether each one's translation is exact;
    ``lang``: ``"en"`` or ``"zh"``; ``ax``: axes of matplotlib's to draw into, in place of a new
    Figure. Lengths are grouped where there would be more than 15 bars. Raises :class:`UsageError`
    where the two do not match or are empty, or ``ax`` is something else.
    """
    lengths, correct, own = numbers(lengths, int), numbers(correct, bool), given(ax)
    require(
        len(lengths) == len(correct) > 0,
        f"needs as many of each, one or more: {len(lengths)} lengths, {len(correct)} results",
    )
    low, high = lengths.min(), lengths.max()
    step = math.ceil((high - low + 1) / 15)
    starts = range(low, high + 1, step)
    ends = [min(start + step - 1, high) for start in starts]
    names = [f"{a}–{b}" if a < b else f"{a}" for a, b in zip(starts, ends)]
    with drawing(lang, 8, 4, ax) as (figure, words):
        (axes,) = own or [figure.subplots()]
        for x, start in enumerate(starts):
            hits = correct[(lengths >= start) & (lengths < start + step)]
            if hits.size:
                share, (least, most) = hits.mean(), _wilson(hits.sum(), hits.size)
                axes.bar(x, share, 0.7, color=LIGHT, edgecolor=DARK)
                bounds = [[share - least], [most - share]]
                bar = axes.errorbar(x, share, bounds, color="black", capsize=4)
                axes.text(x, most + 0.02, str(hits.size), ha="center", fontsize=SMALL)
        name_columns(axes, names, 460 / len(names))
        axes.set(xlabel=words["length"], ylabel=words["exact"], ylim=(0, 1.12))
        axes.set_yticks(np.linspace(0, 1, 6))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        if own:
            below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.12), "frameon": False}
            axes.legend([bar], [words["interval"]], **below)
        else:
            figure.legend([bar], [words["interval"]], loc="outside lower center", frameon=False)
    return figure


def _wilson(hits, n, z=1.96):
    """The bounds of a share of which ``hits`` of ``n`` are seen."""
    middle = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * math.sqrt(hits * (n - hits) / n + z**2 / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def accuracy_by_phenomenon(rows, lang="en", ax=None):
    """The share of exact translations for each phenomenon, the best on top.

    ``rows``: tuples (name, number of sentences, share of exact translations between 0 and 1);
    the names of mini's phenomena appear in the language, ``lang``: ``"en"`` or ``"zh"``; ``ax``:
    axes of matplotlib's to draw into, in place of a new Figure. Raises :class:`UsageError` where
    there is none, or ``ax`` is something else.
    """
    own = given(ax)
    rows = sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))
    require(rows, "there is no phenomenon to draw")
    with drawing(lang, 8, 1 + 0.22 * len(rows), ax) as (figure, words):
        (axes,), places = own or [figure.subplots()], range(len(rows))
        names, counts, shares = zip(*rows)
        axes.barh(places, shares, 0.7, color=LIGHT, edgecolor=DARK)
        beside = {"textcoords": "offset points", "ha": "right", "va": "center", "fontsize": SMALL}
        room = 8 + points("100.0%"), 24 + points(f"100.0%n = {max(counts)}")
        for y, count, share in zip(places, counts, shares):
            for offset, text in zip(room, (f"{share:.1%}", f"n = {count}")):
                axes.annotate(text, (1, y), (offset, 0), **beside)
        if lang == "zh":
            names = [CHINESE.get(name, name) for name in names]
        axes.set_yticks(places, labels=[shown(name, 40) for name in names], **ALONG)
        axes.set(xlabel=words["exact"], xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.grid(axis="x", alpha=0.3)
        axes.set_axisbelow(True)
    return figure
