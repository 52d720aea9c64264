"""The picture of what the book's BLEU counts."""

import numpy as np
from matplotlib.patches import Rectangle

from ..text.sentences import as_tokens
from .style import CENTRED, SMALL, board, drawing, given, points, require, shown


def ngram_grid(matches, prediction, reference, lang="en", ax=None):
    r"""Which n-grams of a prediction the book's BLEU counts, one block of rows for each n.

    ``matches``: for n = 1, 2, ... a list of (start of the n-gram in ``prediction``, whether it
    counts); ``prediction``, ``reference``: tokens, or texts to be cut at their spaces; ``lang``:
    ``"en"`` or ``"zh"``; ``ax``: axes of matplotlib's to draw into, in place of a new Figure.
    Raises :class:`UsageError` for an empty prediction, for an n-gram outside of it, and where
    ``ax`` is something else.
    """
    prediction, reference = as_tokens(prediction), as_tokens(reference)
    own = given(ax)
    require(len(prediction), "the prediction is empty: it has no n-grams")
    for n, grams in enumerate(matches, 1):
        for start, _ in grams:
            fits = 0 <= start <= len(prediction) - n
            require(fits, f"no {n}-gram starts at {start}: there are {len(prediction)} tokens")
    with drawing(lang, ax=ax) as (figure, words):
        tokens = [shown(token) for token in prediction]
        left, right = points(words["prediction"]) + 30, 84
        edges = np.cumsum([left, *(max(26, points(token, 11) + 12) for token in tokens)])
        width = max(edges[-1] + right, points(words["matches"], 12) + 40)
        edges += (width - edges[-1] - right) / 2
        lines = _wrapped([words["reference"], *map(shown, reference)], width - 40)
        blocks = [(n, grams) for n, grams in enumerate(matches, 1) if grams]
        y = 52 + 18 * len(lines)
        height = y + 26 + sum(18 * min(n, len(grams)) + 14 for n, grams in blocks)
        with board(figure, width, height, *(own or ())) as axes:
            axes.text(width / 2, 20, words["matches"], fontsize=12, **CENTRED)
            for i, line in enumerate(lines):
                axes.text(width / 2, 44 + 18 * i, line, **CENTRED)
            beside = {"x": edges[0] - 10, "ha": "right", "va": "center"}
            axes.text(y=y + 9, s=words["prediction"], fontsize=SMALL, **beside)
            axes.vlines(edges, y, height - 14, color="0.85", linewidth=0.8, zorder=0)
            for token, start, end in zip(tokens, edges, edges[1:]):
                axes.text((start + end) / 2, y + 9, token, **CENTRED)
            y += 26
            for n, grams in blocks:
                for start, counted in grams:  # overlapping ones on n rows
                    ends = edges[start] + 3, edges[start + n] - 3
                    _gram(axes, *ends, y + 18 * (start % n) + 2, bool(counted))
                rows, found = min(n, len(grams)), sum(bool(counted) for _, counted in grams)
                axes.text(y=y + 9 * rows, s=f"$n = {n}$", parse_math=True, **beside)
                share = f"$p_{{{n}}} = {found}/{len(grams)}$"
                axes.text(edges[-1] + 12, y + 9 * rows, share, va="center", parse_math=True)
                y += 18 * rows + 14
    return figure


def _gram(axes, left, right, top, counted):
    """One n-gram: a bar, 14 points high, with its mark."""
    mark, color, face, line = ("✗", "#a11d1d", "white", "--")
    if counted:
        mark, color, face, line = ("✓", "#14632b", "#cfe8d5", "-")
    style = {"edgecolor": color, "facecolor": face, "linestyle": line}
    axes.add_patch(Rectangle((left, top), right - left, 14, **style))
    axes.text((left + right) / 2, top + 7, mark, color=color, fontsize=10, **CENTRED)


def _wrapped(words, room):
    """The words joined by spaces, in lines no wider than ``room`` points."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and points(longer, 11) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
