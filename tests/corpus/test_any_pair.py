"""Corpora of any two languages: which column is which, what is stored, and old models."""

import json

import pytest
from helpers import newest, restamp

import gluon_seq2seq as gs
from gluon_seq2seq import DataError, ModelError, UsageError
from gluon_seq2seq.corpus.cleaning import CleaningReport
from gluon_seq2seq.corpus.corpus import SPLITS
from gluon_seq2seq.corpus.readers import HEADER, Wanted

WHO = {"我": "I", "你": "you", "我们": "we", "他们": "they", "老师们": "the teachers"}
WHAT = {
    "看书": "read",
    "喝茶": "drink tea",
    "走路": "walk",
    "睡觉": "sleep",
    "用 Python": "use Python",
}
CHINESE = [(f"{who}{what}。", f"{en} {WHAT[what]}.") for who, en in WHO.items() for what in WHAT]
ZH_EN = {"source_lang": "zh", "target_lang": "en"}
FR_EN = {"source_lang": "fr", "target_lang": "en"}


def all_of(corpus):
    return [getattr(corpus, split) for split in SPLITS]


def file_of(tmp_path, pairs=CHINESE, name="pairs.tsv"):
    path = tmp_path / name
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs), "utf-8")
    return path


def test_unseen_chinese_is_known_by_its_characters():
    corpus = gs.load_corpus(CHINESE, **ZH_EN)
    assert (corpus.source_lang, corpus.target_lang) == ("zh", "en")
    assert "zh-en" in repr(corpus)
    for example in [*corpus.dev, *corpus.test]:
        assert not corpus.src_vocab.unknown(corpus.src_vocab.tokenizer.tokenize(example.source))
    assert corpus.src_vocab.decode(corpus.src_vocab.encode("老师用 Python。")) == "老师用 Python。"


def test_subwords_of_chinese_span_characters():
    corpus = gs.load_corpus(CHINESE, subwords=40, **ZH_EN)
    assert {"看书", "喝茶", "▁他们"} < set(corpus.src_vocab)
    assert corpus.src_vocab.decode(corpus.src_vocab.encode("我们睡觉。")) == "我们睡觉。"


def test_the_first_column_is_the_source_but_for_a_direction(tmp_path):
    pairs = [(f"They sing {n} songs.", f"Ils chantent {n} chansons !") for n in range(30)]
    turned = [(b, a) for a, b in pairs]
    for made, lines in (
        (file_of(tmp_path, pairs), file_of(tmp_path, turned, "b.tsv")),
        (
            pairs,
            turned,
        ),
    ):
        by_direction = gs.load_corpus(made, direction="fr-en")
        by_languages = gs.load_corpus(lines, **FR_EN)
        assert all_of(by_direction) == all_of(by_languages)
        assert by_direction.train[0].source.startswith("Ils chantent")


@pytest.mark.parametrize("data", ["tiny", "mini"])
def test_what_is_bundled_is_turned_by_either(data):
    turned, straight = gs.load_corpus(data, **FR_EN), gs.load_corpus(data)
    assert all_of(turned) == all_of(gs.load_corpus(data, direction="fr-en"))
    given = gs.load_corpus(data, source_lang="en", target_lang="fr")
    assert all_of(given) == all_of(straight) and given.origin == straight.origin
    with pytest.raises(UsageError, match=f"{data} is English and French, not Chinese and English"):
        gs.load_corpus(data, **ZH_EN)


@pytest.mark.parametrize(
    "given, says",
    [
        ({"source_lang": "zh"}, r"target_lang=\.\.\. is missing: give both"),
        ({"target_lang": "zh"}, r"source_lang=\.\.\. is missing: give both"),
        ({"source_lang": "chinese", "target_lang": "en"}, r"source_lang is 'chinese', .* use zh "),
        ({"source_lang": "en", "target_lang": "q1"}, "target_lang is 'q1', .* use two letters"),
        ({"direction": "zh-en"}, r"direction 'zh-en': use en-fr or fr-en, or source_lang=\.\.\. "),
        ({"direction": "fr-en", **ZH_EN}, "but the languages are zh and en: leave it out"),
        ({"columns": (1, 1)}, r"columns is \(1, 1\): use two numbers from 1, such as \(2, 4\), or"),
        ({"columns": (0, 1)}, "columns is"),
        ({"columns": (True, 2)}, "columns is"),
        ({"columns": ("en", "")}, "columns is"),
        ({"columns": (1, 2, 3)}, "columns is"),
        ({"columns": "12"}, "columns is"),
        ({"columns": 2}, "columns is"),
    ],
    ids=str,
)
def test_arguments_that_cannot_be(given, says):
    with pytest.raises(UsageError, match=says):
        gs.load_corpus(CHINESE, **given)


@pytest.mark.parametrize(
    "given",
    [ZH_EN, {}, {"direction": "fr-en"}, FR_EN, {"columns": (1, 2)}],
    ids=str,
)
def test_an_origin_leads_to_the_same_again(given, small_model, tmp_path):
    corpus = gs.load_corpus(CHINESE, **given)
    again = gs.load_corpus(**{**corpus.origin, "data": CHINESE})
    assert all_of(again) == all_of(corpus) and again.origin == corpus.origin
    model = small_model(corpus)
    gs.save_model(model, tmp_path)
    loaded = gs.load_model(tmp_path, "cpu")
    assert loaded.origin == corpus.origin
    if "columns" not in given:  # they belong to a file, and not to a model
        settings = loaded.corpus_settings(str(file_of(tmp_path)))
        assert all_of(gs.load_corpus(**settings)) == all_of(corpus)


@pytest.mark.parametrize("direction", ["en-fr", "fr-en", None])
def test_a_model_saved_before_there_were_languages(direction, small_model, tmp_path):
    corpus = gs.load_corpus("tiny", direction=direction)
    gs.save_model(small_model(corpus), tmp_path)
    path = newest(tmp_path) / "config.json"
    config = json.loads(path.read_text("utf-8"))
    for name in ("source_lang", "target_lang", "columns", *([] if direction else ["direction"])):
        del config["origin"][name]
    path.write_text(json.dumps(config), "utf-8")
    restamp(path)
    model = gs.load_model(tmp_path, "cpu")
    assert model.origin == corpus.origin
    assert all_of(gs.load_corpus(**model.corpus_settings())) == all_of(corpus)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source_lang": "xx"},
        {"source_lang": None},
        {"target_lang": 3},
        {"direction": "de-en"},
        {"direction": "fr-en"},
        {"columns": [1]},
        {"columns": [1, []]},
        {"columns": "12"},
    ],
    ids=str,
)
def test_an_origin_that_cannot_be_is_a_damaged_model(wrong, small_model, tmp_path):
    model = small_model()
    model.origin = {**model.origin, **wrong}
    gs.save_model(model, tmp_path)
    with pytest.raises(ModelError, match="no such model"):
        gs.load_model(tmp_path, "cpu")


def test_what_a_reader_leaves_out_is_counted():
    report = CleaningReport()
    wanted = Wanted(skipped=report.skip)
    wanted.skipped("no text", "line 2")
    wanted.skipped(HEADER, "line 1")
    assert report.read == 1 and report.kept == 0
    assert "1 dropped: no text (first: line 2)" in str(report)
    strict = CleaningReport(strict=True)
    strict.skip(HEADER, "line 1")
    with pytest.raises(DataError, match="line 2: no text"):
        strict.skip("no text", "line 2")


def test_the_order_of_columns():
    assert Wanted().ordered(["a", "b", "c"]) == ["a", "b", "c"]
    assert list(Wanted(turned=True).ordered(["a", "b", "c"])) == ["b", "a"]
    assert Wanted(turned=True).ordered(["a"]) == ["a"], "a line without a pair stays one"
