"""Cases 1 to 17: data."""

import ast
import gzip
import unicodedata
import zipfile

import pytest

PAIRS = [f"I see {i} cats.\tJe vois {i} chats." for i in range(40)]
READ = """
import sys, gluon_seq2seq as gs
from gluon_seq2seq.corpus.examples import pairs_of
corpus = gs.load_corpus(sys.argv[1], strict="--strict" in sys.argv)
pairs = pairs_of(corpus.train + corpus.dev + corpus.test)
print(corpus.report)
print(sorted(pairs))
"""


def lines(*more):
    return "\n".join([*PAIRS, *more, ""])


def read(bench, path, *options):
    """The report and the pairs of a file that has to be usable."""
    report, _, pairs = bench.works(path, *options, program=READ).stdout.rstrip().rpartition("\n")
    return report, ast.literal_eval(pairs)


def test_01_unequal_line_counts(bench):
    """two files of 40 and 39 lines -> 3, both named with their counts"""
    bench.write("in.en", "\n".join(f"cat {i}" for i in range(40)) + "\n")
    bench.write("in.fr", "\n".join(f"chat {i}" for i in range(39)) + "\n")
    says = "in.en has 40 lines", "in.fr has 39", "one translation a line"
    bench.fails(3, says, *bench.train("in.en", "out", "--target", "in.fr"))


@pytest.mark.parametrize("content", [None, ""])
def test_02_missing_or_empty(bench, content):
    """a file that is missing or empty -> 3, the file named"""
    if content is not None:
        bench.write("in.tsv", content)
    says = "in.tsv", "no such file" if content is None else "0 pairs read"
    bench.fails(3, says, *bench.train("in.tsv", "out"))


def test_03_everything_filtered(bench):
    """no pair passes the filters -> 3, counts and first line of each reason"""
    bench.write("in.tsv", "\n".join(["word " * 60 + "\tmot"] * 40))
    says = "40 pairs read, 0 kept", "40 dropped: a side of more than 50 tokens", "line 1"
    bench.fails(3, says, *bench.train("in.tsv", "out"))


def test_04_one_blank_side(bench):
    """one side blank -> skipped and counted; --strict: 3, the line named"""
    path = bench.write("in.tsv", lines("Hello.\t  ", "\tSalut.", "\t"))
    report, pairs = read(bench, path)
    assert len(pairs) == 40
    assert f"3 dropped: a blank side (first: {path}, line 41)" in report
    bench.fails(3, ["in.tsv, line 41", "a blank side"], *bench.train("in.tsv", "out", "--strict"))


def test_05_invalid_utf8(bench):
    """a byte that is not UTF-8 -> 3, line and byte named"""
    bench.write("in.tsv", lines().encode() + b"caf\xe9\tcaf\xe9\n")
    bench.fails(3, ["in.tsv, line 41: not UTF-8 at byte 4"], *bench.train("in.tsv", "out"))


def test_06_bom(bench):
    """a byte order mark -> no trace of it"""
    assert read(bench, bench.write("in.tsv", "\ufeff" + lines()))[1] == same()


def same():
    return sorted(tuple(pair.split("\t")) for pair in PAIRS)


def test_07_crlf(bench):
    """CRLF -> as LF"""
    assert read(bench, bench.write("in.tsv", lines().replace("\n", "\r\n")))[1] == same()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_08_utf16(bench, encoding):
    """UTF-16, with a mark or without -> 3, says so"""
    bench.write("in.tsv", lines().encode(encoding))
    bench.fails(3, ["in.tsv: looks like UTF-16: save"], *bench.train("in.tsv", "out"))


def test_09_control_bytes(bench):
    """NUL and control bytes -> taken out and counted; --strict: 3, the line named"""
    path = bench.write("in.tsv", lines("a\0b\x1b[31mc\td\x07e"))
    report, pairs = read(bench, path)
    assert ("ab[31mc", "de") in pairs
    assert f"1 mended: control characters, taken out (first: {path}, line 41)" in report
    bench.fails(3, ["in.tsv, line 41", "control"], *bench.train("in.tsv", "out", "--strict"))


def test_10_signs_that_end_lines_elsewhere(bench):
    """U+2028, U+0085, \\x0b inside a line -> a space; both files stay aligned"""
    signs = "\u2028\u2029\x85\x0b\x0c\x1c"
    bench.write("in.en", "".join(f"a{i}{sign}b\n" for i, sign in enumerate(signs * 7)))
    bench.write("in.fr", "".join(f"c{i}\n" for i in range(7 * len(signs))))
    program = READ.replace("load_corpus(sys.argv[1]", "load_corpus('in.en', 'in.fr'")
    pairs = ast.literal_eval(bench.works(program=program).stdout.splitlines()[-1])
    assert set(pairs) == {(f"a{i} b", f"c{i}") for i in range(7 * len(signs))}


def test_11_spaces_that_do_not_break(bench):
    """NBSP and U+202F -> a space, the same pair as with plain ones"""
    path = bench.write("in.tsv", lines("It is\u00a0ten.\tDix\u202f!", "It is ten.\tDix !"))
    report, pairs = read(bench, path)
    assert ("It is ten.", "Dix !") in pairs
    assert "1 dropped: the same pair again" in report


def test_12_one_two_three_columns(bench):
    """one column -> skipped and counted, --strict: 3; further columns are left out"""
    path = bench.write("in.tsv", lines("only one", "I run.\tJe cours.\tCC-BY 2.0\tmore"))
    report, pairs = read(bench, path)
    assert ("I run.", "Je cours.") in pairs and len(pairs) == 41
    assert f"1 dropped: no translation (no tab) (first: {path}, line 41)" in report
    bench.fails(3, ["in.tsv, line 41", "no tab"], *bench.train("in.tsv", "out", "--strict"))


def test_13_over_long_lines(bench):
    """more tokens than --max-length -> skipped and counted; --strict: 3"""
    path = bench.write("in.tsv", lines("word " * 51 + "\tmot"))
    assert (
        f"1 dropped: a side of more than 50 tokens (first: {path}, line 41)" in read(bench, path)[0]
    )
    bench.fails(3, ["in.tsv, line 41", "50"], *bench.train("in.tsv", "out", "--strict"))


@pytest.mark.slow
def test_14_a_line_of_10_mb(bench, trained):
    """a line of 10 MB -> skipped in training; in translation blank, or 3, the line named"""
    path = bench.write("in.tsv", lines("x" * 5_000_000 + "\t" + "y " * 2_500_000))
    assert "1 dropped: a side of more than 10,000 characters" in read(bench, path)[0]
    bench.write("in.txt", "Hello.\n" + "word " * 2_000_000 + "\n")
    arguments = "translate", "--model", trained, "--input", "in.txt", "--output", "out.txt"
    says = "in.txt, line 2", "more than 10,000 characters"
    bench.fails(3, says, *arguments, "--too-long", "stop")
    assert not (bench / "out.txt").exists()
    assert bench.run(*arguments).code == 3
    assert (bench / "out.txt").read_text("utf-8").split("\n")[1:] == ["", ""]


def test_15_literal_special_tokens(bench):
    """ "<eos>" and "<unk>" as text -> text, and back"""
    path = bench.write("in.tsv", lines("<eos> <pad>\t<unk> </s> <bos>"))
    assert ("<eos> <pad>", "<unk> </s> <bos>") in read(bench, path)[1]
    program = """
import gluon_seq2seq as gs
text, corpus = "a <eos> b <unk>", gs.load_corpus("in.tsv")
ids = corpus.tgt_vocab.encode(text)
assert ids.count(2) == 1 == ids[::-1].index(2) + 1, ids
assert gs.Tokenizer("fr").detokenize(gs.Tokenizer("fr").tokenize(text)) == text
"""
    bench.works(program=program)


def test_16_nfc_is_nfd(bench):
    """NFD -> the same pairs as NFC"""
    text = lines("Voilà l'été.\tÇa, c'est où ?")
    nfd = read(bench, bench.write("nfd.tsv", unicodedata.normalize("NFD", text)))
    nfc = read(bench, bench.write("nfc.tsv", text))
    assert nfd == nfc and ("Voilà l'été.", "Ça, c'est où ?") in nfc[1]


def test_17_gzip(bench):
    """gzip -> read; false, cut or exploding archives -> 3, the file named"""
    packed = gzip.compress(lines().encode())
    assert read(bench, bench.write("in.tsv.gz", packed))[1] == same()
    for side, name in enumerate(("in.en.gz", "in.fr.gz")):
        content = "".join(pair.split("\t")[side] + "\n" for pair in PAIRS)
        bench.write(name, gzip.compress(content.encode()))
    program = READ.replace("load_corpus(sys.argv[1]", "load_corpus('in.en.gz', 'in.fr.gz'")
    assert ast.literal_eval(bench.works(program=program).stdout.splitlines()[-1]) == same()
    bench.write("cut.gz", packed[: len(packed) // 2])
    bench.write("false.gz", lines())
    bench.write("bomb.gz", gzip.compress(bytes(50_000_000)))
    with zipfile.ZipFile(bench / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../fra.txt", bytes(50_000_000))
    for name, says in (
        ("cut.gz", "cannot be read"),
        ("false.gz", "is not a gzip file"),
        ("bomb.gz", "unpacks to more than"),
        ("bomb.zip", "unpacks to more than"),
    ):
        bench.fails(3, [name, says], *bench.train(name, "out"))
