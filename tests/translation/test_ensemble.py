"""Several models as one, against the mean of their probabilities by hand."""

import copy
import json
import math
import pickle

import numpy as np
import pytest
from helpers import complaint
from mxnet import nd

import gluon_seq2seq as gs
from gluon_seq2seq import Translator, UsageError, luong2015, runtime
from gluon_seq2seq.translation.ensemble import Ensemble, as_one, log_of_mean

BEAM, ALPHA = 3, 0.75


@pytest.fixture(scope="module")
def models(tiny, small_model):
    """Two untrained models, one of them with attention, whose translations differ."""
    runtime.seed(4)
    sizes = {"embed_size": 8, "num_hiddens": 8, "device": "cpu"}
    found = [small_model(), luong2015(tiny.src_vocab, tiny.tgt_vocab, **sizes)]
    for model in found:
        model.origin = tiny.origin
        for parameter in model.collect_params().values():
            parameter.set_data(3 * parameter.data())
    return found


@pytest.fixture(scope="module")
def sentences(tiny):
    return sorted((example.source for example in tiny.train), key=len)[1:9:3]


def log_mean(models, source, before):
    """log of the mean of P(y | before, source) for each of M beginnings of one length, computed
    anew from the whole of it; (M, V)."""
    X = nd.array([source] * len(before), dtype="int32")
    n = nd.array([len(source)] * len(before), dtype="int32")
    Y_prev = nd.array([[1, *ids] for ids in before], dtype="int32")
    p = 0.0
    for model in models:
        logits = model(X, n, Y_prev)[0].asnumpy()[:, -1].astype("float64")
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = p + e / e.sum(axis=1, keepdims=True)
    found = np.log(p / len(models))
    found[:, [0, 1, 3]] = -np.inf  # <pad>, <bos>, <unk>
    return found


def by_hand(models, sentence, size):
    """The best words of a beam search, and their log P; size 1 is greedy search."""
    source = models[0].src_vocab.encode(sentence)
    cap, live, done = 2 * len(source) + 10, [((), 0.0)], []
    while live:
        found = [
            ((*ids, y), total + p)
            for (ids, total), row in zip(live, log_mean(models, source, [ids for ids, _ in live]))
            for y, p in enumerate(row)
        ]
        best, live = sorted(found, key=lambda one: -one[1])[:size], []
        for ids, total in best:
            (done if ids[-1] == 2 or len(ids) == cap else live).append((ids, total))
        if size == 1 and done:
            break
    return max(done, key=lambda one: one[1] / len(one[0]) ** ALPHA)


@pytest.fixture(scope="module")
def expected(models, sentences):
    """``{beam size: [(words, log P), ...]}``, computed without hybridizing."""
    for model in models:
        model.hybridize(False)
    return {size: [by_hand(models, text, size) for text in sentences] for size in (1, BEAM)}


@pytest.mark.parametrize("hybrid", [False, True], ids=["eager", "hybridized"])
@pytest.mark.parametrize("size", [1, BEAM], ids=["greedy", "beam"])
def test_two_are_their_mean_by_hand(models, sentences, expected, hybrid, size):
    for model in models:
        model.hybridize(hybrid)
    for batch_size in 1, 3:
        translator = Translator(models, beam_size=size, batch_size=batch_size, unknown="never")
        for found, (ids, log_p) in zip(translator.search(sentences), expected[size]):
            words = models[0].tgt_vocab.to_tokens([i for i in ids if i != 2])
            assert list(found.tokens) == words
            assert found.log_p == pytest.approx(log_p, abs=1e-4)
    alone = [Translator(model, unknown="never").translate(sentences) for model in models]
    assert Translator(models, unknown="never").translate(sentences) not in alone


def test_one_is_the_model_itself(models, sentences):
    for model in models:
        assert as_one([model]) is model is as_one(model)
        for size in 1, BEAM:
            itself = Translator(model, beam_size=size).n_best(sentences, size)
            assert Translator(Ensemble([model]), beam_size=size).n_best(sentences, size) == itself


def test_twice_the_same_is_that_model(models, sentences):
    """And does not wait for itself."""
    one, twice = (Translator(given).search(sentences) for given in (models[1], [models[1]] * 2))
    assert [found.text for found in one] == [found.text for found in twice]
    for found, other in zip(one, twice):
        assert found.log_p == pytest.approx(other.log_p, abs=1e-4)


def test_an_ensemble_in_an_ensemble_does_not_wait_for_itself(models, sentences):
    inner = Ensemble(models)
    with Ensemble([inner, models[0], Ensemble(models[1:])]).lock:
        assert all(model.lock.locked() for model in models)
    assert not any(model.lock.locked() for model in models)
    itself = Translator(inner).translate(sentences)
    assert Translator([inner, inner]).translate(sentences) == itself


def test_forced_log_p_and_attention_are_means(models, tiny, sentences):
    texts = [example.references[0] for example in tiny.train[:3]]
    single = [Translator(model).force(sentences, texts) for model in models]
    both = Translator(models).force(sentences, texts)
    attentive = luong2015(tiny.src_vocab, tiny.tgt_vocab, 8, 8, device="cpu")
    alphas = [Translator(model).force(sentences, texts) for model in (models[1], attentive)]
    three = Translator([*models, attentive]).force(sentences, texts)
    for found, *parts in zip(both, *single):
        p = sum(np.exp(part.token_log_p.astype("float64")) for part in parts) / 2
        np.testing.assert_allclose(found.token_log_p, np.log(p), atol=1e-5)
        np.testing.assert_array_equal(found.attention, parts[1].attention)  # the other has none
    for found, one, other in zip(three, *alphas):
        mean = (one.attention + other.attention) / 2
        np.testing.assert_allclose(found.attention, mean, atol=1e-6)
    assert not np.array_equal(alphas[0][0].attention, alphas[1][0].attention)


def test_the_log_of_the_mean_keeps_what_is_far_apart():
    inf = np.inf
    rows = np.array([[-1000, -inf, -inf, -0.5], [-2000, -3, -inf, -0.5]], "float32")
    found = log_of_mean([row.copy() for row in rows])
    wanted = [-1000 - math.log(2), -3 - math.log(2), -inf, -0.5]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert found.dtype == np.float32


def test_it_attends_copies_and_pickles(models):
    ensemble = Ensemble(models)
    assert ensemble.attends and not Ensemble(models[:1]).attends
    assert ensemble.origin == models[0].origin
    text = "Zorro is tired."
    translator = Translator(ensemble)
    assert translator.unknown.how == "copy"
    again = pickle.loads(pickle.dumps(translator))
    assert again.search(text, attention=True).text == translator.search(text).text
    other = copy.copy(models[1])
    other.origin = {**models[1].origin, "data": "mini"}
    assert Ensemble([models[0], other]).origin is None
    with pytest.raises(UsageError, match=r"give data=\.\.\."):
        Ensemble([models[0], other]).corpus_settings()


def test_what_makes_no_ensemble(models):
    with pytest.raises(UsageError, match="an ensemble of no models: give one or more"):
        Translator([])
    with pytest.raises(UsageError, match=r"'mini-book' is the name of a model: use load_model"):
        Translator([models[0], "mini-book"])
    with pytest.raises(UsageError, match="model 2 has other source words than model 1"):
        Translator([models[0], gs.load_model("mini-book", "cpu")])
    lower = copy.copy(models[0])
    lower.tgt_vocab = copy.deepcopy(lower.tgt_vocab)
    lower.tgt_vocab.tokenizer.lowercase = True
    with pytest.raises(UsageError, match="model 3 has other target words than model 1"):
        Translator([*models, lower])
    with pytest.raises(UsageError, match=r"an ensemble translates and .* use one of its models"):
        Translator(models).hidden_states("Hi.")


@pytest.fixture(scope="module")
def folders(models, tmp_path_factory):
    out = tmp_path_factory.mktemp("ensemble")
    for name, model in zip("ab", models):
        gs.save_model(model, out / name)
    return out / "a", out / "b"


def test_the_command_line(models, folders, sentences, tiny, run_cli, tmp_path):
    both = [word for folder in folders for word in ("--model", folder)]
    done = run_cli("translate", *both, "--unknown", "never", *sentences)
    wanted = Translator(models, unknown="never").translate(sentences)
    assert (done.code, done.stdout.splitlines()) == (0, wanted)
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n" + sentences[0] + "\n")
    done = run_cli("translate", *both, "--unknown", "never", "--input", tmp_path / "a.srt")
    assert done.stdout.splitlines()[-1] == wanted[0]
    pairs = [f"{text}\t{example.references[0]}" for text, example in zip(sentences, tiny.train)]
    done = run_cli("score", *both, stdin="\n".join(pairs) + "\n")
    forced = Translator(models).force(*map(list, zip(*(pair.split("\t") for pair in pairs))))
    found = [float(line) for line in done.stdout.splitlines()]
    np.testing.assert_allclose(found, [one.log_p for one in forced], atol=1e-3)
    figures = tmp_path / "figures.json"
    done = run_cli("evaluate", *both, "--show", 0, "--json", figures)
    assert done.code == 0, done
    loss = json.loads(figures.read_text())["loss"]
    assert loss == pytest.approx(gs.cross_entropy(Ensemble(models), tiny.test)["loss"], abs=1e-5)


def test_models_that_do_not_fit_are_named(folders, run_cli):
    done = run_cli("translate", "--model", folders[0], "--model", "mini-book", "Hi.")
    says = complaint(done, 2)
    assert f"mini-book has other source words than {folders[0]}: an ensemble needs" in says
