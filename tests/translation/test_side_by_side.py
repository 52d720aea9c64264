"""A batch in parts: the same translations in the same order, and settings that are put back."""

import os
import subprocess
import sys
import threading

import numpy as np
import oracle
import pytest
from threadpoolctl import threadpool_info

from gluon_seq2seq import Translator, learn_shortlist, runtime
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.errors import ModelError
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.translation import side_by_side as parts_of
from gluon_seq2seq.translation.ensemble import Ensemble

HAMMER = """
import sys, threading
import gluon_seq2seq as gs
from gluon_seq2seq import runtime
runtime.threads = lambda: 4
corpus = gs.load_corpus("mini")
texts = [example.source for example in corpus.test] * 2
model = gs.load_model("mini-bahdanau2015", "cpu")
alone = gs.Translator(model, batch_size=1).translate(texts[:300])
found = {}
def translate(i):
    model = gs.load_model("mini-bahdanau2015", "cpu")
    found[i] = gs.Translator(model).translate(texts)
threads = [threading.Thread(target=translate, args=[i]) for i in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert all(found[i] == alone * 2 for i in range(3)), found
print(sys.getswitchinterval())
"""


@pytest.fixture
def four_threads(monkeypatch):
    """Parts of two sentences and more, in four threads."""
    monkeypatch.setattr(parts_of, "LEAST", 2)
    monkeypatch.setattr(runtime, "threads", lambda: 4)


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
    with pytest.raises(ModelError), parts_of.settings_for(4):
        with parts_of.settings_for(4):
            assert set(products()) == {1}
            assert sys.getswitchinterval() == pytest.approx(parts_of.SWITCH)
        assert set(products()) == {1}
        raise ModelError("of a thread")
    assert (products(), sys.getswitchinterval()) == before
    with parts_of.settings_for(3):
        assert (products(), sys.getswitchinterval()) == before


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


def test_an_error_in_a_part_is_raised(tiny, four_threads):
    model = made(tiny)
    for parameter in model.decoder.p.collect_params().values():
        parameter.set_data(parameter.data() * np.nan)
    before = products()
    with pytest.raises(ModelError, match="only NaN"):
        Translator(model).translate([example.source for example in tiny.train[:9]])
    assert products() == before


def test_several_translators_at_once():
    """In a process of its own, which has as many threads as it likes."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", HAMMER], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) == pytest.approx(0.005)
