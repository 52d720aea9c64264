"""gluon-seq2seq data: what is in a file of pairs, as training will see it."""

import csv
import io

import pytest
from helpers import complaint, file_size_limit

import gluon_seq2seq as gs
from gluon_seq2seq.corpus.examples import pairs_of


@pytest.fixture(scope="module")
def rows():
    """Two hundred pairs, and lines that are left out or mended."""
    pairs = pairs_of(gs.load_corpus("mini").train)[:200]
    extra = [("no translation",), pairs[3], ("I don&apos;t <b>see</b>.", "Je ne vois pas !")]
    return [*pairs, *extra]


@pytest.fixture
def path(tmp_path, rows):
    file = tmp_path / "pairs.tsv"
    file.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    return file


def test_what_is_printed(path, run_cli):
    done = run_cli("data", path)
    assert (done.code, done.stderr) == (0, "")
    corpus = gs.load_corpus(path)
    assert done.stdout.startswith(f"{path}: read as TSV\n{corpus.report}\n")
    assert f"train {len(corpus.train)}, dev 10, test 10 sources\n" in done.stdout
    shown = done.stdout.split("As they are trained on:\n")[1].split("\n\n")[0].splitlines()
    assert len(shown) == 20
    assert shown[0] == "  They are watching . -> Ils regardent ."
    assert shown[1] == "      They are watching. -> Ils regardent."
    for tokens, text in zip(shown[::2], shown[1::2]):
        for vocab, side, words in zip(
            (corpus.src_vocab, corpus.tgt_vocab), text.strip().split(" -> "), tokens.split(" -> ")
        ):
            assert words.split() == vocab.to_tokens(vocab.encode(side))[:-1]


def test_coverage_by_counting(path, run_cli):
    corpus = gs.load_corpus(path, max_vocab=50)
    done = run_cli("data", path, "--max-vocab", 50)
    for name, vocab, side in (("source", corpus.src_vocab, 0), ("target", corpus.tgt_vocab, 1)):
        tokens = {
            split: [
                token
                for pair in pairs_of(getattr(corpus, split))
                for token in vocab.tokenizer.tokenize(pair[side])
                if token not in ("<join>", "<space>")
            ]
            for split in ("train", "dev", "test")
        }
        unknown = {split: sum(t not in vocab for t in found) for split, found in tokens.items()}
        share = {split: unknown[split] / len(tokens[split]) for split in tokens}
        assert (
            f"{name} vocabulary: {len(vocab)} tokens; of {len(set(tokens['train']))} types in "
            f"train 50 are known, {1 - share['train']:.1%} of the tokens; <unk>: "
            f"{share['dev']:.1%} of dev, {share['test']:.1%} of test\n"
        ) in done.stdout


def test_lengths_by_counting(path, run_cli, tmp_path):
    picture = tmp_path / "lengths.png"
    done = run_cli("data", path, "--plot", picture)
    assert done.code == 0 and picture.read_bytes().startswith(b"\x89PNG")
    table = done.stdout.split("  sources")[1].split("\n\n")[0].splitlines()[1:]
    corpus = gs.load_corpus(path)
    pairs = pairs_of(corpus.train + corpus.dev + corpus.test)
    tokenizers = corpus.src_vocab.tokenizer, corpus.tgt_vocab.tokenizer
    lengths = [[len(t.tokenize(pair[i])) for pair in pairs] for i, t in enumerate(tokenizers)]
    for row in table:
        first, *cells = [cell for cell in row.split() if set(cell) != {"#"}]
        low, _, high = first.partition("-")
        span = range(int(low), int(high or low) + 1)
        assert cells == [str(sum(n in span for n in side)) for side in lengths], row
    assert sum(int(row.split()[-1]) for row in table) == len(pairs)


@pytest.mark.parametrize("direction", ["en-fr", "fr-en"])
def test_what_is_written_reads_back_the_same(direction, path, run_cli, tmp_path):
    clean = tmp_path / "clean.tsv"
    done = run_cli("data", path, "--direction", direction, "--output", clean)
    before = gs.load_corpus(path, direction=direction)
    after = gs.load_corpus(clean, direction=direction, strict=True)
    assert (after.train, after.dev, after.test) == (before.train, before.dev, before.test)
    assert after.sha256() == before.sha256() and after.report.read == before.report.kept == 201
    assert done.stdout.endswith(f"{clean}: 201 pairs\n")


def test_standard_output(path, run_cli):
    done = run_cli("data", path, "--output", "-")
    lines = list(csv.reader(io.StringIO(done.stdout), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert ["I don't see.", "Je ne vois pas !"] in lines and len(lines) == 201
    assert "203 pairs read, 201 kept" in done.stderr


def test_a_file_that_cannot_be_written_stays_as_it_was(path, run_cli, tmp_path):
    clean = tmp_path / "clean.tsv"
    clean.write_text("before")
    with file_size_limit(1000):
        complaint(run_cli("data", path, "--output", clean), 5)
    assert clean.read_text() == "before" and len(list(tmp_path.iterdir())) == 2


def test_refused_and_strict(path, run_cli, tmp_path):
    path.write_text("".join(f"{n}\tI see {n}.\tJe vois {n}.\n" for n in range(50)))
    clean = tmp_path / "clean.tsv"
    assert "--columns 2,4" in complaint(run_cli("data", path, "--output", clean), 3)
    assert not clean.exists()
    path.write_text("".join(f"I see {n}.\tCliquez ici.\n" for n in range(300)))
    assert "doubtful: about 300 sources have the same target" in run_cli("data", path).stdout
    assert "or leave out --strict" in complaint(run_cli("data", path, "--strict"), 3)
    complaint(run_cli("data", tmp_path / "none.tsv"), 3)
    complaint(run_cli("data"), 2)


def test_overlap_with_the_data_of_a_model(run_cli, saved, tmp_path, tiny):
    train = pairs_of(tiny.train)
    other = [(train[0][0], "Elles regardent."), *train[1:6], *pairs_of(tiny.test), *NEW]
    path = tmp_path / "new.tsv"
    path.write_text("".join("\t".join(pair) + "\n" for pair in other), "utf-8")
    done = run_cli("data", path, "--model", saved)
    assert done.code == 0
    sources = len({source for source, _ in other})
    assert (
        f"The model was trained on 6 of {sources} sources and 5 of {len(other)} pairs (tiny).\n"
    ) in done.stdout
    assert f"source vocabulary: {len(tiny.src_vocab)} tokens; " in done.stdout
    again = run_cli("data", path, "--model", saved, "--trained-on", path)
    kept = gs.load_corpus(path).train
    assert f"trained on {len(kept)} of {sources} sources" in again.stdout
    said = complaint(run_cli("data", path, "--model", saved, "--max-vocab", 9), 2)
    assert "has its own --max-vocab: leave it out" in said
    assert "--trained-on needs --model" in complaint(run_cli("data", path, "--trained-on", path), 2)
    complaint(run_cli("data", path, "--model", tmp_path / "none"), 4)


NEW = [(f"I see {n} cats.", f"Je vois {n} chats.") for n in range(40)]


@pytest.mark.parametrize("origin", ["file", "pairs"])
def test_a_path_that_a_model_names_is_not_opened_unasked(
    origin, path, run_cli, tmp_path, small_model
):
    corpus = gs.load_corpus(path if origin == "file" else NEW)
    gs.save_model(small_model(corpus), tmp_path / "model")
    if origin == "file":
        assert f"pairs ({path.name})" in run_cli("data", path, "--model", tmp_path / "model").stdout
    new = path.rename(tmp_path / "new.tsv")
    done = run_cli("data", new, "--model", tmp_path / "model")
    what = f"{path.name}, which is not opened" if origin == "file" else "what it does not say"
    assert done.code == 0 and what in done.stdout and "give --trained-on" in done.stdout


def test_the_columns_of_the_file_that_a_model_was_trained_on(run_cli, tmp_path, small_model):
    """Count for it again; another file has its own."""
    rows = [f"{n}\t{en}\t{fr}\n" for n, (en, fr) in enumerate(NEW)]
    paths = [tmp_path / name for name in ("ids.tsv", "other.tsv")]
    for path in paths:
        path.write_text("".join(rows), "utf-8")
    corpus = gs.load_corpus(paths[0], columns=(2, 3))
    gs.save_model(small_model(corpus), tmp_path / "model")
    model = "--model", tmp_path / "model"
    kept = len(corpus.train)
    for words in [paths[0]], [paths[1], "--columns", "2,3", "--trained-on", paths[0]]:
        done = run_cli("data", *words, *model)
        assert done.code == 0 and f"trained on {kept} of 40 sources" in done.stdout
    assert run_cli("evaluate", *model, "--data", paths[0]).code == 0
    assert "the sources are numbers" in complaint(run_cli("data", paths[1], *model), 3)


def test_what_a_file_is_read_as(run_cli, tmp_path):
    """The first line says it; of what messages call data, FILE."""
    (tmp_path / "a.csv").write_text("".join(f"{en};{fr}\n" for en, fr in NEW), "utf-8")
    for code, side in ("en", 0), ("fr", 1):
        (tmp_path / f"a.{code}").write_text("".join(p[side] + "\n" for p in NEW), "utf-8")
    for words, what in [
        ([tmp_path / "a.csv"], "CSV, a semicolon between its columns"),
        ([tmp_path / "a.en", "--target", tmp_path / "a.fr"], "two texts, a line of each a pair"),
        (["mini"], "TSV"),
    ]:
        first = run_cli("data", *words).stdout.splitlines()[0]
        assert first == f"{words[0]}: read as {what}"
    said = complaint(run_cli("data", tmp_path / "a.en"), 3)
    assert "give both, FILE and --target" in said
