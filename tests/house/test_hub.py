"""What a JupyterHub or the image starts; in full: ``make hub``, ``tools/image.sh``."""

import configparser
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks import hub
from tools.hub import classroom

COPY, START = ROOT / "tools" / "copy_notebooks.sh", ROOT / "tools" / "hub" / "start.sh"
NOTEBOOKS = {path.name for path in (ROOT / "notebooks" / "en").glob("*.ipynb")}


def sh(*command, **environment):
    return subprocess.run(
        ["sh", *map(str, command)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_notebooks_are_copied_and_never_overwritten(tmp_path):
    folder = tmp_path / "mine"
    assert sh(COPY, "en", folder).returncode == 0
    assert {path.name for path in folder.iterdir()} == NOTEBOOKS
    mine, gone = folder / "02_encoder.ipynb", folder / "04_decoder.ipynb"
    mine.write_text("mine", "utf-8")
    gone.unlink()
    assert sh(COPY, "en", folder).returncode == 0
    assert mine.read_text("utf-8") == "mine"
    assert gone.read_bytes() == (ROOT / "notebooks" / "en" / gone.name).read_bytes()


def test_a_copy_that_breaks_off_is_made_again(tmp_path):
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "cp"
    broken.write_text('#!/bin/sh\nprintf half >"$2"\nexit 1\n')
    broken.chmod(0o755)
    path = f"{broken.parent}:{os.environ['PATH']}"
    assert sh(COPY, "en", tmp_path / "mine", PATH=path).returncode == 1
    assert sh(COPY, "en", tmp_path / "mine").returncode == 0
    for name in NOTEBOOKS:
        original = ROOT / "notebooks" / "en" / name
        assert (tmp_path / "mine" / name).read_bytes() == original.read_bytes()


def test_no_such_language(tmp_path):
    done = sh(COPY, "fr", tmp_path / "mine")
    assert (done.returncode, done.stderr) == (
        2,
        "copy_notebooks.sh: no language 'fr': en or zh\n",
    )
    assert not (tmp_path / "mine").exists()


@pytest.fixture
def started(tmp_path):
    """Run start.sh in an empty home; its programs print how they were called."""
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    for name in "jupyter", "jupyterhub-singleuser", "bash":
        (programs / name).write_text('#!/bin/sh\necho "${0##*/}" "$@" in "$PWD"\n')
        (programs / name).chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()

    def run(*arguments, token="", home=home):
        variables = {"HOME": str(home), "VENV": str(programs.parent), "JUPYTERHUB_API_TOKEN": token}
        return sh(START, *arguments, **variables)

    run.home = home
    return run


@pytest.mark.parametrize(
    "arguments, token, called",
    [
        ((), "", "jupyter lab --ip=0.0.0.0 --no-browser"),
        (("--port=9000",), "", "jupyter lab --ip=0.0.0.0 --no-browser --port=9000"),
        ((), "secret", "jupyterhub-singleuser"),
        (("--debug", "--a=1"), "secret", "jupyterhub-singleuser --debug --a=1"),
        (("jupyterhub-singleuser", "--debug"), "secret", "jupyterhub-singleuser --debug"),
        (("bash", "-l"), "", "bash -l"),
    ],
)
def test_what_is_started(started, arguments, token, called):
    done = started(*arguments, token=token)
    assert (done.stdout, done.stderr) == (f"{called} in {started.home}\n", "")
    for language in "en", "zh":
        copied = {path.name for path in (started.home / "my-notebooks" / language).iterdir()}
        assert copied == NOTEBOOKS


def test_a_home_that_cannot_be_written(started):
    file = started.home / "file"
    file.write_text("")
    done = started(home=file)
    assert done.returncode == 5 and done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert (
        last
        == f"gluon-seq2seq: user {os.getuid()} cannot write to {file}: \
give the folder to this user."
    )


def test_the_image_has_what_it_names():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    text = (ROOT / "Dockerfile").read_text("utf-8")
    (extras,) = re.findall(r"setup_venv\.sh (\S+)", text)
    assert set(extras.split(",")) <= set(setup["options.extras_require"])
    assert "hub" in extras.split(",")
    (entry,) = re.findall(r'^ENTRYPOINT \["/opt/gluon_seq2seq/(.+)"\]$', text, re.MULTILINE)
    assert os.access(ROOT / entry, os.X_OK)
    users = re.findall(r"^USER (.*)$", text, re.MULTILINE)
    assert users == ["$NB_UID"] and "ARG NB_UID=1000\n" in text


def test_the_page_says_the_version_that_is_installed():
    pins = re.findall(
        r"^jupyterhub==([\d.]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )
    page = (ROOT / "docs" / "hub.md").read_text("utf-8")
    assert f"JupyterHub {pins[-1]}" in page


def test_without_root_no_hub_and_a_reason(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert classroom.missing() == "it needs root, to make users: sudo -E make hub"
    monkeypatch.setattr(sys, "argv", ["hub"])
    with pytest.raises(SystemExit, match="2"):
        hub.main()
    assert "needs root" in capsys.readouterr().err


@pytest.mark.parametrize("environment", [None, "/srv/elsewhere"])
def test_the_hub_hands_the_environment_on(environment, monkeypatch):
    """`make hub VENV=…` tries that one, not a .venv of the checkout."""
    config = pytest.importorskip("traitlets.config").Config()
    monkeypatch.delenv("VENV", raising=False)
    if environment:
        monkeypatch.setenv("VENV", environment)
    runpy.run_path(str(classroom.CONFIG), {"get_config": lambda: config})
    assert config.Spawner.environment["VENV"] == (environment or "")
    assert config.Spawner.cmd == [str(START)]


def test_a_classroom_is_made_in_a_room_alone(monkeypatch):
    monkeypatch.delenv(classroom.INSIDE, raising=False)
    with pytest.raises(RuntimeError, match="users of the system"), classroom.Classroom(1):
        pass


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's /proc")
def test_what_processes_cost_is_what_psutil_counts():
    psutil = pytest.importorskip("psutil")
    command = [sys.executable, "-c", "x = bytearray(50_000_000); sum(range(10**7)); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        other, folder = psutil.Process(process.pid), Path(f"/proc/{process.pid}")
        while other.status() != "sleeping" or other.memory_info().rss < 50_000_000:
            pass
        times = other.cpu_times()
        pss = other.memory_full_info().pss / 2**20
        assert times.user > 0.05 and pss > 47
        assert hub.seconds([folder]) == pytest.approx(times.user + times.system, abs=0.05)
        assert hub.megabytes([folder]) == pytest.approx(pss, rel=0.1)
        assert folder in hub.processes({os.getuid()})
        process.communicate(b"\n")
    assert hub.megabytes([folder]) == 0
