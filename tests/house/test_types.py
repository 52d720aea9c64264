"""mypy knows the types at the seams: what fits passes, and each call that does not is found."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy", reason="needs mypy: pip install -e '.[lint]'")
ROOT = Path(__file__).parents[2]

PROGRAM = """
from typing import Any, List, Tuple
import numpy as np
from gluon_seq2seq.corpus.corpus import load_corpus
from gluon_seq2seq.corpus.readers import columns_of, read
from gluon_seq2seq.model.papers import book, luong2015
from gluon_seq2seq.settings import LuongSettings, ModelSettings, SearchSettings, TrainingSettings
from gluon_seq2seq.training.loop import train
from gluon_seq2seq.translation.search import beam, exhaustive, greedy, sample
from gluon_seq2seq.translation.translator import Translator

class Kept:
    def take(self, rows: Any) -> "Kept":
        return self

def step(y_prev: Any, state: Kept) -> Tuple[np.ndarray, Kept]:
    return np.zeros((1, 4)), state

def table(y_prev: Any, state: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    return np.zeros((1, 4)), state

def forgetful(y_prev: Any, state: Kept) -> np.ndarray:
    return np.zeros((1, 4))

def counting(y_prev: Any, state: int) -> Tuple[np.ndarray, int]:
    return np.zeros((1, 4)), state

"""
FITS = """
found = greedy(step, Kept(), 1, 2, [5])
found = sample(table, np.zeros(1), 1, 2, np.array([5]), 0.5, 7)
best: List[str] = [str(one.ids) for (one, *_) in beam(step, Kept(), 1, 2, [5], 3)]
found = exhaustive(step, Kept(), 1, 2, 5)
size: int = len(load_corpus("tiny", min_freq=2).src_vocab)
lines: List[str] = [column for place, columns in read("a.tsv") for column in columns]
corpus = load_corpus("tiny")
model = luong2015(corpus.src_vocab, corpus.tgt_vocab, 8, 8, settings=LuongSettings(window=3))
history = train(model, corpus, TrainingSettings(minutes=0.5), epochs=3, out="runs/a")
translator = Translator(model, SearchSettings(beam_size=2), alpha=0.5)
limit: float = (TrainingSettings().minutes or 0.0) + history.best["seconds"]
"""
DOES_NOT = """
greedy(forgetful, Kept(), 1, 2, [5])
greedy(step, np.zeros(1), 1, 2, [5])
sample(counting, 0, 1, 2, [5])
beam(step, Kept(), 1, 2, [5], "3")
exhaustive(step, Kept(), 1, 2, [5])
greedy(step, Kept(), 1, 2, [5])[0].words
load_corpus("tiny", max_length="50")
load_corpus("tiny").words
ModelSettings(embed_size="8")
TrainingSettings(epoch=3)
TrainingSettings().epochs + 1
ModelSettings().tied = True
book(corpus.src_vocab)
book("en", corpus.tgt_vocab)
book(corpus.src_vocab, corpus.tgt_vocab, settings=TrainingSettings())
train(model, corpus, 3)
train(model, corpus, quiet="yes")
train(model, "tiny")
Translator(model, 64)
columns_of("a.tsv", "text")
"""


@pytest.mark.slow
def test_the_seams(tmp_path):
    program, done = tmp_path / "program.py", PROGRAM + FITS
    program.write_text(done + DOES_NOT.lstrip(), "utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "setup.cfg", str(program)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = {int(line.split(":")[1]) for line in found.stdout.splitlines() if ": error: " in line}
    first = done.count("\n") + 1
    wrong = DOES_NOT.strip().splitlines()
    assert lines == set(range(first, first + len(wrong))), found.stdout + found.stderr
