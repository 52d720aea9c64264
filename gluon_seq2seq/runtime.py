"""Threads (before MXNet loads) and seeds: the one place that decides them.

Importing this module sets environment variables, unless the user has set them; of threads:

- ``OMP_NUM_THREADS`` = the cores this process may use. MXNet alone takes half of them.
- ``OMP_WAIT_POLICY=PASSIVE``: an idle thread sleeps. libgomp's default is to spin, which takes
  the core from the thread that all wait for when another process wants one.
- ``GOMP_SPINCOUNT``, where the one before is unset: it spins for a moment first, a tenth of a
  millisecond, since most waits are shorter (:data:`SPINS`).

They count only when they are set before MXNet is loaded. What the user has set is given to MXNet as
the one number that it reads (:func:`read_threads`). And of GPUs (docs/gpu.md):

- ``NVIDIA_TF32_OVERRIDE=0``: products of float32 are those of float32. From Ampere on, NVIDIA's
  libraries round their factors to 10 bits, TF32, which is faster; with 1 they may.
- ``MXNET_GPU_PARALLEL_RAND_COPY=1``: one generator draws all random numbers, as on a CPU, and not
  four in turns, whose turn it is no seed says.
"""

import contextlib
import ctypes
import os
import re
import sys
import warnings

from .errors import whole_number
from .limits import cores

# More is faster on idle cores and slower beside a busy process: benchmarks/README.md, "What made
# it fast" and "Tried, and not kept".
SPINS = "4000"


def read_threads():
    """Whether the user has set ``OMP_NUM_THREADS``; leaves a number there that MXNet can read.

    OpenMP takes a list with a number for each level of nesting, ``"4,2"``, as batch systems set it
    (OpenMP 5.2, section 21.1.2). MXNet has one level and ends the process at a comma or a word.
    Warns of a value that OpenMP has no meaning for.
    """
    value = os.environ.get("OMP_NUM_THREADS", "")
    if "mxnet" in sys.modules or not value.strip():
        return bool(value.strip())
    numbers = re.fullmatch(r"\s*\+?([0-9]{1,9})\s*(,\s*\+?[0-9]+\s*)*", value)
    if numbers and int(numbers[1]):
        os.environ["OMP_NUM_THREADS"] = str(int(numbers[1]))
        return True
    warnings.warn(
        f"OMP_NUM_THREADS={value!r} is no number of threads: {cores()} are used; unset it, or give "
        "a number such as 2",
        RuntimeWarning,
        stacklevel=2,
    )
    return False


def set_threads():
    """Set the variables above where they are unset; warn if MXNet is loaded already."""
    wanted = {"OMP_NUM_THREADS": str(cores()), "OMP_WAIT_POLICY": "PASSIVE"}
    if "OMP_WAIT_POLICY" not in os.environ:
        wanted["GOMP_SPINCOUNT"] = SPINS
    missing = {name: value for name, value in wanted.items() if name not in os.environ}
    if not users_own_threads:  # an empty one, or of no meaning
        missing["OMP_NUM_THREADS"] = wanted["OMP_NUM_THREADS"]
    if missing and "mxnet" in sys.modules:
        settings = " ".join(f"{name}={value}" for name, value in missing.items())
        warnings.warn(
            "MXNet was imported before gluon_seq2seq, so it runs with its own, slower thread "
            f"settings; import gluon_seq2seq first, or start Python with {settings}",
            RuntimeWarning,
            stacklevel=2,
        )
    else:
        os.environ.update(missing)


def keep_memory():
    """Let glibc keep freed memory for the next array: what the system gives is cleared page by
    page first (benchmarks/README.md, "What made it fast"). macOS has no such switch.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
    # Beyond, each takes its own: what it leaves fits few others. Logits of most batches are below.
    mallopt(M_MMAP_THRESHOLD, 3 * 2**24)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def give_memory_back():
    """Give the system what :func:`keep_memory` keeps: what is free comes to lie in pieces that are
    too small for the larger arrays that follow."""
    with contextlib.suppress(AttributeError, OSError):  # of glibc alone
        ctypes.CDLL(None).malloc_trim(0)


users_own_threads = read_threads()
set_threads()
keep_memory()
os.environ.setdefault("NVIDIA_TF32_OVERRIDE", "0")
os.environ.setdefault("MXNET_GPU_PARALLEL_RAND_COPY", "1")


def use_one_thread():
    """For small models: with 128 units a second thread brings nothing (benchmarks/README.md).

    Counts only before MXNet is loaded; leaves a number of threads that the user has set.
    """
    if not users_own_threads and "mxnet" not in sys.modules:
        os.environ["OMP_NUM_THREADS"] = "1"


def threads():
    """How many threads a computation is to have, of MXNet's or another's: what the user has set,
    else one for each core."""
    number = os.environ.get("OMP_NUM_THREADS", "")
    return int(number) if number.isdigit() and int(number) else cores()


def seed(value):
    """Seed Python, NumPy and MXNet, the generators that training draws from, with ``value``, a
    whole number. Raises :class:`UsageError` for another."""
    import random

    import mxnet as mx
    import numpy as np

    value = whole_number("seed", value)
    random.seed(value)
    np.random.seed(value % 2**32)
    mx.random.seed(value)
