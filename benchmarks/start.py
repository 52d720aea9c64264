"""What small programs take, from their start to their end: ``python -m benchmarks.start``

With ``CHECKOUT ...``, the folders of other versions of this project, those take turns with this
one, run by the same Python. Prints milliseconds, medians and ranges of 7 rounds, those of them that
went into computing, which other programs change less, and megabytes, the most that a program had
(at least this one's 14: Linux counts the process that starts another).
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
COMMAND = "from gluon_seq2seq.cli import main; main()"
PROGRAMS = {
    "import mxnet": ["-c", "{start_line}import mxnet"],
    "import gluon_seq2seq": ["-c", "import gluon_seq2seq"],
    "import gluon_seq2seq, mxnet": ["-c", "import gluon_seq2seq, mxnet"],
    "gluon-seq2seq --version": ["-c", COMMAND, "--version"],
    "gluon-seq2seq translate --help": ["-c", COMMAND, "translate", "--help"],
    "gluon-seq2seq translate, one sentence": [
        *("-c", COMMAND, "translate", "--model", "mini-luong2015", "They are watching.")
    ],
}
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

    def run(self, program):
        """``(milliseconds, those of computing, megabytes)`` of one of PROGRAMS."""
        arguments = [part.format(start_line=self.start_line) for part in PROGRAMS[program]]
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


def measured(roots):
    """``{program: {root: [what run returns, ...]}}``, without a first round, which fills caches."""
    checkouts = {root: Checkout(root) for root in roots}
    found = {}
    for program in PROGRAMS:
        tasks = {root: partial(one.run, program) for root, one in checkouts.items()}
        found[program] = {root: runs[1:] for root, runs in take_turns(tasks, ROUNDS + 1).items()}
    return found


def main(others):
    own = Path(__file__).parents[1]
    found = measured([*(Path(other).absolute() for other in others), own])
    units = "ms", "ms computing", "MB"
    head = [f"{name}, {unit}" for name in (*others, "here") for unit in units]
    rows = []
    for program, runs_of in found.items():
        rows.append([f"`{program}`"])
        for runs in runs_of.values():
            elapsed, computing, megabytes = zip(*runs)
            rows[-1] += [spread(elapsed), f"{median(computing):,.0f}", f"{median(megabytes):,.0f}"]
    print(table(["", *head], rows))


if __name__ == "__main__":
    main(sys.argv[1:])
