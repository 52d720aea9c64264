"""A model on disk: the same after the way there and back, and never half there."""

import contextlib
import json
import threading

import numpy as np
import pytest
from helpers import restamp
from mxnet import nd

import gluon_seq2seq as gs
from gluon_seq2seq import ModelError, SystemProblem, book, load_model, save_model
from gluon_seq2seq.model.encoder_decoder import EncoderDecoder
from gluon_seq2seq.training import checkpoint

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
    with pytest.raises(ModelError, match="save_parameters"):
        save_model(by_hand, tmp_path)


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
