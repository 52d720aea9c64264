"""Pictures as users of matplotlib expect them: of MXNet's arrays, in axes of theirs, in pyplot."""

import inspect
import io
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from mxnet import nd
from test_plots import (
    ALPHA,
    MATCHES,
    PHENOMENA,
    RECORD,
    ROWS,
    RUN,
    SOURCE,
    STATES,
    TARGET,
    WORDS,
    needs_chinese,
)

import gluon_seq2seq as gs
from gluon_seq2seq import UsageError, plots
from gluon_seq2seq.plots.picture import KEPT
from gluon_seq2seq.plots.style import borrowed, save_picture

ROOT = Path(__file__).parents[2]
# Each with the number of its axes.
PICTURES = {
    "learning curve": (2, lambda **how: plots.learning_curve(ROWS, **how)),
    "comparison": (2, lambda **how: plots.training_comparison({"a": RUN, "b": RUN[:1]}, **how)),
    "attention": (1, lambda **how: plots.attention_map(ALPHA, SOURCE, TARGET, [(0, 0)], **how)),
    "states": (1, lambda **how: plots.hidden_states(STATES, SOURCE, **how)),
    "both": (2, lambda **how: plots.hidden_states(STATES, SOURCE, backward=-STATES, **how)),
    "beam": (1, lambda **how: plots.beam_tree(RECORD, WORDS.__getitem__, **how)),
    "n-grams": (1, lambda **how: plots.ngram_grid(MATCHES, list("aab."), TARGET, **how)),
    "lengths": (1, lambda **how: plots.length_histogram([3, 4, 4, 9], [4, 5, 5], **how)),
    "accuracy": (1, lambda **how: plots.accuracy_by_length([3, 3, 9], [1, 0, 1], **how)),
    "phenomena": (1, lambda **how: plots.accuracy_by_phenomenon(PHENOMENA, **how)),
}
every_picture = pytest.mark.parametrize("name", PICTURES)


@pytest.fixture(autouse=True)
def no_pictures_are_left():
    plt.close("all")
    yield
    plt.close("all")


def what_is_written(axes):
    return sorted(text.get_text() for one in axes for text in one.texts if text.get_text())


@every_picture
@pytest.mark.parametrize("layout", [None, "constrained"])
@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=needs_chinese)])
def test_in_axes_of_ones_own(name, layout, lang, recwarn):
    """Each draws the same there, and leaves the rest of the figure as it was."""
    count, draw = PICTURES[name]
    figure = Figure(figsize=(14, 8), layout=layout)
    upper = [figure.add_subplot(2, count, i + 1) for i in range(count)]
    lower = figure.add_subplot(2, 1, 2)
    own = upper if count > 1 else upper[0]
    style = dict(matplotlib.rcParams)
    assert draw(ax=own, lang=lang) is figure
    alone = draw(lang=lang)
    assert tuple(figure.get_size_inches()) == (14, 8) and not figure.legends
    assert what_is_written(upper) == what_is_written(alone.axes)
    for one, other in zip(upper, alone.axes):
        for artists in "lines", "patches", "images", "collections":
            assert len(getattr(one, artists)) == len(getattr(other, artists)), artists
        assert (one.get_xlabel(), one.get_ylabel()) == (other.get_xlabel(), other.get_ylabel())
    assert not lower.has_data() and lower.axison
    FigureCanvasAgg(figure).draw()
    inside = figure.bbox.padded(1)
    for text in (text for one in upper for text in one.texts if text.get_text()):
        frame = text.get_window_extent()
        assert inside.contains(frame.x0, frame.y0) and inside.contains(frame.x1, frame.y1)
    assert not recwarn and dict(matplotlib.rcParams) == style


@every_picture
def test_axes_that_do_not_fit(name):
    count, draw = PICTURES[name]
    axes = Figure().subplots(1, 3)
    for wrong in axes, axes[:0], "ax", 5, [None] * count, axes[0] if count == 2 else axes[:2]:
        with pytest.raises(UsageError, match="this picture needs"):
            draw(ax=wrong)


def test_what_is_small_is_drawn_small():
    """Boxes and their text keep their proportion: nothing overlaps in axes of a third the size."""
    figure = Figure(figsize=(4, 2))
    PICTURES["beam"][1](ax=figure.subplots())
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    for text, box in zip(axes.texts, [p for p in axes.patches if hasattr(p, "get_xy")]):
        inner, outer = text.get_window_extent(), box.get_window_extent()
        assert outer.x0 - 1 <= inner.x0 and inner.x1 <= outer.x1 + 1


@every_picture
def test_pyplot_knows_it(name, tmp_path):
    """So that its savefig() writes this picture, not an empty one, and its show() shows it."""
    _, draw = PICTURES[name]
    figure = draw()
    assert plt.gcf() is figure and isinstance(figure, plots.Picture)
    plt.savefig(tmp_path / "a.png", dpi=100)
    draw().savefig(tmp_path / "b.png", dpi=100)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert draw() is plt.gcf() and len(plt.get_fignums()) == 3


def test_a_loop_leaves_no_heap_of_pictures(recwarn):
    first = plt.figure()
    for i in range(KEPT + 5):
        figure = plots.hidden_states(STATES, SOURCE)
        if i % 8 == 0:  # it stays known
            figure.savefig(io.BytesIO(), format="png", dpi=10)
    assert len(plt.get_fignums()) == KEPT and plt.gcf() is figure
    assert plt.fignum_exists(first.number), "that is not ours"
    assert not recwarn


BACKENDS = {  # what each program prints is True
    # As Jupyter's own, loaded with the first figure, turns on that figures are shown at once.
    "toy": "plots.learning_curve(ROWS); print(matplotlib.is_interactive())",
    "TkAgg": "print(plots.learning_curve(ROWS)._repr_png_()[1:4] == b'PNG')",
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_backends_are_loaded_with_the_first_picture(backend, tmp_path):
    """And keep what they set; where one cannot be loaded, the picture is none of pyplot's."""
    toy = "import matplotlib; from matplotlib.backends.backend_agg import *"
    (tmp_path / "toy.py").write_text(f"{toy}; matplotlib.interactive(True)")
    code = f"import matplotlib, matplotlib.pyplot; from gluon_seq2seq import plots; ROWS = {ROWS}"
    settings = {"MPLBACKEND": f"module://{backend}" if backend == "toy" else backend}
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment.pop("WAYLAND_DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {BACKENDS[backend]}"],
        env={**environment, **settings, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_what_was_shown_or_saved_whole_is_closed(tmp_path, small_model, tiny):
    """Or Jupyter would show it a second time, and a curve that only train has saved."""
    from IPython.core.formatters import DisplayFormatter

    figure = plots.learning_curve(ROWS)
    shown, _ = DisplayFormatter().format(figure)
    assert set(shown) == {"image/png", "text/html", "text/plain"} and not plt.get_fignums()
    assert plots.learning_curve(ROWS)._repr_png_().startswith(b"\x89PNG") and not plt.get_fignums()
    save_picture(plots.learning_curve(ROWS), tmp_path / "a.png")
    gs.train(small_model(), tiny, epochs=1, quiet=True, out=tmp_path / "run")
    assert not plt.get_fignums()


def test_arrays_of_mxnet():
    """As model and encoder return them, of a batch of one as well."""
    for alpha in nd.array(ALPHA), nd.array([ALPHA]), list(nd.array(ALPHA)), np.array([ALPHA]):
        (image,) = plots.attention_map(alpha, SOURCE, TARGET).axes[0].images
        np.testing.assert_allclose(image.get_array(), ALPHA, rtol=1e-6)
    for h in nd.array(STATES), nd.array([STATES]), nd.array(STATES, dtype="float64"):
        (image,) = plots.hidden_states(h, SOURCE, backward=h).axes[0].images
        np.testing.assert_allclose(image.get_array(), STATES.T, rtol=1e-6)
    lengths, exact = nd.array([3, 3, 9], dtype="int32"), nd.array([1, 0, 1])
    found, expected = (
        plots.accuracy_by_length(*pair).axes[0]
        for pair in [(lengths, exact), ([3, 3, 9], [True, False, True])]
    )
    assert what_is_written([found]) == what_is_written([expected])
    bars = [
        [(b.get_x(), b.get_height()) for b in plots.length_histogram(*sides).axes[0].patches]
        for sides in [(lengths, nd.array([4, 5])), ([3, 3, 9], [4, 5])]
    ]
    assert bars[0] == bars[1]
    with pytest.raises(UsageError, match=r"alpha has shape \(2, 3, 4\)"):
        plots.attention_map(nd.array([ALPHA, ALPHA]), SOURCE, TARGET)


def test_a_text_is_cut_at_its_spaces():
    text, words = "They are watching .", SOURCE
    for draw in (
        lambda tokens: plots.attention_map(np.eye(4), tokens, tokens),
        lambda tokens: plots.hidden_states(STATES, tokens),
        lambda tokens: plots.ngram_grid([[(0, True)]], tokens, tokens),
    ):
        labels = [
            [t.get_text() for t in draw(tokens).findobj(Text) if t.get_text()]
            for tokens in (text, words)
        ]
        assert labels[0] == labels[1]


def test_of_the_models_own_attention(tiny):
    model = gs.luong2015(tiny.src_vocab, tiny.tgt_vocab, 8, 8, device="cpu")
    X = nd.array([tiny.src_vocab.encode("They are watching.")], dtype="int32")
    Y_prev = nd.array([[1, 4, 5]], dtype="int32")
    _, alpha = model(X, nd.array([X.shape[1]], dtype="int32"), Y_prev)
    source = tiny.src_vocab.to_tokens(X[0])
    (image,) = plots.attention_map(alpha, source, ["a", "b", "c"]).axes[0].images
    np.testing.assert_array_equal(image.get_array(), alpha.asnumpy()[0])
    translator, axes = gs.Translator(model, beam_size=2), Figure().subplots(1, 2)
    text = "They are watching."
    assert translator.attention_map(text, ax=axes[0]) is translator.beam_tree(text, ax=axes[1])
    assert translator.hidden_states(text, ax=Figure().subplots(2)).axes
    axes = Figure().subplots(1, 2)
    history = gs.train(model, tiny, epochs=1, quiet=True)
    assert history.plot(ax=axes).axes == list(axes) and axes[0].lines


def test_rows_without_all_that_training_measures():
    """A list of losses of one's own is a history, too: what is not there is not drawn."""
    train_only = [{"epoch": e, "train_loss": 4 / e} for e in (1, 2, 3)]
    left, right = plots.learning_curve(train_only).axes
    assert [line.get_label() for line in left.lines] == ["train"] and not right.lines
    assert list(left.lines[0].get_ydata()) == [4, 2, 4 / 3]
    gaps = [dict(row, dev_loss=None if row["epoch"] == 4 else row["dev_loss"]) for row in ROWS]
    left, right = plots.learning_curve(gaps).axes
    assert np.isnan(left.lines[1].get_ydata()).tolist() == [False] * 3 + [True, False]
    assert list(left.lines[2].get_xdata()) == [5, 5], "the least of those that are known"
    dev_only = [{"epoch": 1, "dev_loss": nd.array([2.5])}, {"epoch": 2, "dev_loss": np.float32(2)}]
    (line, best) = plots.learning_curve(dev_only).axes[0].lines
    assert list(line.get_ydata()) == [2.5, 2] and list(best.get_xdata()) == [2, 2]
    loss, bleu = plots.training_comparison({"a": RUN, "b": [{"seconds": 1, "dev_loss": 2}]}).axes
    assert [len(axes.lines) for axes in (loss, bleu)] == [2, 2]
    assert list(loss.lines[1].get_ydata()) == [2] and np.isnan(bleu.lines[1].get_ydata()).all()
    for rows in train_only, gaps, dev_only:
        plots.learning_curve(rows).savefig(io.BytesIO(), format="png", dpi=20)


def test_every_picture_takes_axes():
    functions = [getattr(plots, name) for name in plots.__all__]
    for function in filter(inspect.isfunction, functions):
        if function is not plots.cjk_font:
            assert list(inspect.signature(function).parameters)[-1] == "ax", function
    assert "matplotlib.pyplot" in sys.modules


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=needs_chinese)])
def test_another_librarys_picture_has_alternative_text(lang):
    """What its code makes with pyplot, as the book's Animator does; no other figure is touched."""
    earlier = plt.figure()
    with borrowed(lang) as words:
        figure, axes = plt.subplots(figsize=(2.5, 2.5))
        axes.plot([1, 2, 3], [4.0, 3.0, 2.5])
        axes.plot([1, 2, 3], [5.0, 4.0, 1.5])
        axes.set_xlabel(words["time"])
        axes.set_ylabel(words["dev_loss"])
        axes.legend(["theirs", "ours"])
    assert type(earlier) is Figure and plt.gcf() is figure
    data, _ = figure._repr_mimebundle_()
    time, colon, line = {
        "en": ("epoch", ": ", "from {} to {}"),
        "zh": ("迭代周期", "：", "从 {} 到 {}"),
    }[lang]
    assert data["text/html"].startswith(f'<img alt="{figure.alt}"') and time in figure.alt
    assert f"theirs{colon}{line.format('4', '2.5')}" in figure.alt
    assert f"ours{colon}{line.format('5', '1.5')}" in figure.alt
    left = axes.yaxis.label.get_window_extent(FigureCanvasAgg(figure).get_renderer()).x0
    assert left >= 0  # not cut off
    assert plt.get_fignums() == [earlier.number]  # Jupyter has shown it: not once more
    plt.close(earlier)


def test_a_map_with_numbers_along_it_says_nothing_of_its_rows():
    """As many ticks as rows, by chance: they are not the rows' names."""
    with borrowed("en"):
        figure, axes = plt.subplots()
        axes.imshow(np.eye(4, 5))
        axes.set(xticks=[-2, 0, 2, 4, 6], yticks=[-2, 0, 2, 4])
    assert "Map of 4 rows and 5 columns" in figure.alt and "→" not in figure.alt
    plt.close(figure)


@pytest.mark.parametrize("drawn", [False, True])
def test_a_token_with_dollars_is_no_formula(drawn):
    """Nor where the axes have had their ticks before the picture came."""
    broken = "$\\frac$"
    for draw in (
        lambda ax: plots.attention_map([[0.5, 0.5]], ["a", broken], [broken], ax=ax),
        lambda ax: plots.hidden_states([[0.5, 0.5]], [broken], ax=ax),
        lambda ax: plots.accuracy_by_phenomenon([(broken, 3, 0.5)], ax=ax),
    ):
        figure, axes = plt.subplots()
        axes.set_title("$\\alpha$")
        if drawn:
            figure.canvas.draw()
        draw(axes)
        figure.canvas.draw()
        labels = [*axes.get_xticklabels(), *axes.get_yticklabels()]
        assert broken in [label.get_text() for label in labels]
        assert axes.title.get_parse_math()  # the user's own
        plt.close(figure)
