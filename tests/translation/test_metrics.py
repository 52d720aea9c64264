"""The book's BLEU against d2l's own and by hand; sacreBLEU as sacreBLEU gives it."""

import math
from collections import Counter

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from gluon_seq2seq import (
    DataError,
    Minibatches,
    UsageError,
    alignment,
    bahdanau2015,
    bleu,
    by_phenomenon,
    cross_entropy,
    ngram_matches,
    score,
)
from gluon_seq2seq.corpus import batches
from gluon_seq2seq.corpus.annotations import Gold
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.translation import metrics
from gluon_seq2seq.translation.metrics import entropy_floor, mean_loss
from gluon_seq2seq.translation.scoring import sentence_losses


def test_the_books_example():
    """Label A B C D E F, prediction A B B C D: p_1 = 4/5, p_2 = 3/4 (d2l-zh 2018)."""
    expected = math.exp(1 - 6 / 5) * (4 / 5) ** 0.5 * (3 / 4) ** 0.25
    assert bleu(list("ABBCD"), list("ABCDEF"), k=2) == pytest.approx(expected)


words = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8)


@settings(deadline=None)  # the first example imports d2l
@given(pred=words, label=words, k=st.integers(1, 4))
def test_agrees_with_d2l(pred, label, k):
    from d2l import mxnet as d2l

    expected = pytest.approx(d2l.bleu(" ".join(pred), " ".join(label), k))
    assert bleu(pred, label, k) == bleu(" ".join(pred), " ".join(label), k) == expected


@pytest.mark.parametrize("pred, expected", [([], 0.0), (["Ils"], math.exp(1 - 3)), (["x"], 0.0)])
def test_empty_and_short_predictions(pred, expected):
    assert bleu(pred, ["Ils", "regardent", "."], k=4) == pytest.approx(expected)


def test_identical_is_one():
    assert bleu(["a", "b"], ["a", "b"], k=2) == 1


def test_scores_are_sacrebleus():
    hypotheses = ["Ils regardent la mer .", "Elle dort."]
    references = [("Ils regardent la mer.", "Ils voient la mer."), ("Elle dort.",)]
    scores = score(hypotheses, references)
    streams = [["Ils regardent la mer.", "Elle dort."], ["Ils voient la mer.", None]]
    assert scores["bleu"] == sacrebleu.corpus_bleu(hypotheses, streams).score
    assert scores["bleu_first"] == sacrebleu.corpus_bleu(hypotheses, streams[:1]).score
    assert scores["chrf"] == sacrebleu.corpus_chrf(hypotheses, streams).score
    assert scores["exact"] == 0.5
    assert "tok:13a" in scores["signature"] and "nrefs:var" in scores["signature"]


def test_lower_case_is_in_the_signature():
    hypotheses, references = (
        ["ils regardent la Mer .", "Elle dort."],
        ["Ils regardent.", "elle dort."],
    )
    scores = score(hypotheses, references, lowercase=True)
    expected = sacrebleu.corpus_bleu(hypotheses, [references], lowercase=True).score
    assert (
        scores["bleu"] == scores["bleu_first"] == expected != score(hypotheses, references)["bleu"]
    )
    assert (
        scores["chrf"]
        == sacrebleu.corpus_chrf(
            [text.lower() for text in hypotheses], [[text.lower() for text in references]]
        ).score
    )
    assert "case:lc" in scores["signature"]
    assert "case:mixed" in score(hypotheses, references)["signature"]


def test_a_second_reference_can_only_help():
    one = score(["Elle parle de lui."], [("Elle cause de lui.",)])
    two = score(["Elle parle de lui."], [("Elle cause de lui.", "Elle parle de lui.")])
    assert two["exact"] == 1 > one["exact"] and two["bleu"] > one["bleu"]


def test_one_reference_may_stand_alone():
    assert score(["Elle dort."], ["Elle dort."])["exact"] == 1
    assert score(["Elle dort."], ["Elle dort."]) == score(["Elle dort."], [("Elle dort.",)])


def test_texts_are_cut_at_their_spaces():
    """As in d2l, and not letter by letter."""
    from d2l import mxnet as d2l

    pair = "il est paresseux .", "il est calme ."
    assert bleu(*pair) == pytest.approx(d2l.bleu(*pair, k=2)) == pytest.approx(0.658, abs=5e-4)
    assert bleu(*pair) == bleu(*(text.split() for text in pair))
    assert ngram_matches(*pair) == ngram_matches(*(text.split() for text in pair))
    assert bleu("Il", ["Il"]) == bleu(("I", "l"), list("Il")) == 1 and bleu("", "Il") == 0
    for wrong in 0, 2.5, None, "2":
        with pytest.raises(UsageError, match="k is"):
            bleu("a b", "a b", wrong)


def test_a_blank_reference_is_none():
    """Left to sacreBLEU, its length 0 is the closest to a short text, and the score 100."""
    text, full = "Ils regardent la mer qui", "Ils regardent la mer qui est si belle ce soir."
    expected = sacrebleu.corpus_bleu([text], [[full]]).score
    assert sacrebleu.corpus_bleu([text], [[full], [""]]).score == pytest.approx(100)
    for references in [(full, "")], [("", full)], [(" ", full, "\u00a0")]:
        scores = score([text], references)
        assert scores["bleu"] == scores["bleu_first"] == expected < 40
        assert scores == score([text], [full])
    for blank in [""], [("", " ")]:
        with pytest.raises(DataError, match="not blank"):
            score([text], blank)


def test_one_text_is_one_sentence():
    assert score("Elle dort.", "Elle dort.") == score(["Elle dort."], ["Elle dort."])
    both = score("Elle dort.", ["Elle rit.", "Elle dort."])
    assert both == score(["Elle dort."], [("Elle rit.", "Elle dort.")])
    with pytest.raises(DataError, match="two lists"):
        score(["a", "b"], "ab")


@pytest.mark.parametrize("wrong", [None, float("nan"), b"a", 5, ["a"]])
def test_what_is_no_text(wrong, mini):
    for function in (
        lambda: score([wrong], ["a"]),
        lambda: score(["a"], [("a", wrong)]),
        lambda: by_phenomenon([wrong], mini.test[:1]),
    ):
        with pytest.raises(UsageError, match=r"[12] is"):
            function()


@pytest.mark.parametrize("pair", [([], []), (["a"], []), (["a"], [()]), (["a"], ["a", "b"])])
def test_sides_that_do_not_match(pair):
    with pytest.raises(DataError):
        score(*pair)


def test_cross_entropy_weighs_references_by_their_probability(mini, small_model):
    model = small_model(mini)
    examples = [e for e in mini.dev if len(e.valid) > 1][:5] + mini.dev[:5]
    loss = tokens = entropy = 0.0
    for example in examples:
        for text, p in zip(example.valid, example.gold.probabilities):
            alone = Minibatches([(example.source, text)], mini.src_vocab, mini.tgt_vocab, 1)
            length = len(mini.tgt_vocab.encode(text))
            loss += p * mean_loss(model, alone) * length
            tokens += p * length
            entropy -= p * math.log(p)
    found = cross_entropy(model, examples, batch_size=4)
    assert found["loss"] == pytest.approx(loss / tokens, rel=1e-5)
    assert found["floor"] == pytest.approx(entropy / tokens)
    assert found["floor"] == pytest.approx(entropy_floor(examples, mini.tgt_vocab))
    assert found["loss"] > found["floor"]


def test_cross_entropy_without_probabilities_is_the_mean_loss(tiny, small_model):
    model = small_model()
    pairs = pairs_of(tiny.train)
    expected = mean_loss(model, Minibatches(pairs, tiny.src_vocab, tiny.tgt_vocab, 8))
    found = cross_entropy(model, tiny.train)
    assert found == {"loss": pytest.approx(expected, rel=1e-5), "floor": None}


def test_sentence_losses_come_in_the_order_of_the_pairs(tiny, small_model):
    model, pairs = small_model(), pairs_of(tiny.train)
    losses, tokens = sentence_losses(model, pairs, 7)
    for i in (0, 20, 52):
        (alone,), (length,) = sentence_losses(model, [pairs[i]])
        assert (losses[i], tokens[i]) == (pytest.approx(alone, rel=1e-5), length)
        assert length == len(tiny.tgt_vocab.encode(pairs[i][1]))


@pytest.mark.parametrize("hybrid", [False, True], ids=["eager", "hybridized"])
def test_no_more_logits_at_once_than_there_is_room_for(tiny, small_model, monkeypatch, hybrid):
    """Those of the longest dev batch took more memory than a training step."""
    model, pairs = small_model(), pairs_of(tiny.train)
    model.hybridize(hybrid)
    dev, V, sizes = Minibatches(pairs, tiny.src_vocab, tiny.tgt_vocab, 53), len(tiny.tgt_vocab), []
    whole = mean_loss(model, dev), *sentence_losses(model, pairs, 53)
    monkeypatch.setattr(batches, "LOGITS", 20 * V)
    model.register_forward_hook(lambda _, __, outputs: sizes.append(outputs[0].size))
    assert mean_loss(model, dev) == pytest.approx(whole[0], rel=1e-6)
    assert len(sizes) > 1 and max(sizes) <= 20 * V
    del sizes[:]
    losses, tokens = sentence_losses(model, pairs, 53)
    assert len(sizes) > 1 and max(sizes) <= 20 * V
    np.testing.assert_allclose(losses, whole[1], rtol=1e-5)
    np.testing.assert_array_equal(tokens, whole[2])


def test_ngram_matches_of_the_books_example():
    """Of A B B C D the second B is one too many for A B C D E F, and B B is not in it."""
    unigrams, bigrams = ngram_matches("A B B C D", "A B C D E F", k=2)
    assert unigrams == [(0, True), (1, True), (2, False), (3, True), (4, True)]
    assert bigrams == [(0, True), (1, False), (2, True), (3, True)]
    assert ngram_matches([], "A B") == [] and len(ngram_matches("A", "A B", k=4)) == 1


@given(pred=words, label=words, k=st.integers(1, 4))
def test_ngram_matches_count_as_multisets_do(pred, label, k):
    for n, matches in enumerate(ngram_matches(pred, label, k), 1):
        ngrams = [
            Counter(tuple(side[i : i + n]) for i in range(len(side) - n + 1))
            for side in (pred, label)
        ]
        assert [start for start, _ in matches] == list(range(len(pred) - n + 1))
        assert sum(counted for _, counted in matches) == sum((ngrams[0] & ngrams[1]).values())


def test_by_phenomenon_counts_by_hand(mini):
    examples = mini.test[:40]
    texts = [e.valid[-1] if i % 3 else "Faux." for i, e in enumerate(examples)]
    rows = by_phenomenon(texts, examples)
    assert [name for name, _, _ in rows] == sorted(
        {p for e in examples for p in e.gold.phenomena[0]}
    )
    shown = [i for i, e in enumerate(examples) if "elision" in e.gold.phenomena[0]]
    expected = ("elision", len(shown), sum(i % 3 > 0 for i in shown) / len(shown))
    assert expected in rows and 0 < expected[2] < 1


class Looking:
    """Stands for a model whose alpha is given."""

    def __init__(self, model, alphas):
        self.model, self.alphas = model, alphas

    def __getattr__(self, name):
        return getattr(self.model, name)

    def __call__(self, X, valid_length, Y_prev):
        logits, alpha = self.model(X, valid_length, Y_prev)
        alpha[:] = 0
        for (t, u), weight in self.alphas.items():
            alpha[:, u, t] = weight
        return logits, alpha


def test_alignment_error_rate_by_hand(tiny, mini):
    """Links found: 0-0 and 1-1, none of the last (<eos>); gold: 0-0, 2-1 and 1-1."""
    model = bahdanau2015(mini.src_vocab, mini.tgt_vocab, 4, 4, device="cpu")
    (example, *_) = [e for e in mini.train if e.source == "They are watching."]
    index = example.gold.references.index("Ils regardent.")
    gold = Gold(("Ils regardent.",), (1.0,), (((0, 0), (1, 1), (2, 1)),), (("x",),))
    assert set(example.gold.alignments[index]) >= {(0, 0), (1, 1), (2, 1)}
    alphas = {
        (0, 0): 0.7,
        (1, 0): 0.3,
        (1, 1): 0.5,
        (2, 1): 0.4,
        (4, 1): 0.1,
        (4, 2): 0.9,
        (0, 2): 0.1,
    }
    looking = Looking(model, {**alphas, (0, 3): 1.0})
    found = alignment(looking, [example._replace(gold=gold)])
    assert found["aer"] == pytest.approx(1 - 2 * 2 / (2 + 3))
    assert found["mass"] == pytest.approx((0.7 + 0.9) / 2)


@pytest.mark.parametrize("link", [(4, 0), (0, 3), (999_999, 0)], ids=str)
def test_alignments_stay_within_their_sentence(mini, link):
    model = bahdanau2015(mini.src_vocab, mini.tgt_vocab, 4, 4, device="cpu")
    (example, *_) = [e for e in mini.train if e.source == "They are watching."]  # 4 tokens, 3
    gold = Gold(("Ils regardent.",), (1.0,), ((link,),), ((),))
    with pytest.raises(DataError, match=f"alignment {link[0]}-{link[1]} leads out of"):
        alignment(model, [example._replace(gold=gold)])


def test_alignment_needs_attention_and_gold(tiny, mini, small_model):
    assert alignment(small_model(mini), mini.dev[:3]) == {"aer": None, "mass": None}
    for function in (
        lambda: alignment(small_model(), tiny.dev),
        lambda: by_phenomenon([""], tiny.dev[:1]),
    ):
        with pytest.raises(DataError, match="mini"):
            function()


@pytest.mark.parametrize(
    "language, name",
    [
        *((code, "13a") for code in ("en", "fr", "de", "ar", "hi", None)),
        *((code, "char") for code in ("th", "lo", "km", "my", "bo")),
        ("zh", "zh"),
    ],
)
def test_each_language_is_scored_with_its_tokenizer(language, name):
    texts, references = ["我们不喜欢那只猫。", "老师很好。"], ["我们很喜欢那只猫。", "老师不好。"]
    scores = score(texts, references, language=language)
    expected = sacrebleu.corpus_bleu(texts, [references], tokenize=name).score
    assert scores["bleu"] == scores["bleu_first"] == expected
    assert (expected > 30) == (name != "13a"), "of 13a each sentence is one word"
    assert f"tok:{name}" in scores["signature"]


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_without_mecab_its_languages_are_scored_by_characters(language, monkeypatch):
    from sacrebleu.metrics import bleu

    class Installed:
        def __call__(self, line):
            return line

        def signature(self):
            return f"{language}-mecab"

    def found(name):
        if "mecab" in name:
            raise RuntimeError("Please install")
        return kept(name)

    kept = bleu._get_tokenizer
    monkeypatch.setattr(bleu, "_get_tokenizer", found)
    assert metrics.sacrebleu_tokenizer(language) == "char"
    assert "tok:char" in score(["猫です。"], ["猫です。"], language=language)["signature"]
    monkeypatch.setattr(bleu, "_get_tokenizer", lambda name: Installed)
    assert metrics.sacrebleu_tokenizer(language) == f"{language}-mecab"
