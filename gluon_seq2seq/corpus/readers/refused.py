"""Files that people have and that are no pairs of sentences: what each is, and the way out."""

from pathlib import Path

from ...errors import DataError
from .lines import Place

TABLE = "open it in a program of its kind and save it as CSV UTF-8"
BY_PANDAS = "read it with pandas, and give load_corpus the DataFrame"
UNPACK = "unpack it by hand"
KINDS = (  # how it begins, what else it has near its begin or end, what it is, the way out
    (b"PAR1", b"", "a Parquet table", BY_PANDAS + ": pandas.read_parquet(...)"),
    (b"ARROW1", b"", "an Arrow table", BY_PANDAS + ": pandas.read_feather(...)"),
    (b"\x89HDF", b"", "an HDF5 file", BY_PANDAS + ": pandas.read_hdf(...)"),
    (b"%PDF", b"", "a PDF document", "copy its text into two columns, and save them as TSV"),
    (b"{\\rtf", b"", "an RTF document", "save it as plain text, UTF-8"),
    (b"PK", b"word/document.xml", "a Word document", "save it as plain text, UTF-8"),
    (b"PK", b"opendocument.spreadsheet", "an OpenDocument spreadsheet", TABLE),
    (b"PK", b"opendocument.text", "an OpenDocument text", "save it as plain text, UTF-8"),
    (b"PK", b"ppt/presentation.xml", "a presentation", "copy its text into a table"),
    (b"PK", b"application/epub+zip", "an e-book", "save it as plain text, UTF-8"),
    (b"\xd0\xcf\x11\xe0", b"", "a document of old Office (.doc, .xls)", TABLE + ", or as text"),
    (b"SQLite format 3", b"", "an SQLite database", BY_PANDAS + ": pandas.read_sql(...)"),
    (b"7z\xbc\xaf", b"", "a 7-Zip archive", UNPACK),
    (b"Rar!", b"", "a RAR archive", UNPACK),
    (b"\x1f\x9d", b"", "a file of compress (.Z)", UNPACK),
    (b"\xde\x12\x04\x95", b"", "a compiled catalogue (.mo)", "take the .po file it was made of"),
    (b"\x95\x04\x12\xde", b"", "a compiled catalogue (.mo)", "take the .po file it was made of"),
    (b"\x80\x04\x95", b"", "a Python pickle", "it can run code when it is read: ask for a text"),
    (b"\x93NUMPY", b"", "an array of NumPy", "give load_corpus its rows as pairs"),
    (b"\x89PNG", b"", "a picture", "sentences are needed as text"),
    (b"\xff\xd8\xff", b"", "a picture", "sentences are needed as text"),
    (b"\x7fELF", b"", "a program", "sentences are needed as text"),
    (b"WEBVTT", b"", "WebVTT subtitles", "save them as SubRip, .srt"),
    (b"[Script Info]", b"", "SubStation subtitles", "save them as SubRip, .srt"),
)
PAGE = b"<!doctype html", b"<html"


def refuse(path: Place, head: bytes) -> None:
    """Raise :class:`DataError`, which says what ``path`` is, where ``head``, how it begins (and, of
    a zip file, ends), tells something that holds no pairs."""
    begins = head[3:] if head.startswith(b"\xef\xbb\xbf") else head
    for begin, has, what, remedy in KINDS:
        if begins.startswith(begin) and has in head:
            raise DataError(f"{path}: is {what}: {remedy}")
    if begins.lstrip(b" \t\r\n")[:20].lower().startswith(PAGE):
        raise DataError(
            f"{path}: is a web page, perhaps what a server says in place of the file: download the "
            "file itself"
        )


def refuse_binary(path: Place, content: bytes) -> None:
    """Raise :class:`DataError` where ``content`` has too many zeros for a text, and another
    distribution of them than UTF-16, which has nearly all in every second byte."""
    beginning = content[:1000]
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if even + odd > len(beginning) // 4 and 4 * min(even, odd) > max(even, odd):
        raise DataError(f"{path}: holds no text: save or export what it holds as CSV UTF-8")


def refuse_folder(folder: Place) -> None:
    """Raise :class:`DataError` where a folder holds a model in place of sentences."""
    names = "model.params", "model-*/model.params", "pytorch_model.bin", "model.safetensors"
    if any(path.is_file() for name in names for path in Path(folder).glob(name)):
        raise DataError(
            f"{folder}: is a model: give it as the model, and the sentences it is to read as data"
        )
