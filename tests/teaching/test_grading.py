"""Grading a folder: whose points are whose, whatever students have made of their notebooks."""

import copy
import csv
import importlib
import os
import sys
import zipfile
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient", reason="needs nbclient: pip install -e '.[notebooks]'")

from gluon_seq2seq.errors import SystemProblem  # noqa: E402
from gluon_seq2seq.teaching import grading, handed_in  # noqa: E402
from gluon_seq2seq.teaching.handed_in import HandedIn  # noqa: E402

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAME = "02_encoder"
LOCAL = "2.3", 2  # the checks of notebook 2 that need no other cell


def short(folder):
    """Notebook 2 without what its exercise 2.3 and its quiz do not need."""
    notebook = nbformat.read(NOTEBOOKS / folder / f"{NAME}.ipynb", as_version=4)
    cells, number = [], None
    for cell in reversed(notebook.cells):
        tags = cell.metadata.get("tags", [])
        if "check" in tags:
            ((number, _),) = grading.asked(nbformat.from_dict({"cells": [cell]}))
        elif "exercise" not in tags:
            number = None
        if number in LOCAL or cell.source.startswith(("# ", "import time")):
            cells.insert(0, cell)
    notebook.cells = cells
    return notebook


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one short notebook, in two languages."""
    for lang in "en", "zh":
        (tmp_path / "course" / lang).mkdir(parents=True)
        nbformat.write(short(lang), tmp_path / "course" / lang / f"{NAME}.ipynb")
    monkeypatch.setattr(handed_in, "notebooks_folder", lambda: tmp_path / "course")
    return handed_in.course()


def answers(notebook, function, quiz=None):
    """The notebook with the source of its function, and of its quiz, replaced."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.source.startswith("def parameters_of"):
            cell.source = function
        elif quiz and cell.source.startswith("answers"):
            cell.source = quiz
    return notebook


def put(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), "utf-8")


def test_a_class(course, tmp_path, run_cli):
    """One right, with no ids and no checks left, in Chinese; one half wrong, faking checks, whose
    process ends at the end; one who takes all memory; and files that are none."""
    folder, solved = tmp_path / "class", short("solutions/zh")
    right = next(c.source for c in solved.cells if c.source.startswith("def parameters_of"))
    bare = copy.deepcopy(solved)
    bare.cells = [c for c in bare.cells if "check" not in c.metadata.get("tags", [])]
    for cell in bare.cells:
        cell.metadata = {}
        del cell["id"]
    bare.nbformat_minor = 4
    put(folder / "王芳" / "work" / "homework.ipynb", bare)
    (folder / "王芳" / "gluon_seq2seq.py").write_text("raise SystemExit")
    (folder / "王芳" / "away").symlink_to(tmp_path)

    fake = "check = quiz = print\nimport sys\ndef parameters_of(*_): print('✓'); sys.exit()"
    quiz = next(c.source for c in solved.cells if c.source.startswith("answers"))
    faker = answers(short("en"), fake, quiz.replace('1: "b"', '1: "a"').replace('5: "d"', "5: ..."))
    faker.cells.append(nbformat.v4.new_code_cell("import os; os._exit(1)"))
    put(folder / "faker.ipynb", faker)
    put(folder / "hog" / "02.ipynb", answers(solved, f"{right}\nkept = b'.' * 10**10"))
    put(folder / "untouched" / "02_encoder.ipynb", short("en"))
    (folder / "broken").mkdir()
    (folder / "broken" / "x.ipynb").write_text('{"cells": [')
    with zipfile.ZipFile(folder / "other.zip", "w") as packed:
        packed.writestr("y.ipynb", nbformat.writes(nbformat.v4.new_notebook()))
        packed.writestr("__MACOSX/y.ipynb", "")
    (folder / "torn.zip").write_text("PK")
    (folder / "notes.txt").write_text("no student")

    table = tmp_path / "grades.csv"
    done = run_cli("grade", folder, "--out", table, "--memory", 2000)
    assert done.code == 3, done.stderr
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    assert list(rows[0]) == ["student", "2.3", "quiz 2", "total", "remarks"]
    found = {row["student"]: row for row in rows}
    points = {name: (row["2.3"], row["quiz 2"], row["total"]) for name, row in found.items()}
    assert points == {
        "(most)": ("2", "5", "7"),
        "broken": ("", "", "0"),
        "faker": ("0", "3", "3"),
        "hog": ("0", "0", "0"),
        "other": ("", "", "0"),
        "torn": ("", "", "0"),
        "untouched": ("0", "0", "0"),
        "王芳": ("2", "5", "7"),
    }
    for name, remark in {
        "broken": "x.ipynb: cannot be read as a notebook",
        "faker": f"{NAME}: its process ended after the last check",
        "hog": f"{NAME}: more than 2,000 MB of memory before the check of exercise 2.3",
        "other": f"y.ipynb: no notebook of the course; no {NAME}",
        "torn": "torn.zip: File is not a zip file",
    }.items():
        assert found[name]["remarks"].startswith(remark), found[name]
    assert found["untouched"]["remarks"] == found["王芳"]["remarks"] == ""
    lines = done.stdout.splitlines()
    assert lines[-1] == "王芳         2       5      7" and len(lines) == 9


def test_one_who_never_ends(course, tmp_path):
    notebook = answers(course[NAME, "zh"], "while True: print('no end')")
    graded = grading.grade(HandedIn(notebook, course[NAME, "zh"], tmp_path), 0.06, 2000)
    assert graded.points == {"2.3": 0, 2: 0}
    assert graded.stopped == (
        "its time was over before the check of exercise 2.3",
        "时间用完，在练习 2.3 的检查之前",
    )


@pytest.mark.slow
def test_a_whole_notebook(tmp_path):
    courses = handed_in.course()
    notebook = handed_in.read(NOTEBOOKS / "solutions" / "zh" / "11_playground.ipynb")
    key = handed_in.which(notebook, courses)
    assert key == ("11_playground", "zh")
    graded = grading.grade(HandedIn(notebook, courses[key], tmp_path), 5, 4000)
    assert graded.stopped is None
    assert graded.points == {"11.1": 2, "11.2": 2, "11.3": 2, "11.4": 2, "11.5": 2, 11: 5}


def test_what_is_put_together(course):
    """Given cells and checks are the course's; answers and added cells the student's, in place."""
    template = course[NAME, "en"]
    notebook = answers(template, "def parameters_of(): pass")
    new = nbformat.v4.new_code_cell
    at = next(i for i, c in enumerate(notebook.cells) if "pass" in c.source)
    notebook.cells[at + 1].source = "print('✓ Exercise 2.3')"
    notebook.cells[1].source = "edited = True"
    notebook.cells.insert(at, new("helper = 1"))
    notebook.cells.insert(0, new("first = 1"))
    codes = grading.composed(template, notebook)
    assert [code.partition("\n")[0] or asked for code, asked in codes] == [
        "first = 1",
        "import time",
        "helper = 1",
        "def parameters_of(): pass",
        ("2.3", ["parameters_of"]),
        "answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}",
        (2, ["answers"]),
    ]
    del notebook.cells[at + 2]  # the answer: then there is none, not the stub either
    assert not any("parameters_of" in code for code, _ in grading.composed(template, notebook))


def test_what_cannot_be_graded(course, tmp_path, run_cli, monkeypatch):
    def told(*words):
        done = run_cli("grade", *words)
        return done.code, done.stderr

    code, text = told(tmp_path / "none")
    assert code == 2 and "is no folder" in text
    (tmp_path / "class").mkdir()
    code, text = told(tmp_path / "class")
    assert code == 3 and "no folder, .zip or .ipynb in it" in text
    (tmp_path / "class" / "anna").mkdir()
    code, text = told(tmp_path / "class")
    assert code == 3 and "anna: no notebook" in text and "nobody has handed in" in text
    code, text = told(tmp_path / "class", "--out", "grades.xls")
    assert code == 2 and "--out grades.xls: a table is a .tsv or a .csv file" in text
    put(tmp_path / "class" / "anna" / "a.ipynb", short("en"))
    code, text = told(tmp_path / "class", "--out", tmp_path / "no" / "grades.csv")
    assert code == 5 and "cannot write" in text
    monkeypatch.setattr(handed_in, "LARGEST", 100)
    code, text = told(tmp_path / "class")
    assert code == 3 and "at most 0 MB are read" in text


def test_a_pipe_in_a_folder_is_left_out(course, tmp_path):
    put(tmp_path / "class" / "anna" / "a.ipynb", short("en"))
    os.mkfifo(tmp_path / "class" / "anna" / "pipe.ipynb")
    (anna,) = handed_in.students(tmp_path / "class", tmp_path / "copies")
    assert list(anna.notebooks) == [NAME] and anna.remarks == ()


@pytest.mark.parametrize("room, library", [("grading", "nbclient"), ("handed_in", "nbformat")])
def test_a_library_that_is_not_installed(room, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"gluon_seq2seq.teaching.{room}")
    with pytest.raises(SystemProblem, match=rf"{library} is not installed: pip install 'gluon-"):
        importlib.import_module(f"gluon_seq2seq.teaching.{room}")
