"""What the notebooks need beside the models: their language, exercises that check themselves.

Importing this keeps MXNet to one thread (:func:`~.runtime.use_one_thread`): the models of the
notebooks are small, and a class shares its cores.
"""

import hashlib
import os
import sys
from pathlib import Path

import numpy as np

from ..plots import cjk_font
from ..runtime import use_one_thread

use_one_thread()


def _language():
    """``GLUON_SEQ2SEQ_LANG`` if set, else Chinese in a folder named ``zh``, else English."""
    chosen = os.environ.get("GLUON_SEQ2SEQ_LANG") or Path.cwd().name
    return "zh" if chosen == "zh" else "en"


text_lang = _language()  # of the text
lang = text_lang  # of the pictures: English where no font has Chinese glyphs
if lang == "zh" and cjk_font() is None:
    lang = "en"
    print("没有找到中文字体，图中的文字用英文（安装例如 fonts-noto-cjk 后重启内核即可）。")


def tr(en, zh):
    """The text in the language of the notebook."""
    return zh if text_lang == "zh" else en


def label(en, zh):
    """The text in the language of the pictures."""
    return zh if lang == "zh" else en


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


def close(found, expected, tolerance=1e-5):
    """Whether two arrays (or numbers, or lists) have the same shape and about the same values.

    Anything that is no array of numbers is not close to one.
    """
    try:
        found, expected = _array(found), _array(expected)
    except (TypeError, ValueError):
        return False
    return found.shape == expected.shape and np.allclose(found, expected, 0, tolerance)


def _array(value):
    return np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value, dtype="float64")


def seal(name, answer):
    """A fingerprint of an answer, so that a check can know it without telling it."""
    return hashlib.sha256(f"{name}:{str(answer).strip().lower()}".encode()).hexdigest()[:8]


class Check:
    """An exercise's check, which a student runs as often as it takes.

    ``answer()`` fetches what the student made. ``judge(value)`` yields ``(holds, en, zh)``: a
    condition, and what to tell a student for whom it does not hold. The first that fails is told;
    so is an answer that is still missing, and an error in the student's code. Nothing is raised,
    so that "Run All" goes on.
    """

    def __init__(self, title, answer, judge):
        self.title, self.answer, self.judge = title, answer, judge

    def verdict(self, answer):
        """``None`` if ``answer()`` passes, else what to tell the student."""
        try:
            value = answer()
        except Exception as error:
            what = f"{type(error).__name__}: {_one_line(error)}"
            return tr(f"your code stops with {what}", f"你的代码运行出错：{what}")
        if _missing(value):
            return tr(
                "nothing there yet: put your answer in place of `...` in the cell above and run it",
                "还没有答案：请在上面的单元格里用你的答案替换 `...` 并运行它",
            )
        try:
            for holds, en, zh in self.judge(value):
                if not holds:
                    return tr(en, zh)
        except Exception as error:
            what = f"{type(value).__name__} ({_one_line(error)})"
            return tr(
                f"cannot be checked: is it the right kind of thing? Its type is {what}",
                f"无法检查：类型对吗？现在是 {what}",
            )
        return None

    def __call__(self):
        trouble = self.verdict(self.answer)
        print(f"✓ {self.title}" if trouble is None else f"✗ {self.title}{tr(': ', '：')}{trouble}")


def exercise(name, answer):
    """Decorates the ``judge`` of a :class:`Check`, and runs the check at once.

    >>> @exercise("2.1", lambda: mean_state(h))
    ... def check(c):
    ...     yield c.shape == (2, 4), "c needs a row for each sentence", "c 的每一行对应一个句子"
    """

    def decorate(judge):
        check = Check(tr(f"Exercise {name}", f"练习 {name}"), answer, judge)
        check()
        return check

    return decorate


def quiz(number, answers, key, hints):
    """Check a quiz: ``answers`` is ``{1: "a", …}``; of each question, ``key`` has the seal and
    ``hints`` what to think of, ``(en, zh)``. Returns the :class:`Check` of each question.
    """
    checks = []
    for question, (sealed, hint) in enumerate(zip(key.split(), hints), 1):
        name = f"{number}.q{question}"

        def judge(answer, name=name, sealed=sealed, hint=hint):
            yield (seal(name, answer) == sealed, *hint)

        title = tr(f"Question {question}", f"第 {question} 题")
        checks.append(Check(title, lambda question=question: answers[question], judge))
        checks[-1]()
    return checks


def _missing(value):
    values = value if isinstance(value, (list, tuple)) and value else [value]
    return any(v is None or v is Ellipsis for v in values)


def _one_line(error):
    return (str(error).strip().splitlines() or [""])[0][:200]
