"""Exercises that check themselves: what is asked of an answer, and what a student is told.

A check is a generator. It is given what the student made, and by keyword what it needs of the
notebook beside it, yields a function that fetches the answer, is sent the answer, and yields
``(holds, en, zh)``: a condition, and what to tell a student for whom it does not hold.
"""

import hashlib
import inspect
from typing import Dict, List

import numpy as np

# By number, filled by the decorator and by questions().
EXERCISES: Dict[str, "Exercise"] = {}
QUIZZES: Dict[str, List["Exercise"]] = {}


class Exercise:
    """A check and its ``number``, such as ``"2.1"``; see the head of this file."""

    def __init__(self, number, check):
        self.number, self.check = number, check

    def needs(self):
        """The names of the notebook's own variables that the check reads."""
        kinds = inspect.signature(self.check).parameters.values()
        return [one.name for one in kinds if one.kind is one.KEYWORD_ONLY]

    def verdict(self, answers, context=None, fetched=None):
        """``None`` if ``answers``, a tuple, pass, else what to tell: ``(en, zh)``.

        ``context``: the variables of the notebook, by name; ``fetched``: a function that stands in
        for the one that fetches the answer. Nothing is raised, whatever the student's code does.
        """
        if any(map(_missing, answers)):
            return MISSING
        absent = [name for name in self.needs() if name not in (context or {})]
        if absent:
            return (
                f"this check needs `{absent[0]}`: run the cells above first",
                f"检查需要变量 `{absent[0]}`：请先运行上面的单元格",
            )
        try:
            steps = self.check(*answers, **{name: context[name] for name in self.needs()})
            fetch = next(steps)
            value = (fetched or fetch)()
        except Exception as error:
            what = f"{type(error).__name__}: {_one_line(error)}"
            return f"your code stops with {what}", f"你的代码运行出错：{what}"
        if _missing(value):
            return MISSING
        try:
            holds, *told = steps.send(value)
            while holds:
                holds, *told = next(steps)
        except StopIteration:
            return None
        except Exception as error:
            what = f"{type(value).__name__} ({_one_line(error)})"
            return (
                f"cannot be checked: is it the right kind of thing? Its type is {what}",
                f"无法检查：类型对吗？现在是 {what}",
            )
        return tuple(told)


MISSING = (
    "nothing there yet: put your answer in place of `...` in the cell above and run it",
    "还没有答案：请在上面的单元格里用你的答案替换 `...` 并运行它",
)


def exercise(number):
    """Decorates the check of the exercise ``number``.

    >>> @exercise("2.1")
    ... def _(mean_state, *, h):
    ...     c = yield lambda: mean_state(h)
    ...     yield c.shape == (2, 4), "c needs a row for each sentence", "c 的每一行对应一个句子"
    """

    def decorate(check):
        EXERCISES[number] = Exercise(number, check)
        return check

    return decorate


def questions(number, key, hints):
    """The quiz of notebook ``number``: of each question ``key`` has the seal of its answer and
    ``hints`` what to think of, ``(en, zh)``."""

    def question(name, sealed, hint):
        def check(answers):
            answer = yield lambda: answers[int(name.rpartition("q")[2])]
            yield (seal(name, answer) == sealed, *hint)

        return Exercise(name, check)

    names = [f"{number}.q{i}" for i in range(1, len(hints) + 1)]
    QUIZZES[number] = [question(*one) for one in zip(names, key.split(), hints)]


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


def _missing(value):
    values = value if isinstance(value, (list, tuple)) and value else [value]
    return any(v is None or v is Ellipsis for v in values)


def _one_line(error):
    return (str(error).strip().splitlines() or [""])[0][:200]
