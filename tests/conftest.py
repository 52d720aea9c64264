"""Fixtures that several test files share."""

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

# One thread for each of the processes that `make test` starts; before MXNet is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gluon_seq2seq as gs
from gluon_seq2seq import plots, runtime

ROOT = Path(__file__).resolve().parent.parent
FRA_ZIP = ROOT.parent / "shared" / "fra-eng" / "fra-eng.zip"
RUN_MAIN = "from gluon_seq2seq.cli import main; main()"


class Finished(NamedTuple):
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


def blocks(path, languages=r"\S*"):
    """``(language, code)`` of every fenced block of a Markdown file."""
    text = path.read_text("utf-8")
    return re.findall(rf"^```({languages})[^\n]*\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def run_shell(commands, folder):
    """What a shell prints that runs ``commands`` in ``folder``; each of them has to succeed."""
    python = shlex.quote(sys.executable)
    names = f'gluon-seq2seq() {{ {python} -c {shlex.quote(RUN_MAIN)} "$@"; }}\n'
    names += f'python() {{ {python} "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", names + commands],
        cwd=folder,
        capture_output=True,
        timeout=250,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, f"{commands}\n{done.stderr.decode()}"
    return done.stdout.decode()


def with_fonts_at_hand(code):
    """``code`` with its pictures in English where no Chinese font is installed."""
    if plots.cjk_font() is not None:
        return code
    return code.replace("--lang zh", "--lang en").replace('plot("zh")', 'plot("en")')


@contextlib.contextmanager
def running(folder, command, answers):
    """The address of a server; ``command(port)`` starts it, ``answers`` is a path it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, *command(port)],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}{answers}").read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="session")
def tiny():
    """The bundled corpus of about sixty pairs."""
    return gs.load_corpus("tiny")


@pytest.fixture(scope="session")
def mini():
    """The bundled corpus that the grammar wrote."""
    return gs.load_corpus("mini")


@pytest.fixture(scope="session")
def fra_zip():
    """The book's fra-eng.zip, which lies beside the checkout on some machines only."""
    if not FRA_ZIP.is_file():
        pytest.skip(f"needs Tatoeba's sentences in {FRA_ZIP}")
    return FRA_ZIP


@pytest.fixture(scope="session")
def fra(fra_zip):
    """The corpus made of all of fra-eng.zip."""
    return gs.load_corpus(fra_zip)


@pytest.fixture(scope="session")
def small_model(tiny):
    """``small_model()``: a new, untrained book model of size 8 on the CPU, always the same one.

    Takes the keywords of ``book``, ``corpus`` for other vocabularies and ``seed``.
    """

    def make(corpus=tiny, seed=0, **settings):
        sizes = {"embed_size": 8, "num_hiddens": 8, "device": "cpu", **settings}
        runtime.seed(seed)
        model = gs.book(corpus.src_vocab, corpus.tgt_vocab, **sizes)
        model.origin = corpus.origin
        return model

    return make


@pytest.fixture(scope="session")
def run_cli():
    """``run_cli("translate", ...)``: the command line in its own process.

    Whatever the outcome, no traceback and no death by a signal.
    """

    def run(*arguments, stdin="", timeout=120, **kwargs):
        if isinstance(stdin, str):
            stdin = stdin.encode("utf-8")
        command = [sys.executable, "-c", RUN_MAIN, *map(str, arguments)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, timeout=timeout, check=False, **kwargs
        )
        result = Finished(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
        assert "Traceback" not in result.stderr, result.stderr
        assert result.code >= 0, f"died of signal {-result.code}: {result.stderr}"
        return result

    return run
