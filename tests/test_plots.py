"""Pictures: rendered, with labels in both languages, and a clear word where a font is missing."""

import io

import pytest
from matplotlib import font_manager

from gluon_seq2seq import SystemProblem, UsageError, learning_curve, plots

ROWS = [
    {"epoch": e, "train_loss": 4 / e, "dev_loss": 4 / e + 0.2 * e, "bleu": 10.0 * e}
    for e in range(1, 6)
]


def render(figure):
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def test_learning_curve():
    figure = learning_curve(ROWS)
    assert [axes.get_xlabel() for axes in figure.axes] == ["epoch", "epoch"]
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert list(lines) == ["train", "dev", "best model"]
    assert list(lines["best model"].get_xdata()) == [4, 4]  # 4 / 4 + 0.8 is the least
    assert {line.get_linestyle() for line in lines.values()} == {"-", "--", ":"}, "not colour alone"
    assert render(figure).startswith(b"\x89PNG")


def test_learning_curve_shows_the_floor_where_it_is_known():
    (axes, _) = learning_curve([{**row, "floor": 0.25} for row in ROWS]).axes
    (floor,) = [line for line in axes.lines if "floor" in line.get_label()]
    assert list(floor.get_ydata()) == [0.25, 0.25]
    (axes, _) = learning_curve([{**row, "floor": None} for row in ROWS]).axes
    assert len(axes.lines) == 3


def test_jupyter_shows_it():
    from IPython.core.formatters import PNGFormatter

    assert PNGFormatter()(learning_curve(ROWS)).startswith(b"\x89PNG")


def test_one_epoch_is_enough():
    assert render(learning_curve(ROWS[:1]))


def test_chinese(recwarn):
    if plots.cjk_font() is None:
        with pytest.raises(SystemProblem, match="fonts-noto-cjk"):
            learning_curve(ROWS, lang="zh")
    else:
        figure = learning_curve(ROWS, lang="zh")
        assert render(figure) and figure.axes[0].get_xlabel() == "迭代周期"
        assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_chinese_without_a_font(monkeypatch):
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    with pytest.raises(SystemProblem, match="fonts-noto-cjk"):
        learning_curve(ROWS, lang="zh")


def test_a_font_installed_after_matplotlib_made_its_list(monkeypatch):
    if plots.cjk_font() is None:
        pytest.skip("no font with Chinese glyphs is installed")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    assert plots.cjk_font() in plots.CJK_FONTS


def test_nothing_to_plot():
    with pytest.raises(UsageError, match="no epoch"):
        learning_curve([])


def test_unknown_language():
    with pytest.raises(UsageError, match="'de'"):
        learning_curve(ROWS, lang="de")
