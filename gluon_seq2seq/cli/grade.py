"""gluon-seq2seq grade: a table of what a class has handed in, a row a student."""

import csv
import io
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ..errors import DataError, UsageError
from ..files.atomic import whole
from ..training.signals import raised
from .common.options import COUNT, EXIT_CODES, POSITIVE, lang_option
from .common.streams import complain

WORDS = {
    "en": {"student": "student", "most": "(most)", "quiz": "quiz", "total": "total"},
    "zh": {"student": "学生", "most": "（满分）", "quiz": "小测验", "total": "总分"},
}
WORDS["en"].update(remarks="remarks", without="no")
WORDS["zh"].update(remarks="备注", without="没有")
SEPARATORS = {".tsv": "\t", ".csv": ","}
FORMULA = tuple("=+-@＝＋－＠")  # a student's name or file that a spreadsheet would compute


@click.command("grade", epilog=EXIT_CODES)
@click.argument("folder", metavar="FOLDER")
@click.option(
    "--out",
    metavar="FILE",
    help="Write the table into this .tsv or .csv file, too, anew after each student.",
    show_default="nowhere",
)
@click.option(
    "--timeout",
    "minutes",
    type=POSITIVE,
    default=10,
    show_default=True,
    help="Stop a notebook after this many minutes; what was right by then counts.",
)
@click.option(
    "--memory",
    "megabytes",
    type=COUNT,
    default=3000,
    show_default=True,
    help="Stop a notebook that takes more than this many megabytes.",
)
@lang_option("Write the table")
def command(folder, out, minutes, megabytes, lang):
    """Grade the notebooks of a class.

    Each folder, .zip and .ipynb in FOLDER is a student of that name. Every exercise gives 2 points,
    every question of a quiz 1. A notebook runs in a process of its own, on a copy, with the
    package's own checks; one that crashes, never ends or is none leaves a remark in its row. The
    exit code is 3 where a file could not be graded at all.

    The students' code runs with your rights: notebooks/INSTRUCTOR.md says what that means.

    \b
    Example:
      gluon-seq2seq grade handed-in --out grades.csv
    """
    separator = SEPARATORS.get(Path(out).suffix.lower()) if out else "\t"
    if separator is None:
        raise UsageError(f"--out {out}: a table is a .tsv or a .csv file")
    from ..teaching import checks, grading, handed_in

    stopped = "grading stopped" + (f"; {out} has those who were graded" if out else "")
    with raised(stopped), TemporaryDirectory() as copies:
        students = handed_in.students(folder, copies)
        asked = {
            name: [number for number, _ in grading.asked(one.template)]
            for student in students
            for name, one in student.notebooks.items()
        }
        if not asked:
            for one in students:
                why = "; ".join(remark for remark, _ in one.remarks)
                complain(f"{one.name}: {why or 'no notebook'}")
            raise DataError(f"{folder}: nobody has handed in a notebook of the course")
        every = [number for name in sorted(asked) for number in asked[name]]
        most = [checks.points(number) for number in every]
        words, zh = WORDS[lang], lang == "zh"
        head = [n if isinstance(n, str) else f"{words['quiz']} {n}" for n in every]
        table = _Table(out, separator, max(_width(_plain(one.name)) for one in students))
        table.row([words["student"], *head, words["total"], words["remarks"]])
        table.row([words["most"], *most, sum(most), ""])
        for student in students:
            points, remarks = {}, [remark[zh] for remark in student.remarks]
            for name in sorted(asked):
                one = student.notebooks.get(name)
                if one is None:
                    remarks.append(f"{words['without']} {name}")
                    continue
                graded = grading.grade(one, minutes, megabytes)
                points.update(graded.points)
                if graded.stopped:
                    remarks.append(f"{name}: {graded.stopped[zh]}")
            row = [points.get(number, "") for number in every]
            table.row([student.name, *row, sum(points.values()), "; ".join(remarks)])
    return DataError.exit_code if any(one.remarks for one in students) else 0


class _Table:
    """Rows that are printed at once, and written."""

    def __init__(self, out, separator, widest):
        self.out, self.text, self.widest = out, io.StringIO(), widest
        self.writer = csv.writer(self.text, delimiter=separator, lineterminator="\n")
        self.widths = None

    def row(self, cells):
        cells = [_plain(cell) for cell in cells]
        if self.widths is None:
            self.widths = [max(self.widest, 8), *(max(3, _width(cell)) for cell in cells[1:-1]), 0]
        first, *middle = (
            " " * (width - _width(cell)) + cell for cell, width in zip(cells[1:], self.widths[1:])
        )
        name = cells[0] + " " * (self.widths[0] - _width(cells[0]))
        click.echo("  ".join([name, first, *middle]).rstrip())
        self.writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
        if self.out:
            with whole(self.out) as stream:  # the mark tells spreadsheets that it is UTF-8
                mark = "\ufeff" if self.writer.dialect.delimiter == "," else ""
                stream.write((mark + self.text.getvalue()).encode("utf-8"))


def _plain(cell):
    return "".join(c if c.isprintable() else " " for c in str(cell))


def _width(text):
    """Columns of a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
