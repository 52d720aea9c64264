"""What the notebooks need beside the models: their language, exercises that check themselves.

Importing this keeps MXNet to one thread (:func:`~.runtime.use_one_thread`): the models of the
notebooks are small, and a class shares its cores.
"""

import os
import sys
from contextlib import contextmanager, nullcontext, redirect_stderr

from ..runtime import use_one_thread
from . import checks, sources
from .exercise import close
from .labels import ENGLISH

__all__ = ["WrongAnswer", "check", "close", "code_of", "graded_quiz", "label", "language", "quiz"]
__all__ += ["require"]

use_one_thread()

GRADING = "NBGRADER_EXECUTION"  # nbgrader sets it where it runs a notebook
_spoken = {"text": "en", "pictures": "en"}


class WrongAnswer(AssertionError):
    """An answer that does not pass its check; the text says why."""

    def _render_traceback_(self):
        """What IPython shows, and nbgrader's pages of feedback: no line of this package's code."""
        return [str(self)]


def language(lang):
    """Checks speak ``lang``, ``"en"`` or ``"zh"``, from now on. Returns the language that pictures
    can have: English where no font has Chinese glyphs."""
    no_font = lang == "zh" and _no_font()
    _spoken.update(text=lang, pictures="en" if no_font else lang)
    if no_font:
        print("没有找到中文字体，图中的文字用英文（安装例如 fonts-noto-cjk 后重启内核即可）。")
    return _spoken["pictures"]


def _no_font():
    from ..plots import cjk_font  # loads matplotlib, which grading does without

    return cjk_font() is None


def label(text):
    """``text``, a Chinese label of a picture, or its English where no font has Chinese glyphs."""
    return text if _spoken["pictures"] == "zh" else ENGLISH[text]


def code_of(function):
    """The code of a function of the package, its comments in the language of the notebook."""
    return sources.code_of(function, _spoken["text"])


def check(number, *answers):
    """Check ``answers``, what the student made for the exercise ``number``, such as ``"2.1"``.

    Prints one line and goes on, so that "Run All" does; where nbgrader runs the notebook it raises
    as :func:`require` does. A check may need other variables of the notebook, which it finds.
    """
    _say(*_found(number, answers), raises=GRADING in os.environ)


def require(number, *answers):
    """As :func:`check`, but raises :class:`WrongAnswer` where it does not pass: for grading."""
    _say(*_found(number, answers), raises=True)


def quiz(number, answers):
    """Check ``answers``, ``{1: "a", …}``, of the quiz of notebook ``number``, a line each.

    Where nbgrader runs the notebook a wrong one raises :class:`WrongAnswer`, after all are printed.
    """
    wrong = [title for title, trouble in _told(number, answers) if trouble]
    if wrong and GRADING in os.environ:
        raise WrongAnswer(", ".join(wrong))


def graded_quiz(number, answers):
    """As :func:`quiz`, but never raises: returns how many are right, which nbgrader takes for the
    points of the cell where it stands last."""
    return sum(trouble is None for _, trouble in _told(number, answers))


def _told(number, answers):
    """``(title, trouble)`` of each question, after they are printed."""
    with _nothing_on_stderr():
        found = [(_quiz_title(one), one.verdict((answers,))) for one in checks.of_quiz(number)]
    for title, trouble in found:
        _say(title, trouble)
    return found


def _found(number, answers):
    title = tr(f"Exercise {number}", f"练习 {number}")
    with _nothing_on_stderr():
        return title, checks.of_exercise(number).verdict(answers, vars(sys.modules["__main__"]))


def _nothing_on_stderr():
    """Where nbgrader runs the notebook: it gives 0 points to a cell with anything there, such as
    a warning or a progress bar of the student's function, which the check calls."""
    return _to_stdout() if GRADING in os.environ else nullcontext()


@contextmanager
def _to_stdout():
    """Standard error goes to standard output, also what C++ writes there."""
    before = os.dup(2)
    try:
        with redirect_stderr(sys.stdout):
            os.dup2(1, 2)
            yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _quiz_title(question):
    number = question.number.rpartition("q")[2]
    return tr(f"Question {number}", f"第 {number} 题")


def _say(title, trouble, raises=False):
    if trouble is None:
        print(f"✓ {title}")
        return
    line = f"✗ {title}{tr(': ', '：')}{tr(*trouble)}"
    if raises:
        raise WrongAnswer(line)
    print(line)


def tr(en, zh):
    """The text in the language of the notebook."""
    return zh if _spoken["text"] == "zh" else en


def use_nd():
    """Turn NumPy semantics off, and say so: the notebooks count with ``mx.nd``, and MXNet's own
    Blocks take its arrays under neither flag of ``npx.set_np()``."""
    if "mxnet" in sys.modules:
        from mxnet.util import is_np_array, is_np_shape, reset_np

        if is_np_array() or is_np_shape():
            reset_np()
            print(
                tr(
                    "npx.set_np() was on. This notebook is written with mx.nd, so it is off from "
                    "here; the Blocks of gluon_seq2seq take arrays of either kind.",
                    "npx.set_np() 原来是打开的。本篇用 mx.nd 写成，所以从这里起把它关上；"
                    "gluon_seq2seq 的 Block 两种数组都接受。",
                )
            )


use_nd()
