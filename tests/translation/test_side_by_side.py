"""A batch in parts: the same translations in the same order, and settings that are put back."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import oracle
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from gluon_seq2seq import Translator, learn_shortlist, load_model, runtime
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.errors import ModelError
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.translation import side_by_side as parts_of
from gluon_seq2seq.translation import translator as translator_module
from gluon_seq2seq.translation.ensemble import Ensemble


@pytest.fixture
def four_threads(monkeypatch):
    """Parts of two sentences and more, in four threads; elsewhere products take two."""
    monkeypatch.setattr(parts_of, "LEAST", 2)
    monkeypatch.setattr(runtime, "threads", lambda: 4)
    with threadpool_limits(2, "blas"):
        yield


def made(corpus, name="luong2015", **settings):
    sizes = {"embed_size": 6, "num_hiddens": 6, "drop_prob": 0, "device": "cpu"}
    model = MODELS[name](corpus.src_vocab, corpus.tgt_vocab, **{**sizes, **settings})
    return oracle.shake(model, 1.5)


def products():
    """How many threads each library takes for a product."""
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


@pytest.mark.parametrize("sentences, count", [(1, 1), (31, 1), (32, 2), (50, 3), (256, 4)])
def test_how_many_parts(sentences, count, monkeypatch):
    monkeypatch.setattr(runtime, "threads", lambda: 4)
    assert parts_of.parts(sentences) == count


def test_all_are_found_in_their_order(four_threads):
    threads = set()

    def search(part):
        threads.add(threading.get_ident())
        return [i * i for i in part]

    for n in 1, 2, 9, 16, 31:
        assert parts_of.side_by_side(search, list(range(n))) == [i * i for i in range(n)]
    assert len(threads) > 1


def test_settings_hold_within_and_are_put_back(four_threads):
    before = products(), sys.getswitchinterval()
    assert 2 in products()
    with pytest.raises(ModelError), parts_of.settings_for(4):
        with parts_of.settings_for(4):
            assert set(products()) == {1}
            assert sys.getswitchinterval() == pytest.approx(parts_of.SWITCH)
        assert set(products()) == {1}
        raise ModelError("of a thread")
    assert (products(), sys.getswitchinterval()) == before
    with parts_of.settings_for(3):
        assert (products(), sys.getswitchinterval()) == before


@pytest.mark.parametrize("own", [None, "FALSE"], ids=["unset", "the user's"])
def test_the_environment_is_left_as_it_is(own, monkeypatch):
    """threadpoolctl sets a variable when it is imported."""
    monkeypatch.delenv(parts_of.OF_THREADPOOLCTL, raising=False)
    if own:
        monkeypatch.setenv(parts_of.OF_THREADPOOLCTL, own)
    monkeypatch.delitem(sys.modules, "threadpoolctl")
    before = dict(os.environ)
    parts_of._libraries.__wrapped__()
    assert "threadpoolctl" in sys.modules
    assert dict(os.environ) == before


@pytest.mark.parametrize("size", [1, 3], ids=["greedy", "beam"])
@pytest.mark.parametrize("kind", ["words", "shortlist", "ensemble", "MXNet"])
def test_translations_are_those_of_single_sentences(tiny, size, kind, four_threads, by_mxnet):
    model = made(tiny)
    texts = [example.source for example in tiny.train[:23]]
    texts[3:5] = "", "Zorro is watching the xylophones."
    if kind == "shortlist":
        model.shortlist = learn_shortlist(model, pairs_of(tiny.train))
        model.shortlist.always = len(tiny.tgt_vocab)
    elif kind == "ensemble":
        model = Ensemble([model, made(tiny, "book")])
    elif kind == "MXNet":
        by_mxnet()
    translator = Translator(model, beam_size=size, batch_size=10, shortlist=kind == "shortlist")
    together = translator.n_best(texts, size, attention=True)
    for text, found in zip(texts, together):
        alone = translator.n_best([text], size, attention=True)[0]
        assert [one.text for one in found] == [one.text for one in alone]
        assert [one.copied for one in found] == [one.copied for one in alone]
        for one, wanted in zip(found, alone):
            assert one.log_p == pytest.approx(wanted.log_p, abs=1e-4)
            if text:
                np.testing.assert_allclose(one.attention, wanted.attention, atol=1e-4)
    assert translator.sample(texts, seed=5) == translator.sample(texts, seed=5)


@pytest.mark.parametrize("batch_size, threads", [(1, 2), (3, 2), (4, 1)])
def test_products_have_all_threads_where_a_batch_is_one_part(
    tiny, batch_size, threads, four_threads, monkeypatch
):
    """However many sentences there are beside it."""
    seen, search = [], translator_module.greedy

    def watched(*task):
        seen.append(max(products()))
        return search(*task)

    monkeypatch.setattr(translator_module, "greedy", watched)
    texts = [example.source for example in tiny.train[:12]]
    Translator(made(tiny), batch_size=batch_size).translate(texts)
    assert set(seen) == {threads}


def test_an_error_in_a_part_is_raised(tiny, four_threads):
    model = made(tiny)
    for parameter in model.decoder.p.collect_params().values():
        parameter.set_data(parameter.data() * np.nan)
    before = products()
    with pytest.raises(ModelError, match="only NaN"):
        Translator(model).translate([example.source for example in tiny.train[:9]])
    assert products() == before


def test_several_translators_at_once(mini, monkeypatch):
    """Each with a model of its own, in threads of a user's."""
    monkeypatch.setattr(runtime, "threads", lambda: 4)
    texts = [example.source for example in mini.test[:150]]
    models = [load_model("mini-luong2015", "cpu") for _ in range(3)]
    alone = Translator(models[0], batch_size=1).translate(texts)
    before = products(), sys.getswitchinterval()
    with ThreadPoolExecutor(3) as threads:
        translators = [Translator(model, batch_size=64) for model in models]
        for found in threads.map(lambda translator: translator.translate(texts), translators):
            assert found == alone
    assert (products(), sys.getswitchinterval()) == before
