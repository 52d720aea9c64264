"""Translator: the same alone or in company, in order, blank for blank."""

import math
import threading

import mxnet as mx
import numpy as np
import pytest
from matplotlib.text import Text
from mxnet import nd

from gluon_seq2seq import (
    EncoderDecoder,
    Minibatches,
    ModelError,
    Translator,
    UsageError,
    bahdanau2015,
    book,
    cross_entropy,
    luong2015,
)
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.text.tokenizer import BOS, EOS, PAD, SPECIALS, UNK
from gluon_seq2seq.translation.metrics import mean_loss
from gluon_seq2seq.translation.model_step import in_place
from gluon_seq2seq.translation.scoring import attention_of
from gluon_seq2seq.translation.step import step_of


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
    translator = Translator(model)
    together = translator.translate(SENTENCES)
    assert together == [translator.translate(sentence) for sentence in SENTENCES]
    assert together[1] == together[3] == ""
    assert len(set(together)) > 3
    assert translator.translate([]) == []


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_log_p_does_not_depend_on_the_batch(model, batch_size, hybrid):
    model.hybridize(hybrid)
    alone = Translator(model, batch_size=1)
    expected = [alone.search([sentence])[0] for sentence in SENTENCES]
    for a, b in zip(Translator(model, batch_size=batch_size).search(SENTENCES), expected):
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
        Translator(model, batch_size=0)


@pytest.fixture(scope="module", params=[bahdanau2015, luong2015])
def attentive(request, tiny):
    mx.random.seed(9)
    model = request.param(tiny.src_vocab, tiny.tgt_vocab, 12, 16, device="cpu")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    return model


@pytest.mark.parametrize("unknown", ["never", "copy"])
@pytest.mark.parametrize("batch_size", [1, 64])
def test_beam_search_alone_and_in_company(attentive, batch_size, unknown):
    how = {"beam_size": 4, "unknown": unknown}
    translator = Translator(attentive, batch_size=batch_size, **how)
    together, one_by_one = (
        translator.n_best(SENTENCES, 3),
        Translator(attentive, batch_size=1, **how),
    )
    assert [best.text for best, *_ in together] == translator.translate(SENTENCES)
    for sentence, found in zip(SENTENCES, together):
        alone = one_by_one.n_best([sentence], 3)[0]
        assert [one.text for one in alone] == [one.text for one in found]
        assert len(set(found)) == len(found) and found == sorted(found, key=lambda one: -one.score)
        for one in found if sentence.strip() and unknown == "never" else ():
            length = len(one.tokens) + (
                len(one.tokens) < 2 * len(attentive.src_vocab.encode(sentence)) + 10
            )
            assert one.score == pytest.approx(one.log_p / length**0.75)


def test_a_wider_beam_finds_what_is_at_least_as_good(attentive):
    sentences = [sentence for sentence in SENTENCES if sentence.strip()]
    greedy = Translator(attentive, beam_size=1).search(sentences)
    wide = Translator(attentive, beam_size=30, alpha=0).search(sentences)
    assert all(b.log_p >= a.log_p - 1e-6 for a, b in zip(greedy, wide))
    assert any(b.log_p > a.log_p for a, b in zip(greedy, wide))


def test_force_scores_what_search_found(attentive):
    sentences = [sentence for sentence in SENTENCES if sentence.strip()]
    texts = ["Ils regardent.", "J'ai faim.", "Non.", "Oui !", "Elles chantent."]
    for sentence, text, found in zip(
        sentences, texts, Translator(attentive).force(sentences, texts)
    ):
        y = attentive.tgt_vocab.encode(text)
        X = nd.array([attentive.src_vocab.encode(sentence)], dtype="int32")
        Y_prev = nd.array([[attentive.tgt_vocab[BOS], *y[:-1]]], dtype="int32")
        logits, alpha = attentive(X, nd.array([X.shape[1]], dtype="int32"), Y_prev)
        log_p = logits.log_softmax().asnumpy()[0, np.arange(len(y)), y]
        assert found.log_p == pytest.approx(log_p.sum(), rel=1e-5) and found.text == text
        np.testing.assert_allclose(found.attention, alpha.asnumpy()[0], atol=1e-6)
        np.testing.assert_allclose(found.attention.sum(axis=1), 1, atol=1e-5)


def test_sampling_follows_the_model(attentive):
    """First words drawn 2,000 times against their probability in the model."""
    X = nd.array([attentive.src_vocab.encode("Help me!")], dtype="int32")
    bos = nd.array([[attentive.tgt_vocab[BOS]]], dtype="int32")
    logits, _ = attentive(X, nd.array([X.shape[1]], dtype="int32"), bos)
    p = logits.softmax().asnumpy()[0, 0].astype("float64")
    p[[attentive.tgt_vocab[token] for token in (PAD, BOS, UNK)]] = 0
    p /= p.sum()
    drawn = Translator(attentive, unknown="never").sample(["Help me!"] * 2000, seed=3)
    first = [attentive.tgt_vocab[(*one.tokens, EOS)[0]] for one in drawn]
    counts = np.bincount(first, minlength=len(p))
    assert (np.abs(counts - 2000 * p) <= 5 * np.sqrt(2000 * p * (1 - p)) + 1).all()


def test_pictures(attentive, model):
    translator = Translator(attentive, beam_size=2)
    shown = {
        text.get_text() for text in translator.attention_map("They are $watching$.").findobj(Text)
    }
    assert {"They", "<eos>"} <= shown
    given = translator.attention_map("They are watching.", "Ils regardent.", gold=[(0, 0)])
    assert {"Ils", "regardent", "<eos>"} <= {text.get_text() for text in given.findobj(Text)}
    assert translator.beam_tree("They are watching.", lang="en").axes
    assert translator.hidden_states("They are watching.").axes
    with pytest.raises(UsageError, match="blank"):
        translator.beam_tree(" ")
    by_hand = EncoderDecoder(model.encoder, model.decoder, model.src_vocab, model.tgt_vocab)
    for without in model, by_hand:
        with pytest.raises(UsageError, match="no attention to show: train bahdanau2015"):
            Translator(without).attention_map("They are watching.")


def test_arguments_out_of_range(model):
    for wrong in {"beam_size": 0}, {"beam_size": 2, "alpha": -1}:
        with pytest.raises(UsageError):
            Translator(model, **wrong).translate("They are watching.")
    with pytest.raises(UsageError, match="a whole number from 1 to 1, the beam_size"):
        Translator(model).n_best(["They are watching."], 2)
    with pytest.raises(UsageError, match="2 translations"):
        Translator(model).force(["They are watching."], ["a", "b"])


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_model_that_computes_nan(tiny, beam_size):
    model = book(tiny.src_vocab, tiny.tgt_vocab, 4, 4, device="cpu")
    model.decoder.p.w_o.bias.set_data(nd.full((len(tiny.tgt_vocab),), np.nan))
    with pytest.raises(ModelError, match="NaN"):
        Translator(model, beam_size=beam_size).translate("They are watching.")
    with pytest.raises(ModelError, match="NaN"):  # no word has a probability to draw it by
        Translator(model).sample("They are watching.")


@pytest.mark.slow
def test_500_real_sentences_alone_and_in_a_batch_of_64(fra):
    mx.random.seed(8)
    model = book(fra.src_vocab, fra.tgt_vocab, 32, 32, bidirectional=True, device="cpu")
    sentences = [example.source for example in fra.test[::4]]
    assert len(sentences) == 500
    company = max((example.source for example in fra.dev), key=len)
    many, one = Translator(model, batch_size=64), Translator(model, batch_size=1)
    for start in range(0, 500, 63):
        chosen = sentences[start : start + 63]
        together = many.search([*chosen, company])
        for sentence, found in zip(chosen, together):
            alone = one.search([sentence])[0]
            assert alone.text == found.text
            steps = len(alone.tokens) + 1
            assert abs(alone.log_p - found.log_p) <= 1e-5 * steps, "1e-5 nats a step"


def test_a_text_is_one_sentence(attentive):
    """And not a list of its letters: each way in gives what a list of one gives, itself."""
    translator, text = Translator(attentive, beam_size=3), "They are watching."
    for function in (
        translator.translate,
        translator.search,
        translator.n_best,
        translator.sample,
        lambda s: translator.n_best(s, 3),
        lambda s: translator.sample(s, seed=np.int64(5)),
    ):
        assert [function(text)] == function([text]) == function(np.array([text]))
        assert function(iter([text, ""])) == function((text, "")) == [function(text), function("")]
    (listed,) = translator.force([text], ["Ils."])
    assert_same(translator.force(text, "Ils."), listed)
    for pair in [(text, ["Ils."]), ([text], "Ils."), ("ab", ["a", "b"])]:
        with pytest.raises(UsageError, match="two lists of one length, or two texts"):
            translator.force(*pair)


def assert_same(one, other):
    assert one[:4] == other[:4] and (one.attention is None) == (other.attention is None)
    if one.attention is not None:
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-6)


@pytest.mark.parametrize("wrong", [None, float("nan"), b"They are.", 5, ["They"]])
def test_what_is_no_sentence(attentive, wrong):
    translator = Translator(attentive)
    ways = [translator.translate, translator.search, translator.n_best, translator.sample]
    for function in (
        *(lambda way=way: way(["They are.", wrong]) for way in ways),
        *(lambda way=way: way(wrong) for way in ways if not isinstance(wrong, list)),
        lambda: translator.force(["They are."], [wrong]),
        lambda: translator.force([wrong], ["They are."]),
        lambda: translator.attention_map(wrong),
        lambda: translator.beam_tree(wrong),
        lambda: translator.hidden_states(wrong),
    ):
        with pytest.raises(UsageError, match=r"sentence|translation") as caught:
            function()
        assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="sentence 2 is"):
        translator.translate(["They are.", wrong])


@pytest.mark.parametrize("beam_size", [1, 4])
@pytest.mark.parametrize("batch_size", [1, 64])
def test_attention_with_the_translation(attentive, beam_size, batch_size):
    """Alpha of each word written, and of <eos>, as the model alone computes it."""
    how = {"beam_size": beam_size, "unknown": "never"}  # the tokens are those the model wrote
    translator = Translator(attentive, batch_size=batch_size, **how)
    found = translator.n_best(SENTENCES, beam_size, attention=True)
    assert [[one[:4] for one in best] for best in found] == [
        [one[:4] for one in best] for best in translator.n_best(SENTENCES, beam_size)
    ]
    for sentence, best in zip(SENTENCES, found):
        x = attentive.src_vocab.encode(sentence)
        for one in best:
            if not sentence.strip():
                assert one.attention is None
                continue
            y = [attentive.tgt_vocab[token] for token in (BOS, *one.tokens)]
            X, Y_prev = nd.array([x], dtype="int32"), nd.array([y], dtype="int32")
            _, alpha = attentive(X, nd.array([len(x)], dtype="int32"), Y_prev)
            np.testing.assert_allclose(one.attention, alpha.asnumpy()[0], atol=1e-6)
            assert one.attention.shape == (len(one.tokens) + 1, len(x))
    for one, best in zip(translator.search(SENTENCES, attention=True), found):
        assert_same(one, best[0])
    drawn = translator.sample("They are watching.", seed=4, attention=True)
    np.testing.assert_allclose(drawn.attention.sum(axis=1), 1, atol=1e-5)


def test_log_p_is_read_where_it_is():
    """Its numbers are seen and written without a copy, and outlive the array's name."""
    arrays = [nd.random.normal(shape=(4, 5)), nd.random.normal(shape=(4, 5)).log_softmax()]
    for array in (*arrays, arrays[0][1:3], arrays[0].reshape((5, 4))):
        found = in_place(array)
        np.testing.assert_array_equal(found, array.asnumpy())
        found[1, 1] = -np.inf
        assert array[1, 1].asscalar() == -math.inf
    left, wanted = in_place(nd.full((300, 300), 7)), np.full((300, 300), 7)
    for _ in range(20):  # would lie in its place, were it free
        nd.full((300, 300), 8).wait_to_read()
    np.testing.assert_array_equal(left, wanted)
    for dtype in "float64", "float16":
        np.testing.assert_array_equal(in_place(nd.array([[0.5, 2]], dtype=dtype)), [[0.5, 2]])


KINDS = [
    (bahdanau2015, {}),
    (bahdanau2015, {"rnn": "lstm", "num_layers": 2}),
    *((luong2015, {"score": score}) for score in ("concat", "local-m", "local-p")),
    *((luong2015, {"input_feeding": True, "score": score}) for score in ("general", "local-m")),
]


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize(("paper", "kind"), KINDS)
def test_attention_alone_is_that_of_force_decoding(tiny, paper, kind, hybrid):
    """Of translations of several lengths, alone and in company, without the output layer."""
    mx.random.seed(4)
    model = paper(tiny.src_vocab, tiny.tgt_vocab, 12, 16, device="cpu", **kind)
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    model.hybridize(hybrid)
    step, pairs = step_of(model), pairs_of(tiny.dev)[:5]
    sources, targets = (
        [vocab.encode(text) for text in texts]
        for vocab, texts in zip((tiny.src_vocab, tiny.tgt_vocab), zip(*pairs))
    )
    assert len(set(map(len, sources))) > 1 < len(set(map(len, targets)))
    _, wanted = step.forced(sources, targets)
    np.testing.assert_allclose(step.attention(sources, targets), wanted, atol=1e-6)
    together = list(attention_of(model, list(zip(sources, targets)), 2, step))
    for x, y, found in zip(sources, targets, together):
        (alone,) = step.forced([x], [y])[1]
        np.testing.assert_allclose(found, alone, atol=1e-6)


def test_attention_of_a_model_without(model):
    for way in Translator(model).search, Translator(model).n_best, Translator(model).sample:
        with pytest.raises(UsageError, match="no attention to show: train bahdanau2015"):
            way(["They are watching."], attention=True)


def test_within_autograd_record(tiny):
    """Dropout stays off, and nothing is recorded: the same as outside."""
    mx.random.seed(3)
    model = luong2015(tiny.src_vocab, tiny.tgt_vocab, 12, 16, drop_prob=0.5, device="cpu")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    text, translator = "They are watching.", Translator(model)

    def everything():
        found = translator.search(text, attention=True)
        forced = translator.force(text, found.text)
        loss = (
            cross_entropy(model, tiny.dev)["loss"],
            mean_loss(model, Minibatches(pairs_of(tiny.dev), tiny.src_vocab, tiny.tgt_vocab, 4)),
        )
        shown = translator.hidden_states(text).axes[0].images[0].get_array()
        return [*found[:4], *forced[:4], *loss, found.attention, forced.attention, shown]

    expected = everything()
    with mx.autograd.record():
        within = everything()
    for a, b in zip(within, expected):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("wrong", [2.5, "2", None, float("nan"), True, 0, 4])
def test_what_is_no_n(attentive, wrong):
    with pytest.raises(UsageError, match=r"n is .*: use a whole number from 1 to 3, the"):
        Translator(attentive, beam_size=3).n_best(["They are watching."], wrong)
    if wrong != 0 and wrong != 4:
        with pytest.raises(UsageError, match="seed is"):
            Translator(attentive).sample("They are watching.", seed=wrong)


def test_a_number_of_numpy_is_one(attentive):
    names = "batch_size", "beam_size", "alpha"
    of_numpy = zip(names, (np.int64(2), np.int32(3), np.float32(0.75)))
    translator = Translator(attentive, **dict(of_numpy))
    plain = Translator(attentive, **dict(zip(names, (2, 3, 0.75))))
    assert translator.n_best(SENTENCES, np.int64(2)) == plain.n_best(SENTENCES, 2)
