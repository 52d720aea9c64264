"""Formats that programs write: pairs are compared with what went into the file."""

import io
import zipfile
from pathlib import Path

import jupyter_server
import openpyxl
import polib
import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from gluon_seq2seq import DataError
from gluon_seq2seq.corpus.readers.lines import Note, Wanted
from gluon_seq2seq.corpus.readers.markup import FORMATS, po, sgml, srt, tmx, wmt_xml, xliff, xlsx
from gluon_seq2seq.corpus.readers.markup.placeholders import accelerator, placeholders
from gluon_seq2seq.corpus.readers.markup.xml import root_of

JUPYTER = Path(jupyter_server.__file__).parent / "i18n"
PAIRS = [
    ("The red door is open.", "La porte rouge est ouverte."),
    ("Do not feed the goats & geese!", "Ne donnez rien aux chèvres et aux oies !"),
    ("Is 3 < 4?", "3 < 4 ?"),
]


class Read(list):
    """The pairs of a file; ``places``, and ``skipped``: reasons and places."""

    def __init__(self, format, *files, **wanted):
        self.skipped, self.places = [], []
        wanted = Wanted(skipped=lambda *what: self.skipped.append(what), **wanted)
        files = [one.encode("utf-8") if isinstance(one, str) else one for one in files]
        named = [(f"file{i}", one) for i, one in enumerate(files)]
        read = (
            format.read(*named[0], wanted) if len(named) == 1 else format.read_two(*named, wanted)
        )
        for place, (source, target) in read:
            self.places.append(place)
            self.append((source, target))

    def reasons(self):
        return [reason for reason, _ in self.skipped]


def refused(format, *files, **wanted):
    with pytest.raises(DataError) as error:
        Read(format, *files, **wanted)
    assert "\n" not in str(error.value)
    return str(error.value)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def a_tmx(pairs, source="en", target="fr", head="", header="en", attribute="xml:lang"):
    units = "".join(
        f'<tu><tuv {attribute}="{source}"><seg>{en}</seg></tuv>\n'
        f'<tuv {attribute}="{target}"><seg>{fr}</seg></tuv></tu>\n'
        for en, fr in pairs
    )
    return f'{head}<tmx version="1.4"><header srclang="{header}"/><body>\n{units}</body></tmx>'


WRITTEN = [tuple(map(escaped, pair)) for pair in PAIRS]


# --- TMX --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "iso-8859-1"])
def test_tmx_in_the_encoding_that_it_declares(encoding):
    doctype = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
    declared = encoding.replace("-sig", "")
    head = f'<?xml version="1.0" encoding="{declared}"?>\n{doctype}<!-- kept -->\n'
    content = a_tmx(WRITTEN, "EN-gb", "fr_FR", head).encode(encoding)
    assert tmx.recognises("memory.xml", content)
    assert Read(tmx, content, source_lang="en", target_lang="fr") == PAIRS
    assert Read(tmx, content) == PAIRS
    turned = [pair[::-1] for pair in PAIRS]
    assert Read(tmx, content, source_lang="fr", target_lang="en") == turned
    assert Read(tmx, content, source_lang="fr") == turned
    assert Read(tmx, content, target_lang="en") == turned
    read = Read(tmx, content, source_lang="en", target_lang="fr")
    assert read.places == [f"file0, line {5 + 2 * i}" for i in range(3)]


def test_tmx_1_1_says_lang():
    assert Read(tmx, a_tmx(WRITTEN, attribute="lang")) == PAIRS


def test_tmx_many_encodings_that_expat_does_not_know():
    pair = ("Good evening.", "晚上好。")
    head = '<?xml version="1.0" encoding="gb18030"?>'
    assert Read(tmx, a_tmx([pair], "en", "zh-CN", head).encode("gb18030")) == [pair]


def test_tmx_the_content_of_inline_codes_is_no_text():
    seg = (
        'Press <bpt i="1">&lt;b></bpt>the <hi>big</hi> button<ept i="1">&lt;/b></ept>'
        '<ph>&lt;br/></ph>now<it pos="begin">{<sub>a note</sub>}</it>.'
    )
    read = Read(tmx, a_tmx([(seg, "<hi>Appuyez !</hi>")]))
    assert read == [("Press the big button now.", "Appuyez !")]
    assert read.reasons() == [tmx.TAGS_GONE] and isinstance(tmx.TAGS_GONE, Note)


def test_tmx_what_is_left_out_is_said():
    body = (
        '<tu><tuv xml:lang="en"><seg>Alone.</seg></tuv></tu>\n'
        '<tu><tuv xml:lang="en"><seg>Empty.</seg></tuv><tuv xml:lang="fr"><seg/></tuv></tu>\n'
        '<tu><tuv xml:lang="en-US"><seg>A lift.</seg></tuv><tuv xml:lang="en-GB"><seg>A lift!</seg>'
        '</tuv><tuv xml:lang="fr"><seg>Un ascenseur.</seg></tuv><tuv xml:lang="de"/></tu>\n'
    )
    content = f'<tmx version="1.4"><header srclang="*all*"/><body>\n{body}</body></tmx>'
    read = Read(tmx, content, source_lang="en-GB", target_lang="fr")
    assert read == [("A lift!", "Un ascenseur.")]
    assert read.skipped == [
        ("a unit without fr", "file0, line 2"),
        ("an empty side", "file0, line 3"),
        ("a further variant in en-GB", "file0, line 4"),
    ]


def test_tmx_languages_that_it_has_not():
    three = a_tmx(WRITTEN, "en", "fr").replace("<body>", f"<body>{_unit('de', 'Ja.')}")
    assert "its languages are de, en, fr, not en and es" in refused(
        tmx, three, source_lang="en", target_lang="es"
    )
    assert "say which two" in refused(tmx, three)
    assert "say which two" in refused(tmx, three, source_lang="en")
    assert "not es" in refused(tmx, three, source_lang="es")


def _unit(language, text):
    return f'<tu><tuv xml:lang="{language}"><seg>{text}</seg></tuv></tu>'


# --- XML that is damaged or is not to be trusted ----------------------------------------------


def test_xml_damage_is_told_with_its_line():
    content = a_tmx(WRITTEN)
    assert "file0, line 6: no XML" in refused(tmx, content[: content.index("<tuv", 300)])
    assert "file0, line 1: no XML" in refused(tmx, content.replace("<body>", "<body></tmx>"))
    bad = content.encode().replace("chèvres".encode(), b"ch\xe8vres")
    assert "file0, line 5: is not UTF-8" in refused(tmx, bad)
    assert "encoding 'klingon'" in refused(
        tmx, f'<?xml version="1.0" encoding="klingon"?>{content}'
    )
    assert "is no TMX" in refused(tmx, "<html><body/></html>")
    assert "is no XLIFF" in refused(xliff, "<html><body/></html>")


def test_xml_may_declare_no_entities_and_use_none():
    content = a_tmx([("One &word;.", "Un mot.")])
    declared = f'<!DOCTYPE tmx [<!ENTITY word "word">]>\n{content}'
    assert "file0, line 1: declares an entity, word" in refused(tmx, declared)
    external = f'<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n{content}'
    assert "file0, line 3: &word; is not declared" in refused(tmx, external)
    assert "file0, line 2: no XML" in refused(tmx, content)


def test_xml_nested_too_deeply():
    deep = "<hi>" * 500 + "x" + "</hi>" * 500
    assert "nested too deeply" in refused(tmx, a_tmx([(deep, "y")]))


def test_a_large_file_is_read_record_by_record():
    """That what has been read is no longer held."""
    import tracemalloc

    content = a_tmx([(f"Number {i} is {'long ' * 200}.", "Un.") for i in range(2000)]).encode()
    wanted = Wanted("en", "fr")
    tracemalloc.start()
    try:
        assert sum(1 for _ in tmx.read("big", content, wanted)) == 2000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(content) / 2


# --- XLIFF ------------------------------------------------------------------------------------


def an_xliff(units, source="en", target="fr"):
    return (
        '<?xml version="1.0"?>\n<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"'
        ' xmlns:x="urn:x">\n'
        f'<file source-language="{source}" target-language="{target}" datatype="x" original="a">'
        f"<body><group>\n{units}</group></body></file></xliff>"
    )


def an_xliff_2(units, target='trgLang="fr"'):
    return (
        f'<xliff version="2.0" srcLang="en-US" {target} '
        'xmlns="urn:oasis:names:tc:xliff:document:2.0" xmlns:mtc="urn:mtc">\n'
        f'<file id="f">\n{units}</file></xliff>'
    )


def test_xliff_1_2():
    units = "".join(
        f'<trans-unit id="{i}"><source>{en}</source><target state="translated">{fr}</target>'
        f"<alt-trans><source>No.</source><target>Non.</target></alt-trans></trans-unit>\n"
        for i, (en, fr) in enumerate(WRITTEN)
    )
    content = an_xliff(units)
    assert xliff.recognises("x", content.encode("utf-16"))
    read = Read(xliff, content.encode("utf-16"))
    assert read == PAIRS and read.places[0] == "file0, line 4"
    assert Read(xliff, content, source_lang="fr", target_lang="en") == [p[::-1] for p in PAIRS]
    wrong = refused(xliff, content, source_lang="en", target_lang="de")
    assert "its languages are en, fr, not en and de" in wrong


def test_xliff_1_2_what_is_left_out_is_said():
    units = """<trans-unit id="1"><source>One.</source></trans-unit>
<trans-unit id="2"><source>Two.</source><target/></trans-unit>
<trans-unit id="3"><source>Three.</source><target state="new">Three.</target></trans-unit>
<trans-unit id="4"><source>Four.</source>
<target state="needs-review-translation">Cinq.</target></trans-unit>
<trans-unit id="5">
<source>Click <g id="a">here<x id="b" ctype="lb"/>now</g><ph id="c">%s</ph>.</source>
<target>Cliquez <g id="a">ici<x id="b"/></g>.</target></trans-unit>
"""
    read = Read(xliff, an_xliff(units))
    assert read == [("Click here now.", "Cliquez ici.")]
    assert read.reasons() == [
        *["untranslated"] * 3,
        "fuzzy: to be reviewed",
        xliff.TAGS_GONE,
    ]
    assert read.skipped[3][1] == "file0, line 7"


def test_xliff_1_2_sentences_that_are_marked():
    marked = '<mrk mtype="seg" mid="{}">{}</mrk>'.format
    unit = (
        '<trans-unit id="1"><source>One. Two.</source><seg-source>{}</seg-source>'
        "<target>{}</target></trans-unit>"
    ).format
    source = marked(1, "One.") + " " + marked(2, "<g id='1'>Two.</g>")
    both = unit(source, marked(1, "Un.") + " " + marked(2, "Deux."))
    one = unit(source, marked(1, "Un et deux."))
    assert Read(xliff, an_xliff(both + one)) == [
        ("One.", "Un."),
        ("Two.", "Deux."),
        ("One. Two.", "Un et deux."),
    ]


@pytest.mark.parametrize("name", ["", 'mid="1"'])
def test_xliff_1_2_sentences_that_are_marked_alike(name):
    """Where nothing tells them from one another the unit is read as a whole, and none is lost."""
    marked = f'<mrk mtype="seg" {name}>{{}}</mrk>'.format
    unit = (
        f"<trans-unit><source>One. Two.</source><seg-source>{marked('One.')} {marked('Two.')}"
        f"</seg-source><target>{marked('Un.')} {marked('Deux.')}</target></trans-unit>"
    )
    assert Read(xliff, an_xliff(unit)) == [("One. Two.", "Un. Deux.")]


def test_xliff_2_0():
    units = """<unit id="u1"><mtc:matches><mtc:match><source>No.</source><target>Non.</target>
</mtc:match></mtc:matches><segment>
<source>Hello <pc id="1">there</pc>,<ph id="2" subType="xlf:lb"/>you.</source>
<target>Bonjour à <pc id="1">toi</pc>.</target></segment><ignorable><source> </source></ignorable>
<segment state="initial"><source>New.</source><target>New.</target></segment>
<segment state="final"><source>Old.</source><target>Vieux.</target></segment></unit>
<unit id="u2"><segment><source>Missing.</source></segment></unit>
"""
    content = an_xliff_2(units)
    read = Read(xliff, content, source_lang="en", target_lang="fr")
    assert read == [("Hello there, you.", "Bonjour à toi."), ("Old.", "Vieux.")]
    assert read.reasons() == [xliff.TAGS_GONE, "untranslated", "untranslated"]
    assert Read(xliff, an_xliff_2(units, ""), target_lang="fr") == read


# --- gettext ----------------------------------------------------------------------------------


def a_catalogue(*entries, language="fr", forms="nplurals=2; plural=(n > 1);"):
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Language": language,
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": forms,
    }
    catalogue.extend(polib.POEntry(**entry) for entry in entries)
    return str(catalogue)


def test_po():
    content = a_catalogue(*({"msgid": en, "msgstr": fr} for en, fr in PAIRS))
    assert po.recognises("x", content.encode()) and not po.recognises("x", b"msgid = 4\n")
    read = Read(po, content, source_lang="en", target_lang="fr")
    assert read == PAIRS
    assert [content.split("\n")[int(p.split()[-1]) - 1] for p in read.places] == [
        f'msgid "{en}"' for en, _ in PAIRS
    ]
    assert Read(po, content, source_lang="fr", target_lang="en") == [p[::-1] for p in PAIRS]
    assert "its languages are fr, not en and de" in refused(
        po, content, source_lang="en", target_lang="de"
    )


def test_po_what_is_left_out_is_said():
    read = Read(
        po,
        a_catalogue(
            {"msgid": "New.", "msgstr": ""},
            {"msgid": "Fuzzy.", "msgstr": "Flou.", "flags": ["fuzzy"]},
            {"msgid": "May", "msgstr": "mai", "msgctxt": "month"},
            {"msgid": "May", "msgstr": "Peut", "msgctxt": "verb"},
            {"msgid": "Old.", "msgstr": "Vieux.", "obsolete": True},
            {"msgid": "Two\nlines of %(name)s\n", "msgstr": "Deux\nlignes de %(name)s\n"},
            {"msgid": "E_xit", "msgstr": "_Quitter"},
            {"msgid": "&Print…", "msgstr": "打印(&P)…"},
            {"msgid": "AT&T", "msgstr": "AT&T"},
        ),
    )
    assert read == [
        ("May", "mai"),
        ("May", "Peut"),
        ("Two lines of %(name)s", "Deux lignes de %(name)s"),
        ("E_xit", "_Quitter"),
        ("Print…", "打印…"),
        ("AT&T", "AT&T"),
    ]
    assert sorted(read.reasons()) == sorted(
        ["the header", "untranslated", "fuzzy: to be reviewed", "obsolete", po.MARK_GONE]
    )


@pytest.mark.parametrize(
    "language, forms, texts, pairs",
    [
        ("fr", "nplurals=2; plural=(n > 1);", ["%d fichier", "%d fichiers"], [0, 1]),
        ("zh_CN", "nplurals=1; plural=0;", ["%d 个文件"], [0, 0]),
        (
            "pl",
            "nplurals=3; plural=n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;",
            ["%d plik", "%d pliki", "%d plików"],
            [0, 2],
        ),
    ],
)
def test_po_plural_forms(language, forms, texts, pairs):
    entry = {
        "msgid": "%d file",
        "msgid_plural": "%d files",
        "msgstr_plural": dict(enumerate(texts)),
    }
    read = Read(po, a_catalogue(entry, language=language, forms=forms))
    assert read == [("%d file", texts[pairs[0]]), ("%d files", texts[pairs[1]])]
    assert ("plural forms beyond two" in read.reasons()) == (len(texts) > 2)


def test_po_a_singular_without_its_number_is_no_pair():
    entry = {"msgid": "One file", "msgid_plural": "%d files", "msgstr_plural": {0: "%d 个文件"}}
    read = Read(po, a_catalogue(entry, language="zh_CN", forms="nplurals=1; plural=0;"))
    assert read == [("%d files", "%d 个文件")]
    assert "a plural form with other placeholders than its source" in read.reasons()


@pytest.mark.parametrize(
    "damage, line",
    [('msgid "a\nmsgstr "b"\n', 1), ('msgid "a"\nmsgstr "b"\n\nhello\n', 4), ('msgstr "b"\n', 1)],
)
def test_po_damage_is_told_with_its_line(damage, line):
    assert f"file0, line {line}: " in refused(po, damage)


def test_po_in_the_encoding_that_it_declares():
    content = a_catalogue({"msgid": "Goat", "msgstr": "Chèvre"})
    content = content.replace("charset=UTF-8", "charset=ISO-8859-1")
    assert Read(po, content.encode("latin-1")) == [("Goat", "Chèvre")]
    assert "is not UTF-8" in refused(po, content.replace("ISO-8859-1", "UTF-8").encode("latin-1"))


@pytest.mark.parametrize(
    "text, found",
    [
        ("&File", ("File", "&", "F")),
        ("E_xit", None),
        ("S&ave as…", ("Save as…", "&", "A")),
        ("_Open", ("Open", "_", "O")),
        ("文件(_F)", ("文件", "_", "F")),
        ("R&D", None),
        ("Q & A", None),
        ("&amp; more", None),
        ("%(user_name)s", None),
        ("snake_case", None),
        ("__init__", None),
        ("&Save && &close", None),
    ],
)
def test_accelerators(text, found):
    assert accelerator(text) == found


def test_placeholders():
    text = "%s %(name)s %1$s %-5.2f %% {0} {name!r:>5} {{ a }} ${b} $c %1 %L2 {} %@"
    assert sorted(placeholders(text)) == sorted([*text.replace("{{ a }} ", "").split(), "{{ a }}"])
    assert not placeholders("100% sure, 5 % of it, {a sentence}, $5")


def test_catalogues_of_jupyter_as_babel_reads_them():
    """d2l brings Jupyter, whose server has real ones in Chinese."""
    for path in sorted(JUPYTER.glob("**/*.po")):
        content = path.read_bytes()
        read = Read(po, content, source_lang="en", target_lang="zh")
        theirs = [
            tuple(" ".join(text.split()) for text in (message.id, message.string))
            for message in read_po(io.BytesIO(content))
            if isinstance(message.id, str) and message.id and message.string and not message.fuzzy
        ]
        ours = [pair for pair in read if pair in theirs]
        assert len(theirs) > 50 and sorted(ours) == sorted(theirs)
    assert len(list(JUPYTER.glob("**/*.po"))) > 1


# --- WMT --------------------------------------------------------------------------------------


def sgm(kind, texts, attributes="", reverse=False):
    segments = [f'<SEG id="{i}">{text}</SEG>' for i, text in enumerate(texts, 1)]
    segments = segments[::-1] if reverse else segments
    body = "\n".join(segments)
    return (
        f'<{kind} setid="s" srclang="any" {attributes}>\n<doc docid="d" sysid="x">\n<hl>\n{body}\n'
        f"</hl>\n</doc>\n</{kind}>\n"
    )


def test_wmt_sgml_is_joined_by_ids():
    source = sgm("srcset", ["The red door is open.", "Goats & geese &lt;3.", "AT&amp;T", "Alone."])
    target = sgm(
        "refset",
        ["La porte est ouverte.", "Chèvres < 3.", "AT&T", "", "Cinq."],
        'trglang="fr"',
        True,
    )
    assert sgml.recognises("x", source.encode())
    read = Read(sgml, source, target, source_lang="en", target_lang="fr")
    assert read == [
        ("The red door is open.", "La porte est ouverte."),
        ("Goats & geese <3.", "Chèvres < 3."),
        ("AT&T", "AT&T"),
    ]
    assert read.places[0] == "file0, line 4"
    assert read.skipped == [
        ("an empty side", "file0, line 7"),
        ("a seg that file0 has not", "file1, line 4"),
    ]
    assert "in fr, not de" in refused(sgml, source, target, target_lang="de")
    assert "give the other file" in refused(sgml, source)
    other = target.replace('docid="d"', 'docid="e"')
    assert "no doc and seg in common" in refused(sgml, source, other)
    assert "line 4: a <seg> without </seg>" in refused(sgml, source[:75], target)


def test_wmt_xml():
    def side(name, language, texts, more=""):
        segments = "".join(f'<seg id="{i}">{escaped(t)}</seg>\n' for i, t in enumerate(texts))
        return f'<{name} lang="{language}" {more}><p>\n{segments}</p></{name}>'

    sources, targets = zip(*PAIRS)
    references = side("ref", "fr", targets, 'translator="A"') + side("ref", "fr", ["b"])
    content = (
        '<?xml version="1.0" encoding="utf-8"?>\n<dataset id="t"><collection><doc id="d" '
        f'origlang="en">{side("src", "en", [*sources, "More."])}{references}'
        f"{side('hyp', 'fr', ['h'])}</doc><doc/></collection></dataset>"
    )
    assert wmt_xml.recognises("x", content.encode()) and not tmx.recognises("x", content.encode())
    read = Read(wmt_xml, content, source_lang="en", target_lang="fr")
    assert read == PAIRS and read.places[0] == "file0, line 3"
    assert read.reasons() == [
        "a further reference of a document",
        "a seg without a reference",
        "a document without src or ref",
    ]
    assert Read(wmt_xml, content, source_lang="fr", target_lang="en") == [p[::-1] for p in PAIRS]
    assert "are en, fr, not de" in refused(wmt_xml, content, source_lang="de")


def test_wmt_xml_of_two_segments_with_one_id():
    """As in SGML: the first counts, and what is left out is said."""
    both = '<seg id="1">{}</seg><seg id="1">{}</seg>'.format
    content = (
        f'<dataset><doc><src lang="en">{both("One.", "Two.")}</src>\n'
        f'<ref lang="fr">{both("Un.", "Deux.")}</ref></doc></dataset>'
    )
    read = Read(wmt_xml, content)
    assert read == [("One.", "Un.")]
    assert read.skipped == [
        ("a further seg with the id 1", "file0, line 1"),
        ("a further seg with the id 1", "file0, line 2"),
    ]


# --- SubRip -----------------------------------------------------------------------------------


def subtitles(*cues, number=1):
    def time(ms):
        return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"

    return "".join(
        f"{i}\r\n{time(begin)} --> {time(end)}\r\n{text}\r\n\r\n"
        for i, (begin, end, text) in enumerate(cues, number)
    )


ENGLISH = [
    (1000, 2500, "Good evening,\r\n<i>Mrs. Brown.</i>"),
    (3000, 4000, "The rain has stopped."),
    (4100, 5500, "{\\an8}We can go now."),
    (9000, 9900, "♪"),
    (20000, 22000, "17"),
]
FRENCH = [
    (1100, 2400, "Bonsoir, madame Brown."),
    (2900, 5600, "La pluie a cessé,\r\n\r\nnous pouvons partir."),
    (12000, 13000, "Rien."),
    (20100, 22000, "17"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_subrip_is_joined_by_time(encoding):
    files = [subtitles(*cues).encode(encoding) for cues in (ENGLISH, FRENCH)]
    assert srt.recognises("x", files[0])
    read = Read(srt, *files)
    assert read == [
        ("Good evening, Mrs. Brown.", "Bonsoir, madame Brown."),
        ("The rain has stopped. We can go now.", "La pluie a cessé, nous pouvons partir."),
        ("17", "17"),
    ]
    assert read.places == ["file0, line 2", "file0, line 7", "file0, line 19"]
    assert read.skipped == [
        ("a subtitle without one at its time in the other file", "file0, line 15"),
        ("a subtitle without one at its time in the other file", "file1, line 12"),
    ]


def test_subrip_refused():
    first = subtitles(*ENGLISH)
    later = subtitles(*((begin + 60000, end + 60000, text) for begin, end, text in FRENCH))
    assert "only 0 of 9 subtitles are shown at the same time" in refused(srt, first, later)
    assert "give the other file" in refused(srt, first)
    broken = first.replace("00:00:03,000", "00:00:3x")
    assert "file0, line 7: no times of a subtitle" in refused(srt, broken, first)
    assert "file0, line 1: text without a time" in refused(srt, "Hello\n" + first[1:], first)
    assert "file1, line 2: text without a time" in refused(srt, first, "Hello\nthere\n")


CUES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 60)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=12,
)


@settings(deadline=None, max_examples=200)
@given(CUES, CUES)
def test_subrip_groups_are_the_connected_parts_of_what_overlaps(sources, targets):
    """Against all pairs and a search through them."""
    make = [[srt.Cue(i, b, e, 0, 0, "") for i, (b, e) in enumerate(s)] for s in (sources, targets)]
    nodes = [(side, i) for side in (0, 1) for i in range(len(make[side]))]

    def linked(a, b):
        (x, y) = (make[s][i] for s, i in (a, b))
        shared = min(x.end, y.end) - max(x.begin, y.begin)
        return a[0] != b[0] and 2 * shared >= min(x.end - x.begin, y.end - y.begin) and shared > 0

    expected, left = set(), set(nodes)
    while left:
        part, front = set(), [left.pop()]
        while front:
            node = front.pop()
            part.add(node)
            near = {other for other in left if linked(node, other)}
            left -= near
            front += near
        expected.add(frozenset(part))
    found = {
        frozenset((side, cue.line) for side in (0, 1) for cue in group[side])
        for group in srt._groups(*make)
    }
    assert found == expected


# --- Excel ------------------------------------------------------------------------------------


def a_workbook(rows, *others, **more):
    book = openpyxl.Workbook()
    for name, content in [("Pairs", rows), *others]:
        sheet = book.active if name == "Pairs" else book.create_sheet()
        sheet.title = name
        for row in content:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_excel():
    content = a_workbook(
        [("French", "key", "English"), *((fr, i, en) for i, (en, fr) in enumerate(PAIRS))]
    )
    assert xlsx.recognises("a.xlsx", content) and xlsx.recognises("a", content)
    named = [("fr", "key", "en"), *((fr, i, en) for i, (en, fr) in enumerate(PAIRS))]
    read = Read(xlsx, a_workbook(named), source_lang="en", target_lang="fr")
    assert read == PAIRS
    assert read.places[0] == "file0, sheet Pairs, row 2" and read.reasons() == ["a header line"]
    assert Read(xlsx, a_workbook(PAIRS)) == PAIRS
    assert Read(xlsx, content, columns=(3, "French")) == PAIRS
    wide = a_workbook([(i, en, fr, "me") for i, (en, fr) in enumerate(PAIRS)])
    assert Read(xlsx, wide, columns=(2, 3)) == PAIRS
    assert "has the columns 1 (0), 2 (The red door is open), 3 (La porte" in refused(xlsx, wide)
    wrong = refused(xlsx, a_workbook(named), source_lang="de", target_lang="en")
    assert "its columns are fr, en" in wrong


def test_excel_what_is_left_out_is_said():
    import datetime

    rows = [
        (None, None),
        ("Ten", 10),
        ("Half", 0.5),
        ("Only",),
        ("Sum", "=1+1"),
        ("Lost", "#N/A"),
        ("Day", datetime.date(2020, 1, 2)),
    ]
    read = Read(xlsx, a_workbook(rows, ("More", PAIRS)))
    assert read == [("Ten", "10"), ("Half", "0.5")]
    assert [reason.split(":")[0] for reason in read.reasons()] == [
        "an empty side",
        "a formula without a value",
        "an error of Excel, #N/A",
        "a date or another value that is no text",
        "another sheet than Pairs",
    ]
    assert read.skipped[1][1] == "file0, sheet Pairs, row 5"


def test_excel_a_formula_counts_as_its_value():
    content = a_workbook([("Sum", "=1+1"), ("Is", "a")])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                assert b"<f>1+1</f><v" in data
                data = data.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
                data = data.replace(b"<v/>", b"<v>2</v>")
            new.writestr(name, data)
    assert Read(xlsx, out.getvalue()) == [("Sum", "2"), ("Is", "a")]


def test_excel_refused():
    assert "is no workbook" in refused(xlsx, b"PK\x03\x04 is no archive")
    content = a_workbook(PAIRS)
    assert "is no workbook" in refused(xlsx, content[: len(content) // 2])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<!DOCTYPE x []>" + "<x/>")
    assert "declares entities" in refused(xlsx, out.getvalue())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "0" * 400_000)
    assert "unpacks to 400,000 bytes" in refused(xlsx, out.getvalue())


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_excel_damaged_anywhere_is_refused(method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("xl/workbook.xml", "".join(f"<x{i}/>" for i in range(100)))
    content = out.getvalue()
    for where in range(0, len(content), 3):
        flipped = content[:where] + bytes([content[where] ^ 0xFF]) + content[where + 1 :]
        assert "file0" in refused(xlsx, flipped)


# --- anything ---------------------------------------------------------------------------------

XML_PIECES = """<tmx> <xliff> <dataset> <doc> <src> <ref> <body> <tu> <tuv xml:lang='en'> <seg>
</seg> </tuv> </tu> </body> </tmx> <trans-unit> <unit> <segment> <source> <target> </ <srcset>
<refset> <seg &amp; &x;"""
OTHERS = 'msgid msgstr msgstr[0] msgid_plural # #, #~ fuzzy "a" " \\ 1 00:00:01,000 --> é 字'
ENDS = ["\n", "\n\n", "\t", "\0", "\ufeff", "00:00:02,000\n"]
PIECES = st.lists(st.sampled_from([*XML_PIECES.split(), *OTHERS.split(), *ENDS]), max_size=40).map(
    " ".join
)
CONTENT = st.one_of(
    st.binary(max_size=200), PIECES.map(str.encode), PIECES.map(lambda t: t.encode("utf-16"))
)


@settings(deadline=None, max_examples=150)
@given(CONTENT, CONTENT)
def test_whatever_a_file_holds_it_is_read_or_one_line_says_why_not(content, other):
    for format in FORMATS:
        format.recognises("x", content)
        for files in ([content], [content, other])[: 1 + hasattr(format, "read_two")]:
            try:
                read = Read(format, *files)
            except DataError as error:
                assert "\n" not in str(error) and "file" in str(error)
            else:
                assert all(side and not {"\n", "\t"} & set(side) for pair in read for side in pair)


@pytest.mark.parametrize(
    "content",
    [
        "<!-- a -->" * 6000 + "x",
        "<?a?>\n" + " " * 60_000 + "x",
        "\n" * 60_000 + "x",
        'msgid "a"\n' + '"b"\n\n\n' * 9000 + "x",
        "<seg>" * 12_000,
        "<" * 60_000,
        "1\n" * 30_000,
    ],
)
def test_no_beginning_takes_long_to_tell(content):
    """A pattern that tries every way to cut these would not end."""
    for format in FORMATS:
        assert not format.recognises("x", content.encode())


@pytest.mark.parametrize(
    "beginning, root",
    [
        ("<a>", "a"),
        ("\ufeff\n<?xml version='1.0'?><!-- <b> --><!DOCTYPE c [<!ELEMENT d (e)>]>\n<p:f/>", "f"),
        ("<!DOCTYPE c SYSTEM 'c.dtd'><g x='[>'>", "g"),
        ("<!-- <b>", ""),
        ("text <a>", ""),
    ],
)
def test_the_root_of_xml(beginning, root):
    assert root_of(beginning.encode("utf-8")) == root
