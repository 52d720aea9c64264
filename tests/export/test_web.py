"""A page without a server: its rules are Python's, its modules compute what Python does."""

import json
import random
import re
import shutil
import tarfile
from collections import Counter

import numpy as np
import onnxruntime
import pytest
from conftest import ROOT, blocks
from export.pages import in_node, modules_of, onnxruntime_web, page_of, stand_in
from helpers import complaint
from hypothesis import given, settings
from hypothesis import strategies as st

import gluon_seq2seq as gs
from gluon_seq2seq import SystemProblem, Tokenizer, Translator, UsageError, Vocabulary
from gluon_seq2seq.export.export import export
from gluon_seq2seq.export.web import as_data, folder, patterns
from gluon_seq2seq.serving.answers import unknown_words
from gluon_seq2seq.serving.asked import NEAR
from gluon_seq2seq.text.rules import rules_of
from gluon_seq2seq.translation import unknown
from gluon_seq2seq.translation.scoring import attention_of
from gluon_seq2seq.translation.search import beam, greedy
from tools import try_page

LANGUAGES = "en", "fr", "zh"  # zh: as all others
ODD = [
    "THEY ARE WATCHING!", "We aren't tired, Tom's cat isn't.", "cafe\u0301 nai\u0308ve", "NO",
    "He has 3.14 cats and 1,000 dogs; 5 % of them.", "😀 is old 👩\u200d👧.", "they're", "Cats",
    "See http://example.com/a_b?x=1 or me@example.org on 2024-01-02.", "x2024-01-02y",
    "The sentinel is watching.", "Xyzzy plugh.", "“Quoted”, she said…", "PARIS IS OLD",
    "The child is watchin.", "他们看——“书”。", "don’t  go\u200b", "straße ẞ ſ İ ı ΑΣ K",
    "Qu'est-ce que c'est ? A-t-il « dit » : AUJOURD'HUI-là", "_ snake_case", "ﬁn ǆ ŉ ᾳ",
    "l’œil va-t-en rendez-vous donne-m'en", "¿Qué? ¡No! $5 #1 a\u0085b\x1cc\ufeff",
    "မြန်မာ ไทย བོད་ཡིག 日本語テスト", "Zqxa is old.",
]  # fmt: skip
ALPHABET = "aAeEnNtTsSilLIdDjJmMuUoO'’-.,!?;:\"«»“”()[] 019_$#%—…eéeße\u0301ſıİK我们」（。་ก"
ALPHABET += "\u0e33က္က😀\xad\u0345Ǆ"
TEXTS = st.text(st.one_of(st.sampled_from(ALPHABET), st.characters(exclude_categories=["Cs"])))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page of a small model with attention, without the real onnxruntime-web."""
    place = tmp_path_factory.mktemp("page")
    model = small("en", "fr")
    with pytest.MonkeyPatch.context() as patch:
        return model, page_of(model, place, stand_in(place / "npm", patch))


def small(source, target, lowercase=False, name="luong2015"):
    """An untrained model of words of mini, and of others in three cases."""
    words = "they They are the The cat Paris NATO child watching watched is old not tired . !"
    vocabs = [
        Vocabulary(Counter(words.split()), Tokenizer(lang, lowercase)) for lang in (source, target)
    ]
    gs.seed(5)
    return getattr(gs, name)(*vocabs, 6, 8, device="cpu")


def in_python(source, classes):
    """The pattern of JavaScript as one of Python, case regarded."""
    source = re.sub("@(.)", lambda found: classes[found[1]], source)
    return re.compile(re.sub(r"\\u\{(\w+)\}", lambda found: rf"\U{found[1]:0>8}", source))


def numbers(ranges):
    """The characters that ``ranges`` of a class name, by their numbers."""
    pairs = re.findall(r"\\u\{(\w+)\}(?:-\\u\{(\w+)\})?", ranges)
    return {i for a, b in pairs for i in range(int(a, 16), int(b or a, 16) + 1)}


def test_classes_are_those_of_python():
    shared, every = as_data.shared_rules(), range(0x110000)
    classes, cases = shared["classes"], shared["cases"]
    words = numbers(classes["w"])
    assert words == {i for i in every if chr(i).isalnum()} | {ord("_")}
    assert numbers(classes["d"]) == {i for i in every if chr(i).isdecimal()}
    assert numbers(classes["s"]) == {i for i in every if chr(i).isspace()}
    assert not words & numbers(classes["W"]) and len(words | numbers(classes["W"])) == len(every)
    assert numbers(cases["upper"]) == {i for i in every if chr(i).isupper()}
    assert numbers(cases["lower"]) == {i for i in every if chr(i).islower()}
    assert min(numbers(cases["title"])) == ord("ǅ")
    assert shared["titles"]["ß"] == "Ss" and "a" not in shared["titles"]


@pytest.fixture(scope="module")
def compiled():
    """Of each language: its rules, and those of the page, read as patterns of Python."""
    classes, found = as_data.shared_rules()["classes"], []
    for language in LANGUAGES:
        own = as_data.tokenizer_rules(Tokenizer(language))
        one = {"plain": own["plain"], "tokens": in_python(own["tokens"], classes)}
        one["clings"] = [in_python(source, classes) for source in own["clings"]]
        source, instead = own["composed"] or ("(?!)", "")
        one["composed"] = in_python(source, classes), instead
        found.append((rules_of(language), one))
    return found, in_python(as_data.shared_rules()["whole"], classes)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_patterns_find_what_those_of_python_find(compiled, text):
    """None is left to ignore case: each says what it takes."""
    languages, whole = compiled
    assert whole.findall(text) == unknown.WHOLE.findall(text)
    for theirs, own in languages:
        tokens = own["tokens"].findall(text)
        assert tokens == theirs.tokens.findall(text)
        for token in tokens:
            clings = tuple(bool(one.match(token)) for one in own["clings"])
            assert clings == theirs.clings(token)
        assert "".join(own["plain"].get(c, c) for c in text) == theirs.plain(text)
        pattern, instead = own["composed"]
        assert pattern.sub(instead, text) == theirs.composed(text)


@pytest.mark.parametrize("pattern", [r"(a)b", r"\Bx", r"(?a:\w)", r"(?i:x)", r"(a)\1"])
def test_a_pattern_without_a_counterpart_is_refused(pattern):
    with pytest.raises(UsageError, match="no counterpart"):
        patterns.javascript(re.compile(pattern))
    with pytest.raises(UsageError, match="no counterpart"):
        patterns.javascript(re.compile("[a-f]", re.IGNORECASE))
    with pytest.raises(UsageError, match="no counterpart"):
        patterns.javascript(re.compile("a.", re.DOTALL))


@pytest.mark.parametrize(
    ("source", "target", "lowercase"), [("en", "fr", False), ("zh", "de", True)]
)
def test_the_modules_cut_as_python_does(source, target, lowercase, tmp_path, monkeypatch):
    model = small(source, target, lowercase)
    page = modules_of(model, tmp_path, stand_in(tmp_path / "npm", monkeypatch))
    draw = random.Random(7)
    texts = [*ODD, *("".join(draw.choices(ALPHABET, k=draw.randrange(14))) for _ in range(400))]
    tokens = [
        draw.choices(["a", '"', "«", "l'", ".", "<join>", "<space>", "我", "“"], k=9) for _ in texts
    ]
    sides = {"src": model.src_vocab, "tgt": model.tgt_vocab}
    found = iter(in_node(page, [
        *(["cut", side, text] for side in sides for text in texts),
        *(["detokenize", side, row] for side in sides for row in tokens),
        *(["read", text] for text in texts),
    ]))  # fmt: skip
    for vocab in sides.values():
        own = vocab.tokenizer
        for text in texts:
            normal = own.normalize(text)
            assert next(found) == [normal, own.cut(normal), normal], text
    for vocab in sides.values():
        for row in tokens:
            assert next(found) == vocab.tokenizer.detokenize(row)
    for text in texts:
        assert next(found) == unknown.read(model.src_vocab, text), text


def test_unknown_words_as_in_python(page):
    model, place = page
    translator, draw = Translator(model), random.Random(1)
    words = list(model.src_vocab)[4:]
    near = ["watchin", "thay", "chlid", "ol", "Pariss", "tyred", "wat", "x" * 31, "hte", "catt"]
    rows = [
        draw.choices([*words, *near, "<join>", "Zoé", "12", "!"], k=draw.randrange(1, 9))
        for _ in range(150)
    ]
    cases = []
    for row in rows:
        written = tuple(draw.choices([*words, "<unk>", "<space>", "mot"], k=draw.randrange(6)))
        alpha = np.array(
            [[draw.choice([0, 0.125, 0.25, 0.5]) for _ in [*row, 1]] for _ in [*written, 1]]
        )
        cases.append((written, alpha, row))
    found = iter(in_node(place, [
        *(["unknown", row, NEAR] for row in rows),
        *(["copied", written, alpha.tolist(), row] for written, alpha, row in cases),
    ]))  # fmt: skip
    for row in rows:
        assert next(found) == unknown_words(translator, row, NEAR), row
    for written, alpha, row in cases:
        wanted = unknown.copied(written, alpha, row, model.src_vocab, model.tgt_vocab.tokenizer)
        told = next(found)
        assert told["tokens"] == list(wanted.tokens), (written, row)
        assert told["alpha"] == wanted.attention.tolist()


def test_search_as_in_python(page):
    """Tables of probabilities with many ties."""
    draw, cases = np.random.default_rng(2), []
    for _ in range(60):
        V = int(draw.integers(2, 6))
        table = np.log(draw.integers(0, 4, (V + 1, V)) / 8 + np.eye(V + 1, V, 1) / 16 + 1 / 64)
        table[draw.random((V + 1, V)) < 0.1] = -np.inf
        table[:, 0] = -3
        size, cap = int(draw.integers(1, 7)), int(draw.integers(1, 6))
        cases.append(
            (
                table,
                {
                    "eos": 0,
                    "cap": cap,
                    "beamSize": size,
                    "alpha": float(draw.choice([0, 0.5, 0.75, 2])),
                },
            )
        )
    asked = [
        ["beam", [[None if p == -np.inf else p for p in row] for row in t.tolist()], how]
        for t, how in cases
    ]
    for (table, how), found in zip(cases, in_node(page[1], asked)):
        V, record = len(table[0]), []

        def step(y, state, table=table):
            return table[y.asnumpy()].copy(), state

        task = step, np.zeros((1, 1)), V, how["eos"], [how["cap"]]
        size, alpha = how["beamSize"], how["alpha"]
        (best,) = beam(*task, size, alpha, size)
        if size == 1:
            best = greedy(*task)
        beam(*task, size, alpha, 1, record)
        assert [(tuple(one["ids"]), one["logP"]) for one in found["best"]] == [
            one[:2] for one in best
        ]
        np.testing.assert_allclose(
            [one["score"] for one in found["best"]], [one.score for one in best], rtol=1e-14
        )
        kept = [
            [(c["parent"], c["token"], c["log_p"], c["fate"]) for c in step]
            for step in found["steps"]
        ]
        assert kept == [[(c.parent, c.token, c.log_p, c.fate) for c in step] for step in record[0]]


def test_what_is_in_the_folder(page):
    _, place = page
    names = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    about = json.loads((place / "model" / "model.json").read_text("utf-8"))
    assert about["model"]["attention"] and about["near"] == NEAR
    assert about["limits"] == {"characters": 1000, "tokens": 100}
    assert {"model/source.onnx", "model/step.onnx", "onnxruntime/ort.js", "static/page.js"} <= names
    worker = (place / "sw.js").read_text("utf-8")
    kept = set(json.loads(re.search(r"FILES = (\[.*\]);", worker)[1]))
    assert kept == {"./", *names} - {"sw.js"}
    index = (place / "index.html").read_text("utf-8")
    assert 'href="api"' not in index and "alone" in index and "JSON API" not in index
    for path in place.rglob("*"):
        if path.suffix in (".js", ".html", ".css") and path.parent.name != "onnxruntime":
            text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
            text = text.replace(
                "http://localhost:8000/", ""
            )  # what the page says to whoever opens the file
            assert "//" not in re.sub(r"(?m)(^| )// .*", "", text), f"{path} loads from elsewhere"
            for name in re.findall(r"(?:from|import|src=|href=) ?\"([^\"]+)\"", text):
                there = (path.parent / name).resolve()
                assert there.relative_to(place).as_posix() in names, f"{path}: {name}"


def test_a_page_is_no_model(page, run_cli):
    _, folder_of_page = page
    for place in folder_of_page, folder_of_page / "model":
        done = run_cli("translate", "--model", place, "Hi.")
        told = f"{place}: belongs to a page for browsers: use the model that it was exported from"
        assert told in complaint(done, 4)


def test_the_version_of_the_worker_is_that_of_all_files(page, tmp_path, monkeypatch):
    runtime, workers = stand_in(tmp_path / "npm", monkeypatch), []
    for name, near in ("one", 4), ("same", 4), ("other", 5):
        monkeypatch.setattr(folder, "NEAR", near)
        (tmp_path / name).mkdir()
        workers.append((modules_of(page[0], tmp_path / name, runtime) / "sw.js").read_text())
    assert workers[0] == workers[1] != workers[2]


@pytest.mark.parametrize("name", ["bahdanau2015", "luong2015", "book"])
def test_the_step_tells_its_attention(name, tmp_path, monkeypatch):
    model = small("en", "fr", name=name)
    page = page_of(model, tmp_path, stand_in(tmp_path / "npm", monkeypatch))
    source, step = (
        onnxruntime.InferenceSession(str(page / "model" / f"{one}.onnx"))
        for one in ("source", "step")
    )
    outputs = [one.name for one in step.get_outputs()]
    if name == "book":
        assert outputs == ["log_p", "next_state"]
        return
    ids, y = [4, 5, 9, 6, 2], [7, 8, 4]
    state, *read = source.run(None, {"X": [ids], "valid_length": [len(ids)]})
    rows, inputs = [], {f"source_{i}": array for i, array in enumerate(read)}
    for y_prev in [1, *y]:
        _, state, alpha = step.run(outputs, {"y_prev": [y_prev], "state": state, **inputs})
        rows.append(alpha[0])
    (wanted,) = attention_of(model, [(ids, y)])
    np.testing.assert_allclose(rows, wanted, atol=1e-6)


def test_subwords_are_refused(run_cli, tmp_path):
    corpus = gs.load_corpus("tiny", subwords=100)
    model = gs.book(corpus.src_vocab, corpus.tgt_vocab, 6, 8, device="cpu")
    with pytest.raises(UsageError, match=r"the source is cut by SubwordTokenizer, .* no subwords"):
        export(model, tmp_path / "out", "web")
    gs.save_model(model, tmp_path / "run")
    done = run_cli(
        "export", "--model", tmp_path / "run", "--format", "web", "--out", tmp_path / "out"
    )
    assert done.code == 2 and "no subwords" in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_without_onnxruntime_web(page, run_cli, monkeypatch, tmp_path):
    model, _ = page
    monkeypatch.chdir(tmp_path)

    def refused(match, place=None):
        with pytest.raises(SystemProblem, match=match) as error:
            export(model, tmp_path / "out", "web", onnxruntime_web=place)
        assert str(error.value).endswith(f": npm install onnxruntime-web@{folder.VERSION}")
        assert not (tmp_path / "out").exists()

    refused("no onnxruntime-web in node_modules of .* or above it")
    refused("no onnxruntime-web in nowhere", "nowhere")
    done = run_cli(
        "export", "--model", "mini-book", "--format", "web", "--out", "out", cwd=tmp_path
    )
    assert done.code == 5 and "npm install" in done.stderr and len(done.stderr.splitlines()) == 1
    npm = stand_in(tmp_path / "node_modules" / "onnxruntime-web", monkeypatch)
    (npm / "dist" / "ort.wasm.min.mjs").write_text("alert(1)")
    refused("ort.wasm.min.mjs is not that of onnxruntime-web")
    (npm / "dist" / "ort.wasm.min.mjs").unlink()
    refused("cannot read .*ort.wasm.min.mjs: No such file")
    about = {"name": "onnxruntime-web", "version": "1.17.0"}
    (npm / "package.json").write_text(json.dumps(about))
    refused("is onnxruntime-web 1.17.0, not onnxruntime-web 1")
    for text in "[]", "{", '{"name": 1}':
        (npm / "package.json").write_text(text)
        refused("is a package of no version, not")


def test_what_the_command_says(page, run_cli, monkeypatch, tmp_path):
    npm = stand_in(tmp_path / "node_modules" / "onnxruntime-web", monkeypatch)
    run = tmp_path / "work" / "out" / "model" / "run.json"
    run.parent.mkdir(parents=True)
    run.write_text("mine")
    command = "export", "--model", "mini-book", "--format", "web", "--int8", "--out", "out"
    done = run_cli(*command, "--overwrite", cwd=tmp_path / "work")
    assert done.code == 2 and "something else" in done.stderr and run.read_text() == "mine"
    shutil.rmtree(tmp_path / "work" / "out")
    done = run_cli(*command, cwd=tmp_path / "work")
    assert done.code == 0 and f"MB, with onnxruntime-web of {npm}" in done.stdout
    assert "python -m http.server -d out" in done.stdout
    assert (tmp_path / "work" / "out" / "index.html").exists()
    done = run_cli(*command, cwd=tmp_path / "work")
    assert done.code == 2 and "--overwrite" in done.stderr
    model, _ = page
    export(model, tmp_path / "work" / "out", overwrite=True)  # for Python instead
    assert not (tmp_path / "work" / "out" / "index.html").exists()
    for how in {"format": "onnx", "onnxruntime_web": npm}, {"format": "symbol", "int8": True}:
        with pytest.raises(UsageError, match="for the web"):
            export(model, tmp_path / "no", **how)


def sentences(count):
    """Of mini, which share ``count`` with the odd ones."""
    mini = gs.load_corpus("mini")
    every = [example.source for example in [*mini.test, *mini.dev, *mini.train]]
    return [*every[: count - len(ODD) - 2], *ODD, "", "  "]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count"), [("mini-luong2015", 500), ("mini-book", 100), ("mini-bahdanau2015", 100)]
)
def test_the_page_translates_as_python_does(name, count, tmp_path):
    """All that the page shows of each sentence, greedy and with beam 5."""
    model, texts = gs.load_model(name, "cpu"), sentences(count)
    page = page_of(model, tmp_path, onnxruntime_web())
    sizes = 1, 5
    asked = [{"sentence": s, "beam_size": size, "alpha": 0.75} for size in sizes for s in texts]
    found = iter(in_node(page, [*asked, {**asked[0], "sentence": "they " * 100}]))
    for size in sizes:
        translator = Translator(model, beam_size=size)
        alpha = model.decoder.attention is not None
        for text, best in zip(texts, translator.n_best(texts, size, alpha)):
            told = next(found)
            assert [one["text"] for one in told["n_best"]] == [one.text for one in best], text
            assert told["source_tokens"][:-1] == translator.tokens(text)
            for one, wanted in zip(told["n_best"], best):
                assert tuple(one["tokens"]) == wanted.tokens
                assert one["log_p"] == pytest.approx(wanted.log_p, abs=1e-4)
                assert one["score"] == pytest.approx(wanted.score, abs=1e-4)
                if alpha and text.strip():
                    np.testing.assert_allclose(one["attention"], wanted.attention, atol=1e-4)
    assert "101 tokens, at most 100" in next(found)["error"]


def test_the_commands_of_its_page(run_cli, monkeypatch, tmp_path):
    """docs/web.md: what it says of npm, and the command; http.server does not end."""
    page = ROOT / "docs" / "web.md"
    ((_, code),) = blocks(page)
    install, command, serve = code.splitlines()
    assert install == folder.FETCH
    stand_in(tmp_path / "node_modules" / "onnxruntime-web", monkeypatch)
    done = run_cli(*command.split()[1:], cwd=tmp_path)
    assert done.code == 0 and serve in done.stdout
    assert (tmp_path / "page" / "model" / "step.onnx").exists()


def test_the_page_to_try(monkeypatch, tmp_path, capsys):
    """With an npm that packs, with one that cannot, and with none."""
    runtime, packed = stand_in(tmp_path / "package", monkeypatch), tmp_path / "packed.tgz"
    monkeypatch.setattr(try_page, "FILES", folder.FILES)
    monkeypatch.setattr(try_page, "BUILD", tmp_path / "build")
    monkeypatch.setattr(try_page, "RUNTIME", tmp_path / "build" / "onnxruntime-web")
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(runtime, "package")
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    out = tmp_path / "try"
    for script, told in (
        (f'cp {packed} "$5/one.tgz"; echo one.tgz', None),
        ("exit 1", "npm could not fetch onnxruntime-web@"),
        (None, "is not installed"),
    ):
        shutil.rmtree(try_page.RUNTIME, ignore_errors=True)
        npm.unlink(missing_ok=True)
        if script is None:
            monkeypatch.setenv("PATH", str(npm.parent))
        else:
            npm.write_text(f"#!/bin/sh\n{script}\n")
            npm.chmod(0o755)
        assert try_page.write(out) == (told is None)
        assert (out / "index.html").exists() == (told is None)
        said = capsys.readouterr().err
        assert said == "" if told is None else told in said and said.count("\n") == 1
    assert [path.name for path in (tmp_path / "build").iterdir()] == []
