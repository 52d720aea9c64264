"""What a command does in the process of a test is what it does in one of its own."""

import shutil
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("translate", "--model", "mini-book"),
        ("evaluate", "--model", "mini-book", "--data", "none.tsv"),
        ("translate", "--model", "none", "Hello."),
        ("plot", "lengths", "--data", "tiny", "--out", "none/x.png"),
        ("train", "--data", "tiny", "--out", "x", "--batch-size", 8, "--learning-rate", 1e38),
        ("translate", "--no-such-option"),
    ],
    ids=["0", "3", "4", "5", "6", "2"],
)
def test_a_command(arguments, run_cli, run_process, tmp_path, request):
    folder, found = tmp_path / "folder", []
    for run in run_cli, run_process:
        folder.mkdir()
        found.append(run(*arguments, stdin="They are watching.\n\n✓\n", cwd=folder))
        shutil.rmtree(folder)
    assert found[0] == found[1]
    assert str(found[0].code) == request.node.callspec.id


PROGRAM = """
import os, subprocess, sys, warnings
print("Python", sys.argv[1], sys.stdin.read(), os.environ["GIVEN"], os.getcwd(), "✓")
print("é", file=sys.stderr, flush=True)
warnings.warn_explicit("a warning", UserWarning, "somewhere.py", 7)
warnings.warn_explicit("nothing for users", DeprecationWarning, "somewhere.py", 7)
sys.stderr.flush()
sys.stdout.flush()
os.write(1, b"C\\n")
os.write(2, b"C complains\\n")
subprocess.run(["sh", "-c", "echo a child; echo its complaint >&2"])
sys.exit(int(sys.argv[1]))
"""


@pytest.mark.parametrize("code", [0, 7])
def test_a_program(code, run_cli, run_process, tmp_path, monkeypatch):
    monkeypatch.setenv("GIVEN", "here")
    one, other = (
        run(code, program=PROGRAM, stdin="in\n", cwd=tmp_path) for run in (run_cli, run_process)
    )
    assert one == other
    assert one.code == code and "C\n" in one.stdout and "a warning" in one.stderr


@pytest.mark.parametrize(
    "left",
    [
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "import os; os.environ['OMP_NUM_THREADS'] = '7'",
        "import os; os.chdir('/')",
        "import logging; logging.disable()",
        "import matplotlib.pyplot as plt; plt.figure()",
    ],
)
def test_what_is_left_behind_is_told_and_taken_back(left, run_cli, tmp_path):
    for _ in range(2):
        with pytest.raises(AssertionError):
            run_cli(program=left)
    run_cli("--version")


def test_generators_go_on_as_if_nothing_had_been(run_cli):
    import random

    import numpy as np

    random.seed(3)
    np.random.seed(3)
    expected = random.random(), np.random.rand()
    random.seed(3)
    np.random.seed(3)
    run_cli(program="import gluon_seq2seq as gs; gs.seed(9)")
    assert (random.random(), np.random.rand()) == expected


def test_streams_are_given_back(run_cli, capfd):
    before = sys.stdin, sys.stdout, sys.stderr
    run_cli(program="print('within')")
    print("after")
    assert (sys.stdin, sys.stdout, sys.stderr) == before
    assert capfd.readouterr().out == "after\n"
