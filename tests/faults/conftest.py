"""The fault matrix: what a user can do wrong or a machine can do to him, seen from outside.

Each case is a function ``test_NN_...`` whose docstring is "case -> behaviour". Commands run in
this process, or where the case is about one, in their own with a time limit; death by a signal
fails whatever else happens. ``make faults`` prints the table.
"""

import os
import re
import shutil
from collections import defaultdict

import pytest

from faults.faultbench import Bench


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
