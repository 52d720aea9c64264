"""Search among likely words, against the whole softmax with the others left out by hand."""

import copy
import math
import pickle
from types import SimpleNamespace

import numpy as np
import oracle
import pytest
from mxnet import nd

import gluon_seq2seq as gs
from gluon_seq2seq import ModelError, SystemProblem, Translator, UsageError
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.export.export import export
from gluon_seq2seq.files import arrays
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.translation.ensemble import Ensemble
from gluon_seq2seq.translation.exported import ExportedState
from gluon_seq2seq.translation.model_step import ModelStep, StepState
from gluon_seq2seq.translation.tables import shortlist
from gluon_seq2seq.translation.tables.shortlist import Shortlist, check_can, learn_shortlist

SOURCES = [[5, 6, 7, 8, 2], [9, 2], [4, 4, 10, 2]]  # of several lengths: padded
WORDS = np.array([0, 1, 2, 3, 5, 8, 9, 13, 21])
CAP = 5  # words of a translation at most
WRITTEN = [9, 9, 13, 21]
VARIANTS = [
    *((name, {"num_layers": 2}) for name in MODELS),
    *((name, {"tied": True, "bidirectional": True}) for name in MODELS),
    ("luong2015", {"input_feeding": True, "tied": True}),
    ("sutskever2014", {"rnn": "lstm"}),
]
KINDS = "eager", "MXNet", "NumPy"


def made(corpus, name="luong2015", **settings):
    sizes = {"embed_size": 6, "num_hiddens": 6, "drop_prob": 0.5, "device": "cpu"}
    model = MODELS[name](corpus.src_vocab, corpus.tgt_vocab, **{**sizes, **settings})
    return oracle.shake(model, 1.5)


@pytest.fixture(autouse=True)
def few_words(monkeypatch):
    """No words but the likely ones, for vocabularies as small as that of tiny."""
    monkeypatch.setattr(shortlist, "FILL", 1)


@pytest.fixture
def model(tiny):
    """One with a shortlist of a few words for each, learned from what it knows."""
    model = made(tiny)
    model.shortlist = learn_shortlist(model, pairs_of(tiny.train), 2)
    model.shortlist.always = 12
    return model


@pytest.fixture(scope="module")
def sentences(tiny):
    return sorted({example.source for example in tiny.train}, key=len)[1:14:2]


def restricted(model, source, before, words):
    """log P (V,) after ``before``: the softmax of all words with -inf for others than ``words``,
    renormalised; <pad>, <bos> and <unk> are not chosen."""
    X, n = nd.array([source], dtype="int32"), nd.array([len(source)], dtype="int32")
    logits = model(X, n, nd.array([[1, *before]], dtype="int32"))[0].asnumpy()[0, -1]
    p = oracle.softmax(logits.astype("float64"))
    found = np.full(len(p), -np.inf)
    found[words] = np.log(p[words] / p[words].sum())
    found[[0, 1, 3]] = -np.inf
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, settings", VARIANTS, ids=map(str, VARIANTS))
def test_a_step_is_the_softmax_renormalised(tiny, name, settings, kind, by_mxnet):
    model = made(tiny, name, **settings)
    model.hybridize(kind != "eager")
    if kind == "MXNet":
        by_mxnet()
    step = ModelStep(model)
    for sources in SOURCES, SOURCES[1:2]:
        state = step.first(sources, WORDS)
        assert type(state) is (ExportedState if kind == "NumPy" else StepState)
        for y_prev in [1, *WRITTEN[:-1]]:
            _, state = step(np.full(len(sources), y_prev, "int32"), state)
        rows = [len(sources) - 1, 0, 0]  # some twice and some not, as a beam takes them
        log_p, _ = step(np.full(3, WRITTEN[-1], "int32"), state.take(np.array(rows)))
        for row, i in zip(log_p, rows):
            expected = restricted(model, sources[i], WRITTEN, WORDS)
            np.testing.assert_allclose(row, expected[WORDS], rtol=1e-4, atol=1e-5)


def searched(models, sentence, words, size):
    """The best ids of a beam search among ``words``, and their log P; size 1 is greedy."""
    source, alpha = models[0].src_vocab.encode(sentence), Translator(models[0]).settings.alpha
    live, done = [((), 0.0)], []
    while live:
        found = []
        for ids, total in live:
            each = [np.exp(restricted(model, source, ids, words)) for model in models]
            with np.errstate(divide="ignore"):
                log_p = np.log(np.mean(each, axis=0))
            found += [((*ids, int(y)), total + log_p[y]) for y in words]
        best, live = sorted(found, key=lambda one: -one[1])[:size], []
        for ids, total in best:
            (done if ids[-1] == 2 or len(ids) == CAP else live).append((ids, total))
        if size == 1 and done:
            break
    return max(done, key=lambda one: one[1] / len(one[0]) ** alpha)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 3], ids=["greedy", "beam"])
def test_search_is_that_among_the_words_by_hand(model, sentences, size, kind, by_mxnet):
    if kind == "MXNet":
        by_mxnet()
    for batch_size in 1, len(sentences):
        model.hybridize(kind != "eager")
        settings = {"beam_size": size, "batch_size": batch_size, "unknown": "never"}
        translator = Translator(model, shortlist=True, **settings)
        translator.max_length = lambda _: CAP
        found = translator.search(sentences)
        model.hybridize(False)
        encoded = [model.src_vocab.encode(text) for text in sentences]
        together = translator.shortlist.words(encoded)
        for text, source, one in zip(sentences[:3], encoded, found):
            words = together if batch_size > 1 else translator.shortlist.words([source])
            assert len(words) < len(model.tgt_vocab) - 10
            ids, log_p = searched([model], text, words, size)
            assert list(one.tokens) == model.tgt_vocab.to_tokens([i for i in ids if i != 2])
            assert one.log_p == pytest.approx(log_p, abs=1e-3)
        whole = Translator(model, **settings)
        whole.max_length = translator.max_length
        whole = whole.search(sentences)
        assert [one.text for one in whole] != [one.text for one in found]


@pytest.mark.parametrize("size", [1, 3], ids=["greedy", "beam"])
def test_an_ensemble_is_the_mean_among_the_words(model, tiny, sentences, size):
    other = made(tiny, "book", tied=True)  # without a shortlist: that of the first counts
    translator = Translator([other, model], beam_size=size, shortlist=True, unknown="never")
    translator.max_length = lambda _: CAP
    (found,) = translator.search(sentences[:1])
    words = model.shortlist.words([model.src_vocab.encode(sentences[0])])
    ids, log_p = searched([other, model], sentences[0], words, size)
    assert list(found.tokens) == model.tgt_vocab.to_tokens([i for i in ids if i != 2])
    assert found.log_p == pytest.approx(log_p, abs=1e-3)
    assert Translator([other, Ensemble([model])], shortlist=True).shortlist is model.shortlist


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("name", MODELS)
def test_all_words_are_as_without(tiny, sentences, name, kind, by_mxnet):
    if kind == "MXNet":
        by_mxnet()
    model = made(tiny, name)
    model.shortlist = learn_shortlist(model, pairs_of(tiny.train))
    model.shortlist.always = len(model.tgt_vocab)
    texts = [*sentences, "Zorro is here."]
    for size in 1, 4:
        one, other = (Translator(model, beam_size=size, shortlist=on) for on in (False, True))
        several = (t.n_best(texts, size, attention=model.attends) for t in (one, other))
        for found, wanted in zip(*several):
            assert [t.text for t in found] == [t.text for t in wanted]
            assert [t.log_p for t in found] == pytest.approx([t.log_p for t in wanted], abs=1e-3)
            if model.attends:
                np.testing.assert_allclose(found[0].attention, wanted[0].attention, atol=1e-4)
    drawn = (t.sample(texts, seed=3) for t in (one, other))
    assert [t.text for t in next(drawn)] == [t.text for t in next(drawn)]
    records = [t.beam_record(texts[0]) for t in (one, other)]
    for step, wanted in zip(*records):
        assert [c[:2] for c in step] == [c[:2] for c in wanted]


def test_what_is_drawn_and_recorded_is_of_the_words(model, sentences):
    translator = Translator(model, beam_size=3, shortlist=True, unknown="never")
    words = set(model.shortlist.words([model.src_vocab.encode(sentences[2])]).tolist())
    record = translator.beam_record(sentences[2])
    tokens = {candidate.token for step in record for candidate in step}
    assert tokens <= words and max(tokens) > len(words)  # ids, not places
    best = translator.search(sentences[2])
    assert {model.tgt_vocab[token] for token in best.tokens} <= tokens
    drawn = {w for seed in range(9) for w in translator.sample(sentences[2], 3.0, seed).tokens}
    assert {model.tgt_vocab[word] for word in drawn} <= words and len(drawn) > 5
    assert translator.attention_map(sentences[2]) and translator.beam_tree(sentences[2])


def by_loops(pairs, rounds=5):
    """Model 1 of Brown et al. 1993 by dictionaries: {(x, y): t(y | x)}."""
    t = {(x, y): 1.0 for source, target in pairs for x in source for y in target}
    for _ in range(rounds):
        n = dict.fromkeys(t, 0.0)
        for source, target in pairs:
            for y in target:
                for x in source:
                    n[x, y] += t[x, y] / sum(t[other, y] for other in source)
        t = {(x, y): n[x, y] / sum(n[link] for link in n if link[0] == x) for x, y in n}
    return t


@pytest.mark.parametrize("links", [2**21, 30])  # at a time
def test_likely_words_are_those_of_model_1(tiny, links, monkeypatch):
    monkeypatch.setattr(shortlist, "LINKS", links)
    model, pairs = made(tiny), [*pairs_of(tiny.train)[:25], ("Who?", ""), ("", "Moi.")]
    found = learn_shortlist(model, pairs, 4)
    ids = [[v.encode(t) for v, t in zip((model.src_vocab, model.tgt_vocab), p)] for p in pairs]
    t = by_loops([(source, [y for y in target if y > 3]) for source, target in ids])
    assert found.likely.shape == (len(model.src_vocab), 4)
    for x, row in enumerate(found.likely.tolist()):
        own = sorted((-p, y) for (other, y), p in t.items() if other == x)
        chosen = [y for y in row if y != 2]
        assert len(chosen) == min(4, len(own)) == len(set(chosen))
        assert [t[x, y] for y in chosen] == pytest.approx([-p for p, _ in own[:4]], abs=1e-9)
    every = t[model.src_vocab["watching"], model.tgt_vocab["regardent"]]
    assert math.isclose(sum(p for (x, _), p in t.items() if x == 2), 1) and 0 < every <= 1


def test_the_words_of_a_batch(monkeypatch):
    table = Shortlist(np.array([[2, 2], [9, 4], [7, 2], [9, 8]], "int32"), 5, 10, b"")
    assert table.words([[1, 0], [3]]).tolist() == [0, 1, 2, 3, 4, 8, 9]
    assert table.words([[2, 2]]).tolist() == [0, 1, 2, 3, 4, 7]
    monkeypatch.setattr(shortlist, "FILL", 8)  # by the most frequent of the others
    assert table.words([[1, 0], [3]]).tolist() == [0, 1, 2, 3, 4, 5, 8, 9]
    assert table.words([[2, 2]]).tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    monkeypatch.setattr(shortlist, "FILL", 16)
    assert table.words([[2, 2]]).tolist() == list(range(10))


def test_it_is_kept_with_the_model(model, sentences, tmp_path):
    gs.save_model(model, tmp_path)
    assert gs.load_model(tmp_path, "cpu").shortlist is None
    model.shortlist.save(tmp_path / "shortlist.params")
    again = gs.load_model(tmp_path, "cpu")
    wanted = Translator(model, shortlist=True, beam_size=2).translate(sentences)
    translator = Translator(again, gs.SearchSettings(shortlist=True), beam_size=2)
    for one in translator, copy.deepcopy(translator), pickle.loads(pickle.dumps(translator)):
        assert one.translate(sentences) == wanted
    for other in copy.deepcopy(again), pickle.loads(pickle.dumps(model)):
        assert Translator(other, shortlist=True, beam_size=2).translate(sentences) == wanted
    assert Translator(again, beam_size=2).shortlist is None


def test_it_is_found_from_another_folder(model, sentences, tmp_path, monkeypatch):
    gs.save_model(model, tmp_path / "run")
    model.shortlist.save(tmp_path / "run" / "shortlist.params")
    wanted = Translator(model, shortlist=True).translate(sentences)
    monkeypatch.chdir(tmp_path)
    again = gs.load_model("run", "cpu")
    monkeypatch.chdir("/")
    assert Translator(again, shortlist=True).translate(sentences) == wanted
    assert Translator(pickle.loads(pickle.dumps(again)), shortlist=True).translate("") == ""


def test_a_file_that_is_damaged(model, tmp_path):
    path = tmp_path / "shortlist.params"
    model.shortlist.save(path)
    whole, wrong = path.read_bytes(), "shortlist.params: is no shortlist: "
    model.shortlist = path
    at = whole.index(model.tgt_vocab["regardent"].to_bytes(4, "little"))
    for content, says in (
        (whole[:-1], "it ends too soon"),
        (b"", "it ends too soon"),
        (whole[:at] + b"\x0b" + whole[at + 1 :], "its content was changed"),
        (whole + b"x", "1 bytes follow its end"),
    ):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=wrong + says + "; make it anew with"):
            Translator(model, shortlist=True)
        assert Translator(model).translate("They are watching.")
    ids, digest = np.zeros((2, 2), "int32"), np.zeros(32, "uint8")
    for found in (
        {"likely": ids},
        {"likely": ids, "sizes": ids},
        {"likely": ids[0], "sizes": ids[0]},
        {"likely": ids - 1, "sizes": ids[0]},
    ):
        arrays.write(path, {**found, "vocabularies": digest, "content": digest})
        with pytest.raises(ModelError, match=wrong + r"it holds (other arrays|no table of ids)"):
            Translator(model, shortlist=True)
    path.unlink()
    with pytest.raises(ModelError, match=wrong + "No such file"):
        Translator(model, shortlist=True)
    with pytest.raises(SystemProblem, match="cannot write"):
        learn_shortlist(model, [("I.", "Je.")]).save(tmp_path / "none" / "shortlist.params")


def test_one_of_other_words(model, mini, tiny):
    of_mini = learn_shortlist(made(mini), pairs_of(mini.dev)[:50])
    swapped = copy.copy(model.shortlist)
    swapped.vocabularies = of_mini.vocabularies
    beyond = copy.copy(model.shortlist)
    beyond.likely = beyond.likely + len(model.tgt_vocab)
    for other in of_mini, swapped, beyond:
        model.shortlist = other
        with pytest.raises(ModelError, match="of other words than the model's: make it anew"):
            Translator(model, shortlist=True)


class BoundedReadout(gs.Readout):
    """One whose logits are not those of ``among``."""

    def output(self, hidden):
        return super().output(hidden).tanh()


def test_what_has_none_says_so(model, tiny, tmp_path):
    without = made(tiny)
    with pytest.raises(UsageError, match="has no shortlist: make one with: gluon-seq2seq short"):
        Translator(without, shortlist=True)
    export(model, tmp_path / "exported")
    exported = gs.load_model(tmp_path / "exported")
    for some in exported, [model, exported], [exported, model]:
        with pytest.raises(
            UsageError, match="an exported model has all words in its graph, and takes"
        ):
            Translator(some, shortlist=True)
    for p in object(), BoundedReadout(len(tiny.tgt_vocab), 8, 8, 8):
        with pytest.raises(UsageError, match=f"would pass over what {type(p).__name__}, the model"):
            check_can(SimpleNamespace(decoder=SimpleNamespace(p=p)))
    with pytest.raises(UsageError, match="shortlist is 'yes': use True or False"):
        Translator(without, shortlist="yes")


def test_force_decoding_is_of_all_words(model):
    translator = Translator(model, shortlist=True)
    with pytest.raises(UsageError, match=r"force decoding asks for .* without shortlist"):
        translator.force("They are watching.", "Ils regardent.")


@pytest.mark.parametrize("size", [0, 1001, 1.5, None])
def test_it_is_learned_from_something(tiny, size):
    model = made(tiny)
    with pytest.raises(UsageError, match="pairs of sentences: give some"):
        learn_shortlist(model, [])
    with pytest.raises(UsageError, match=f"size is {size}"):
        learn_shortlist(model, [("I.", "Je.")], size)
    for pair in "ab", ("I.",), ("I.", "Je.", "Moi."), None, 5:
        with pytest.raises(UsageError, match=r"a pair is .*: use two texts"):
            learn_shortlist(model, [("I.", "Je."), pair])
    for other, says in (None, "NoneType is no model"), ("runs/fra", r"use load_model\('runs/fra'"):
        with pytest.raises(UsageError, match=says):
            learn_shortlist(other, [("I.", "Je.")])
    assert set(learn_shortlist(model, [("I.", "")]).likely.ravel().tolist()) == {2}
