"""The whole model: P(y | x) as the chain rule has it, and as a probability."""

import inspect
import itertools
import json
import pydoc
import warnings
from dataclasses import asdict

import mxnet as mx
import numpy as np
import oracle
import pytest
from helpers import restamp
from hypothesis import given
from hypothesis import strategies as st
from mxnet import autograd, nd
from mxnet.base import MXNetError

from gluon_seq2seq import (
    DataError,
    EncoderDecoder,
    LuongSettings,
    ModelSettings,
    SequenceLoss,
    SystemProblem,
    Translator,
    UsageError,
    book,
    load_model,
    luong2015,
    save_model,
)
from gluon_seq2seq.model.attention import SCORES
from gluon_seq2seq.model.decoder import OneStep
from gluon_seq2seq.model.loss import loss_and_gradient
from gluon_seq2seq.model.papers import MODELS, QS
from gluon_seq2seq.model.recurrent import RNNS
from gluon_seq2seq.text.tokenizer import BOS, EOS
from gluon_seq2seq.training.checkpoint import SHIPPED

# X, src_valid_length, Y_prev, Y and tgt_valid_length; 9 and 8 stand in the padding
BATCH = (
    np.array([[4, 5, 6, 7, 2], [2, 9, 9, 9, 9], [11, 4, 2, 9, 9]]),
    np.array([5, 1, 3]),
    np.array([[1, 4, 5, 6], [1, 7, 8, 8], [1, 12, 8, 8]]),
    np.array([[4, 5, 6, 2], [7, 2, 8, 8], [2, 8, 8, 8]]),
    np.array([4, 2, 1]),
)
VARIANTS = [
    *((name, {}) for name in MODELS),
    *(("luong2015", {"score": score, "input_feeding": fed}) for score in SCORES for fed in (0, 1)),
    *((name, {"rnn": rnn, "num_layers": 2}) for name in MODELS for rnn in RNNS),
    *((name, {"reverse": True, "q": q}) for name in ("book", "bahdanau2015") for q in QS),
    *((name, {"bidirectional": both}) for name in MODELS for both in (False, True)),
    ("luong2015", {"input_feeding": True, "rnn": "lstm", "num_layers": 2, "score": "local-p"}),
    *((name, {"tied": True}) for name in MODELS),
    ("luong2015", {"tied": True, "input_feeding": True}),
]
LIGHT = [*VARIANTS[:5], ("luong2015", {"score": "local-m"}), ("luong2015", {"input_feeding": True})]


def ids(variant):
    name, settings = variant
    return "-".join([name, *(f"{k}={v}" for k, v in settings.items())])


every_variant = pytest.mark.parametrize("variant", VARIANTS, ids=ids)
some_variants = pytest.mark.parametrize("variant", LIGHT, ids=ids)


def make(tiny, variant, **more):
    """The model of that name with parameters so large that a wrong term would show."""
    name, settings = variant
    sizes = {"embed_size": 6, "num_hiddens": 6, "drop_prob": 0, "device": "cpu"}
    if name == "luong2015":
        sizes["window"] = 1
    model = MODELS[name](tiny.src_vocab, tiny.tgt_vocab, **{**sizes, **settings, **more})
    return oracle.shake(model)


@pytest.fixture(scope="module")
def made(tiny):
    """``made(variant)``: what :func:`make` makes, one for all tests, not to be changed but for its
    gradients; with ``hybrid=False`` another one, which is eager."""
    models = {}

    def model(variant, hybrid=True):
        key = ids(variant), hybrid
        if key not in models:
            models[key] = make(tiny, variant)
            models[key].hybridize(hybrid)
        return models[key]

    return model


def arrays(*batch):
    return [nd.array(x, dtype="int32") for x in batch]


def call(model, X, lengths, Y_prev, *_):
    logits, alpha = model(*arrays(X, lengths, Y_prev))
    return logits.asnumpy(), alpha.asnumpy()


def expected(model, p, i):
    """log P (T', V) and alpha (T', T) of sentence i."""
    X, lengths, Y_prev, _, tgt_lengths = BATCH
    settings = {**model.recipe}
    name = settings.pop("name")
    return oracle.translate(p, name, settings, X[i, : lengths[i]], Y_prev[i, : tgt_lengths[i]])


def negative_log_likelihood(model, p):
    _, _, _, Y, tgt_lengths = BATCH
    return -sum(
        expected(model, p, i)[0][np.arange(n), Y[i, :n]].sum() for i, n in enumerate(tgt_lengths)
    )


@pytest.mark.parametrize("hybrid", [False, True])
@every_variant
def test_joint_probability_equals_the_formulas(tiny, made, variant, hybrid):
    model = made(variant, hybrid)
    X, lengths, _, Y, tgt_lengths = BATCH
    logits, alpha = model(*arrays(*BATCH[:3]))
    assert logits.shape == (*Y.shape, len(tiny.tgt_vocab))
    assert alpha.shape == (*Y.shape, X.shape[1])
    p = oracle.numbers(model)
    for i, (n, m) in enumerate(zip(lengths, tgt_lengths)):
        log_p, weights = expected(model, p, i)
        np.testing.assert_allclose(logits[i, :m].log_softmax().asnumpy(), log_p, atol=1e-5)
        np.testing.assert_allclose(alpha[i, :m, :n].asnumpy(), weights, atol=1e-5)
    assert weights.any() == (model.decoder.attention is not None)
    total, tokens = SequenceLoss()(logits, *arrays(Y, tgt_lengths))
    assert total.asscalar() == pytest.approx(negative_log_likelihood(model, p), rel=1e-5)
    assert tokens.asscalar() == tgt_lengths.sum()


@every_variant
def test_gradients(made, variant):
    model, given = made(variant), arrays(*BATCH)
    with autograd.record():
        logits, _ = model(*given[:3])
        total, _ = SequenceLoss()(logits, *given[3:])
    total.backward()
    oracle.assert_gradients(model, lambda p: negative_log_likelihood(model, p))


@every_variant
def test_padding_and_batch_mates_change_nothing(made, variant):
    model = made(variant)
    X, lengths, Y_prev, _, tgt_lengths = BATCH
    together = call(model, *BATCH)
    for a, b in zip(together, call(model, np.where(X == 9, 0, X), lengths, Y_prev)):
        np.testing.assert_array_equal(a, b)
    for i, (n, m) in enumerate(zip(lengths, tgt_lengths)):
        logits, alpha = call(model, X[i : i + 1, :n], [n], Y_prev[i : i + 1, :m])
        np.testing.assert_allclose(together[0][i, :m], logits[0], atol=1e-5)
        np.testing.assert_allclose(together[1][i, :m, :n], alpha[0], atol=1e-5)


@every_variant
def test_saved_and_loaded_computes_the_same(tiny, variant, tmp_path):
    model = make(tiny, variant, drop_prob=0.1)
    save_model(model, tmp_path)
    loaded = load_model(tmp_path, device="cpu")
    assert loaded.recipe == model.recipe
    for a, b in zip(call(model, *BATCH), call(loaded, *BATCH)):
        np.testing.assert_array_equal(a, b)


COMMON = ["embed_size", "num_hiddens", "num_layers", "bidirectional", "drop_prob", "rnn", "q"]
COMMON += ["reverse", "tied"]
LUONG = {"score": "general", "input_feeding": False, "window": 10}


@pytest.mark.parametrize(
    "name, own, more",
    [
        ("book", {}, {}),
        ("cho2014", {}, {}),
        ("sutskever2014", {"rnn": "lstm", "reverse": True}, {}),
        ("bahdanau2015", {"bidirectional": True}, {}),
        ("luong2015", {"bidirectional": True}, LUONG),
    ],
)
def test_what_a_paper_takes(name, own, more):
    """As help() and Shift-Tab show it."""
    found = inspect.signature(MODELS[name]).parameters
    assert list(found) == ["src_vocab", "tgt_vocab", *COMMON, *more, "device", "settings"]
    common = dict(zip(COMMON, [256, 256, 1, False, 0.2, "gru", "last", False, False]))
    for field, default in {**common, **own, **more, "device": "auto", "settings": None}.items():
        assert found[field].default == default
    shown = pydoc.render_doc(MODELS[name], renderer=pydoc.plaintext)
    assert "drop_prob: float = 0.2" in shown and "- ``drop_prob``: Leave out" in shown


def test_settings_in_order_by_name_and_as_a_value(tiny):
    vocabs = tiny.src_vocab, tiny.tgt_vocab
    value = LuongSettings(4, 6, window=3)
    one = luong2015(*vocabs, 4, 6, 1, False, window=3, device="cpu")
    for other in (
        luong2015(*vocabs, embed_size=4, num_hiddens=6, bidirectional=False, window=3),
        luong2015(*vocabs, settings=value),
        luong2015(*vocabs, 4, settings=LuongSettings(8, 6), window=3),
    ):
        assert other.settings == one.settings == value
        assert other.recipe == one.recipe == {"name": "luong2015", **asdict(value)}


@pytest.mark.parametrize(
    "values, named, says",
    [
        ((), {"hiddens": 3}, "book() got an unexpected keyword argument 'hiddens'"),
        ((), {"num_hidden": 3}, "did you mean 'num_hiddens'?"),
        ((), {"score": "dot"}, "unexpected keyword argument 'score'"),
        ((4,), {"embed_size": 4}, "book() multiple values for argument 'embed_size'"),
        (range(4, 20), {}, "book() too many positional arguments"),
    ],
    ids=str,
)
def test_arguments_that_a_paper_does_not_take(tiny, values, named, says):
    with pytest.raises(TypeError) as caught:
        book(tiny.src_vocab, tiny.tgt_vocab, *values, **named)
    assert says in str(caught.value)
    with pytest.raises(TypeError, match=r"book\(\) missing a required argument: 'tgt_vocab'"):
        book(tiny.src_vocab)


def test_settings_of_another_paper(tiny):
    for make, settings in (book, LuongSettings()), (luong2015, ModelSettings()), (book, 64):
        with pytest.raises(UsageError, match=f"{make.__name__} takes settings="):
            make(tiny.src_vocab, tiny.tgt_vocab, settings=settings)


@pytest.mark.parametrize("name", MODELS)
def test_a_recipe_from_before_a_setting(tiny, tmp_path, name):
    """As a model was saved before the package had tied weights or windows."""
    model = make(tiny, (name, {}), **({"window": 10} if name == "luong2015" else {}))
    path = save_model(model, tmp_path) / "config.json"
    config = json.loads(path.read_text("utf-8"))
    assert config["recipe"] == model.recipe
    for field in "tied", "reverse", "q", "window":
        config["recipe"].pop(field, None)
    path.write_text(json.dumps(config), "utf-8")
    restamp(path)
    loaded = load_model(tmp_path, device="cpu")
    assert loaded.settings == model.settings
    np.testing.assert_array_equal(call(model, *BATCH)[0], call(loaded, *BATCH)[0])


@pytest.mark.parametrize("name", SHIPPED)
def test_the_settings_of_models_that_come_along(name):
    model = load_model(name, device="cpu")
    assert model.recipe == {"name": name.split("-")[1], **asdict(model.settings)}
    assert (model.settings.num_hiddens, model.settings.tied) == (128, False)


@every_variant
def test_warns_of_nothing(tiny, variant):
    """Neither the whole model nor, as search calls it, its decoder by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)  # of what MXNet imports
        model = make(tiny, variant)
        call(model, *BATCH)
        X, lengths, Y_prev = arrays(*BATCH[:3])
        h, _, c = model.encoder(X, lengths)
        state = model.bridge(c)
        for t in range(2):
            _, state, _ = model.decoder(Y_prev[:, t : t + 1], state, h, c, lengths)
        step = OneStep(model.decoder)
        step.hybridize()
        step(Y_prev[:, 0], model.bridge(c), *step.source(nd, h, c, lengths))
        nd.waitall()


LOOPS = [v for v in LIGHT if v[0] == "bahdanau2015" or "input_feeding" in v[1]]
LOOPS += [(name, {"rnn": "textbook-gru"}) for name in MODELS]


@pytest.mark.parametrize("variant", [*LIGHT, *LOOPS[2:]], ids=ids)
def test_fixed_shapes_compute_the_same_or_are_refused(tiny, variant):
    """MXNet's own loop gives other numbers with them, and says nothing."""
    model, flags = make(tiny, variant), {"static_alloc": True, "static_shape": True}
    expected = call(model, *BATCH)
    model.hybridize(**flags)
    Translator(model)  # whose step shares the decoder, and asks for nothing of the kind
    if variant in LOOPS:
        for _ in range(2):
            with pytest.raises(UsageError, match="static_shape"):
                call(model, *BATCH)
        model.hybridize(static_alloc=True)
    for _ in range(4):
        for a, b in zip(call(model, *BATCH), expected):
            np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("hybrid", [False, True])
@every_variant
def test_a_step_of_search_equals_the_decoder(made, variant, hybrid):
    model = made(variant, hybrid)
    step = OneStep(model.decoder)
    step.hybridize(hybrid)
    X, lengths, Y_prev = arrays(*BATCH[:3])
    h, _, c = model.encoder(X, lengths)
    state = sought = model.bridge(c)
    source = step.source(nd, h, c, lengths)
    for t in range(Y_prev.shape[1]):
        logits, state, _ = model.decoder(Y_prev[:, t : t + 1], state, h, c, lengths)
        log_p, sought = step(Y_prev[:, t], sought, *source)
        expected = logits[:, 0].log_softmax().asnumpy()
        np.testing.assert_allclose(log_p.asnumpy(), expected, atol=1e-5)
        np.testing.assert_allclose(sought.asnumpy(), state.asnumpy(), atol=1e-5)


@some_variants
def test_dropout_on_both_sides_in_training_alone(tiny, made, variant):
    model = make(tiny, variant, drop_prob=0.5)
    X, lengths, Y_prev = arrays(*BATCH[:3])
    h, _, c = model.encoder(X, lengths)
    sides = [
        lambda: model.encoder(X, lengths)[0].asnumpy(),
        lambda: model.decoder(Y_prev, model.bridge(c), h, c, lengths)[0].asnumpy(),
    ]
    for side in sides:
        differ = []
        for training in (True, False):
            with autograd.record(train_mode=training):
                differ.append((side() != side()).any())
        assert differ == [True, False]
    without = call(made(variant), *BATCH)[0]
    np.testing.assert_array_equal(call(model, *BATCH)[0], without)


@pytest.mark.filterwarnings("ignore:Cannot decide type")
@some_variants
def test_exports_and_runs_as_a_symbol(made, variant, tmp_path):
    model = made(variant)
    expected = call(model, *BATCH)
    model.export(str(tmp_path / "whole"))
    names = ["data0", "data1", "data2"]
    files = str(tmp_path / "whole-symbol.json"), names, str(tmp_path / "whole-0000.params")
    imported = mx.gluon.SymbolBlock.imports(*files)
    for a, b in zip(call(imported, *BATCH), expected):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_tied_is_one_matrix(tiny, name):
    decoder = make(tiny, (name, {"tied": True})).decoder
    assert decoder.p.w_o.weight is decoder.embedding.weight
    decoder = make(tiny, (name, {})).decoder
    assert decoder.p.w_o.weight is not decoder.embedding.weight


def test_local_m_counts_the_steps_of_search(tiny):
    """Word by word as all at once: where the window stands is part of the state."""
    model = make(tiny, ("luong2015", {"score": "local-m"}))
    X, lengths, Y_prev = arrays(*BATCH[:3])
    h, _, c = model.encoder(X, lengths)
    state, alphas = model.bridge(c), []
    for t in range(4):
        _, state, alpha = model.decoder(Y_prev[:, t : t + 1], state, h, c, lengths)
        alphas.append(alpha)
    np.testing.assert_allclose(
        nd.concat(*alphas, dim=1).asnumpy(), call(model, *BATCH)[1], atol=1e-6
    )
    assert [list(np.flatnonzero(alpha[0, 0].asnumpy())) for alpha in alphas] == [
        [0, 1],
        [0, 1, 2],
        [1, 2, 3],
        [2, 3, 4],
    ]


def test_probabilities_of_all_outputs_sum_to_one(tiny):
    """By brute force: all outputs of 0 or 1 words and <eos>, all unfinished ones of 2 words."""
    model = make(tiny, ("book", {}), embed_size=4, num_hiddens=4)
    X = nd.array([tiny.src_vocab.encode("They are watching.")], dtype="int32")
    bos, eos = tiny.tgt_vocab[BOS], tiny.tgt_vocab[EOS]
    words = [i for i in range(len(tiny.tgt_vocab)) if i != eos]
    outputs = [[[eos]], [[a, eos] for a in words], list(map(list, itertools.product(words, words)))]
    mass = 0.0
    for group in outputs:
        Y = nd.array(group, dtype="int32")
        Y_prev = nd.array([[bos, *y[:-1]] for y in group], dtype="int32")
        n = len(group)
        logits, _ = model(X.tile((n, 1)), nd.full((n,), X.shape[1], dtype="int32"), Y_prev)
        log_p = logits.log_softmax().pick(Y, axis=2).sum(axis=1).asnumpy()
        mass += np.exp(log_p.astype("float64")).sum()
    assert mass == pytest.approx(1, abs=1e-4)


def loss_by_hand(logits, Y, lengths):
    x = logits.astype("float64") - logits.max(axis=2, keepdims=True)
    log_p = x - np.log(np.exp(x).sum(axis=2, keepdims=True))
    return -sum(log_p[i, t, int(Y[i, t])] for i, n in enumerate(lengths) for t in range(n))


def test_loss_ignores_padding_and_batch_mates():
    logits, Y = (
        nd.random.normal(shape=(3, 4, 7)),
        nd.array([[1, 2, 3, 0], [4, 0, 0, 0], [6, 5, 4, 3]]),
    )
    lengths = [3, 1, 4]
    expected = loss_by_hand(logits.asnumpy(), Y.asnumpy(), lengths)
    loss = SequenceLoss()
    for _ in ("eager", "hybrid"):
        total, tokens = loss(logits, Y, nd.array(lengths, dtype="int32"))
        assert total.asscalar() == pytest.approx(expected, rel=1e-5)
        assert tokens.asscalar() == 8
        loss.hybridize()


def test_the_gradient_written_down_is_autograds():
    logits, Y = 3 * nd.random.normal(shape=(3, 4, 7)), nd.array(np.arange(12).reshape(3, 4) % 7)
    lengths, before = nd.array([3, 1, 4], dtype="int32"), logits.asnumpy()
    logits.attach_grad()
    with autograd.record():
        expected, _ = SequenceLoss()(logits, Y.astype("int32"), lengths)
    expected.backward()
    total, gradient = loss_and_gradient(logits, Y.astype("int32"), lengths)
    assert total.asscalar() == pytest.approx(expected.asscalar(), rel=1e-6)
    np.testing.assert_allclose(gradient.asnumpy(), logits.grad.asnumpy(), atol=1e-5)
    by_hand = np.exp(before) / np.exp(before).sum(axis=2, keepdims=True)
    for i, t in np.ndindex(3, 4):
        by_hand[i, t, (4 * i + t) % 7] -= 1
        by_hand[i, t] *= t < (3, 1, 4)[i]
    np.testing.assert_allclose(gradient.asnumpy(), by_hand, atol=1e-5)
    np.testing.assert_array_equal(logits.asnumpy(), gradient.asnumpy())  # the same memory


@pytest.mark.parametrize("epsilon", [0.1, 0.9])
def test_label_smoothing_shares_the_target_among_all_words(epsilon):
    mx.random.seed(0)
    logits, Y = nd.random.normal(shape=(2, 3, 5)), nd.array([[0, 3, 1], [4, 2, 0]], dtype="int32")
    lengths, before = nd.array([3, 2], dtype="int32"), logits.asnumpy()
    q = (1 - epsilon) * np.eye(5)[Y.asnumpy()] + epsilon / 5
    q[1, 2] = 0
    logits.attach_grad()
    with autograd.record():
        cross_entropy = -(nd.array(q) * nd.log_softmax(logits, axis=2)).sum()
    cross_entropy.backward()
    expected, plain = logits.grad.asnumpy(), loss_by_hand(before, Y.asnumpy(), [3, 2])
    total, gradient = loss_and_gradient(logits, Y, lengths, epsilon)
    np.testing.assert_allclose(gradient.asnumpy(), expected, atol=1e-5)
    assert total.asscalar() == pytest.approx(plain, rel=1e-6)


def test_a_word_thought_impossible_costs_what_it_costs():
    """Where p is no float32 any more, its logarithm is."""
    logits, Y = nd.array([[[0.0, 400.0]]]), nd.zeros((1, 1), dtype="int32")
    total, gradient = loss_and_gradient(logits, Y, nd.ones((1,), dtype="int32"))
    assert total.asscalar() == 400
    np.testing.assert_array_equal(gradient.asnumpy(), [[[-1, 1]]])


@given(st.integers(0, 9999), st.sampled_from([1e-3, 1, 30, 1e3, 1e6]), st.integers(2, 40))
def test_the_loss_of_any_logits_is_that_of_float64(seed, scale, V):
    rng, lengths = np.random.default_rng(seed), np.array([3, 1, 4], "int32")
    x, Y = (scale * rng.normal(size=(3, 4, V))).astype("float32"), rng.integers(0, V, (3, 4))
    total, _ = loss_and_gradient(nd.array(x), *arrays(Y, lengths))
    assert total.asscalar() == pytest.approx(loss_by_hand(x, Y, lengths), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("V", [3, 17, 800])
@pytest.mark.parametrize("at", [0, 1, -1])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_number_among_the_logits_is_no_finite_loss(value, at, V):
    x = np.random.default_rng(V).normal(size=(1, 1, V)).astype("float32")
    x[..., at] = value
    total, gradient = loss_and_gradient(nd.array(x), *arrays([[0]], [1]))
    assert not np.isfinite(total.asscalar()) and not np.isfinite(gradient.asnumpy()).all()


def test_padding_gets_no_gradient():
    logits, Y = nd.random.normal(shape=(2, 4, 7)), nd.zeros((2, 4))
    logits.attach_grad()
    with mx.autograd.record():
        total, _ = SequenceLoss()(logits, Y, nd.array([4, 2], dtype="int32"))
    total.backward()
    assert not logits.grad[1, 2:].asnumpy().any()
    assert np.abs(logits.grad[1, :2].asnumpy()).min() > 0


@pytest.mark.parametrize("which", ["source", "target"])
def test_ids_of_the_other_language_are_refused(tiny, small_model, which):
    model = small_model()
    X, Y_prev = nd.ones((1, 2), dtype="int32"), nd.ones((1, 3), dtype="int32")
    if which == "source":
        X[0, 0] = len(tiny.src_vocab)
    else:
        Y_prev[0, 0] = len(tiny.tgt_vocab)
    with pytest.raises(DataError, match="ids go from"):
        model(X, nd.array([2], dtype="int32"), Y_prev)


def test_put_together_by_hand_from_sides_of_different_size(tiny):
    from gluon_seq2seq import Decoder, Encoder

    encoder = Encoder(len(tiny.src_vocab), 5, 3, num_layers=1, bidirectional=True)
    decoder = Decoder(len(tiny.tgt_vocab), 4, 7, encoder.output_size, num_layers=2)
    model = EncoderDecoder(encoder, decoder, tiny.src_vocab, tiny.tgt_vocab)
    model.initialize()
    logits, _ = model(
        nd.ones((2, 3), dtype="int32"), nd.array([3, 1], dtype="int32"), nd.ones((2, 4))
    )
    assert logits.shape == (2, 4, len(tiny.tgt_vocab))


def test_loss_refuses_what_mxnet_would_clip():
    logits, loss = nd.zeros((2, 3, 5)), SequenceLoss()
    right = nd.ones((2, 3), dtype="int32"), nd.array([3, 1], dtype="int32")
    loss(logits, *right)
    for Y, lengths in (
        ([[1, 9, 1]] * 2, [3, 1]),
        ([[1, -3, 1]] * 2, [3, 1]),
        ([[1] * 3] * 2, [7, 1]),
    ):
        with pytest.raises(DataError):
            loss(logits, nd.array(Y, dtype="int32"), nd.array(lengths, dtype="int32"))


@pytest.mark.parametrize(
    "sizes",
    [{"embed_size": 0}, {"num_hiddens": -1}, {"num_layers": 1.5}, {"drop_prob": 1.5}],
    ids=str,
)
def test_sizes_out_of_range(small_model, sizes):
    with pytest.raises(UsageError):
        small_model(**sizes)


UNKNOWN = [
    ("book", {"rnn": "elman"}, "rnn"),
    ("book", {"q": "sum"}, "q"),
    ("luong2015", {"score": "cosine"}, "score"),
]
OUT_OF_RANGE = [
    ("luong2015", {"window": 0}, "window"),
    ("luong2015", {"window": 1.5}, "window"),
    ("luong2015", {"score": "dot", "num_hiddens": 7, "bidirectional": True}, "even"),
    ("luong2015", {"score": "scaled-dot", "num_hiddens": 7, "bidirectional": True}, "even"),
    *((name, {"num_layers": 0}, "num_layers") for name in MODELS),
    *((name, {"embed_size": -1}, "embed_size") for name in MODELS),
    *((name, {"num_hiddens": 0}, "num_hiddens") for name in MODELS),
    *((name, {"drop_prob": 1}, "drop_prob") for name in MODELS),
]


@pytest.mark.parametrize("name, settings, named", UNKNOWN + OUT_OF_RANGE, ids=str)
def test_settings_that_no_model_has(tiny, name, settings, named):
    with pytest.raises(UsageError, match=named):
        make(tiny, (name, settings))


@pytest.mark.parametrize("score", ["dot", "scaled-dot"])
def test_an_odd_size_is_fine_in_one_direction(tiny, score):
    model = make(tiny, ("luong2015", {"score": score}), num_hiddens=7, bidirectional=False)
    assert call(model, *BATCH)[0].shape == (3, 4, len(tiny.tgt_vocab))


@pytest.mark.parametrize("rnn", RNNS)
def test_eleven_layers_can_be_saved(tiny, rnn, tmp_path):
    """Of a network of its own that deep, Gluon cannot name the parameters."""
    model = make(tiny, ("book", {"rnn": rnn, "num_layers": 11}))
    save_model(model, tmp_path)
    np.testing.assert_array_equal(
        call(load_model(tmp_path, device="cpu"), *BATCH)[0], call(model, *BATCH)[0]
    )


def test_tied_weights_of_other_sizes(tiny):
    for name in ("sutskever2014", "luong2015"):  # whose output layer reads a state
        with pytest.raises(UsageError, match="equal"):
            make(tiny, (name, {"tied": True}), num_hiddens=8)
    make(tiny, ("book", {"tied": True}), num_hiddens=8)


def test_more_than_the_memory(small_model, monkeypatch):
    """It is said of memory alone."""
    with pytest.raises(UsageError, match="larger than MXNet has: use smaller sizes"):
        small_model(num_hiddens=10**9)

    def fail(message):
        def initialize(*_, **__):
            raise MXNetError(message)

        monkeypatch.setattr(EncoderDecoder, "initialize", initialize)

    fail("Check failed: e == cudaSuccess: cudaMalloc retry failed: out of memory")
    with pytest.raises(SystemProblem, match=r"no memory for .*smaller"):
        small_model()
    fail("Check failed: something else")
    with pytest.raises(MXNetError, match="something else"):
        small_model()
