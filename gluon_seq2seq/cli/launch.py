"""gluon-seq2seq launch: scheduler, servers and workers on one machine, watched until they end."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

import click

from .. import runtime
from ..errors import Seq2SeqError, SystemProblem, UsageError
from ..training.signals import handled_by
from . import train
from .common.options import COUNT, EXIT_CODES

MAIN = "from gluon_seq2seq.cli import main; main()"
HERE = "127.0.0.1"
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # linux/prctl.h
LAST_WORDS = 10  # seconds that processes have to end by themselves


@click.command(
    "launch",
    epilog=EXIT_CODES,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    *("-n", "--workers"),
    type=COUNT,
    default=2,
    show_default=True,
    help="Let this many processes train together.",
)
@click.option(
    *("-s", "--servers"),
    type=COUNT,
    default=1,
    show_default=True,
    help="Let this many processes add up the gradients.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def command(workers, servers, command):
    """Start "train" in several processes of this machine.

    They share one model, by MXNet's parameter server. A step has --batch-size sentences for each
    worker. When one ends, all end: go on with the same command and --resume. The ports that they
    listen on know no password, and are those of 127.0.0.1: for a machine whose users you trust.
    For several machines see docs/many-machines.md.

    \b
    Example:
      gluon-seq2seq launch -n 2 train --data mini --out runs/two
    """
    if command[0] != "train":
        raise UsageError(
            f'launch starts "train", not {command[0]!r}: see gluon-seq2seq launch --help'
        )
    train.command.make_context("train", list(command[1:]))  # says once what all would say
    sys.exit(run([sys.executable, "-c", MAIN, *command], workers, servers))


def run(command, workers, servers=1):
    """Start ``command`` in every role; returns 0, or the exit code of the worker that ended first.

    After Ctrl-C, SIGTERM and SIGHUP the workers finish their step and save. Raises
    :class:`SystemProblem` when one of the processes was killed, or a server ends too early. None of
    them outlives this one, on Linux not even where it is killed.
    """
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    shared = {"PS_ROOT_URI": HERE, "PS_ROOT_PORT": port, "NODE_HOST": HERE}
    shared.update(NUM_WORKER=workers, NUM_SERVER=servers)
    environment = {**os.environ, **{f"DMLC_{name}": str(value) for name, value in shared.items()}}
    if not runtime.users_own_threads:
        environment["OMP_NUM_THREADS"] = str(max(1, runtime.cores() // workers))
    roles = ["scheduler"] + ["server"] * servers + ["worker"] * workers
    processes, signals, here = [], [], os.getpid()

    def end_with_this():
        if sys.platform == "linux":
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != here:  # it has ended already
                os._exit(SystemProblem.exit_code)

    with handled_by(lambda number, _: signals.append(number)):
        try:
            for role in roles:
                own = {**environment, "DMLC_ROLE": role}
                # In a session of its own: Ctrl-C in the terminal is for this process alone.
                how = {"start_new_session": True, "preexec_fn": end_with_this}
                processes.append(subprocess.Popen(command, env=own, **how))
            code = _watch(processes[: 1 + servers], processes[1 + servers :], signals)
            _wait(processes[1 + servers :], LAST_WORDS)
            return code
        finally:
            for process in processes:
                process.kill()
                process.wait()


def _watch(helpers, workers, signals):
    """Wait for the workers, and pass signals on as SIGTERM, which ends without a word one that does
    not train yet."""
    passed_on = 0
    while True:
        for _ in signals[passed_on:]:
            passed_on += 1
            for worker in workers:
                worker.send_signal(signal.SIGTERM)
        for i, worker in enumerate(workers):
            if worker.poll():
                if signals and worker.returncode == -signal.SIGTERM:
                    raise _Stopped(signals[0])
                if signals and worker.returncode == 128 + signal.SIGTERM:
                    return 128 + signals[0]
                return _code_of(f"worker {i + 1} of {len(workers)}", worker)
        if all(worker.poll() == 0 for worker in workers):
            return 0
        for helper in helpers:
            if helper.poll():  # with 0 the workers let it go
                return _code_of("the scheduler" if helper is helpers[0] else "a server", helper)
        time.sleep(0.1)


def _code_of(name, process):
    """The exit code of a process that ended, and has said why, unless it was killed."""
    if process.returncode > 0:
        return process.returncode
    raise SystemProblem(
        f"{name} (process {process.pid}) ended by {signal.Signals(-process.returncode).name}, and "
        "all others with it; go on with the same command and --resume"
    )


class _Stopped(Seq2SeqError):
    """A signal ended the workers while they did not train."""

    def __init__(self, number):
        super().__init__(
            f"stopped by {signal.Signals(number).name} before there was anything new to save; what "
            "was saved before is whole"
        )
        self.exit_code = 128 + number


def _wait(processes, seconds):
    """Wait until all have ended, or for so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(0.05)
