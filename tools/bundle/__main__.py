"""Writes the archive: wheels for this platform and Python, notebooks, guide, and start.sh.

    python -m tools.bundle [--light] [FOLDER]      --light: without Jupyter; FOLDER: default dist

It is a .tar.gz: the wheels are compressed already, so that .tar.xz would save little and take a
slow laptop longer to unpack, and everything that unpacks anything knows it, which keeps modes and
names beyond ASCII, as .zip may not.

Where MXNet is linked to a library that a system may lack (GCC's, libgomp and libquadmath), a copy
of this machine's comes along; start.sh uses it only there.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from gluon_seq2seq import __version__, installing, wheels

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = "formats", "onnx", "serve"
FILES = {  # what is copied as it is, solutions left out, and what it is called there
    "tools/bundle/start.sh": "start.sh",
    "tools/bundle/README.txt": "README.txt",
    "tools/bundle/README.zh.txt": "README.zh.txt",
    "gluon_seq2seq/installing.py": "installing.py",
    "tools/copy_notebooks.sh": "tools/copy_notebooks.sh",
    "LICENSE": "LICENSE",
    "docs": "docs",
    "notebooks/en": "notebooks/en",
    "notebooks/zh": "notebooks/zh",
}
LIBRARY = re.compile(r"/\S*/(lib(?:gomp|quadmath)\.so\.\d+)[\d.]*$", re.M)


def main(arguments):
    """The command above; ``arguments`` without the program's name. Returns the exit code."""
    light = "--light" in arguments
    folders = [word for word in arguments if word != "--light"]
    if len(folders) > 1 or any(word.startswith("-") for word in folders):
        print("python -m tools.bundle [--light] [FOLDER]", file=sys.stderr)
        return 2
    dist = Path(folders[0] if folders else ROOT / "dist").resolve()
    os.chdir(ROOT)  # pip takes no path with a space in these two, see tools/setup_venv.sh
    os.environ.update(PIP_CONSTRAINT="constraints.txt", PIP_BUILD_CONSTRAINT="constraints.txt")
    try:
        dist.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=dist) as folder:  # 600 MB: not in memory
            archive = write(Path(folder), dist, light)
    except (wheels.Problem, OSError) as problem:
        print(f"gluon-seq2seq: {problem}", file=sys.stderr)
        return 5
    except KeyboardInterrupt:
        return 130
    print(f"{os.path.relpath(archive)}, {archive.stat().st_size / 1e6:.0f} MB: unpack it with")
    print(f"tar xf {archive.name}, and read README.txt in {name(light)}")
    return 0


def name(light=False):
    """What the archive and its one folder are called."""
    python = "".join(map(str, sys.version_info[:2]))
    words = ["gluon_seq2seq", __version__, f"py{python}", platform.system(), platform.machine()]
    return "-".join(words + ["light"] * light)


def write(folder, dist, light=False):
    """Gather all in ``folder``, write the archive to ``dist`` and return its path.

    Raises :class:`~gluon_seq2seq.wheels.Problem` where a wheel cannot be had.
    """
    top = folder / name(light)
    gather_wheels(top / "wheels", light)
    (top / "made-for").write_text(made_for(top / "wheels", light) + "\n")
    copy_files(top)
    copy_libraries(top / "lib")
    say("Writing the archive ...")
    partial, archive = folder / "archive", dist / f"{top.name}.tar.gz"
    with tarfile.open(partial, "w:gz", compresslevel=6) as tar:
        tar.add(top, top.name, filter=of_nobody)
    os.replace(partial, archive)
    return archive


def gather_wheels(target, light=False):
    """Fill the folder ``target`` with the wheels of all that is needed, pip's own included."""
    say("Gathering MXNet and d2l ...")
    target.mkdir(parents=True)
    wheels.make(str(target))
    say("Gathering what they need ...")
    extras = EXTRAS if light else (*EXTRAS, wheels.JUPYTER)
    command = [sys.executable, "-m", "pip", "wheel", "--wheel-dir", target, "--find-links", target]
    command += [f".[{','.join(extras)}]", "pip"]
    command += ["==".join(wheel.name.split("-")[:2]) for wheel in sorted(target.iterdir())]
    if installing.run([os.fspath(word) for word in command], sys.stderr):
        raise wheels.Problem(
            "pip could not get every wheel (see above): it takes the network, and a C compiler"
        )


def made_for(folder, light=False):
    """The line that start.sh reads: the Python, system, machine and least glibc (``-``: none) that
    the wheels in ``folder`` are for, how many they are, their size on the disk in MB, Jupyter."""
    found, size, glibc = sorted(folder.glob("*.whl")), 0, (0, 0)
    for wheel in found:
        with zipfile.ZipFile(wheel) as archive:
            size += sum(entry.file_size for entry in archive.infolist())
        ones = re.findall(r"manylinux_(\d+)_(\d+)_", wheel.name)
        if ones and "manylinux1_" not in wheel.name and "manylinux20" not in wheel.name:
            glibc = max(glibc, min((int(major), int(minor)) for major, minor in ones))
    words = ["{}.{}".format(*sys.version_info), platform.system(), platform.machine()]
    words.append("{}.{}".format(*glibc) if platform.system() == "Linux" else "-")
    words += [str(len(found)), f"{size / 1e6:.0f}", "light" if light else wheels.JUPYTER]
    return " ".join(words)


def copy_files(top):
    """Copy :data:`FILES` into the folder ``top``."""
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "conf.py")
    for source, target in FILES.items():
        (top / target).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, top / target, ignore=ignored)
        else:
            shutil.copy(ROOT / source, top / target)


def copy_libraries(target):
    """Copy what MXNet is linked to here, and a system may lack, into the folder ``target``."""
    look = "import mxnet; print(open('/proc/self/maps').read())"
    command = [sys.executable, "-W", "ignore", "-c", look]
    loaded = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for found in set(LIBRARY.findall(loaded)):
        target.mkdir(exist_ok=True)
        (path,) = {line.split()[-1] for line in loaded.splitlines() if f"/{found}" in line}
        shutil.copy(path, target / found)


def of_nobody(entry):
    """An entry of the archive without the name of who made it, for all to read."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def say(line):
    """Tell how far it is, where the answer does not stand."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
