"""Tables as text: a tab, comma or semicolon between the columns, quotes where the dialect has them.

Which dialect it is stands in the file (``sep=;``, as Excel reads it), or is counted: the one under
which most rows have as many columns as the others; a comma before a space is one of a sentence.
Quotes of a file with commas are those of RFC 4180. A file with tabs has them only where every quote
in it can be one, which those of Tatoeba's sentences cannot.
"""

import csv
import io
import itertools
import re
from collections import Counter
from typing import Iterator, List, NamedTuple, Sequence, Tuple

from ...errors import DataError
from .lines import HEADER, Line, Note, Place, Wanted, stream_of, text_lines
from .parallel import refuse_one_side

SAMPLE = 2**16, 500  # bytes; lines
BARS = " ||| "  # as Moses writes pairs
CALLED = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", BARS: "|||"}
FIELD = '"(?:[^"]|"")*"'
LONE = "quotes that are neither doubled nor around the whole"


class Dialect(NamedTuple):
    """``delimiter``; ``quotes``: whether a field may stand in quotes; ``before``: lines before the
    first row, which say so; ``width``: how many columns most rows have."""

    delimiter: str
    quotes: bool
    before: int
    width: int


class Delimited:
    """A format for the table ``READERS``: its name, its endings, and what may stand between its
    columns, the first where nothing tells."""

    def __init__(self, name: str, endings: Tuple[str, ...], delimiters: Tuple[str, ...]):
        self.NAME, self.ENDINGS, self.delimiters = name, endings, delimiters

    @staticmethod
    def recognises(name: str, head: bytes) -> bool:
        """Never: any text can be a table."""
        return False

    def read(self, path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
        """Yield ``(place, columns)`` for each row of the bytes of a file."""
        dialect = self.dialect_of(path, content, wanted)
        called = CALLED.get(dialect.delimiter, dialect.delimiter)
        wanted.read_as("TSV" if called == "tab" else f"CSV, a {called} between its columns")
        if dialect.quotes:
            return _with_quotes(path, content, dialect, wanted)
        return _without_quotes(path, content, dialect.delimiter, wanted)

    def dialect_of(self, path: Place, content: bytes, wanted: Wanted) -> Dialect:
        """The dialect of the bytes of a file. Raises :class:`DataError` for UTF-16."""
        sample = _sample(path, content)
        if sample and re.fullmatch(r"sep=.", sample[0].rstrip("\r\n"), re.IGNORECASE):
            delimiter = sample[0][4]
            return Dialect(delimiter, True, 1, _counted(sample[1:], delimiter)[1])
        if self.delimiters[0] == "\t":
            if not sample or any("\t" in line for line in sample):
                return Dialect("\t", is_quoted(content), 0, 0)
            if sum(line.count(BARS) == 1 for line in sample) > 0.9 * len(sample):
                return Dialect(BARS, False, 0, 2)
            for delimiter in ",;":  # sentences have them, too
                if wanted.heads(_split(sample[0], delimiter)) or all(
                    re.fullmatch(rf"{FIELD}({delimiter}{FIELD})+\s*", line) for line in sample
                ):
                    return Dialect(delimiter, True, 0, _counted(sample, delimiter)[1])
            refuse_one_side(path)
            raise DataError(
                f"{path}: has no tab between source and target: give a table with commas, "
                "semicolons or bars the ending .csv, and with a text of one language the other "
                "one, too, as target=..."
            )

        def fits(delimiter: str) -> Tuple[bool, float, float]:
            share, width = _counted(sample, delimiter)
            tight, _ = _counted(sample, delimiter, tight=True)
            return width > 1 and wanted.heads(_split(sample[0], delimiter)), tight, share

        best = max(self.delimiters, key=fits) if sample else self.delimiters[0]
        return Dialect(best, True, 0, _counted(sample, best)[1])


TSV = Delimited("TSV", (".tsv", ".tab", ".txt"), ("\t",))
CSV = Delimited("CSV", (".csv",), (",", ";", "\t", "|"))


def _sample(path: Place, content: bytes) -> List[str]:
    """The first whole lines of a file, with their ends."""
    size, most = SAMPLE
    lines = list(map(_decoded, stream_of(path, content[:size])))
    return lines[: -1 if len(content) > size else None][:most]


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "replace").lstrip("\ufeff")


def _split(line: str, delimiter: str) -> List[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a CR or NUL in it
        return []


def _counted(sample: Sequence[str], delimiter: str, tight: bool = False) -> Tuple[float, int]:
    """The share of rows that have as many columns as most, two or more, and how many that is.

    ``tight``: those in which one begins with a space count as of one column.
    """
    try:
        rows = [row for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:  # a field without an end
        return 0.0, 0
    widths = [
        1 if tight and any(one.startswith(" ") for one in row[1:]) else len(row) for row in rows
    ]
    width, count = (Counter(widths).most_common(1) or [(0, 0)])[0]
    return (count / len(rows) if width > 1 else 0.0), width


def is_quoted(content: bytes) -> bool:
    r"""Whether the quotes of a text with tabs are those of its fields (RFC 4180).

    Each has to open a field, or close one, or be doubled in one, and there has to be a reason: all
    fields have them, but for a header's; or each that has them needs them, for a quote, a tab or an
    end of line inside, with which all rows have as many columns, or for a comma, as spreadsheets
    think, without which no other field has one. A sentence that is quoted as a whole (``"Hello."``)
    beside others that are not is none of that.
    """
    if b'"' not in content:
        return False
    first = content[: content.find(b"\n")]  # a header may go without
    every = True  # so far there was a separator between two quoted fields, and no other field
    begin, count, inside, loose = 0, 0, 0, 0  # loose: commas without quotes
    doubled = ends = needless = False
    while True:
        start = content.find(b'"', begin)
        loose += content.count(b",", begin, start if start >= 0 else None)
        if start < 0:
            break
        field = QUOTED.match(content, start)
        if not field or (start and content[start - 1 : start] not in b"\t\n\xbf"):  # of the BOM
            return False
        every = every and start - begin <= (2 if count else len(first) + 1)
        count, begin, text = count + 1, field.end(), field[1]
        breaks = text.count(b"\t") + text.count(b"\n")
        inside += breaks
        doubled = doubled or b'""' in text
        ends = ends or breaks > 0 or b"\r" in text
        needless = needless or not (b'""' in text or b"," in text or breaks or b"\r" in text)
        if not every and (needless or (loose and not (doubled or ends))):
            return False
    end = max(0, len(content) - 1)  # a newline there begins no field
    fields = content.count(b"\t", 0, end) + content.count(b"\n", 0, end) - inside + 1
    headless = fields if b'"' in first else fields - first.count(b"\t") - 1
    if count in (fields, headless):
        return True
    if needless or doubled or not ends:
        return not needless and (doubled or not loose)
    rows = csv.reader(map(_decoded, io.BytesIO(content)), delimiter="\t")
    return len({len(row) for row in rows if row}) == 1


ESCAPED = re.compile(rb'\\"(?![\t,;|\r\n"]|\Z)')  # as MySQL writes a quote in quotes
QUOTED = re.compile(rb'"([^"]*(?:""[^"]*)*)"(?=[\t\r\n]|\Z)')


def _without_quotes(path: Place, content: bytes, delimiter: str, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, columns)`` of lines that are cut at every ``delimiter``."""
    lines = text_lines(path, stream_of(path, content))
    source, target = 0, 1
    for place, line in lines:
        columns = line.split(delimiter)
        headed = wanted.heads(columns)
        source, target = wanted.pick(path, columns if headed else None)
        if headed:
            wanted.skipped(HEADER, place)
        else:
            lines = itertools.chain([(place, line)], lines)
        break
    if (source, target) == (0, 1):
        for place, line in lines:
            yield place, line.split(delimiter)
    else:
        for place, line in lines:
            yield from _chosen(place, line.split(delimiter), source, target, delimiter, wanted)


def _chosen(
    place: str, columns: Sequence[str], source: int, target: int, delimiter: str, wanted: Wanted
) -> Iterator[Line]:
    """The two columns that are wanted, or a word that one is missing."""
    if len(columns) > max(source, target):
        yield place, (columns[source], columns[target])
    elif len(columns) < 2:
        wanted.skipped(f"no translation (no {CALLED.get(delimiter, delimiter)})", place)
    else:
        wanted.skipped(f"no column {max(source, target) + 1}", place)


def _with_quotes(path: Place, content: bytes, dialect: Dialect, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` of rows as :mod:`csv` reads them."""
    delimiter, width = dialect.delimiter, dialect.width
    source, target, headed = 0, 1, None
    for place, row in rows(path, content, dialect, wanted):
        if headed is None:
            headed = wanted.heads(row)
            source, target = wanted.pick(path, row if headed else None)
            if headed:
                width = len(row)
                wanted.skipped(HEADER, place)
                continue
        if not row:
            wanted.skipped(Note("a blank line"), place)
        elif delimiter != "\t" and len(row) > width > 1 and any(row[width:]):
            wanted.skipped(
                f"more columns than others (a {CALLED.get(delimiter, delimiter)} without quotes "
                "around its sentence)",
                place,
            )
        else:
            yield from _chosen(place, row, source, target, delimiter, wanted)


def rows(
    path: Place, content: bytes, dialect: Dialect, wanted: Wanted
) -> Iterator[Tuple[str, List[str]]]:
    """Yield ``(place, row)``; lines whose quotes make no sense are skipped."""
    lines = _lines(path, content)
    before = dialect.before
    for _ in range(before):
        next(lines)
    escape = "\\" if ESCAPED.search(content) and b'""' not in content else None
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True, escapechar=escape)
    while True:
        first = reader.line_num + before + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "end of data" in str(error):
                raise DataError(
                    f"{path}, line {first}: a quote is opened and never closed: close it, or "
                    "double it if it belongs to the sentence"
                ) from None
            for number in range(first, reader.line_num + before + 1):
                wanted.skipped(LONE, f"{path}, line {number}")
            continue
        yield f"{path}, line {first}", row


def _lines(path: Place, content: bytes) -> Iterator[str]:
    """The lines of a text with their ends, which may stand in a field."""
    for number, line in enumerate(stream_of(path, content.replace(b"\0", b"")), 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, line {number}: not UTF-8 at byte {error.start + 1} of the line; save "
                "the file as UTF-8 (in Excel: CSV UTF-8)"
            ) from None
