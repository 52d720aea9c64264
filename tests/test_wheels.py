"""The wheels of MXNet and d2l without their bounds: what changes in them, and what does not."""

import base64
import configparser
import hashlib
import os
import platform
import re
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT, blocks
from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import gluon_seq2seq as gs
from gluon_seq2seq import __main__, compat, errors, gpu, wheels

METADATA = """Metadata-Version: 2.1
Name: mxnet
Version: 1.9.1
Requires-Dist: numpy (<2.0.0,>1.16.0)
Requires-Dist: graphviz (<0.9.0,>=0.8.1) ; python_version > "3"
Classifier: Programming Language :: Python :: 3

Version: 1.9.1 and Requires-Dist: numpy (<2) are only text here.
"""
FILES = {
    "mxnet/__init__.py": b"__version__ = '1.9.1'\n",
    "mxnet/libmxnet.so": bytes(range(256)) * 40,
    "mxnet-1.9.1.dist-info/METADATA": METADATA.encode(),
    "mxnet-1.9.1.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
}


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


@pytest.fixture
def wheel(tmp_path):
    """A wheel built like MXNet's."""
    path = tmp_path / "mxnet-1.9.1-py3-none-any.whl"
    lines = [f"{name},sha256={digest(data)},{len(data)}\n" for name, data in FILES.items()]
    record = "mxnet-1.9.1.dist-info/RECORD"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
        archive.writestr(record, "".join(lines) + f"{record},,\n")
    return path


def test_only_what_it_says_of_itself_changes(wheel, tmp_path):
    (tmp_path / "new").mkdir()
    path = wheels.relax(wheel, tmp_path / "new")
    assert path.endswith("mxnet-1.9.1+np2-py3-none-any.whl")
    with zipfile.ZipFile(path) as archive:
        new = {name: archive.read(name) for name in archive.namelist()}
    for name, data in FILES.items():
        if not name.endswith("METADATA"):
            assert new[name.replace("1.9.1.dist", "1.9.1+np2.dist")] == data
    record = new.pop("mxnet-1.9.1+np2.dist-info/RECORD").decode().splitlines()
    assert sorted(record) == sorted(
        [f"{name},sha256={digest(data)},{len(data)}" for name, data in new.items()]
        + ["mxnet-1.9.1+np2.dist-info/RECORD,,"]
    )
    said, rest = parse_email(new["mxnet-1.9.1+np2.dist-info/METADATA"])
    assert not rest
    assert said["version"] == "1.9.1+np2"
    assert said["requires_dist"] == ["numpy", 'graphviz ; python_version > "3"']
    assert said["description"] == METADATA.partition("\n\n")[2]


def test_the_wheel_for_gpus_is_a_version_of_mxnet(wheel, tmp_path):
    """So that pip has one of them at a time; and it brings what it is linked to."""
    other = tmp_path / "mxnet_cu117-1.9.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name).replace(b"Name: mxnet\n", b"Name: mxnet-cu117\n")
            data = data.replace(b"mxnet-1.9.1.dist-info", b"mxnet_cu117-1.9.1.dist-info")
            new.writestr(name.replace("mxnet-1.9.1.dist", "mxnet_cu117-1.9.1.dist"), data)
    (tmp_path / "new").mkdir()
    path = wheels.relax(other, tmp_path / "new")
    assert path.endswith("mxnet-1.9.1+cu117.np2-py3-none-any.whl")
    with zipfile.ZipFile(path) as archive:
        new = {name: archive.read(name) for name in archive.namelist()}
    record = new.pop("mxnet-1.9.1+cu117.np2.dist-info/RECORD").decode().splitlines()
    assert sorted(record) == sorted(
        [f"{name},sha256={digest(data)},{len(data)}" for name, data in new.items()]
        + ["mxnet-1.9.1+cu117.np2.dist-info/RECORD,,"]
    )
    said, rest = parse_email(new["mxnet-1.9.1+cu117.np2.dist-info/METADATA"])
    assert not rest and (said["name"], said["version"]) == ("mxnet", "1.9.1+cu117.np2")
    required = {Requirement(line).name: Requirement(line) for line in said["requires_dist"]}
    assert {"numpy", "graphviz"} < set(required)
    for part in {f"nvidia-{part.replace('_', '-')}-cu11" for part in gpu.LIBRARIES.values()}:
        (pin,) = required[part].specifier
        assert pin.operator == "=="
    assert required["nvidia-cudnn-cu11"].specifier.contains("8.9.6.50"), "cuDNN 9 has no such name"
    assert new["mxnet/libmxnet.so"] == FILES["mxnet/libmxnet.so"]
    assert gpu.cuda_of(tmp_path / "new") is None
    (tmp_path / "mxnet-1.9.1+cu117.np2.dist-info").mkdir()
    assert gpu.cuda_of(tmp_path) == gpu.OFFERED


def test_the_new_version_is_accepted_where_the_old_is_asked_for():
    assert SpecifierSet("==1.9.1").contains("1.9.1+cu117.np2")
    assert SpecifierSet("==1.9.1").contains("1.9.1+np2")
    assert SpecifierSet("<=1.0.3,>=0.16.6").contains("1.0.3+np2")


def test_pip_installs_it(wheel, tmp_path):
    path = wheels.relax(wheel, tmp_path)
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), path], check=True, timeout=60)
    assert (target / "mxnet" / "libmxnet.so").read_bytes() == FILES["mxnet/libmxnet.so"]


def test_d2l_no_longer_asks_for_jupyter():
    """Other requirements stay, those whose name begins alike, too."""
    head = "Name: d2l\nVersion: 1.0.3\n"
    asked = "jupyter (==1.0.0)", "jupyter-client", "matplotlib (==3.7.2)"
    text = head + "".join(f"Requires-Dist: {one}\n" for one in asked)
    said, rest = parse_email(wheels.relaxed(text + "\nText", "d2l", "1.0.3+np2"))
    assert not rest and said["requires_dist"] == ["jupyter-client", "matplotlib"]


@pytest.mark.parametrize("words, light", [([], False), (["--light"], True)])
def test_light_is_without_jupyter(words, light, monkeypatch, capsys):
    """What pip is told to install: Jupyter, or none of it."""
    commands = []
    monkeypatch.setattr(wheels, "make", lambda folder, kind, out: ["mxnet.whl", "d2l.whl"])
    monkeypatch.setattr(wheels, "_in_the_way", list)
    monkeypatch.setattr(wheels.installing, "run", lambda command, out: commands.append(command))
    monkeypatch.setattr(compat, "install", lambda: None)
    assert wheels.main(["--cpu", *words]) == 0
    (command,) = commands
    assert ("jupyter" in command) != light and "gluonnlp==0.10.0" in command
    assert capsys.readouterr().out.splitlines()[-1].startswith("Ready.")


def test_a_wheel_of_someone_else_is_refused(wheel):
    with pytest.raises(wheels.Problem, match="not the file that PyPI holds"):
        wheels.verified(str(wheel))


def test_the_command(monkeypatch, capsys, tmp_path):
    gpus_here = (sys.platform, platform.machine()) == ("linux", "x86_64")
    monkeypatch.setattr(wheels, "install", lambda *how: pytest.fail("nothing is to be installed"))
    monkeypatch.setattr(wheels, "make", lambda folder, kind: [f"{folder}/{kind}.whl"])
    monkeypatch.setattr(wheels, "has_gpu_build", lambda: False)
    new = str(tmp_path / "new")
    assert wheels.main([new]) == 0
    assert capsys.readouterr().out == f"{new}/cpu.whl\n" and (tmp_path / "new").is_dir()
    monkeypatch.chdir(tmp_path)
    assert wheels.main(["--gpu", "./gpu"]) == (0 if gpus_here else 5)
    assert capsys.readouterr().out == ("./gpu/gpu.whl\n" if gpus_here else "")
    assert wheels.main(["--help"]) == 0 and "FOLDER" in capsys.readouterr().out
    for wrong in (["a", "b"], ["--gpu", "--cpu"], ["--tpu"], ["--gpu", "-h"]):
        assert wheels.main(wrong) == 2


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_which_mxnet_is_installed(there, machine, monkeypatch, capsys):
    """The kind that is asked for, else that which is there: no command undoes it unasked."""
    kinds = []
    monkeypatch.setattr(wheels, "install", lambda kind, light: kinds.append(kind))
    monkeypatch.setattr(wheels, "has_gpu_build", lambda: there)
    monkeypatch.setattr(wheels.sys, "platform", "linux")
    monkeypatch.setattr(wheels.platform, "machine", lambda: machine)
    codes = [wheels.main(words) for words in ([], ["--gpu"], ["--cpu"])]
    if machine == "x86_64":
        assert (codes, kinds) == ([0, 0, 0], ["gpu" if there else "cpu", "gpu", "cpu"])
    else:
        assert codes == [5 if there else 0, 5, 0] and "gpu" not in kinds
        assert "exists for Linux on x86_64 only" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name, version, found",
    [
        ("mxnet", "1.9.1+np2", False),
        ("mxnet", "1.9.1+cu117.np2", True),
        ("mxnet-cu112", "1.9.1", True),
        ("numpy", "2.0", False),
    ],
)
def test_whether_it_is_one_for_gpus(name, version, found, monkeypatch, tmp_path):
    info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert wheels.has_gpu_build() == found
    assert wheels._in_the_way() == (["mxnet-cu112"] if name == "mxnet-cu112" else [])


def test_no_network_is_one_line(monkeypatch, capfd, tmp_path):
    fails = [sys.executable, "-c", "raise SystemExit('no such host')"]
    monkeypatch.setattr(wheels, "_downloader", lambda: fails)
    assert wheels.main([str(tmp_path)]) == 5
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "no such host" and said[1].startswith("gluon-seq2seq: that did not work")
    assert not list(tmp_path.iterdir())


def test_ctrl_c_is_no_traceback(monkeypatch, tmp_path):
    def interrupted(*words):
        raise KeyboardInterrupt

    monkeypatch.setattr(wheels.installing, "run", interrupted)
    assert wheels.main(["--cpu"]) == wheels.main([str(tmp_path / "new")]) == 130
    assert not list((tmp_path / "new").iterdir())


def test_neither_pip_nor_uv(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert wheels.main([str(tmp_path)]) == 5
    assert "ensurepip" in capsys.readouterr().err


def test_what_is_installed_is_kept():
    kept = wheels._installed()
    assert kept["numpy"] and "mxnet" not in kept and "gluon-seq2seq" not in kept
    wanted = wheels._requirements()
    assert any(line.startswith("gluonnlp") for line in wanted)
    assert not any(line.startswith(("mxnet", "d2l", "pytest")) for line in wanted)


def test_what_pip_would_not_read_is_no_constraint(monkeypatch, tmp_path):
    for folder, name, version in (
        ("first", "Two_Times", "2.0+cu126"),
        ("second", "two.times", "1.0"),
        ("second", "of-debian", "1.1build1"),
        ("second", "~moved", "3"),
    ):
        info = tmp_path / folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {name.strip('~')}\nVersion: {version}\n\n")
    (tmp_path / "second" / "nothing-1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second")])
    assert wheels._installed() == {"two-times": "2.0+cu126"}


@pytest.mark.parametrize("text", ["1", "0.1.0", "2026.10.19.post1", "1!2.0rc1.dev3", "2.9.0+cu126"])
def test_versions_that_pip_reads(text):
    assert Version(text) and wheels.VERSION.fullmatch(text)


def test_whatever_is_missing_of_what_is_required():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    required = setup["options"]["install_requires"].strip().splitlines()
    assert {re.match(r"\w+", line)[0] for line in required} == set(errors.NEEDED)


@pytest.mark.parametrize("minor", range(8, 15))
def test_the_d2l_of_each_python(minor):
    """1.0.3 where its pins can be met, so that no resolver takes an older one for NumPy's sake."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = map(Requirement, setup["options"]["install_requires"].strip().splitlines())
    (d2l,) = (
        line.specifier
        for line in lines
        if line.name == "d2l" and line.marker.evaluate({"python_version": f"3.{minor}"})
    )
    assert d2l.contains("1.0.3") and d2l.contains("1.0.3+np2")
    assert d2l.contains("0.16.6") == (minor >= 12)


def test_the_command_without_the_package_that_reads_its_options(tmp_path):
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError('No', name='click')\n")
    done = subprocess.run(
        [sys.executable, "-m", "gluon_seq2seq", "demo"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    wanted = "click is not installed in this Python: type python -m gluon_seq2seq.wheels"
    assert (done.returncode, done.stdout, done.stderr) == (5, "", f"gluon-seq2seq: {wanted}\n")


def test_the_command_is_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gluon-seq2seq", "--version"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0 and gs.__version__ in capsys.readouterr().out


def test_the_cell_for_notebooks(tmp_path):
    """It names the wheel that is built; its second line runs in the kernel, and says one line."""
    ((_, cell),) = blocks(ROOT / "README.md", "ipython")
    install, run = cell.splitlines()
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    wheel = f"gluon_seq2seq-{setup['metadata']['version']}-py3-none-any.whl"
    assert install == f"%pip install --quiet --no-deps {wheel}"
    settings = {"PIP_NO_INDEX": "1", "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "-c", f"{run}\nimport sys\n'mxnet' in sys.modules"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines()[-1].startswith("gluon-seq2seq: that did not work, see above")
    assert "Downloading MXNet" in done.stdout and "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 0 and done.stdout.endswith("False\n")
