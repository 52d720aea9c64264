"""Excel's workbooks, .xlsx: the first sheet with text, a pair a row."""

import io
import itertools
import re
import warnings
import zipfile
from pathlib import PurePath
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from ....errors import DataError, SystemProblem
from ....text.languages import code_of
from ..compression import DAMAGE, MAX_RATIO, MAX_UNPACKED
from ..lines import HEADER, Line, Note, Place, Wanted

NAME, ENDINGS = "Excel", (".xlsx", ".xlsm")
SAVE_AGAIN = "open it in the program that wrote it, and save it as .xlsx again"


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of a workbook."""
    ours = PurePath(name).suffix.lower() in ENDINGS or b"xl/work" in head
    return head.startswith(b"PK\x03\x04") and ours


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for each row of the first visible sheet that has text.

    A first row of names of languages, or of the columns asked for, is a header. A formula counts as
    the value that was saved with it. Raises :class:`DataError` for what is no workbook, and where
    it is not clear which columns are meant, :class:`SystemProblem` without openpyxl.
    """
    has_formulas = _checked(path, content)
    chosen, columns = None, (0, 0)
    for sheet, rows in _sheets(path, content, has_formulas):
        if chosen is not None or sheet.sheet_state != "visible":
            why = "a hidden sheet" if chosen is None else f"another sheet than {chosen}"
            wanted.skipped(Note(why), f"{path}, sheet {sheet.title}")
            continue
        for number, cells in enumerate(rows, 1):
            place = f"{path}, sheet {sheet.title}, row {number}"
            if not any(text or problem for text, problem in cells):
                continue
            if chosen is None:
                chosen = sheet.title
                columns, header = _columns(place, [text for text, _ in cells], wanted)
                if header:
                    wanted.skipped(HEADER, place)
                    continue
            pair = [cells[i] if i < len(cells) else ("", None) for i in columns]
            reason = pair[0][1] or pair[1][1]
            if reason or not (pair[0][0] and pair[1][0]):
                wanted.skipped(reason or "an empty side", place)
            else:
                yield place, (pair[0][0], pair[1][0])


def _columns(place: str, first: List[str], wanted: Wanted) -> Tuple[Tuple[int, int], bool]:
    """The columns of source and target, from 0, and whether the first row, which stands at
    ``place``, is a header."""
    filled = [i for i, text in enumerate(first) if text]
    if wanted.columns is not None:
        columns = wanted.pick(place, first)
        named = any(isinstance(column, str) for column in wanted.columns)
        return columns, named or wanted.sides(
            [first[i] for i in columns if i < len(first)]
        ) is not None
    found = wanted.sides(first)
    if found is not None:
        return found, True
    if sum(code_of(text) is not None for text in first) > 1:
        return wanted.pick(place, first), True  # which says that its languages are others
    if len(filled) != 2:
        listed = ", ".join(f"{i + 1} ({first[i]:.20})" for i in filled)
        raise DataError(f"{place}: has the columns {listed}: say which two with columns=...")
    return ((filled[1], filled[0]) if wanted.turned else (filled[0], filled[1])), False


Cell = Tuple[str, Optional[str]]  # its text, and why it has none


def _sheets(
    path: Place, content: bytes, has_formulas: bool
) -> Iterator[Tuple[Any, Iterator[List[Cell]]]]:
    """Each sheet and its rows; raises what :func:`read` does."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise SystemProblem(
            "openpyxl is not installed, which reads .xlsx files: pip install "
            "'gluon-seq2seq[formats]'"
        ) from None

    def told(rows: Iterator[Any]) -> Iterator[Any]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of parts that are passed over: styles, pictures
                yield from rows
        except Exception as error:  # openpyxl raises whatever Python does at what it meets
            raise _damaged(path, error) from None

    def books() -> Iterator[Any]:
        for values in (True, False)[: 1 + has_formulas]:
            yield openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)

    def rows_of(sheet: Any) -> Iterator[Any]:
        sheet.reset_dimensions()  # which some programs write as A1
        yield from sheet.iter_rows()

    values, *formulas = told(books())
    for sheet in values.worksheets:
        rows = told(rows_of(sheet))
        others = told(rows_of(formulas[0][sheet.title])) if formulas else itertools.repeat(())
        yield sheet, (_row(*two) for two in zip(rows, others))


def _row(values: Sequence[Any], formulas: Sequence[Any]) -> List[Cell]:
    cells = [_cell(value) for value in values]
    for i, formula in enumerate(formulas):
        if formula.data_type == "f" and values[i].value is None:
            cells[i] = "", f"a formula without a value: {SAVE_AGAIN}"
    return cells


def _cell(cell: Any) -> Cell:
    """The text of a cell; a number is as Excel would show it without a format."""
    value = cell.value
    if cell.data_type == "e":
        return "", f"an error of Excel, {value}"
    if value is None or isinstance(value, str):
        return " ".join((value or "").split()), None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:.15g}", None
    return "", "a date or another value that is no text"


def _checked(path: Place, content: bytes) -> bool:
    """Whether a workbook has formulas; raises :class:`DataError` for what is no archive, and for
    one that grows too large or declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            size, limit = sum(part.file_size for part in parts), MAX_RATIO * max(len(content), 1000)
            if size > min(limit, MAX_UNPACKED):
                raise DataError(
                    f"{path}: unpacks to {size:,} bytes, more than a workbook of its size should"
                )
            formulas = False
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise DataError(f"{path}: declares entities: {SAVE_AGAIN}")
                        sheet = part.filename.startswith("xl/worksheets/")
                        formulas = formulas or (sheet and _has_formula(archive, part))
            return formulas
    except DataError:
        raise
    except DAMAGE as error:
        raise _damaged(path, error) from None


def _damaged(path: Place, error: Exception) -> DataError:
    return DataError(f"{path}: is no workbook ({' '.join(str(error).split())}): {SAVE_AGAIN}")


def _has_formula(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as stream:
        for data in iter(lambda: stream.read(2**20), b""):
            if re.search(rb"<(?:\w+:)?f[\s>/]", tail + data):
                return True
            tail = data[-8:]
    return False
