"""The fault matrix: what a user can do wrong or a machine can do to him, seen from outside.

Each case is a function ``test_NN_...`` whose docstring is "case -> behaviour". Commands run in
their own process with a time limit; death by a signal fails whatever else happens. ``make faults``
prints the table.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

RUN_MAIN = "from gluon_seq2seq.cli import main; main()"
SMALL = ("--embed-size", 8, "--num-hiddens", 8, "--batch-size", 16)
LIMIT = 120  # seconds


class Finished(NamedTuple):
    """What a process left behind."""

    code: int
    stdout: str
    stderr: str


def hashes(folder):
    """The hash of every file below ``folder``, but for what is hidden: drafts and locks."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


class Bench:
    """A folder to break things in, ``bench.folder``, and commands that are watched."""

    def __init__(self, folder):
        self.folder = folder

    def __truediv__(self, name):
        return self.folder / name

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def start(self, *arguments, **kwargs):
        command = [sys.executable, "-c", RUN_MAIN, *map(str, arguments)]
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        return subprocess.Popen(command, cwd=self.folder, **{**pipes, **kwargs})

    def run(self, *arguments, stdin=b"", python=None, **kwargs):
        """The command line, or a Python program, to its end."""
        command = [sys.executable, "-c", python or RUN_MAIN, *map(str, arguments)]
        kwargs = {"capture_output": True, "timeout": LIMIT, "cwd": self.folder, **kwargs}
        done = subprocess.run(command, input=stdin, check=False, **kwargs)
        out, err = ((stream or b"").decode("utf-8") for stream in (done.stdout, done.stderr))
        assert done.returncode >= 0, f"died of signal {-done.returncode}: {err}"
        assert done.returncode not in (134, 139), err
        return Finished(done.returncode, out, err)

    def works(self, *arguments, **kwargs):
        """A command that must succeed."""
        done = self.run(*arguments, **kwargs)
        assert done.code == 0, done
        assert "Traceback" not in done.stderr
        return done

    def fails(self, code, says, *arguments, **kwargs):
        """A command that must end with ``code`` and one line, which has each of ``says``; every
        file that was there has to be as it was."""
        before = hashes(self.folder)
        done = self.run(*arguments, **kwargs)
        assert done.code == code, done
        assert re.fullmatch(r"gluon-seq2seq: [^\n]+\n", done.stderr), done
        for words in says:
            assert words in done.stderr, done
        after = hashes(self.folder)
        assert {path: after.get(path) for path in before} == before, "a file was changed"
        return done

    def train(self, data, out, *more):
        return "train", "--data", data, "--out", self.folder / out, "--epochs", 1, *SMALL, *more


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A directory with a small model, trained for an epoch on tiny. Not to be changed."""
    bench = Bench(tmp_path_factory.mktemp("trained"))
    bench.works(*bench.train("tiny", "model"))
    return bench / "model"


@pytest.fixture
def model(trained, tmp_path):
    """A copy of that directory, to be broken."""
    return shutil.copytree(trained, tmp_path / "model")


# The table.


@pytest.fixture(autouse=True)
def case(request):
    """Hand the number and the docstring of a case to whoever prints the table."""
    number = re.match(r"test_(\d\d)_", request.function.__name__)
    if number:
        words = " ".join((request.function.__doc__ or "").split())
        request.node.user_properties.append(("case", (int(number[1]), words)))


@pytest.fixture
def note(request):
    """``note(text)``: a line below the case in the table."""
    return lambda text: request.node.user_properties.append(("note", text))


def pytest_addoption(parser):
    parser.addoption("--table", action="store_true", help="print the fault matrix")


def pytest_terminal_summary(terminalreporter, config):
    if not config.getoption("--table", False):
        return
    verdicts, words, notes = defaultdict(set), {}, defaultdict(list)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            properties = getattr(report, "user_properties", ())
            for number, text in (value for name, value in properties if name == "case"):
                words[number] = text
                verdicts[number].add(outcome)
                notes[number] += [value for name, value in properties if name == "note"]
    terminalreporter.write_sep("=", "fault matrix")
    for number in sorted(words):
        bad = verdicts[number] & {"failed", "error"}
        verdict = "FAILED" if bad else "skipped" if verdicts[number] == {"skipped"} else "passed"
        terminalreporter.write_line(f"{number:>3}  {verdict:<8}{words[number]}")
        for text in notes[number]:
            terminalreporter.write_line(f"             {text}")


@pytest.fixture
def environment():
    """This process's own, with ``more``."""
    return lambda **more: {**os.environ, **more}
