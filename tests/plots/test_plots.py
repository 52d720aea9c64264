"""Pictures: rendered, with labels in both languages, and a clear word where a font is missing."""

import io
import itertools
import subprocess
import sys
import warnings
from typing import NamedTuple

import matplotlib.style
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import Bbox

from gluon_seq2seq import SystemProblem, UsageError, learning_curve, plots
from gluon_seq2seq.plots.phenomena import CHINESE

ROWS = [
    {"epoch": e, "train_loss": 4 / e, "dev_loss": 4 / e + 0.2 * e, "bleu": 10.0 * e}
    for e in range(1, 6)
]

RUN = [{"epoch": e, "seconds": 7.5 * e, "dev_loss": 4 / e, "bleu": 10.0 * e} for e in range(1, 6)]


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


def test_there_is_no_half_an_epoch():
    rows = [{"epoch": i, "train_loss": 1, "dev_loss": 1, "bleu": 1} for i in (1, 2)]
    for some in rows, rows[:1]:
        for axes in learning_curve(some).axes:
            assert all(tick % 1 == 0 for tick in axes.get_xticks())


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


class Candidate(NamedTuple):
    parent: int
    token: int
    log_p: float
    score: float
    fate: str


WORDS = ["<eos>", "Ils", "Elles", "regardent", "sont", "."]
RECORD = [  # the fourth and last step ends on the length cap
    [
        Candidate(-1, 2, -1.25, -1.25, "kept"),
        Candidate(-1, 1, -0.5, -0.5, "kept"),
        Candidate(-1, 5, -4.0, -4.0, "pruned"),
    ],
    [
        Candidate(1, 3, -0.75, -0.45, "kept"),
        Candidate(0, 4, -2.0, -1.19, "pruned"),
        Candidate(1, 0, -1.5, -0.89, "finished"),
        Candidate(0, 3, -1.5, -0.89, "kept"),
    ],
    [Candidate(3, 5, -2.5, -1.1, "kept"), Candidate(0, 5, -0.875, -0.38, "kept")],
    [Candidate(1, 0, -1.0, -0.35, "finished"), Candidate(0, 5, -3.0, -1.06, "finished")],
]
ALPHA = [[0.9, 0.06, 0.04, 0.0], [0.05, 0.25, 0.7, 0.0], [0.0, 0.0, 0.02, 0.98]]
SOURCE, TARGET = ["They", "are", "watching", "."], ["Ils", "regardent", "."]
STATES = np.linspace(-0.75, 0.5, 12).reshape(4, 3)
MATCHES = [
    [(0, True), (1, True), (2, False), (3, True)],
    [(0, True), (1, False), (2, False)],
    [(0, False), (1, False)],
]
PHENOMENA = [("question", 3, 0.5), ("negation", 24, 1.0), ("past tense", 1200, 0.125)]


def wide(lang):
    """Attention over a sentence whose words have no room side by side."""
    tokens = [f"{'long' * (i % 3)}token{i}" for i in range(16)]
    return plots.attention_map(np.eye(16), tokens, tokens, [(i, i) for i in range(16)], lang)


PICTURES = {
    "learning curve": lambda lang: plots.learning_curve(ROWS, lang),
    "comparison": lambda lang: plots.training_comparison({"a": RUN, "b": RUN[:1]}, lang),
    "attention": lambda lang: plots.attention_map(ALPHA, SOURCE, TARGET, [(0, 0)], lang),
    "attention, long": wide,
    "attention, one": lambda lang: plots.attention_map([[1]], ["a"], ["b"], [(0, 0)], lang),
    "states": lambda lang: plots.hidden_states(STATES, SOURCE, lang),
    "states, both": lambda lang: plots.hidden_states(STATES, SOURCE, lang, -STATES),
    "beam": lambda lang: plots.beam_tree(RECORD, WORDS.__getitem__, lang),
    "n-grams": lambda lang: plots.ngram_grid(MATCHES, list("aab."), TARGET * 9, lang),
    "lengths": lambda lang: plots.length_histogram([3, 4, 4, 9], [4, 5, 5], lang),
    "accuracy": lambda lang: plots.accuracy_by_length([3, 3, 150], [True, False, True], lang),
    "phenomena": lambda lang: plots.accuracy_by_phenomenon(PHENOMENA * 15, lang),
}
needs_chinese = pytest.mark.skipif(plots.cjk_font() is None, reason="no font with Chinese glyphs")
every_picture = pytest.mark.parametrize("name", PICTURES)
both_languages = pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=needs_chinese)])


def texts(figure):
    """What is written anywhere in a picture."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def boxes(axes):
    """The rectangles drawn on the axes, without those of a legend."""
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def centres(axes):
    return [box.get_center() for box in boxes(axes)]


def columns(axes):
    return [label.get_text() for label in axes.get_xticklabels()]


@every_picture
@both_languages
def test_every_picture_is_legible(name, lang, recwarn):
    figure = PICTURES[name](lang)
    FigureCanvasAgg(figure).draw()
    written = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        written += [axes.title, *axes.texts]
        if axes.axison:
            written += [axes.xaxis.label, axes.yaxis.label]
        if axes.get_legend():
            written += axes.get_legend().get_texts()
        for axis in axes.xaxis, axes.yaxis:
            if isinstance(axis.get_major_locator(), FixedLocator):
                written += axis.get_ticklabels()
    written = [text for text in written if text.get_text()]
    frames = [text.get_window_extent() for text in written]
    for text, frame in zip(written, frames):
        assert text.get_fontsize() >= 9
        inside = frame.x0 >= 0 and frame.y0 >= 0
        inside = inside and frame.x1 <= figure.bbox.x1 and frame.y1 <= figure.bbox.y1
        assert inside, f"{text.get_text()!r} is cut off"
    level = [i for i, text in enumerate(written) if text.get_rotation() != 45]
    for i, j in itertools.combinations(level, 2):
        overlap = Bbox.intersection(frames[i], frames[j])
        if overlap is not None and overlap.width > 1:
            assert overlap.height < 3, (written[i].get_text(), written[j].get_text())
    assert not recwarn


@every_picture
@needs_chinese
def test_every_picture_speaks_chinese(name):
    english, chinese = texts(PICTURES[name]("en")), texts(PICTURES[name]("zh"))
    assert not [text for text in english if any("一" <= c <= "鿿" for c in text)]
    assert [text for text in chinese if any("一" <= c <= "鿿" for c in text)]


@pytest.mark.parametrize("name", PICTURES)
def test_no_legend_looks_for_its_place(name):
    figure = PICTURES[name]("en")  # it takes a second on a busy machine, and then warns
    for legend in figure.findobj(matplotlib.legend.Legend):
        assert legend._loc != matplotlib.legend.Legend.codes["best"]


def test_both_languages_have_the_same_labels():
    assert plots.style._WORDS["en"].keys() == plots.style._WORDS["zh"].keys()


def test_the_style_of_the_user_changes_nothing():
    plain = render(PICTURES["beam"]("en"))
    with matplotlib.style.context("dark_background"):
        assert render(PICTURES["beam"]("en")) == plain
    figure = PICTURES["lengths"]("en")  # its ticks are made when it is drawn
    plain = render(PICTURES["lengths"]("en"))
    with matplotlib.style.context(["dark_background", {"font.size": 30}]):
        assert render(figure) == plain
        before = matplotlib.rcParams["font.size"]
    assert before == 30


def test_no_picture_needs_pyplot():
    code = (
        "import sys; from gluon_seq2seq import plots; plots.attention_map([[1]], 'a', 'b');"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


HOSTILE = [
    ("$x$", "$x$"),
    ("$", "$"),
    ("_a^2", "_a^2"),
    ("\\frac{1", "\\frac{1"),
    ("<script>", "<script>"),
    ("中文", "中文"),
    ("😀", "😀"),
    ("", "∅"),
    (" ", "␣"),
    ("a\nb\tc", "a\\nb\\tc"),
    ("\x00", "\\x00"),
    ("\ud800", "\\ud800"),
    ("שלום\u202e", "שלום"),
    ("e\u0301", "é"),
    ("anticonstitutionnellement", "anticonstitutionn…"),
    ("W" * 18, "W" * 18),
]


def of_tokens(tokens):
    """Each picture that shows tokens or names, made of these."""
    n = len(tokens)
    rows = [Candidate(-1, i, -i, -i, ["kept", "pruned", "finished"][i % 3]) for i in range(n)]
    return {
        "attention_map": plots.attention_map(np.eye(n), tokens, tokens),
        "hidden_states": plots.hidden_states(np.eye(n), tokens),
        "beam_tree": plots.beam_tree([rows], tokens.__getitem__),
        "ngram_grid": plots.ngram_grid([[(i, True) for i in range(n)]], tokens, tokens),
        "phenomena": plots.accuracy_by_phenomenon([(token, 1, 0.5) for token in tokens]),
        "comparison": plots.training_comparison(dict.fromkeys(tokens, RUN)),
    }


@pytest.mark.slow
def test_hostile_tokens_are_written_as_they_are(recwarn):
    for name, figure in of_tokens([token for token, _ in HOSTILE]).items():
        written = " ".join(texts(figure))
        for token, shown in HOSTILE:
            if name in ("phenomena", "comparison") and len(token) > 18:
                shown = token
            assert shown in written, name
        for format in "png", "svg", "pdf":
            how = {"bbox_inches": "tight"} if format == "png" else {}  # as Jupyter does
            figure.savefig(io.BytesIO(), format=format, dpi=30, **how)
            figure.set_layout_engine("none")  # has found where all stands
    assert not recwarn


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=9))
def test_any_token_can_be_drawn(tokens):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for figure in of_tokens(tokens).values():
            figure.savefig(io.BytesIO(), format="png", dpi=20)


@needs_chinese
def test_chinese_tokens_have_glyphs_in_english_pictures():
    def drawn(token):
        return render(plots.hidden_states([[1.0]], [token]))

    assert drawn("中") != drawn("文"), "both would be the box of a missing glyph"


def test_training_comparison():
    runs = {f"run {i}": [{**row, "bleu": row["bleu"] + i} for row in RUN] for i in range(8)}
    figure = plots.training_comparison({**runs, "_last": RUN})
    loss, bleu = figure.axes
    assert list(loss.lines[3].get_xdata()) == [7.5, 15, 22.5, 30, 37.5]
    assert list(loss.lines[3].get_ydata()) == [row["dev_loss"] for row in RUN]
    assert list(bleu.lines[3].get_ydata()) == [13, 23, 33, 43, 53]
    for axes in loss, bleu:
        looks = {(line.get_linestyle(), line.get_marker()) for line in axes.lines}
        assert len(looks) == len(axes.lines) == 9
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [*runs, "_last"]


@pytest.mark.parametrize("histories", [{}, {"a": RUN, "b": []}])
def test_training_comparison_of_nothing(histories):
    with pytest.raises(UsageError, match="no epoch"):
        plots.training_comparison(histories)


def test_attention_map():
    gold = ((s, t) for s, t in [(0, 0), (1, 1), (2, 1)])
    figure = plots.attention_map(ALPHA, SOURCE, TARGET, gold)
    axes, bar = figure.axes
    assert columns(axes) == SOURCE and axes.xaxis.get_ticks_position() == "top"
    assert [label.get_text() for label in axes.get_yticklabels()] == TARGET
    assert np.allclose(axes.images[0].get_array(), ALPHA)
    assert axes.images[0].get_clim() == (0, 1) and bar.get_ylabel() == "attention weight"
    weights = {text.get_position(): text for text in axes.texts}
    assert {at: text.get_text() for at, text in weights.items()} == {
        (0, 0): "0.90",
        (1, 0): "0.06",
        (0, 1): "0.05",
        (1, 1): "0.25",
        (2, 1): "0.70",
        (3, 2): "0.98",
    }
    assert (weights[0, 0].get_color(), weights[1, 0].get_color()) == ("white", "black")
    middles = {tuple(np.round(box.get_center(), 6)) for box in boxes(axes)}
    assert middles == {(0, 0), (1, 1), (2, 1)}, "the first number is the source position"
    assert not any(box.get_fill() for box in boxes(axes))
    assert "gold alignment" in texts(figure)


def test_attention_map_grows_lighter_in_grey():
    (image,) = plots.attention_map(ALPHA, SOURCE, TARGET).axes[0].images
    grey = image.cmap(np.linspace(0, 1, 50))[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(grey) < 0).all()


def test_attention_map_without_gold():
    figure = plots.attention_map(np.array(ALPHA), SOURCE, TARGET)
    assert not boxes(figure.axes[0]) and "gold alignment" not in texts(figure)
    assert columns(figure.axes[0]) == SOURCE


def test_attention_map_of_long_sentences_has_no_numbers():
    figure = plots.attention_map(np.eye(40), ["word"] * 40, ["mot"] * 40)
    assert not figure.axes[0].texts
    assert {label.get_rotation() for label in figure.axes[0].get_xticklabels()} == {45}


@pytest.mark.parametrize(
    ("alpha", "source", "target", "gold", "message"),
    [
        (
            [[0.5, 0.5, 0], [0, 0, 1]],
            list("abc"),
            list("abcd"),
            None,
            r"shape \(2, 3\), but there are 4 target",
        ),
        ([0.5, 0.5], "a b", "a", None, r"\(2,\), but there are 1 target and 2 source tokens"),
        (np.zeros((0, 0)), "", "", None, "no attention to draw"),
        (np.eye(2), "a b", "a b", [(0, 2)], r"gold has \(0, 2\)"),
        (np.eye(2), "a b", "a b", [(-1, 0)], r"gold has \(-1, 0\)"),
    ],
)
def test_attention_map_that_does_not_fit(alpha, source, target, gold, message):
    with pytest.raises(UsageError, match=message):
        plots.attention_map(alpha, source, target, gold)


def test_hidden_states():
    axes, bar = plots.hidden_states(STATES, SOURCE).axes
    (image,) = axes.images
    assert np.allclose(image.get_array(), STATES.T) and image.get_clim() == (-0.75, 0.75)
    assert columns(axes) == SOURCE and axes.get_ylabel() == "hidden unit"
    names = [text for text in axes.texts if text.get_text()]
    assert [(t.get_position()[0], t.get_text()) for t in names] == [
        (t, f"$h_{{{t + 1}}}$") for t in range(4)
    ]
    (signs,) = axes.collections
    assert {tuple(at) for at in signs.get_offsets()} == set(zip(*np.nonzero(STATES < 0)))
    assert "below 0" in bar.get_ylabel()


def arrows(axes):
    return [(a.xyann[0], a.xy[0]) for a in axes.texts if isinstance(a, Annotation)]


def test_hidden_states_of_both_directions():
    forward, backward, _ = plots.hidden_states(STATES, SOURCE, backward=2 * STATES).axes
    assert np.allclose(backward.images[0].get_array(), 2 * STATES.T)
    assert forward.images[0].get_clim() == backward.images[0].get_clim() == (-1.5, 1.5)
    assert len(arrows(forward)) == len(arrows(backward)) == 3
    for t, (tail, tip) in enumerate(arrows(forward)):
        assert t < tail < tip < t + 1
    for t, (tail, tip) in enumerate(arrows(backward)):
        assert t < tip < tail < t + 1
    assert backward.get_ylabel() == "hidden unit, backward"


def test_hidden_states_of_many_units():
    axes, bar = plots.hidden_states(np.ones((3, 300)), "a b c").axes
    assert axes.images[0].get_array().shape == (300, 3)
    assert len(axes.get_yticks()) < 12 and bar.get_ylabel() == "value"
    assert render(plots.hidden_states(np.zeros((1, 1)), ["a"]))


@pytest.mark.parametrize("states", [np.zeros((3, 2)), np.zeros(4), np.zeros((4, 0))])
def test_hidden_states_that_do_not_fit(states):
    for arguments in ({"h": states}, {"h": STATES, "backward": states}):
        with pytest.raises(UsageError, match="but there are 4 tokens"):
            plots.hidden_states(tokens=SOURCE, **arguments)


def nodes(axes):
    """What each box of a tree says, and the box."""
    assert np.allclose([text.get_position() for text in axes.texts], centres(axes))
    return [(text.get_text(), box) for text, box in zip(axes.texts, boxes(axes))]


def test_beam_tree():
    figure = plots.beam_tree(RECORD, WORDS.__getitem__)
    (axes,) = figure.axes
    drawn = dict(nodes(axes))
    assert [text for text, _ in nodes(axes)] == [
        *("<bos>", "Ils\n−0.50", "Elles\n−1.25", "✗ .\n−4.00"),
        *("regardent\n−0.75", "✓ <eos>\n−1.50\nscore −0.89"),
        *("regardent\n−1.50", "✗ sont\n−2.00", ".\n−0.88", ".\n−2.50"),
        *("✓ <eos>\n−1.00\nscore −0.35", "✓ .\n−3.00\nscore −1.06"),
    ]
    kept, pruned = drawn["Ils\n−0.50"], drawn["✗ sont\n−2.00"]
    finished = drawn["✓ .\n−3.00\nscore −1.06"]
    assert (kept.get_linestyle(), pruned.get_linestyle()) == ("-", "--")
    assert finished.get_linewidth() > 2 * kept.get_linewidth()
    assert len(axes.lines) == sum(map(len, RECORD)), "one edge a candidate"
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend[1:] == ["✗ pruned", "✓ finished", "best translation"]


def test_the_best_hypothesis_of_a_beam_tree_is_thick():
    (axes,) = plots.beam_tree(RECORD, WORDS.__getitem__).axes
    drawn = dict(nodes(axes))
    path = ["<bos>", "Ils\n−0.50", "regardent\n−0.75", ".\n−0.88", "✓ <eos>\n−1.00\nscore −0.35"]
    thick = [line for line in axes.lines if line.get_linewidth() > 2]
    for line, parent, child in zip(thick, path, path[1:]):
        start, end = drawn[parent], drawn[child]
        assert np.allclose(line.get_xdata(), [start.get_x() + start.get_width(), end.get_x()])
        assert np.allclose(line.get_ydata(), [start.get_center()[1], end.get_center()[1]])
    assert len(thick) == 4
    assert {line.get_linestyle() for line in axes.lines} == {"-", "--"}


def test_edges_of_a_beam_tree_do_not_cross():
    random = np.random.default_rng(0)
    record, parents = [], [-1]
    for _ in range(6):
        fates = random.permutation(["kept"] * 4 + ["pruned"] * 5 + ["finished"])
        record.append(
            [Candidate(int(random.choice(parents)), 1, -random.random(), -1, f) for f in fates]
        )
        parents = [i for i, fate in enumerate(fates) if fate == "kept"]
    (axes,) = plots.beam_tree(record, WORDS.__getitem__).axes
    edges = [(*line.get_xdata(), *line.get_ydata()) for line in axes.lines]
    for (x, _, start, end), (x_other, _, start_other, end_other) in itertools.combinations(
        edges, 2
    ):
        if x == x_other:
            assert (start - start_other) * (end - end_other) >= 0
    frames = [box.get_bbox() for box in boxes(axes)]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(frames, 2))


def test_beam_tree_without_a_finished_hypothesis():
    (axes,) = plots.beam_tree(RECORD[:1], WORDS.__getitem__).axes
    assert len(boxes(axes)) == 4 and len(axes.get_legend().get_texts()) == 3
    assert max(line.get_linewidth() for line in axes.lines) < 2


@pytest.mark.parametrize("record", [[], [[]]])
def test_beam_tree_of_nothing(record):
    with pytest.raises(UsageError, match="record is empty"):
        plots.beam_tree(record, WORDS.__getitem__)


def test_ngram_grid():
    prediction = ["les", "les", "grands", "chats"]
    figure = plots.ngram_grid(MATCHES, prediction, ["les", "chats"])
    (axes,) = figure.axes
    written = texts(figure)
    assert "reference: les chats" in written and set(prediction) <= set(written)
    assert [text for text in written if "p_" in text] == [
        "$p_{1} = 3/4$",
        "$p_{2} = 1/3$",
        "$p_{3} = 0/2$",
    ]
    marks = [text for text in axes.texts if text.get_text() in "✓✗"]
    assert np.allclose([mark.get_position() for mark in marks], centres(axes))
    counted = [mark.get_text() == "✓" for mark in marks]
    assert counted == [c for grams in MATCHES for _, c in grams]
    assert {(m, b.get_linestyle()) for m, b in zip(counted, boxes(axes))} == {
        (True, "-"),
        (False, "--"),
    }
    place = {t.get_text(): t.get_position()[0] for t in axes.texts}
    last = boxes(axes)[-1]  # the trigram "les grands chats"
    assert last.get_x() < place["grands"] < place["chats"] < last.get_x() + last.get_width()
    assert place["les"] > boxes(axes)[-2].get_x()
    frames = [box.get_bbox() for box in boxes(axes)]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(frames, 2))


def test_ngram_grid_leaves_out_n_beyond_the_prediction():
    figure = plots.ngram_grid([[(0, True)], []], ["Ils"], [])
    assert len(boxes(figure.axes[0])) == 1 and not [t for t in texts(figure) if "p_{2}" in t]


def test_ngram_grid_of_nothing():
    with pytest.raises(UsageError, match="empty"):
        plots.ngram_grid([[]], [], ["Ils"])


def test_ngram_grid_with_an_ngram_outside():
    with pytest.raises(UsageError, match="no 2-gram starts at 1: there are 2 tokens"):
        plots.ngram_grid([[], [(1, True)]], ["Ils", "."], [])


def bars(axes):
    return {bar.get_center()[0]: bar.get_height() for bar in boxes(axes)}


def test_length_histogram():
    figure = plots.length_histogram([3, 4, 4, 9], [4, 5, 5])
    (axes,) = figure.axes
    source, target = axes.containers
    counts = {2.8: 1, 3.8: 2, 8.8: 1}, {4.2: 1, 5.2: 2}
    for container, expected in zip((source, target), counts):
        assert {round(b.get_center()[0], 6): b.get_height() for b in container} == expected
    assert source[0].get_hatch() != target[0].get_hatch(), "not colour alone"
    assert [line.get_xdata()[0] for line in axes.lines] == [4, 5]
    assert {"median of source: 4", "median of target: 5"} <= set(texts(figure))


def test_length_histogram_of_nothing():
    with pytest.raises(UsageError, match="no lengths"):
        plots.length_histogram([], [1])


def test_accuracy_by_length():
    figure = plots.accuracy_by_length([3] * 10 + [5, 5], [1] * 5 + [0] * 5 + [1, 1])
    (axes,) = figure.axes
    assert columns(axes) == ["3", "4", "5"]
    assert bars(axes) == {0: 0.5, 2: 1.0}, "no sentence has 4 tokens"
    assert [text.get_text() for text in axes.texts] == ["10", "2"]
    (segment,) = axes.containers[1].lines[2][0].get_segments()
    assert np.allclose(segment, [[0, 0.2366], [0, 0.7634]], atol=1e-4)  # Wilson's, of 5 in 10
    assert figure.legends[0].get_texts()[0].get_text().startswith("95%")


def test_accuracy_by_length_groups_many_lengths():
    lengths = range(1, 32)
    (axes,) = plots.accuracy_by_length(lengths, [length > 3 for length in lengths]).axes
    assert columns(axes)[:2] == ["1–3", "4–6"] and columns(axes)[-1] == "31"
    assert [text.get_text() for text in axes.texts] == ["3"] * 10 + ["1"]
    assert list(bars(axes).values()) == [0] + [1] * 10


@pytest.mark.parametrize(("lengths", "correct"), [([], []), ([1, 2], [True])])
def test_accuracy_by_length_that_does_not_fit(lengths, correct):
    with pytest.raises(UsageError, match="as many of each"):
        plots.accuracy_by_length(lengths, correct)


@given(st.integers(1, 500), st.data())
def test_wilson_interval(n, data):
    hits = data.draw(st.integers(0, n))
    least, most = plots.counts._wilson(hits, n)
    assert 0 <= least <= hits / n + 1e-12 and hits / n - 1e-12 <= most <= 1
    for bound in {least, most} - {0.0, 1.0}:  # where the share lies 1.96 deviations away
        assert abs(hits / n - bound) == pytest.approx(
            1.96 * (bound * (1 - bound) / n) ** 0.5, abs=1e-6
        )


def test_accuracy_by_phenomenon():
    (axes,) = plots.accuracy_by_phenomenon(PHENOMENA).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "negation",
        "question",
        "past tense",
    ]
    assert [box.get_width() for box in boxes(axes)] == [1.0, 0.5, 0.125]
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the best on top"
    assert [text.get_text() for text in axes.texts] == [
        *("100.0%", "n = 24"),
        *("50.0%", "n = 3"),
        *("12.5%", "n = 1200"),
    ]


@needs_chinese
def test_phenomena_have_chinese_names(mini):
    known = {name for e in mini.train for names in e.gold.phenomena for name in names}
    assert known == set(CHINESE) and len(set(CHINESE.values())) == len(CHINESE)
    rows = [(name, 10, 0.5) for name in sorted(known)] + [("one's own", 10, 0.5)]
    (axes,) = plots.accuracy_by_phenomenon(rows, "zh").axes
    shown = {label.get_text() for label in axes.get_yticklabels()}
    assert shown == {*CHINESE.values(), "one's own"}


def test_accuracy_by_phenomenon_of_nothing():
    with pytest.raises(UsageError, match="no phenomenon"):
        plots.accuracy_by_phenomenon([])
