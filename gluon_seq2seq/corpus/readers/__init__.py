"""Sentence pairs from the files that people have: one format a file, all in one table.

Text is UTF-8, with or without a byte order mark. What is packed is unpacked first, whatever its
name. docs/formats.md says what each format loses.
"""

from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Protocol, Sequence, Tuple, Union

from ...errors import DataError, UsageError
from ...text.sentences import check_sentence
from . import anki, compression, delimited, jsonl, markup, parallel, refused, tatoeba_exports
from .compression import Member, content_of
from .lines import (
    ANY,
    HEADER,
    Columns,
    Format,
    Line,
    Note,
    Place,
    Wanted,
    columns_of,
    refuse_utf_16,
    stream_of,
    text_lines,
)

__all__ = ["HEADER", "READERS", "Columns", "Format", "Line", "Note", "Place", "Table", "Wanted"]
__all__ += ["columns_of", "read", "read_given", "read_lines", "read_parallel", "read_splits"]
__all__ += ["refuse_utf_16", "text_lines"]

_FORMATS: Tuple[Format, ...] = (
    delimited.TSV,
    delimited.CSV,
    jsonl,
    tatoeba_exports,
    anki.TEXT,
    anki.PACKAGE,
    *markup.FORMATS,
)
READERS = {one.NAME: one for one in _FORMATS}
"""Name of a format -> a module, or an object like one, that has ``NAME ENDINGS recognises read``
(:class:`Format`). The last that recognises how a file begins reads it, so one that joins comes
before those here; where none does, the last whose ``ENDINGS`` the name has, or TSV."""
HEAD = 2**16  # bytes of a file that formats are shown; of a zip file its end, too, the directory
DEPTH = 5  # of files packed in one another


def read(path: Place, wanted: Wanted = ANY) -> Iterator[Line]:
    """Yield ``(place, (source, target, …))`` for each pair of a file or folder, as ``wanted``;
    fewer columns where a line has no pair.

    One of :data:`READERS` reads it. A folder, or an archive of several files, is to hold one text,
    one in each of the languages wanted, or an export of Tatoeba. Raises :class:`DataError`, which
    names the file and, where it is one, the line; :class:`UsageError` for columns that it has not;
    :class:`SystemProblem` where a package is needed.
    """
    yield from _pairs(path, *_opened(path), wanted)


def read_splits(path: Place, wanted: Wanted = ANY) -> Dict[str, Iterator[Line]]:
    """What :func:`read` yields of ``path``, as ``{"": lines}``; or, of a folder or archive whose
    files are called so (``train.en``, ``validation.jsonl``), ``{"train": …, "dev": …, "test": …}``.
    """
    name, found = _opened(path)
    if not isinstance(found, bytes):
        splits = parallel.splits(found)
        if splits:
            return {split: _of_files(path, files, wanted) for split, files in splits.items()}
    return {"": _pairs(path, name, found, wanted)}


def read_parallel(source: Place, target: Place, wanted: Wanted = ANY) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` from two files, line by line, as ``wanted``.

    The languages that their names end with say which is which. Two files of a format that has a
    ``read_two(source, target, wanted)``, each as ``(path, content)``, are read by it; raises
    :class:`DataError` for those of others, which hold both sides.
    """
    if parallel.order(source, target, wanted):
        source, target = target, source
    contents = content_of(source), content_of(target)
    yield from _two(source, target, *contents, wanted._replace(turned=False))


def read_lines(path: Place) -> Iterator[Tuple[str, str]]:
    """Yield ``(place, line)`` of a text, packed or not, that holds no pairs."""
    _, content = _unpacked(path, Path(path).name, content_of(path))
    return text_lines(path, stream_of(path, _alone(path, content)))


Found = Union[bytes, List[Member]]  # what a file holds in the end: a text, or several files


def _opened(path: Place) -> Tuple[str, Found]:
    """The name and content of a file, unpacked, or of a folder."""
    if not Path(path).is_dir():
        return _unpacked(path, Path(path).name, content_of(path))
    refused.refuse_folder(path)
    return Path(path).name, compression.of_folder(path)


def _unpacked(path: Place, name: str, content: bytes) -> Tuple[str, Found]:
    """The name and content of what is in a file in the end, ``content`` itself where nothing is
    packed in it."""
    for _ in range(DEPTH):
        if _recognised(name, content):
            return name, content
        refused.refuse(path, _head(content))
        members = compression.members(path, name, content)
        if members is None:
            refused.refuse_binary(path, content)
            return name, content
        if len(members) != 1:
            return name, members
        name, content = Path(members[0].name).name, members[0].content()
    raise DataError(f"{path}: is packed more than {DEPTH} times: unpack it by hand")


def _pairs(path: Place, name: str, found: Found, wanted: Wanted) -> Iterator[Line]:
    """The pairs of what :func:`_unpacked` gives."""
    if not isinstance(found, bytes):
        return _of_files(path, found, wanted)
    format = _format(name, found)
    wanted.read_as(format.NAME)
    return format.read(path, found, wanted)


def _of_files(path: Place, files: Sequence[Member], wanted: Wanted) -> Iterator[Line]:
    """The pairs of files in a folder or an archive."""
    export = tatoeba_exports.among(files)
    if export:
        wanted.read_as(tatoeba_exports.NAME)
        sentences, links = ([_text_of(path, one) for one in some] for some in export)
        return tatoeba_exports.read_files(path, sentences, links, wanted)
    chosen = parallel.chosen(path, files, wanted)
    if len(chosen) == 1:
        return _pairs(path, *_unpacked(path, _base(chosen[0]), chosen[0].content()), wanted)
    source, target = chosen
    names = (f"{path}, {source.name}", f"{path}, {target.name}")
    return _two(*names, source.content(), target.content(), wanted._replace(turned=False))


def _text_of(path: Place, member: Member) -> Tuple[str, bytes]:
    """The name of a member, and the bytes of the one text that it is or holds."""
    _, found = _unpacked(f"{path}, {member.name}", member.name, member.content())
    return member.name, _alone(f"{path}, {member.name}", found)


def _two(
    source: Place, target: Place, first: bytes, second: bytes, wanted: Wanted
) -> Iterator[Line]:
    """The pairs of two files, the source and the target."""
    names, contents, formats = [], [], []
    for path, packed in (source, first), (target, second):
        name, found = _unpacked(path, Path(path).name, packed)
        content = _alone(path, found)
        names.append(path)
        contents.append(content)
        formats.append(_recognised(name, content))
    format = formats[0] or formats[1]
    if format is None:
        wanted.read_as("two texts, a line of each a pair")
        return parallel.pairs((source, contents[0]), (target, contents[1]))
    read_two = getattr(format, "read_two", None)
    if formats[0] is formats[1] and read_two:
        wanted.read_as(f"two files of {format.NAME}")
        return read_two((source, contents[0]), (target, contents[1]), wanted)
    one, other = (source, target) if formats[0] else (target, source)
    if read_two:
        raise DataError(f"{one}: is {format.NAME}, and {other} is not: give two files of it")
    raise DataError(f"{one}: is {format.NAME}, which holds both sides: give it alone, as data")


def _alone(path: Place, found: Found) -> bytes:
    """The bytes of what has to be a single text."""
    if isinstance(found, bytes):
        return found
    raise DataError(f"{path}: holds {len(found)} files, needs exactly one: unpack it")


def _format(name: str, content: bytes) -> Format:
    """What reads the bytes of a file."""
    ending = Path(name).suffix.lower()
    named = [one for one in READERS.values() if ending in one.ENDINGS]
    return _recognised(name, content) or (named[-1] if named else delimited.TSV)


def _recognised(name: str, content: bytes) -> Optional[Format]:
    """The format that the beginning of a file shows, or None."""
    head = _head(content)
    return next((one for one in [*READERS.values()][::-1] if one.recognises(name, head)), None)


def _head(content: bytes) -> bytes:
    return content[:HEAD] + (content[-HEAD:] if content.startswith(b"PK") else b"")


def _base(member: Member) -> str:
    return Path(member.name).name


class Table(Protocol):
    """What is needed of a pandas DataFrame."""

    def itertuples(self, index: bool = ..., name: Optional[str] = ...) -> Iterable[Any]:
        """Its rows."""


def read_given(pairs: Union[Iterable[Any], Table], wanted: Wanted = ANY) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` of pairs of str, or of the rows of a pandas DataFrame,
    as ``wanted``.

    What is missing, None or not a number, is a blank. Raises :class:`UsageError`, which names the
    pair, for what is no text.
    """
    rows = pairs.itertuples(index=False, name=None) if hasattr(pairs, "itertuples") else pairs
    names = getattr(pairs, "columns", None)
    names = None if names is None else [str(name) for name in names]
    source, target = wanted.pick("pairs", names)
    for number, row in enumerate(rows, 1):
        if isinstance(row, (str, bytes)) or not hasattr(row, "__len__") or len(row) < 2:
            raise UsageError(f"pair {number} is {row!r}: use two texts, (source, target)")
        if len(row) <= max(source, target):
            raise UsageError(f"pair {number} has {len(row)} columns, not {max(source, target) + 1}")
        sides = ["" if _missing(row[side]) else row[side] for side in (source, target)]
        for column, side in zip((source, target), sides):
            check_sentence(side, f"pair {number}, column {column + 1},")
        yield f"pair {number}", sides


def _missing(value: Any) -> bool:
    """Whether ``value`` is what a table has in an empty cell: None, a NaN, or pandas.NA."""
    return (
        value is None
        or type(value).__name__ == "NAType"
        or (isinstance(value, float) and value != value)
    )
