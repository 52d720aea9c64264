"""Fixtures that several test files share."""

import contextlib
import fcntl
import itertools
import os
import pickle
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import helpers
import pytest
from helpers import RUN_MAIN

# What is compiled is kept, or each process that the tests start compiles the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# One thread for each of the processes that `make test` starts; before MXNet is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests are of an MXNet for CPU or for GPUs, with a GPU or without: nothing for processes to tell.
os.environ.setdefault("PYTHONWARNINGS", "ignore:device 'auto' is the CPU")
# What runs in the background ignores Ctrl-C, under nohup the end of its terminal too, and so do its
# processes; tests send both.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

import gluon_seq2seq as gs
from gluon_seq2seq import runtime

ROOT = Path(__file__).resolve().parent.parent
# A command of ours, or echo's text for it, which asks nothing of a shell; or another command.
PLAIN = re.compile(r"""(?:echo "([^"$`\\]*)" \| )?(gluon-seq2seq (?!launch )[^|&;<>$`\\#]*)$""")
ALONE = re.compile(r"(?:echo|python) [^$`\\]*$")
FRA_ZIP = ROOT.parent / "shared" / "fra-eng" / "fra-eng.zip"


def blocks(path, languages=r"\S*"):
    """``(language, code)`` of every fenced block of a Markdown file."""
    text = path.read_text("utf-8")
    return re.findall(rf"^```({languages})[^\n]*\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def run_shell(commands, folder):
    """What a shell prints that runs ``commands`` in ``folder``; each of them has to succeed.

    Those of our own that ask nothing of a shell run in this process, where none of the others
    leaves the shell something for them.
    """
    lines = commands.splitlines()
    plain = [PLAIN.match(line) for line in lines]
    if not all(own or ALONE.match(line) for own, line in zip(plain, lines)):
        return _in_bash(commands, folder)
    return "".join(
        _in_here(*own.groups(), folder) if own else _in_bash(line, folder)
        for own, line in zip(plain, lines)
    )


def _in_here(said, command, folder):
    stdin = "" if said is None else f"{said}\n"
    done = helpers.run_cli(*shlex.split(command)[1:], stdin=stdin, cwd=folder)
    assert done.code == 0, (command, done)
    return done.stdout


def _in_bash(commands, folder):
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
    from gluon_seq2seq import plots

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


def pytest_collection_modifyitems(items):
    """The slowest first, or a core has nothing to do while another runs a long one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


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
def fra(fra_zip, tmp_path_factory):
    """The corpus made of all of fra-eng.zip, which the first worker of pytest-xdist reads for all;
    its vocabularies are made."""
    base = tmp_path_factory.getbasetemp()
    found = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "fra.pickle"
    with open(found.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            corpus = gs.load_corpus(fra_zip)
            assert corpus.src_vocab and corpus.tgt_vocab
            found.write_bytes(pickle.dumps(corpus))
    return pickle.loads(found.read_bytes())


@pytest.fixture(scope="session")
def small_model(tiny):
    """``small_model()``: a new, untrained book model of size 8 on the CPU, always the same one.

    Takes the keywords of ``book``, ``corpus`` for other vocabularies and ``seed``.
    """

    def make(corpus=tiny, seed=0, **settings):
        sizes = {"embed_size": 8, "num_hiddens": 8, "drop_prob": 0, "device": "cpu", **settings}
        runtime.seed(seed)
        model = gs.book(corpus.src_vocab, corpus.tgt_vocab, **sizes)
        model.origin = corpus.origin
        return model

    return make


@pytest.fixture(scope="module")
def saved(tmp_path_factory, small_model):
    """A directory with a model whose translations, nonsense, differ from sentence to sentence."""
    model = small_model()
    for parameter in model.collect_params().values():
        parameter.set_data(3 * parameter.data())
    directory = tmp_path_factory.mktemp("runs") / "model"
    gs.save_model(model, directory)
    return directory


@pytest.fixture(scope="module")
def translator(saved):
    return gs.Translator(gs.load_model(saved, "cpu"))


@pytest.fixture(scope="module")  # Playwright runs a loop of asyncio in this thread meanwhile
def browser():
    """Chromium, of the PATH, driven by Playwright, which ``make browser`` installs."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: make browser")
    names = "chromium", "chromium-browser", "google-chrome"
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("needs Chromium on the PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def by_mxnet(monkeypatch):
    """``by_mxnet()``: from now on new steps of live models are MXNet's, as where NumPy has none."""

    def set_by_mxnet():
        from gluon_seq2seq.semantics.numpy_operators import NoCounterpart
        from gluon_seq2seq.translation import model_step

        def no_counterpart(*_, **__):
            raise NoCounterpart

        monkeypatch.setattr(model_step, "OnNumpy", no_counterpart)

    return set_by_mxnet


@pytest.fixture
def signal_at(monkeypatch):
    """Let the process get a signal in the middle of a step, counted from 1 since now."""
    return signaller(monkeypatch)


def signaller(patch):
    """What the fixture :func:`signal_at` is, for as long as ``patch`` lasts."""
    from gluon_seq2seq.training.train_step import Step

    def install(step, number=signal.SIGTERM, times=1):
        call, count = Step.__call__, itertools.count(1)

        def stepping(self, batch, rate):
            if next(count) == step:
                for _ in range(times):
                    os.kill(os.getpid(), number)
            return call(self, batch, rate)

        patch.setattr(Step, "__call__", stepping)

    return install


@pytest.fixture(scope="session")
def run_cli():
    """``run_cli("translate", ...)``: the command line, in this process."""
    return helpers.run_cli


@pytest.fixture(scope="session")
def run_process():
    """``run_process("translate", ...)``: the command line in a process of its own, where that is
    the point: signals, limits, closed or full streams, threads, what an import does, the end."""
    return helpers.run_process
