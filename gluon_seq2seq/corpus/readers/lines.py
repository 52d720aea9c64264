"""What readers share: what is wanted of a file, what they yield, and lines of text.

Text is UTF-8, with or without a byte order mark. Lines end with LF or CRLF alone: U+2028 and its
like stay in a sentence, or the two sides of a pair would come apart.
"""

import io
import os
import re
from typing import (
    Callable,
    Iterable,
    Iterator,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Union,
)

from ...errors import DataError, UsageError
from ...text.languages import code_of

Place = Union[str, "os.PathLike[str]"]
Line = Tuple[str, Sequence[str]]  # where it stands, for messages, and its columns
Column = Union[int, str]  # a number from 1, or a name in a header
Columns = Tuple[Column, Column]
UTF_16 = b"\xff\xfe", b"\xfe\xff"
SIDES = {
    **dict.fromkeys(["source", "src", "input", "original", "front", "prompt"], 0),
    **dict.fromkeys(["target", "tgt", "trg", "output", "translation", "back", "completion"], 1),
}
"""What a column is called by the side of the pair that it holds."""
WORDS = """
id ids index nr number no. # score quality text sentence phrase translated traduction
sentence1 sentence2 text1 text2 question answer word meaning definition tags notes
note comment comments licence license url link source_lang target_lang lang language
"""  # of columns, which say that a line is a header, and no more
OF_TEXT = {*SIDES, "text", "sentence", "sentences", "sent", "segment", "phrase", "simplified"}
SENTENCE = re.compile(r"\S.*\s.*[.!?…。！？।؟]\W*")


class Note(str):
    """A reason to skip a line that costs no pair: said, and never an error."""


HEADER = Note("a header line")


def _forget(*_: str) -> None:
    """Forget what is said."""


class Wanted(NamedTuple):
    """What a reader is asked for.

    ``source_lang target_lang``: ISO 639-1 codes, or None where any will do; ``columns``: of source
    and target, numbers from 1 or names, or None where the file is to say; ``skipped(reason,
    place)`` is called for what is no pair, with a :class:`Note` for what loses none; ``turned``:
    where the file does not say which side is which, its second is the source; ``read_as(format)``
    is called with what a file is taken for.
    """

    source_lang: Optional[str] = None
    target_lang: Optional[str] = None
    columns: Optional[Columns] = None
    skipped: Callable[[str, str], None] = _forget
    turned: bool = False
    read_as: Callable[[str], None] = _forget

    def ordered(self, columns: Sequence[str]) -> Sequence[str]:
        """``columns`` of which nothing says which is which, as ``(source, target)``."""
        return columns[1::-1] if self.turned and len(columns) > 1 else columns

    def heads(self, names: Sequence[str]) -> bool:
        """Whether ``names``, the first row of a table, are those of its columns.

        A language has to be called by its name there, or by the code of one that is wanted: "it"
        and "to" are words, too.
        """
        names = [name.strip().lower() for name in names]
        if self.columns is not None and any(isinstance(one, str) for one in self.columns):
            asked = [one.strip().lower() for one in self.columns if isinstance(one, str)]
            if set(asked) <= set(names):
                return True
        if any(SENTENCE.fullmatch(name) for name in names):
            return False
        if {side_in(name) for name in names} >= {0, 1}:
            return True
        either = None in (self.source_lang, self.target_lang)
        codes = {name: code_of(name) or code_in(name) for name in names}
        known = {
            name: code
            for name, code in codes.items()
            if code and (len(name) > 3 or either or code in (self.source_lang, self.target_lang))
        }
        if len(set(known.values())) > 1:
            return True
        filled = list(filter(None, names))
        return (
            len(known) < 2
            and 1 < len(filled) == len(set(filled))
            and all(name in WORDS.split() or name in SIDES or name in known for name in filled)
        )

    def sides(self, names: Sequence[str]) -> Optional[Tuple[int, int]]:
        """Where source and target stand among ``names`` of columns, files or keys, from 0.

        A name is a language's (``fr``, ``fra``, ``fr_FR``, ``French``, ``français``), alone or
        beside a word (``sentence_fr``), or says itself that it is the source or target: of the pair
        as it stands, which may be wanted turned round. None where too few of them do. With two
        names of which one is known, the other is the other side.
        """
        told = [side_in(name) for name in names]
        if 0 in told and 1 in told:
            source, target = told.index(0), told.index(1)
            return (target, source) if self.turned else (source, target)
        return self._by_language(names, code_of) or self._by_language(names, code_in)

    def _by_language(
        self, names: Sequence[str], code: Callable[[str], Optional[str]]
    ) -> Optional[Tuple[int, int]]:
        codes = [code(name) for name in names]
        if self.source_lang is None or self.target_lang is None:
            known = [i for i, code in enumerate(codes) if code]
            if len(known) < 2:
                return None
            return (known[1], known[0]) if self.turned else (known[0], known[1])
        source, target = (
            codes.index(one) if one in codes else None
            for one in (self.source_lang, self.target_lang)
        )
        if len(names) == 2 and codes.count(None) == 1:
            source, target = _other(source, target), _other(target, source)
        return None if source is None or target is None else (source, target)

    def pick(self, path: Place, names: Optional[Sequence[str]] = None) -> Tuple[int, int]:
        """The columns of source and target, from 0: those asked for, those that the ``names`` of a
        header say, or the first two.

        Raises :class:`UsageError` for a column that is not there, :class:`DataError` where the
        header names other languages.
        """
        if self.columns is not None:
            source, target = (_number(path, column, names) for column in self.columns)
            return source, target
        if names is not None:
            found = self.sides(names)
            if found:
                return found
            known = [name.strip() for name in names if code_of(name) or code_in(name)]
            if len(known) > 1:
                raise DataError(
                    f"{path}: its columns are {', '.join(known)}, not {self.source_lang} and "
                    f"{self.target_lang}: give columns=..., or source_lang=... and target_lang=..."
                )
        return (1, 0) if self.turned else (0, 1)


def side_in(name: str) -> Optional[int]:
    """The side of the pair that a column is called by, 0 or 1: ``source``, ``tgt_text``."""
    words = re.findall(r"[^\W_]+", name.casefold())
    sides = [SIDES[word] for word in words if word in SIDES]
    return sides[0] if len(sides) == 1 and OF_TEXT.issuperset(words) else None


def code_in(name: str) -> Optional[str]:
    """The language that the name of a column holds beside words for a text: ``sentence_en``,
    ``English (US)``."""
    for way in name, re.sub(r"(?<=\w)\s*\([^)]*\)\s*$", "", name):
        words = re.findall(r"[^\W_]+", way.casefold())
        others = [word for word in words if word not in OF_TEXT]
        code = code_of(others[0]) if len(others) == 1 else None
        if code:
            return code
    return None


def _other(one: Optional[int], two: Optional[int]) -> Optional[int]:
    """``one``, or which of both columns it is where only ``two`` is known."""
    return 1 - two if one is None and two is not None else one


def _number(path: Place, column: Column, names: Optional[Sequence[str]]) -> int:
    """The number from 0 of a column asked for by its number from 1 or its name."""
    if isinstance(column, int):
        if column < 1:
            raise UsageError(f"columns has {column}: columns count from 1")
        return column - 1
    listed = [name.strip().lower() for name in names or ()]
    if column.strip().lower() in listed:
        return listed.index(column.strip().lower())
    if not listed:
        raise UsageError(f"{path}: no header names a column {column!r}: use numbers, columns=1,2")
    raise UsageError(f"{path}: has no column {column!r}, but {', '.join(map(repr, names or ()))}")


ANY = Wanted()


class Format(Protocol):
    """What a module in this folder, or an object in its place, has."""

    @property
    def NAME(self) -> str:
        """What it is called, in the table of formats and in messages."""

    @property
    def ENDINGS(self) -> Tuple[str, ...]:
        """Of names of files, each with its dot, in lower case."""

    def recognises(self, name: str, head: bytes, /) -> bool:
        """Whether ``head``, how the file called ``name`` begins, can be nothing else."""

    def read(self, path: Place, content: bytes, wanted: Wanted, /) -> Iterator[Line]:
        """Yield the pairs of the bytes of a file; ``path`` is its name in messages."""


def of_one_side(name: str) -> Callable[[Place, bytes, Wanted], Iterator[Line]]:
    """The ``read`` of the format called ``name``, of which two files are needed: it raises
    :class:`DataError`."""

    def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
        raise DataError(
            f"{path}: is {name}, which holds one side: give the other file, too, as target=..."
        )

    return read


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


def stream_of(path: Place, content: bytes) -> Iterable[bytes]:
    """``content`` line by line, unless it is what editors call Unicode and Python UTF-16."""
    refuse_utf_16(path, content)
    if b"\n" not in content:  # as old Macs end lines
        content = content.replace(b"\r", b"\n")
    return io.BytesIO(content)


def refuse_utf_16(path: Place, content: bytes) -> None:
    """Raise :class:`DataError` where ``content``, how ``path`` begins, looks like UTF-16."""
    beginning = content[:1000]
    if content.startswith(UTF_16) or beginning.count(0) > max(1, len(beginning) // 4):
        raise DataError(f"{path}: looks like UTF-16: save the file as UTF-8")


def columns_of(path: Place, content: bytes) -> Iterator[Line]:
    """Yield ``(place, columns)`` for each line of the bytes of a file, a tab between them."""
    for place, line in text_lines(path, stream_of(path, content)):
        yield place, line.split("\t")
