"""notebooks/source/*.py -> a course for nbgrader: one language, solutions that nbgrader strips.

A cell with a solution is a solution cell, a check a test of its own whose points are those of
:func:`gluon_seq2seq.teaching.checks.points`. The hidden line of a test takes ``check`` from the
package, whatever the student's cells have made of that name; the question itself stands in the
package. All other code is locked: nbgrader restores it before it grades, so that trying things out
costs nobody points.
"""

import ast
import re
import shutil

import nbformat

from gluon_seq2seq.teaching import checks

from . import build

OUT = build.ROOT.parent / "build" / "course"
HIDDEN = """\
### BEGIN HIDDEN TESTS
from gluon_seq2seq.teaching.lesson import {}
### END HIDDEN TESTS
"""
TAKEN = {"check": "check", "quiz": "graded_quiz as quiz"}  # of a quiz each right answer counts
CONFIG = r"""# The course folder of nbgrader.
c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "seq2seq-{lang}"
c.ClearSolutions.code_stub = {{"python": "...  # {stub}"}}
c.LockCells.lock_readonly_cells = False  # students may try things out; grading restores them
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 600  # seconds a cell; nbgrader's own are 30
# What zip_collect takes from downloaded/NAME/archive: STUDENT_02_encoder.ipynb
c.FileNameCollectorPlugin.named_regexp = r"(.*/)?(?P<student_id>[^/]+?)_(?P<file_id>\d\d_[a-z_]+)"
"""
SIBLING = re.compile(r"\]\((\d\d_\w+)\.ipynb\)")


def write(sources, lang, out=None):
    """Write the course of ``sources`` into the folder ``out``; returns it.

    Only ``nbgrader_config.py`` and the notebooks of ``source/`` are replaced: a gradebook and what
    was handed in stay.
    """
    out = out or OUT / lang
    released = out / "source"
    if released.exists():
        shutil.rmtree(released)
    for source in sources:
        folder = released / source.name
        folder.mkdir(parents=True)
        nbformat.write(assignment(source, lang), folder / f"{source.name}.ipynb")
    stub = build.STUB if lang == "en" else build.CHINESE_STUB
    (out / "nbgrader_config.py").write_text(CONFIG.format(lang=lang, stub=stub), "utf-8")
    return out


def assignment(source, lang):
    """The notebook of a :class:`~.build.Source` with its solutions marked and its checks graded."""
    notebook, exercise = build.build(source, lang, marked=True), None
    for cell in reversed(notebook.cells):  # a solution belongs to the check that follows
        if cell.cell_type == "markdown":
            # An assignment lies in a folder of its own.
            cell.source = SIBLING.sub(r"](../\1/\1.ipynb)", cell.source)
            continue
        tags, name = cell.metadata.get("tags", []), cell.id
        marks = {"grade": False, "solution": False, "locked": True}
        if "check" in tags:
            call, exercise = _number(cell.source)
            cell.source = HIDDEN.format(TAKEN[call]) + cell.source
            name = _name(exercise)
            marks.update(grade=True, points=checks.points(exercise))
        elif build.SOLUTION.search(cell.source):
            name = f"{_name(exercise)}-answer-{cell.id}"
            marks.update(solution=True, locked=False)
        cell.metadata["nbgrader"] = {
            **marks,
            "grade_id": name,
            "schema_version": 3,
            "task": False,
        }
    return notebook


def _number(code):
    """``("check", "2.1")`` of ``check("2.1", x_2)``, ``("quiz", 2)`` of ``quiz(2, answers)``."""
    call = ast.parse(code).body[0].value
    return call.func.id, ast.literal_eval(call.args[0])


def _name(exercise):
    """``exercise-2-1`` or ``quiz-2``: nbgrader's names have no dots."""
    kind = "exercise" if isinstance(exercise, str) else "quiz"
    return f"{kind}-{exercise}".replace(".", "-")
