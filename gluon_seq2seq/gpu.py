"""NVIDIA GPUs: what the driver says of them, which MXNet can use, and the libraries it needs there.

The driver is asked by a process of its own, through its library libcuda: what goes wrong there, a
crash and a wait without end among it, does not reach this process, and no device is held by it.
This file imports nothing of the package, and nothing but Python's own: ``compat`` runs it before
MXNet is loaded, and that process is ``python gpu.py [NUMBER to open]``.

Source: the machine code in the wheels (findings/gpu_wheel_architectures.sh); CUDA Driver API
(cuInit, cuDeviceGetAttribute, cuDevicePrimaryCtxRetain); CUDA C++ Programming Guide, "Compute
Capabilities" (code runs on a GPU of the same major and the same or a later minor number); release
notes of CUDA 11.0, 11.1 and 11.8 (what NVRTC compiles for).
"""

import ctypes
import json
import os
import re
import struct
import sys
from functools import lru_cache
from importlib.machinery import PathFinder
from typing import NamedTuple, Optional, Tuple

OLDEST = (5, 0)
NEWEST = {10: (7, 5), 11: (8, 9)}
"""The newest GPUs that a wheel has code for, by the major number of its CUDA."""
OFFERED = (11, 7)
"""The CUDA of the wheel that ``python -m gluon_seq2seq.wheels --gpu`` installs."""
OTHER = (0, 0)
"""The CUDA of an MXNet that somebody built for GPUs: which ones, they know."""
COMPILES = (((11, 8), (9, 0)), ((11, 1), (8, 6)), ((11, 0), (8, 0)), ((0, 0), (7, 5)))
"""From which version on NVRTC compiles for which newest GPU."""

LIBRARIES = {
    "libcudart.so.11.0": "cuda_runtime",
    "libnvrtc.so.11.2": "cuda_nvrtc",
    "libcublasLt.so.11": "cublas",
    "libcublas.so.11": "cublas",
    "libcufft.so.10": "cufft",
    "libcurand.so.10": "curand",
    "libcusparse.so.11": "cusparse",
    "libcusolver.so.11": "cusolver",
    "libcudnn.so.8": "cudnn",
    "libnccl.so.2": "nccl",
    "libnvToolsExt.so.1": "nvtx",
}
"""What mxnet-cu117 is linked to, in the order of loading, and its folder in PyPI's ``nvidia``."""

DRIVER = "libcuda.so.1"
PATIENCE = 120  # seconds for the driver to answer
HELP = {  # by the driver's number of an error
    2: "its memory is full, nvidia-smi shows by whom",
    46: "another process has it for itself, or it is forbidden to compute (nvidia-smi -q)",
    100: "CUDA_VISIBLE_DEVICES may hide it",
    803: "the driver was renewed: restart the machine",
}


class Gpu(NamedTuple):
    """A GPU: its ``name``, its compute ``capability`` as ``(8, 6)``, and the ``problem`` that it
    had when it was opened, or None."""

    name: str
    capability: Tuple[int, int]
    problem: Optional[str]


class Found(NamedTuple):
    """What the driver says: the ``driver``'s newest CUDA as ``(12, 4)`` or None, the ``gpus``, each
    a :class:`Gpu`, and the ``problem`` for which it says no more, or None."""

    driver: Optional[Tuple[int, int]]
    gpus: Tuple[Gpu, ...]
    problem: Optional[str]


# --- asking the driver ------------------------------------------------------------------------


@lru_cache(maxsize=None)
def look(number=None):
    """What the driver says of this machine, as :class:`Found`; asked once in a process.

    ``number``: of a GPU that is opened as a program that computes there opens it, and let go.
    """
    words = [] if number is None else [str(number)]
    command = [sys.executable, "-I", "-S", os.path.abspath(__file__), *words]
    import subprocess  # few ask, and it takes long to load

    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=PATIENCE, check=False, **quiet
        )
        driver, gpus, problem = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        how = f"does not answer for {PATIENCE} s"
    except OSError as error:
        how = f"cannot be asked ({error.strerror})"
    except ValueError:
        how = f"ends the program that asks it (code {done.returncode})"
    else:
        gpus = tuple(Gpu(name, tuple(capability), wrong) for name, capability, wrong in gpus)
        return Found(tuple(driver) if driver else None, gpus, problem)
    problem = f"the NVIDIA driver {how}: does nvidia-smi work, or a restart help?"
    if number is None:
        return Found(None, (), problem)
    found = look()  # without opening it
    gpus = enumerate(found.gpus)
    gpus = (one._replace(problem=problem) if i == number else one for i, one in gpus)
    return found._replace(gpus=tuple(gpus))


def read(cuda, number=None):
    """What ``cuda``, the driver's library as ctypes loads it, says: ``[driver, gpus, problem]`` of
    a :class:`Found`, in lists. ``number``: of the GPU to open, where it is one that fits."""

    def ask(name, *arguments):
        code = getattr(cuda, name)(*arguments)
        if code:
            text = ctypes.c_char_p()
            cuda.cuGetErrorString(code, ctypes.byref(text))
            said = (text.value or b"unknown error").decode("utf-8", "replace")
            raise Refusal(f"{said} (error {code}); {HELP.get(code, 'does nvidia-smi work?')}")

    def number_from(name, *arguments):
        value = ctypes.c_int()
        ask(name, ctypes.byref(value), *arguments)
        return value.value

    driver, gpus = None, []
    try:
        version = number_from("cuDriverGetVersion")
        driver = [version // 1000, version % 1000 // 10]
        ask("cuInit", 0)
        for i in range(number_from("cuDeviceGetCount")):
            device = number_from("cuDeviceGet", i)
            name = ctypes.create_string_buffer(100)
            ask("cuDeviceGetName", name, len(name), device)
            MAJOR, MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_...
            capability = [
                number_from("cuDeviceGetAttribute", what, device) for what in (MAJOR, MINOR)
            ]
            gpus.append([name.value.decode("utf-8", "replace"), capability, None])
            if i == number and OLDEST <= tuple(capability) <= max(NEWEST.values()):
                try:
                    context = ctypes.c_void_p()
                    ask("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
                    ask("cuDevicePrimaryCtxRelease_v2", device)
                except Refusal as refusal:
                    gpus[i][2] = f"cannot be opened: {refusal}"
    except Refusal as refusal:
        return [driver, gpus, f"the NVIDIA driver says: {refusal}"]
    return [driver, gpus, None if gpus else "the NVIDIA driver sees no GPU; CUDA_VISIBLE_DEVICES?"]


class Refusal(Exception):
    """An error of the driver's, in words."""


def main(words):
    """Print what :func:`read` returns, as JSON; ``words``: of the command line."""
    try:
        cuda = ctypes.CDLL(DRIVER)
    except OSError as error:
        none = "no NVIDIA driver is here" if DRIVER in str(error) else f"the NVIDIA driver: {error}"
        print(json.dumps([None, [], none]))
        return
    print(json.dumps(read(cuda, *map(int, words))))


# --- the MXNet that is installed --------------------------------------------------------------


def cuda_of(folder):
    """The CUDA of the MXNet wheel installed in ``folder``, ``(11, 7)``, or None for that of CPUs.

    It is ``mxnet-cu117``, or called ``mxnet`` with a local version, ``1.9.1+cu117.np2``.
    """
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = (re.match(r"mxnet(?:_|-[\d.]+\+)cu(\d\d)(\d)\b.*\.dist-info$", n) for n in names)
    return next(((int(one[1]), int(one[2])) for one in found if one), None)


def installed_cuda():
    """:func:`cuda_of` the MXNet that Python finds."""
    spec = PathFinder.find_spec("mxnet")
    return cuda_of(os.path.dirname(os.path.dirname(spec.origin))) if spec and spec.origin else None


def nvrtc():
    """The version of the NVRTC that is loaded, with which MXNet compiles what it fuses, as
    ``(11, 8)``; None where none is loaded."""
    for name in ("11.2", "11.1", "11.0", "10.2", "10.1"):
        try:
            library = ctypes.CDLL(f"libnvrtc.so.{name}", os.RTLD_NOLOAD | os.RTLD_NOW)
        except OSError:
            continue
        major, minor = ctypes.c_int(), ctypes.c_int()
        if library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)) == 0:
            return major.value, minor.value
    return None


def compiles_for(version, capability):
    """Whether NVRTC of this ``version`` compiles for a GPU of this ``capability``."""
    return capability <= next(newest for since, newest in COMPILES if version >= since)


def dotted(pair):
    """``"8.6"`` for ``(8, 6)``."""
    return ".".join(map(str, pair))


# --- its libraries ----------------------------------------------------------------------------


def load_libraries():
    """Load what an MXNet for GPUs is linked to from PyPI's packages: no LD_LIBRARY_PATH is needed.

    Those that are not there the system may have. Without a driver, :func:`stand_in` takes its
    place, so that MXNet can be loaded at all, and computes on the CPU.
    """
    for path in library_paths().values():
        if path:
            ctypes.CDLL(path)
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        # glibc's own: os.memfd_create is not in Pythons that were built with an older one.
        file = ctypes.CDLL(None).memfd_create(DRIVER.encode(), 0)
        os.write(file, stand_in())
        ctypes.CDLL(f"/proc/self/fd/{file}")
        os.close(file)


def library_paths():
    """Where each of :data:`LIBRARIES` is in PyPI's packages: its path, or None."""
    spec = PathFinder.find_spec("nvidia")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = {}
    for name, part in LIBRARIES.items():
        paths = (os.path.join(folder, part, "lib", name) for folder in folders)
        found[name] = next(filter(os.path.isfile, paths), None)
    return found


def missing_libraries():
    """Those of :data:`LIBRARIES` that are neither in PyPI's packages nor the system's."""
    missing = []
    for name, path in library_paths().items():
        try:
            path or ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


CALLED = (  # of the driver's functions, those that libmxnet.so is linked to
    *("cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuGetErrorString", "cuLaunchKernel"),
    *("cuGraphKernelNodeGetParams", "cuGraphNodeGetType", "cuModuleGetFunction"),
    *("cuModuleLoadData", "cuModuleLoadDataEx", "cuModuleUnload"),
)


def stand_in():
    """The bytes of a library libcuda.so.1 for x86-64 whose functions all return 100, "no device".

    Source: System V ABI, chapter 5 (program headers, the dynamic section, the hash table), and its
    AMD64 supplement.
    """
    names = b"\0" + b"\0".join(name.encode() for name in (DRIVER, *CALLED)) + b"\0"
    count = len(CALLED) + 1  # with the empty first symbol
    hash_at = 64 + 4 * 56  # behind the header of the file and four of its parts
    symbols_at = hash_at + 4 * (2 + 1 + count) + 4
    names_at = symbols_at + 24 * count
    code_at = names_at + len(names)
    code = b"\xb8\x64\0\0\0\xc3"  # mov eax, 100; ret
    page = 0x1000
    hashes = struct.pack(f"<{3 + count}I", 1, count, 1, 0, *range(2, count), 0)  # one bucket
    symbols = bytes(24) + b"".join(
        struct.pack(
            "<IBBHQQ", names.index(b"\0" + name.encode() + b"\0") + 1, 0x12, 0, 1, code_at, 6
        )
        for name in CALLED
    )
    NULL, HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME = 0, 4, 5, 6, 10, 11, 14
    dynamic = struct.pack(
        "<14Q",
        *(SONAME, 1, HASH, hash_at, STRTAB, names_at, SYMTAB, symbols_at),
        *(STRSZ, len(names), SYMENT, 24, NULL, 0),
    )
    LOAD, DYNAMIC, STACK, X, W, R = 1, 2, 0x6474E551, 1, 2, 4
    parts = (
        (LOAD, R | X, 0, code_at + len(code), page),
        (LOAD, R | W, page, len(dynamic), page),
        (DYNAMIC, R | W, page, len(dynamic), 8),
        (STACK, R | W, 0, 0, 16),
    )
    head = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, len(parts), 0, 0, 0
    )
    for kind, flags, at, size, align in parts:
        head += struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, align)
    text = (head + hashes).ljust(symbols_at, b"\0") + symbols + names + code
    return text.ljust(page, b"\0") + dynamic


if __name__ == "__main__":
    main(sys.argv[1:])
