"""The benchmarks' arithmetic, page and protocol; no speed is asserted."""

import re
import sys
from contextlib import ExitStack

import numpy as np
import pytest

import gluon_seq2seq as gs
from benchmarks import __main__ as suites
from benchmarks import grammar, languages, resplit, scaling, start, tables
from benchmarks.peers.protocol import sentences
from benchmarks.roofline import MODELS, forward_flops
from benchmarks.turns import take_turns
from benchmarks.worker import Failed, Worker, save_prepared, text, vocabulary
from gluon_seq2seq.corpus import SPLITS

SRC, TGT = [2, 1], [3, 1]  # N 2, S 3, T 4, P 2 * 3 + 1 * 1 = 7
BY_HAND = {  # E 2, H 3, V 5; D 6, book 3
    "luong2015": {
        "encoder": 2 * 6 * 3 * 3 * 5,
        "decoder": 2 * 2 * 6 * 3 + 6 * 4 * 3 * 5,
        "attention": 2 * 3 * 6 * 3 + 2 * 7 * 3 + 2 * 7 * 6,
        "output": 2 * 4 * 9 * 3 + 2 * 4 * 3 * 5,
    },
    "book": {
        "encoder": 6 * 3 * 3 * 5,
        "decoder": 2 * 2 * 3 * 3 + 6 * 4 * 3 * 5 + 6 * 2 * 3 * 3,
        "attention": 0,
        "output": 2 * 4 * 5 * 2 + 2 * 2 * 3 * 2 + 2 * 4 * 2 * 5,
    },
    "bahdanau2015": {
        "encoder": 2 * 6 * 3 * 3 * 5,
        "decoder": 2 * 2 * 6 * 3 + 6 * 4 * 3 * 11,
        "attention": 2 * 3 * 6 * 3 + 2 * 4 * 3 * 3 + 2 * 7 * 3 + 2 * 7 * 6,
        "output": 2 * 4 * 11 * 4 + 2 * 4 * 2 * 5,
    },
}


@pytest.mark.parametrize("name", MODELS)
def test_flops_are_those_of_the_formulas(name):
    both_ways = name != "book"
    found = forward_flops(name, 2, 3, 5, SRC, TGT, both_ways)
    assert found == {"embedding": 0, **BY_HAND[name], "optimizer": 0}


@pytest.mark.parametrize("name", MODELS)
def test_flops_of_one_token_use_every_weight_once(name, tiny):
    E, H = 4, 6
    vocabs = tiny.src_vocab, tiny.tgt_vocab
    model = getattr(gs, name)(*vocabs, embed_size=E, num_hiddens=H, device="cpu")
    matrices = (
        np.prod(p.shape)
        for key, p in model.collect_params().items()
        if len(p.shape) == 2 and "embedding" not in key
    )
    D = model.encoder.output_size
    without_weights = {"luong2015": 2 * H + 2 * D, "bahdanau2015": 2 * D, "book": 0}[name]
    both_ways = model.recipe["bidirectional"]
    found = forward_flops(name, E, H, len(tiny.tgt_vocab), [1], [1], both_ways)
    assert sum(found.values()) == 2 * sum(matrices) + without_weights


def test_every_round_begins_one_later():
    order = []
    tasks = {name: lambda name=name: order.append(name) or len(order) for name in "abc"}
    assert take_turns(tasks, 2) == {"a": [1, 6], "b": [2, 4], "c": [3, 5]}
    assert "".join(order) == "abcbca"


def test_words_of_the_benchmarks_are_encoded_as_their_ids():
    vocab = vocabulary(50)
    assert len(vocab) == 50
    for ids in ([4, 49, 17, 2], [3, 5, 2]):
        assert vocab.encode(text(ids)) == ids


@pytest.fixture(scope="module")
def prepared(tiny, tmp_path_factory):
    """PREPARED.npz of tiny, and its target sentences."""
    pairs = [
        (tiny.src_vocab.encode(source), tiny.tgt_vocab.encode(target))
        for source, target in ((e.source, e.references[0]) for e in tiny.train)
    ]
    tests = [tiny.src_vocab.encode(example.source) for example in tiny.test]
    path = tmp_path_factory.mktemp("prepared") / "tiny.npz"
    save_prepared(path, pairs, tests, [len(tiny.src_vocab), len(tiny.tgt_vocab)])
    return path, pairs


def test_prepared_is_read_back(prepared, tiny):
    path, pairs = prepared
    with np.load(path) as arrays:
        for side, name in enumerate(("src", "tgt")):
            read = [ids.tolist() for ids in sentences(arrays, name)]
            assert read == [pair[side] for pair in pairs]
        assert len(sentences(arrays, "test_src")) == len(tiny.test)


def test_a_worker_trains_translates_and_says_what_fails(prepared, tiny, tmp_path):
    path, pairs = prepared
    command = [sys.executable, "-m", "benchmarks.worker", path, "luong2015"]
    command += ["--embed-size", 8, "--num-hiddens", 8, "--batch-size", len(pairs)]
    with Worker(command, tmp_path / "log", None) as worker:
        answer = worker.ask("train", steps=2)
        assert answer["tokens"] == 2 * sum(len(target) for _, target in pairs)
        assert answer["seconds"] > 0
        assert worker.steps == 2
        written = []
        for how in {"beam": 1}, {"beam": 2}, {"beam": 2, "exported": True}:
            answer = worker.ask("translate", **how, batch=2, sentences=3)
            assert answer["sentences"] == min(3, len(tiny.test)) <= answer["tokens"]
            written.append(answer["tokens"])
        assert written[1] == written[2]
        assert worker.ask("memory")["peak_mb"] > 1
        with pytest.raises(Failed, match="no action 'dance'"):
            worker.ask("dance")


def test_a_worker_that_dies_is_quoted(tmp_path):
    dying = "import sys; sys.stderr.write('no such peer'); sys.exit(1)"
    worker = Worker([sys.executable, "-c", dying], tmp_path / "log", None)
    with worker, pytest.raises(Failed, match="no such peer"):
        worker.train(1)


def test_without_peers_nothing_of_theirs_runs(tmp_path):
    with ExitStack() as stack:
        suite = suites.Suite("tiny", None, tmp_path, stack)
        assert suite.standing(suites.RIVALS) == {}
        assert len(suite.pairs) > 40
        assert suite.prepared.exists()


def test_ratios_are_found_round_by_round():
    speeds = {"a": [2.0, 9.0], "b": [1.0, 3.0]}
    assert suites.ratios(speeds, [("a", "b"), ("a", "absent")]) == {"a / b": [2.0, 3.0]}


def test_recombined_sources_are_distinct_and_their_words_known():
    pairs = [("a b c", "A B"), ("d e", "D E F"), ("f", "G")]
    found = list(scaling.recombined(pairs, 6))
    assert len({source for source, _ in found}) == 6
    assert {word for source, _ in found for word in source.split()} <= set("abcdef")
    with pytest.raises(ValueError, match="of 1000 new"):
        list(scaling.recombined(pairs, 1000))


def test_another_split_holds_out_other_sentences(tiny, tmp_path):
    folder = tmp_path / "split"
    resplit.main(["tiny", "1", str(folder)])
    with pytest.raises(SystemExit):
        resplit.main(["tiny", "1", str(folder)])
    other = gs.load_corpus(tmp_path / "split")
    for split in SPLITS:
        assert len(getattr(other, split)) == len(getattr(tiny, split))

    def sources(corpus, *splits):
        return {example.source for split in splits for example in getattr(corpus, split)}

    assert sources(other, *SPLITS) == sources(tiny, *SPLITS)
    assert sources(other, "test") != sources(tiny, "test")
    assert resplit.resplit(tiny, 1) != resplit.resplit(tiny, 2)


def test_synthetic_sentences_have_the_lengths_of_fra():
    pairs = list(suites.synthetic(2000))
    lengths = np.array([[len(side.split()) for side in pair] for pair in pairs])
    assert abs(lengths.mean(axis=0) - (7.6, 8.2)).max() < 0.3


RESULTS = {
    "about": {"date": "2026-11-23", "data": "tiny"},
    "sections": {
        "training": {
            "rounds": 3,
            "steps": 2,
            "tokens_per_s": {"luong2015": [4000.4, 5000.0, 4181.0]},
            "ratios": {"luong2015 / JoeyNMT luong": [1.5, 1.7, 1.6]},
            "classroom_tokens_per_s": {"bahdanau2015, one thread": [4000.0]},
            "classroom_ratios": {},
        },
        "translation": {
            "steps": 3,
            "sentences": 2000,
            "batches": {
                "64": {
                    "sentences_per_s": {"luong2015, greedy": [100.0, 300.0, 200.0]},
                    "tokens_a_sentence": {"luong2015, greedy": 9.25},
                    "ratios": {"luong2015, greedy / JoeyNMT luong, greedy": [0.5]},
                }
            },
            "alone": 100,
            "one_by_one": {
                "sentences_per_s": {"luong2015, greedy": [50.0], "JoeyNMT luong, greedy": [80.0]},
                "tokens_a_sentence": {"luong2015, greedy": 8.0, "JoeyNMT luong, greedy": 6.0},
                "median_ms": {"luong2015, greedy": [18.0, 16.0, 17.0]},
                "ratios": {},
            },
        },
        "busy": {"alone": [400.0, 200.0], "one core kept busy": [300.0, 100.0]},
        "roofline": {
            "roofline_gflops": 150.0,
            "products_gflops": {"1280 256 8004": 150.0},
            "steps_gflops": {"luong2015": 75.0},
            "phases": {
                "luong2015": {
                    "encoder": {"gflop": 4.5, "forward_ms": 20, "backward_ms": 40, "share": 0.5},
                    "optimizer": {"gflop": 0, "forward_ms": 9, "backward_ms": 0, "share": None},
                }
            },
        },
        "scaling": {
            "preparation": {
                160_000: {"seconds": 10.0, "peak_mb": 500.0, "imports_mb": 170.0},
                2_000_000: {"seconds": 130.0, "peak_mb": 5000.0, "imports_mb": 170.0},
            },
            "ratio": 13.0,
            "steps": 100,
            "training_mb": 900.0,
            "lengths": {5: [3500.0]},
        },
        "start": {"import mxnet": [1.234]},
        "bleu": [{"minutes": 15, "bleu_greedy": 35.61, "bleu_beam": 36.2, "command": "train"}],
    },
}


@pytest.mark.parametrize(
    "row",
    [
        "| luong2015 | 4,181 (4,000–5,000) |",
        "| luong2015 / JoeyNMT luong | 1.60 (1.50–1.70) |",
        "| bahdanau2015, one thread | 4,000 |",
        "| luong2015, greedy, batches of 64 | 200 (100–300) | 9.2 |",
        "| luong2015, greedy / JoeyNMT luong, greedy, batches of 64 | 0.50 |",
        "| luong2015, greedy | 20.0 | 8.0 | 17.0 (16.0–18.0) |",
        "| JoeyNMT luong, greedy | 12.5 | 6.0 | – |",
        "| one core kept busy | 200 (100–300) | 0.62 (0.50–0.75) |",
        "| (1,280, 256) × (256, 8,004) | 150 |",
        "| luong2015 | 75 | 0.50 |",
        "| luong2015, encoder | 4.5 | 20.0 | 40.0 | 0.50 |",
        "| luong2015, optimizer | – | 9.0 | – | – |",
        "| 2,000,000 | 130.0 | 5,000 |",
        "| 5 | 3,500 |",
        "| import mxnet | 1.23 |",
        "| `train` | 15 | 35.6 | 36.2 |",
    ],
)
def test_the_page_has_the_row(row):
    assert row in tables.page(RESULTS).splitlines()


def test_the_page_is_made_of_whole_tables():
    page = tables.page(RESULTS)
    assert "2,000,000 pairs take 13.0 times as long as 160,000 (12.5 times as many)." in page
    for lines in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        assert len({line.count("|") for line in lines.splitlines()}) == 1
    assert not re.search("nan|None", page)


def test_a_section_that_was_not_measured_is_left_out():
    page = tables.page({"about": {}, "sections": {"bleu": [], "start": {"import mxnet": [1.0]}}})
    assert "## Start" in page
    assert "BLEU" not in page


def test_a_new_page_takes_the_place_of_the_last():
    begun = f"# Benchmarks\n\n{tables.BEGIN}{tables.END}\n\n## Quality\n"
    first = tables.spliced(begun, "one\n")
    assert first == f"# Benchmarks\n\n{tables.BEGIN}\n\none\n\n{tables.END}\n\n## Quality\n"
    assert tables.spliced(first, "two\n") == first.replace("one", "two")


def test_programs_of_checkouts_take_turns(tmp_path, monkeypatch, capsys):
    """One of them is of before the start line; a megabyte is 2**20 bytes."""
    (tmp_path / "gluon_seq2seq.py").write_text("")
    monkeypatch.setitem(start.PROGRAMS, "import mxnet", ["-c", "{start_line}x = bytearray(10**8)"])
    for program in list(start.PROGRAMS)[1:-1]:
        monkeypatch.delitem(start.PROGRAMS, program)
    monkeypatch.setattr(start, "ROUNDS", 2)
    start.main([str(tmp_path)])
    head, _, row, exported = capsys.readouterr().out.splitlines()
    *none, _, computing, megabytes = exported.replace(",", "").strip(" |").split(" | ")[1:]
    assert none == ["–"] * 3, "the other cannot"
    assert int(computing) > 0 and int(megabytes) > 20
    units = "ms", "ms computing", "MB"
    assert head.split(" | ")[1:4] == [f"{tmp_path}, {unit}" for unit in units]
    cells = re.sub(r"[()–]", " ", row.replace(",", "")).split(" | ")
    assert [len(cell.split()) for cell in cells[1:4]] == [3, 1, 1], "medians, one with its range"
    assert int(cells[2]) > 0 and int(cells[3]) > 95
    assert "compat.py" in start.Checkout(start.Path(start.__file__).parents[1]).start_line
    assert start.Checkout(tmp_path).start_line == ""


def test_a_program_that_fails_is_told(monkeypatch):
    monkeypatch.setitem(start.PROGRAMS, "import mxnet", ["-c", "raise SystemExit(3)"])
    with pytest.raises(start.subprocess.CalledProcessError):
        start.Checkout(start.Path(start.__file__).parents[1]).run("import mxnet")


def test_the_folders_of_a_machine_are_not_told():
    assert suites.name_alone("/home/ada/fra-eng.zip") == "fra-eng.zip"
    assert suites.name_alone("--data") == "--data"


def test_one_meaning_is_said_in_four_languages():
    who, deed = grammar.WHO[4], grammar.DEEDS[0]
    where, when = grammar.WHERE[1], grammar.WHEN[2]
    rest = grammar.THINGS["apple"], where, when
    said = [write(who, deed, grammar.KINDS[2], *rest, 2) for write in grammar.WRITERS.values()]
    assert said == [
        "Do we eat the big apple at school every day?",
        "我们每天在学校吃那个大苹果吗？",
        "Essen wir jeden Tag den großen Apfel in der Schule?",
        "私たちは毎日学校でその大きいりんごを食べますか。",
    ]
    he, cat = grammar.WHO[2], grammar.THINGS["cat"]
    meaning = he, grammar.DEEDS[4], grammar.KINDS[0], cat, *grammar.WHERE[:1], *grammar.WHEN[:1], 1
    assert [write(*meaning) for write in grammar.WRITERS.values()] == [
        "He does not wash the cat.",
        "他不洗那只猫。",
        "Er wäscht die Katze nicht.",
        "彼はその猫を洗いません。",
    ]


def test_sentences_of_the_grammar_are_different_and_always_the_same():
    drawn = grammar.sentences(500)
    assert drawn == grammar.sentences(500) and drawn[:9] == grammar.sentences(9)
    for language in grammar.WRITERS:
        assert len({meaning[language] for meaning in drawn}) == 500


@pytest.mark.parametrize("by_hand", [False, True])
def test_every_row_has_the_same_meanings(by_hand, tmp_path, monkeypatch):
    monkeypatch.setattr(languages, "TRAIN", 60)
    monkeypatch.setattr(languages, "HELD_OUT", 20)
    languages.write(tmp_path, "zh", "en", by_hand)
    corpus = gs.load_corpus(tmp_path, source_lang="zh", target_lang="en")
    assert [len(split) for split in (corpus.train, corpus.dev, corpus.test)] == [60, 20, 20]
    meanings = grammar.sentences(100)
    for example, meaning in zip([*corpus.train, *corpus.dev, *corpus.test], meanings):
        assert example.source.replace(" ", "") == meaning["zh"]
        assert (" " in example.source) == by_hand and example.references == (meaning["en"],)
