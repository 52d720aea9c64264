"""gluon-seq2seq plot: every picture from the command line, and one line where there is none."""

import errno
import json
import os

import pytest
from helpers import complaint

import gluon_seq2seq as gs


@pytest.fixture(scope="module")
def model(tmp_path_factory, mini):
    """A directory with an untrained model that attends; its histories are beside it."""
    directory = tmp_path_factory.mktemp("runs")
    made = gs.luong2015(mini.src_vocab, mini.tgt_vocab, 4, 4, device="cpu")
    made.origin = mini.origin
    rows = [
        {"epoch": e, "seconds": 2.0 * e, "train_loss": 3 / e, "dev_loss": 4 / e, "bleu": 5.0 * e}
        for e in (1, 2, 3)
    ]
    for name in "one", "two":
        gs.save_model(made, directory / name)
        (directory / name / "history.json").write_text(json.dumps(rows))
    return directory / "one"


PICTURES = {
    "attention": ["--model", "MODEL", "They are watching."],
    "attention, gold": ["--model", "MODEL", "They are watching.", "--gold"],
    "attention, given": ["--model", "MODEL", "They are watching.", "--translation", "Ils parlent."],
    "beam": ["--model", "MODEL", "They are watching.", "--beam-size", 2],
    "states": ["--model", "MODEL", "They are watching $1."],
    "curve": ["MODEL"],
    "curve of two": ["MODEL", "MODEL/../two"],
    "lengths": ["--data", "tiny"],
    "bleu": ["Ils regardent.", "Elles regardent.", "--k", 3],
    "accuracy": ["--model", "MODEL"],
    "accuracy by phenomenon": ["--model", "MODEL", "--data", "mini-length", "--by", "phenomenon"],
}


@pytest.mark.parametrize("name", PICTURES)
def test_leaves_a_picture(name, run_cli, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = name.replace(",", "").split()[0]
    arguments = [str(word).replace("MODEL", str(model)) for word in PICTURES[name]]
    done = run_cli("plot", command, *arguments)
    assert (done.code, done.stdout) == (0, f"{command}.png\n"), done.stderr
    assert (tmp_path / f"{command}.png").read_bytes().startswith(b"\x89PNG")


def test_other_formats_and_places(run_cli, tmp_path):
    done = run_cli("plot", "bleu", "Ils regardent.", "Ils regardent.", "--out", tmp_path / "b.svg")
    assert done.code == 0 and "<svg" in (tmp_path / "b.svg").read_text("utf-8")
    missing = tmp_path / "none" / "b.png"
    done = run_cli("plot", "bleu", "Ils regardent.", "Ils regardent.", "--out", missing)
    assert str(missing) in complaint(done, 5)
    done = run_cli("plot", "bleu", "Ils regardent.", "Oui.", "--out", tmp_path / "b.bmp")
    assert "bmp" in complaint(done, 2)


def test_a_full_disk_leaves_the_old_picture(run_cli, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "b.png").write_text("old")
    monkeypatch.setattr(os, "replace", full)
    done = run_cli("plot", "bleu", "Oui.", "Non.", "--out", tmp_path / "b.png")
    assert "No space left" in complaint(done, 5)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_what_cannot_be_drawn(run_cli, model, tmp_path, small_model):
    gs.save_model(small_model(), tmp_path / "book")
    for code, words, *arguments in (
        (2, "no attention", "attention", "--model", tmp_path / "book", "They are watching."),
        (3, "no gold alignment", "attention", "--gold", "--model", model, "Zebras sleep."),
        (2, "blank", "beam", "--model", model, " "),
        (3, "history.json", "curve", tmp_path),
        (3, "mini", "accuracy", "--model", tmp_path / "book", "--by", "phenomenon"),
        (2, "", "bleu", "", "Oui."),
        (4, "holds no model", "states", "--model", tmp_path, "Hello."),
    ):
        assert words in complaint(run_cli("plot", *arguments, "--out", tmp_path / "x.png"), code)
        assert not (tmp_path / "x.png").exists()


def test_a_history_of_another_form(run_cli, tmp_path):
    for text in "[1]", "{", '[{"epoch": 1}]', "[]":
        (tmp_path / "history.json").write_text(text)
        assert run_cli("plot", "curve", tmp_path).code in (2, 3)


ROW = {"epoch": 1, "seconds": 1.5, "train_loss": 2.0, "dev_loss": 2.5, "bleu": 0.0, "floor": None}


@pytest.mark.parametrize(
    "rows",
    [
        3,
        "rows",
        {"epoch": 1},
        [[1]],
        [ROW, None],
        [{**ROW, "dev_loss": "low"}],
        [{**ROW, "bleu": None}],
        [{**ROW, "bleu": [1]}],
        [{**ROW, "seconds": float("nan")}],
        [{**ROW, "train_loss": float("inf")}],
        [{**ROW, "epoch": True}],
        [{**ROW, "floor": "none"}],
        [{**ROW, "floor": 10**310}],
    ],
    ids=str,
)
def test_history_rows_of_other_types(run_cli, tmp_path, rows):
    (tmp_path / "history.json").write_text(json.dumps(rows))
    done = run_cli("plot", "curve", tmp_path, "--out", tmp_path / "x.png")
    assert "history.json: not a history that train wrote" in complaint(done, 3)
    (tmp_path / "history.json").write_text(json.dumps([ROW]))
    assert run_cli("plot", "curve", tmp_path, "--out", tmp_path / "x.png").code == 0


@pytest.mark.parametrize("kind", ["link", "pipe", "deep"])
def test_a_history_that_is_none(run_cli, tmp_path, kind):
    path = tmp_path / "history.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "deep":
        path.write_text("[" * 100_000)
    else:
        (tmp_path / "rows").write_text(json.dumps([ROW]))
        path.symlink_to(tmp_path / "rows")
    assert "history.json" in complaint(run_cli("plot", "curve", tmp_path), 3)
