"""The picture of a beam search: a tree of hypotheses."""

from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from .style import CENTRED, DARK, GREY, ORANGE, SMALL, board, drawing, given, points, require, shown

_FATES = {  # how a candidate's box is drawn
    "kept": {"linestyle": "-", "linewidth": 1.2, "edgecolor": "black", "facecolor": "white"},
    "pruned": {"linestyle": "--", "linewidth": 0.9, "edgecolor": GREY, "facecolor": "white"},
    "finished": {"linestyle": "-", "linewidth": 2.6, "edgecolor": DARK, "facecolor": "#dce9f5"},
}
_EDGES = {  # how the edge to a candidate is drawn
    "kept": {"linestyle": "-", "linewidth": 1.2, "color": "black", "zorder": 0},
    "pruned": {"linestyle": "--", "linewidth": 0.9, "color": GREY, "zorder": 0},
    "winner": {"linestyle": "-", "linewidth": 4, "color": ORANGE, "zorder": 1},
}


def beam_tree(record, words, lang="en", ax=None):
    """The beam search for one sentence, time from left to right.

    ``record``: a list of steps, each a list of candidates with ``parent`` (index in the step
    before; -1 for ``<bos>``), ``token`` (id), ``log_p`` of the hypothesis so far, ``score``, and
    ``fate``, one of "kept", "pruned", "finished"; ``words``: a function from an id to its token,
    such as ``vocab.to_tokens``; ``lang``: ``"en"`` or ``"zh"``; ``ax``: axes of matplotlib's to
    draw into, in place of a new Figure. The best-scored finished hypothesis stands out. Raises
    :class:`UsageError` for a record without candidates, or where ``ax`` is something else.
    """
    require(any(record), "there is no candidate to draw: the record is empty")
    winner, own = _winner(record), given(ax)
    with drawing(lang, ax=ax) as (figure, labels):
        texts = [["<bos>"], *([_describe(c, words, labels) for c in step] for step in record)]
        lines = [[line for text in column for line in text.split("\n")] for column in texts]
        widths = [max(map(points, column), default=0) + 10 for column in lines]
        heights = [12 * len(column) + 12 * len(ls) for column, ls in zip(texts, lines)]
        handles = [Patch(label=labels[fate], **look) for fate, look in _FATES.items()]
        handles += [Line2D([], [], label=labels["winner"], **_EDGES["winner"])] * bool(winner)
        legend = sum(points(handle.get_label()) + 50 for handle in handles)
        gap = max(20, max(heights) / 25)
        tree = sum(widths) + gap * len(record)
        size = max(tree, legend) + 24, max(heights) + 48
        with board(figure, *size, *(own or ())) as axes:
            axes.legend(handles=handles, loc="lower center", ncols=4, frameon=False, fontsize=SMALL)
            left, middle = 12 + max(0, legend - tree) / 2, 10 + max(heights) / 2
            parents = [_box(axes, left, middle - 9, widths[0], "<bos>", "kept")]
            for t, step in enumerate(record):
                start, left = left + widths[t], left + widths[t] + gap
                top, places = middle + 3 - heights[t + 1] / 2, [0.0] * len(step)
                for y, _, i in sorted((parents[c.parent], -c.log_p, i) for i, c in enumerate(step)):
                    fate = step[i].fate
                    places[i] = _box(axes, left, top, widths[t + 1], texts[t + 1][i], fate)
                    edge = "pruned" if fate == "pruned" else "kept"
                    edge = "winner" if (t, i) in winner else edge
                    axes.plot([start, left], [y, places[i]], **_EDGES[edge])
                    top = 2 * places[i] - top + 6
                parents = places
    return figure


def _winner(record):
    """(step, index) of each candidate of the best-scored finished hypothesis, if there is one."""
    ends = [(t, i) for t, step in enumerate(record) for i in range(len(step))]
    ends = [(t, i) for t, i in ends if record[t][i].fate == "finished"]
    t, i = max(ends, key=lambda end: record[end[0]][end[1]].score, default=(-1, -1))
    path = set()
    while t >= 0:
        path.add((t, i))
        t, i = t - 1, record[t][i].parent
    return path


def _describe(candidate, words, labels):
    """What stands in a candidate's box."""
    mark = {"kept": "", "pruned": "✗ ", "finished": "✓ "}[candidate.fate]
    log_p, score = (f"{x:.2f}".replace("-", "−") for x in (candidate.log_p, candidate.score))
    lines = [mark + shown(words(candidate.token)), log_p]
    return "\n".join(lines + [labels["score"].format(score)] * (candidate.fate == "finished"))


def _box(axes, left, top, width, text, fate):
    """Draw a candidate; returns the height of its middle."""
    height = 6 + 12 * len(text.split("\n"))
    axes.add_patch(Rectangle((left, top), width, height, zorder=2, **_FATES[fate]))
    style = {"fontsize": SMALL, "linespacing": 1.1, "color": "black", **CENTRED}
    if fate == "pruned":
        style["color"] = GREY
    axes.text(left + width / 2, top + height / 2, text, zorder=3, **style)
    return top + height / 2
