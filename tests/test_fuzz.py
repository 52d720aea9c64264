"""Whatever a file holds: it is read, or one clear line says why not."""

import json

import pytest
from helpers import restamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluon_seq2seq import DataError, ModelError, load_corpus
from gluon_seq2seq.corpus.readers import read
from gluon_seq2seq.files import foreign
from gluon_seq2seq.text.vocabulary import Vocabulary
from gluon_seq2seq.training import checkpoint
from gluon_seq2seq.training.train_state import find

anything = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORDS = st.text(st.sampled_from("aé'.-!? \t\n\r\0\x1b\u2028\ufeff\U0001f600"), max_size=30)
CONTENTS = st.one_of(
    st.binary(max_size=200),
    st.lists(WORDS, max_size=30).map(lambda lines: "\n".join(lines).encode("utf-8")),
    st.binary(max_size=50).map(lambda tail: b"\x1f\x8b\x08" + tail),
    st.binary(max_size=50).map(lambda tail: b"PK\x03\x04" + tail),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ("format", "sha256", "model.params", "recipe", "origin", "name", "tokenizer", "tokens")
)


def one_line(error):
    text = str(error)
    assert text and "\n" not in text
    return text


@anything
@given(CONTENTS, st.sampled_from([".tsv", ".txt", ".csv", ".jsonl", ".gz", ".zst", ".tar", ".zip"]))
def test_the_reader(tmp_path, content, ending):
    path = tmp_path / f"in{ending}"
    path.write_bytes(content)
    try:
        for place, columns in read(path):
            assert place.startswith((f"{path}, line ", f"{path}, record "))
            assert all(isinstance(column, str) for column in columns)
            quoted = ending in (".csv", ".jsonl") or b'"' in content
            assert quoted or not any("\t" in column or "\n" in column for column in columns)
    except DataError as error:
        assert path.name in one_line(error)


@anything
@given(st.lists(WORDS, max_size=40), st.booleans())
def test_a_corpus(tmp_path, lines, strict):
    path = tmp_path / "in.tsv"
    path.write_bytes("\n".join(lines).encode("utf-8"))
    try:
        corpus = load_corpus(path, strict=strict)
    except DataError as error:
        assert path.name in one_line(error)
    else:
        splits = corpus.train, corpus.dev, corpus.test
        assert sum(len(e.references) for split in splits for e in split) == corpus.report.kept
        assert not (strict and set(corpus.report.dropped) - {"the same pair again"})


@pytest.fixture(scope="module")
def saved(small_model, tmp_path_factory):
    return checkpoint.save_model(small_model(), tmp_path_factory.mktemp("run"))


@anything
@given(st.one_of(st.binary(max_size=60), st.dictionaries(KEYS, JSON) | JSON))
@pytest.mark.parametrize("name", ["manifest.json", "config.json"])
def test_a_manifest_and_a_configuration(saved, name, content):
    path = saved / name
    before = path.read_bytes(), (saved / "manifest.json").read_bytes()
    try:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode("utf-8")
        path.write_bytes(raw)
        if name != "manifest.json":
            restamp(path)
        with pytest.raises(ModelError) as caught:
            checkpoint.load_model(saved.parent, "cpu")
        assert str(saved) in one_line(caught.value)
    finally:
        path.write_bytes(before[0])
        (saved / "manifest.json").write_bytes(before[1])


@anything
@given(st.dictionaries(KEYS, JSON) | JSON)
def test_a_vocabulary(content):
    with pytest.raises(ModelError) as caught:
        Vocabulary.from_json(json.dumps(content))
    one_line(caught.value)


@anything
@given(st.dictionaries(KEYS, JSON) | JSON)
def test_the_state_of_a_run(tmp_path, content):
    folder = tmp_path / "checkpoint-0001"
    folder.mkdir(exist_ok=True)
    for name in ("model.params", "config.json", "src_vocab.json", "tgt_vocab.json"):
        (folder / name).write_text("{}")
    (folder / "optimizer.params").write_text("")
    (folder / "state.json").write_text(json.dumps(content), "utf-8")
    names = [path.name for path in folder.iterdir() if path.name != "manifest.json"]
    hashes = {name: foreign.sha256(folder / name) for name in names}
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "sha256": hashes}))
    with pytest.raises(ModelError) as caught:
        find(tmp_path)
    assert "state.json" in one_line(caught.value)
