"""The devices that a model may be on, MXNet's contexts, by name; and why one cannot be used."""

import os
import platform
import re
import sys
import warnings

from . import gpu
from .errors import SystemProblem, UsageError


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
