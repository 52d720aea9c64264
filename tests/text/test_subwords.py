"""Subwords: byte pair encoding by hand, what holds for any text, and a model that reads them."""

import json

import pytest
import sentencepiece
from hypothesis import given
from test_vocabulary import TROUBLE, texts

from gluon_seq2seq import ModelError, Tokenizer, UsageError, Vocabulary, load_corpus, load_model
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.text.subwords import SubwordTokenizer, learn
from gluon_seq2seq.text.tokenizer import JOIN, SPACE, UNK

SIZE = 120
CORPUS = load_corpus("tiny", subwords=SIZE)
FRENCH = CORPUS.tgt_vocab.tokenizer


def by_hand(word, ranks):
    """Join the pair of neighbours that was joined first in training, until none is left."""
    pieces = list("▁" + word)
    while True:
        pairs = [ranks.get(a + b, len(ranks)) for a, b in zip(pieces, pieces[1:])]
        if not pairs or min(pairs) == len(ranks):
            return pieces
        i = pairs.index(min(pairs))
        pieces[i : i + 2] = [pieces[i] + pieces[i + 1]]


def test_byte_pair_encoding_by_hand():
    model = sentencepiece.SentencePieceProcessor(model_proto=FRENCH.model)
    pieces = [model.id_to_piece(i) for i in range(model.vocab_size())]
    ranks = {piece: i for i, piece in enumerate(pieces)}
    cut = 0
    for _, text in pairs_of(CORPUS.train):
        words = [word for word in Tokenizer("fr").tokenize(text) if word not in (JOIN, SPACE)]
        expected = [piece for word in words for piece in by_hand(word, ranks)]
        tokens = [token for token in FRENCH.tokenize(text) if token not in (JOIN, SPACE)]
        assert tokens == expected
        cut += len(tokens) > len(words)
    assert cut > 20


def test_the_most_frequent_pair_is_joined_first():
    model = learn([["abab abab ab", "zz"]], [Tokenizer("en")], 7)  # <unk> ▁ a b z, two joined
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    joined = [processor.id_to_piece(i) for i in range(7)][1:3]
    assert joined == ["ab", "▁ab"]


@pytest.mark.parametrize("lowercase", [False, True])
@given(texts)
def test_a_sentence_comes_back(lowercase, sentence):
    tokenizer = SubwordTokenizer("fr", lowercase, FRENCH.model)
    normal = Tokenizer("fr", lowercase).normalize(sentence)
    assert tokenizer.detokenize(tokenizer.tokenize(sentence)) == normal


@given(texts)
def test_ids_of_known_letters_come_back(sentence):
    vocab = CORPUS.tgt_vocab
    ids = vocab.encode(sentence)
    if vocab[UNK] not in ids:
        assert vocab.decode(ids) == FRENCH.normalize(sentence)


def test_what_it_cannot_write_is_one_unknown_piece():
    assert FRENCH.tokenize("▁") == ["▁▁"] and CORPUS.tgt_vocab["▁▁"] == CORPUS.tgt_vocab[UNK]
    assert FRENCH.detokenize(["▁▁"]) == "▁"


def test_new_words_of_known_letters_are_known():
    vocab = CORPUS.tgt_vocab
    assert "chantaient" not in vocab and vocab[UNK] not in vocab.encode("chantaient")
    assert vocab.decode(vocab.encode("Ils chantaient.")) == "Ils chantaient."


def test_a_word_with_an_unknown_piece_is_unknown():
    vocab = CORPUS.tgt_vocab
    tokens = vocab.tokenizer.tokenize("Ils chantŭrent/regardent ŭ.")
    assert vocab.unknown(tokens) == ["chantŭrent", "/", "ŭ"] and "▁chant" in tokens
    assert vocab.unknown(vocab.tokenizer.tokenize("Ils regardent.")) == []


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["regard", "ent", "▁."], "regardent."),  # a model may begin in the middle of a word
        (["▁Ils", "▁", JOIN, "ent"], "Ilsent"),
        ([JOIN, "▁Ils", SPACE], "Ils"),
        ([], ""),
        (["▁"], ""),
    ],
)
def test_pieces_that_no_text_yields(pieces, text):
    assert FRENCH.detokenize(pieces) == text


def test_equal_sentences_give_equal_bytes():
    assert load_corpus("tiny", subwords=SIZE).tgt_vocab.to_json() == CORPUS.tgt_vocab.to_json()


def test_shared_subwords():
    shared = load_corpus("tiny", subwords=SIZE, shared_subwords=True)
    assert shared.src_vocab.tokenizer.model == shared.tgt_vocab.tokenizer.model
    assert CORPUS.src_vocab.tokenizer.model != FRENCH.model
    with pytest.raises(UsageError, match="shared_subwords needs subwords"):
        load_corpus("tiny", shared_subwords=True)


def test_no_more_pieces_than_asked_for():
    assert 4 < len(CORPUS.tgt_vocab) <= 4 + SIZE + 2  # the two markers, where they occur
    with pytest.raises(UsageError, match="9 subwords are too few"):
        len(load_corpus("tiny", subwords=9).src_vocab)
    with pytest.raises(UsageError, match="subwords is 0"):
        load_corpus("tiny", subwords=0)


def test_a_vocabulary_comes_back_from_json():
    again = Vocabulary.from_json(CORPUS.tgt_vocab.to_json())
    sentence = f"Ils regardaient « {''.join(TROUBLE)} »"
    assert again.encode(sentence) == CORPUS.tgt_vocab.encode(sentence)
    assert again.to_json() == CORPUS.tgt_vocab.to_json()


@pytest.mark.parametrize("damage", ["", "!", 7, None, "anVuaw=="])
def test_a_damaged_model_of_subwords_is_refused(damage):
    fields = json.loads(CORPUS.tgt_vocab.to_json())
    fields["tokenizer"]["subwords"] = damage
    with pytest.raises(ModelError, match="no sentencepiece model"):
        Vocabulary.from_json(json.dumps(fields))


def test_any_flipped_byte_is_refused_or_harmless():
    for i in range(0, len(FRENCH.model), 7):
        model = bytearray(FRENCH.model)
        model[i] ^= 0x55
        try:
            tokenizer = SubwordTokenizer("fr", False, bytes(model))
        except ModelError:
            continue
        assert tokenizer.detokenize(tokenizer.tokenize("Ils regardent.")) == "Ils regardent."


@pytest.mark.slow
def test_train_translate_score_and_plot(run_cli, tmp_path):
    out, whole = str(tmp_path / "run"), str(tmp_path / "whole")
    options = ["--data", "mini", "--model", "luong2015", "--subwords", "300", "--epochs", "2"]
    options += ["--embed-size", "16", "--num-hiddens", "16"]
    assert run_cli("train", "--out", whole, *options).code == 0
    model = load_model(whole)
    assert model.origin["subwords"] == 300 and not model.tgt_vocab.tokenizer.whole_words
    done = run_cli("translate", "--model", whole, "--beam-size", "2", "They are watching.")
    assert done.code == 0 and "▁" not in done.stdout
    done = run_cli("evaluate", "--model", whole)
    assert done.code == 0 and "alignment error" not in done.stdout
    picture = str(tmp_path / "attention.png")
    plot = ["plot", "attention", "--model", whole, "--out", picture, "They are watching."]
    assert run_cli(*plot).code == 0
    done = run_cli(*plot, "--gold")
    assert done.code == 2 and "subwords" in done.stderr
    done = run_cli("train", "--out", out, "--data", "mini", "--subwords", "9")
    assert done.code == 2 and "9 subwords are too few" in done.stderr
    assert len(done.stderr.splitlines()) == 1
