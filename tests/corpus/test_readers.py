"""Tables and JSON as programs write them: read right, or refused with a line that says why."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import gluon_seq2seq as gs
from gluon_seq2seq import DataError, UsageError
from gluon_seq2seq.corpus import readers
from gluon_seq2seq.corpus.readers.lines import Note
from gluon_seq2seq.text.languages import code_of

EN, FR = "en", "fr"
PAIRS = [(f"I see {n} cats, and a dog.", f"Je vois {n} chats, et un chien.") for n in range(20)]


class Skipped(list):
    """What a reader says that it leaves out: ``(reason, place)``."""

    def __call__(self, reason, place):
        self.append((reason, place))

    def pairs(self):
        """Those that lose a pair."""
        return [(str(reason), place) for reason, place in self if not isinstance(reason, Note)]


def found(path, source=EN, target=FR, columns=None, turned=False, skipped=None):
    """The pairs of a file."""
    wanted = readers.Wanted(
        source, target, columns, Skipped() if skipped is None else skipped, turned
    )
    return [tuple(line[:2]) for _, line in readers.read(path, wanted)]


def made(tmp_path, name, content):
    """A file of these bytes, or of this text as it is."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def table(rows, delimiter=",", **how):
    """Rows as :mod:`csv` writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, **how).writerows(rows)
    return text.getvalue()


def turned(pairs):
    return [pair[::-1] for pair in pairs]


# Tables.


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("header", [[], [("English", "French")], [("source", "target")]])
def test_csv(delimiter, quoting, header, tmp_path):
    """Excel of Europe writes semicolons; the sentences have commas."""
    path = made(tmp_path, "a.csv", table([*header, *PAIRS], delimiter, quoting=quoting))
    skipped = Skipped()
    assert found(path, skipped=skipped) == PAIRS
    assert skipped == [(readers.HEADER, f"{path}, line 1")] * len(header)


HEADERS = {
    ("French", "English"): True,
    ("fr", "en"): True,
    ("fra", "eng"): True,
    ("fr-FR", "en_US"): True,
    ("français", "anglais"): True,
    ("法语", "英语"): True,
    ("English", "French"): False,
    ("src", "tgt"): False,
    ("Source", "Target"): False,
    ("Front", "Back"): False,
    ("sentence", "translation"): False,
    ("English", "translation"): False,
    ("translation", "English"): True,
    ("sentence_fr", "text en"): True,
    ("French (original)", "English sentence"): True,
}


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
@pytest.mark.parametrize("header", HEADERS, ids="-".join)
def test_a_header_says_which_column_is_which(header, name, tmp_path):
    delimiter = "," if name.endswith("csv") else "\t"
    rows = turned(PAIRS) if HEADERS[header] else PAIRS
    path = made(tmp_path, name, table([header, *rows], delimiter))
    skipped = Skipped()
    assert found(path, skipped=skipped) == PAIRS
    assert skipped == [(readers.HEADER, f"{path}, line 1")]
    assert found(path, FR, EN, turned=True) == turned(PAIRS)


@pytest.mark.parametrize(
    "first",
    [
        ("French", "français"),  # of a list of words
        ("it", "to"),
        ("No.", "Non."),
        ("Question", "Question"),
        ("I speak English.", "Je parle français."),
    ],
)
def test_a_pair_is_no_header(first, tmp_path):
    skipped = Skipped()
    path = made(tmp_path, "a.tsv", table([first, *PAIRS], "\t"))
    assert found(path, skipped=skipped) == [first, *PAIRS] and not skipped
    assert found(path, "pl", "en") == [first, *PAIRS]


def test_a_header_of_other_languages(tmp_path):
    path = made(tmp_path, "a.csv", table([("German", "English"), *PAIRS]))
    with pytest.raises(DataError, match=r"a\.csv: its columns are German, English, not en and fr"):
        found(path)
    assert found(path, "de", "en") == PAIRS and found(path, "en", "de") == turned(PAIRS)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_columns(name, tmp_path):
    """By numbers and by names; an index and a score stand between."""
    rows = [(n, fr, 0.5, en) for n, (en, fr) in enumerate(PAIRS)]
    delimiter = "," if name.endswith("csv") else "\t"
    header = ("", "Satz 2", "score", "Satz 1")
    path = made(tmp_path, name, table([header, *rows], delimiter))
    for columns in ("Satz 1", "satz 2"), (4, "Satz 2"):
        assert found(path, columns=columns) == PAIRS
    path = made(tmp_path, name, table(rows, delimiter))
    assert found(path, columns=(4, 2)) == PAIRS
    assert found(path, columns=(2, 4), turned=True) == turned(PAIRS)
    with pytest.raises(UsageError, match="no header names a column 'x': use numbers"):
        found(path, columns=("x", 2))
    path = made(tmp_path, name, table([("id", "French", "score", "English"), *rows], delimiter))
    with pytest.raises(UsageError, match="has no column 'en', but 'id', 'French', 'score'"):
        found(path, columns=("en", "fr"))
    path = made(tmp_path, name, table([("id", "fr", "score", "en"), *rows], delimiter))
    assert found(path) == PAIRS and found(path, FR, EN) == turned(PAIRS)


def test_a_column_that_lines_have_not(tmp_path):
    path, skipped = made(tmp_path, "a.tsv", "a\tb\tc\nd\te\nf\n"), Skipped()
    assert found(path, columns=(1, 3), skipped=skipped) == [("a", "c")]
    assert skipped == [
        ("no column 3", f"{path}, line 2"),
        ("no translation (no tab)", f"{path}, line 3"),
    ]


def test_the_reason_names_the_format(tmp_path):
    path, skipped = made(tmp_path, "a.csv", "a;b\nc;d\ne\n"), Skipped()
    assert found(path, skipped=skipped) == [("a", "b"), ("c", "d")]
    assert skipped == [("no translation (no semicolon)", f"{path}, line 3")]


def test_a_comma_without_quotes(tmp_path):
    """Half a sentence is no translation of the other half."""
    skipped = Skipped()
    text = table(PAIRS) + "Yes, I do.,Oui.\n"
    assert found(made(tmp_path, "a.csv", text), skipped=skipped) == PAIRS
    ((reason, place),) = skipped
    assert "more columns than others (a comma without quotes" in reason and "line 21" in place


def test_announced(tmp_path):
    """As Excel reads it, which shows the first line to nobody."""
    path = made(tmp_path, "a.csv", "sep=;\r\n" + table([("fr", "en"), *turned(PAIRS)], ";"))
    assert found(path) == PAIRS
    lines = readers.read(path, readers.Wanted(EN, FR))
    assert next(lines)[0] == f"{path}, line 3"


def test_one_row_and_none(tmp_path):
    assert found(made(tmp_path, "a.csv", "I see.,Je vois.")) == [("I see.", "Je vois.")]
    assert found(made(tmp_path, "a.csv", "")) == found(made(tmp_path, "a.tsv", b"")) == []


def test_lines_in_a_field(tmp_path):
    rows = [("One.\nTwo.", "Un.\r\nDeux."), *PAIRS]
    for name, delimiter in ("a.csv", ","), ("a.tsv", "\t"):
        path = made(tmp_path, name, table(rows, delimiter))
        lines = list(readers.read(path, readers.Wanted(EN, FR)))
        assert [tuple(pair) for _, pair in lines] == rows
        assert [place.rpartition(" ")[2] for place, _ in lines[:2]] == ["1", "4"]


TATOEBA = """"Hello," he said.\t"Bonjour", dit-il.
He said: "Hello."\tIl a dit : « Bonjour. »
"Wait!\t"Attends !
"Run."\tCours.
That's 5".\tC'est 5".
"""


@pytest.mark.parametrize("line", [*TATOEBA.splitlines(), TATOEBA.rstrip("\n")])
def test_quotes_of_sentences_stay(line, tmp_path):
    """As in Tatoeba's files, where some open one and none closes it."""
    text = "I see.\tJe vois.\n" + line + "\nYou see.\tTu vois.\n"
    skipped = Skipped()
    expected = [tuple(line.split("\t")) for line in text.splitlines()]
    assert found(made(tmp_path, "fra.txt", text), skipped=skipped) == expected and not skipped


def test_quotes_of_a_table_go(tmp_path):
    rows = [('"Hello," he said.', "Il a dit « Bonjour »."), ("Go.", 'Va "là".')]
    for quoting in csv.QUOTE_ALL, csv.QUOTE_MINIMAL:
        for header in [], [("English", "French")]:
            text = table([*header, *rows], "\t", quoting=quoting)
            assert found(made(tmp_path, "a.tsv", text)) == rows
    text = "English\tFrench\n" + table(PAIRS, "\t", quoting=csv.QUOTE_ALL)
    assert found(made(tmp_path, "a.tsv", text)) == PAIRS


def test_quotes_of_a_spreadsheet(tmp_path):
    """Excel's "Text (tab delimited)" puts quotes around what has a comma or a quote."""
    text = '"Yes, I do."\tOui.\nGo.\tVa.\n"He said ""no""."\tIl a dit non.\n'
    expected = [("Yes, I do.", "Oui."), ("Go.", "Va."), ('He said "no".', "Il a dit non.")]
    assert found(made(tmp_path, "a.txt", text)) == expected
    assert found(made(tmp_path, "a.txt", '"Yes, I do."\tOui.\nGo.\tVa.\n')) == expected[:2]
    text = '"Yes, I do."\tOui.\nGo, now.\tVa.\n'  # a comma without
    assert found(made(tmp_path, "a.txt", text))[0] == ('"Yes, I do."', "Oui.")
    text = '"Go, now."\tVa.\n"Run."\tCours.\n'  # quotes without a reason
    assert found(made(tmp_path, "a.txt", text))[1] == ('"Run."', "Cours.")


def test_all_of_fra_eng_is_as_it_was(fra_zip):
    """No line of the 167,130 is taken for another thing, whatever quotes it has."""
    import zipfile

    with zipfile.ZipFile(fra_zip) as archive:
        lines = archive.read("fra.txt").decode("utf-8").split("\n")[:-1]
    skipped = Skipped()
    read = readers.read(fra_zip, readers.Wanted(EN, FR, None, skipped))
    assert [line for _, line in read] == [line.split("\t") for line in lines]
    assert [reason for reason, _ in skipped] == ["a file beside fra.txt, not read"] * len(skipped)


def test_a_quote_that_never_closes(tmp_path):
    text = table(PAIRS) + '"Never,jamais\n' + "a,b\n" * 3
    with pytest.raises(DataError, match=r"a\.csv, line 21: a quote is opened and never closed"):
        found(made(tmp_path, "a.csv", text))


def test_quotes_that_make_no_sense(tmp_path):
    text, skipped = table(PAIRS) + '"Hi" he said.,Salut.\nBye.,Ciao.\n', Skipped()
    path = made(tmp_path, "a.csv", text)
    assert found(path, skipped=skipped) == [*PAIRS, ("Bye.", "Ciao.")]
    assert [place for _, place in skipped.pairs()] == [f"{path}, line 21"]


def test_commas_in_a_text_file(tmp_path):
    """Sentences have commas: they part columns where all is quoted, or a header says so."""
    text = table(PAIRS, quoting=csv.QUOTE_ALL)
    assert found(made(tmp_path, "a.txt", text)) == PAIRS
    assert found(made(tmp_path, "a.txt", table([("en", "fr"), *PAIRS]))) == PAIRS
    quoted = 'He said: "No, never."', "Il a dit « Non »."
    text = table([*PAIRS, quoted], quoting=csv.QUOTE_ALL)
    assert found(made(tmp_path, "a.txt", text)) == [*PAIRS, quoted]
    with pytest.raises(DataError, match=r"b\.txt: has no tab .*\.csv, and with a text of one lang"):
        found(made(tmp_path, "b.txt", "Yes, I do.\nNo, I do not.\n"))


def test_bars(tmp_path):
    text = "".join(f"{en} ||| {fr}\n" for en, fr in PAIRS)
    assert found(made(tmp_path, "a.txt", text)) == PAIRS


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.jsonl"])
def test_lines_of_old_macs_and_of_windows(name, tmp_path):
    if name == "a.jsonl":
        text = "".join(json.dumps({"en": en, "fr": fr}) + "\n" for en, fr in PAIRS)
    else:
        text = table(PAIRS, "," if name == "a.csv" else "\t", lineterminator="\n")
    for end in "\r", "\r\n":
        assert found(made(tmp_path, name, "\ufeff" + text.replace("\n", end))) == PAIRS


def test_not_utf_8(tmp_path):
    for name, delimiter in ("a.csv", ";"), ("a.tsv", "\t"):
        text = table([*PAIRS, ("Summer", "été")], delimiter).encode("cp1252")
        with pytest.raises(DataError, match=rf"{name}, line 21: not UTF-8 at byte 8 of the line"):
            found(made(tmp_path, name, text))
        with pytest.raises(DataError, match=f"{name}: looks like UTF-16"):
            found(made(tmp_path, name, table(PAIRS, delimiter).encode("utf-16")))


# JSON.

RECORDS = {
    "of Hugging Face": lambda en, fr: {"translation": {"en": en, "fr": fr}},
    "turned round": lambda en, fr: {"id": 7, "translation": {"fr": fr, "en": en}},
    "codes": lambda en, fr: {"en": en, "fr": fr, "de": "Ich sehe."},
    "three letters": lambda en, fr: {"score": 0.5, "fra": fr, "eng": en},
    "names": lambda en, fr: {"English": en, "French": fr},
    "beside words": lambda en, fr: {"id_fr": "7", "id_en": "8", "sentence_fr": fr, "text_en": en},
    "source and target": lambda en, fr: {"target": fr, "source": en, "lang": "en"},
    "arrays": lambda en, fr: [en, fr],
}


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt"])
@pytest.mark.parametrize("form", ["lines", "array", "pretty", "object"])
def test_json(kind, name, form, tmp_path):
    records = [RECORDS[kind](*pair) for pair in PAIRS]
    text = {
        "lines": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records),
        "array": json.dumps(records),
        "pretty": json.dumps(records, indent=1),
        "object": json.dumps({"version": 1, "data": records}, indent=1),
    }[form]
    assert found(made(tmp_path, name, text)) == PAIRS


def test_json_that_is_no_pair(tmp_path):
    lines = ['{"en": "a", "fr": "b"}', '{"en": "a", "fr": null}', "{", "", '"a"', "[1]", '{"x": 1}']
    path, skipped = made(tmp_path, "a.jsonl", "\n".join(lines)), Skipped()
    assert found(path, skipped=skipped) == [("a", "b")]
    assert [(reason, place.rpartition(" ")[2]) for reason, place in skipped] == [
        ("a side that is no text", "2"),
        ("no JSON", "3"),
        ("a blank line", "4"),
        ("no JSON", "5"),
        ("no object with two texts", "6"),
        ("other keys than in the objects before", "7"),
    ]


def test_keys_that_do_not_say(tmp_path):
    path = made(tmp_path, "a.jsonl", '{"q": "I see.", "a": "Je vois.", "n": "1"}\n')
    with pytest.raises(DataError, match=r"a\.jsonl, line 1: its keys are 'q', 'a', 'n', of which"):
        found(path)
    for columns in ("q", "a"), (1, 2):
        assert found(path, columns=columns) == [("I see.", "Je vois.")]
    with pytest.raises(UsageError, match="line 1: has 3 keys: give columns="):
        found(path, columns=(1, 4))
    with pytest.raises(UsageError, match="line 1: has no column 'b', but 'q', 'a', 'n'"):
        found(path, columns=("q", "b"))
    path = made(tmp_path, "a.jsonl", '{"translation": {"de": "a", "en": "b"}}\n')
    with pytest.raises(DataError, match="its keys are 'de', 'en', of which none says en and fr"):
        found(path)


# Any pairs, by the standard library and back.

SIDES = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12
) | st.text(st.sampled_from("a\"',;\t\n\r |"), max_size=8)
ROWS = st.lists(st.tuples(SIDES, SIDES), max_size=6)
anything = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIRST = ("They see a cat.", "Ils voient un chat.")


@anything
@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
@example([("1", "2"), ('"', '"')], csv.QUOTE_MINIMAL)
@example(2 * [("\n\n\n0", "0\n")], csv.QUOTE_ALL)  # more lines within fields than rows
@pytest.mark.parametrize("name, delimiter", [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_any_pairs_as_a_table(tmp_path, name, delimiter, rows, quoting):
    rows = [("English", "French"), FIRST, *rows]
    path = made(tmp_path, name, table(rows, delimiter, quoting=quoting))
    skipped = Skipped()
    assert found(path, skipped=skipped) == rows[1:] and not skipped.pairs()


@anything
@given(ROWS, st.booleans())
def test_any_pairs_as_json(tmp_path, rows, ascii):
    records = [{"translation": {"en": en, "fr": fr}} for en, fr in rows]
    lines = [json.dumps(one, ensure_ascii=ascii) + "\n" for one in records]
    assert found(made(tmp_path, "a.jsonl", "".join(lines))) == rows
    assert found(made(tmp_path, "a.json", json.dumps(records, ensure_ascii=ascii))) == rows


# From the command line and from Python.


def test_a_corpus_says_what_was_skipped(tmp_path):
    path = made(tmp_path, "a.csv", table([("fr", "en"), *turned(PAIRS), ("seul",)]))
    corpus = gs.load_corpus(path)
    examples = [*corpus.train, *corpus.dev, *corpus.test]
    assert sorted((e.source, *e.references) for e in examples) == sorted(PAIRS)
    assert corpus.report.read == 21 and corpus.report.kept == 20
    assert corpus.report.dropped == {"no translation (no comma)": 1}
    assert f"1 noted: a header line (first: {path}, line 1)" in str(corpus.report)
    with pytest.raises(DataError, match=r"a\.csv, line 22: no translation \(no comma\)"):
        gs.load_corpus(path, strict=True)


def test_columns_on_the_command_line(tmp_path, run_cli):
    rows = [(n, fr, "x", en) for n, (en, fr) in enumerate(PAIRS)]
    path = made(tmp_path, "a.csv", table(rows, ";"))
    words = "train", "--data", path, "--columns", "4,2", "--epochs", 1, "--embed-size", 8
    done = run_cli(*words, "--num-hiddens", 8, "--device", "cpu", "--out", tmp_path / "out")
    assert done.code == 0 and "20 pairs read, 20 kept" in done.stdout, done.stderr
    scored = run_cli(
        *("evaluate", "--model", tmp_path / "out", "--data", path, "--columns", "4,2"),
        *("--device", "cpu", "--split", "all"),
    )
    assert scored.code == 0 and "20 sources" in scored.stdout, scored.stderr


@pytest.mark.parametrize(
    "name, code",
    [
        ("fr", "fr"),
        ("FRA", "fr"),
        ("fre", "fr"),
        ("French", "fr"),
        ("[Français]", "fr"),
        ("cmn", "zh"),
        ("zh-CN", "zh"),
        ("zh_Hant", "zh"),
        ("Norwegian Bokmål", "nb"),
        ("pt_BR", "pt"),
        ("deutsch", "de"),
        ("日本語", "ja"),
        ("sentence", None),
        ("id-number", None),
        ("", None),
        ("\\N", None),
    ],
)
def test_what_languages_are_called(name, code):
    assert code_of(name) == code
