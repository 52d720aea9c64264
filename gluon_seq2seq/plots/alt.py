"""A picture in words, for who cannot see it: the alternative text that Jupyter puts beside it."""

import re

import numpy as np

LONGEST = 900  # characters: a screen reader cannot leaf through them
WORDS = {
    "en": {
        "map": "Map of {} rows and {} columns",
        "rows": "rows",
        "columns": "columns",
        "up": "upwards",
        "right": "to the right",
        "range": "{} to {}",
        "most": "most in each row",
        "line": "from {} to {}",
        "text": "Reads",
        "picture": "Picture",
        "colour": "colour",
        ",": ", ",
        ";": "; ",
        ".": ". ",
        ":": ": ",
    },
    "zh": {
        "map": "{} 行 {} 列的图",
        "rows": "行",
        "columns": "列",
        "up": "纵轴",
        "right": "横轴",
        "range": "{} 到 {}",
        "most": "每行最大处",
        "line": "从 {} 到 {}",
        "text": "图中文字",
        "picture": "图",
        "colour": "颜色",
        ",": "、",
        ";": "；",
        ".": "。",
        ":": "：",
    },
}


def described(figure, lang):
    """What ``figure``, of matplotlib, shows, in ``lang``, ``"en"`` or ``"zh"``: of each of its axes
    title, labels, the tokens along them, where a map is largest, how a line runs. Never empty."""
    words = WORDS[lang]
    above = [getattr(figure, name, None) for name in ("_suptitle", "_supxlabel", "_supylabel")]
    parts = [_plain(text.get_text()) for text in above if text is not None and text.get_text()]
    parts += [part for axes in figure.axes for part in _axes(axes, words)]
    told = words["."].join(parts) or words["picture"]
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"


def _axes(axes, words):
    colon, semicolon = words[":"], words[";"]
    if axes.get_label() == "<colorbar>":
        if axes.get_ylabel():
            yield words["colour"] + colon + _plain(axes.get_ylabel())
        return
    parts = [_plain(axes.get_title())] if axes.get_title() else []
    images = [image for image in axes.get_images() if np.ndim(image.get_array()) == 2]
    for image in images:
        parts.append(words["map"].format(*image.get_array().shape))
    names = ("columns", "rows") if images else ("right", "up")
    if axes.axison:
        for name, axis in zip(names, (axes.xaxis, axes.yaxis)):
            along = _along(axis, words, ranged=not images)
            title = _plain(axis.get_label_text())
            if title or along:
                parts.append(words[name] + colon + " ".join(filter(None, (title, along))))
        parts += [told for image in images for told in _most(axes, image, words)]
        parts += _series(axes, words)
    texts = [_plain(text.get_text()) for text in axes.texts if text.get_text().strip()]
    if texts and not images:
        parts.append(words["text"] + colon + words[","].join(texts))
    if parts:
        yield semicolon.join(parts)


def _along(axis, words, ranged):
    """The tokens along an axis, or its range, if ``ranged``, where it has none."""
    texts = [_plain(text.get_text()) for text in axis.get_ticklabels() if text.get_text().strip()]
    if any(re.search(r"[^\W\d_]|[.?!,']$", text) for text in texts):
        return words[","].join(texts)
    low, high = (f"{value:.3g}" for value in axis.get_view_interval())
    return "(" + words["range"].format(low, high) + ")" if texts and ranged else ""


def _most(axes, image, words):
    """For a map with named rows and columns: the largest column of each row."""
    array = np.asarray(image.get_array())
    rows, columns = (
        [_plain(text.get_text()) for text in axis.get_ticklabels()]
        for axis in (axes.yaxis, axes.xaxis)
    )
    each = all(
        np.array_equal(axis.get_ticklocs(), np.arange(count))
        for axis, count in zip((axes.yaxis, axes.xaxis), array.shape)
    )
    if each and array.shape == (len(rows), len(columns)) and all(rows) and all(columns):
        pairs = [
            f"{row} → {columns[int(line.argmax())]} {line.max():.2f}"
            for row, line in zip(rows, array)
        ]
        yield words["most"] + words[":"] + words[","].join(pairs)


def _series(axes, words):
    """How each line runs, and how high the named bars are."""
    colon, lines, legend = words[":"], axes.get_lines(), axes.get_legend()
    names = [line.get_label() for line in lines]
    if legend and len(legend.texts) == len(lines) and all(name.startswith("_") for name in names):
        names = [text.get_text() for text in legend.texts]  # of axes.legend([name, …])
    for line, name in zip(lines, names):
        values = np.asarray(line.get_ydata(), float)
        values = values[np.isfinite(values)]
        named = not name.startswith("_")
        if values.size > 1 or (values.size and named):
            ends = words["line"].format(f"{values[0]:.3g}", f"{values[-1]:.3g}")
            level = f"{values[0]:.3g}" if np.ptp(values) == 0 else ends
            yield (_plain(name) + colon if named else "") + level
    for bars in axes.containers:
        if getattr(bars, "datavalues", None) is not None and not bars.get_label().startswith("_"):
            shown = words[","].join(f"{height:.3g}" for height in bars.datavalues[:12])
            yield _plain(bars.get_label()) + colon + shown


def _plain(text):
    """Text without the marks of formulas, in one line."""
    return " ".join(re.sub(r"[$\\{}]", "", text).split())
