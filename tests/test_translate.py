"""Translator: the same alone or in company, in order, blank for blank."""

import math
import threading

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from gluon_seq2seq import Translator, UsageError, book
from gluon_seq2seq.text import BOS, EOS, PAD, SPECIALS, UNK


@pytest.fixture(scope="module")
def model(tiny):
    """Untrained, with weights so large that its outputs differ from sentence to sentence."""
    mx.random.seed(7)
    model = book(tiny.src_vocab, tiny.tgt_vocab, 12, 16, bidirectional=True, device="cpu")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    return model


SENTENCES = [
    "They are watching.",
    "",
    "I am hungry.",
    "   ",
    "Are they watching a film tomorrow, or are the children not singing and dancing?",
    "They are watching.",
    "zebra 🎉",
]


def test_one_in_one_out_in_order(model):
    together = Translator(model).translate(SENTENCES)
    assert together == [Translator(model).translate(sentence) for sentence in SENTENCES]
    assert together[1] == together[3] == ""
    assert len(set(together)) > 3
    assert Translator(model).translate([]) == []


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_log_p_does_not_depend_on_the_batch(model, batch_size, hybrid):
    model.hybridize(hybrid)
    expected = [Translator(model, 1).search([sentence])[0] for sentence in SENTENCES]
    for a, b in zip(Translator(model, batch_size).search(SENTENCES), expected):
        assert a.text == b.text and a.log_p == pytest.approx(b.log_p, abs=1e-5)
    model.hybridize()


def test_log_p_is_the_models_own(model, tiny):
    """Forced through the model, all steps at once, the translation has the log P of the search."""
    found = Translator(model).search(["She is singing."])[0]
    vocab = tiny.tgt_vocab
    y = vocab.to_indices(list(found.tokens))
    if len(y) < 2 * 5 + 10:
        y = [*y, vocab[EOS]]
    X = nd.array([tiny.src_vocab.encode("She is singing.")], dtype="int32")
    Y_prev = nd.array([[vocab[BOS], *y[:-1]]], dtype="int32")
    logits, _ = model(X, nd.array([X.shape[1]], dtype="int32"), Y_prev)
    log_p = logits.log_softmax().asnumpy()[0, np.arange(len(y)), y]
    assert found.log_p == pytest.approx(log_p.sum(), abs=1e-4)


def test_no_special_token_and_never_too_long(model, tiny):
    for sentence, found in zip(SENTENCES, Translator(model).search(SENTENCES)):
        assert not {PAD, BOS, UNK, EOS} & set(found.tokens)
        assert not any(token in found.text for token in SPECIALS)
        assert len(found.tokens) <= 2 * len(tiny.src_vocab.encode(sentence)) + 10
        assert -math.inf < found.log_p <= 0


def test_threads_share_one_translator(model):
    translator = Translator(model, batch_size=2)
    expected, results = translator.translate(SENTENCES), [None] * 4

    def work(i):
        results[i] = [translator.translate(SENTENCES) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert results == [[expected] * 5] * 4


def test_batch_size_out_of_range(model):
    with pytest.raises(UsageError, match="batch_size"):
        Translator(model, 0)


def test_500_real_sentences_alone_and_in_a_batch_of_64(fra):
    mx.random.seed(8)
    model = book(fra.src_vocab, fra.tgt_vocab, 32, 32, bidirectional=True, device="cpu")
    sentences = [example.source for example in fra.test[::4]]
    assert len(sentences) == 500
    company = max((example.source for example in fra.dev), key=len)
    for start in range(0, 500, 63):
        chosen = sentences[start : start + 63]
        together = Translator(model, 64).search([*chosen, company])
        for sentence, found in zip(chosen, together):
            alone = Translator(model, 1).search([sentence])[0]
            assert alone.text == found.text
            steps = len(alone.tokens) + 1
            assert abs(alone.log_p - found.log_p) <= 1e-5 * steps, "1e-5 nats a step"
