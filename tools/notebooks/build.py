"""notebooks/source/*.py -> notebooks/en, notebooks/zh, notebooks/solutions.

A source is a script in jupytext's percent format. A Markdown cell has the English text, the line
``<!-- zh -->`` and the Chinese text; language.py says how code is in one language. What stands
between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` (nbgrader's markers; nbgrader itself would
bring a server and a database) is kept in solutions, and ``...`` elsewhere. As nbgrader wants it,
the markers stand in cells tagged ``exercise`` alone; assignment.py makes its course of them.
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import jupytext
import nbformat

from . import language

ROOT = Path(__file__).resolve().parent.parent.parent / "notebooks"
LABELS = ROOT.parent / "gluon_seq2seq" / "teaching" / "labels.py"
LANGUAGES = ("en", "zh")
DIVIDER = "<!-- zh -->"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION(?:\n|\Z)", re.M | re.S)
STUB, CHINESE_STUB = "your code here", "在这里写代码"
SLIDES = {"slide", "subslide", "notes", "skip"}
NOT_ON_SLIDES = {"exercise", "check", "quiz", "parameters"}


class Source(NamedTuple):
    """A notebook's name, such as ``07_attention``, and its cells as they stand in the source."""

    name: str
    cells: list

    @property
    def number(self):
        return self.name[:2]

    def title(self, lang):
        """Its heading, in one language."""
        return re.match("# (.*)", _in_language(self, self.cells[0].source, lang))[1]


def sources(names=()):
    """Every :class:`Source`, by number, or those whose name begins with one of ``names``."""
    paths = sorted((ROOT / "source").glob("[0-9]*.py"))
    if names:
        paths = [path for path in paths if path.stem.startswith(tuple(names))]
    return [Source(path.stem, _cells(path.read_text("utf-8"))) for path in paths]


@lru_cache(maxsize=None)
def _cells(text):
    """The cells of a source, which nobody changes."""
    return jupytext.reads(text, fmt="py:percent").cells


def build(source, lang, solutions=False, marked=False):
    """The notebook in one language, with solutions or with stubs, or as the source marks them."""
    notebook = nbformat.v4.new_notebook()
    chinese = {STUB: CHINESE_STUB, **language.catalogue(ROOT / "source")}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for i, cell in enumerate(source.cells):
        if cell.cell_type == "markdown":
            built = nbformat.v4.new_markdown_cell(_in_language(source, cell.source, lang))
        else:
            code = cell.source if marked else (solved if solutions else stubbed)(cell.source)
            if SOLUTION.search(cell.source) and "exercise" not in cell.metadata.get("tags", []):
                raise ValueError(f"{source.name}: a solution in no exercise: {code[:60]!r}")
            built = nbformat.v4.new_code_cell(language.in_language(code, lang, chinese))
        built.id = f"{source.number}-{i:03d}"
        built.metadata = _metadata(cell, built.source)
        notebook.cells.append(built)
    return notebook


def stubbed(code):
    return SOLUTION.sub(rf"\1...  # {STUB}\n", code).rstrip("\n")


def solved(code):
    return SOLUTION.sub(r"\2", code).rstrip("\n")


def files():
    """``{path: text}`` of all notebooks."""
    built, every = {}, sources()
    for source in every:
        for lang in LANGUAGES:
            for folder, solutions in (ROOT / lang, False), (ROOT / "solutions" / lang, True):
                notebook = build(source, lang, solutions)
                text = nbformat.writes(notebook, indent=1, ensure_ascii=False) + "\n"
                built[folder / f"{source.name}.ipynb"] = text
    built[LABELS] = labels(every)
    return built


def labels(every):
    """The text of LABELS: the English of each Chinese label of a picture in ``every`` source."""
    found = {}
    for source in every:
        for cell in source.cells:
            for zh, en in language.english(cell.source) if cell.cell_type == "code" else ():
                if found.setdefault(zh, en) != en:
                    raise ValueError(f"{source.name}: {zh!r} is {en!r} and {found[zh]!r}")
    rows = "".join(f"    {_quoted(zh)}: {_quoted(en)},\n" for zh, en in sorted(found.items()))
    head = '"""The labels of the Chinese notebooks, made from notebooks/source."""'
    return f"{head}\n\nENGLISH = {{\n{rows}}}\n"


def _quoted(text):
    return json.dumps(text, ensure_ascii=False)


def write(built):
    """Bring every file of ``{path: text}`` up to date, and remove notebooks without a source."""
    for path in stale(built):
        if path in built:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(built[path], "utf-8")
        else:
            path.unlink()


def stale(built):
    """The files that are missing, other than in ``{path: text}``, or notebooks beyond it."""
    different = {p for p, text in built.items() if not p.exists() or p.read_text("utf-8") != text}
    return sorted(different | (present() - set(built)))


def present():
    folders = [base / lang for base in (ROOT, ROOT / "solutions") for lang in LANGUAGES]
    return {path for folder in folders for path in folder.glob("*.ipynb")}


def _in_language(source, text, lang):
    parts = re.split(rf"^{DIVIDER}$", text, flags=re.MULTILINE)
    if len(parts) != 2 or not all(part.strip() for part in parts):
        raise ValueError(f"{source.name}: needs English, {DIVIDER}, Chinese: {text[:60]!r}")
    return parts[LANGUAGES.index(lang)].strip()


def _metadata(cell, text):
    """Tags, and the slide that they make: a heading opens one, exercises are left out."""
    tags = [*cell.metadata.get("tags", [])]
    slide = next((tag for tag in tags if tag in SLIDES), None)
    if slide is None and NOT_ON_SLIDES & set(tags):
        slide = "skip"
    elif slide is None and cell.cell_type == "markdown" and re.match("##? ", text):
        slide = "slide"
    metadata = {"tags": tags} if tags else {}
    return {**metadata, "slideshow": {"slide_type": slide}} if slide else metadata
