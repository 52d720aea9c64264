"""Pythons and terminals that are set up in other ways: python -OO, a terminal that is ASCII."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gluon_seq2seq.cli import cli

OPTIMIZED = {**os.environ, "PYTHONOPTIMIZE": "2"}  # python -OO, which leaves docstrings out
HELPS = f"""
import sys
from gluon_seq2seq.cli import cli
for words in {[[], *([name] for name in sorted(cli.commands)), ["plot", "beam"]]!r}:
    cli.main([*words, "--help"], "cli", standalone_mode=False, terminal_width=80)
"""
USED = """
import sys
from gluon_seq2seq.cli import cli
model, out = sys.argv[1:]
cli.main(["translate", "--model", model, "They are watching."], standalone_mode=False)
cli.main(["export", "--model", model, "--out", out], standalone_mode=False)
"""


def test_helps_without_docstrings(run_process):
    done = run_process(program=HELPS, env=OPTIMIZED)
    assert (done.code, done.stderr) == (0, "")
    words = [[], *([name] for name in sorted(cli.commands)), ["plot", "beam"]]
    runs = [CliRunner().invoke(cli, [*w, "--help"], "cli", terminal_width=80) for w in words]
    found, expected = (
        text.replace(
            "-h, --help", "--help"
        ).split()  # click remembers how a command was asked first
        for text in (done.stdout, "".join(run.output for run in runs))
    )
    assert found == expected


@pytest.mark.slow
def test_translation_and_export_without_docstrings(run_process, tmp_path):
    done = run_process("mini-book", tmp_path / "out", program=USED, env=OPTIMIZED)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "Ils regardent."
    script = [sys.executable, tmp_path / "out" / "translate.py"]
    for words, shown in (
        (["They are watching."], "Ils regardent.\n"),
        (["--help"], "Translate with"),
    ):
        command = [*script, *words]
        done = subprocess.run(command, env=OPTIMIZED, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert shown in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_is_not_utf_8(encoding, saved, run_process):
    """What is written is UTF-8, as the lines of translate always are."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = run_process("evaluate", "--model", saved, "--show", 3, env=environment)
    assert (done.code, done.stderr) == (0, "")
    assert "reference: " in done.stdout and not done.stdout.isascii()
