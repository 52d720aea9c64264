"""The playground without a browser: what its widgets make of a sentence."""

import re

import pytest

import gluon_seq2seq as gs
from gluon_seq2seq.plots import style
from gluon_seq2seq.teaching.playground import LONGEST


@pytest.fixture(scope="module")
def page():
    return gs.Playground()


@pytest.fixture
def ask(page):
    def ask(sentence, model="mini-bahdanau2015", beam_size=3, alpha=0.75):
        page.sentence.value = ""  # of which nothing is drawn while the rest is set
        page.model.value, page.beam_size.value, page.alpha.value = model, beam_size, alpha
        page.sentence.value = sentence
        return page.output.value

    return ask


def rows(output):
    """The cells of each row of the table of translations."""
    rows = re.findall(r"<tr>(.*?)</tr>", output)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows[1:]]


def test_it_begins_with_the_chapters_sentence(page):
    assert "Ils regardent." in page.output.value


def test_the_list_is_that_of_the_translator(ask):
    found = rows(ask("You are tired.", beam_size=4, alpha=0.5))
    translator = gs.Translator(gs.load_model("mini-bahdanau2015"), beam_size=4, alpha=0.5)
    expected = translator.n_best(["You are tired."], 4)[0]
    assert [row[1] for row in found] == [one.text for one in expected]
    scores = [float(row[4].replace("−", "-")) for row in found]
    assert scores == pytest.approx([one.score for one in expected], abs=0.0051)


def test_each_change_is_followed(page, ask):
    before = ask("We are watching.")
    page.beam_size.value = 1
    assert len(rows(page.output.value)) == 1 < len(rows(before))
    page.model.value = "mini-book"
    assert "no attention" in page.output.value
    assert page.output.value.count("<img") == 1  # the beam, and no map


def test_unknown_words_are_named_with_the_nearest_known_one(ask):
    output = ask("The qqqqqq is watchin.")
    warning = re.search(r"<p role='alert'>(.*?)</p>", output)[1]
    assert "<b>qqqqqq</b>" in warning
    assert "<b>watchin (did you mean watching?)</b>" in warning
    assert "role='alert'" not in ask("They are watching.")


@pytest.mark.parametrize(
    "hostile",
    ["<img src=x onerror=alert(1)>", "'><script>alert(1)</script>", "&lt;b&gt; \x00\x07 \u202e"],
)
def test_text_is_shown_as_text(ask, hostile):
    output = ask(hostile)
    tags = set(re.findall(r"<(\w+)", output))
    assert tags <= {"p", "b", "table", "tr", "td", "h3", "img"}
    assert all(
        src.startswith("data:image/png") for src in re.findall(r"<img[^>]*src='(.{20})", output)
    )
    assert "onerror=alert" not in re.sub(r"<b>.*?</b>", "", output)


@pytest.mark.parametrize(
    "sentence, told",
    [("", "press Enter"), ("  \t ", "press Enter"), ("word " * (LONGEST + 1), f"use {LONGEST}")],
)
def test_what_cannot_be_translated_is_said(ask, sentence, told):
    output = ask(sentence)
    assert told in output and "<img" not in output


def test_a_model_that_cannot_be_loaded_is_said():
    page = gs.Playground(models=["no/such/model"])
    assert "no/such/model: holds no model" in page.output.value


@pytest.mark.parametrize("font", [True, False])
def test_chinese(monkeypatch, font):
    if not font:
        monkeypatch.setattr(style, "CJK_FONTS", ())
    page = gs.Playground("zh", models=["mini-book"])
    assert "译文" in page.output.value and page.sentence.description == "英语"


@pytest.mark.parametrize("lang, name", [("en", "Chinese"), ("zh", "中文")])
def test_the_language_of_the_model_is_named(lang, name, small_model, tmp_path):
    pairs = [(f"我有{n}本书。", f"I have {n} books.") for n in range(20)]
    corpus = gs.load_corpus(pairs, source_lang="zh", target_lang="en")
    gs.save_model(small_model(corpus), tmp_path)
    page = gs.Playground(lang, models=[str(tmp_path), "mini-book"])
    assert page.sentence.description == name
    assert name in page.output.value and "role='alert'" not in page.output.value
    page.sentence.value = "我有3本书。"
    assert "role='alert'" not in page.output.value and "log P" in page.output.value
    page.model.value = "mini-book"
    assert page.sentence.description in ("English", "英语")
