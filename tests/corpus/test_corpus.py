"""Sentence pairs: what is read, what is dropped and why, and how it is split."""

import gzip
import hashlib
import http.server
import importlib.util
import io
import math
import os
import random
import re
import threading
import tracemalloc
import unicodedata
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pooch
import pytest

import gluon_seq2seq as gs
from gluon_seq2seq import DataError, SystemProblem, UsageError
from gluon_seq2seq.corpus import corpus, readers
from gluon_seq2seq.corpus import tatoeba as tatoeba_source
from gluon_seq2seq.corpus.examples import pairs_of

SPLITS = ("train", "dev", "test")
UNK_ID = 3
PAIRS = [f"I see {n} cats.\tJe vois {n} chats." for n in range(100, 200)]


def written(path, lines, end="\n"):
    """A file of lines, as bytes: nothing is translated on the way."""
    path.write_bytes("".join(line + end for line in lines).encode("utf-8"))
    return path


def load(tmp_path, *extra, pairs=PAIRS, **settings):
    """The corpus of the pairs and some extra lines after them."""
    return gs.load_corpus(written(tmp_path / "pairs.tsv", [*pairs, *extra]), **settings)


def everything(loaded):
    """``{source: references}`` of all three splits."""
    return {e.source: e.references for split in SPLITS for e in getattr(loaded, split)}


def sources(loaded, split):
    return [example.source for example in getattr(loaded, split)]


# The bundled sentences.


def test_tiny_is_about_sixty_pairs_with_the_seed_sentence_first(tiny):
    assert tiny.train[0] == ("They are watching.", ("Ils regardent.",), None)
    assert 55 <= sum(len(pairs_of(getattr(tiny, split))) for split in SPLITS) <= 75
    assert not tiny.report.dropped


def test_tiny_has_no_source_twice(tiny):
    listed = [source for split in SPLITS for source in sources(tiny, split)]
    assert len(listed) == len(set(listed))


def test_tiny_is_nfc_as_written():
    for split in SPLITS:
        text = (corpus.data_folder() / "tiny" / f"{split}.tsv").read_text("utf-8")
        assert unicodedata.normalize("NFC", text) == text
        assert text.endswith("\n")


def test_tiny_needs_no_unknown_word_in_dev_and_test(tiny):
    for source, reference in pairs_of(tiny.dev + tiny.test):
        assert tiny.src_vocab["<unk>"] not in tiny.src_vocab.encode(source), source
        assert tiny.tgt_vocab["<unk>"] not in tiny.tgt_vocab.encode(reference), reference


def test_what_is_bundled_is_everybodys_own(mini):
    """It is read once; who changes a list, or counts in a report, changes that of no other."""
    one, wanted = gs.load_corpus("mini"), list(mini.train)
    assert one.train == wanted and str(one.report) == str(mini.report)
    one.train.pop()
    one.report.drop("a reason", "a place")
    for other in mini, gs.load_corpus("mini"), gs.load_corpus("mini-length"):
        assert other.train == wanted and not other.report.dropped
    small, short = gs.load_corpus("tiny", lowercase=True), gs.load_corpus("tiny", max_length=4)
    assert not any(example.source[:1].isupper() for example in small.train)
    assert short.report.dropped and not gs.load_corpus("tiny").report.dropped


def test_mini(mini):
    assert [len(getattr(mini, split)) for split in SPLITS] == [3000, 300, 300]
    first = mini.train[0]
    assert first.source == "They are watching." and first.references == ("Ils regardent.",)
    assert first.valid == ("Ils regardent.", "Elles regardent.")
    assert first.gold.probabilities == (0.7, 0.3)
    assert first.gold.alignments[0] == ((0, 0), (1, 1), (2, 1), (3, 2))
    assert "two verbs to one" in first.gold.phenomena[0]
    expected = -0.7 * math.log(0.7) - 0.3 * math.log(0.3)
    assert first.gold.entropy == pytest.approx(expected)
    assert not mini.report.dropped
    for example in mini.train + mini.dev + mini.test:
        assert len(example.references) == 1 and example.references[0] in example.valid


def test_mini_10k(mini):
    larger = gs.load_corpus("mini-10k")
    assert len(larger.train) == 10_000 and larger.train[:3000] == mini.train
    assert all(example.gold for example in larger.train)
    assert (larger.dev, larger.test) == (mini.dev, mini.test)
    assert larger.src_vocab.idx_to_token != mini.src_vocab.idx_to_token
    learned = {example.source for example in larger.train}
    assert not any(example.source in learned for example in larger.dev + larger.test)


@pytest.mark.parametrize("name", corpus.HELD_OUT)
def test_held_out_sets(name, mini):
    loaded = gs.load_corpus(f"mini-{name}")
    assert loaded.train == mini.train and loaded.dev == mini.dev
    assert len(loaded.test) == 250 and all(example.gold for example in loaded.test)
    lengths = [len(mini.src_vocab.encode(e.source)) - 1 for e in loaded.test]
    assert (min(lengths) >= 14) == name.startswith("length")
    unknown = [mini.src_vocab.encode(e.source).count(UNK_ID) for e in loaded.test]
    assert set(unknown) == ({1} if name == "unknown" else {0})
    missing = [
        min(mini.tgt_vocab.encode(text).count(UNK_ID) for text in e.valid) for e in loaded.test
    ]
    assert (min(missing) >= 1) if name == "unknown" else (max(missing) == 0)
    if name.endswith("-control"):
        held_out = gs.load_corpus(f"mini-{name[: -len('-control')]}").test
        assert lengths == [len(mini.src_vocab.encode(e.source)) - 1 for e in held_out]


def test_clauses_of_the_length_control_stand_in_train(mini):
    known = {e.source.rstrip(".").lower() for e in mini.train}
    for example in gs.load_corpus("mini-length-control").test:
        text = example.source.rstrip(".").lower()
        assert _can_be_cut(text, known), text


def _can_be_cut(text, known):
    """Whether ``text`` is clauses of ``known``, joined by and or but."""
    cuts = re.finditer(" (and|but) ", text)
    return text in known or any(
        text[: cut.start()] in known and _can_be_cut(text[cut.end() :], known) for cut in cuts
    )


def copied(mini):
    return lambda source: source


def most_similar(mini):
    """The French of the training sentence with the most words in common."""
    tokenize = mini.src_vocab.tokenizer.tokenize
    known = [(Counter(tokenize(example.source)), example) for example in mini.train]

    def translate(source):
        words = Counter(tokenize(source))

        def overlap(one):
            others, _ = one
            return 2 * sum((words & others).values()) / (sum(words.values()) + sum(others.values()))

        return max(known, key=overlap)[1].references[0]

    return translate


def word_for_word(mini):
    """For each English word what it is aligned with most often."""
    english, french = mini.src_vocab.tokenizer, mini.tgt_vocab.tokenizer
    partners = defaultdict(Counter)
    for example in mini.train:
        tokens = french.tokenize(example.references[0])
        links = example.gold.alignments[example.valid.index(example.references[0])]
        for i, word in enumerate(english.tokenize(example.source)):
            partners[word][tuple(tokens[j] for k, j in links if k == i)] += 1

    def translate(source):
        words = (partners[word].most_common(1)[0][0] for word in english.tokenize(source))
        return french.detokenize([token for aligned in words for token in aligned])

    return translate


@pytest.mark.parametrize("baseline", [copied, most_similar, word_for_word])
def test_mini_is_not_to_be_had_cheaply(baseline, mini):
    examples, translate = mini.test[::4], baseline(mini)
    right = sum(translate(e.source) in e.valid for e in examples)
    assert right / len(examples) < 0.05


def test_mini_turned_round_keeps_splits_apart(mini):
    turned = gs.load_corpus("mini", direction="fr-en")
    listed = [source for split in SPLITS for source in sources(turned, split)]
    assert len(listed) == len(set(listed))
    assert all(e.gold is None for e in turned.train + turned.dev + turned.test)
    lost = turned.report.dropped["its source is in a split before"]
    assert 0 < lost < 60 and turned.report.kept == 3600 - lost
    assert "They are watching." in everything(turned)["Ils regardent."]


def test_lowercase_reaches_gold():
    lowered = gs.load_corpus("mini", lowercase=True)
    assert lowered.train[0].valid == ("ils regardent.", "elles regardent.")


def side_file(tmp_path, line):
    """A folder whose dev.jsonl is ``line``."""
    for split, pair in zip(SPLITS, PAIRS):
        written(tmp_path / f"{split}.tsv", [pair])
    written(tmp_path / "dev.jsonl", [line])
    return tmp_path


GOLD = (
    '{"source": "I see 101 cats.", "phenomena": ["elision"], "references": ['
    '{"text": "Je vois 101 chats.", "p": 0.75, "alignment": "0-0 1-1", "phenomena": ["x"]}, '
    '{"text": "Je vois cent un chats.", "p": 0.25, "alignment": ""}]}'
)


def test_gold_beside_any_folder(tmp_path):
    (example,) = gs.load_corpus(side_file(tmp_path, GOLD)).dev
    assert example.references == ("Je vois 101 chats.",)
    assert example.gold == (
        ("Je vois 101 chats.", "Je vois cent un chats."),
        (0.75, 0.25),
        (((0, 0), (1, 1)), ()),
        (("elision", "x"), ("elision",)),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{}", "not a line as"),
        ("[1, 2]", "not a line as"),
        ("no json", "not a line as"),
        (GOLD.replace("0-0", "0:0"), "not a line as"),
        (GOLD.replace("0.25", '"much"'), "not a line as"),
        (GOLD.replace("0-0", "0-0-0"), "not a line as"),
        (GOLD.replace("0-0", "0-"), "not a line as"),
        (GOLD.replace("0-0", "-1-0"), "not a line as"),
        (GOLD.replace("0-0", "0-" + "9" * 5000), "not a line as"),
        (GOLD.replace('"0-0 1-1"', "[[0, 0]]"), "not a line as"),
        (GOLD.replace('["elision"]', '"elision"'), "not a line as"),
        (GOLD.replace('["x"]', "[7]"), "not a line as"),
        (GOLD.replace("0.25", "1" * 310), "not a line as"),
        (GOLD.replace("0.25", "1" * 5000), "not a line as"),
        ("[" * 4_000 + "]" * 4_000, "not a line as"),
        (GOLD.replace("0.25", "0.2"), "do not sum to 1"),
        (GOLD.replace("0.25", "NaN"), "do not sum to 1"),
        ('{"source": "I see 101 cats.", "phenomena": [], "references": []}', "do not sum to 1"),
        (GOLD.replace("0.75", "1.0").replace("0.25", "0"), "do not sum to 1"),
    ],
)
def test_damaged_gold_names_the_line(line, problem, tmp_path):
    with pytest.raises(DataError, match=rf"dev\.jsonl, line 1: .*{problem}"):
        gs.load_corpus(side_file(tmp_path, line))


# One file, split by the package.


def test_one_file_becomes_three_disjoint_splits(tmp_path):
    loaded = load(tmp_path)
    assert [len(getattr(loaded, split)) for split in SPLITS] == [90, 5, 5]
    assert everything(loaded) == {
        source: (target,) for source, target in (line.split("\t") for line in PAIRS)
    }


def test_split_does_not_depend_on_the_order_of_lines(tmp_path):
    first = load(tmp_path)
    second = load(tmp_path, pairs=random.Random(0).sample(PAIRS, len(PAIRS)))
    for split in SPLITS:
        assert set(sources(first, split)) == set(sources(second, split))
    assert sources(first, "train") != sources(second, "train"), "reading order is kept"


def test_where_a_source_goes_hardly_depends_on_the_others(tmp_path):
    few, all_of_them = load(tmp_path, pairs=PAIRS[:60]), load(tmp_path)
    stayed = set(sources(few, "test")) | set(sources(few, "dev"))
    stayed &= set(sources(all_of_them, "test")) | set(sources(all_of_them, "dev"))
    # 6 of 60 sources, then 10 of 100, by hash: about as many of the 60 are among the second 10.
    assert len(stayed) >= 4


def test_every_reference_of_a_source_is_kept_in_order(tmp_path):
    again = [line.replace("chats", "minous") for line in PAIRS]
    loaded = load(tmp_path, *again)
    assert everything(loaded)["I see 107 cats."] == ("Je vois 107 chats.", "Je vois 107 minous.")
    assert [len(getattr(loaded, split)) for split in SPLITS] == [90, 5, 5]
    assert len(pairs_of(loaded.train)) == 180


def test_vocabularies_come_from_train_alone(tmp_path):
    loaded = load(tmp_path)
    assert "cats" in loaded.src_vocab and "chats" in loaded.tgt_vocab
    for source in sources(loaded, "dev") + sources(loaded, "test"):
        assert source.split()[2] not in loaded.src_vocab


def test_max_vocab_and_min_freq(tmp_path):
    loaded = load(tmp_path, max_vocab=3, min_freq=2)
    assert set(loaded.src_vocab.idx_to_token[4:]) < {"I", "see", "cats", "."}
    assert len(loaded.src_vocab) == 4 + 3
    assert set(load(tmp_path, min_freq=2).src_vocab.idx_to_token[4:]) == {"I", "see", "cats", "."}


# What is dropped, counted, and where it stood first.


def test_report_names_each_reason_with_its_count_and_first_line(tmp_path):
    long = " ".join(["mot"] * 51)
    loaded = load(
        tmp_path,
        "no tab here",  # line 101
        PAIRS[3],
        "\tÀ gauche, rien.",
        "Nothing on the right.\t \u200b",
        f"Long.\t{long}",
        f"Just right.\t{long[4:]}",
        "",
        f"{long}\tLong.",
    )
    path = tmp_path / "pairs.tsv"
    assert loaded.report.read == 108
    assert loaded.report.kept == 101
    assert loaded.report.dropped == {
        "no translation (no tab)": 2,
        "the same pair again": 1,
        "a blank side": 2,
        "a side of more than 50 tokens": 2,
    }
    assert loaded.report.first == {
        "no translation (no tab)": f"{path}, line 101",
        "the same pair again": f"{path}, line 102",
        "a blank side": f"{path}, line 103",
        "a side of more than 50 tokens": f"{path}, line 105",
    }
    shown = str(loaded.report)
    assert "108 pairs read, 101 kept" in shown
    assert f"2 dropped: a blank side (first: {path}, line 103)" in shown


def test_pairs_that_differ_only_in_look_alikes_are_the_same(tmp_path):
    loaded = load(tmp_path, "Don't!\tN'y va pas !", "Don’t!\tN’y va pas\u202f!")
    assert loaded.report.dropped == {"the same pair again": 1}


def test_further_columns_are_ignored(tmp_path):
    loaded = load(tmp_path, "Go.\tVa !\tCC-BY 2.0 (France) Attribution: tatoeba.org #2877272")
    assert everything(loaded)["Go."] == ("Va !",)


def test_max_length(tmp_path):
    assert load(tmp_path, max_length=5).report.kept == 100
    with pytest.raises(DataError, match="no pair is left for train; 100 pairs read, 0 kept"):
        load(tmp_path, max_length=4)


@pytest.mark.parametrize("limit", ["min_freq", "max_vocab", "max_length"])
@pytest.mark.parametrize("value", [0, -1])
def test_limits_out_of_range(limit, value, tmp_path):
    with pytest.raises(UsageError, match=f"{limit} is {value}"):
        load(tmp_path, **{limit: value})


# Direction and case.


def test_direction_is_reversible(tmp_path):
    forth, back = load(tmp_path), load(tmp_path, direction="fr-en")
    turned = {target: (source,) for source, (target,) in everything(forth).items()}
    assert everything(back) == turned
    assert back.src_vocab.tokenizer.language == back.origin["direction"][:2] == "fr"
    assert back.tgt_vocab.tokenizer.language == "en"
    assert "chats" in back.src_vocab and "cats" in back.tgt_vocab


def test_unknown_direction(tmp_path):
    with pytest.raises(UsageError, match="unknown direction 'fr-fr': use en-fr or fr-en"):
        load(tmp_path, direction="fr-fr")


def test_lowercase(tmp_path):
    loaded = load(tmp_path, "ÉTÉ!\tL'ÉTÉ!", lowercase=True)
    assert everything(loaded)["été!"] == ("l'été !",)
    assert "i" in loaded.src_vocab and "I" not in loaded.src_vocab


def test_origin_leads_to_the_same_corpus_again(tmp_path):
    loaded = load(tmp_path, direction="fr-en", lowercase=True, max_length=20)
    again = gs.load_corpus(**loaded.origin)
    assert [getattr(again, split) for split in SPLITS] == [
        getattr(loaded, split) for split in SPLITS
    ]


# Bytes and lines.


def test_bom_and_crlf_leave_no_trace(tmp_path):
    path = written(tmp_path / "windows.tsv", ["\ufeff" + PAIRS[0], *PAIRS[1:]], end="\r\n")
    assert everything(gs.load_corpus(path)) == everything(load(tmp_path))


def test_last_line_needs_no_end(tmp_path):
    path = tmp_path / "open.tsv"
    path.write_text("\n".join(PAIRS), "utf-8")
    assert gs.load_corpus(path).report.read == 100


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_lf_ends_a_line(sign, tmp_path):
    loaded = load(tmp_path, f"One{sign}line.\tUne{sign}ligne.")
    assert loaded.report.read == 101
    assert everything(loaded)["One line."] == ("Une ligne.",)


def test_invalid_utf8_names_file_and_line(tmp_path):
    path = tmp_path / "latin1.tsv"
    path.write_bytes(PAIRS[0].encode() + b"\nSummer\t\xe9t\xe9\n")
    with pytest.raises(DataError, match=r"latin1\.tsv, line 2: not UTF-8 at byte 8") as error:
        gs.load_corpus(path)
    assert "save the file as UTF-8" in str(error.value)


def test_missing_file_names_what_can_be_given(tmp_path):
    with pytest.raises(DataError, match=r"nope\.tsv: no such file; data takes tiny, mini, "):
        gs.load_corpus(tmp_path / "nope.tsv")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_pairs(count, tmp_path):
    with pytest.raises(DataError, match=rf"no pair is left for \w+; {count} pairs read"):
        load(tmp_path, pairs=PAIRS[:count])


def test_three_pairs_are_enough(tmp_path):
    loaded = load(tmp_path, pairs=PAIRS[:3])
    assert [len(getattr(loaded, split)) for split in SPLITS] == [1, 1, 1]


# Archives.


def zipped(path, **texts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in texts.items():
            archive.writestr(f"{name}.txt", "\n".join(lines))
    return path


def test_zip_with_one_text(tmp_path):
    path = zipped(tmp_path / "fra-eng.zip", fra=PAIRS, _about=["About\tthis"])
    assert everything(gs.load_corpus(path)) == everything(load(tmp_path))


@pytest.mark.parametrize("texts", [{}, {"fra": PAIRS, "deu": PAIRS}])
def test_zip_with_another_number_of_texts(texts, tmp_path):
    path = zipped(tmp_path / "texts.zip", **texts)
    with pytest.raises(DataError, match=f"holds {len(texts)} text files, needs exactly one"):
        gs.load_corpus(path)


@pytest.mark.parametrize("where", [40, 100, 200])
def test_damaged_zip(where, tmp_path):
    path = zipped(tmp_path / "damaged.zip", fra=PAIRS)
    content = bytearray(path.read_bytes())
    content[where] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"damaged\.zip.*cannot be read"):
        gs.load_corpus(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_damaged_anywhere_is_a_data_error_or_whole(method, tmp_path):
    with zipfile.ZipFile(tmp_path / "damaged.zip", "w", method) as archive:
        archive.writestr("fra.txt", "\n".join(PAIRS))
    content, refused = (tmp_path / "damaged.zip").read_bytes(), 0
    for where in range(30, len(content), 7):
        flipped = content[:where] + bytes([content[where] ^ 0xFF]) + content[where + 1 :]
        (tmp_path / "damaged.zip").write_bytes(flipped)
        try:
            read = [columns for _, columns in readers.read(tmp_path / "damaged.zip")]
        except DataError as error:
            refused += 1
            assert "damaged.zip" in str(error) and "\n" not in str(error)
        else:
            assert read == [line.split("\t") for line in PAIRS]
    assert refused > len(content) // 7 // 2


@pytest.mark.parametrize(
    "method, mebibytes",
    [(zipfile.ZIP_DEFLATED, 200), (zipfile.ZIP_BZIP2, 200), (zipfile.ZIP_LZMA, 100)],
)
def test_what_unpacks_to_too_much_never_stands_in_memory(method, mebibytes, tmp_path):
    path, size = tmp_path / "zeros.zip", mebibytes * 2**20
    with zipfile.ZipFile(path, "w", method) as archive, archive.open("fra.txt", "w") as stream:
        for _ in range(size // 2**20):
            stream.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"zeros\.zip: unpacks to more than"):
            list(readers.read(path))
        assert tracemalloc.get_traced_memory()[1] < size / 2
    finally:
        tracemalloc.stop()


def test_encrypted_zip(tmp_path):
    path = zipped(tmp_path / "secret.zip", fra=PAIRS)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag that a password is needed
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"secret\.zip"):
        gs.load_corpus(path)


def test_truncated_zip(tmp_path):
    path = zipped(tmp_path / "truncated.zip", fra=PAIRS)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"truncated\.zip"):
        gs.load_corpus(path)


# Folders and parallel files.


def folder(tmp_path, train=PAIRS[:80], dev=PAIRS[80:90], test=PAIRS[90:]):
    for split, lines in zip(SPLITS, (train, dev, test)):
        written(tmp_path / f"{split}.tsv", lines)
    return tmp_path


def test_folder_keeps_its_splits(tmp_path):
    loaded = gs.load_corpus(folder(tmp_path))
    assert [len(getattr(loaded, split)) for split in SPLITS] == [80, 10, 10]
    assert sources(loaded, "test") == [line.split("\t")[0] for line in PAIRS[90:]]


@pytest.mark.parametrize(
    "leaky, named", [({"dev": PAIRS[79:90]}, "train.tsv"), ({"test": PAIRS[89:]}, "dev.tsv")]
)
def test_folder_with_a_source_in_two_splits(leaky, named, tmp_path):
    (other,) = leaky
    with pytest.raises(DataError, match=f"'I see 1.9 cats.' is in {named} and in {other}.tsv"):
        gs.load_corpus(folder(tmp_path, **leaky))


def test_folder_without_test(tmp_path):
    folder(tmp_path).joinpath("test.tsv").unlink()
    with pytest.raises(DataError, match=r"test\.tsv: no such file"):
        gs.load_corpus(tmp_path)


def test_folder_with_an_empty_split(tmp_path):
    with pytest.raises(DataError, match="no pair is left for dev"):
        gs.load_corpus(folder(tmp_path, dev=[]))


def parallel(tmp_path, english=PAIRS, french=PAIRS):
    return (
        written(tmp_path / "text.en", [line.split("\t")[0] for line in english]),
        written(tmp_path / "text.fr", [line.split("\t")[1] for line in french]),
    )


def test_two_parallel_files(tmp_path):
    both = parallel(tmp_path)
    assert everything(gs.load_corpus(*both)) == everything(load(tmp_path))
    turned = gs.load_corpus(*both, direction="fr-en")
    assert everything(turned) == everything(load(tmp_path, direction="fr-en"))


def test_parallel_files_of_unequal_length(tmp_path):
    both = parallel(tmp_path, french=PAIRS[:99])
    with pytest.raises(DataError, match=r"text\.en has 100 lines but .*text\.fr has 99"):
        gs.load_corpus(*both)


def test_parallel_file_that_is_missing(tmp_path):
    english, french = parallel(tmp_path)
    french.unlink()
    with pytest.raises(DataError, match=r"text\.fr: no such file"):
        gs.load_corpus(english, french)


# Tatoeba: beside the checkout, and over the network.


@pytest.mark.slow
def test_all_of_tatoeba(fra):
    assert fra.report.read == 167_130
    assert fra.report.kept > 166_000
    assert len(fra.dev) == len(fra.test) == 2000
    sets = [set(sources(fra, split)) for split in SPLITS]
    assert len(set.union(*sets)) == sum(map(len, sets))
    assert len(pairs_of(fra.train + fra.dev + fra.test)) == fra.report.kept


def test_hash_of_the_text_is_that_of_the_book(fra_zip):
    with zipfile.ZipFile(fra_zip) as archive:
        assert hashlib.sha256(archive.read("fra.txt")).hexdigest() == tatoeba_source.SHA256


def test_address_and_hash_of_the_archive_are_those_of_the_book():
    source = importlib.util.find_spec("d2l").submodule_search_locations[0]
    book = Path(source, "mxnet.py").read_text("utf-8")
    name = tatoeba_source.URL.rpartition("/")[2]
    sha1 = re.search(rf"DATA_URL \+ '{name}',\s*'(\w+)'", book)[1]
    assert f"sha1:{sha1}" == tatoeba_source.ARCHIVE
    data_url = re.search(r"DATA_URL = '(.+)'", book)[1]
    assert tatoeba_source.URL.split("://")[1] == f"{data_url}{name}".split("://")[1]


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one file at /fra-eng.zip and 404 elsewhere."""

    content = b""
    asked = 0

    def do_GET(self):
        type(self).asked += 1
        good = self.path == "/fra-eng.zip"
        self.send_response(200 if good else 404)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def tatoeba(tmp_path, monkeypatch):
    """A local server of a good small archive, and a cache of its own."""
    path = zipped(tmp_path / "source.zip", fra=PAIRS, _about=["About this"])
    content, text = path.read_bytes(), "\n".join(PAIRS).encode("utf-8")
    handler = type("Handler", (Server,), {"content": content})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(tatoeba_source, "URL", f"{url}/fra-eng.zip")
    monkeypatch.setattr(tatoeba_source, "ARCHIVE", f"sha1:{hashlib.sha1(content).hexdigest()}")
    monkeypatch.setattr(tatoeba_source, "SHA256", hashlib.sha256(text).hexdigest())
    server.url, server.handler = url, handler
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def refused(kind):
    """The text of the error, one line that names both ways out."""
    with pytest.raises(kind) as error:
        gs.load_corpus("tatoeba")
    text = str(error.value)
    assert "\n" not in text
    assert "use data='tiny'" in text and "data=PATH of a fra-eng.zip" in text
    return text


def test_download_once(tatoeba, tmp_path):
    loaded = gs.load_corpus("tatoeba")
    assert everything(loaded) == everything(load(tmp_path))
    assert loaded.origin["data"] == "tatoeba"
    gs.load_corpus("tatoeba")
    assert tatoeba.handler.asked == 1


def test_download_with_another_hash(tatoeba, tmp_path, monkeypatch):
    monkeypatch.setattr(tatoeba_source, "ARCHIVE", f"sha1:{'0' * 40}")
    assert tatoeba.url in refused(SystemProblem)
    assert not list((tmp_path / "cache").rglob("*.zip")), "nothing bad stays in the cache"


def test_download_of_another_text(tatoeba, monkeypatch):
    monkeypatch.setattr(tatoeba_source, "SHA256", "0" * 64)
    assert "fra.txt is not the file of the book" in refused(DataError)


def test_download_not_found(tatoeba, monkeypatch):
    monkeypatch.setattr(tatoeba_source, "URL", f"{tatoeba.url}/gone.zip")
    assert f"cannot download {tatoeba.url}/gone.zip" in refused(SystemProblem)


def test_download_with_nobody_there(tatoeba):
    tatoeba.shutdown()
    tatoeba.server_close()
    assert f"cannot download {tatoeba.url}" in refused(SystemProblem)


def test_download_into_a_cache_that_cannot_be_written(tatoeba, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    refused(SystemProblem)


# Sentences that are in memory.

MANY = [tuple(line.split("\t")) for line in PAIRS]


def the_same(found, expected):
    assert everything(found) == everything(expected) and found.sha256() == expected.sha256()
    for side in "src_vocab", "tgt_vocab":
        assert getattr(found, side).to_json() == getattr(expected, side).to_json()


def test_pairs(tmp_path):
    """As from a file of the same lines, whatever holds them; further columns are left out."""
    expected = load(tmp_path)
    for pairs in (
        MANY,
        [list(pair) for pair in MANY],
        iter(MANY),
        np.array(MANY),
        [(*pair, "CC0", 7) for pair in MANY],
        dict(MANY).items(),
        zip(*zip(*MANY)),
    ):
        the_same(gs.load_corpus(pairs), expected)
    the_same(
        gs.load_corpus(MANY, direction="fr-en", max_vocab=np.int64(20)),
        load(tmp_path, direction="fr-en", max_vocab=20),
    )


def test_a_table(tmp_path):
    pandas = pytest.importorskip("pandas", reason="needs pandas: pip install pandas")
    table = pandas.DataFrame(MANY, columns=["English", "French"], index=range(7, 107))
    the_same(gs.load_corpus(table), load(tmp_path))
    the_same(gs.load_corpus(table.assign(licence=1)), load(tmp_path))
    table.loc[200] = None, "Je vois."
    table.loc[201] = "I see.", float("nan")
    table.loc[202] = "I see.", pandas.NA
    found = gs.load_corpus(table)
    the_same(found, load(tmp_path))
    assert found.report.dropped == {"a blank side": 3}
    assert found.report.first == {"a blank side": "pair 101"}


class Table:
    """What is asked of a DataFrame, where pandas is not installed."""

    def __iter__(self):
        return iter(["English", "French"])

    def itertuples(self, index=True, name="Pandas"):
        assert (index, name) == (False, None)
        return iter(MANY)


def test_a_table_needs_no_pandas(tmp_path):
    the_same(gs.load_corpus(Table()), load(tmp_path))


def test_pairs_that_are_dropped_are_counted():
    extra = [("I see 100 cats.", "Je vois 100 chats."), (" ", "Rien."), ("a\x07b", "c")]
    corpus = gs.load_corpus(MANY + extra)
    assert corpus.report.dropped == {"the same pair again": 1, "a blank side": 1}
    assert corpus.report.first["control characters, taken out"] == "pair 103"
    assert "pairs, en-fr" in repr(corpus)
    with pytest.raises(DataError, match="pair 102: a blank side"):
        gs.load_corpus(MANY + extra, strict=True)
    with pytest.raises(DataError, match="pairs: no pair is left for"):
        gs.load_corpus([])


@pytest.mark.parametrize("wrong", ["ab", b"ab", ("a",), 5, None, ("a", 5), (b"a", "b"), ("a", [])])
def test_what_is_no_pair(wrong):
    """A str of two letters would be one."""
    with pytest.raises(UsageError, match=r"^pair 101( is|, column \d, is)"):
        gs.load_corpus([*MANY, wrong])


@pytest.mark.parametrize("wrong", [None, 5, b"tiny", {"I see.": "Je vois."}, "", float("nan")])
def test_what_is_no_data(wrong):
    with pytest.raises(UsageError, match="data is"):
        gs.load_corpus(wrong)


def test_pairs_have_no_second_file(tmp_path):
    with pytest.raises(UsageError, match="use a name, or the path of both files"):
        gs.load_corpus(MANY, tmp_path)


@pytest.mark.parametrize("name", ["max_length", "max_vocab", "min_freq", "subwords"])
def test_limits_that_are_no_whole_numbers(name):
    for wrong in (2.5, "3", True, float("nan"), 0, *([None] if "max" in name else [])):
        with pytest.raises(UsageError, match=rf"{name} is .*: use a whole number of 1 or more"):
            gs.load_corpus("tiny", **{name: wrong})


def test_a_model_of_pairs_says_what_it_needs(tmp_path, small_model):
    corpus = gs.load_corpus(MANY, max_vocab=np.int64(50))
    model = small_model(corpus)
    gs.save_model(model, tmp_path)
    again = gs.load_model(tmp_path, "cpu")
    with pytest.raises(UsageError, match=r"give data="):
        again.corpus_settings()
    settings = again.corpus_settings(str(written(tmp_path / "pairs.tsv", PAIRS)))
    the_same(gs.load_corpus(**settings), corpus)


@pytest.mark.parametrize("kind", ["text", "gzip", "zip"])
def test_a_corpus_from_a_pipe(kind):
    """As of a shell's <(command): it can be read once."""
    text = "".join(f"I see {i} cats.\tJe vois {i} chats.\n" for i in range(40)).encode()
    packed = io.BytesIO(gzip.compress(text) if kind == "gzip" else text)
    if kind == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("pairs.tsv", text)
    reader, writer = os.pipe()
    os.write(writer, packed.getvalue())
    os.close(writer)
    corpus = gs.load_corpus(f"/dev/fd/{reader}")
    os.close(reader)
    assert len(corpus.train + corpus.dev + corpus.test) == 40
