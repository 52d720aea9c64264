"""The step of a live model: NumPy's on a CPU, MXNet's where NumPy has none."""

import copy

import numpy as np
import oracle
import pytest
from mxnet import nd

from gluon_seq2seq import Translator
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.model import attention
from gluon_seq2seq.model.attention import SCORES
from gluon_seq2seq.model.papers import MODELS, QS
from gluon_seq2seq.model.recurrent import RNNS
from gluon_seq2seq.semantics.numpy_operators import OPERATORS
from gluon_seq2seq.semantics.shared_rows import SharedRows
from gluon_seq2seq.training.train_step import Step
from gluon_seq2seq.translation.exported import ExportedState
from gluon_seq2seq.translation.model_step import ModelStep, OnNumpy, StepState

SENTENCES = [[5, 6, 7, 8, 2], [9, 2], [4, 4, 10, 2]]
WORDS = np.array([[1, 1, 1], [5, 9, 2], [7, 7, 11]], "int32")
VARIANTS = [
    *((name, {"rnn": rnn, "num_layers": 2}) for name in MODELS for rnn in RNNS),
    *(("luong2015", {"score": score, "input_feeding": fed}) for score in SCORES for fed in (0, 1)),
    *((name, {"q": q, "reverse": True}) for name in MODELS for q in QS),
    *((name, {"bidirectional": both, "tied": True}) for name in MODELS for both in (False, True)),
    ("luong2015", {"input_feeding": True, "rnn": "lstm", "score": "local-p"}),
]


def made(tiny, name, **settings):
    sizes = {"embed_size": 6, "num_hiddens": 6, "drop_prob": 0.5, "device": "cpu"}
    model = MODELS[name](tiny.src_vocab, tiny.tgt_vocab, **{**sizes, **settings})
    return oracle.shake(model)


def walked(model):
    """log P of each step after WORDS, rows taken in between, and the kind of state they came by."""
    step, found = ModelStep(model), []
    state = step.first(SENTENCES)
    for words in WORDS:
        log_p, state = step(words, state)
        found.append(log_p)
    state = state.take(np.array([2, 0, 0, 1]))
    found.append(step(np.array([4, 5, 6, 7], "int32"), state)[0])
    return np.concatenate(found), type(state)


@pytest.mark.parametrize(
    ("name", "settings"), VARIANTS, ids=[f"{name}-{settings}" for name, settings in VARIANTS]
)
def test_numpy_s_are_those_of_mxnet(tiny, name, settings, by_mxnet):
    model = made(tiny, name, **settings)
    by_numpy, kind = walked(model)
    known = settings.get("rnn") != "textbook-gru"
    assert kind is (ExportedState if known else StepState)
    assert ModelStep(model).side_by_side() is known
    by_mxnet()
    expected, kind = walked(model)
    assert kind is StepState
    assert not ModelStep(model).side_by_side()
    np.testing.assert_allclose(by_numpy, expected, rtol=1e-5, atol=2e-6)


MANY = [v for v in VARIANTS if "score" in v[1]] + [("bahdanau2015", {}), ("book", {"reverse": 1})]
ROWS = np.arange(36).repeat(3), np.array([107, 0, 1, 1, 50, 51, 30, *range(60, 93)])


@pytest.mark.parametrize(("name", "settings"), MANY, ids=[f"{name}-{more}" for name, more in MANY])
def test_hypotheses_that_share_a_sentence_are_those_of_mxnet(tiny, name, settings, by_mxnet):
    model, found = made(tiny, name, **settings), []
    shares = name == "luong2015" and settings["score"] != "concat"
    for kind in ExportedState, StepState:
        step, steps = ModelStep(model), []
        state = step.first(SENTENCES * 12)
        assert type(state) is kind
        if kind is ExportedState:
            shared = [isinstance(array, SharedRows) for array in state.source]
            assert any(shared) is model.attends
            assert (shared[0] if shared else False) is shares  # the keys
        for rows in ROWS:
            state = state.take(rows)
            y_prev = (4 + np.arange(len(rows)) % 8).astype("int32")
            log_p, state = step(y_prev, state)
            steps.append(log_p[: len(rows)].copy())
        found.append(np.concatenate(steps))
        by_mxnet()
    np.testing.assert_allclose(*found, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("few", [False, True], ids=["all words", "some words"])
@pytest.mark.parametrize("name", MODELS)
def test_log_p_takes_the_place_of_the_logits(tiny, name, few, monkeypatch):
    """A second array of them is the most memory that a search would need, and a pass more."""
    in_place, make = [], OPERATORS["log_softmax"]

    def seen(**attributes):
        in_place.append(attributes["in_place"])
        return make(**attributes)

    monkeypatch.setitem(OPERATORS, "log_softmax", seen)
    OnNumpy(made(tiny, name), few)
    assert in_place == [True]


@pytest.mark.parametrize("name, settings", [("bahdanau2015", {}), ("luong2015", {"reverse": True})])
def test_attention_is_that_of_mxnet(tiny, name, settings, by_mxnet):
    model, targets = made(tiny, name, **settings), [[7, 2], [9, 5, 6, 2], [4, 2]]
    found = ModelStep(model).attention(SENTENCES, targets)  # (N, T', T)
    by_mxnet()
    expected = ModelStep(model).attention(SENTENCES, targets)
    for one, wanted, x, y in zip(found, expected, SENTENCES, targets):
        np.testing.assert_allclose(one[: len(y), : len(x)], wanted[: len(y), : len(x)], atol=1e-6)
        np.testing.assert_allclose(one[: len(y)].sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_many_sentences_and_one_are_translated_alike(tiny, beam_size):
    model = made(tiny, "bahdanau2015")
    translator = Translator(model, beam_size=beam_size)
    texts = [example.source for example in tiny.train[:16]]
    together = translator.search(texts)
    for text, one in zip(texts, together):
        alone = translator.search(text)
        assert alone.text == one.text
        assert alone.log_p == pytest.approx(one.log_p, abs=1e-4)


def test_what_training_changes_is_seen(tiny, by_mxnet):
    model = made(tiny, "luong2015")
    step = ModelStep(model)
    before, _ = step(WORDS[0], step.first(SENTENCES))
    (batch,) = Minibatches(pairs_of(tiny.train)[:8], tiny.src_vocab, tiny.tgt_vocab, 8)
    Step(model)(batch, 0.1)
    after, _ = step(WORDS[0], step.first(SENTENCES))
    words = np.isfinite(before)
    assert np.abs(after[words] - before[words]).max() > 1e-3
    by_mxnet()
    expected, _ = walked(model)
    np.testing.assert_allclose(after, expected[:3], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("change", ["cast", "initialize", "set_data"])
def test_parameters_that_are_made_anew(tiny, change, by_mxnet):
    model = made(tiny, "book")
    step = ModelStep(model)
    step.first(SENTENCES)
    if change == "cast":
        model.cast("float64")
    elif change == "initialize":
        model.initialize(force_reinit=True)
    else:
        bias = model.decoder.p.w_o.bias
        bias.set_data(nd.arange(bias.shape[0]))
    log_p, _ = step(WORDS[0], step.first(SENTENCES))
    by_mxnet()
    expected, _ = walked(model)
    np.testing.assert_allclose(log_p, expected[:3], rtol=1e-5, atol=1e-5)


class Erf(attention.Dot):
    """A score with an operator that NumPy does not have."""

    def a(self, F, s, keys):
        return F.erf(super().a(F, s, keys))


def test_an_operator_that_numpy_does_not_have(tiny, monkeypatch):
    monkeypatch.setitem(SCORES, "erf", Erf)
    model = made(tiny, "luong2015", score="erf")
    _, kind = walked(model)
    assert kind is StepState


@pytest.mark.parametrize("side", ["src_vocab", "tgt_vocab"])
def test_a_vocabulary_of_another_size_than_the_decoder_s(tiny, side, by_mxnet):
    """A model that was put together by hand: the Blocks say how many words there are."""
    model = made(tiny, "luong2015", tied=False)
    other = copy.deepcopy(getattr(model, side))
    other.idx_to_token.append("more")
    other.token_to_idx["more"] = len(other) - 1
    setattr(model, side, other)
    by_numpy, kind = walked(model)
    assert kind is ExportedState
    by_mxnet()
    expected, _ = walked(model)
    np.testing.assert_allclose(by_numpy, expected, rtol=1e-5, atol=2e-6)


def test_a_model_that_is_not_hybridized_computes_with_its_blocks(tiny):
    model = made(tiny, "luong2015")
    model.hybridize(False)
    _, kind = walked(model)
    assert kind is StepState
