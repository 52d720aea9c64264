"""Fixtures that several test files share."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

# One thread for each of the processes that `make test` starts; before MXNet is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gluon_seq2seq as gs
from gluon_seq2seq import runtime

FRA_ZIP = Path(__file__).resolve().parent.parent.parent / "shared" / "fra-eng" / "fra-eng.zip"
RUN_MAIN = "from gluon_seq2seq.cli import main; main()"


class Finished(NamedTuple):
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


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
