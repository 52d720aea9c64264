"""Links between words: by hand where markers and pieces stand between, and by their error rate."""

import mxnet as mx
import numpy as np
import pytest

import gluon_seq2seq as gs
from gluon_seq2seq import Tokenizer, UsageError, load_corpus
from gluon_seq2seq.translation.written.alignments import pharaoh, with_alignments, word_attention
from gluon_seq2seq.translation.written.formats import Answer

SUBWORDS = load_corpus("tiny", subwords=120)


def test_words_of_sentences_with_markers():
    tokens = Tokenizer("en").tokenize("He and/or she .")
    assert tokens == ["He", "and", "<join>", "/", "<join>", "or", "she", "<space>", "."]
    assert Tokenizer("en").words(tokens) == [
        *(("He", [0]), ("and", [1]), ("/", [3]), ("or", [5]), ("she", [6]), (".", [8]))
    ]


def test_words_of_pieces():
    words = SUBWORDS.tgt_vocab.tokenizer.words
    pieces = ["▁Ils", "▁chant", "aient", "<join>", "▁", "/", "<join>", "ou", "<space>", "▁."]
    assert words(pieces) == [
        *(("Ils", [0]), ("chantaient", [1, 2]), ("/", [4, 5]), ("ou", [7]), (".", [9]))
    ]
    assert words(["▁", "▁Ils", "▁", "<join>"]) == [("Ils", [1])], "nothing is no word"
    assert words([]) == []


def test_attention_of_words_by_hand():
    """Source: a/b, its slash between two markers; target: two words, the first in two pieces."""
    alpha = np.array(
        [
            [0.1, 0.1, 0.5, 0.1, 0.1, 0.1],  # a <join> / <join> b <eos>
            [0.3, 0.0, 0.1, 0.0, 0.6, 0.0],
            [0.2, 0.1, 0.0, 0.0, 0.1, 0.6],
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        ]
    )
    found = word_attention(
        alpha, [("a", [0]), ("/", [2]), ("b", [4])], [("xy", [0, 1]), ("z", [2])]
    )
    wanted = [[0.2, 0.3, 0.35, 0.05], [0.2, 0.0, 0.1, 0.6]]
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert pharaoh(found) == "2-0", "z looks at <eos>: it has no link"
    assert pharaoh(found, 0.15) == "0-0 0-1 1-0 2-0"
    assert pharaoh(found, "soft") == "0.2000,0.3000,0.3500 0.2000,0.0000,0.1000"


def test_source_pieces_add_up():
    alpha = np.array([[0.3, 0.3, 0.4, 0.0], [0.0, 0.0, 0.0, 1.0]])
    found = word_attention(alpha, [("watching", [0, 1]), (".", [2])], [("x", [0])])
    assert pharaoh(found) == "0-0", "0.6 on the word, though no piece has as much as the full stop"


@pytest.mark.parametrize("kind", ["sharp", 1.0, -0.1, 2])
def test_what_is_no_alignment(kind):
    with pytest.raises(UsageError, match="unknown alignment"):
        pharaoh(np.ones((1, 2)), kind)


@pytest.mark.parametrize("subwords", [None, 120])
def test_of_what_a_model_wrote(subwords, tiny):
    """Each link by a loop over the tokens of both sides."""
    corpus = SUBWORDS if subwords else tiny
    gs.seed(3)
    model = gs.luong2015(corpus.src_vocab, corpus.tgt_vocab, 8, 8, device="cpu")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    translator = gs.Translator(model, beam_size=3)
    sentence = "He is singing/watching , isn't he?"
    (found,) = translator.n_best([sentence], 3, attention=True)
    answer = with_alignments(Answer(1, sentence, found), translator, "pharaoh")
    source = [tokens for _, tokens in corpus.src_vocab.tokenizer.words(translator.tokens(sentence))]
    for one, line, words in zip(found, answer.alignments, answer.words[1:]):
        wanted, names = [], []
        for j, (name, rows) in enumerate(corpus.tgt_vocab.tokenizer.words(one.tokens)):
            names.append(name)
            mass = [sum(one.attention[t, s] for t in rows for s in word) for word in source]
            mass.append(sum(one.attention[t, -1] for t in rows))
            if max(mass) != mass[-1]:
                wanted.append((int(np.argmax(mass)), j))
        assert line == " ".join(f"{i}-{j}" for i, j in sorted(wanted))
        assert words == names and not {"<join>", "<space>", "<eos>"} & set(words)
    assert answer.words[0][:2] == ["He", "is"] and "/" in answer.words[0]
