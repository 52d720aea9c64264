"""pip told in few lines: what is shown of what it writes, in a terminal and elsewhere."""

import io
import os
import sys

import pytest

from gluon_seq2seq import installing

SAID = """\
Collecting mxnet
  Downloading https://example.org/ab/mxnet-1.9.1-py3-none-manylinux2014_x86_64.whl (49.1 MB)
Collecting numpy (from mxnet)
  Downloading numpy-2.5.5-cp313-cp313-manylinux_2_27_x86_64.whl.metadata (62 kB)
  Using cached numpy-2.5.5-cp313-cp313-manylinux_2_27_x86_64.whl (15.7 MB)
  Downloading gluonnlp-0.10.0.tar.gz (344 kB)
  Downloading types_python_dateutil-2.9.0.20261116-py3-none-any.whl (999 bytes)
Requirement already satisfied: pip in somewhere
Building wheels for collected packages: gluonnlp
  Building wheel for gluonnlp (pyproject.toml): started
  Building wheel for gluonnlp (pyproject.toml): finished with status 'done'
Installing collected packages: mxnet, numpy, gluonnlp
Successfully installed gluonnlp-0.10.0 mxnet-1.9.1 numpy-2.5.5
"""
TOLD = """\
  mxnet 1.9.1, 49.1 MB
  numpy 2.5.5, 15.7 MB
  2 smaller packages, 345 kB
Building gluonnlp ...
Installing 3 packages ...
"""
# As pip draws it: the cursor hidden, a line drawn over itself, colours, the cursor back.
BAR = "\x1b[?25l   \x1b[90m━━━━\x1b[0m \x1b[32m{}\x1b[0m \x1b[31m9.1 MB/s\x1b[0m eta 0:01\r\x1b[2K"


@pytest.fixture(autouse=True)
def a_terminal_that_can(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def says(text, code=0):
    """A command that writes ``text`` and ends with ``code``."""
    program = "import os, sys; os.write(1, sys.argv[1].encode()); sys.exit(int(sys.argv[2]))"
    return [sys.executable, "-c", program, text, str(code)]


@pytest.mark.parametrize("code", [0, 1])
def test_a_line_for_a_step_and_a_large_package(code):
    out = io.StringIO()
    assert installing.run(says(SAID, code), out) == code
    assert out.getvalue() == TOLD


def test_one_small_package_has_its_name():
    out = io.StringIO()
    installing.run(says("Downloading d2l-1.0.3-py3-none-any.whl (111 kB)"), out)
    assert out.getvalue() == "  d2l 1.0.3, 111 kB\n"


def test_the_bar_in_a_terminal():
    out = Terminal()
    head = "  Downloading mxnet-1.9.1-py3-none-any.whl (49.1 MB)\r\n"
    installing.run(says(head + "".join(map(BAR.format, ["0.0/49.1 MB", "24.6/49.1 MB"]))), out)
    seen = [text for text in out.getvalue().replace("\n", "\r\x1b[2K").split("\r\x1b[2K") if text]
    assert [text for text in seen if "getting ready" not in text] == [
        "  mxnet 1.9.1, 49.1 MB",
        f"  {'mxnet 1.9.1':30} [{'-' * 20}] 0.0 of 49.1 MB",
        f"  {'mxnet 1.9.1':30} [{'#' * 10}{'-' * 10}] 24.6 of 49.1 MB",
    ]
    assert out.getvalue().endswith("\r\x1b[2K"), "the bar is left standing"


def test_no_bar_where_lines_cannot_be_drawn_over(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    installing.run(says(SAID), out)
    assert out.getvalue() == TOLD


def test_pip_draws_its_bar_for_a_terminal_alone():
    show = (
        "import os; print('Downloading', os.environ.get('FORCE_COLOR', '-') + '-1.tar.gz (9 MB)')"
    )
    show += "; print('Downloading', os.environ['PIP_PROGRESS_BAR'] + '-2.tar.gz (9 MB)')"
    outs = io.StringIO(), Terminal()
    for out in outs:
        installing.run([sys.executable, "-c", show], out)
    assert "off 2" in outs[0].getvalue() and "1 1" not in outs[0].getvalue()
    assert "on 2" in outs[1].getvalue() and "1 1" in outs[1].getvalue()


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_it_goes_on_though_pip_says_nothing(out, monkeypatch, tmp_path):
    clock = iter([0, 4, 4, 24, 24, 24, 44, 84, 84, 84])
    monkeypatch.setattr(installing.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(installing.sysconfig, "get_path", lambda name: str(tmp_path))
    teller = installing.Teller(out)
    teller.hear("Collecting mxnet")
    teller.wait()
    teller.wait()
    teller.hear("Installing collected packages: a, b, c, d")
    (tmp_path / "a-1.dist-info").mkdir()
    teller.wait()
    said = out.getvalue()
    if out.isatty():
        assert "  4 s: looking for mxnet" in said and f"[{'#' * 5}{'-' * 15}] 1 of 4" in said
    else:
        assert said.splitlines()[0] == "  ... 24 s: looking for mxnet"
        assert said.splitlines()[1:] == [
            "Installing 4 packages ...",
            "  ... 84 s: Installing 4 packages, 1 are there",
        ]


def test_it_goes_on_though_pip_says_much_that_is_not_told(monkeypatch):
    monkeypatch.setattr(installing, "PATIENCE", 0.3)
    talk = "import time\nfor _ in range(8): print('Collecting numpy'); time.sleep(0.1)"
    out = io.StringIO()
    installing.run([sys.executable, "-c", talk], out)
    assert "s: looking for numpy\n" in out.getvalue()


def test_what_pip_says_of_an_error_is_left_as_it_is(capfd):
    assert installing.main(["install", "--no-index", "no-such-package-as-this"]) == 1
    out, err = capfd.readouterr()
    assert out == "" and "ERROR: No matching distribution found for no-such-package-as-this" in err


def test_ctrl_c(monkeypatch):
    def interrupted(*words):
        raise KeyboardInterrupt

    monkeypatch.setattr(installing, "run", interrupted)
    assert installing.main([]) == 130


@pytest.mark.parametrize(
    "size, text", [(49.1e6, "49.1 MB"), (264e6, "264 MB"), (111e3, "111 kB"), (999, "999 bytes")]
)
def test_sizes(size, text):
    assert installing.in_words(size) == text


def test_the_environment_is_handed_on(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "x-3")
    show = "import os; print('Downloading', os.environ['PIP_INDEX_URL'] + '.zip (9 MB)')"
    out = io.StringIO()
    installing.run([sys.executable, "-c", show], out)
    assert out.getvalue() == "  x 3, 9.0 MB\n" and "FORCE_COLOR" not in os.environ
