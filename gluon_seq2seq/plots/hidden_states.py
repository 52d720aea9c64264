"""Pictures of what a model computes for a sentence: attention weights, hidden states."""

import math

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from ..text.sentences import as_tokens
from .style import (
    ALONG,
    CENTRED,
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


def attention_map(alpha, source, target, gold=None, lang="en", ax=None):
    r"""The attention weights :math:`\alpha_{t' t}` of one sentence, one row a target token.

    ``alpha (T', T)``: an array of NumPy's or MXNet's, or that of a batch of one, or nested lists;
    ``source``, ``target``: T and T' tokens, or a text to be cut at its spaces; ``gold``: pairs
    (source position, target position) of the true alignment, to be framed; ``lang``: ``"en"`` or
    ``"zh"``; ``ax``: axes of matplotlib's to draw into, in place of a new Figure. Raises
    :class:`UsageError` where shapes or positions do not fit, or ``ax`` is something else.
    """
    alpha, gold = _of_one(numbers(alpha), 2), list(gold or ())
    source, target, own = as_tokens(source), as_tokens(target), given(ax)
    rows, columns = len(target), len(source)
    counts = f"there are {rows} target and {columns} source tokens"
    require(alpha.shape == (rows, columns), f"alpha has shape {alpha.shape}, but {counts}")
    require(alpha.size, f"no attention to draw: {counts}")
    for s, t in gold:
        require(0 <= s < columns and 0 <= t < rows, f"gold has ({s}, {t}), but {counts}")
    with drawing(lang, ax=ax) as (figure, words):
        source, target = [shown(token) for token in source], [shown(token) for token in target]
        if not own:
            figure.set_layout_engine("compressed", w_pad=0.1, h_pad=0.1)
        (axes,) = own or [figure.subplots()]
        image = axes.imshow(alpha, cmap="Blues", vmin=0, vmax=1)
        cell = min(0.75, max(0.22, 8 / max(rows, columns)))  # inches
        if own:
            cell = min(_inches(axes, 0) / columns, _inches(axes, 1) / rows)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        above = name_columns(axes, source, 72 * cell - 4)
        axes.set_yticks(range(rows), labels=target, **ALONG)
        axes.set(xlabel=words["source"], ylabel=words["target"])
        for (t, s), weight in np.ndenumerate(alpha):
            if weight >= 0.05 and cell >= 0.4:
                color = "white" if weight > 0.55 else "black"
                axes.text(s, t, f"{weight:.2f}", color=color, fontsize=SMALL, **CENTRED)
        for s, t in gold:
            for color, thickness in ("white", 4), (ORANGE, 2):
                frame = Rectangle((s - 0.43, t - 0.43), 0.86, 0.86, fill=False, label=words["gold"])
                frame.set(edgecolor=color, linewidth=thickness)
                axes.add_patch(frame)
        if gold and own:
            axes.legend(handles=[frame], loc="upper center", bbox_to_anchor=(0.5, 0), frameon=False)
        elif gold:
            figure.legend(handles=[frame], loc="outside lower center", frameon=False)
        figure.colorbar(image, ax=axes, label=words["attention"])
        if own:
            return figure
        figure.set_size_inches(
            cell * columns + max(map(points, target)) / 72 + max(1.7, above / 72 + 1),
            max(1.8, cell * rows) + above / 72 + (0.8 if gold else 0.5),
        )
    return figure


def _of_one(array, axes):
    """``array``, or the only one of a batch."""
    return array[0] if array.ndim == axes + 1 and len(array) == 1 else array


def _inches(axes, side):
    """How wide (0) or high (1) axes are."""
    return axes.get_window_extent().size[side] / axes.figure.dpi


def hidden_states(h, tokens, lang="en", backward=None, ax=None):
    """The hidden states of a recurrent layer unrolled in time, one column a token.

    ``h (T, D)``: an array of NumPy's or MXNet's, or that of a batch of one; ``tokens``: T tokens,
    or a text to be cut at its spaces; ``backward (T, D)``: the states of the other direction, for a
    second panel; ``lang``: ``"en"`` or ``"zh"``; ``ax``: axes of matplotlib's to draw into, a list
    of two with ``backward``, in place of a new Figure. Raises :class:`UsageError` where shapes do
    not fit, or ``ax`` is something else.
    """
    panels = [_of_one(numbers(states), 2) for states in (h, backward) if states is not None]
    tokens, own = as_tokens(tokens), given(ax, len(panels))
    for states in panels:
        require(
            states.ndim == 2 and states.size and len(states) == len(tokens),
            f"hidden states have shape {states.shape}, but there are {len(tokens)} tokens",
        )
    most = max(abs(states).max() for states in panels) or 1.0
    signs = max(states.shape[1] for states in panels) <= 64  # legible, for prints without colour
    with drawing(lang, ax=ax) as (figure, words):
        tokens = [shown(token) for token in tokens]
        cell = min(0.7, max(0.3, 8 / len(tokens)))  # inches
        limits = (2.2, 5.0) if backward is None else (1.7, 2.75)  # inches
        heights = [float(np.clip(0.22 * states.shape[1], *limits)) for states in panels]
        grid = own or figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
        if own:
            cell, heights = _inches(grid[0], 0) / len(tokens), [_inches(one, 1) for one in own]
        for axes, states, way, height in zip(grid, panels, ("forward", "backward"), heights):
            image = axes.imshow(
                states.T, "RdBu_r", aspect="auto", interpolation="nearest", vmin=-most, vmax=most
            )
            if signs:
                t, unit = np.nonzero(states < 0)
                colors = np.where(states[t, unit] < -0.6 * most, "white", "black")
                size = min(5, 50 * height / states.shape[1])  # points
                axes.scatter(t, unit, size**2, colors, marker="_", linewidths=size / 5)
            axes.set_ylabel(words["unit" if backward is None else way])
            axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
            _arrows(axes, len(tokens), cell, way)
        below = name_columns(axes, tokens, 72 * cell - 4)
        for axes in (own or ())[:-1]:
            axes.set_xticks([])  # the last one names the tokens
        figure.colorbar(image, ax=list(grid), label=words["signs" if signs else "state"])
        if own:
            return figure
        figure.set_size_inches(
            cell * len(tokens) + max(1.8, below / 72 + 1),  # names aslant stand out to a side
            sum(heights) + 0.4 * len(panels) + below / 72,
        )
    return figure


def _arrows(axes, steps, cell, way):
    """h_1 -> h_2 -> ... above columns ``cell`` inches wide, named only where there is room."""
    points = ScaledTranslation(0, 12 / 72, axes.figure.dpi_scale_trans)
    above, room = axes.get_xaxis_transform() + points, 13 / (72 * cell)
    named = range(0, steps, math.ceil(0.5 / cell))
    for t in named:
        axes.text(t, 1, f"$h_{{{t + 1}}}$", transform=above, parse_math=True, **CENTRED)
    for ends in zip(named, named[1:]):
        tail, tip = (ends[0] + room, 1), (ends[1] - room, 1)
        if way == "backward":
            tail, tip = tip, tail
        arrow = {"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", tip, tail, xycoords=above, textcoords=above, arrowprops=arrow)
