"""What all pictures share: the Figure, its style and fonts, the labels of both languages."""

import contextlib
import io
import os
import unicodedata

import numpy as np
from matplotlib import font_manager
from matplotlib._pylab_helpers import Gcf
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from ..errors import SystemProblem, UsageError
from ..files.atomic import whole
from .picture import Picture, styled

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Heiti SC",
    "Songti SC",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "SimHei",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
)

SMALL = 9  # points: the smallest text of any picture
DARK, LIGHT, GREY, ORANGE = "#12395f", "#9ecae1", "0.4", "#d95f02"
CENTRED = {"ha": "center", "va": "center"}
# Tokens along an axis, whose ticks may be older than the style and take dollars for a formula.
ALONG = {"fontsize": SMALL, "parse_math": False}

_WORDS = {
    "en": {
        "time": "epoch",
        "loss": "loss (nats per target token)",
        "bleu": "dev BLEU",
        "train": "train",
        "dev": "dev",
        "best": "best model",
        "floor": "floor (entropy of dev)",
        "seconds": "seconds of training",
        "dev_loss": "dev loss (nats per target token)",
        "source": "source",
        "target": "target",
        "attention": "attention weight",
        "gold": "gold alignment",
        "unit": "hidden unit",
        "forward": "hidden unit, forward",
        "backward": "hidden unit, backward",
        "state": "value",
        "signs": "value (minus signs: below 0)",
        "kept": "kept (below the token: log P)",
        "pruned": "✗ pruned",
        "finished": "✓ finished",
        "winner": "best translation",
        "score": "score {}",
        "matches": "Which n-grams of the prediction does the reference have?",
        "prediction": "prediction",
        "reference": "reference:",
        "tokens": "tokens in a sentence",
        "sentences": "sentences",
        "median": "median of {}: {:g}",
        "length": "tokens in the source sentence",
        "exact": "exact translations",
        "interval": "95% interval (above it: sentences)",
    },
    "zh": {
        "time": "迭代周期",
        "loss": "损失（每个目标词的奈特数）",
        "bleu": "验证集 BLEU",
        "train": "训练集",
        "dev": "验证集",
        "best": "最佳模型",
        "floor": "下限（验证集的熵）",
        "seconds": "训练时间（秒）",
        "dev_loss": "验证集损失（每个目标词的奈特数）",
        "source": "源序列",
        "target": "目标序列",
        "attention": "注意力权重",
        "gold": "标准对齐",
        "unit": "隐藏单元",
        "forward": "隐藏单元（正向）",
        "backward": "隐藏单元（反向）",
        "state": "取值",
        "signs": "取值（减号表示小于 0）",
        "kept": "保留（词下方为 log P）",
        "pruned": "✗ 舍弃",
        "finished": "✓ 完成",
        "winner": "最佳译文",
        "score": "得分 {}",
        "matches": "预测序列中的哪些子序列与标签序列匹配？",
        "prediction": "预测序列",
        "reference": "标签序列：",
        "tokens": "每句词数",
        "sentences": "句数",
        "median": "{}的中位数：{:g}",
        "length": "源序列的词数",
        "exact": "译文完全正确的比例",
        "interval": "95% 置信区间（上方为句数）",
    },
}


def cjk_font():
    """The name of an installed font with Chinese glyphs, or ``None``."""
    if _first_installed() is None:
        _find_new_fonts()
    return _first_installed()


def _first_installed():
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), None)


def _find_new_fonts():
    """Show matplotlib the fonts installed since it made its list, which it keeps for ever."""
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with contextlib.suppress(Exception):  # not every file is a font that it can read
                font_manager.fontManager.addfont(path)


def _language(lang):
    """The labels of a language and the matplotlib settings that show them, and any token."""
    if lang not in _WORDS:
        raise UsageError(f"unknown language {lang!r}: use one of {', '.join(_WORDS)}")
    fonts, chinese = ["DejaVu Sans"], cjk_font()
    if chinese is not None:
        fonts.insert(0 if lang == "zh" else 1, chinese)
    elif lang == "zh":
        raise SystemProblem("no font with Chinese glyphs: install one, e.g. fonts-noto-cjk")
    return _WORDS[lang], {
        "font.family": fonts,
        "font.size": 11,
        "axes.unicode_minus": False,
        "text.parse_math": False,  # tokens may have dollars
    }


@contextlib.contextmanager
def drawing(lang, width=9.0, height=3.6, ax=None):
    """An empty picture, or the one that ``ax`` is in, and the labels of a language; the body is run
    in the language's style."""
    words, settings = _language(lang)
    if ax is None:
        figure = Picture.new(settings, lang, figsize=(width, height), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)  # inches
    else:
        figure = np.ravel(ax)[0].figure
    with styled(settings):
        yield figure, words
    for one in () if ax is None else np.ravel(ax):
        for text in one.findobj(Text):  # a title, say, has had its fonts since the axes were made
            own = text.get_fontfamily()
            text.set_fontfamily([*own, *(f for f in settings["font.family"] if f not in own)])


@contextlib.contextmanager
def borrowed(lang):
    """Yields the labels of a language; what another library draws with pyplot in the body is in the
    language's style, and a :class:`Picture` from then on, with alternative text."""
    words, settings = _language(lang)
    before = Gcf.get_all_fig_managers()
    with styled({**settings, "figure.constrained_layout.use": True}):  # or labels are cut off
        yield words
    for manager in Gcf.get_all_fig_managers():
        if manager not in before:
            Picture.of(manager.canvas.figure, settings, lang)


def given(ax, count=1):
    """``ax``, the axes to draw into, as a list; None where the picture is to have its own.

    Raises :class:`UsageError` unless they are ``count`` axes of matplotlib's.
    """
    if ax is None:
        return None
    axes = list(np.ravel(np.asarray(ax, dtype=object)))
    require(
        len(axes) == count and all(isinstance(one, Axes) for one in axes),
        f"ax is {' '.join(repr(ax).split())}: this picture needs "
        + ("axes of matplotlib's" if count == 1 else f"{count} axes of matplotlib's, in a list"),
    )
    return axes


def numbers(values, kind=float):
    """``values``, of NumPy, MXNet or in lists, as an array of NumPy's."""
    if isinstance(values, (list, tuple)):
        values = [numbers(one, kind) if hasattr(one, "asnumpy") else one for one in values]
    return np.asarray(getattr(values, "asnumpy", lambda: values)(), kind)


def require(condition, message):
    if not condition:
        raise UsageError(message)


def shown(text, longest=18):
    """``text`` as one visible line: control characters escaped, a long end cut, never empty."""
    text = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in unicodedata.normalize("NFC", str(text)[:1000])  # it takes long of long text
        if unicodedata.category(c) != "Cf"  # joiners, marks of direction
    )
    if not text.strip():
        text = "␣" * len(text) or "∅"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def points(text, size=SMALL):
    """How wide ``text`` is in the present style, in points."""
    font = font_manager.FontProperties(size=size)
    return text_to_path.get_text_width_height_descent(text, font, False)[0]


def name_columns(axes, names, room):
    """Tick labels, aslant where one is wider than ``room`` points; returns their height."""
    widest, slant = max(map(points, names)), {}
    if widest > room:
        side = "left" if axes.xaxis.get_ticks_position() == "top" else "right"
        slant = {"rotation": 45, "rotation_mode": "anchor", "ha": side}
    axes.set_xticks(range(len(names)), labels=names, **ALONG, **slant)
    return 0.75 * widest + 10 if slant else 16


@contextlib.contextmanager
def board(figure, width, height, axes=None):
    """Axes without a frame over the whole figure, or ``axes``; the unit is the point, y points
    down. In axes of another size what the body draws grows or shrinks with the unit."""
    if axes is None:
        figure.set_layout_engine("none")
        figure.set_size_inches(width / 72, height / 72)
        axes = figure.add_axes([0, 0, 1, 1])
        scale = 1.0
    else:
        frame = axes.get_window_extent()  # pixels
        scale = min(frame.width / width, frame.height / height) * 72 / figure.dpi
        axes.set_aspect("equal")
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    yield axes
    legend = axes.get_legend()
    for text in (*axes.texts, *(legend.get_texts() if legend else ())):
        text.set_fontsize(scale * text.get_fontsize())


def save_picture(figure, path, follow=True):
    """Write a matplotlib Figure; the ending of ``path`` says the format, ``follow`` whether
    :func:`~gluon_seq2seq.files.atomic.whole` follows a link there.

    Raises :class:`UsageError` for an ending that matplotlib does not know.
    """
    content, ending = io.BytesIO(), os.path.splitext(path)[1][1:]
    try:
        figure.savefig(content, format=ending, dpi=150)
    except ValueError as error:  # says which endings there are
        raise UsageError(f"{path}: {error}") from None
    finally:
        if isinstance(figure, Picture):
            figure.close()
    with whole(path, follow) as stream:
        stream.write(content.getvalue())
