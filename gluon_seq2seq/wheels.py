"""MXNet and d2l for today's Python: their official wheels, with the bounds on others taken off.

mxnet 1.9.1 says ``numpy<2.0.0``, which has no wheel for Python 3.13, and d2l 1.0.3 pins NumPy
1.23.5 and more of 2022. With :mod:`gluon_seq2seq.compat` both run on the newest, so all that is
in their way is what they say of themselves: :func:`relax` writes it anew, as version ``1.9.1+np2``
(a local version, which ``mxnet == 1.9.1`` accepts, and ``pip check`` too). Their code is not
touched, and what was downloaded has to be what PyPI holds (:data:`OFFICIAL`).

    python -m gluon_seq2seq.wheels          installs what this environment lacks, changes nothing
    python -m gluon_seq2seq.wheels FOLDER   only writes the wheels there

The file runs by itself, too, where the package is not installed yet.

Source: the PyPA specifications of the wheel format (RECORD) and of version specifiers (local
versions).
"""

import base64
import builtins
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib import metadata

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
    "d2l-1.0.3-py3-none-any.whl": (
        "c625a01e66eb5d793a7e0a6f8582b1e1e35dfad02b5e77f3d2ab299d07177ba6"
    ),
}
"""SHA-256 of each wheel as PyPI holds it."""

NAMES = ("mxnet==1.9.1", "d2l==1.0.3")
LOCAL = "np2"
VERSION = re.compile(
    r"(\d+!)?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z\d]+([._-][a-z\d]+)*)?", re.I
)
"""A version as ``==`` takes it."""


class Problem(Exception):
    """What kept the wheels from being made or installed, and what to do; one line."""


def main(arguments):
    """The two commands above; ``arguments`` without the program's name. Returns the exit code."""
    try:
        if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
            print("python -m gluon_seq2seq.wheels [FOLDER to write the wheels to, not to install]")
            return 0 if len(arguments) == 1 else 2
        if arguments:
            os.makedirs(arguments[0], exist_ok=True)
            for wheel in make(arguments[0]):
                print(wheel)
        else:
            install()
    except (Problem, OSError) as problem:
        print(f"gluon-seq2seq: {problem}", file=sys.stderr)
        return 5
    return 0


def make(folder):
    """Download the official wheels and write the relaxed ones to ``folder``; returns their paths.

    Raises :class:`Problem` where one cannot be downloaded, or is not the one that PyPI holds.
    """
    with tempfile.TemporaryDirectory() as downloads:
        for name in NAMES:
            _run([*_downloader(), "--quiet", "--no-deps", "--dest", downloads, name])
        downloaded = [os.path.join(downloads, name) for name in sorted(os.listdir(downloads))]
        return [relax(wheel, folder) for wheel in map(verified, downloaded)]


def verified(wheel):
    """``wheel``, a path, if its bytes are the official ones; else :class:`Problem`."""
    with open(wheel, "rb") as f:
        found = hashlib.sha256(f.read()).hexdigest()
    name = os.path.basename(wheel)
    if OFFICIAL.get(name) != found:
        raise Problem(f"{name} is not the file that PyPI holds (SHA-256 {found}): delete it, retry")
    return wheel


def relax(wheel, folder):
    """Write ``wheel`` to ``folder`` without its bounds on other packages; returns the new path.

    Everything but METADATA and RECORD stays as it was, byte for byte.
    """
    name, version, tags = os.path.basename(wheel).split("-", 2)
    new_version = f"{version}+{LOCAL}"
    old_info, new_info = (f"{name}-{v}.dist-info/" for v in (version, new_version))
    target = os.path.join(folder, f"{name}-{new_version}-{tags}")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        text = relaxed(old.read(f"{old_info}METADATA").decode(), new_version).encode()
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == f"{old_info}METADATA":
                data = text
            elif entry.filename == f"{old_info}RECORD":
                data = _record(data.decode(), old_info, new_info, text).encode()
            entry.filename = entry.filename.replace(old_info, new_info)
            new.writestr(entry, data, compresslevel=1)
    return target


def relaxed(text, version):
    """METADATA, its ``text``, with another version, and requirements without bounds."""
    head, blank, body = text.partition("\n\n")
    lines = []
    for line in head.split("\n"):
        requirement = re.match(r"(Requires-Dist: [\w.-]+)[^;]*(;.*)?$", line)
        if requirement:
            line = requirement[1] + (f" {requirement[2]}" if requirement[2] else "")
        elif line.startswith("Version: "):
            line = f"Version: {version}"
        lines.append(line)
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


def install():
    """Install both, gluonnlp and all that this package needs into this environment.

    What is there already keeps its version: it is a constraint. Raises :class:`Problem`.
    """
    with tempfile.TemporaryDirectory() as folder:
        print("Downloading MXNet and d2l (50 MB), building GluonNLP ...", flush=True)
        wheels = make(folder)
        constraints = os.path.join(folder, "installed.txt")
        with open(constraints, "w", encoding="utf-8") as f:
            f.writelines(f"{name}=={version}\n" for name, version in _installed().items())
        _run([*_installer(), "--quiet", "--constraint", constraints, *wheels, *_requirements()])
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
    return [_uv(), "pip", "install", "--python", sys.executable]


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


def _run(command):
    """Run a command that says itself what goes wrong."""
    if subprocess.run(command, check=False).returncode:
        raise Problem(
            "that did not work, see above; it takes the network, gcc with Python.h (apt-get "
            "install gcc python3-dev), and Linux on x86_64 or aarch64, or an Intel Mac"
        )


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if not hasattr(builtins, "__IPYTHON__"):  # where %run would show a traceback of it
        sys.exit(code)
