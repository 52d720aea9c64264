"""What this machine has, what it lacks, and what to do about it."""

import importlib
import os
import platform
import sys

import click

from . import runtime

PACKAGES = {  # and the one version that works, where there is only one
    "numpy": "1.23.5",
    "mxnet": "1.9.1",
    "gluonnlp": "0.10.0",
    "d2l": "1.0.3",
    "matplotlib": None,
    "tqdm": None,
    "pooch": None,
    "sacrebleu": None,
    "sentencepiece": None,
}


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

    version = platform.python_version()
    fits = (3, 8) <= sys.version_info[:2] <= (3, 11)
    line("Python", version, None if fits else "install Python 3.8 to 3.11, then make clean demo")
    for name, wanted in PACKAGES.items():
        found, problem = _installed(name)
        remedy = f"pip install {name}=={wanted}" if wanted else f"pip install {name}"
        line(name, found, remedy if problem or wanted not in (None, found) else None)
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
        from .plots import cjk_font

        gpus = runtime.gpu_count()
        line("GPUs", gpus or "none; training runs on the CPU")
        font = cjk_font()
        line(
            "Chinese font",
            font or "none",
            None if font else "for plots in Chinese: apt-get install fonts-noto-cjk",
            needed=False,
        )
    return good


def _installed(name):
    """The version of a package, or why it cannot be imported."""
    try:
        return importlib.import_module(name).__version__, False
    except Exception as error:  # a broken native library raises whatever it likes
        return f"{type(error).__name__}: {error}".splitlines()[0], True
