"""What small programs take, from their start to their end: ``python -m benchmarks.start``

With ``CHECKOUT ...``, the folders of other versions of this project, those take turns with this
one, run by the same Python. Prints milliseconds, medians and ranges of 7 rounds, those of them that
went into computing, which other programs change less, and megabytes, the most that a program had
(at least this one's 14: Linux counts the process that starts another). One of them translates with
a folder that this version exports; those that cannot have no figures there.
``import mxnet`` is an environment's, which has the start line of
:func:`gluon_seq2seq.compat.install`.
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.tables import spread, table
from benchmarks.turns import take_turns

ROUNDS = 7
MODEL, SENTENCE = "mini-luong2015", "They are watching."
COMMAND = "from gluon_seq2seq.cli import main; main()"
PROGRAMS = {
    "import mxnet": ["-c", "{start_line}import mxnet"],
    "import gluon_seq2seq": ["-c", "import gluon_seq2seq"],
    "import gluon_seq2seq, mxnet": ["-c", "import gluon_seq2seq, mxnet"],
    "gluon-seq2seq --version": ["-c", COMMAND, "--version"],
    "gluon-seq2seq translate --help": ["-c", COMMAND, "translate", "--help"],
    "gluon-seq2seq translate, one sentence": [
        *("-c", COMMAND, "translate", "--model", MODEL, SENTENCE)
    ],
    "the same, exported": ["-c", COMMAND, "translate", "--model", "{exported}", SENTENCE],
}
EXPORT = "-c", COMMAND, "export", "--model", MODEL, "--out"
INSTALL = "import sys; from gluon_seq2seq import compat; print(compat.install(sys.argv[1]))"


class Checkout:
    """A version of this project, in the folder ``root``, and this Python."""

    def __init__(self, root):
        self.root, self.environment = root, {**os.environ, "PYTHONPATH": str(root)}
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", INSTALL, folder],
                env=self.environment,
                cwd=root,  # which -c looks into first
                capture_output=True,
                check=False,
            )  # the first versions have none
            lines = [path.read_text("utf-8") for path in Path(folder).iterdir()]
        self.start_line = "" if done.returncode else lines[0]

    def runs(self, program):
        """Whether it can run this one of PROGRAMS."""
        reader = self.root / "gluon_seq2seq" / "translation" / "exported.py"
        return not takes_an_export(program) or reader.exists()

    def run(self, program, exported=None):
        """``(milliseconds, those of computing, megabytes)`` of one of PROGRAMS; ``exported``: the
        folder of an export."""
        values = {"start_line": self.start_line, "exported": exported}
        arguments = [part.format(**values) for part in PROGRAMS[program]]
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=self.root,
            stdout=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - begin
        if status:
            raise subprocess.CalledProcessError(status, arguments)
        return 1000 * elapsed, 1000 * (used.ru_utime + used.ru_stime), used.ru_maxrss / 1024


def takes_an_export(program):
    """Whether this one of PROGRAMS translates with an exported folder."""
    return "{exported}" in PROGRAMS[program]


def measured(roots):
    """``{program: {root: [what run returns, ...]}}`` of the checkouts that can run it, without a
    first round, which fills caches; the last of ``roots`` writes the export."""
    checkouts = {root: Checkout(root) for root in roots}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder, "exported")
        if any(map(takes_an_export, PROGRAMS)):
            command = [sys.executable, *EXPORT, exported]
            own = checkouts[roots[-1]]
            where = {"env": own.environment, "cwd": own.root}
            subprocess.run(command, **where, stdout=subprocess.DEVNULL, check=True)
        for program in PROGRAMS:
            tasks = {
                root: partial(one.run, program, exported)
                for root, one in checkouts.items()
                if one.runs(program)
            }
            turns = take_turns(tasks, ROUNDS + 1)
            found[program] = {root: runs[1:] for root, runs in turns.items()}
    return found


def main(others):
    own = Path(__file__).parents[1]
    roots = [*(Path(other).absolute() for other in others), own]
    found = measured(roots)
    units = "ms", "ms computing", "MB"
    head = [f"{name}, {unit}" for name in (*others, "here") for unit in units]
    rows = []
    for program, runs_of in found.items():
        rows.append([f"`{program}`"])
        for root in roots:
            if root not in runs_of:
                rows[-1] += ["–"] * len(units)
                continue
            elapsed, computing, megabytes = zip(*runs_of[root])
            rows[-1] += [spread(elapsed), f"{median(computing):,.0f}", f"{median(megabytes):,.0f}"]
    print(table(["", *head], rows))


if __name__ == "__main__":
    main(sys.argv[1:])
