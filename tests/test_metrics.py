"""The book's BLEU against d2l's own and by hand; sacreBLEU as sacreBLEU gives it."""

import math

import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from gluon_seq2seq import DataError, Minibatches, bleu, cross_entropy, score
from gluon_seq2seq.corpus import pairs_of
from gluon_seq2seq.loss import sentence_losses
from gluon_seq2seq.metrics import entropy_floor
from gluon_seq2seq.train import mean_loss


def test_the_books_example():
    """Label A B C D E F, prediction A B B C D: p_1 = 4/5, p_2 = 3/4 (d2l-zh 2018)."""
    expected = math.exp(1 - 6 / 5) * (4 / 5) ** 0.5 * (3 / 4) ** 0.25
    assert bleu("ABBCD", "ABCDEF", k=2) == pytest.approx(expected)


words = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8)


@settings(deadline=None)  # the first example imports d2l
@given(pred=words, label=words, k=st.integers(1, 4))
def test_agrees_with_d2l(pred, label, k):
    from d2l import mxnet as d2l

    assert bleu(pred, label, k) == pytest.approx(d2l.bleu(" ".join(pred), " ".join(label), k))


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


def test_a_second_reference_can_only_help():
    one = score(["Elle parle de lui."], [("Elle cause de lui.",)])
    two = score(["Elle parle de lui."], [("Elle cause de lui.", "Elle parle de lui.")])
    assert two["exact"] == 1 > one["exact"] and two["bleu"] > one["bleu"]


def test_one_reference_may_stand_alone():
    assert score(["Elle dort."], ["Elle dort."])["exact"] == 1
    assert score(["Elle dort."], ["Elle dort."]) == score(["Elle dort."], [("Elle dort.",)])


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
