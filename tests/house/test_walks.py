"""The walks of docs/architecture.md are those that a sentence takes."""

import re
import sys
from pathlib import Path

import pytest
from mxnet import nd

import gluon_seq2seq
from gluon_seq2seq.model import recurrent

PACKAGE = Path(gluon_seq2seq.__file__).parent
PAGE = PACKAGE.parent / "docs" / "architecture.md"
TRANSLATE = "translate", "--model", "mini-book", "--device", "cpu", "They are watching."
TRAIN = "train", "--data", "tiny", "--epochs", "1", "--embed-size", "8", "--num-hiddens", "8"
# Every call of a Block and of a translator passes there: it hands on, and knows no formula.
GATE = PACKAGE / "semantics"
# The heading of a walk, its command, and the function at its end.
WALKS = [
    ("reads the source", TRANSLATE, (recurrent.GRU, "_forward_kernel")),
    ("writes the translation", TRANSLATE, (recurrent.SlicedGRUCell, "hybrid_forward")),
    ("to the gradient", TRAIN, (nd.NDArray, "backward")),
]


def told(heading):
    """``(file, function)`` of each row of the table below a heading."""
    section = re.search(rf"^### .*{heading}\n(.*?)(?=^#|\Z)", PAGE.read_text("utf-8"), re.M | re.S)
    return re.findall(r"^\| `([\w./]+\.py)` \| `([\w.]+)` \|", section[1], re.M)


def calls(frame):
    """``(file, function)`` of the package's functions that wait for ``frame``, outermost first."""
    found = []
    while frame is not None:
        code, owner = frame.f_code, frame.f_locals.get("self")
        path = Path(code.co_filename)
        if PACKAGE in path.parents and path.parent != GATE and not code.co_name.startswith("<"):
            name = code.co_name if owner is None else f"{type(owner).__name__}.{code.co_name}"
            found.insert(0, (path.relative_to(PACKAGE).as_posix(), name))
        frame = frame.f_back
    return found


@pytest.mark.parametrize(("heading", "command", "end"), WALKS, ids=[walk[0] for walk in WALKS])
def test_a_walk(heading, command, end, run_cli, tmp_path, monkeypatch, by_mxnet):
    by_mxnet()
    walks, (kind, name) = [], end
    last = getattr(kind, name)

    def at_the_end(self, *arguments, **keywords):
        walks.append(calls(sys._getframe(1)))
        if last.__module__.startswith("gluon_seq2seq"):
            file = last.__module__.split(".", 1)[1].replace(".", "/") + ".py"
            walks[-1].append((file, f"{type(self).__name__}.{name}"))
        return last(self, *arguments, **keywords)

    monkeypatch.setattr(kind, name, at_the_end)
    done = run_cli(*command, *(["--out", tmp_path / "out"] if command is TRAIN else []))
    assert done.code == 0, done
    assert told(heading) == walks[0]
    files = [file for i, (file, _) in enumerate(walks[0]) if walks[0][i - 1][0] != file or not i]
    assert len(files) == len(set(files)), "a file is entered twice"
    assert len(files) <= 7
