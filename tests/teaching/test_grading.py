"""Grading a folder: whose points are whose, whatever students have made of their notebooks."""

import copy
import csv
import importlib
import os
import signal
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
psutil = pytest.importorskip("psutil")
pytest.importorskip("nbclient", reason="needs nbclient: pip install -e '.[notebooks]'")

from gluon_seq2seq.cli import grade  # noqa: E402
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


SENDS = """
from jupyter_client.session import Session
kernel = get_ipython().kernel
def parameters_of(n, d, H):
    for session in [kernel.session] + [Session(key=b"another")] * {unsigned}:
        for kind, content in (
            ("display_data", {{"data": {{"{kind}": ["forged"]}}, "metadata": {{}}}}),
            ("display_data", {{"data": {{"{kind}": {{"holds": [True] * 5}}}}, "metadata": {{}}}}),
            ("comm_open", {{"comm_id": "x", "target_name": "jupyter.widget", "data": 3}}),
        ):
            session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
    return 0
"""


def test_whatever_a_process_sends(course, tmp_path):
    """Verdicts without the seal, of a shape that ours have not, widgets that are none; and what is
    signed with another key: that ends this notebook, not the grading."""
    template = course[NAME, "en"]
    for unsigned in 0, 1:
        notebook = answers(template, SENDS.format(kind=grading.KIND, unsigned=unsigned))
        graded = grading.grade(HandedIn(notebook, template, tmp_path), 1, 2000)
        assert graded.points == {"2.3": 0, 2: 0}
    assert graded.stopped[0].startswith("its process sent what is no message before the check of")


def test_a_signal_ends_it_and_leaves_the_table(course, tmp_path, run_cli, monkeypatch):
    """Whoever was graded is in it, who was being graded is not; no copy and no process stays."""
    given, there = course[NAME, "en"], tmp_path / "there"
    before = psutil.Process().children(recursive=True)  # of other tests
    for name, code in (
        ("anna", "import os; os._exit(1)"),
        ("bert", f"import time; open({str(there)!r}, 'w').close(); time.sleep(100)"),
    ):
        notebook = copy.deepcopy(given)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(code))
        put(tmp_path / "class" / f"{name}.ipynb", notebook)
    (tmp_path / "t").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))

    def stop():
        while not there.exists():
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    table = tmp_path / "grades.tsv"
    done = run_cli("grade", tmp_path / "class", "--out", table)
    assert done.code == 143
    assert done.stderr.endswith(f"grading stopped; {table} has those who were graded\n")
    rows = table.read_text("utf-8").splitlines()
    assert [row.split("\t")[0] for row in rows] == ["student", "(most)", "anna"]
    assert done.stdout.splitlines()[-1].startswith("anna")
    assert not list((tmp_path / "t").iterdir())
    assert not set(psutil.Process().children(recursive=True)) - set(before)


def test_ctrl_c_is_no_end_of_the_students_process(course, tmp_path):
    """As asyncio has it since Python 3.11, and nbclient takes it."""
    template, there = course[NAME, "en"], tmp_path / "there"
    notebook = copy.deepcopy(template)
    code = f"import time; open({str(there)!r}, 'w').close(); time.sleep(100)"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(code))

    def stop():
        while not there.exists():
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        grading.grade(HandedIn(notebook, template, tmp_path), 1, 2000)


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
    os.mkfifo(tmp_path / "class" / "bert.zip")
    (tmp_path / "class" / "carl.ipynb").symlink_to("nowhere")
    anna, *others = handed_in.students(tmp_path / "class", tmp_path / "copies")
    assert list(anna.notebooks) == [NAME] and anna.remarks == ()
    for one, name in zip(others, ("bert.zip", "carl.ipynb")):
        assert one.remarks[0][0] == f"{name}: is neither a file nor a folder"


def test_outputs_are_not_kept(course, tmp_path):
    """Of a whole class they would fill the memory."""
    notebook = short("en")
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text="x" * 10**6)]
    put(tmp_path / "class" / "anna.ipynb", notebook)
    (anna,) = handed_in.students(tmp_path / "class", tmp_path / "copies")
    assert len(nbformat.writes(anna.notebooks[NAME].notebook)) < 10**5


def test_sockets_with_too_long_a_name(course, tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(SystemProblem, match="no kernel starts: File name too long"):
        grading.grade(HandedIn(course[NAME, "en"], course[NAME, "en"], tmp_path), 1, 2000)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_damaged_within(method, course, tmp_path):
    path = tmp_path / "class" / "anna.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("a.ipynb", nbformat.writes(short("en")))
    damaged = bytearray(path.read_bytes())
    damaged[60:1000] = b"\xff" * 940
    path.write_bytes(damaged)
    (anna,) = handed_in.students(path.parent, tmp_path / "copies")
    ((remark, _),) = anna.remarks
    assert not anna.notebooks and remark.startswith("anna.zip: ")


def test_nothing_is_unpacked_elsewhere(course, tmp_path):
    path = tmp_path / "class" / "anna.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("../../../up.ipynb", nbformat.writes(short("en")))
        packed.writestr(f"{tmp_path}/absolute.txt", "")
    (anna,) = handed_in.students(path.parent, tmp_path / "copies")
    assert list(anna.notebooks) == [NAME] and not anna.remarks
    assert not [path for path in tmp_path.rglob("up.*") if "copies" not in path.parts]
    assert not (tmp_path / "absolute.txt").exists()


def test_of_several_copies_the_one_under_its_own_name_counts(course, tmp_path):
    anna, solved = tmp_path / "class" / "anna", short("solutions/en")
    put(anna / f"{NAME} (1).ipynb", short("en"))
    put(anna / "mine" / f"{NAME}.ipynb", solved)
    put(anna / "other.ipynb", nbformat.v4.new_notebook())
    (one,) = handed_in.students(anna.parent, tmp_path / "copies")
    assert [c.source for c in one.notebooks[NAME].notebook.cells] == [
        c.source for c in solved.cells
    ]
    assert one.remarks == (
        (
            f"{NAME} (1).ipynb: a second {NAME}, left out",
            f"{NAME} (1).ipynb：又一份 {NAME}，未评分",
        ),
        ("other.ipynb: no notebook of the course", "other.ipynb：不是本课程的笔记本"),
    )


def test_no_cell_of_the_table_is_a_formula(tmp_path, capsys):
    table = grade._Table(tmp_path / "grades.csv", ",", 8)
    table.row(["=1+1", 2, "＠x.ipynb: \tno notebook"])
    table.row(["x=1", -1, "-"])
    rows = csv.reader((tmp_path / "grades.csv").read_text("utf-8-sig").splitlines())
    assert list(rows) == [["'=1+1", "2", "'＠x.ipynb:  no notebook"], ["x=1", "'-1", "'-"]]
    assert capsys.readouterr().out.startswith("=1+1 ")


@pytest.mark.parametrize("room, library", [("grading", "nbclient"), ("handed_in", "nbformat")])
def test_a_library_that_is_not_installed(room, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"gluon_seq2seq.teaching.{room}")
    with pytest.raises(SystemProblem, match=rf"{library} is not installed: pip install 'gluon-"):
        importlib.import_module(f"gluon_seq2seq.teaching.{room}")
