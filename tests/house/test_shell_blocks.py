"""Every shell command of the README and of docs/ runs, or stands below with the reason.

They run one after the other in one folder, each as it stands but for the SUBSTITUTIONS, so that a
command finds what those before it have left.
"""

import configparser
import json
import re
import shlex
import shutil
import sys
import urllib.request
import zipfile

import pytest
from conftest import ROOT, blocks, run_shell, running, with_fonts_at_hand
from helpers import RUN_MAIN

from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.resources import data_folder

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN_BY = {
    ("README.md", "python"): "test_readme.py",
    ("README.md", "sh"): "this file",
    ("README.md", "ipython"): "test_wheels.py, as far as it needs no network",
    ("docs/guide.md", "python"): "test_docs.py",
    ("docs/many-machines.md", "sh"): "this file",
    ("docs/guide.md", "sh"): "test_docs.py, for Python blocks between them write what they read",
    ("docs/other-programs.md", "sh"): "this file",
    ("docs/other-programs.md", "python"): "test_other_programs.py",
    ("docs/other-programs.md", "bash"): "test_other_programs.py",
    ("docs/other-programs.md", "javascript"): "test_other_programs.py",
    ("docs/serving.md", "sh"): "serving/test_guide.py",
    ("docs/serving.md", "python"): "serving/test_guide.py",
    ("docs/hub.md", "sh"): "make hub and tools/image.sh, as far as they can: they need root",
    ("docs/troubleshooting.md", "sh"): "this file",
    ("docs/web.md", "sh"): "export/test_web.py",
    ("docs/guide.zh.md", "python"): "test_docs.py, which compares it with the English guide",
    ("docs/guide.zh.md", "sh"): "test_docs.py, likewise",
    ("docs/troubleshooting.zh.md", "sh"): "test_docs.py, likewise",
}
NO_CODE = ("text", "{eval-rst}", "{include}", "{only}", "{toctree}")

SMALL = "--embed-size 16 --num-hiddens 16"
# In this order: what stands in a command, what is run in its place, and why.
SUBSTITUTIONS = [
    ("--data tatoeba", "--data fra-eng.zip", "no network: 400 pairs of mini in Tatoeba's form"),
    (
        "evaluate --model runs/fra",
        "evaluate --model runs/fra --data fra-eng.zip",
        "what was trained on files is evaluated on files that are given",
    ),
    ("--minutes 15", f"--minutes 15 --epochs 2 {SMALL}", "short"),
    ("--minutes 60", f"--minutes 60 --epochs 2 {SMALL}", "short"),
    ("--data mine.tsv", f"--data mine.tsv --epochs 2 {SMALL}", "short"),
    ("--data mini --out", f"--data tiny --epochs 2 {SMALL} --out", "short"),
    ("--data mini-10k", f"--data tiny --epochs 2 {SMALL}", "short"),
    (
        "gluon-seq2seq train --data fra-eng.zip --out runs/fra",
        "terminated train --data fra-eng.zip --out runs/fra",
        "a signal ends it in its second step, which gives --resume something to do",
    ),
]
# How commands begin that may run; all others are listed.
RUN = ("echo ", "export DMLC_", "gluon-seq2seq ", "python ")
NOT_RUN = {
    "make demo": "sets up .venv over the network; test_demo.py runs the demo",
    "make test": "is what runs this test",
    "make lab": "sets up .venv, and does not end; test_browser.py opens notebooks in JupyterLab",
    "make gallery": "takes many minutes; test_notebooks.py runs the notebooks with small sizes",
    ". .venv/bin/activate": "the environment of this test is active",
    "pip install onnx onnxruntime": "no network; see test_pip_...",
    "gluon-seq2seq launch -n 2 train --resume --out runs/pair": "the run is not to have ended; "
    "test_workers.py resumes one",
    "gluon-seq2seq export --model runs/fra --format web --out page": "needs onnxruntime-web; "
    "test_web.py runs one",
    "gluon-seq2seq serve --model runs/fra": "does not end; test_serve asks for its page",
    "docker build -t gluon-seq2seq . && docker run -it -p 8888:8888 gluon-seq2seq": "needs Docker",
}

TERMINATED = f"""
import os, signal
from gluon_seq2seq.training.train_step import Step
whole = Step.__call__
def last(self, *arguments):
    if self.count == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    return whole(self, *arguments)
Step.__call__ = last
{RUN_MAIN}
"""


def commands():
    """The commands of all pages whose blocks run here, without their comments."""
    pages = [ROOT / page for (page, language), where in RUN_BY.items() if where == "this file"]
    lines = []
    for _, code in (block for page in pages for block in blocks(page, "sh")):
        whole = code.startswith("export ")  # for all of the block
        lines += [code] if whole else code.replace("\\\n", " ").splitlines()
    return [command for command in (re.sub(r"(^|\s+)#.*", "", line) for line in lines) if command]


def test_every_block_is_run_somewhere():
    found = {
        (page.relative_to(ROOT).as_posix(), language)
        for page in PAGES
        for language, _ in blocks(page)
        if language not in NO_CODE
    }
    assert found == set(RUN_BY)


def test_every_command_is_run_or_listed():
    assert {command for command in commands() if not command.startswith(RUN)} <= set(NOT_RUN)
    assert set(NOT_RUN) <= set(commands()), "no longer on any page"


def test_make_knows_its_targets():
    for command in commands():
        if command.startswith("make "):
            run_shell(command.replace("make", "make --dry-run", 1), ROOT)


def test_pip_would_install_the_extra():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extra = re.findall(r"^\w+", setup["options.extras_require"]["onnx"], flags=re.MULTILINE)
    (command,) = (command for command in NOT_RUN if command.startswith("pip "))
    assert shlex.split(command)[2:] == extra


@pytest.fixture
def folder(mini, tmp_path):
    """A folder with what the README takes for granted: a trained model, sentences."""
    shutil.copytree(data_folder() / "models" / "mini-bahdanau2015", tmp_path / "runs" / "demo")
    shutil.copy(data_folder() / "tiny" / "train.tsv", tmp_path / "mine.tsv")
    with zipfile.ZipFile(tmp_path / "fra-eng.zip", "w") as archive:
        lines = [f"{one}\t{other}\tCC-BY\n" for one, other in pairs_of(mini.train)[:400]]
        archive.writestr("fra.txt", "".join(lines))
    return tmp_path


@pytest.mark.slow
def test_the_commands(folder):
    python, code = map(shlex.quote, (sys.executable, TERMINATED))
    terminated = f'terminated() {{ {python} -c {code} "$@" && return 1 || [ $? = 143 ]; }}\n'
    unused, printed = {old for old, _, _ in SUBSTITUTIONS}, {}
    for command in commands():
        if command in NOT_RUN or not command.startswith(RUN):
            continue
        changed = command
        for old, new, _ in SUBSTITUTIONS:
            if old in changed:
                changed = changed.replace(old, new)
                unused.discard(old)
        if "terminated" in changed:
            changed = terminated + changed
        printed[command] = run_shell(with_fonts_at_hand(changed), folder)
    assert not unused

    def of(part):
        (text,) = (text for command, text in printed.items() if part in command)
        return text

    assert of('echo "They are watching."') == "Ils regardent.\n"
    assert len(of("--n-best 3").splitlines()) == 3
    assert "Going on after step 2" in of("--resume")
    assert len(json.loads((folder / "runs" / "fra" / "history.json").read_text())) == 2
    assert re.search(r"sentences +[\d.]+% exact", of("--by-phenomenon"))
    assert "regardent." in of("mini-onnx/translate.py")
    for name in "alpha.png", "beam.png":
        assert (folder / name).stat().st_size > 5000


@pytest.mark.slow
def test_serve(tmp_path):
    shutil.copytree(data_folder() / "models" / "mini-luong2015", tmp_path / "runs" / "fra")
    (line,) = (command for command in NOT_RUN if " serve " in command)

    def command(port):
        return ["-c", RUN_MAIN, *shlex.split(line)[1:], "--no-browser", "--port", str(port)]

    with running(tmp_path, command, "/health") as address:
        models = json.load(urllib.request.urlopen(f"{address}/api/models", timeout=60))["models"]
        page = urllib.request.urlopen(address, timeout=60).read().decode()
    assert [one["name"] for one in models] == ["fra"] and 'id="sentence"' in page
