"""Exercises that check themselves: what a student is told, and that nothing is ever raised."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from mxnet import nd

from gluon_seq2seq import plots
from gluon_seq2seq.teaching import checks, lesson
from gluon_seq2seq.teaching import exercise as exercises
from gluon_seq2seq.teaching.exercise import EXERCISES, Exercise, close, exercise, questions, seal
from gluon_seq2seq.teaching.lesson import (
    WrongAnswer,
    check,
    graded_quiz,
    label,
    language,
    quiz,
    require,
)


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """English, not graded, and with exercises that no notebook has."""
    monkeypatch.setattr(lesson, "_spoken", {"text": "en", "pictures": "en"})
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    yield
    for number in "2.91", "2.92":
        EXERCISES.pop(number, None)


def two_numbers(answer):
    value = yield lambda: answer()
    yield value.shape == (2,), "two numbers", "两个数"
    yield close(value, [1.0, 2.0]), "not these", "不是这些"


RIGHT, WRONG = (lambda: nd.array([1, 2])), (lambda: np.array([1.0, 2.1]))


@pytest.mark.parametrize(
    "answer, told",
    [
        (RIGHT, None),
        (lambda: np.array([1.0, 2.0]), None),
        (lambda: np.array([1.0, 2.0, 3.0]), "two numbers"),
        (WRONG, "not these"),
        (..., "nothing there yet"),
        (lambda: ..., "nothing there yet"),
        (lambda: None, "nothing there yet"),
        (lambda: (1, ...), "nothing there yet"),
        (5, "your code stops with TypeError"),
        (lambda: 3, "cannot be checked: is it the right kind of thing? Its type is int"),
        (lambda: 1 / 0, "your code stops with ZeroDivisionError: division by zero"),
        (lambda: undefined, "your code stops with NameError"),  # noqa: F821
        (lambda: nd.dot(nd.ones((2, 3)), nd.ones((2, 3))), "your code stops with MXNetError"),
    ],
)
def test_what_a_student_is_told(answer, told, capsys):
    trouble = Exercise("2.91", two_numbers).verdict([answer])
    assert (trouble is None) == (told is None)
    assert trouble is None or (trouble[0].startswith(told) and "\n" not in trouble[0])
    exercise("2.91")(two_numbers)
    check("2.91", answer)
    said = capsys.readouterr().out
    assert said == ("✓ Exercise 2.91\n" if told is None else f"✗ Exercise 2.91: {trouble[0]}\n")


def test_a_check_finds_what_else_it_needs(capsys, monkeypatch):
    @exercise("2.92")
    def _(x, *, wanted):
        found = yield lambda: x
        yield found == wanted, "not that", "不是"

    check("2.92", 3)
    assert "this check needs `wanted`: run the cells above first" in capsys.readouterr().out
    monkeypatch.setattr(sys.modules["__main__"], "wanted", 3, raising=False)
    check("2.92", 3)
    check("2.92", 4)
    assert capsys.readouterr().out == "✓ Exercise 2.92\n✗ Exercise 2.92: not that\n"


def test_grading_raises_and_a_students_own_run_goes_on(monkeypatch, capsys):
    exercise("2.91")(two_numbers)
    check("2.91", WRONG)
    require("2.91", RIGHT)
    for answer in WRONG, ...:
        with pytest.raises(WrongAnswer, match=r"✗ Exercise 2\.91: "):
            require("2.91", answer)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(WrongAnswer, match="not these"):
        check("2.91", WRONG)
    check("2.91", RIGHT)
    assert capsys.readouterr().err == ""  # nbgrader gives 0 points for anything there


def test_what_an_answer_says_costs_nothing_where_it_is_graded(monkeypatch, capfd):
    """Warnings, progress bars, C++: nbgrader gives 0 points for anything on standard error."""

    def loud():
        print("in Python", file=sys.stderr)
        os.write(2, b"in C++\n")
        return RIGHT()

    exercise("2.91")(two_numbers)
    check("2.91", loud)
    assert capfd.readouterr().err == "in Python\nin C++\n"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("2.91", loud)
    out, err = capfd.readouterr()
    assert err == "" and sorted(out.splitlines()) == ["in C++", "in Python", "✓ Exercise 2.91"]
    print("as before", file=sys.stderr)
    os.write(2, b"as before\n")
    assert capfd.readouterr().err == "as before\nas before\n"


def test_ipython_shows_a_wrong_answer_in_one_line(capsys):
    exercise("2.91")(two_numbers)
    shell = InteractiveShell.instance()
    shell.user_ns.update(require=require, WRONG=WRONG)
    shell.run_cell("require('2.91', WRONG)")
    assert capsys.readouterr().out.strip() == "✗ Exercise 2.91: not these"


def test_a_quiz_tells_hints_and_not_answers(capsys, monkeypatch):
    key = f"{seal('2.q1', 'b')} {seal('2.q2', 'A')} {seal('2.q3', 'd')}"
    checks.of_quiz(2)
    monkeypatch.setitem(exercises.QUIZZES, "2", None)
    questions("2", key, [("first", "一"), ("second", "二"), ("third", "三")])
    quiz(2, {1: "b", 2: " a ", 3: "c"})
    assert capsys.readouterr().out.splitlines() == [
        "✓ Question 1",
        "✓ Question 2",
        "✗ Question 3: third",
    ]
    quiz(2, {1: ...})
    told = capsys.readouterr().out.splitlines()
    assert "nothing there yet" in told[0] and "KeyError" in told[1]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(WrongAnswer, match="Question 2, Question 3"):
        quiz(2, {1: "b", 2: "c", 3: "c"})
    quiz(2, {1: "b", 2: "a", 3: "d"})
    assert graded_quiz(2, {1: "b", 2: "c", 3: "d"}) == 2
    assert graded_quiz(2, ...) == 0


@given(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 5))
def test_seals_tell_answers_apart(one, other, question):
    assert (seal(f"1.q{question}", one) == seal(f"1.q{question}", other)) == (one == other)


@pytest.mark.parametrize(
    "found, expected, same",
    [
        (nd.ones((2, 3)), np.ones((2, 3)), True),
        (1, 1.000001, True),
        (1, 1.0001, False),
        ([1, 2], [1, 2, 3], False),
        (np.ones(3), 1.0, False),
        (float("nan"), float("nan"), False),
        ("a", 1.0, False),
        (None, 1.0, False),
        (object(), 1.0, False),
        ([[1], [1, 2]], 1.0, False),
        (lambda: 1, 1.0, False),
    ],
)
def test_close(found, expected, same):
    assert close(found, expected) == same


@pytest.mark.parametrize("lang, expected", [("en", "nothing there yet"), ("zh", "还没有答案")])
def test_checks_speak_the_language_of_the_notebook(lang, expected, capsys):
    exercise("2.91")(two_numbers)
    language(lang)
    check("2.91", ...)
    assert expected in capsys.readouterr().out


def test_pictures_are_in_english_where_no_font_is_chinese(monkeypatch, capsys):
    monkeypatch.setattr(lesson, "ENGLISH", {"位置": "position"})
    monkeypatch.setattr(plots, "cjk_font", lambda: "a font")
    assert (language("zh"), label("位置")) == ("zh", "位置") and capsys.readouterr().out == ""
    monkeypatch.setattr(plots, "cjk_font", lambda: None)
    assert (language("zh"), label("位置")) == ("en", "position")
    assert "fonts-noto-cjk" in capsys.readouterr().out
    exercise("2.91")(two_numbers)
    check("2.91", WRONG)
    assert "不是这些" in capsys.readouterr().out
    assert language("en") == "en" and capsys.readouterr().out == ""


def test_one_thread_for_a_class():
    code = "import os, gluon_seq2seq.teaching.lesson; print(os.environ['OMP_NUM_THREADS'])"
    environment = {k: v for k, v in _environment().items() if not k.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


def _environment():
    from pathlib import Path

    root = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"}


@pytest.mark.slow
@pytest.mark.parametrize("own, told", [({}, False), ({"OMP_NUM_THREADS": "1"}, True)])
def test_doctor_does_not_blame_the_user_for_the_one_thread(own, told):
    code = "import gluon_seq2seq.teaching.lesson; from gluon_seq2seq import runtime\n"
    code += "from gluon_seq2seq.cli import doctor\n"
    code += "runtime.cores = lambda: 4; doctor.examine()"
    environment = {k: v for k, v in _environment().items() if not k.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, **own},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 of 4 cores" in done.stdout and ("unset OMP_NUM_THREADS" in done.stdout) == told
