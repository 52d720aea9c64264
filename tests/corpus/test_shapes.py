"""Every shape of file that people have, through load_corpus: read right, or refused, or said.

The pairs are compared with those that went in; a refusal is one line that names the way out.
"""

import csv
import gzip
import json
import re
import uuid
from pathlib import Path

import openpyxl
import pytest
from test_markup import a_catalogue, a_tmx, an_xliff, an_xliff_2, escaped, sgm, subtitles
from test_packed import PACKERS, zipped
from test_readers import made, table, turned

import gluon_seq2seq as gs
from gluon_seq2seq import DataError
from gluon_seq2seq.corpus.examples import pairs_of

MINI = Path(__file__).parents[2] / "data" / "mini" / "dev.tsv"
PAIRS = [
    *(tuple(line.split("\t")[:2]) for line in MINI.read_text("utf-8").splitlines()[:56]),
    ("Yes, I know that, she said.", "Oui, je le sais, a-t-elle dit."),
    ('He said "no" to all of us.', "Il nous a dit « non » à tous."),
    ("It is five o'clock; we are late.", "Il est cinq heures, nous sommes en retard."),
    ("Where is the key, please?", "Où est la clé, s'il vous plaît ?"),
]
EN, FR = map(list, zip(*PAIRS))
NUMBERED = [(n, *pair) for n, pair in enumerate(PAIRS)]
CHINESE = [
    (f"他在第{n}个学校里有一本新书。", f"He has a new book in school {n}.") for n in range(40)
]
READ, TURNED = "read", "read, turned round"  # what is to come of a file; else what is said of it


def tsv(rows, quoted=False):
    how = {"quoting": csv.QUOTE_ALL} if quoted else {"quoting": csv.QUOTE_NONE, "quotechar": None}
    return table(rows, "\t", lineterminator="\n", **how)


def lines(texts):
    return "".join(f"{text}\n" for text in texts)


def records(make):
    return lines(json.dumps(make(*pair)) for pair in PAIRS)


def xlsx(rows):
    def write(folder):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / "a.xlsx")
        return [folder / "a.xlsx"]

    return write


def tatoeba(folder):
    made(folder, "sentences.csv", lines(f"{n}\teng\t{en}" for n, en, _ in NUMBERED))
    with open(folder / "sentences.csv", "a", encoding="utf-8") as f:
        f.writelines(f"{1000 + n}\tfra\t{fr}\n" for n, _, fr in NUMBERED)
    made(folder, "links.csv", lines(f"{n}\t{1000 + n}" for n, _, _ in NUMBERED))
    return [folder]


def tatoeba_as_two(folder):
    tatoeba(folder)
    return [folder / "sentences.csv", folder / "links.csv"]


def units(tag, inner):
    made_of = (inner.format(escaped(en), escaped(fr)) for en, fr in PAIRS)
    return "".join(f'<{tag} id="{n}">{unit}</{tag}>\n' for n, unit in enumerate(made_of))


TMX = a_tmx([tuple(map(escaped, pair)) for pair in PAIRS])
XLIFF = an_xliff(units("trans-unit", "<source>{}</source><target>{}</target>"))
XLIFF_2 = an_xliff_2(
    units("unit", "<segment><source>{}</source><target>{}</target></segment>"), 'trgLang="fr"'
)
PO = a_catalogue(*({"msgid": en, "msgstr": fr} for en, fr in PAIRS))
SGM = [sgm("srcset", EN), sgm("refset", FR, 'trglang="fr"')]
SRT = [
    subtitles(*((3000 * n + late, 3000 * n + 2000, text) for n, text in enumerate(side)))
    for side, late in ((EN, 0), (FR, 200))
]
WMT = '<?xml version="1.0"?>\n<dataset id="x"><doc id="d"><src lang="en">{}</src>{}</doc></dataset>'
WMT = WMT.format(
    *(
        way.format("".join(f'<seg id="{n}">{escaped(t)}</seg>' for n, t in enumerate(side)))
        for side, way in ((EN, "{}"), (FR, '<ref lang="fr">{}</ref>'))
    )
)
ANKI = "#separator:tab\n#html:false\n#guid column:1\n#tags column:4\n"
EXCHANGE = "the sources read as French, the targets as English: exchange the sides"
COLUMNS = "say which columns hold these, counted from 1, with columns="

SHAPES = {
    # name: (files by name or a function that writes them, options of load_corpus, what comes of it)
    "TSV": ({"a.tsv": tsv(PAIRS)}, {}, READ),
    "TSV, a byte order mark and CRLF": (
        {"a.txt": "\ufeff" + tsv(PAIRS).replace("\n", "\r\n")},
        {},
        READ,
    ),
    "TSV, old Mac": ({"a.tsv": tsv(PAIRS).replace("\n", "\r")}, {}, READ),
    "TSV, quoted": ({"a.tsv": tsv(PAIRS, quoted=True)}, {}, READ),
    "TSV, a header": ({"a.tsv": tsv([("English", "French"), *PAIRS])}, {}, READ),
    "TSV, a header, French first": ({"a.tsv": tsv([("fra", "eng"), *turned(PAIRS)])}, {}, READ),
    "TSV, a header with regions": (
        {"a.tsv": tsv([("English (US)", "Français"), *PAIRS])},
        {},
        READ,
    ),
    "TSV, an unknown header": (
        {"a.tsv": tsv([("Satz A", "Satz B"), *PAIRS])},
        {},
        "'Satz A' and 'Satz B' may name columns",
    ),
    "TSV, French first": ({"a.tsv": tsv(turned(PAIRS))}, {}, EXCHANGE),
    "TSV, French first, asked so": (
        {"a.tsv": tsv(turned(PAIRS))},
        {"source_lang": "fr", "target_lang": "en"},
        TURNED,
    ),
    "TSV, French first, by columns": ({"a.tsv": tsv(turned(PAIRS))}, {"columns": (2, 1)}, READ),
    "TSV, fr-en": ({"a.tsv": tsv(PAIRS)}, {"direction": "fr-en"}, TURNED),
    "TSV, a quarter swapped": (
        {"a.tsv": tsv(pair[:: -1 if n % 4 == 1 else 1] for n, pair in enumerate(PAIRS))},
        {},
        "of the pairs look swapped, French where English belongs",
    ),
    "TSV, Chinese read as French": (
        {"a.tsv": tsv(CHINESE)},
        {},
        "the targets read as English, the sources as Chinese: give source_lang='zh'",
    ),
    "TSV, a target in Chinese": (
        {"a.tsv": tsv(turned(CHINESE))},
        {},
        "than like Chinese: give target_lang='zh'",
    ),
    "TSV, an index": ({"a.tsv": tsv(NUMBERED)}, {}, f"are numbers, no sentences: {COLUMNS}"),
    "TSV, an index, columns named": ({"a.tsv": tsv(NUMBERED)}, {"columns": (2, 3)}, READ),
    "TSV, a score between": (
        {"a.tsv": tsv((en, f"0.{n}", fr) for n, en, fr in NUMBERED)},
        {},
        f"the targets are numbers, no sentences: {COLUMNS}",
    ),
    "TSV, addresses": (
        {"a.tsv": tsv((f"https://a.org/{n}", en, fr) for n, en, fr in NUMBERED)},
        {},
        f"addresses of the web, no sentences: {COLUMNS}",
    ),
    "TSV, ids of documents": (
        {"a.tsv": tsv((f"doc{n // 9}.{n}", en, fr) for n, en, fr in NUMBERED)},
        {},
        f"the targets read as English, the sources as no language: {COLUMNS}",
    ),
    "TSV, hashes": (
        {"a.tsv": tsv((uuid.UUID(int=7919**9 * (n + 1)), en, fr) for n, en, fr in NUMBERED)},
        {},
        f"the sources are ids, no sentences: {COLUMNS}",
    ),
    "TSV, codes of languages": (
        {"a.tsv": tsv(("en", en, "fr", fr) for en, fr in PAIRS)},
        {},
        f"the sources are 1 label such as 'en': {COLUMNS}",
    ),
    "TSV, an empty column": (
        {"a.tsv": tsv(("", *pair) for pair in PAIRS)},
        {},
        "a blank side .*say which columns hold them with columns=",
    ),
    "TSV, both sides the same": (
        {"a.tsv": tsv((en, en) for en in EN)},
        {},
        "both sides are the sam",
    ),
    "TSV, entities and tags": (
        {
            "a.tsv": tsv(
                (en.replace("'", "&apos;"), fr.replace("e", "<b>e</b>", 1)) for en, fr in PAIRS
            )
        },
        {},
        READ,
    ),
    "TSV, UTF-16": ({"a.tsv": tsv(PAIRS).encode("utf-16")}, {}, "looks like UTF-16: save the fi"),
    "TSV, Latin-1": ({"a.tsv": tsv(PAIRS).encode("cp1252")}, {}, r"line \d+: not UTF-8 at byte"),
    "CSV": ({"a.csv": table(PAIRS)}, {}, READ),
    "CSV, semicolons": ({"a.csv": table(PAIRS, ";")}, {}, READ),
    "CSV, bars": ({"a.csv": table(PAIRS, "|")}, {}, READ),
    "CSV, quoted by backslashes": (
        {"a.csv": table(PAIRS, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\")},
        {},
        READ,
    ),
    "CSV, single quotes": (
        {"a.csv": table(PAIRS, "|", quoting=csv.QUOTE_ALL, quotechar="'")},
        {},
        READ,
    ),
    "CSV, all quoted, called .txt": ({"a.txt": table(PAIRS, quoting=csv.QUOTE_ALL)}, {}, READ),
    "CSV called .txt": ({"a.txt": table(PAIRS)}, {}, "has no tab .*the ending .csv"),
    "CSV, four columns with a header": (
        {"a.csv": table([("id", "fr", "en", "note"), *((n, f, e, "x") for n, e, f in NUMBERED)])},
        {},
        READ,
    ),
    "CSV, columns by name, fr-en": (
        {"a.csv": table([("id", "A", "B"), *NUMBERED])},
        {"columns": ("B", "A"), "direction": "fr-en"},
        TURNED,
    ),
    "a sentence a line": ({"a.txt": lines(EN)}, {}, "has no tab .*as target="),
    "one side, by its name": ({"a.en": lines(EN)}, {}, "is one side of two, by its name"),
    "||| as Moses has it": ({"a.txt": lines(map(" ||| ".join, PAIRS))}, {}, READ),
    "two texts": ({"a.1": lines(EN), "a.2": lines(FR)}, {}, READ),
    "two texts, named, the other way": ({"a.fr": lines(FR), "a.en": lines(EN)}, {}, READ),
    "two texts, named, fr-en": (
        {"a.fr": lines(FR), "a.en": lines(EN)},
        {"direction": "fr-en"},
        TURNED,
    ),
    "two texts, the other way": ({"a.1": lines(FR), "a.2": lines(EN)}, {}, EXCHANGE),
    "two texts, old Mac and Linux": (
        {"a.1": lines(EN).replace("\n", "\r"), "a.2": lines(FR)},
        {},
        READ,
    ),
    "two texts, old Macs, one shorter": (
        {name: lines(side).replace("\n", "\r") for name, side in (("a.1", EN), ("a.2", FR[1:]))},
        {},
        "has 60 lines but .*a.2 has 59",
    ),
    "two texts with headers": ({"a.1": lines(["en", *EN]), "a.2": lines(["fr", *FR])}, {}, READ),
    "two tables": (
        {"a.1": lines(f"{n}\t{t}" for n, t in enumerate(EN)), "a.2": lines(FR)},
        {},
        "a.1: has tabs, as a table does",
    ),
    "two CSV of one column": (
        {"en.csv": table((t,) for t in EN), "fr.csv": table((t,) for t in FR)},
        {},
        "en.csv: is CSV, with quotes around sentences",
    ),
    "OPUS, zipped": (
        {"a.zip": zipped(**{"OS.en-fr.en": lines(EN), "OS.en-fr.fr": lines(FR), "README": "x"})},
        {},
        READ,
    ),
    "OPUS, other languages asked for": (
        {"a.zip": zipped(**{"OS.en-fr.en": lines(EN), "OS.en-fr.fr": lines(FR)})},
        {"source_lang": "zh", "target_lang": "en"},
        "needs exactly one, or one in each language, zh and en: OS.en-fr.en, OS.en-fr.fr: unpack",
    ),
    "Tatoeba's pairs": (
        {"a.tsv": tsv((1000 + n, en, 2000 + n, fr) for n, en, fr in NUMBERED)},
        {},
        READ,
    ),
    "Tatoeba's sentences and links": (tatoeba, {}, READ),
    "Tatoeba's sentences and links, as two": (tatoeba_as_two, {}, READ),
    "Tatoeba's sentences": (
        {"sentences.csv": lines(f"{n}\teng\t{en}" for n, en, _ in NUMBERED)},
        {},
        "list of sentences, which does not say what translates what: put links.csv",
    ),
    "Anki's text": (
        {"a.txt": ANKI + table([(f"a{n}", e, f, "x") for n, e, f in NUMBERED], "\t")},
        {},
        READ,
    ),
    "JSON lines, of Hugging Face": (
        {"a.jsonl": records(lambda en, fr: {"translation": {"fr": fr, "en": en}})},
        {},
        READ,
    ),
    "JSON lines, flat": (
        {"a.json": records(lambda en, fr: {"id": 1, "fr": fr, "en": en})},
        {},
        READ,
    ),
    "JSON lines, input and output": (
        {"a.jsonl": records(lambda en, fr: {"input": en, "output": fr})},
        {},
        READ,
    ),
    "JSON lines, src_text and tgt_text": (
        {"a.jsonl": records(lambda en, fr: {"tgt_text": fr, "src_text": en})},
        {},
        READ,
    ),
    "JSON lines, other keys": (
        {"a.jsonl": records(lambda en, fr: {"q": en, "a": fr})},
        {},
        "its keys are 'q', 'a', of which none says en and fr: give columns=",
    ),
    "JSON, one line with a schema": (
        {
            "a.json": json.dumps(
                {"schema": {"x": 1, "y": 2}, "data": [dict(zip(("en", "fr"), p)) for p in PAIRS]}
            )
        },
        {},
        READ,
    ),
    "JSON by columns": (
        {"a.json": json.dumps({"en": EN, "fr": FR})},
        {},
        "is JSON by columns: write an object a pair",
    ),
    "TMX": ({"a.tmx": TMX}, {}, READ),
    "TMX called .txt, fr-en": ({"a.txt": TMX}, {"direction": "fr-en"}, TURNED),
    "TMX, other languages": (
        {"a.tmx": TMX},
        {"source_lang": "de", "target_lang": "en"},
        "its languages are en, fr, not de and en",
    ),
    "TMX beside a text": ({"a.tmx": TMX, "a.fr": lines(FR)}, {}, "is TMX, which holds both sides"),
    "XLIFF 1.2": ({"a.xlf": XLIFF}, {}, READ),
    "XLIFF 2.0": ({"a.xlf": XLIFF_2}, {"direction": "fr-en"}, TURNED),
    "gettext": ({"a.po": PO}, {}, READ),
    "gettext, another language": (
        {"a.po": PO},
        {"source_lang": "en", "target_lang": "de"},
        "its languages are fr, not en and de",
    ),
    "WMT's SGML": (dict(zip(("a.1", "a.2"), SGM)), {}, READ),
    "WMT's SGML, the other way": (
        dict(zip(("a.2", "a.1"), SGM[::-1])),
        {},
        "a.2: is in fr, not en: give the two files the other way",
    ),
    "WMT's SGML beside a text": (
        {"a.1": SGM[0], "a.2": lines(FR)},
        {},
        "a.1: is WMT SGML, and .*a.2 is not: give two files of it",
    ),
    "WMT's XML": ({"a.xml": WMT}, {}, READ),
    "SubRip": (dict(zip(("a.en.srt", "a.fr.srt"), SRT)), {}, READ),
    "SubRip called .txt, fr-en": (
        dict(zip(("1.txt", "2.txt"), SRT)),
        {"direction": "fr-en"},
        TURNED,
    ),
    "SubRip, one": ({"a.srt": SRT[0]}, {}, "is SubRip, which holds one side: give the other file"),
    "WebVTT": ({"a.vtt": "WEBVTT\n\n" + SRT[0]}, {}, "is WebVTT subtitles: save them as SubRip"),
    "SubStation": ({"a.ass": "\ufeff[Script Info]\n"}, {}, "is SubStation subtitles: save them as"),
    "Excel": (xlsx([("source", "target"), *PAIRS]), {}, READ),
    "Excel, columns by name": (
        xlsx([("id", "A", "B"), *NUMBERED]),
        {"columns": ("A", "B")},
        READ,
    ),
    "Excel, three columns": (xlsx(NUMBERED), {}, r"has the columns 1 \(0\), 2 .*: say which two"),
    "an archive of two tables": (
        {"a.zip": zipped(**{"a.tsv": tsv(PAIRS), "b.tsv": tsv(PAIRS)})},
        {},
        "holds 2 text files, needs exactly one, .*a.tsv, b.tsv: unpack it",
    ),
    **{
        f"packed by {kind}, called .tsv": ({"a.tsv": PACKERS[kind](tsv(PAIRS).encode())}, {}, READ)
        for kind in PACKERS
    },
    "CSV in gzip": ({"a.csv.gz": gzip.compress(table(PAIRS, ";").encode())}, {}, READ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shape(shape, tmp_path):
    files, options, expected = SHAPES[shape]
    if callable(files):
        paths = files(tmp_path)
    else:
        paths = [made(tmp_path, name, content) for name, content in files.items()]
    try:
        corpus = gs.load_corpus(*paths, **options)
    except DataError as error:
        said = str(error)
        assert re.search(expected, said) and str(tmp_path) in said and "\n" not in said, said
        return
    found = pairs_of([*corpus.train, *corpus.dev, *corpus.test])
    if expected in (READ, TURNED):
        assert sorted(found) == sorted(turned(PAIRS) if expected == TURNED else PAIRS)
        assert not corpus.report.doubted and not corpus.report.dropped
    else:
        (doubt,) = corpus.report.doubted
        assert expected in doubt
