"""Pages made in tests, with onnxruntime-web or files in its place, and their modules in node."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gluon_seq2seq import SystemProblem
from gluon_seq2seq.export.export import export
from gluon_seq2seq.export.web import folder

ROOT = Path(__file__).parents[2]
FETCHED = ROOT / "build" / "onnxruntime-web"  # where tools/try_page.py leaves it


def onnxruntime_web():
    """The folder of onnxruntime-web, or the test is skipped."""
    place = os.environ.get("ONNXRUNTIME_WEB") or (FETCHED if FETCHED.exists() else None)
    try:
        return folder.onnxruntime_web(place)
    except SystemProblem as error:
        pytest.skip(f"{error}, or make docs, or set ONNXRUNTIME_WEB")


def stand_in(place, monkeypatch):
    """A folder that passes for onnxruntime-web: small files, and the digests of these."""
    (place / "dist").mkdir(parents=True)
    about = {"name": "onnxruntime-web", "version": folder.VERSION}
    (place / "package.json").write_text(json.dumps(about))
    files = {}
    for name, (ours, _) in folder.FILES.items():
        (place / "dist" / name).write_text(f"// {name}")
        files[name] = ours, hashlib.sha256(f"// {name}".encode()).hexdigest()
    monkeypatch.setattr(folder, "FILES", files)
    return place


def page_of(model, place, runtime):
    """The folder of a page in ``place``, which node takes for modules."""
    (place / "package.json").write_text('{"type": "module"}')
    export(model, place / "page", "web", onnxruntime_web=runtime)
    return place / "page"


def modules_of(model, place, runtime):
    """The same without graphs."""
    (place / "package.json").write_text('{"type": "module"}')
    (place / "page").mkdir()
    for side in "src", "tgt":
        text = getattr(model, f"{side}_vocab").to_json()
        (place / "page" / f"{side}_vocab.json").write_text(text, "utf-8")
    folder.write(place / "page", model, runtime)
    return place / "page"


def in_node(page, asked):
    """What the modules of ``page`` answer, see in_node.mjs."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    script = Path(__file__).with_name("in_node.mjs")
    done = subprocess.run(
        [node, script, page], input=lines, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(asked)
    return found
