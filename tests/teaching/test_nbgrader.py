"""nbgrader itself takes the course that tools/notebooks/assignment.py makes: ``make nbgrader``.

Three students hand in two notebooks: untouched; solved, with a progress bar and a warning in an
answer and an experiment in a cell that was given; and solved but for two exercises, one wrong, one
with its test deleted. nbgrader releases, collects, grades and writes its pages of feedback.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader has an environment of its own: make nbgrader")
nbformat = pytest.importorskip("nbformat")

from tools.notebooks import assignment, build  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
NAMES = "01_sentences_to_tensors", "02_encoder"
NOISE = """
import sys, warnings
from tqdm import tqdm
def noisy(function):
    def same(*given):
        warnings.warn("a warning in an answer")
        for _ in tqdm(range(3)):
            pass
        import os
        os.write(2, b"as C++ does")
        return function(*given)
    return same
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return assignment.write(build.sources(NAMES), "zh", tmp_path_factory.mktemp("seq2seq"))


def nbgrader(course, *words):
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    activated = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"  # for alembic
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course,
        env={**os.environ, "PATH": activated, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def cell_of(notebook, grade_id):
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def answered(released, source):
    """The released notebook with the solutions of its source, as a student would write them."""
    solved = build.build(source, "zh", solutions=True)
    for cell, solution in zip(released.cells, solved.cells):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = solution.source
    return released


def hand_in(course, student, notebook, name):
    """As a learning platform does: a file whose name says whose it is."""
    folder = course / "downloaded" / name / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{student}_{name}.ipynb")


@pytest.mark.timeout(1800)
def test_three_submissions(course):
    for source in build.sources(NAMES):
        nbgrader(course, "generate_assignment", source.name)
        file = course / "release" / source.name / f"{source.name}.ipynb"
        released = file.read_text("utf-8")
        assert "SOLUTION" not in released and "HIDDEN" not in released
        given = build.build(source, "zh")
        for cell, ours in zip(nbformat.reads(released, 4).cells, given.cells):
            assert cell.source == assignment.SIBLING.sub(r"](../\1/\1.ipynb)", ours.source)

        hand_in(course, "empty", nbformat.reads(released, 4), source.name)
        solved = answered(nbformat.reads(released, 4), source)
        partly = answered(nbformat.reads(released, 4), source)
        if source.number == "02":
            noisy = next(c for c in solved.cells if c.source.startswith("def tanh_states"))
            noisy.source = f"{NOISE}{noisy.source}\ntanh_states = noisy(tanh_states)"
            given = next(c for c in solved.cells if c.source.startswith("corpus = gs.load"))
            given.source = "corpus = None  # what happens without one?"
            cell_of(partly, "exercise-2-1-answer-02-006").source = "x_2 = E[0]"
            gone = cell_of(partly, "exercise-2-2")
            partly.cells.remove(gone)
            answer = next(c for c in partly.cells if "exercise-2-2-answer" in str(c.metadata))
            answer.source = "check = lambda *_: None  # and hope"
        hand_in(course, "solved", solved, source.name)
        hand_in(course, "partly", partly, source.name)
        nbgrader(course, "zip_collect", source.name, "--force")
        nbgrader(course, "autograde", source.name)
        nbgrader(course, "generate_feedback", source.name)
    nbgrader(course, "export")
    rows = csv.DictReader(io.StringIO((course / "grades.csv").read_text("utf-8")))
    grades = {
        (row["assignment"], row["student_id"]): (float(row["score"]), float(row["max_score"]))
        for row in rows
    }
    for name, most in zip(NAMES, (19, 17)):
        assert grades[name, "empty"] == (0, most)
        assert grades[name, "solved"] == (most, most)
    assert grades["01_sentences_to_tensors", "partly"] == (19, 19)
    assert grades["02_encoder", "partly"] == (13, 17)
    page = (course / "feedback" / "partly" / "02_encoder" / "02_encoder.html").read_text("utf-8")
    assert "✗ 练习 2.1：" in page and "✓ 练习 2.3" in page and not re.search("✗ Exercise", page)
    kept = os.environ.get("NBGRADER_COURSE")
    if kept:
        shutil.copytree(course, kept, dirs_exist_ok=True)
