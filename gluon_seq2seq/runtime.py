"""Threads (before MXNet loads), seeds and the device: the one place that decides them.

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

import ctypes
import os
import platform
import re
import sys
import warnings

from . import gpu
from .errors import SystemProblem, UsageError, whole_number
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
    mallopt(M_MMAP_THRESHOLD, 2**30)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


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


def device(name="auto"):
    """The MXNet context for ``"auto"``, ``"cpu"``, ``"gpu"`` or ``"gpu:1"``, or for a context.

    ``"auto"``, and ``None``, is the first GPU if MXNet can use one, else the CPU; where MXNet is
    built for GPUs, a warning then says why. Raises :class:`SystemProblem` for a GPU that cannot be
    used, :class:`UsageError` for another name.
    """
    import mxnet as mx

    if isinstance(name, mx.Context):
        if name.device_type == "cpu":
            return name
        name = f"{name.device_type}:{name.device_id}"
    name = "auto" if name is None else name
    if not isinstance(name, str):
        raise UsageError(f"device is {name!r}: use a name such as 'cpu', or a context of MXNet's")
    match = re.fullmatch(r"(auto|cpu|gpu)|gpu:([0-9]{1,9})", name)
    if not match:
        raise UsageError(f"unknown device {name!r}: use auto, cpu, gpu or gpu:1")
    if name == "cpu":
        return mx.cpu()
    cuda, number, why = built_for(), int(match[2] or 0), None
    if name == "auto":
        if not cuda:
            return mx.cpu()
        number, why = first_gpu(cuda)
        if why:
            _tell(why)
            return mx.cpu()
    elif not cuda:
        why = f"this MXNet ({mx.__version__}) is built for CPU only{_other_build(number)}"
    else:
        why = why_not(number, cuda)
    if why:
        raise SystemProblem(f"device {name!r} was asked for, but {why}: use device='cpu'")
    version, capability = gpu.nvrtc(), gpu.look(number).gpus[number].capability
    if version and not gpu.compiles_for(version, capability):  # fused operators would fail
        os.environ.setdefault("MXNET_USE_FUSION", "0")
    return mx.gpu(number)


def built_for():
    """The CUDA of this MXNet, ``(11, 7)``, :data:`.gpu.OTHER` where it is no official wheel, or
    None where it is built for CPU."""
    import mxnet as mx

    if not mx.runtime.Features().is_enabled("CUDA"):
        return None
    return gpu.installed_cuda() or gpu.OTHER


def first_gpu(cuda):
    """The number of the first GPU that an MXNet of ``cuda`` can use, and None; or None, and why the
    first of all cannot be used."""
    reasons = []
    for number in range(max(1, len(gpu.look(0).gpus))):
        reasons.append(why_not(number, cuda))
        if reasons[-1] is None:
            return number, None
    return None, reasons[0]


def tell_why_cpu(names="auto"):
    """Warn, before long work, where ``names`` is ``"auto"``, a GPU here and MXNet built for CPU."""
    if names == "auto" and not built_for() and gpu.look().gpus:
        _tell(f"this MXNet is built for CPU only{_other_build(0)}")


def misfit(one, cuda):
    """Why an MXNet of ``cuda`` has no code for ``one``, a :class:`.gpu.Gpu`; or None."""
    last = max(gpu.NEWEST.values())
    if cuda == gpu.OTHER or gpu.OLDEST <= one.capability <= gpu.NEWEST[cuda[0]]:
        return None
    called = f"{one.name} (compute capability {gpu.dotted(one.capability)})"
    if gpu.OLDEST <= one.capability <= last:
        return f"{called} needs a later wheel, which python -m gluon_seq2seq.wheels --gpu brings"
    age = "newer" if one.capability > last else "older"
    return (
        f"{called} is {age} than any that MXNet has code for, {gpu.dotted(gpu.OLDEST)} to "
        f"{gpu.dotted(last)}; no driver changes that"
    )


def why_not(number, cuda):
    """Why the GPU with this ``number`` cannot be used by an MXNet of ``cuda``, as
    :func:`built_for` returns it: one line with what helps. None where it can be."""
    found = gpu.look(number)
    if found.problem:
        return found.problem
    if number >= len(found.gpus):
        return f"MXNet sees {len(found.gpus)} GPU(s), counted from 0 (nvidia-smi -L lists them)"
    one = found.gpus[number]
    why = misfit(one, cuda)
    if why:
        return why
    if found.driver < (cuda[0], 0):
        return (
            f"the NVIDIA driver is for CUDA {gpu.dotted(found.driver)}, and this MXNet needs "
            f"{cuda[0]}.0 or later: install a newer driver"
        )
    return one.problem and f"{one.name} {one.problem}"


def _tell(why):
    warnings.warn(f"device 'auto' is the CPU: {why}", RuntimeWarning, stacklevel=2)


def _other_build(number):
    """What an MXNet for GPUs would do for the one with this ``number``, to end a line with."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return ", and there is no other for this system"
    why = why_not(number, gpu.OFFERED)
    if why:
        return f", and {why}"
    return f"; python -m gluon_seq2seq.wheels --gpu brings that for {gpu.look().gpus[number].name}"


def devices(names="auto"):
    """The contexts for one or several names, a comma between them, ``"gpu:0,gpu:1"``, or for what
    else :func:`device` takes, or a list of that.

    Raises what :func:`device` does, and :class:`UsageError` for none, and for a device named twice.
    """
    if isinstance(names, str):
        names = names.split(",")
    found = [device(name) for name in (names if isinstance(names, (list, tuple)) else [names])]
    if not found:
        raise UsageError("device is an empty list: use auto, cpu, gpu or gpu:1")
    if len({str(ctx) for ctx in found}) < len(found):
        raise UsageError(f"device {names!r} names one of them twice")
    return found


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
