#!/bin/sh
# nbgrader 0.9.5: an answer that is right, and warns or draws a progress bar when the test calls it, gets 0 points.
#
# The test cell passes and raises nothing. But determine_grade in nbgrader/utils.py counts a test cell with any output on
# standard error as one that raised; a line on standard output costs nothing. Libraries warn, and tqdm draws, on standard error.
set -eu

python=${PYTHON:-}
for name in python3.11 python3.10 python3.9 python3.12 python3; do
    [ -z "$python" ] || break
    command -v "$name" >/dev/null || continue
    "$name" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info < (3, 13))' && python=$name
done
[ -n "$python" ] || { echo "no Python 3.9 to 3.12 found: set PYTHON=" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    nbgrader==0.9.5 ipykernel==6.29.5 'setuptools<81'
PATH=$folder/venv/bin:$PATH
mkdir "$folder/course"
cd "$folder/course"
HOME=$folder
export PATH HOME
cat >course.py <<'PYTHON'
import csv
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ANSWERS = {
    "prints": "def double(x):\n    print('doubling')\n    return 2 * x",
    "silent": "def double(x):\n    return 2 * x",
    "warns": "import warnings\ndef double(x):\n    warnings.warn('slow')\n    return 2 * x",
    "wrong": "def double(x):\n    return x",
}


def cell(source, grade_id, **marks):
    known = {"locked": False, "schema_version": 3, "task": False, **marks, "grade_id": grade_id}
    return new_code_cell(source, metadata={"nbgrader": known})


def write(path, answer):
    notebook = new_notebook(
        cells=[
            cell(answer, "answer", solution=True, grade=False),
            cell("assert double(3) == 6", "test", solution=False, grade=True, points=2),
        ]
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


if sys.argv[1:] == ["write"]:
    write(Path("source/ps1/one.ipynb"), "### BEGIN SOLUTION\n" + ANSWERS["silent"] + "\n### END SOLUTION")
    for student, answer in ANSWERS.items():
        write(Path("submitted", student, "ps1", "one.ipynb"), answer)
else:
    with open("grades.csv", newline="") as file:
        points = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    for student, score in sorted(points.items()):
        print(f"  {student}: {score:g} of 2")
    sys.exit(points != {"prints": 2, "silent": 2, "warns": 0, "wrong": 0})
PYTHON
python course.py write
echo "nbgrader $(nbgrader --version)"
for step in 'generate_assignment ps1' 'autograde ps1' 'export --to grades.csv'; do
    # shellcheck disable=SC2086  # words
    nbgrader $step >log 2>&1 || { cat log >&2; exit 2; }
done
python course.py || { echo "this has changed" >&2; exit 1; }
echo "The answer that warns is right, and gets nothing."
