"""Lines of text from files and archives, or one clear message.

Text is UTF-8, with or without a byte order mark. Lines end with LF or CRLF alone: U+2028 and its
like stay in a sentence, or the two sides of a pair would come apart.
"""

import gzip
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import IO, Callable, Dict, Iterable, Iterator, Optional, Sequence, Tuple, Union

from ..errors import DataError

GZIP = b"\x1f\x8b"
UTF_16 = b"\xff\xfe", b"\xfe\xff"
Place = Union[str, "os.PathLike[str]"]
Line = Tuple[str, Sequence[str]]  # where it stands, for messages, and its columns
MAX_UNPACKED, MAX_RATIO = 2 * 2**30, 200  # bytes; times the archive: no text shrinks so far


def read(path: Place) -> Iterator[Line]:
    """Yield ``(place, columns)`` for each pair of a text, gzip or zip file.

    The ending of its name, ``.gz`` aside, chooses one of :data:`READERS`; others, ``.txt`` and
    ``.tsv`` among them, hold a pair a line, a tab between its sides. Raises :class:`DataError`,
    which names the file and, where it is one, the line.
    """
    name = Path(path).name
    ending = Path(name[: -len(".gz")] if name.endswith(".gz") else name).suffix
    yield from READERS.get(ending, columns_of)(path, _content(path))


def read_parallel(source: Place, target: Place) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` from two such files, line by line."""
    sides = [list(text_lines(path, _stream(path, _content(path)))) for path in (source, target)]
    if len(sides[0]) != len(sides[1]):
        raise DataError(
            f"{source} has {len(sides[0]):,} lines but {target} has {len(sides[1]):,}: parallel "
            "files need one translation a line"
        )
    for (place, src), (_, tgt) in zip(*sides):
        yield place, (src, tgt)


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
            return _unpacked(path, stream, member.compress_size)


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
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise DataError(f"{path}: cannot be read: {reason}") from None
    if path.suffix == ".gz":
        raise DataError(f"{path}: is not a gzip file: give it another name, or pack it again")
    return content


def _unpacked(path: Place, stream: Union[IO[bytes], gzip.GzipFile], packed_size: int) -> bytes:
    """All of a stream, unless it grows to more than a text could."""
    limit = min(MAX_UNPACKED, MAX_RATIO * max(packed_size, 1000))
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise DataError(
            f"{path}: unpacks to more than {limit:,} bytes: unpack it by hand if it is a text"
        )
    return content


def _stream(path: Place, content: bytes) -> Iterable[bytes]:
    """``content`` line by line, unless it is what editors call Unicode and Python UTF-16."""
    refuse_utf_16(path, content)
    return io.BytesIO(content)


def refuse_utf_16(path: Place, content: bytes) -> None:
    """Raise :class:`DataError` where ``content``, how ``path`` begins, looks like UTF-16."""
    beginning = content[:1000]
    if content.startswith(UTF_16) or beginning.count(0) > max(1, len(beginning) // 4):
        raise DataError(f"{path}: looks like UTF-16: save the file as UTF-8")
