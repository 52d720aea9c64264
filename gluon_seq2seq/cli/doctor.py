"""What this machine has, what it lacks, and what to do about it."""

import importlib
import os
import platform
import re
import sys

import click

from .. import compat, devices, gpu, runtime
from ..errors import SystemProblem
from .common.options import EXIT_CODES

PACKAGES = {  # and the versions that work, as a pair of bounds, both included
    "numpy": ("1.23.5", None),
    "mxnet": ("1.9.1", "1.9.1"),
    "gluonnlp": ("0.10.0", "0.10.0"),
    "d2l": ("0.16.6", "1.0.3"),
    "matplotlib": ("3.7", None),
    "tqdm": ("4.60", None),
    "pooch": ("1.7", None),
    "sacrebleu": ("2.3", None),
    "sentencepiece": ("0.1.99", None),
    "threadpoolctl": ("3.1", None),
}
GET = "python -m gluon_seq2seq.wheels --gpu"


@click.command("doctor", epilog=EXIT_CODES)
def command():
    """Check this machine: Python, packages, threads, GPU, fonts.

    A line each, with what to do where it is needed.
    """
    return 0 if examine() else SystemProblem.exit_code


def examine():
    """Print a line for each thing checked, with a remedy where needed; whether all is well."""
    good = True

    def line(name, value, remedy=None, needed=True):
        nonlocal good
        good = good and (remedy is None or not needed)
        mark = "ok  " if remedy is None else ("FAIL" if needed else "note")
        click.echo(f"{mark}  {name:<14}{value}")
        if remedy:
            click.echo(f"      {'':<14}-> {remedy}")

    fits = (3, 8) <= sys.version_info[:2] <= (3, 14)
    remedy = None if fits else "install Python 3.8 to 3.14, then make clean demo"
    line("Python", platform.python_version(), remedy)
    for name, bounds in PACKAGES.items():
        line(name, *_package(name, *bounds))
    if good:
        mended = ", ".join(compat.mended()) or "nothing, this NumPy and this Python fit"
        line("MXNet gets", mended)
        if compat.mended():
            line(
                "import mxnet",
                "works anywhere here" if compat.installed() else "works after gluon_seq2seq only",
                None if compat.installed() else "python -m gluon_seq2seq.compat, once",
                needed=False,
            )
    threads = os.environ["OMP_NUM_THREADS"]
    few = runtime.users_own_threads and threads.isdigit() and int(threads) < runtime.cores()
    line(
        "threads",
        f"{threads} of {runtime.cores()} cores",
        "unset OMP_NUM_THREADS to use them all" if few else None,
        needed=False,
    )
    policy = os.environ["OMP_WAIT_POLICY"]
    line(
        "waiting",
        policy,
        None if policy.upper() == "PASSIVE" else "OMP_WAIT_POLICY=PASSIVE where cores are shared",
        needed=False,
    )
    if good:
        for name, value, remedy in _gpus():
            line(name, value, remedy, needed=False)
        from ..plots import cjk_font

        font = cjk_font()
        line(
            "Chinese font",
            font or "none",
            None if font else "for plots in Chinese: apt-get install fonts-noto-cjk",
            needed=False,
        )
    return good


def _gpus():
    """``(name, value, remedy)`` of each line on GPUs: the MXNet, and what the driver knows."""
    cuda, wheel, found = devices.built_for(), gpu.installed_cuda(), gpu.look()
    kind = "CPU only" if not cuda else f"CUDA {gpu.dotted(wheel)}" if wheel else "CUDA"
    compiler = gpu.nvrtc()
    compiles = f", NVRTC {gpu.dotted(compiler)}" if compiler else ""
    mixed = wheel and (not cuda or (_wheel() != "mxnet" and _has("mxnet")))
    remedy = f"two wheels lie over one another: pip uninstall -y mxnet {_wheel()}, then {GET}"
    yield "MXNet is for", kind + compiles, remedy if mixed else None
    if found.problem:
        remedy = "install NVIDIA's driver, or see nvidia-smi; MXNet computes on the CPU till then"
        yield "GPUs", f"none: {found.problem}", remedy if cuda else None
    for number, one in enumerate(found.gpus):
        why = devices.why_not(number, cuda or gpu.OFFERED)
        usable = "; MXNet can use it" if cuda and why is None else ""
        if why is None and not cuda:
            why = f"{GET} brings the MXNet for it, 2.4 GB"
        elif why is None and compiler and not gpu.compiles_for(compiler, one.capability):
            why = f"NVRTC is older than it, so MXNET_USE_FUSION=0 is set: {GET} brings a newer one"
        value = f"{one.name}, compute capability {gpu.dotted(one.capability)}{usable}"
        yield f"GPU {number}", value, why


def _wheel():
    """The package that MXNet came in: ``"mxnet"``, or ``"mxnet-cu117"``."""
    cuda = gpu.installed_cuda()
    name = f"mxnet-cu{cuda[0]}{cuda[1]}" if cuda else "mxnet"
    return name if _has(name) else "mxnet"


def _has(name):
    from importlib import metadata  # takes as long as all that the other commands need

    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def _package(name, oldest, newest):
    """The installed version, or why it cannot be used, and the remedy (None: all is well)."""
    from importlib import metadata

    remedy = "python -m gluon_seq2seq.wheels installs it"
    if name not in ("mxnet", "gluonnlp", "d2l"):
        remedy = f"pip install '{name}>={oldest}'"
    try:
        importlib.import_module(name)
        found = metadata.version(_wheel() if name == "mxnet" else name)
    except Exception as error:  # a broken native library raises whatever it likes
        if name == "mxnet" and isinstance(error, OSError) and gpu.installed_cuda():
            missing = ", ".join(gpu.missing_libraries()) or str(error)
            return f"is for GPUs; missing: {missing}", f"{GET} brings what it is linked to"
        return f"{type(error).__name__}: {error}".splitlines()[0], remedy
    fits = _numbers(oldest) <= _numbers(found) and (
        newest is None or _numbers(found)[: len(_numbers(newest))] <= _numbers(newest)
    )
    return found, None if fits else remedy


def _numbers(version):
    """``"1.9.1+np2"`` as ``[1, 9, 1]``."""
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]
