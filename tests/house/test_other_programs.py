"""The programs of docs/other-programs.md run as they stand: each holds a process open and asks."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT, blocks
from helpers import RUN_MAIN

PAGE = ROOT / "docs" / "other-programs.md"
INTERPRETERS = {
    "python": (sys.executable, "-c"),
    "bash": ("bash", "-euc"),
    "javascript": ("node", "-e"),
}
ASKED = "They are watching.", "He is old."
ANSWERED = "Ils regardent.", "Il est vieux."


@pytest.fixture
def environment(tmp_path):
    """One in which gluon-seq2seq is this checkout."""
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(RUN_MAIN)} "$@"\n'
    (tmp_path / "gluon-seq2seq").write_text(script)
    (tmp_path / "gluon-seq2seq").chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def lacks(language):
    """Why the program in ``language`` cannot be run here, or None."""
    program = INTERPRETERS[language][0]
    if shutil.which(program) is None:
        return f"needs {program}"
    if language == "bash":
        version = subprocess.run(
            [program, "-c", "echo $BASH_VERSINFO"], capture_output=True, check=True
        )
        return None if int(version.stdout) >= 4 else "needs bash 4 or later"
    return None


@pytest.mark.slow
@pytest.mark.parametrize("language", INTERPRETERS)
def test_a_program_that_asks(language, environment, tmp_path):
    ((_, code),) = blocks(PAGE, language)
    assert len(code.splitlines()) <= 12
    if lacks(language):
        pytest.skip(lacks(language))
    done = subprocess.run(
        [*INTERPRETERS[language], code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b""), done
    names = ASKED if language == "bash" else (0, 1)
    wanted = [f"{name} {answer}" for name, answer in zip(names, ANSWERED)]
    assert done.stdout.decode("utf-8").splitlines() == wanted


def test_each_format_is_on_the_page():
    from gluon_seq2seq.translation.written.formats import FORMATS, SCORE_FORMATS

    text = PAGE.read_text("utf-8")
    translate, score = text.split("| `score` | writes")
    for part, formats in (translate, FORMATS), (score, SCORE_FORMATS):
        assert all(f"| `--format {name}` |" in part for name in formats)
