"""What is packed, folders, and what people have from Tatoeba and Anki."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile

import pytest
from test_readers import EN, FR, PAIRS, Skipped, found, made, table, turned

import gluon_seq2seq as gs
from gluon_seq2seq import DataError, SystemProblem, UsageError
from gluon_seq2seq.corpus import readers
from gluon_seq2seq.corpus.readers import compression
from gluon_seq2seq.corpus.readers.anki import plain
from gluon_seq2seq.corpus.readers.parallel import side_of

TSV = table(PAIRS, "\t", lineterminator="\n").encode()
SIDES = ["".join(f"{pair[side]}\n" for pair in PAIRS).encode() for side in (0, 1)]


def zstd(content):
    """Packed as a stream, whose size is said nowhere, as Anki does, and with a sum."""
    package = pytest.importorskip("zstandard", reason="needs zstandard: pip install zstandard")
    packer = package.ZstdCompressor(write_checksum=True).compressobj()
    return packer.compress(content) + packer.flush()


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else None  # as OpenDocument asks
            archive.writestr(name.replace("__", "."), content, kind)
    return stream.getvalue()


def tarred(mode="", **files):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=f"w:{mode}") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"./data/{name.replace('__', '.')}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
    "zip": lambda content: zipped(pairs__txt=content),
    "tar": lambda content: tarred(pairs__txt=content),
    "tar.gz": lambda content: tarred("gz", pairs__txt=content),
    "tgz": lambda content: tarred("gz", pairs__txt=content),
    "tar.bz2": lambda content: tarred("bz2", pairs__txt=content),
    "tar.xz": lambda content: tarred("xz", pairs__txt=content),
    "tar.zst": lambda content: zstd(tarred(pairs__txt=content)),
    "txt.zip": lambda content: zipped(pairs__txt__gz=gzip.compress(content)),
    "zip.gz": lambda content: gzip.compress(zipped(pairs__txt=content)),
}


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("named", [True, False])
def test_packed(kind, named, tmp_path):
    """Whatever it is called: a file that was renamed is what it is."""
    packed = PACKERS[kind](TSV)
    assert found(made(tmp_path, f"pairs.{kind}" if named else "pairs.tsv", packed)) == PAIRS
    names = f"two.en.{kind}", f"two.fr.{kind}"
    both = [made(tmp_path, name, PACKERS[kind](side)) for name, side in zip(names, SIDES)]
    lines = readers.read_parallel(*both, readers.Wanted(EN, FR))
    assert [tuple(pair) for _, pair in lines] == PAIRS


@pytest.mark.parametrize("kind", PACKERS)
def test_the_ending_inside_counts(kind, tmp_path):
    if kind in ("gz", "bz2", "xz", "zst"):
        content = table([("fr", "en"), *turned(PAIRS)], ";").encode()
        assert found(made(tmp_path, f"pairs.csv.{kind}", PACKERS[kind](content))) == PAIRS


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_file_that_is_damaged(kind, tmp_path):
    """Cut short, or a byte changed anywhere: one line that names the file, or all the pairs."""
    packed, refused = PACKERS[kind](TSV), 0
    cut = [packed[: len(packed) * share // 10] for share in range(2, 10)]
    flips = range(1, len(packed), max(1, len(packed) // 60))
    flipped = [packed[:i] + bytes([packed[i] ^ 0xFF]) + packed[i + 1 :] for i in flips]
    for content in cut + flipped:
        path = made(tmp_path, f"pairs.{kind}", content)
        try:
            pairs = found(path)
        except DataError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
        else:
            assert pairs == PAIRS or kind.startswith("tar")  # which has no sum of its content
    assert refused > len(cut) // 2


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst", "zip", "tar.xz"])
def test_what_unpacks_to_too_much(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(compression, "MAX_UNPACKED", 10**6)
    path = made(tmp_path, f"a.{kind}", PACKERS[kind](b"I see.\tJe vois.\n" * 10**5))
    with pytest.raises(DataError, match=r"unpacks to more than [\d,]+ bytes"):
        found(path)


def test_packed_in_itself(tmp_path):
    content = TSV
    for _ in range(8):
        content = gzip.compress(content)
    with pytest.raises(DataError, match=r"a\.gz: is packed more than 5 times"):
        found(made(tmp_path, "a.gz", content))


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst", "zip", "tar", "tgz"])
def test_an_ending_that_is_wrong(ending, tmp_path):
    with pytest.raises(DataError, match=rf"a\.{ending}: is not a \w+ file, or cut short"):
        found(made(tmp_path, f"a.{ending}", TSV))


def test_zstandard_that_is_missing(tmp_path, monkeypatch):
    packed = zstd(TSV)
    real = compression.import_module

    def without(name):
        if "zstd" in name or name == "zstandard":
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(compression, "import_module", without)
    with pytest.raises(SystemProblem, match=r"pip install 'gluon-seq2seq\[formats\]'"):
        found(made(tmp_path, "a.zst", packed))


# Two files.

NAMES = {
    "train.en": ("train", "en"),
    "train.fr.gz": ("train", "fr"),
    "train.fr.txt": ("train", "fr"),
    "europarl-v7.fr-en.en": ("europarl-v7.fr-en", "en"),
    "Tatoeba.en-zh_CN.zh_CN": ("Tatoeba.en-zh_CN", "zh"),
    "newstest2014-fren-src.en.sgm": ("newstest2014-fren", "en"),
    "newstest2014-fren-ref.fr.sgm": ("newstest2014-fren", "fr"),
    "film.fr.srt": ("film", "fr"),
    "valid_en.txt": ("valid", "en"),
    "french.txt": ("-", "fr"),
    "eng.txt": ("-", "en"),
    "Tatoeba.en-fr": ("Tatoeba.en-fr", None),
    "fr-en": ("fr-en", None),
    "sentences.txt": ("sentences", None),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_name_of_a_file_says(name):
    assert side_of(name) == NAMES[name]


def two(tmp_path, *names):
    return [made(tmp_path, name, side) for name, side in zip(names, SIDES)]


def test_the_endings_of_two_files_decide_which_side_each_is(tmp_path):
    """``--data X.fr --target X.en --direction fr-en`` translates French."""
    english, french = two(tmp_path, "x.en", "x.fr")
    for files in (english, french), (french, english):
        for direction in "en-fr", "fr-en":
            corpus = gs.load_corpus(*files, direction=direction)
            source = {e.source for e in corpus.train}
            assert source < {pair[direction == "fr-en"] for pair in PAIRS}
    one, other = two(tmp_path, "x.1", "x.2")
    assert {e.source for e in gs.load_corpus(one, other).train} < {en for en, _ in PAIRS}
    turned_round = gs.load_corpus(one, other, direction="fr-en")
    assert {e.source for e in turned_round.train} < {fr for _, fr in PAIRS}


def test_one_of_two_files(tmp_path):
    english, french = two(tmp_path, "x.en", "french.txt")
    for path in english, french:
        with pytest.raises(DataError, match="is one side of two, by its name: give both, data="):
            gs.load_corpus(path)


def test_two_files_of_other_languages(tmp_path):
    german, english = two(tmp_path, "x.de", "x.en")
    with pytest.raises(DataError, match=r"x\.de and .*x\.en are called de and en, not en and fr"):
        gs.load_corpus(german, english)
    lines = readers.read_parallel(english, german, readers.Wanted("de", "en"))
    assert [tuple(pair) for _, pair in lines] == PAIRS


def test_messages_name_options(tmp_path, run_cli):
    german, english = two(tmp_path, "x.de", "x.en")
    for words, ways in [
        (("--data", german, "--target", english), "give --source-lang ... and --target-lang ..."),
        (("--data", german), "give both, --data ... and --target ..."),
    ]:
        done = run_cli("train", *words, "--out", tmp_path / "out")
        assert done.code == 3 and ways.replace(" ...", "") in done.stderr.replace(" ...", "")


def test_two_files_of_which_one_holds_both_sides(tmp_path):
    both = made(tmp_path, "a.jsonl", json.dumps([{"en": en, "fr": fr} for en, fr in PAIRS]))
    with pytest.raises(DataError, match=r"a\.jsonl: is JSON, which holds both sides: give it al"):
        gs.load_corpus(both, made(tmp_path, "x.fr", SIDES[1]))


OPUS = {
    "README": b"This is the corpus of nobody.\n",
    "LICENSE": b"None.\n",
    "Nobody.en-fr.en": SIDES[0],
    "Nobody.en-fr.fr": SIDES[1],
    "Nobody.en-fr.ids": b"en/1.xml.gz\tfr/1.xml.gz\t1\t1\n" * 20,
    "Nobody.en-fr.scores": b"0.5\n" * 20,
    "Nobody.en-fr.xml": b"<linkList></linkList>\n",
}


@pytest.mark.parametrize("how", ["zip", "tar", "folder"])
def test_opus(how, tmp_path):
    """Pairs as OPUS packs them for Moses, in either direction; it is said which files are read."""
    place = tmp_path / "Nobody.en-fr"
    if how == "folder":
        place.mkdir()
        for name, content in OPUS.items():
            made(place, name, content)
    else:
        place.write_bytes(zipped(**OPUS) if how == "zip" else tarred("gz", **OPUS))
    skipped = Skipped()
    assert found(place, skipped=skipped) == PAIRS and not skipped.pairs()
    assert {str(reason) for reason, _ in skipped} == {
        "a file beside "
        + " and ".join(
            ("./data/" if how == "tar" else "") + f"Nobody.en-fr.{code}" for code in (EN, FR)
        )
        + ", not read"
    }
    assert found(place, FR, EN, turned=True) == turned(PAIRS)
    corpus = gs.load_corpus(place, direction="fr-en")
    assert {e.source for e in corpus.train} < {fr for _, fr in PAIRS}
    with pytest.raises(DataError, match=r"needs exactly one, or one in each language, de and en"):
        found(place, "de", "en")


def test_packed_sides_in_an_archive(tmp_path):
    files = {"x__en__gz": gzip.compress(SIDES[0]), "x__fr__bz2": bz2.compress(SIDES[1])}
    assert found(made(tmp_path, "x.zip", zipped(**files))) == PAIRS


def test_two_pairs_of_files_in_an_archive(tmp_path):
    files = {f"{stem}__{code}": side for stem in "ab" for code, side in zip((EN, FR), SIDES)}
    with pytest.raises(DataError, match=r"holds 2 pairs of files, a\.en, a\.fr, b\.en, b\.fr"):
        found(made(tmp_path, "x.zip", zipped(**files)))


def test_several_texts_of_which_one_names_the_languages(tmp_path):
    files = {"deu-eng__txt": b"Ich sehe.\tI see.\n", "fra-eng__txt": TSV, "_about__txt": b"x"}
    skipped = Skipped()
    assert found(made(tmp_path, "x.zip", zipped(**files)), skipped=skipped) == PAIRS
    assert {str(reason) for reason, _ in skipped} == {"a file beside fra-eng.txt, not read"}


def test_sides_of_unequal_length_in_an_archive(tmp_path):
    files = {"x__en": SIDES[0], "x__fr": SIDES[1] + b"Plus.\n"}
    with pytest.raises(DataError, match=r"x\.en has 20 lines but .*x\.fr has 21: parallel"):
        found(made(tmp_path, "x.zip", zipped(**files)))


@pytest.mark.parametrize("how", ["zip", "folder"])
@pytest.mark.parametrize("kind", ["sides", "json"])
def test_splits_that_are_named(how, kind, tmp_path):
    """A folder's own splits are kept, and a source in two of them is left in the first."""
    files = {}
    shares = {"train": PAIRS[:14], "valid": PAIRS[13:17], "test": PAIRS[17:]}
    for name, share in shares.items():
        if kind == "json":
            lines = [json.dumps({"translation": {"fr": fr, "en": en}}) + "\n" for en, fr in share]
            files[f"{name}.jsonl"] = "".join(lines).encode()
        else:
            for side, code in enumerate((EN, FR)):
                files[f"{name}.{code}"] = "".join(pair[side] + "\n" for pair in share).encode()
    place = tmp_path / "corpus"
    if how == "zip":
        place.write_bytes(zipped(**files))
    else:
        place.mkdir()
        for name, content in files.items():
            made(place, name, content)
    corpus = gs.load_corpus(place)
    assert [len(split) for split in (corpus.train, corpus.dev, corpus.test)] == [14, 3, 3]
    assert corpus.report.dropped == {"its source is in a split before": 1}
    assert [e.source for e in corpus.test] == [en for en, _ in PAIRS[17:]]


# Tatoeba.


def test_pairs_of_tatoeba(tmp_path):
    """The numbers of the sentences are no sentences."""
    text = "".join(f"{1000 + i}\t{en}\t{2000 + i}\t{fr}\n" for i, (en, fr) in enumerate(PAIRS))
    path = made(tmp_path, "Sentence pairs in English-French - 2026-11-28.tsv", "\ufeff" + text)
    assert found(path) == PAIRS and found(path, FR, EN, turned=True) == turned(PAIRS)
    assert found(path, columns=(4, 2)) == turned(PAIRS)
    skipped = Skipped()
    path = made(tmp_path, "a.tsv", text + "7\tI see.\n")
    assert found(path, skipped=skipped) == PAIRS
    assert skipped == [("2 columns of id, text, id, text", f"{path}, line 21")]


SENTENCES = [(i, "eng", en) for i, (en, _) in enumerate(PAIRS, 100)]
SENTENCES += [(i, "fra", fr) for i, (_, fr) in enumerate(PAIRS, 200)]
SENTENCES += [(300, "deu", "Ich sehe 0 Katzen."), (301, "\\N", "?")]
LINKS = [(100 + i, 200 + i) for i in range(20)] + [(200, 100), (100, 300), (300, 100), (1, 2)]
EXPORT = {
    "sentences.csv": table(SENTENCES, "\t", lineterminator="\n", quotechar="\1").encode(),
    "links.csv": table(LINKS, "\t", lineterminator="\n").encode(),
}


@pytest.mark.parametrize("how", ["folder", "zip", "tar.bz2 each", "languages", "detailed"])
def test_exports_of_tatoeba(how, tmp_path):
    place = tmp_path / "tatoeba"
    if how == "zip":
        place.write_bytes(zipped(**EXPORT))
    else:
        place.mkdir()
        for name, content in EXPORT.items():
            stem = name.partition(".")[0]
            if how == "tar.bz2 each":
                made(place, f"{stem}.tar.bz2", tarred("bz2", **{name: content}))
            elif how == "detailed" and stem == "sentences":
                detailed = content.replace(b"\n", b"\tsomebody\t2020-01-01\t\\N\n")
                made(place, "sentences_detailed.csv", detailed)
            elif how == "languages" and stem == "sentences":
                for code in b"eng", b"fra":
                    lines = [line for line in content.splitlines(True) if code in line]
                    made(place, f"{code.decode()}_sentences.tsv", b"".join(lines))
            else:
                made(place, "eng-fra_links.tsv" if how == "languages" else name, content)
    assert found(place) == PAIRS and found(place, FR, EN, turned=True) == turned(PAIRS)
    if how != "languages":
        assert found(place, "de", "en") == [("Ich sehe 0 Katzen.", PAIRS[0][0])]
    with pytest.raises(DataError, match="has no sentence in the language zh"):
        found(place, "en", "zh")
    with pytest.raises(DataError, match="of many languages: give source_lang="):
        found(place, None, None)


@pytest.mark.parametrize("name", ["sentences.csv", "links.csv", "any.tsv"])
def test_half_of_an_export(name, tmp_path):
    for kind, content in EXPORT.items():
        what = "links between numbers" if kind == "links.csv" else "sentences, which does not say"
        with pytest.raises(DataError, match=rf"{name}: is Tatoeba's list of {what}"):
            found(made(tmp_path, name, content))
    detailed = EXPORT["sentences.csv"].replace(b"\n", b"\tsomebody\t2020-01-01\t\\N\n")
    with pytest.raises(DataError, match="is Tatoeba's list of sentences"):
        found(made(tmp_path, name, detailed))


# Anki.

ANKI = """#separator:tab
#html:true
#guid column:1
#notetype column:2
#deck column:3
#tags column:6
"""


def test_anki_text(tmp_path):
    """Neither what names a note nor its tags are sentences, and quotes are the table's."""
    rows = [("a|b;c", "Basic", "French::1", en, fr, "tag") for en, fr in PAIRS]
    marked = "<b>Don't</b> stop&nbsp;!", 'Première ligne.<br>"Non."'
    rows.append(("d", "Basic", "French", *marked, "x y"))
    skipped = Skipped()
    path = made(tmp_path, "Deck.txt", ANKI + table(rows, "\t", lineterminator="\n"))
    assert found(path, skipped=skipped) == [*PAIRS, ("Don't stop !", 'Première ligne. "Non."')]
    assert skipped == [(readers.HEADER, f"{path}, line {i}") for i in range(1, 7)]
    assert found(path, FR, EN, turned=True)[:20] == turned(PAIRS)
    assert found(path, columns=(5, 4))[:20] == turned(PAIRS)
    places = [place for place, _ in readers.read(path, readers.Wanted(EN, FR))]
    assert places[0] == f"{path}, line 7"


def test_anki_text_with_names_and_commas(tmp_path):
    text = "#separator:Comma\n#html:false\n#columns:French,English,Audio\n"
    rows = [(fr, en, "[sound:1.mp3]") for en, fr in PAIRS] + [("Un < deux.", "One < two.", "")]
    path = made(tmp_path, "Deck.txt", text + table(rows))
    assert found(path) == [*PAIRS, ("One < two.", "Un < deux.")]
    assert found(path, columns=("English", "french"))[:20] == PAIRS
    skipped = Skipped()
    path = made(tmp_path, "Deck.txt", "#separator:tab\n#html:true\nI see.\nI see.\tJe vois.\n")
    assert found(path, skipped=skipped) == [("I see.", "Je vois.")]
    assert skipped.pairs() == [("a note of one field", f"{path}, line 3")]


def test_what_is_taken_out_of_a_field():
    assert plain("I <b>see</b>&nbsp;2 &lt; 3.[sound:a b.mp3]<br/>Yes.") == "I see 2 < 3. Yes."
    assert plain("<style>.a {x}</style><div>One.</div><div>Two &amp; &#39;3&#39;.</div>") == (
        "One. Two & '3'."
    )
    assert plain("{{c1::Je vois::verb}} un chat.<img src='a.png'>") == "Je vois un chat."
    assert plain("2 < 3 and 5 > 4") == "2 < 3 and 5 > 4"


def database(kinds, notes, new=False):
    """The bytes of a collection: of types of notes, with the names of their fields."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table notes (id integer, guid text, mid integer, flds text)")
    connection.executemany("insert into notes values (?, 'g', ?, ?)", notes)
    if new:
        connection.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        connection.execute(
            "create table fields (ntid integer, ord integer, name text collate unicase, "
            "primary key (ntid, ord)) without rowid"
        )
        connection.execute("create unique index names on fields (name, ntid)")
        rows = [(k, i, name) for k, names in kinds.items() for i, name in enumerate(names)]
        connection.executemany("insert into fields values (?, ?, ?)", rows)
    else:
        models = {k: {"flds": [{"name": name} for name in names]} for k, names in kinds.items()}
        connection.execute("create table col (models text)")
        connection.execute("insert into col values (?)", [json.dumps(models)])
    connection.commit()
    with_dump = sqlite3.connect(str(database.folder / "c.db"))
    connection.backup(with_dump)
    connection.close()
    with_dump.close()
    content = (database.folder / "c.db").read_bytes()
    (database.folder / "c.db").unlink()
    return content


@pytest.fixture
def anki(tmp_path):
    """A function that makes a package of each generation of Anki; the newer ones with the decoy."""
    database.folder = tmp_path

    def package(generation, kinds, notes, name="deck.apkg"):
        decoy = database({1: ["Front", "Back"]}, [(1, 1, "Please update to a newer\x1fAnki.")])
        files = {"collection.anki2": decoy, "media": b"{}"}
        content = database(kinds, notes, new=generation == "anki21b")
        files[f"collection.{generation}"] = zstd(content) if generation == "anki21b" else content
        return made(tmp_path, name, zipped(**files))

    return package


@pytest.mark.parametrize("generation", ["anki2", "anki21", "anki21b"])
@pytest.mark.parametrize("name", ["deck.apkg", "all.colpkg", "deck.zip"])
def test_anki_packages(generation, name, anki):
    notes = [(i, 7, f"<b>{en}</b>[sound:{i}.mp3]\x1f{fr}\x1f") for i, (en, fr) in enumerate(PAIRS)]
    path = anki(generation, {7: ["Front", "Back", "Audio"]}, notes, name)
    assert found(path) == PAIRS and found(path, FR, EN, turned=True) == turned(PAIRS)
    assert found(path, columns=("back", 1)) == turned(PAIRS)
    with pytest.raises(UsageError, match="has no column 'Rear', but 'Front', 'Back', 'Audio'"):
        found(path, columns=("Front", "Rear"))


@pytest.mark.parametrize("generation", ["anki21", "anki21b"])
def test_anki_fields_that_name_their_language(generation, anki):
    notes = [(i, 7, f"{i}\x1f{fr}\x1f{en}") for i, (en, fr) in enumerate(PAIRS)]
    notes += [(50, 8, "Ich sehe.\x1fI see."), (51, 7, "alone")]
    kinds = {7: ["Rank", "French", "English"], 8: ["German", "English"]}
    path, skipped = anki(generation, kinds, notes), Skipped()
    assert found(path, skipped=skipped) == PAIRS
    assert skipped == [
        ("a note whose fields are in other languages", f"{path}, note 50"),
        ("a note without field 3", f"{path}, note 51"),
    ]


def test_anki_packages_that_are_damaged(anki, tmp_path):
    notes = [(i, 7, f"{en}\x1f{fr}") for i, (en, fr) in enumerate(PAIRS)]
    whole = anki("anki2", {7: ["Front", "Back"]}, notes)
    with zipfile.ZipFile(whole) as archive:
        content = archive.read("collection.anki2")
    empty = sqlite3.connect(str(tmp_path / "empty.db"))
    empty.execute("create view notes as select 1 as id, 7 as mid, 'a' as flds")
    empty.commit()
    empty.close()
    for wrong in content[:3000], b"not a database" * 100, (tmp_path / "empty.db").read_bytes():
        path = made(tmp_path, "deck.apkg", zipped(**{"collection.anki2": wrong}))
        with pytest.raises(DataError, match=r"deck\.apkg: its collection\.anki2 cannot be read: "):
            found(path)
    with pytest.raises(DataError, match=r"deck\.apkg: is no package of Anki"):
        found(made(tmp_path, "deck.apkg", zipped(media=b"{}", a__txt=TSV)))


# What is none of these.

OTHERS = {
    "a.parquet": (b"PAR1\x15\x04", "a Parquet table: .*pandas.read_parquet"),
    "a.feather": (b"ARROW1\0\0", "an Arrow table"),
    "a.pdf": (b"%PDF-1.7\n", "a PDF document"),
    "a.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a document of old Office"),
    "a.docx": (
        zipped(**{"word/document.xml": b"<a/>"}),
        "a Word document: save it as",
    ),
    "a.ods": (
        zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content__xml=b"<a/>"),
        "an OpenDocument spreadsheet: .*CSV UTF-8",
    ),
    "a.db": (b"SQLite format 3\0" + bytes(100), "an SQLite database"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it"),
    "a.rar": (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
    "a.mo": (b"\xde\x12\x04\x95" + bytes(24), "a compiled catalogue .*take the .po"),
    "a.pkl": (b"\x80\x04\x95\x10", "a Python pickle"),
    "a.bin": (bytes(range(4)) + bytes(200), "holds no text"),
    "a.rtf": (b"{\\rtf1\\ansi", "an RTF document"),
    "fra-eng.zip": (b"<!DOCTYPE html>\n<html>", "a web page, perhaps"),
    "a.tsv": (b"\xef\xbb\xbf\n<html lang='en'>", "a web page"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("packed", [False, True])
def test_what_holds_no_pairs_says_what_it_is(name, packed, tmp_path):
    content, message = OTHERS[name]
    name, content = (f"{name}.gz", gzip.compress(content)) if packed else (name, content)
    with pytest.raises(DataError, match=rf"{name}: (is )?{message}") as error:
        found(made(tmp_path, name, content))
    assert "\n" not in str(error.value)


def test_a_model_in_place_of_sentences(tmp_path, small_model):
    gs.save_model(small_model(), tmp_path / "run")
    for folder in [tmp_path / "run", *(tmp_path / "run").glob("model-*")]:
        with pytest.raises(DataError, match="is a model: give it as the model"):
            gs.load_corpus(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: holds 0 text files, needs exactly one"):
        gs.load_corpus(tmp_path / "empty")
