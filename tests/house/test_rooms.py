"""tools/rooms.py finds what the house forbids, in small packages made for it, and nothing here."""

import configparser
from collections import Counter
from pathlib import Path

import pytest

from tools import rooms

SOUND = {
    "__init__.py": '_HOME = {"load": "corpus.load", "Model": "model.net", "draw": "plots"}\n',
    "errors.py": "",
    "corpus/__init__.py": "",
    "corpus/load.py": "from ..errors import Bad\nfrom .. import __version__\n",
    "model/__init__.py": "",
    "model/net.py": "from gluon_seq2seq import load\nfrom .cell import step\n",
    "model/cell.py": "import mxnet\nimport gluon_seq2seq.errors\n",
    "plots/__init__.py": "",
    "cli/__init__.py": "def main():\n    from .. import draw, Model\n",
}


@pytest.fixture
def look(tmp_path, capsys):
    """What the command says, and its code, of a sound package with other ``files``."""

    def run(files=()):
        for name, text in {**SOUND, **dict(files)}.items():
            path = tmp_path / "gluon_seq2seq" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        code = rooms.main(tmp_path / "gluon_seq2seq")
        return (code, *capsys.readouterr())

    return run


def test_this_package_keeps_its_order(capsys):
    assert rooms.main() == 0
    assert capsys.readouterr().out.count("imports") == len(rooms.ORDER)


def test_a_wheel_has_every_folder():
    """In a checkout a folder that setup.cfg has forgotten is found all the same."""
    setup = configparser.ConfigParser()
    setup.read(rooms.PACKAGE.parent / "setup.cfg")
    folders = (path.parent for path in rooms.PACKAGE.rglob("__init__.py"))
    expected = {".".join(one.relative_to(rooms.PACKAGE.parent).parts) for one in folders}
    packages = setup["options"]["packages"].split()
    assert sorted(packages) == sorted([*expected, "gluon_seq2seq.data", "gluon_seq2seq.notebooks"])


def test_a_sound_package(look):
    code, out, err = look()
    assert (code, err) == (0, "")
    found = {line.split()[0]: line.split()[4:] for line in out.splitlines()}
    assert found == {
        "hall": [],
        "corpus": ["hall"],
        "model": ["hall", "corpus"],
        "plots": [],
        "cli": ["model", "plots"],
    }


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("model/net.py", "from ..cli import main\n", "line 1: imports cli/__init__.py"),
        ("model/net.py", "def f():\n    from .. import draw\n", "line 2: imports plots/__init__"),
        ("corpus/load.py", "import gluon_seq2seq.model.net\n", "line 1: imports model/net.py"),
        ("corpus/load.py", "from .. import Model\n", "line 1: imports model/net.py"),
        ("errors.py", "\nfrom .corpus import load\n", "line 2: imports corpus/load.py"),
        ("errors.py", "from mxnet import nd\n", "line 1: the hall is loaded without MXNet"),
        ("model/net.py", "\n" * 321, "321 lines, at most 320"),
        ("kitchen/sink.py", "", "give its room a place"),
    ],
)
def test_an_offence_is_one_line_that_names_the_file(look, name, text, line):
    code, _, err = look({name: text})
    assert code == 1 and err.count("\n") == 1
    assert err.startswith(name) and line in err


def test_a_file_of_320_lines_and_mxnet_in_a_function_are_allowed(look):
    files = {"model/net.py": "\n" * 320, "errors.py": "def f():\n    import mxnet\n"}
    assert look(files)[0] == 0


def test_a_circle(look):
    code, _, err = look({"model/cell.py": "def f():\n    from .net import Model\n"})
    assert (code, err) == (1, "model/cell.py -> model/net.py -> model/cell.py: a circle\n")


@pytest.mark.parametrize("files", [12, 13])
def test_a_folder_of_many_files(look, files):
    code, _, err = look({f"plots/p{i}.py": "" for i in range(files - 1)})  # and __init__.py
    assert (code, err) == ((0, "") if files == 12 else (1, "plots: 13 files, at most 12\n"))


def test_files_of_tests_are_modules_of_different_names():
    """pytest imports two of one name in one run only where their folders are packages; one that is
    skipped for want of a library hides it until the library is there."""
    tests = Path(__file__).parents[1]
    names = Counter(
        file.name for file in tests.rglob("*.py") if not (file.parent / "__init__.py").exists()
    )
    assert max(names.values()) == 1, names.most_common(3)
