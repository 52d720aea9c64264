"""The notebooks that a class has handed in: whose each is, and which of the course it is.

In the folder of the class each folder, each ``.zip`` and each ``.ipynb`` is a student, who is
called as it is without its ending. A notebook is recognised by its cells (:func:`which`), whatever
the file is called; of several copies, such as a browser's ``02_encoder (1).ipynb``, the one counts
that is called as it was given out, else the first.
"""

import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any, NamedTuple, Tuple

from ..corpus.readers.compression import DAMAGE
from ..errors import DataError, SystemProblem, UsageError
from ..resources import notebooks_folder

try:
    import nbformat
except ModuleNotFoundError as error:
    raise SystemProblem(
        f"{error.name} is not installed: pip install 'gluon-seq2seq[notebooks]'"
    ) from None

LARGEST = 200 * 2**20  # bytes that a student may hand in, unpacked
KINDS = ".zip", ".ipynb"


class Student(NamedTuple):
    """A ``name``, what was handed in, ``{name of the notebook: HandedIn}``, and ``remarks``, each
    ``(en, zh)``: what could not be read and why."""

    name: str
    notebooks: dict
    remarks: Tuple[Tuple[str, str], ...]


class HandedIn(NamedTuple):
    """A student's ``notebook``, the course's ``template`` that it was, and its ``folder``."""

    notebook: Any
    template: Any
    folder: Path


def course():
    """``{(name, lang): notebook}`` of the notebooks that students are given, by number."""
    paths = sorted(notebooks_folder().glob("[ez][nh]/*.ipynb"), key=lambda path: path.stem)
    return {(path.stem, path.parent.name): read(path) for path in paths}


def students(folder, unpacked):
    """A :class:`Student` for each entry of ``folder``, by name; copies go into ``unpacked``.

    Raises :class:`UsageError` where ``folder`` is none, :class:`DataError` where nobody has handed
    in anything.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: give one that holds a folder for each student")
    entries = sorted(
        path
        for path in folder.iterdir()
        if path.name[0] not in "._" and (path.is_dir() or path.suffix.lower() in KINDS)
    )
    if not entries:
        raise DataError(f"{folder} has no folder, .zip or .ipynb in it: one for each student")
    templates = course()
    return [_student(path, Path(unpacked) / str(i), templates) for i, path in enumerate(entries)]


def _student(path, copy, templates):
    name, found, remarks = path.name if path.is_dir() else path.stem, {}, []
    try:
        _copy(path, copy)
    except DAMAGE as error:
        return Student(name, {}, ((f"{path.name}: {error}",) * 2,))

    def remark(shown, en, zh):
        remarks.append((f"{shown}: {en}", f"{shown}：{zh}"))

    names = {name for name, _ in templates}
    for file in sorted(copy.rglob("*.ipynb"), key=lambda file: (file.stem not in names, file)):
        shown = file.relative_to(copy)
        if any(part.startswith((".", "__MACOSX")) for part in shown.parts):
            continue
        try:
            notebook = read(file)
        except ValueError as error:
            remark(
                shown, f"cannot be read as a notebook ({error})", f"无法作为笔记本读取（{error}）"
            )
            continue
        key = which(notebook, templates)
        if key is None:
            remark(shown, "no notebook of the course", "不是本课程的笔记本")
        elif key[0] in found:
            remark(shown, f"a second {key[0]}, left out", f"又一份 {key[0]}，未评分")
        else:
            found[key[0]] = HandedIn(notebook, templates[key], file.parent)
    return Student(name, found, tuple(remarks))


def _copy(path, copy):
    """What was handed in, without links, pipes and the like. Raises ``ValueError``."""
    copy.mkdir(parents=True)
    if not (path.is_dir() or path.is_file()):
        raise ValueError("is neither a file nor a folder")
    if path.suffix.lower() == ".zip" and not path.is_dir():
        with zipfile.ZipFile(path) as packed:
            _check_size(sum(one.file_size for one in packed.infolist()))
            packed.extractall(copy)
    elif path.is_dir():
        plain = [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
        _check_size(sum(one.stat().st_size for one in plain))
        for one in plain:
            target = copy / one.relative_to(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one, target)
    else:
        _check_size(path.stat().st_size)
        shutil.copyfile(path, copy / path.name)


def _check_size(size):
    if size > LARGEST:
        raise ValueError(f"{size / 2**20:,.0f} MB, at most {LARGEST / 2**20:,.0f} MB are read")


def read(file):
    """The notebook in ``file``, without its outputs: those of a class would fill the memory.

    Raises ``ValueError``, whose text says why it is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without an id
            notebook = nbformat.reads(file.read_text("utf-8"), as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # of JSON, of the schema, of what stands where a list should
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ValueError(reason[:100]) from None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def which(notebook, templates):
    """``(name, lang)`` of the one of ``templates`` that ``notebook`` was, or ``None``: the one with
    which it shares most cells, told by their ids, ``02-013``, and by their texts."""

    def shared(key):
        theirs = templates[key].cells
        texts, ids = {cell.source for cell in theirs}, {cell.id for cell in theirs}
        return sum((cell.source in texts) + (cell.get("id") in ids) for cell in notebook.cells)

    best = max(templates, key=shared)
    return best if shared(best) else None
