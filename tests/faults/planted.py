"""Faults planted into a copy of the package: do the tests find them? ``make planted``.

Each fault is one wrong line in what masks the loss, guards lengths and ids, or searches. For each
the tests of those parts are run until the first failure, whose name is printed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = [
    "model/test_papers.py",
    "corpus/test_batches.py",
    "model/test_encoder.py",
    "model/test_attention.py",
    "translation/test_search.py",
    "model/test_decoder.py",
]
FAULTS = [
    (
        "model/loss.py",
        "return F.SequenceMask(log_p, tgt_valid_length, use_sequence_length=True, axis=1)",
        "return log_p",
        "the loss counts padding",
    ),
    (
        "model/loss.py",
        "nd.SequenceMask(p, tgt_valid_length, use_sequence_length=True, axis=1, out=p)",
        "pass",
        "padding gets a gradient",
    ),
    (
        "model/loss.py",
        'F.sum(F.cast(tgt_valid_length, "float32"))',
        "F.sum(F.ones_like(log_p))",
        "padding is counted among the tokens",
    ),
    ("model/checks.py", "lengths.min() >= 1", "lengths.min() >= 0", "a length of 0 passes"),
    (
        "model/checks.py",
        "lengths.max() <= shape[1]",
        "lengths.max() <= shape[1] + 1",
        "T + 1 passes",
    ),
    ("model/checks.py", "ids.max() < vocab_size", "ids.max() <= vocab_size", "the id V passes"),
    ("model/checks.py", "lengths.shape != shape[:1]", "False", "another number of lengths passes"),
    ("model/attention.py", "(mask - 1) * 1e9", "(mask - 1) * 0", "padding is attended to"),
    (
        "model/encoder.py",
        "state = F.SequenceLast(h, valid_length, use_sequence_length=True)",
        "state = F.SequenceLast(h)",
        "the last state is that of the padding",
    ),
    (
        "translation/search.py",
        "len(ids[sentence[0]]) < max_length[sentence]",
        "len(ids[sentence[0]]) <= max_length[sentence]",
        "greedy search writes a word too many",
    ),
    (
        "translation/search.py",
        "        log_p[row, word[row]] = -np.inf\n",
        "",
        "beam search takes a continuation twice",
    ),
    (
        "translation/search.py",
        "_score(kept[0].log_p, caps[i], alpha)",
        "_score(kept[0].log_p, len(kept[0].ids), alpha)",
        "beam search stops too early",
    ),
    (
        "translation/search.py",
        "-hypothesis.score",
        "hypothesis.score",
        "the worst hypothesis comes first",
    ),
]


def found(folder):
    """The first test that fails, and how many lines of its message say why."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += [f"tests/{name}" for name in TESTS]
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return failed[1] if failed else None


def main():
    missed = 0
    for name, line, fault, what in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            for part in "gluon_seq2seq", "tests", "data", "tools", "setup.cfg", "benchmarks":
                source = ROOT / part
                copy = shutil.copytree if source.is_dir() else shutil.copy
                copy(source, Path(folder) / part)
            path = Path(folder) / "gluon_seq2seq" / name
            text = path.read_text("utf-8")
            assert text.count(line) == 1, f"{name} no longer has the line {line!r}"
            path.write_text(text.replace(line, fault), "utf-8")
            test = found(Path(folder))
        missed += test is None
        print(f"{name:<24}{what:<42}{test or 'NOT FOUND'}", flush=True)
    print(f"{len(FAULTS) - missed} of {len(FAULTS)} found")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
