"""What of the data that a model is measured on it was trained on."""

from gluon_seq2seq import Example
from gluon_seq2seq.corpus.overlap import overlap

TRAIN = [Example("a", ("x", "y")), Example("b", ("z",))]


def test_counted_by_hand():
    pairs = [("a", "x"), ("a", "new"), ("b", "z"), ("c", "x"), ("a", "x")]
    found = overlap(pairs, TRAIN)
    assert found == (2, 3, 2, 4)
    assert str(found) == "2 of 3 sources and 2 of 4 pairs"
    assert overlap([], TRAIN) == (0, 0, 0, 0)


def test_no_sentence_of_a_test_split_is_in_training(mini):
    pairs = [(example.source, text) for example in mini.test for text in example.valid]
    found = overlap(pairs, mini.train)
    assert found.sources == found.pairs == 0 and found.of_sources == len(mini.test)
    assert overlap([("They are watching.", "Ils regardent.")], mini.train)[:3:2] == (1, 1)
