"""Every picture: data in, a matplotlib Figure out, labelled in English or Chinese."""

import contextlib
import io

from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure

from .errors import SystemProblem, UsageError

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

_WORDS = {
    "en": {
        "time": "epoch",
        "loss": "loss (nats per target token)",
        "bleu": "dev BLEU",
        "train": "train",
        "dev": "dev",
        "best": "best model",
        "floor": "floor (entropy of dev)",
    },
    "zh": {
        "time": "迭代周期",
        "loss": "损失（每个目标词的奈特数）",
        "bleu": "验证集 BLEU",
        "train": "训练集",
        "dev": "验证集",
        "best": "最佳模型",
        "floor": "下限（验证集的熵）",
    },
}


class Picture(Figure):
    """A matplotlib Figure that Jupyter shows by itself, without pyplot."""

    def _repr_png_(self):
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=100)
        return stream.getvalue()


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
    """The labels of a language and the matplotlib settings that show them."""
    if lang not in _WORDS:
        raise UsageError(f"unknown language {lang!r}: use one of {', '.join(_WORDS)}")
    fonts = ["DejaVu Sans"]
    if lang == "zh":
        if cjk_font() is None:
            raise SystemProblem("no font with Chinese glyphs: install one, e.g. fonts-noto-cjk")
        fonts.insert(0, cjk_font())
    return _WORDS[lang], {"font.family": fonts, "font.size": 11, "axes.unicode_minus": False}


def learning_curve(history, lang="en"):
    """Loss on both splits (left) and BLEU on dev (right) after each epoch.

    ``history``: a :class:`~gluon_seq2seq.train.History`, or any list of dicts with ``epoch``,
    ``train_loss``, ``dev_loss``, ``bleu``, and ``floor`` where the corpus knows it.
    """
    words, style = _language(lang)
    rows = list(history)
    if not rows:
        raise UsageError("there is no epoch to plot yet: train first")
    epochs = [row["epoch"] for row in rows]
    marks = {"markevery": max(1, len(rows) // 12), "markersize": 5}
    with rc_context(style):
        figure = Picture(figsize=(9, 3.6), layout="constrained")
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
        for axes, label in (left, words["loss"]), (right, words["bleu"]):
            axes.axvline(best, color="0.4", linestyle=":", label=words["best"])
            axes.set(xlabel=words["time"], ylabel=label)
            axes.set_ylim(bottom=0)
            axes.grid(alpha=0.3)
            axes.legend()
    return figure
