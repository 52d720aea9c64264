"""MXNet and d2l for today's Python: their official wheels, with the bounds on others taken off.

mxnet 1.9.1 says ``numpy<2.0.0``, which has no wheel for Python 3.13, and d2l 1.0.3 pins NumPy
1.23.5 and more of 2022. With :mod:`gluon_seq2seq.compat` both run on the newest, so all that is
in their way is what they say of themselves: :func:`relax` writes it anew, as version ``1.9.1+np2``
(a local version, which ``mxnet == 1.9.1`` accepts, and ``pip check`` too). Their code is not
touched, and what was downloaded has to be what PyPI holds (:data:`OFFICIAL`).

    python -m gluon_seq2seq.wheels          installs what this environment lacks, changes nothing
    python -m gluon_seq2seq.wheels --gpu    the same with MXNet for NVIDIA GPUs, in place of another
    python -m gluon_seq2seq.wheels --cpu    with MXNet for CPUs, in place of another
    python -m gluon_seq2seq.wheels --light  leaves Jupyter out, which d2l asks for and never imports
    python -m gluon_seq2seq.wheels FOLDER   only writes the wheels there

MXNet for GPUs is called ``mxnet-cu117``. It becomes version ``1.9.1+cu117.np2`` of ``mxnet``, so
that pip puts it in the place of that for CPUs, and puts none for CPUs in its place; what it is
linked to, :data:`NVIDIA`, it then says it requires (docs/gpu.md). d2l no longer asks for Jupyter,
its largest requirement: who wants notebooks asks for it.

The file runs by itself, too, where the package is not installed yet.

Source: the PyPA specifications of the wheel format (RECORD) and of version specifiers (local
versions).
"""

import base64
import builtins
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import sys
import tempfile
import zipfile
from importlib import metadata

if __package__:
    from . import installing
else:  # run as a file
    import installing  # type: ignore[no-redef]

OFFICIAL = {
    "mxnet-1.9.1-py3-none-manylinux2014_x86_64.whl": (
        "65d5dac162c87a14d138d888b54494d515036d9047ae804ff51f770bd02197a6"
    ),
    "mxnet-1.9.1-py3-none-manylinux2014_aarch64.whl": (
        "5e51a0c05d99f8f1b3b5e7c02170be57af2e6edb3ad9af2cb9551ace3e22942c"
    ),
    "mxnet-1.9.1-py3-none-macosx_10_13_x86_64.whl": (
        "73c045f65ad05fe9ca3c4202e10471703b57231f8ac8b05d973ec2ab362178fb"
    ),
    "mxnet_cu117-1.9.1-py3-none-manylinux2014_x86_64.whl": (
        "dd68fe970cb33461e2cd23038749633be36008c2f9cf57df1051081396057b4d"
    ),
    "d2l-1.0.3-py3-none-any.whl": (
        "c625a01e66eb5d793a7e0a6f8582b1e1e35dfad02b5e77f3d2ab299d07177ba6"
    ),
}
"""SHA-256 of each wheel as PyPI holds it."""

MXNET = {"cpu": "mxnet==1.9.1", "gpu": "mxnet-cu117==1.9.1"}
D2L = "d2l==1.0.3"
JUPYTER = "jupyter"
LOCAL = {"mxnet_cu117": "cu117.np2"}  # and of others "np2"
NVIDIA = (
    "nvidia-cuda-runtime-cu11==11.8.89",
    "nvidia-cuda-nvrtc-cu11==11.8.89",
    "nvidia-cublas-cu11==11.11.3.6",
    "nvidia-cudnn-cu11==8.9.6.50",
    "nvidia-cufft-cu11==10.9.0.58",
    "nvidia-curand-cu11==10.3.0.86",
    "nvidia-cusolver-cu11==11.4.1.48",
    "nvidia-cusparse-cu11==11.7.5.86",
    "nvidia-nccl-cu11==2.21.5",
    "nvidia-nvtx-cu11==11.8.86",
)
"""What mxnet-cu117 is linked to: the last of CUDA 11, whose NVRTC compiles for Ada, and cuDNN 8."""
SIZE = "2.4 GB to download, 4 GB on the disk"
VERSION = re.compile(
    r"(\d+!)?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z\d]+([._-][a-z\d]+)*)?", re.I
)
"""A version as ``==`` takes it."""


class Problem(Exception):
    """What kept the wheels from being made or installed, and what to do; one line."""


def main(arguments):
    """The commands above; ``arguments`` without the program's name. Returns the exit code."""
    kinds = [word[2:] for word in arguments if word in ("--cpu", "--gpu")]
    light = "--light" in arguments
    folders = [word for word in arguments if word not in ("--cpu", "--gpu", "--light")]
    try:
        if len(kinds) > 1 or len(folders) > 1 or any(word.startswith("-") for word in folders):
            print(
                "python -m gluon_seq2seq.wheels [--gpu or --cpu, the MXNet for these] "
                "[--light, without Jupyter] [FOLDER to write the wheels to, not to install]"
            )
            return 0 if arguments in (["-h"], ["--help"]) else 2
        kind = kinds[0] if kinds else "gpu" if has_gpu_build() else "cpu"
        if kind == "gpu" and (sys.platform, platform.machine()) != ("linux", "x86_64"):
            raise Problem("MXNet for NVIDIA GPUs exists for Linux on x86_64 only: leave --gpu out")
        if folders:
            os.makedirs(folders[0], exist_ok=True)
            for wheel in make(folders[0], kind):
                print(wheel)
        else:
            install(kind, light)
    except (Problem, OSError) as problem:
        print(f"gluon-seq2seq: {problem}", file=sys.stderr)
        return 5
    except KeyboardInterrupt:
        return 130
    return 0


def has_gpu_build():
    """Whether the MXNet of this environment is one for GPUs; none is not."""
    try:
        return bool(_in_the_way()) or "+cu" in metadata.version("mxnet")
    except metadata.PackageNotFoundError:
        return False


def make(folder, kind="cpu", out=None):
    """Download the official wheels and write the relaxed ones to ``folder``; returns their paths.

    ``kind``: of MXNet, ``"cpu"`` or ``"gpu"``. ``out``: the text stream that is told how far it is,
    None for standard error. Raises :class:`Problem` where one cannot be
    downloaded, or is not the one that PyPI holds.
    """
    with tempfile.TemporaryDirectory() as downloads:
        for name in MXNET[kind], D2L:
            _run([*_downloader(), "--no-deps", "--dest", downloads, name], out)
        downloaded = [os.path.join(downloads, name) for name in sorted(os.listdir(downloads))]
        return [relax(wheel, folder) for wheel in map(verified, downloaded)]


def verified(wheel):
    """``wheel``, a path, if its bytes are the official ones; else :class:`Problem`."""
    digest = hashlib.sha256()
    with open(wheel, "rb") as f:
        for part in iter(lambda: f.read(2**20), b""):
            digest.update(part)
    found = digest.hexdigest()
    name = os.path.basename(wheel)
    if OFFICIAL.get(name) != found:
        raise Problem(f"{name} is not the file that PyPI holds (SHA-256 {found}): delete it, retry")
    return wheel


def relax(wheel, folder):
    """Write ``wheel`` to ``folder`` without its bounds on other packages; returns the new path.

    Everything but METADATA and RECORD stays as it was, byte for byte.
    """
    old_name, version, tags = os.path.basename(wheel).split("-", 2)
    name, of_nvidia = ("mxnet", NVIDIA) if old_name in LOCAL else (old_name, ())
    new_version = f"{version}+{LOCAL.get(old_name, 'np2')}"
    old_info, new_info = f"{old_name}-{version}.dist-info/", f"{name}-{new_version}.dist-info/"
    target = os.path.join(folder, f"{name}-{new_version}-{tags}")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        text = relaxed(old.read(f"{old_info}METADATA").decode(), name, new_version, of_nvidia)
        changed = {"METADATA": text.encode()}
        record = old.read(f"{old_info}RECORD").decode()
        changed["RECORD"] = _record(record, old_info, new_info, changed["METADATA"]).encode()
        for entry in old.infolist():
            path = entry.filename.replace(old_info, new_info)
            if entry.filename.startswith(old_info) and path[len(new_info) :] in changed:
                new.writestr(path, changed[path[len(new_info) :]])
                continue
            copy = zipfile.ZipInfo(path, entry.date_time)
            copy.external_attr, copy.file_size = entry.external_attr, entry.file_size
            copy.compress_type, copy._compresslevel = zipfile.ZIP_DEFLATED, 1
            with old.open(entry) as source, new.open(copy, "w") as sink:
                shutil.copyfileobj(source, sink, 2**20)
    return target


def relaxed(text, name, version, more=()):
    """METADATA, its ``text``, with this ``name`` and ``version``, and requirements without bounds,
    :data:`JUPYTER` left out; ``more``: those that are added, as they stand."""
    head, blank, body = text.partition("\n\n")
    lines = []
    for line in head.split("\n"):
        requirement = re.match(r"(Requires-Dist: [\w.-]+)[^;]*(;.*)?$", line)
        if requirement and requirement[1] == f"Requires-Dist: {JUPYTER}":
            continue
        if requirement:
            line = requirement[1] + (f" {requirement[2]}" if requirement[2] else "")
        elif line.startswith("Version: "):
            line = f"Version: {version}"
        elif line.startswith("Name: "):
            line = f"Name: {name}"
        lines.append(line)
    lines += [f"Requires-Dist: {requirement}" for requirement in more]
    return "\n".join(lines) + blank + body


def _record(record, old_info, new_info, text):
    """RECORD with the new folder's name, and METADATA's new hash and size."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).decode().rstrip("=")
    lines = []
    for line in record.splitlines():
        if line.startswith(f"{old_info}METADATA,"):
            line = f"{old_info}METADATA,sha256={digest},{len(text)}"
        lines.append(line.replace(old_info, new_info) + "\n")
    return "".join(lines)


def install(kind="cpu", light=False):
    """Install both, gluonnlp and all that this package needs into this environment.

    ``kind``: of MXNet, ``"cpu"`` or ``"gpu"``. ``light``: without Jupyter. What is there already
    keeps its version: it is a constraint. Raises :class:`Problem`.
    """
    with tempfile.TemporaryDirectory() as folder:
        size = f", {SIZE}" if kind == "gpu" else ""
        print(f"Downloading MXNet and d2l{size} ...", flush=True)
        wheels = make(folder, kind, sys.stdout)
        for name in _in_the_way():
            _run([*_remover(), name], sys.stdout)
        constraints = os.path.join(folder, "installed.txt")
        with open(constraints, "w", encoding="utf-8") as f:
            f.writelines(f"{name}=={version}\n" for name, version in _installed().items())
        more = _requirements() if light else [*_requirements(), JUPYTER]
        print("Downloading what they need ...", flush=True)
        _run([*_installer(), "--constraint", constraints, *wheels, *more], sys.stdout)
    from gluon_seq2seq import compat

    compat.install()
    print("Ready. gluon-seq2seq doctor looks at all of it, gluon-seq2seq demo trains a model.")


def _installed():
    """Version of every package here by its name, less those that :func:`install` replaces.

    A name that is there twice (the system's, and a newer one before it) has the version that Python
    finds. Versions that pip would not read, such as Debian's ``1.1build1``, are left out.
    """
    names = {package.metadata.get("Name") for package in metadata.distributions()} - {None}
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    found = {}
    for name in sorted(names - {"mxnet", "d2l", "gluon-seq2seq"}):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:  # what a removal left behind
            continue
        if VERSION.fullmatch(str(version)):
            found[name] = version
    return found


def _in_the_way():
    """Wheels of MXNet under another name, whose files are those of ``mxnet``."""
    names = {package.metadata.get("Name") or "" for package in metadata.distributions()}
    return sorted(name for name in names if re.match("mxnet[-_]cu", name))


def _requirements():
    """What this package needs besides the relaxed wheels, as its own METADATA says."""
    return [
        line
        for line in metadata.requires("gluon-seq2seq")
        if "extra ==" not in line and not re.match(r"(mxnet|d2l)\b", line)
    ]


def _installer():
    """The command that installs into this environment."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    return [_uv(), "pip", "install", "--quiet", "--python", sys.executable]


def _remover():
    """The command that removes from this environment."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes"]
    return [_uv(), "pip", "uninstall", "--python", sys.executable]


def _downloader():
    """The command that downloads wheels, here or in an environment of uv's own."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "download"]
    return [_uv(), "tool", "run", "pip", "download"]


def _uv():
    found = shutil.which("uv")
    if found is None:
        raise Problem("neither pip nor uv is here: python -m ensurepip brings pip, then try again")
    return found


def _run(command, out=None):
    """Run a command that says itself what goes wrong; ``out``: what is told how far it is."""
    if installing.run(command, out or sys.stderr):
        raise Problem(
            "that did not work, see above; it takes the network, gcc with Python.h (apt-get "
            "install gcc python3-dev), and Linux on x86_64 or aarch64, or an Intel Mac"
        )


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if not hasattr(builtins, "__IPYTHON__"):  # where %run would show a traceback of it
        sys.exit(code)
