"""What goes into a bundle, and what its start.sh does and refuses, with wheels that are stubs.

The real one is tried outside the suite, without a network: tools/offline.sh.
"""

import ensurepip
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

from gluon_seq2seq import wheels
from tools.bundle import __main__ as bundle

HERE = "{}.{}".format(*sys.version_info), platform.system(), platform.machine()
MADE_FOR = [*HERE, "2.17" if HERE[1] == "Linux" else "-", "3", "1", "jupyter"]
STUBS = {  # name and version of a wheel -> its files
    "gluon_seq2seq-0.1.0": {
        "gluon_seq2seq/__init__.py": "",
        "gluon_seq2seq/__main__.py": "import os, sys; print(*sys.argv[1:], os.environ['FRA_ENG'])",
        "gluon_seq2seq/compat.py": "print('not to be seen')",
    },
    "mxnet-1.9.1+np2": {"mxnet/__init__.py": ""},
}


def stub_wheel(folder, name, files, tags="py3-none-any"):
    info = f"{name}.dist-info"
    title, version = name.split("-")
    with zipfile.ZipFile(folder / f"{name}-{tags}.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {title}\nVersion: {version}\n"
        )
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def unpacked(tmp_path):
    """A bundle's folder without its wheels, in a place with a space."""
    folder = tmp_path / "on a disk"
    bundle.copy_files(folder)
    (folder / "made-for").write_text(" ".join(MADE_FOR) + "\n")
    (folder / "fra-eng.zip").touch()
    return folder


def start(folder, *words, **settings):
    """``start.sh`` of ``folder``; make has put what its own VENV is into the environment."""
    return subprocess.run(
        ["sh", str(folder / "start.sh"), *words],
        env={**os.environ, "VENV": "", "PYTHON": sys.executable, **settings},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_what_goes_in(unpacked, tmp_path, monkeypatch):
    """For students: no solution, nothing for teachers; and nobody's name."""
    folder = tmp_path / "made"
    folder.mkdir()

    def gather(target, light):
        target.mkdir(parents=True)
        for name, files in STUBS.items():
            stub_wheel(target, name, files)

    monkeypatch.setattr(bundle, "gather_wheels", gather)
    archive = bundle.write(folder, tmp_path)
    assert archive == tmp_path / f"{bundle.name()}.tar.gz"
    assert bundle.name(light=True) == f"{bundle.name()}-light"  # neither overwrites the other
    with tarfile.open(archive) as tar:
        inside = {entry.name.partition("/")[2]: entry for entry in tar.getmembers()}
    for language in "en", "zh":
        count = sum(name.startswith(f"notebooks/{language}/") for name in inside)
        assert count == len(list((ROOT / "notebooks" / language).glob("*.ipynb")))
    assert {
        "start.sh",
        "made-for",
        "README.txt",
        "README.zh.txt",
        "LICENSE",
        "docs/guide.md",
    } < set(inside)
    assert {f"wheels/{name}-py3-none-any.whl" for name in STUBS} < set(inside)
    assert not [name for name in inside if "solution" in name or "INSTRUCTOR" in name]
    if HERE[1] == "Linux":
        assert inside["lib/libgomp.so.1"].size > 50_000
    assert {(entry.uid, entry.gid, entry.uname) for entry in inside.values()} == {(0, 0, "")}


def test_no_solution_is_in_the_notebooks(unpacked):
    for path in (unpacked / "notebooks").rglob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert not any("BEGIN SOLUTION" in "".join(cell["source"]) for cell in cells), path


def test_what_the_wheels_are_for(tmp_path):
    for name, tags in (
        ("a-1", "py3-none-any"),
        ("b-1", "cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64"),
        ("c-1", "cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_39_x86_64"),
        ("d-1", "cp313-cp313-linux_x86_64"),
    ):
        stub_wheel(tmp_path, name, {"text": "x" * 1_000_000}, tags)
    glibc = "2.27" if HERE[1] == "Linux" else "-"
    assert bundle.made_for(tmp_path).split() == [*HERE, glibc, "4", "4", "jupyter"]
    assert bundle.made_for(tmp_path, light=True).endswith(" light")


@pytest.mark.parametrize("light", [False, True])
def test_which_wheels_are_gathered(light, tmp_path, monkeypatch):
    commands = []
    stub = lambda folder: stub_wheel(Path(folder), "mxnet-1.9.1+np2", {})  # noqa: E731
    monkeypatch.setattr(wheels, "make", stub)
    monkeypatch.setattr(bundle.installing, "run", lambda command, out: commands.append(command))
    bundle.gather_wheels(tmp_path / "wheels", light)
    (command,) = commands
    assert command[-3:] == [
        f".[formats,onnx,serve{'' if light else ',jupyter'}]",
        "pip",
        "mxnet==1.9.1+np2",
    ]


@pytest.mark.parametrize("words", [["--heavy"], ["a", "b"], ["--help"]])
def test_the_command_is_used_wrongly(words, capsys):
    assert bundle.main(words) == 2 and "[--light] [FOLDER]" in capsys.readouterr().err


def test_no_network_leaves_nothing(tmp_path, monkeypatch, capsys):
    """Nor does Ctrl-C."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PIP_CONSTRAINT", "")
    monkeypatch.setenv("PIP_BUILD_CONSTRAINT", "")
    monkeypatch.setattr(wheels, "make", lambda folder: [])
    monkeypatch.setattr(bundle.installing, "run", lambda command, out: 1)
    assert bundle.main([str(tmp_path)]) == 5
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("gluon-seq2seq: pip could not get every wheel")
    monkeypatch.setattr(bundle.installing, "run", interrupted)
    assert bundle.main([str(tmp_path)]) == 130
    assert not list(tmp_path.iterdir())


def interrupted(*words):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "words, settings, code, said",
    [
        ([], {}, 2, "sh start.sh demo, sh start.sh lab, or sh start.sh page"),
        (["train"], {}, 2, "sh start.sh demo, sh start.sh lab, or sh start.sh page"),
        (["lab"], {"NOTEBOOKS": "fr"}, 2, "NOTEBOOKS=fr will not do: en or zh."),
        (["demo"], {"PYTHON": "/no/such/python"}, 5, "and here is no /no/such/python. Install"),
        (
            ["demo"],
            {"VENV": "/dev/null/venv"},
            5,
            "cannot begin in /dev/null/venv: copy this folder",
        ),
    ],
)
def test_it_refuses(words, settings, code, said, unpacked):
    done = start(unpacked, *words, **settings)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done
    assert done.stderr.startswith("gluon-seq2seq: ") and said in done.stderr
    assert not (unpacked / ".venv").exists()


@pytest.mark.parametrize(
    "number, value, words, said",
    [
        (
            0,
            "3.99",
            ["demo"],
            f"is for Python 3.99 with glibc 2.17 or newer, and here {sys.executable} is Python "
            f"{HERE[0]}. Install Python 3.99, name it (PYTHON=/path/to/python3.99), or ask for",
        ),
        (1, "Plan9", ["page"], "this bundle is for Plan9 on "),
        (
            2,
            "vax",
            ["page"],
            f"this bundle is for {HERE[1]} on vax, and here is {HERE[1]} {HERE[2]}.",
        ),
        (3, "2.99", ["demo"], ", too old. Install"),
        (6, "light", ["lab"], "this bundle was made without Jupyter (LIGHT=1)"),
    ],
)
def test_another_machine_is_told_what_it_is_for(number, value, words, said, unpacked):
    line = list(MADE_FOR)
    line[3], line[number] = "2.17", value
    (unpacked / "made-for").write_text(" ".join(line) + "\n")
    done = start(unpacked, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1), done
    assert said in done.stderr and not (unpacked / ".venv").exists()


def test_paths_are_those_of_who_types_them(unpacked):
    """PYTHON and VENV, though start.sh goes to its own folder first."""
    (unpacked / "made-for").write_text(" ".join(["3.99", *MADE_FOR[1:]]) + "\n")
    python = os.path.relpath(sys.executable, unpacked.parent)
    done = start(unpacked, "demo", PYTHON=python, VENV="mine")
    assert f"{python} is Python {HERE[0]}. Install" in done.stderr
    assert not (unpacked / "mine.lock").exists() and not (unpacked / "mine").exists()


def test_half_unpacked(unpacked):
    (unpacked / "made-for").unlink()
    done = start(unpacked, "demo")
    said = "gluon-seq2seq: made-for is missing: unpack the whole archive again.\n"
    assert (done.returncode, done.stderr) == (5, said)


def test_one_set_up_at_a_time(unpacked):
    (unpacked / ".venv.lock").symlink_to(str(os.getpid()))
    done = start(unpacked, "demo")
    assert done.returncode == 5 and f"another set-up, process {os.getpid()}," in done.stderr
    assert (unpacked / ".venv.lock").is_symlink()


def test_it_sets_up_once_and_starts(unpacked):
    """With no package index, whatever pip's settings say; a lock left by a dead process goes."""
    found = list(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    if not found:
        pytest.skip("this Python has no wheel of pip")
    (unpacked / "wheels").mkdir()
    (unpacked / "lib").mkdir()
    for name, files in STUBS.items():
        stub_wheel(unpacked / "wheels", name, files)
    shutil.copy(found[0], unpacked / "wheels")
    (unpacked / "lib" / "libnot-there.so.1").touch()
    (unpacked / "lib" / "libc.so.6").touch()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (unpacked / ".venv.lock").symlink_to(str(dead.pid))
    (unpacked / ".venv").mkdir()
    (unpacked / ".venv" / "pyvenv.cfg").touch()
    settings = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_CONSTRAINT": "/nowhere", "FRA_ENG": ""}
    settings["PYTHONPATH"] = "/nowhere"
    done = start(unpacked, "demo", "--out", "a b", **settings)
    assert (done.returncode, done.stdout) == (0, f"demo --out a b {unpacked / 'fra-eng.zip'}\n"), (
        done
    )
    lines = done.stderr.splitlines()
    assert lines[0].endswith(
        "/.venv is unfinished, or of another bundle or place: making it afresh."
    )
    assert lines[1].endswith(f"Python {platform.python_version()}: 3 packages, 1 MB on the disk …")
    assert lines[-1] == "Ready. From now on it starts at once."
    assert "Installing 3 packages ..." in lines
    (there,) = (unpacked / ".venv").glob("lib/python3*/site-packages/mxnet")
    assert (there / "libnot-there.so.1").exists() and not (there / "libc.so.6").exists()
    assert not os.path.lexists(unpacked / ".venv.lock")
    assert list(there.parent.glob("pip-*.dist-info"))
    again = start(unpacked, "page", "--port", "0", FRA_ENG="mine")
    assert (again.stdout, again.stderr) == ("serve --port 0 mine\n", "")
    (there.parent / "jupyter.py").write_text("import sys; print(*sys.argv[1:])")
    mine = unpacked / "my-notebooks" / "en"
    mine.mkdir(parents=True)
    (mine / "00_setup.ipynb").write_text("mine")
    lab = start(unpacked, "lab", "--port", "0")
    root = "--allow-root " * (os.getuid() == 0)
    assert lab.stdout == f"lab {root}--port 0 my-notebooks/en/00_setup.ipynb\n", lab
    assert (mine / "00_setup.ipynb").read_text() == "mine"
    assert {path.name for path in mine.iterdir()} == {
        path.name for path in (unpacked / "notebooks" / "en").glob("*.ipynb")
    }
