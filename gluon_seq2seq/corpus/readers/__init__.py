"""Lines of text from files and archives, or one clear message.

Text is UTF-8, with or without a byte order mark. Lines end with LF or CRLF alone: U+2028 and its
like stay in a sentence, or the two sides of a pair would come apart.
"""

import contextlib
import gzip
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import (
    IO,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Type,
    Union,
)

from ...errors import DataError, UsageError
from ...text.sentences import check_sentence

GZIP = b"\x1f\x8b"
UTF_16 = b"\xff\xfe", b"\xfe\xff"
Place = Union[str, "os.PathLike[str]"]
Line = Tuple[str, Sequence[str]]  # where it stands, for messages, and its columns
Columns = Tuple[Union[int, str], Union[int, str]]
HEADER = "a header line"  # why it was left out: no fault, with strict, either
MAX_UNPACKED, MAX_RATIO = 2 * 2**30, 200  # bytes; times the archive: no text shrinks so far
AT_ONCE = 65_536, 32  # packed bytes; of bzip2 and LZMA, which zipfile unpacks to any length
DAMAGE: Tuple[Type[Exception], ...]  # what a file that is no archive, or no more, leads to
DAMAGE = OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error
with contextlib.suppress(ImportError):  # a Python without it refuses such archives itself
    import lzma

    DAMAGE += (lzma.LZMAError,)


class Wanted(NamedTuple):
    """What a reader is asked for: pairs ``(source, target)``, and to say what it leaves out.

    ``source_lang``, ``target_lang``: codes of ISO 639-1. ``columns``: where the source stands in a
    table and where the target, numbers from 1 or names of its header; None where nobody said.
    ``skipped(reason, place)``: counts what was left out. ``turned``: where neither the format nor
    ``columns`` says which is which, the target stands first.
    """

    source_lang: str = "en"
    target_lang: str = "fr"
    columns: Optional[Columns] = None
    skipped: Callable[[str, str], None] = lambda reason, place: None
    turned: bool = False

    def ordered(self, columns: Sequence[str]) -> Sequence[str]:
        """``columns`` of which nothing says which is which, as ``(source, target)``."""
        return columns[1::-1] if self.turned and len(columns) > 1 else columns


DEFAULT = Wanted()


def read(path: Place, wanted: Wanted = DEFAULT) -> Iterator[Line]:
    """Yield ``(place, (source, target, …))`` for each pair of a text, gzip or zip file, as
    ``wanted``; fewer columns where a line has no pair.

    The ending of its name, ``.gz`` aside, chooses one of :data:`READERS`; others, ``.txt`` and
    ``.tsv`` among them, hold a pair a line, a tab between its sides. Raises :class:`DataError`,
    which names the file and, where it is one, the line.
    """
    name = Path(path).name
    ending = Path(name[: -len(".gz")] if name.endswith(".gz") else name).suffix
    lines = READERS.get(ending, columns_of)(path, _content(path))
    if wanted.turned:
        lines = ((place, wanted.ordered(columns)) for place, columns in lines)
    yield from lines


def read_lines(path: Place) -> Iterator[Tuple[str, str]]:
    """Yield ``(place, line)`` of such a file, which holds no pairs."""
    return text_lines(path, _stream(path, _content(path)))


def read_parallel(source: Place, target: Place, wanted: Wanted = DEFAULT) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` from two such files, line by line, as ``wanted``."""
    sides = [list(text_lines(path, _stream(path, _content(path)))) for path in (source, target)]
    if len(sides[0]) != len(sides[1]):
        raise DataError(
            f"{source} has {len(sides[0]):,} lines but {target} has {len(sides[1]):,}: parallel "
            "files need one translation a line"
        )
    for (place, src), (_, tgt) in zip(*sides):
        yield place, wanted.ordered((src, tgt))


class Table(Protocol):
    """What is needed of a pandas DataFrame."""

    def itertuples(self, index: bool = ..., name: Optional[str] = ...) -> Iterable[Any]:
        """Its rows."""


def read_given(pairs: Union[Iterable[Any], Table], wanted: Wanted = DEFAULT) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` of pairs of str, or of the rows of a pandas DataFrame,
    as ``wanted``.

    Further columns are left out; what is missing, None or not a number, is a blank. Raises
    :class:`UsageError`, which names the pair, for what is no text.
    """
    rows = pairs.itertuples(index=False, name=None) if hasattr(pairs, "itertuples") else pairs
    for number, row in enumerate(rows, 1):
        if isinstance(row, (str, bytes)) or not hasattr(row, "__len__") or len(row) < 2:
            raise UsageError(f"pair {number} is {row!r}: use two texts, (source, target)")
        sides = ["" if _missing(side) else side for side in list(row)[:2]]
        for column, side in enumerate(sides, 1):
            check_sentence(side, f"pair {number}, column {column},")
        yield f"pair {number}", wanted.ordered(sides)


def _missing(value: Any) -> bool:
    """Whether ``value`` is what a table has in an empty cell: None, a NaN, or pandas.NA."""
    return (
        value is None
        or type(value).__name__ == "NAType"
        or (isinstance(value, float) and value != value)
    )


def columns_of(path: Place, content: bytes) -> Iterator[Line]:
    """Yield ``(place, columns)`` for each line of the bytes of a file."""
    for place, line in text_lines(path, _stream(path, content)):
        yield place, line.split("\t")


READERS: Dict[str, Callable[[Place, bytes], Iterator[Line]]] = {}
"""Ending of a file's name -> ``reader(path, content)`` of its bytes, unpacked, which yields
``(place, (source, target, …))``; a reader of your own may join. ``place`` is what messages say."""


def text_lines(path: Place, stream: Iterable[bytes]) -> Iterator[Tuple[str, str]]:
    """Yield ``(place, line)`` of a binary stream of UTF-8; ``path`` is its name in messages."""
    for number, line in enumerate(stream, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, line {number}: not UTF-8 at byte {error.start + 1} of the line; save "
                "the file as UTF-8"
            ) from None
        yield f"{path}, line {number}", text.rstrip("\r\n")


def unzip(path: Place, stream: Optional[IO[bytes]] = None) -> bytes:
    """The one text file of an archive (``_about.txt`` and its like do not count), which ``stream``
    reads where it is open."""
    with zipfile.ZipFile(stream or path) as archive:
        texts = [
            member
            for member in archive.infolist()
            if member.filename.endswith((".txt", ".tsv"))
            and not Path(member.filename).name.startswith(("_", "."))
        ]
        if len(texts) != 1:
            raise DataError(f"{path}: holds {len(texts)} text files, needs exactly one: unpack it")
        (member,) = texts
        with archive.open(member) as stream:
            if member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return _unpacked(path, stream, member.compress_size)
            stream.MIN_READ_SIZE = AT_ONCE[1]  # type: ignore[attr-defined]
            return _unpacked(path, stream, member.compress_size, AT_ONCE[1])


def _content(path: Place) -> bytes:
    """The bytes of a file, unpacked."""
    path = Path(path)
    try:
        content = path.read_bytes()
        stream = io.BytesIO(content)  # a pipe can be read once
        if zipfile.is_zipfile(stream):
            return unzip(path, stream)
        if content.startswith(GZIP):
            with gzip.open(io.BytesIO(content)) as unpacked:
                return _unpacked(path, unpacked, len(content))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except DataError:
        raise
    except DAMAGE as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise DataError(f"{path}: cannot be read: {reason}") from None
    if path.suffix == ".gz":
        raise DataError(f"{path}: is not a gzip file: give it another name, or pack it again")
    return content


def _unpacked(
    path: Place,
    stream: Union[IO[bytes], gzip.GzipFile],
    packed_size: int,
    at_once: int = AT_ONCE[0],
) -> bytes:
    """All of a stream, unless it grows to more than a text could."""
    limit = min(MAX_UNPACKED, MAX_RATIO * max(packed_size, 1000))
    parts, size = [], 0
    for part in iter(lambda: stream.read(at_once), b""):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise DataError(
                f"{path}: unpacks to more than {limit:,} bytes: unpack it by hand if it is a text"
            )
    return b"".join(parts)


def _stream(path: Place, content: bytes) -> Iterable[bytes]:
    """``content`` line by line, unless it is what editors call Unicode and Python UTF-16."""
    refuse_utf_16(path, content)
    return io.BytesIO(content)


def refuse_utf_16(path: Place, content: bytes) -> None:
    """Raise :class:`DataError` where ``content``, how ``path`` begins, looks like UTF-16."""
    beginning = content[:1000]
    if content.startswith(UTF_16) or beginning.count(0) > max(1, len(beginning) // 4):
        raise DataError(f"{path}: looks like UTF-16: save the file as UTF-8")
