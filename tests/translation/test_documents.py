"""Documents translated in place, read again by other libraries than those that wrote them."""

import io
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import jupyter_server
import polib
import pysubs2
import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from gluon_seq2seq import DataError, UsageError
from gluon_seq2seq.corpus.readers.lines import Wanted
from gluon_seq2seq.corpus.readers.markup import tmx as tmx_reader
from gluon_seq2seq.corpus.readers.markup import xliff as xliff_reader
from gluon_seq2seq.corpus.readers.markup.placeholders import placeholders
from gluon_seq2seq.text.tokenizer import Tokenizer
from gluon_seq2seq.translation.documents import format_of, translate_document, translated
from gluon_seq2seq.translation.documents.labels import marked
from gluon_seq2seq.translation.documents.pieces import Code, Unfit, coded, runs_of

XLIFF_1 = "{urn:oasis:names:tc:xliff:document:1.2}"
XLIFF_2 = "{urn:oasis:names:tc:xliff:document:2.0}"


class Known:
    """A translator that knows ``answers``, and else says ``Mot`` for each word; with ``copies`` it
    writes words that it does not know as they are, as a model that copies does."""

    too_long = "blank"

    def __init__(self, answers=(), copies=True, source="en", target="fr"):
        self.answers, self.copies, self.asked = dict(answers), copies, []
        vocab = SimpleNamespace(
            tokenizer=SimpleNamespace(language=source, tokenize=Tokenizer("en").tokenize),
            unknown=lambda tokens: [token for token in tokens if token.startswith("zqx")],
        )
        target = SimpleNamespace(tokenizer=SimpleNamespace(language=target))
        self.model = SimpleNamespace(src_vocab=vocab, tgt_vocab=target)

    def tokens(self, text, too_long):
        return self.model.src_vocab.tokenizer.tokenize(text)

    def translate(self, texts):
        self.asked += texts
        return [self.answers.get(text) or self.word_by_word(text) for text in texts]

    def word_by_word(self, text):
        known = r"\w+(?<!\bzqxa)(?<!\bzqxb)" if self.copies else r"\w+"
        return re.sub(rf"\b{known}\b", "Mot", text)


def in_place(translator, content, name="file"):
    content = content.encode("utf-8") if isinstance(content, str) else content
    new, report = translated(translator, name, content)
    return new, report


def reasons(report):
    return {left.place.rpartition("line ")[2]: left.reason for left in report.left}


# --- pieces -----------------------------------------------------------------------------------


def texts_of(text):
    return [run.text for run in runs_of(coded(text)) if run.text]


@pytest.mark.parametrize(
    "text, texts",
    [
        ("Hello there. How are you?", ["Hello there. How are you?"]),
        ("<b>Hello there.</b>\n", ["Hello there."]),
        ("<b>Warning:</b> do not run.", ["Warning:", "do not run."]),
        ("Hello.\n\nHow are you?", ["Hello.", "How are you?"]),
        ("Error: %s", ["Error:"]),
        ("%(name)s: Hello there.", ["Hello there."]),
        ("%s", []),
        ("17 – 18", []),
        ("You have %d goats.", ["You have zqxa goats."]),
        ("Done. {0} of {1} goats came.", ["Done. zqxa of zqxb goats came."]),
        ("Hello <b>there</b>.", None),
        ("A long\nline.", None),
        ("{n, plural, one {a} other {b}}", None),
        ("{not one}", None),
        ("Use snake_case.", None),
        ("E_xit", None),
        ("Save && &close", None),
        ("R&D and AT&T", ["R&D and AT&T"]),
        ("{\\an8}Hello.", ["Hello."]),
    ],
)
def test_what_the_model_is_asked(text, texts):
    if texts is None:
        with pytest.raises(Unfit):
            texts_of(text)
    else:
        assert texts_of(text) == texts


PARTS = st.lists(
    st.sampled_from(
        ["Hello", ".", " ", ":", "%s", "{0}", "<b>", "</b>", "\n", "\n\n", "17", "!", "é"]
    ),
    max_size=12,
).map("".join)


@settings(deadline=None)
@given(PARTS)
def test_a_text_translated_by_itself_is_itself(text):
    """Nothing is lost, doubled or moved, whatever is cut where."""
    try:
        runs = runs_of(coded(text))
        pieces = [piece for run in runs for piece in run.filled(run.text)]
    except Unfit:
        return
    assert "".join(one.raw if isinstance(one, Code) else one for one in pieces) == text


@pytest.mark.parametrize(
    "translation, kept",
    [
        ("Vous avez zqxa et zqxb.", True),
        ("Avec zqxb : zqxa.", True),
        ("Vous avez zqxa.", False),
        ("Vous avez zqxa et zqxa et zqxb.", False),
        ("zqxa zqxb %d", False),
        ("zqxa et zqxb à 5 %", False),
        ("<i>zqxa zqxb", False),
        (" ", False),
    ],
)
def test_placeholders_come_back_once_or_the_text_is_left(translation, kept):
    (run,) = runs_of(coded("You have {a} and {b}."))
    if kept:
        assert {one.raw for one in run.filled(translation) if isinstance(one, Code)} == {
            "{a}",
            "{b}",
        }
    else:
        with pytest.raises(Unfit):
            run.filled(translation)


def test_a_word_like_a_stand_in_is_none():
    """Of the document, in any case, or of the model."""
    text = "The zqxa and the ZQXB have %d goats."
    new, _ = in_place(
        Known({"The zqxa and the ZQXB have zqxc goats.": "Le zqxa et le ZQXB ont zqxc chèvres."}),
        CATALOGUE.replace("Four goats", text),
    )
    assert 'msgstr "Le zqxa et le ZQXB ont %d chèvres."' in new.decode("utf-8")
    checked(new)


@pytest.mark.parametrize(
    "code, after, kept",
    [
        ("%s", "羊", True),
        ("%1", "羊", True),
        ("%1", "5", False),
        ("$name", ".", True),
        ("$name", "羊", False),
        ("%%", "羊", True),
    ],
)
def test_what_follows_a_placeholder_does_not_go_on_with_it(code, after, kept):
    (run,) = runs_of(coded(f"You have {code}, and goats."))
    try:
        pieces = run.filled(f"有zqxa{after}")
    except Unfit as error:
        assert not kept and "went on with" in str(error)
    else:
        text = "".join(one.raw if isinstance(one, Code) else one for one in pieces)
        assert kept and placeholders(text) == placeholders(code)


def test_placeholders_without_a_name_keep_their_order():
    (run,) = runs_of(coded("You have %s and %s."))
    with pytest.raises(Unfit):
        run.filled("zqxb et zqxa")


@pytest.mark.parametrize(
    "label, letter, expected",
    [
        ("Fichier", "F", "&Fichier"),
        ("Tout quitter", "Q", "Tout &quitter"),
        ("Enregistrer", "S", "Enregi&strer"),
        ("Éditer", "W", "&Éditer"),
        ("打开…", "O", "打开(&O)…"),
        ("打开", "O", "打开(&O)"),
    ],
)
def test_accelerators_are_put_back(label, letter, expected):
    assert marked(label, "&", letter) == expected


def test_accelerators_that_cannot_be():
    for label in ("R & D", "– "):
        with pytest.raises(Unfit):
            marked(label, "&", "F")


# --- gettext ----------------------------------------------------------------------------------

CATALOGUE = r"""# A header that stays,  with its spaces.
#, fuzzy
msgid   ""
msgstr ""
"Language: fr\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

#: a.c:1   b.c:2
msgid "Old."
msgstr ""
"Vie"
"ux."

#, fuzzy, c-format
#| msgid "Three goats"
msgid "Four goats"
msgstr "Trois chèvres"

#, c-format
msgctxt "menu"
msgid "%d goat"
msgid_plural "%d goats"
msgstr[0] ""
msgstr[1] ""
msgid "&File"
msgstr ""

msgid "Hello.\n"
"How are you?\n"
msgstr ""

msgid "Click <b>here</b>."
msgstr ""

#~ msgid "Gone."
#~ msgstr ""
"""


def line_of(text):
    """The number of the line of the catalogue from which a text's entry begins, as text."""
    lines = CATALOGUE.split("\n")
    number = next(i for i, line in enumerate(lines) if text in line and line.startswith("msgid"))
    return str(number + (not lines[number - 1].startswith("msgctxt")))


LAST = line_of("Click")
ANSWERS = {
    "Four goats": "Quatre chèvres",
    "zqxa goat": "zqxa chèvre",
    "zqxa goats": "zqxa chèvres",
    "File": "Fichier",
    "Exit zqxa": "Xyz zqxa",
    "Hello.": "Bonjour.",
    "How are you?": "Comment vas-tu ?",
}


def checked(content):
    """A catalogue as Babel reads it, which finds no fault, nor does msgfmt where it is there."""
    catalogue = read_po(io.BytesIO(content))
    faults = [str(error) for _, errors in catalogue.check() for error in errors]
    assert not faults
    if shutil.which("msgfmt"):
        subprocess.run(
            ["msgfmt", "-c", "-o", "-", "-"], input=content, check=True, capture_output=True
        )
    return catalogue


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_po(end):
    old = CATALOGUE.replace("\n", end)
    new, report = in_place(Known(ANSWERS), old)
    assert (report.translated, report.kept) == (4, 1)
    assert reasons(report) == {LAST: "a tag or line end within a sentence"}
    expected = [
        ('#, fuzzy, c-format\n#| msgid "Three goats"\n', "#, c-format\n"),
        ("Trois chèvres", "Quatre chèvres"),
        ('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%d chèvre"\nmsgstr[1] "%d chèvres"'),
        ('"&File"\nmsgstr ""', '"&File"\nmsgstr "&Fichier"'),
        (
            'you?\\n"\nmsgstr ""',
            'you?\\n"\nmsgstr ""\n"Bonjour.\\n"\n"Comment vas-tu ?\\n"',
        ),
    ]
    text = CATALOGUE
    for before, after in expected:
        assert text.count(before) == 1
        text = text.replace(before, after)
    assert new.decode("utf-8") == text.replace("\n", end)
    if end == "\n":
        catalogue = checked(new)
        assert catalogue.get("%d goat", "menu").string == ("%d chèvre", "%d chèvres")


def test_po_nothing_to_translate_stays_byte_for_byte():
    done = re.sub(r"(?s)#, fuzzy, c.*?\n\n(?=#~)", "", CATALOGUE) + "\n\n  \n"
    for content in (done.encode(), b"\xef\xbb\xbf" + done.encode()):
        new, report = in_place(Known(), content)
        assert new == content and (report.translated, report.kept, report.left) == (0, 1, [])


def test_po_without_a_model_that_copies_placeholders_are_left():
    new, report = in_place(Known(ANSWERS, copies=False), CATALOGUE.replace("goat", "sheep"))
    assert "a placeholder within a sentence, %d" in reasons(report)[line_of("%d goat")]
    assert b'msgstr[0] ""' in new
    checked(new)


@pytest.mark.parametrize(
    "forms, left",
    [
        ("nplurals=1; plural=0;", ""),
        ("nplurals=3; plural=n%10==1 ? 0 : n==2 ? 1 : 2;", "3 plural forms"),
        ("nplurals=2; plural=n!;", "cannot be read"),
        (None, "says no Plural-Forms"),
    ],
)
def test_po_plural_forms(forms, left):
    catalogue = polib.POFile()
    catalogue.metadata = {"Language": "fr", "Content-Type": "text/plain; charset=UTF-8"}
    if forms:
        catalogue.metadata["Plural-Forms"] = forms
    count = int(forms[9]) if forms else 2
    empty = {form: "" for form in range(count)}
    catalogue.append(polib.POEntry(msgid="A goat", msgid_plural="%d goats", msgstr_plural=empty))
    new, report = in_place(Known(ANSWERS), str(catalogue))
    if left:
        (reason,) = reasons(report).values()
        assert left in reason and new == str(catalogue).encode()
    else:
        assert polib.pofile(new.decode())[0].msgstr_plural == {0: "%d chèvres"}


def test_po_a_template_gets_what_its_header_leaves_open():
    template = CATALOGUE.replace("Language: fr", "Language: ").replace("UTF-8", "CHARSET")
    new, _ = in_place(Known(ANSWERS), template)
    assert b'"Language: fr\\n"' in new and b"charset=UTF-8" in new
    checked(new)


def test_po_what_its_encoding_has_not_is_left():
    content = CATALOGUE.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    new, report = in_place(Known({**ANSWERS, "File": "Œuvre"}), content)
    assert "'Œ', which ISO-8859-1 has not" in reasons(report)[line_of("&File")]
    assert "Quatre chèvres" in new.decode("latin-1")


def test_po_in_other_languages_is_refused():
    with pytest.raises(DataError, match=r"is from \? to fr, the model from en to de"):
        in_place(Known(target="de"), CATALOGUE)


@pytest.mark.parametrize("copies", [True, False])
def test_po_of_jupyter(copies):
    """Real ones in Chinese: what is translated stays; emptied, no code of them is lost."""
    found = sorted((Path(jupyter_server.__file__).parent / "i18n").glob("**/*.po"))
    assert len(found) > 1
    for path in found:
        full = path.read_bytes()
        new, report = in_place(Known(target="zh", copies=copies), full)
        assert report.kept > 50
        before, after = (read_po(io.BytesIO(content)) for content in (full, new))
        for message in before:
            if message.string and not message.fuzzy:
                assert after.get(message.id, message.context).string == message.string
        gone = set(full.split(b"\n")) - set(new.split(b"\n"))
        assert all(line.startswith((b"#,", b"#|", b"msgstr")) for line in gone)
        emptied = polib.pofile(full.decode("utf-8"))
        for entry in emptied:
            entry.msgstr = ""
            entry.msgstr_plural = {form: "" for form in entry.msgstr_plural}
        new, report = in_place(Known(target="zh", copies=copies), str(emptied))
        assert report.translated > 50 and report.kept == 0
        catalogue = checked(new)
        for message in catalogue:
            if message.id and isinstance(message.id, str) and message.string:
                assert placeholders(message.id) == placeholders(message.string)


# --- TMX --------------------------------------------------------------------------------------

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en"   datatype="x"/><body>
  <tu tuid='1'>
    <tuv xml:lang="en-US"><seg>Old.</seg></tuv>
    <tuv xml:lang="fr"><seg>Vieux.</seg></tuv>
  </tu>
  <tu>
    <tuv xml:lang="EN">
      <seg><bpt i="1">&lt;b></bpt>Salt &amp; pepper.<ept i="1">&lt;/b></ept></seg></tuv>
  </tu>
  <tu>
    <tuv xml:lang="en"><seg>You have <ph x="1">{}</ph> goats.</seg></tuv>
    <tuv xml:lang="fr"><seg/></tuv>
    <tuv xml:lang="de"><seg>Ziegen.</seg></tuv>
  </tu>
  <tu><tuv xml:lang="en"><seg>Very <hi>red</hi> doors.</seg></tuv></tu>
  <tu><tuv xml:lang="de"><seg>Allein.</seg></tuv></tu>
</body></tmx>
"""
SALT = {
    "Salt & pepper.": "Sel & poivre, bien sûr.",
    "You have zqxa goats.": "Vous avez zqxa chèvres.",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_tmx(encoding):
    old = TMX.replace("UTF-8", encoding)
    new, report = in_place(Known(SALT), old.encode(encoding))
    assert (report.translated, report.kept) == (2, 1)
    assert reasons(report) == {"17": "a tag or line end within a sentence"}
    expected = old.replace(
        "&lt;/b></ept></seg></tuv>",
        "&lt;/b></ept></seg></tuv>\n    "
        '<tuv xml:lang="fr"><seg><bpt i="1">&lt;b></bpt>Sel &amp; poivre, bien sûr.'
        '<ept i="1">&lt;/b></ept></seg></tuv>',
    ).replace("<seg/>", '<seg>Vous avez <ph x="1">{}</ph> chèvres.</seg>')
    assert new.decode(encoding) == expected
    pairs = [pair for _, pair in tmx_reader.read("new", new, Wanted("en", "fr"))]
    assert pairs[1:] == [
        ("Salt & pepper.", "Sel & poivre, bien sûr."),
        ("You have goats.", "Vous avez chèvres."),
    ]
    again, report = in_place(Known(SALT), new)
    assert again == new and report.kept == 3


def test_tmx_refused():
    with pytest.raises(DataError, match=r"its languages are de, en-US, .*the model's is es"):
        in_place(Known(source="es"), TMX.replace('"EN"', '"en"').replace('"en"', '"en-US"'))
    with pytest.raises(UsageError, match="does not say"):
        in_place(Known(source=None), TMX)


# --- XLIFF ------------------------------------------------------------------------------------

XLIFF = """<?xml version="1.0"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file source-language="en-GB" original='a > b' datatype="x"><body>
  <trans-unit id="old"><source>Old.</source><target state="final">Vieux.</target></trans-unit>
  <trans-unit id="new">
    <source>Salt &amp; pepper.<x id="1" ctype="lb"/></source>
    <note>A note.</note>
  </trans-unit>
  <trans-unit id="empty"><source>You have <x id="n"/> goats.</source><target/></trans-unit>
  <trans-unit id="review"><source><g id="1">Hello.</g> %s</source>
    <target state="needs-review-translation" xml:lang="fr">Salut.</target></trans-unit>
  <trans-unit id="no" translate="no"><source>Name</source></trans-unit>
  <group translate="no"><trans-unit id="inner"><source>Name</source></trans-unit></group>
  <trans-unit id="label"><source>E&amp;xit %s</source></trans-unit>
  <trans-unit id="within"><source>Very <g id="1">red</g> doors.</source></trans-unit>
  <trans-unit id="sub"><source>Red.<ph id="1">a<sub>b</sub></ph></source></trans-unit>
  <trans-unit id="cut"><source>Hello. How are you?</source>
    <seg-source><mrk mtype="seg" mid="1">Hello.</mrk> <mrk mtype="seg" mid="2">How are you?</mrk>\
</seg-source>
  </trans-unit>
</body></file></xliff>
"""
STATE = ' state="translated" state-qualifier="leveraged-mt"'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xliff_1_2(encoding):
    new, report = in_place(Known({**ANSWERS, **SALT}), XLIFF.encode(encoding))
    assert (report.translated, report.kept) == (5, 3)
    assert [left.place for left in report.left] == [
        "file, line 15, unit within",
        "file, line 16, unit sub",
    ]
    expected = XLIFF
    for before, after in [
        ('datatype="x">', 'datatype="x" target-language="fr">'),
        (
            'ctype="lb"/></source>',
            f'ctype="lb"/></source>\n    <target{STATE}>Sel &amp; poivre, bien sûr.'
            '<x id="1" ctype="lb"/></target>',
        ),
        ("<target/>", f'<target{STATE}>Vous avez <x id="n"/> chèvres.</target>'),
        (
            '<target state="needs-review-translation" xml:lang="fr">Salut.</target>',
            '<target state="translated" xml:lang="fr" state-qualifier="leveraged-mt">'
            '<g id="1">Bonjour.</g> %s</target>',
        ),
        (
            "<source>E&amp;xit %s</source>",
            f"<source>E&amp;xit %s</source><target{STATE}>&amp;Xyz %s</target>",
        ),
        (
            "</seg-source>",
            f'</seg-source><target{STATE}><mrk mtype="seg" mid="1">Bonjour.</mrk> '
            '<mrk mtype="seg" mid="2">Comment vas-tu ?</mrk></target>',
        ),
    ]:
        assert expected.count(before) == 1
        expected = expected.replace(before, after)
    assert new.decode(encoding) == expected
    root = ElementTree.fromstring(new)
    assert [
        len(unit.findall(f"{XLIFF_1}target")) for unit in root.iter(f"{XLIFF_1}trans-unit")
    ] == [
        *[1] * 4,
        *[0] * 2,
        1,
        *[0] * 2,
        1,
    ]
    again, report = in_place(Known(), new)
    assert again == new and report.translated == 0


XLIFF2 = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en">
<file id="f"><unit id="u">
  <segment id="a"><source>Hello.</source></segment>
  <ignorable><source> </source></ignorable>
  <segment state="initial"><source><pc id="1">How are you?</pc></source>
    <target/></segment>
  <segment state="final"><source>Old.</source><target>Vieux.</target></segment>
</unit>
<unit id="v" translate="no"><segment><source>Name</source></segment></unit>
<unit id="w"><segment><source>You have <ph id="1"/> goats.</source></segment></unit></file></xliff>
"""


def test_xliff_2_0():
    new, report = in_place(Known({**ANSWERS, **SALT}), XLIFF2)
    assert (report.translated, report.kept, report.left) == (3, 2, [])
    expected = XLIFF2
    for before, after in [
        ('srcLang="en">', 'srcLang="en" trgLang="fr">'),
        (
            '<segment id="a"><source>Hello.</source>',
            '<segment id="a" state="translated"><source>Hello.</source><target>Bonjour.</target>',
        ),
        ('state="initial"', 'state="translated"'),
        ("<target/>", '<target><pc id="1">Comment vas-tu ?</pc></target>'),
        (
            '<segment><source>You have <ph id="1"/> goats.</source>',
            '<segment state="translated"><source>You have <ph id="1"/> goats.</source>'
            '<target>Vous avez <ph id="1"/> chèvres.</target>',
        ),
    ]:
        assert expected.count(before) == 1
        expected = expected.replace(before, after)
    assert new.decode() == expected
    pairs = [pair for _, pair in xliff_reader.read("new", new, Wanted("en", "fr"))]
    assert ("How are you?", "Comment vas-tu ?") in pairs and len(pairs) == 4


def test_xliff_of_other_languages_is_refused():
    with pytest.raises(DataError, match=r"is from en-GB to \?, the model from de to fr"):
        in_place(Known(source="de"), XLIFF)


def test_xliff_with_prefixes():
    prefixed = re.sub(r"(</?)(?=[a-z])", r"\1p:", XLIFF2).replace("xmlns=", "xmlns:p=")
    new, report = in_place(Known({**ANSWERS, **SALT}), prefixed)
    assert report.translated == 3 and b"<p:target>Bonjour.</p:target>" in new
    ElementTree.fromstring(new)


# --- SubRip -----------------------------------------------------------------------------------

SRT = """\ufeff1
00:00:01,000 --> 00:00:02,500
<i>The old goat is here,
and it is hungry.</i>

2
00:00:03,000 --> 00:00:04,000 X1:40
- Hello.
- How are you?

3
00:00:05,000 --> 00:00:06,000
♪

4
00:00:07,000 --> 00:00:08,000
A <b>red</b> door.


"""
LONG = {
    "The old goat is here, and it is hungry.": "La vieille chèvre est ici et elle a très faim.",
}


@pytest.mark.parametrize("end, encoding", [("\n", "utf-8"), ("\r\n", "utf-8"), ("\n", "utf-16")])
def test_subrip(end, encoding):
    old = SRT.lstrip("\ufeff") if encoding == "utf-16" else SRT
    new, report = in_place(Known({**ANSWERS, **LONG}), old.replace("\n", end).encode(encoding))
    assert (report.translated, report.kept) == (3, 0)
    assert reasons(report) == {"17": "a tag or line end within a sentence"}
    expected = (
        old.replace("The old goat is here,\nand it", "La vieille chèvre est ici\net elle")
        .replace("is hungry.", "a très faim.")
        .replace("Hello.", "Bonjour.")
        .replace("How are you?", "Comment vas-tu ?")
    )
    assert new.decode(encoding) == expected.replace("\n", end)
    text = new.decode(encoding).replace(end, "\n")
    read = pysubs2.SSAFile.from_string(text.lstrip("\ufeff"), "srt")
    assert [(event.start, event.end) for event in read] == [
        (1000, 2500),
        (3000, 4000),
        (5000, 6000),
        (7000, 8000),
    ]
    assert read[1].plaintext == "- Bonjour.\n- Comment vas-tu ?"


# --- all --------------------------------------------------------------------------------------


def test_the_format_is_told_by_how_a_file_begins_or_its_ending():
    for content, name in (
        (TMX, "TMX"),
        (XLIFF, "XLIFF"),
        (CATALOGUE, "gettext PO"),
        (SRT, "SubRip"),
    ):
        assert name == format_of("x", content.encode()).NAME
    assert format_of("a.PO", b"").NAME == "gettext PO"
    assert format_of("a.txt", b"Hello.\n") is None


def test_a_document_of_a_real_model(translator, tmp_path):
    """Untrained: whatever it says, codes stay and the file is whole."""
    path = tmp_path / "a.po"
    path.write_text(CATALOGUE, "utf-8")
    report = translate_document(translator, path, path)
    new = path.read_bytes()
    assert report.translated + len(report.left) == 5 and report.kept == 1
    assert report.unknown <= report.words
    checked(new)
    with pytest.raises(DataError, match="no document of TMX"):
        translated(translator, "a.txt", b"Hello.\n")
    with pytest.raises(DataError, match="cannot be read"):
        translate_document(translator, tmp_path / "none.po", path)


def test_a_text_that_is_too_long(translator, saved, run_cli, tmp_path):
    long = CATALOGUE + '\nmsgid "{}"\nmsgstr ""\n'.format("goat " * 600)
    with pytest.raises(DataError, match=r"file, line 40: .* at most 500"):
        translated(translator, "file", long.encode())
    (tmp_path / "a.po").write_text(long, "utf-8")
    done = run_cli("translate", "--model", saved, "--input", tmp_path / "a.po")
    assert done.code == 3 and "line 40: 601 tokens, at most 500 can be" in done.stderr


@pytest.mark.parametrize("name", ["a.po", "a.txt"])
def test_the_command_line(saved, run_cli, tmp_path, name):
    (tmp_path / name).write_text(CATALOGUE, "utf-8")
    options = "translate", "--model", saved, "--input", tmp_path / name
    done = run_cli(*options, "--output", tmp_path / "out.po")
    assert done.code == 3
    left = f"{tmp_path / name}, line {LAST}: a tag or line end within a sentence; left untranslated"
    assert f"gluon-seq2seq: {left}\n" in done.stderr
    assert "source words are not among the model's" in done.stderr
    assert len(checked((tmp_path / "out.po").read_bytes())) == 6
    assert run_cli(*options).stdout == (tmp_path / "out.po").read_text("utf-8")
    lines_alone = (
        *("--n-best", 2, "--temperature", 1, "--attention", "a.png", "--alignment", 0),
        *("--format", "text", "--input-format", "text"),
    )
    for i in range(0, len(lines_alone), 2):
        done = run_cli(*options, *lines_alone[i : i + 2])
        says = f"is translated in place: leave {lines_alone[i]} out"
        assert done.code == 2 and says in done.stderr and done.stdout == ""


def test_the_command_line_with_nothing_left(saved, run_cli, tmp_path):
    content = SRT[: SRT.index("4\n")].encode("utf-16")
    (tmp_path / "a.srt").write_bytes(content.replace(b"\xff\xfe", b"\xff\xfe", 1))
    options = "translate", "--model", saved, "--input", tmp_path / "a.srt"
    done = run_cli(*options, "--output", tmp_path / "out.srt")
    assert done.code == 0, done
    assert (tmp_path / "out.srt").read_bytes().startswith(b"\xff\xfe")


def test_the_command_line_damage(saved, run_cli, tmp_path):
    (tmp_path / "a.po").write_text('msgid "a\nmsgstr ""\n', "utf-8")
    done = run_cli("translate", "--model", saved, "--input", tmp_path / "a.po")
    assert done.code == 3 and "a.po, line 1: no line of a catalogue" in done.stderr
    assert done.stdout == ""
