"""Copies of models, by copy, pickle and another process: the same numbers, nothing shared."""

import copy
import copyreg
import multiprocessing
import pickle

import mxnet as mx
import numpy as np
import pytest
from helpers import weights
from mxnet import nd

import gluon_seq2seq as gs
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.training.signals import Interrupted

TEXTS = ["They are watching.", "", "I am hungry."]
WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))


@pytest.fixture(params=MODELS)
def model(request, tiny):
    """Far from where it started, with settings that are not the defaults."""
    gs.seed(1)
    model = MODELS[request.param](tiny.src_vocab, tiny.tgt_vocab, 12, 12, 2, tied=True, q="mean")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    model.origin = tiny.origin
    return model


@every_way
def test_the_same_numbers(model, way):
    again = way(model)
    assert (again.recipe, again.origin) == (model.recipe, model.origin)
    assert again.devices == model.devices and again._active
    assert again.src_vocab.to_json() == model.src_vocab.to_json()
    before = weights(model)
    for name, array in weights(again).items():
        np.testing.assert_array_equal(array, before[name])
    assert gs.Translator(again).translate(TEXTS) == gs.Translator(model).translate(TEXTS)
    for parameter in again.collect_params().values():
        parameter.set_data(nd.zeros(parameter.shape))
    for name, array in weights(model).items():
        np.testing.assert_array_equal(array, before[name], "nothing is shared")


@every_way
def test_types_frozen_parameters_and_no_graph(tiny, way):
    model = gs.book(tiny.src_vocab, tiny.tgt_vocab, 4, 4, device="cpu")
    model.cast("float64")
    model.encoder.collect_params().setattr("grad_req", "null")
    model.hybridize(False)
    again = way(model)
    assert not again._active
    for name, parameter in again._collect_params_with_prefix().items():
        assert parameter.data().dtype == np.float64
        assert (parameter.grad_req == "null") == name.startswith("encoder")


@every_way
def test_a_copy_trains_like_the_model(tiny, way):
    model = gs.luong2015(tiny.src_vocab, tiny.tgt_vocab, 8, 8, drop_prob=0.2, device="cpu")
    settings = {"epochs": 2, "batch_size": 8, "quiet": True}
    again = way(model)
    losses = [[row["dev_loss"] for row in gs.train(m, tiny, **settings)] for m in (model, again)]
    assert losses[0] == losses[1]


@every_way
def test_a_model_made_by_hand(tiny, way):
    book = gs.book(tiny.src_vocab, tiny.tgt_vocab, 4, 4, device="cpu")
    model = gs.EncoderDecoder(book.encoder, book.decoder, tiny.src_vocab, tiny.tgt_vocab)
    with pytest.raises(gs.ModelError, match="save_parameters"):
        way(model)


def test_a_device_that_is_not_there(small_model):
    as_recipe = copyreg.dispatch_table[gs.EncoderDecoder]
    made_again, (name, its_settings, vocabs, _, *rest) = as_recipe(small_model())
    again = made_again(name, its_settings, vocabs, [mx.gpu(7)], *rest)
    assert again.devices == [gs.devices.device("auto")]


@every_way
def test_translators_corpora_and_vocabularies(tiny, small_model, way):
    translator = gs.Translator(small_model(), batch_size=2, beam_size=3, alpha=0.5)
    assert way(translator).n_best(TEXTS, 2) == translator.n_best(TEXTS, 2)
    cut = gs.load_corpus("tiny", subwords=100)
    for corpus in tiny, cut:
        assert way(corpus).sha256() == corpus.sha256()
        vocab, text = corpus.tgt_vocab, "Ils regardent l'homme."
        assert way(vocab).encode(text) == vocab.encode(text) and list(way(vocab)) == list(vocab)


@every_way
@pytest.mark.parametrize(
    "error",
    [
        *(kind("what", *more) for kind, more in [(gs.DataError, ()), (Interrupted, (15,))]),
        gs.errors.TooLong("600 tokens", 3),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_reach_another_process(error, way):
    """One that cannot be unpickled leaves a pool waiting for ever."""
    again = way(error)
    assert type(again) is type(error) and str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.mark.slow
def test_a_process_that_was_spawned(small_model):
    model = small_model()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply_async(gs.Translator(model).translate, (TEXTS,)).get(120)
        assert found == gs.Translator(model).translate(TEXTS)
        with pytest.raises(gs.errors.TooLong, match="sentence 2: 601 tokens"):
            pool.apply_async(gs.Translator(model).translate, (["a", "a " * 600],)).get(120)
