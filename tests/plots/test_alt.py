"""Alternative texts: what a picture says in words, and that Jupyter and nbconvert have it."""

import base64
import re

import pytest
from IPython.core.formatters import DisplayFormatter

from gluon_seq2seq import plots
from gluon_seq2seq.plots.alt import LONGEST
from gluon_seq2seq.plots.style import drawing

ALPHA = [[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]]


@pytest.mark.parametrize(
    "lang, expected",
    [
        (
            "en",
            "Map of 2 rows and 3 columns; columns: source They, watch, .; rows: target Ils, "
            "regardent; most in each row: Ils → They 0.90, regardent → . 0.50. "
            "colour: attention weight",
        ),
        (
            "zh",
            "2 行 3 列的图；列：源序列 They、watch、.；行：目标序列 Ils、regardent；"
            "每行最大处：Ils → They 0.90、regardent → . 0.50。颜色：注意力权重",
        ),
    ],
)
def test_a_map_names_its_tokens_and_where_it_looks(lang, expected):
    if lang == "zh" and plots.cjk_font() is None:
        pytest.skip("needs a Chinese font")
    assert plots.attention_map(ALPHA, "They watch .", "Ils regardent", lang=lang).alt == expected


def test_lines_and_bars_say_how_they_run():
    with drawing("en") as (figure, _):
        left, right = figure.subplots(1, 2)
        left.plot([3, 1.5, 0.25], label="train")
        left.set(title="$L_2$ loss", xlabel="epoch", xlim=(0, 2), ylim=(0, 3))
        right.bar(["dev", "test"], [0.5, -0.75], label="share")
    assert figure.alt == (
        "L_2 loss; to the right: epoch (0 to 2); upwards: (0 to 3); train: from 3 to 0.25. "
        "to the right: dev, test; upwards: (-0.812 to 0.562); share: 0.5, -0.75"
    )


def test_every_picture_has_one_of_bearable_length():
    with drawing("en") as (figure, _):
        assert figure.alt == "Picture"
        axes = figure.add_axes([0, 0, 1, 1])
        axes.set_axis_off()
        for i in range(500):
            axes.text(0, 0, f"word {i}")
    assert figure.alt.startswith("Reads: word 0, word 1") and len(figure.alt) == LONGEST


def test_jupyter_gets_it_as_html_and_as_metadata():
    figure = plots.attention_map([[1.0]], ["<b>'\""], ["y"])
    data, metadata = DisplayFormatter().format(figure)
    assert metadata["image/png"]["alt"] == figure.alt and "<b>'\"" in figure.alt
    html = data["text/html"]
    assert "<b>" not in html and re.match('<img alt="[^"<]*" src="data:image/png;base64,', html)
    png = base64.b64decode(re.search('base64,([^"]*)', html)[1])
    assert png.startswith(b"\x89PNG") and base64.b64decode(data["image/png"]) == png
