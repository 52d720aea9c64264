"""A model on disk: the same after the way there and back, and never half there."""

import contextlib
import json
import os
import threading

import numpy as np
import pytest
from helpers import file_size_limit, restamp, weights
from mxnet import nd

import gluon_seq2seq as gs
from gluon_seq2seq import ModelError, SystemProblem, UsageError, book, load_model, save_model
from gluon_seq2seq.export.export import export
from gluon_seq2seq.model import saved
from gluon_seq2seq.model.encoder_decoder import EncoderDecoder
from gluon_seq2seq.training import checkpoint, train_state
from gluon_seq2seq.training.train_step import Step

BATCH = (
    nd.array([[4, 5, 2]], dtype="int32"),
    nd.array([3], dtype="int32"),
    nd.array([[1, 4]], dtype="int32"),
)


def test_same_bytes_out_after_save_and_load(tiny, tmp_path):
    model = book(tiny.src_vocab, tiny.tgt_vocab, 6, 5, 2, True, 0.3, device="cpu")
    model.origin = tiny.origin
    folder = save_model(model, tmp_path)
    loaded = load_model(tmp_path, "cpu")
    assert folder.name == "model-0001"
    assert loaded(*BATCH)[0].asnumpy().tobytes() == model(*BATCH)[0].asnumpy().tobytes()
    assert loaded.recipe == model.recipe and loaded.origin == tiny.origin
    assert loaded.src_vocab.idx_to_token == tiny.src_vocab.idx_to_token
    assert loaded.tgt_vocab.encode("Ils regardent !") == tiny.tgt_vocab.encode("Ils regardent !")


def test_without_gradients_a_model_says_the_same_and_is_not_trained(small_model, tiny, tmp_path):
    model = small_model()
    save_model(model, tmp_path)
    loaded = load_model(tmp_path, "cpu", grad_req="null")
    assert loaded(*BATCH)[0].asnumpy().tobytes() == model(*BATCH)[0].asnumpy().tobytes()
    kept = model.collect_params().values(), loaded.collect_params().values()
    assert [sum(p._grad is not None for p in one) for one in kept] == [len(kept[0]), 0]
    with pytest.raises(UsageError, match="no parameter has a gradient"):
        gs.train(loaded, tiny, epochs=1, quiet=True)
    with pytest.raises(UsageError, match="'none': use one of write, add, null"):
        load_model(tmp_path, "cpu", grad_req="none")
    assert all(
        p.grad_req == "add" for p in load_model(tmp_path, "cpu", "add").collect_params().values()
    )


def test_a_saved_model_names_no_folder_of_its_owner(small_model, tmp_path, tiny):
    model = small_model()
    model.origin = {**tiny.origin, "data": "/home/ada/my.en", "target": "/home/ada/my.fr"}
    save_model(model, tmp_path)
    origin = load_model(tmp_path, "cpu").origin
    assert origin == {**tiny.origin, "data": "my.en", "target": "my.fr"}
    assert model.origin["data"] == "/home/ada/my.en"


def test_newest_is_read_and_two_are_kept(small_model, tmp_path):
    for seed in (1, 2, 3):
        newest = small_model(seed=seed)
        save_model(newest, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model-0002", "model-0003"]
    expected = newest(*BATCH)[0].asnumpy()
    np.testing.assert_array_equal(load_model(tmp_path, "cpu")(*BATCH)[0].asnumpy(), expected)


def damage(kind, path):
    content = path.read_bytes()
    changed = {
        "empty": b"",
        "truncated": content[: len(content) // 2],
        "bit flipped": content[:99] + bytes([content[99] ^ 1]) + content[100:],
        "appended": content + b"\n",
        "html": b"<html>404</html>",
    }
    path.write_bytes(changed[kind])


@pytest.mark.parametrize("name", checkpoint.FILES)
@pytest.mark.parametrize("kind", ["empty", "truncated", "bit flipped", "appended", "html"])
def test_a_damaged_file_is_named(small_model, tmp_path, name, kind):
    folder = save_model(small_model(), tmp_path)
    damage(kind, folder / name)
    with pytest.raises(ModelError, match=name):
        load_model(tmp_path, "cpu")


@pytest.mark.parametrize("name", [*checkpoint.FILES, "manifest.json"])
def test_a_missing_file_is_named(small_model, tmp_path, name):
    save_model(small_model(), tmp_path)
    folder = save_model(small_model(), tmp_path)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}.*model-0001"):
        load_model(tmp_path, "cpu")


def rewrite(folder, name, change):
    """Change a JSON file and make the manifest agree, as another program could."""
    path = folder / name
    path.write_text(json.dumps(change(json.loads(path.read_text("utf-8")))), "utf-8")
    restamp(path)


def test_a_model_of_another_shape_does_not_fit(small_model, tmp_path):
    folder = save_model(small_model(), tmp_path)

    def wider(config):
        config["recipe"]["num_hiddens"] += 1
        return config

    rewrite(folder, "config.json", wider)
    with pytest.raises(ModelError, match="does not fit"):
        load_model(tmp_path, "cpu")


@pytest.mark.parametrize("recipe", [{"name": "os.system"}, {"name": "book", "device": "cpu"}, 3])
def test_an_unknown_model(small_model, tmp_path, recipe):
    folder = save_model(small_model(), tmp_path)
    rewrite(folder, "config.json", lambda config: {**config, "recipe": recipe})
    with pytest.raises(ModelError, match=r"config\.json"):
        load_model(tmp_path, "cpu")


def test_a_later_format(small_model, tmp_path):
    folder = save_model(small_model(), tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 2}))
    with pytest.raises(ModelError, match=r"format 2.*update"):
        load_model(tmp_path, "cpu")


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_no_model(tmp_path, folder):
    with pytest.raises(ModelError, match="holds no model"):
        load_model(tmp_path / folder)


def test_a_save_that_fails_leaves_the_model_before(small_model, tmp_path, monkeypatch):
    first = small_model(seed=1)
    save_model(first, tmp_path)

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "_flush", full)
    with pytest.raises(SystemProblem, match="No space left"):
        save_model(small_model(seed=2), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model-0001"]
    expected = first(*BATCH)[0].asnumpy()
    np.testing.assert_array_equal(load_model(tmp_path, "cpu")(*BATCH)[0].asnumpy(), expected)


def test_a_file_in_the_place_of_the_directory(small_model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemProblem, match="cannot save"):
        save_model(small_model(), tmp_path / "file")


def test_a_model_put_together_by_hand_says_how_it_is_saved(small_model, tmp_path):
    model = small_model()
    by_hand = EncoderDecoder(model.encoder, model.decoder, model.src_vocab, model.tgt_vocab)
    with pytest.raises(ModelError, match=r"save_parameters of gluon_seq2seq\.model\.saved"):
        save_model(by_hand, tmp_path)
    by_hand.bridge.initialize()
    saved.save_parameters(by_hand, tmp_path / "by-hand.params")
    before = weights(by_hand)
    by_hand.initialize(force_reinit=True)
    saved.load_parameters(by_hand, tmp_path / "by-hand.params")
    for name, array in weights(by_hand).items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("name", checkpoint.SHIPPED)
def test_shipped_models_translate(name, mini):
    model = load_model(name)
    translator = gs.Translator(model)
    assert translator.translate("They are watching.") == "Ils regardent."
    found = translator.translate([example.source for example in mini.test])
    exact = gs.score(found, [example.valid for example in mini.test])["exact"]
    assert exact > (0.6 if name == "mini-book" else 0.85)
    assert model.origin["data"] == "mini-10k"


def test_ones_own_folder_comes_before_a_shipped_model(tiny, small_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_model(small_model(), "mini-book")
    assert len(load_model("mini-book").src_vocab) == len(tiny.src_vocab)


@pytest.mark.parametrize("missing", [1, 100, 4096, 5000])
def test_a_save_that_lacks_its_last_bytes_is_no_save(small_model, tmp_path, missing):
    size = (save_model(small_model(seed=1), tmp_path) / "model.params").stat().st_size
    with file_size_limit(size):
        save_model(small_model(seed=2), tmp_path)
    with file_size_limit(size - missing), pytest.raises(SystemProblem, match="too large"):
        save_model(small_model(seed=3), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model-0001", "model-0002"]
    expected = small_model(seed=2)(*BATCH)[0].asnumpy()
    np.testing.assert_array_equal(load_model(tmp_path, "cpu")(*BATCH)[0].asnumpy(), expected)


@pytest.mark.parametrize("missing", [1, 100, 4096])
def test_nor_is_one_of_the_optimizer(small_model, tiny, tmp_path, missing):
    model = small_model()
    step = Step(model)
    for _ in gs.Minibatches([("Go.", "Va.")] * 4, tiny.src_vocab, tiny.tgt_vocab, 4, model.ctx):
        step(_, 0.1)
    where = {name: kind() for name, kind in train_state.WHERE.items()}
    run = step, "hash", where
    train_state.save(tmp_path, *run)
    (first,) = tmp_path.iterdir()
    size = (first / "optimizer.params").stat().st_size
    moments = train_state.read_moments(step.trainer, first / "optimizer.params")
    for i, both in step.trainer._updaters[0].states.items():
        for one, other in zip(both, moments[i]):
            np.testing.assert_array_equal(one.asnumpy(), other)
    assert size > 4096 + (first / "model.params").stat().st_size
    with file_size_limit(size - missing), pytest.raises(SystemProblem, match="the checkpoint"):
        train_state.save(tmp_path, *run)
    assert list(tmp_path.iterdir()) == [first]


def as_stored(model, change):
    """Its parameters as MXNet would store them, each as ``change(name, array)`` has it."""
    parameters = model._collect_params_with_prefix().items()
    return {name: change(name, p.data()) for name, p in parameters}


LAST = "bridge.w_s.bias"
CHANGES = {
    "sparse": lambda name, a: a.tostype("row_sparse") if name == "bridge.w_s.weight" else a,
    "float64": lambda name, a: a.astype("float64") if name == LAST else a,
    "float16": lambda name, a: a.astype("float16"),
    "whole numbers": lambda name, a: a.astype("int32") if name == LAST else a,
    "another shape": lambda name, a: a.reshape((1, -1)) if name == LAST else a,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_parameters_are_loaded_all_or_none(small_model, tmp_path, change):
    model, path = small_model(seed=1), tmp_path / "other.params"
    before = weights(model)
    nd.save(str(path), as_stored(small_model(seed=2), change))
    with pytest.raises(ModelError, match=r"other\.params"):
        saved.load_parameters(model, path)
    for name, array in weights(model).items():
        np.testing.assert_array_equal(array, before[name])
    nd.save(str(path), as_stored(small_model(seed=2), lambda name, a: a))
    saved.load_parameters(model, path)
    for name, array in weights(small_model(seed=2)).items():
        np.testing.assert_array_equal(weights(model)[name], array)


def test_a_tied_model_takes_no_two_matrices(small_model, tmp_path):
    tied, path = small_model(tied=True), tmp_path / "untied.params"
    before = weights(tied)
    saved.save_parameters(small_model(seed=1), path)
    with pytest.raises(ModelError, match="tied"):
        saved.load_parameters(tied, path)
    for name, array in weights(tied).items():
        np.testing.assert_array_equal(array, before[name])
    save_model(small_model(tied=True, seed=3), tmp_path)
    expected = small_model(tied=True, seed=3)(*BATCH)[0].asnumpy()
    np.testing.assert_array_equal(load_model(tmp_path, "cpu")(*BATCH)[0].asnumpy(), expected)


@pytest.mark.parametrize(
    "setting",
    [
        {"num_layers": 100_000},
        {"num_layers": 2},
        {"num_layers": 0},
        {"num_layers": "1"},
        {"num_layers": True},
        {"num_layers": 1.0},
        {"embed_size": 10**9},
        {"num_hiddens": 10**9},
        {"num_hiddens": 10**200},
        {"num_hiddens": None},
        {"bidirectional": "false"},
        {"bidirectional": 7},
        {"drop_prob": "0.1"},
        {"drop_prob": float("nan")},
        {"drop_prob": True},
        {"rnn": ["gru"]},
        {"rnn": "none"},
        {"q": {}},
        {"name": ["book"]},
        {"src_vocab": "a"},
        {"window": 3},
    ],
    ids=str,
)
def test_a_recipe_is_compared_with_the_arrays_first(small_model, tmp_path, setting, monkeypatch):
    folder = save_model(small_model(), tmp_path)
    rewrite(folder, "config.json", lambda c: {**c, "recipe": {**c["recipe"], **setting}})
    monkeypatch.setattr(saved, "placed", lambda *_: pytest.fail("numbers were made"))
    with pytest.raises(ModelError, match=r"no such model|does not fit") as caught:
        load_model(tmp_path, "cpu")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_vocabularies_too_are_compared_with_the_arrays_first(small_model, tmp_path, monkeypatch):
    folder = save_model(small_model(), tmp_path)
    more = [f"word{i}" for i in range(1000)]
    rewrite(folder, "src_vocab.json", lambda v: {**v, "tokens": v["tokens"] + more})
    monkeypatch.setattr(saved, "placed", lambda *_: pytest.fail("numbers were made"))
    with pytest.raises(ModelError, match=r"encoder\.embedding"):
        load_model(tmp_path, "cpu")


@pytest.mark.parametrize(
    "origin",
    [
        3,
        ["mini"],
        "mini",
        {},
        {"data": 3},
        {"data": None},
        {"data": ["mini"]},
        {"data": "mini", "max_length": "50"},
        {"data": "mini", "max_length": -1},
        {"data": "mini", "max_length": True},
        {"data": "mini", "lowercase": "no"},
        {"data": "mini", "target": 7},
        {"data": "mini", "min_freq": 1.5},
        {"data": "mini", "strict": True},
        {"data": "mini", "run": "me"},
    ],
    ids=str,
)
def test_an_origin_of_other_types(small_model, tmp_path, origin):
    folder = save_model(small_model(), tmp_path)
    rewrite(folder, "config.json", lambda config: {**config, "origin": origin})
    with pytest.raises(ModelError, match=r"config\.json.*origin"):
        load_model(tmp_path, "cpu")


def test_a_path_that_a_model_names_is_not_opened_unasked(small_model, tmp_path):
    os.mkfifo(tmp_path / "trap.tsv")  # whoever opens it waits for ever
    model = small_model()
    model.origin = {**model.origin, "data": str(tmp_path / "trap.tsv")}
    with pytest.raises(gs.UsageError, match=r"trap\.tsv, which is not opened unasked: give data"):
        model.corpus_settings()
    assert model.corpus_settings("mini")["data"] == "mini"
    assert small_model().corpus_settings()["data"] == "tiny"


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("name", ["config.json", "src_vocab.json", "tgt_vocab.json"])
@pytest.mark.parametrize("text", [DEEP, DEEP[:50_000], "1" * 5000], ids=["deep", "open", "digits"])
def test_json_of_any_depth_is_a_model_error(small_model, tmp_path, name, text):
    folder = save_model(small_model(), tmp_path)
    (folder / name).write_text(text)
    restamp(folder / name)
    with pytest.raises(ModelError, match=name) as caught:
        load_model(tmp_path, "cpu")
    assert len(str(caught.value)) < 400
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match="manifest"):
        load_model(tmp_path, "cpu")


@pytest.mark.parametrize("name", [*checkpoint.FILES, "manifest.json"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_regular_files_are_read(small_model, tmp_path, name, kind):
    folder = save_model(small_model(), tmp_path / "run")
    moved = (folder / name).rename(tmp_path / "moved")
    if kind == "link":
        (folder / name).symlink_to(moved)
    elif kind == "pipe":
        os.mkfifo(folder / name)
    else:
        (folder / name).mkdir()
    with pytest.raises(ModelError, match=rf"{name}: .*(link|regular)"):
        load_model(tmp_path / "run", "cpu")


def test_a_linked_model_is_not_followed(small_model, tmp_path):
    folder = save_model(small_model(), tmp_path / "elsewhere")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model-0001").symlink_to(folder)
    with pytest.raises(ModelError, match="symbolic link"):
        load_model(tmp_path / "run", "cpu")
    (tmp_path / "alias").symlink_to(tmp_path / "elsewhere")  # that of the user is
    load_model(tmp_path / "alias", "cpu")


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_a_lock_is_a_file_of_its_own(tmp_path, kind):
    other, lock = tmp_path / "other.txt", tmp_path / "run" / ".lock"
    other.write_text("Keep this.")
    lock.parent.mkdir()
    {
        "link": lambda: lock.symlink_to(other),
        "hard link": lambda: os.link(other, lock),
        "pipe": lambda: os.mkfifo(lock),
        "folder": lock.mkdir,
    }[kind]()
    refused = pytest.raises(SystemProblem, match=r"cannot write to .*\.lock")
    with refused, train_state.locked(lock.parent):
        pytest.fail("locked")
    assert other.read_text() == "Keep this."


def test_the_lock_of_another_says_whose_it_is(tmp_path):
    refused = pytest.raises(gs.UsageError, match=f"process {os.getpid()} trains there")
    with train_state.locked(tmp_path), refused, train_state.locked(tmp_path):
        pytest.fail("locked twice")


@pytest.mark.parametrize("taken", ["mini-book", None, 3, "vocabulary"], ids=str)
def test_what_is_no_model_is_refused_in_one_line(tiny, tmp_path, taken):
    taken = tiny.src_vocab if taken == "vocabulary" else taken
    says = "load_model" if isinstance(taken, str) else "is no model"
    for call in (
        gs.Translator,
        lambda model: gs.train(model, tiny),
        lambda model: save_model(model, tmp_path),
        lambda model: export(model, tmp_path / "out"),
        lambda model: gs.cross_entropy(model, tiny.test),
    ):
        with pytest.raises(gs.UsageError, match=says):
            call(taken)
    assert list(tmp_path.iterdir()) == []


def test_threads_that_save_into_one_folder(small_model, tmp_path):
    """Each save is whole, has a number of its own and says which."""
    models = [small_model(seed=seed) for seed in range(4)]
    folders, wrong, kept = [], [], []

    def work(model):
        try:
            for _ in range(8):
                folder = save_model(model, tmp_path)
                folders.append(folder.name)
                with contextlib.suppress(ModelError):  # two later ones have removed it
                    found = checkpoint.read_model(folder, "cpu").encoder.embedding.weight
                    own = model.encoder.embedding.weight
                    kept.append((found.data().asnumpy() == own.data().asnumpy()).all())
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sorted(folders) == [f"model-{number:04d}" for number in range(1, 33)]
    assert all(kept)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["model-0031", "model-0032"]
    load_model(tmp_path, "cpu")
