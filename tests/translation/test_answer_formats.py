"""Translations as lines, and back: each column by hand, whatever a text has in it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluon_seq2seq import DataError, Translation
from gluon_seq2seq.translation.scoring import of_words
from gluon_seq2seq.translation.written.formats import (
    FORMATS,
    SCORE_FORMATS,
    Answer,
    Scored,
    read_moses,
    reference_line,
    to_json,
)

ONE = Translation("Ils regardent.", ("Ils", "regardent", "."), -1.25, -0.5)
TWO = Translation("a ||| b", ("a",), -2.0, -1.0)
ANSWER = Answer(3, "They are watching.", [ONE, TWO], "x", ("Zork",), listed=True)
ALIGNED = ANSWER._replace(alignments=["0-0", ""], words=[["They"], ["Ils"], ["a"]])


def test_every_format_by_hand():
    assert FORMATS["text"](ANSWER) == "Ils regardent.\na ||| b\n"
    assert FORMATS["tsv"](ANSWER) == (
        "3\t-0.5000\t-1.2500\tIls regardent.\n3\t-1.0000\t-2.0000\ta ||| b\n"
    )
    assert FORMATS["moses"](ANSWER) == (
        "2 ||| Ils regardent. ||| LogP= -1.2500 ||| -0.5000\n"
        "2 ||| a &#124;&#124;&#124; b ||| LogP= -2.0000 ||| -1.0000\n"
    )
    best = {"text": ONE.text, "score": -0.5, "log_p": -1.25, "tokens": [*ONE.tokens], "copied": []}
    second = {"text": TWO.text, "score": -1.0, "log_p": -2.0, "tokens": ["a"], "copied": []}
    assert json.loads(FORMATS["jsonl"](ANSWER)) == {
        "id": "x",
        **best,
        "unknown": ["Zork"],
        "n_best": [best, second],
    }


def test_alignments_come_last():
    assert FORMATS["text"](ALIGNED).splitlines() == ["Ils regardent. ||| 0-0", "a ||| b ||| "]
    assert FORMATS["tsv"](ALIGNED).splitlines()[0].endswith("\tIls regardent.\t0-0")
    assert FORMATS["moses"](ALIGNED).splitlines()[0].endswith(" ||| -0.5000 ||| 0-0")
    line = json.loads(FORMATS["jsonl"](ALIGNED))
    assert (line["alignment"], line["words"], line["source_words"]) == ("0-0", ["Ils"], ["They"])
    assert line["n_best"][1]["words"] == ["a"]


def test_a_problem_is_an_answer():
    blank = Translation("", (), 0.0, 0.0)
    answer = Answer(2, "", [blank], 7, problem="601 tokens")
    assert json.loads(FORMATS["jsonl"](answer)) == {"id": 7, "error": "601 tokens", "text": ""}
    assert FORMATS["text"](answer) == "\n" and FORMATS["tsv"](answer) == "2\t0.0000\t0.0000\t\n"
    cut = answer._replace(text="they", found=[ONE])
    assert json.loads(FORMATS["jsonl"](cut))["text"] == ONE.text
    assert FORMATS["text"](answer._replace(found=[])) == "\n"


@given(st.text())
def test_texts_of_a_list_come_back(text):
    text = "".join(letter for letter in text if letter.isprintable())
    written = FORMATS["moses"](ANSWER._replace(found=[ONE._replace(text=f"a {text} b")]))
    (*_, [entry]) = read_moses([("list, line 1", written)], 3)
    assert entry == (
        "list, line 1",
        f"a {text} b".replace("&#124;&#124;&#124;", "|||"),
        "LogP= -1.2500",
    )


def test_lists_of_others():
    lines = [
        "0 ||| Ils regardent . ||| LM0= -12.5 TM0= -1 -2 ||| -3.5",  # Moses
        "1 ||| Elle . ||| 0-0 1-1 ||| WordScores= -0.1 -0.2 ||| F0= -1.5 ||| -0.4",  # Marian
        "1 |||  ||| F0= 0 ||| 0",
    ]
    places = [(f"list, line {i}", line) for i, line in enumerate(lines, 1)]
    first, second, third = read_moses(places, 3)
    assert first == [("list, line 1", "Ils regardent .", "LM0= -12.5 TM0= -1 -2")]
    assert [entry.text for entry in second] == ["Elle .", ""] and third == []
    again = Answer(1, "x", [ONE], features=["LM0= -12.5 LogP= -7 TM0= -1 -2"])
    assert FORMATS["moses"](again).split(" ||| ")[2] == "LM0= -12.5 TM0= -1 -2 LogP= -1.2500"


@pytest.mark.parametrize("line", ["", "Ils regardent.", "x ||| y", "-1 ||| y", "0", "9 ||| y"])
def test_what_is_no_list(line):
    with pytest.raises(DataError, match="list, line 1: "):
        read_moses([("list, line 1", line)], 9)


def test_letters_that_utf_8_cannot_say():
    line = to_json({"id": "\ud800 é", "text": "日"})
    assert line == '{"id": "\\ud800 é", "text": "日"}\n' and json.loads(line)["id"] == "\ud800 é"
    line.encode("utf-8")
    with pytest.raises(ValueError):
        to_json({"id": float("inf")})


def test_scores_by_hand():
    """A marker counts for the word after it; all words and <eos> sum to log P."""
    log_p = np.array([-1.0, -0.5, -0.25, -2.0, -4.0])  # a <join> b c <eos>
    words = [("a", [0]), ("bc", [2, 3])]
    assert of_words(log_p, words) == [-1.0, -2.75, -4.0]
    one = Translation("abc", ("a", "<join>", "b", "c"), -7.75, -7.75, None, log_p)
    scored = Scored(Answer(4, "s", [one], 4, ["Z"]), ["a", "bc"], of_words(log_p, words), ["bc"])
    assert SCORE_FORMATS["text"](scored) == "-7.7500\n"
    assert SCORE_FORMATS["tsv"](scored) == "4\t-7.7500\t-1.5500\t-1.0000 -2.7500 -4.0000\tabc\n"
    assert json.loads(SCORE_FORMATS["jsonl"](scored)) == {
        "id": 4,
        "text": "abc",
        "log_p": -7.75,
        "tokens": ["a", "<join>", "b", "c"],
        "token_log_p": [-1.0, -0.5, -0.25, -2.0, -4.0],
        "words": ["a", "bc"],
        "word_log_p": [-1.0, -2.75, -4.0],
        "unknown": ["Z"],
        "unknown_target": ["bc"],
    }
    bad = Scored(Answer(5, id=5, problem="no tab"))
    assert [form(bad) for form in SCORE_FORMATS.values()] == [
        *("\n", "5\n", '{"id": 5, "error": "no tab", "text": ""}\n')
    ]


def test_references_are_filled_up_with_the_first():
    assert reference_line(("a", "b"), 4) == "a\tb\ta\ta\n"
