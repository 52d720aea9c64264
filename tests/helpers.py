"""What tests share: models on the disk, and commands in this process or in one of their own."""

import contextlib
import hashlib
import json
import logging
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from typing import NamedTuple
from unittest import mock

import pytest

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ON_THE_CPU = "ignore"  # what becomes of the warning why 'auto' is not the GPU that is here
RUN_MAIN = "from gluon_seq2seq.cli import main; main()"


class Finished(NamedTuple):
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


def fresh(code, *options):
    """What a new interpreter prints that knows of no environment's hook (-S -s leaves .pth out)."""
    paths = [ROOT, *(path for path in sys.path if path.endswith("-packages"))]
    done = subprocess.run(
        [sys.executable, *options, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def weights(model, device=0):
    """Parameters of a model by structural name, as arrays, on one of its devices."""
    named = model._collect_params_with_prefix()
    return {name: p.list_data()[device].asnumpy() for name, p in named.items()}


def newest(out, kind="model"):
    """The folder of the newest model, or checkpoint, of a run."""
    return max(out.glob(f"{kind}-*"))


def digest(out):
    """Of the parameters of the newest model of a run."""
    return hashlib.sha256((newest(out) / "model.params").read_bytes()).hexdigest()


def restamp(path):
    """Let the manifest agree with a file of a model that was changed, as another program could."""
    manifest = path.parent / "manifest.json"
    fields = json.loads(manifest.read_text("utf-8"))
    fields["sha256"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(fields), "utf-8")


@contextlib.contextmanager
def file_size_limit(size):
    """No file of this process grows to more than ``size`` bytes: a disk that is full so far."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def complaint(done, code):
    """The one line of an expected failure."""
    assert (done.code, done.stderr.count("\n")) == (code, 1), done
    assert done.stderr.startswith("gluon-seq2seq: ")
    return done.stderr


def start(*arguments, program=RUN_MAIN, **settings):
    """The command line, or a program in Python, as a process that has just begun."""
    pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, **{**pipes, "preexec_fn": hear_ctrl_c, **settings})


def hear_ctrl_c():
    """Also where the tests run in the background, whose processes ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_process(*arguments, stdin="", timeout=120, **settings):
    """The command line, or a ``program`` in Python, to its end in a process of its own.

    Whatever the outcome, no traceback and no death by a signal. With ``stdin=None`` the process
    inherits its standard input.
    """
    stdin = stdin.encode("utf-8") if isinstance(stdin, str) else stdin
    pipes = {} if stdin is not None else {"stdin": None}
    with start(*arguments, **{**pipes, **settings}) as process:
        try:
            streams = process.communicate(stdin, timeout)
        finally:
            process.kill()
    done = Finished(process.returncode, *((text or b"").decode("utf-8") for text in streams))
    assert "Traceback" not in done.stderr, done.stderr
    assert done.code >= 0, f"died of signal {-done.code}: {done.stderr}"
    assert done.code not in (128 + signal.SIGABRT, 128 + signal.SIGSEGV), done.stderr
    return done


def run_cli(*arguments, stdin="", program=RUN_MAIN, cwd=None, env=None):
    """What :func:`run_process` says, found in this process, which has MXNet already.

    What a program may change and a process takes with it when it ends is as it was before. An
    exception that ``main`` does not turn into an exit code is raised.
    """
    stdin = stdin.encode("utf-8") if isinstance(stdin, str) else stdin
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        streams[0].write(stdin)
        streams[0].seek(0)
        code = 0
        with _as_a_process(streams, list(map(str, arguments)), cwd, env):
            try:
                exec(compile(program, "<command>", "exec"), {"__name__": "__main__"})
            except SystemExit as end:
                code = end.code or 0
        for stream in streams[1:]:
            stream.seek(0)
        done = Finished(code, *(stream.read().decode("utf-8") for stream in streams[1:]))
    assert "Traceback" not in done.stderr, done.stderr
    return done


@contextlib.contextmanager
def _as_a_process(streams, arguments, cwd, env):
    """What a process begins with; afterwards all is as it was before."""
    from gluon_seq2seq.cli import train

    with contextlib.ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        stack.enter_context(_standard_streams(streams))
        stack.enter_context(_generators())
        stack.enter_context(_warnings())
        stack.enter_context(mock.patch.dict(os.environ, env or {}, clear=env is not None))
        patch.chdir(cwd or os.getcwd())
        patch.setattr(sys, "argv", ["-c", *arguments])
        patch.setattr(train, "STARTED", time.monotonic())
        with _nothing_left_behind():
            yield


@contextlib.contextmanager
def _standard_streams(files):
    """Open files take the place of the standard streams, for Python and for libraries in C."""
    sys.stdout.flush()
    sys.stderr.flush()
    modes = "r", "w", "w"
    errors = "strict", "strict", "backslashreplace"
    with contextlib.ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            kept = os.dup(number)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, number)
            os.dup2(files[number].fileno(), number)
            settings = {"encoding": "utf-8", "errors": errors[number], "closefd": False}
            settings["buffering"] = 1 if name == "stderr" else -1
            stream = stack.enter_context(open(number, modes[number], **settings))
            patch.setattr(sys, name, stream)
        yield


@contextlib.contextmanager
def _generators():
    """Python and NumPy draw afterwards what they would have drawn without a command; MXNet, whose
    state cannot be read, begins anew."""
    import mxnet as mx
    import numpy as np

    states = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(states[1])
        random.setstate(states[0])
        mx.random.seed(random.getrandbits(31))
        random.setstate(states[0])


@contextlib.contextmanager
def _warnings():
    """Warnings as Python shows them on standard error; our own are errors."""
    with warnings.catch_warnings():
        for category in (
            DeprecationWarning,
            PendingDeprecationWarning,
            ImportWarning,
            ResourceWarning,
        ):
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("error", module="gluon_seq2seq")
        warnings.filterwarnings(ON_THE_CPU, "device 'auto' is the CPU")
        warnings.showwarning = lambda message, category, file, line, *_: sys.stderr.write(
            warnings.formatwarning(message, category, file, line)
        )
        yield


@contextlib.contextmanager
def _nothing_left_behind():
    """What a command has to leave as it found it."""

    def found():
        pyplot = sys.modules.get("matplotlib.pyplot")
        return {
            "signals": {number: signal.getsignal(number) for number in SIGNALS},
            "logging": (logging.root.manager.disable, logging.root.level, logging.root.handlers[:]),
            "environment": dict(os.environ),
            "folder": os.getcwd(),
            "pictures": set(pyplot.get_fignums() if pyplot else ()),
        }

    before = found()
    yield
    after = found()
    for number, handler in before["signals"].items():
        signal.signal(number, handler)
    logging.disable(before["logging"][0])
    assert after.pop("pictures") <= before.pop("pictures"), "of the oldest pyplot lets go"
    assert after == before
