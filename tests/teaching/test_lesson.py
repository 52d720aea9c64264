"""Exercises that check themselves: what a student is told, and that nothing is ever raised."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mxnet import nd

from gluon_seq2seq.teaching import lesson
from gluon_seq2seq.teaching.lesson import Check, close, exercise, quiz, seal


def judge(value):
    yield value.shape == (2,), "two numbers", "两个数"
    yield close(value, [1.0, 2.0]), "not these", "不是这些"


def check(answer):
    return Check("Exercise 1.1", answer, judge)


@pytest.mark.parametrize(
    "answer, told",
    [
        (lambda: nd.array([1, 2]), None),
        (lambda: np.array([1.0, 2.0]), None),
        (lambda: np.array([1.0, 2.0, 3.0]), "two numbers"),
        (lambda: np.array([1.0, 2.1]), "not these"),
        (lambda: ..., "nothing there yet"),
        (lambda: None, "nothing there yet"),
        (lambda: (1, ...), "nothing there yet"),
        (lambda: 3, "cannot be checked: is it the right kind of thing? Its type is int"),
        (lambda: 1 / 0, "your code stops with ZeroDivisionError: division by zero"),
        (lambda: undefined, "your code stops with NameError"),  # noqa: F821
        (lambda: nd.dot(nd.ones((2, 3)), nd.ones((2, 3))), "your code stops with MXNetError"),
    ],
)
def test_what_a_student_is_told(answer, told, capsys):
    one = check(answer)
    trouble = one.verdict(answer)
    assert (trouble is None) == (told is None)
    assert trouble is None or (trouble.startswith(told) and "\n" not in trouble)
    one()
    said = capsys.readouterr().out
    assert said == ("✓ Exercise 1.1\n" if told is None else f"✗ Exercise 1.1: {trouble}\n")


def test_the_decorator_checks_at_once_and_again(capsys):
    answers = {"x": ...}
    one = exercise("2.3", lambda: answers["x"])(judge)
    assert capsys.readouterr().out.startswith("✗ Exercise 2.3: nothing there yet")
    answers["x"] = np.array([1.0, 2.0])
    one()
    assert capsys.readouterr().out == "✓ Exercise 2.3\n"


def test_a_quiz_tells_hints_and_not_answers(capsys):
    key = f"{seal('4.q1', 'b')} {seal('4.q2', 'A')} {seal('4.q3', 'd')}"
    hints = [("first", "一"), ("second", "二"), ("third", "三")]
    checks = quiz("4", {1: "b", 2: " a ", 3: "c"}, key, hints)
    assert capsys.readouterr().out.splitlines() == [
        "✓ Question 1",
        "✓ Question 2",
        "✗ Question 3: third",
    ]
    assert [one.verdict(lambda: ...) is None for one in checks] == [False] * 3
    quiz("4", {1: ...}, key, hints)
    told = capsys.readouterr().out.splitlines()
    assert "nothing there yet" in told[0] and "KeyError" in told[1]


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


@pytest.mark.parametrize(
    "folder, setting, expected",
    [("zh", "", "zh"), ("en", "", "en"), ("homework", "", "en"), ("en", "zh", "zh")],
)
def test_the_language_is_that_of_the_folder_or_the_setting(tmp_path, folder, setting, expected):
    (tmp_path / folder).mkdir()
    code = (
        "from gluon_seq2seq.teaching.lesson import tr, text_lang; print(tr('en', 'zh'), text_lang)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / folder,
        env={**_environment(), "GLUON_SEQ2SEQ_LANG": setting},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"{expected} {expected}"


def test_pictures_are_in_english_where_no_font_is_chinese(tmp_path):
    (tmp_path / "zh").mkdir()
    code = (
        "from gluon_seq2seq.plots import style; style.CJK_FONTS = ()\n"
        "from gluon_seq2seq.teaching.lesson import label, lang, tr\n"
        "print(lang, label('e', 'z'), tr('e', 'z'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "zh",
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    note, found = done.stdout.splitlines()
    assert "fonts-noto-cjk" in note and found == "en e z"


def test_one_thread_for_a_class():
    code = "import os, gluon_seq2seq.teaching.lesson; print(os.environ['OMP_NUM_THREADS'])"
    environment = {k: v for k, v in _environment().items() if not k.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


def test_texts_follow_the_language(monkeypatch):
    monkeypatch.setattr(lesson, "text_lang", "zh")
    assert check(lambda: ...).verdict(lambda: ...).startswith("还没有答案")
    assert check(None).verdict(lambda: np.zeros(3)) == "两个数"


def _environment():
    import os
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
