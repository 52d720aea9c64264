"""Cases 60 to 68: what is read, and where it is written."""

import os
import stat

import pytest
from helpers import run_process

import gluon_seq2seq as gs
from gluon_seq2seq import limits
from gluon_seq2seq.translation import step

LINES = b"They are watching.\n" + b"they " * 600 + b"\ncaf\xe9\nHelp me!\n"


def translate(model, *more):
    return ("translate", "--model", model, *more)


def test_60_lines_that_cannot_be_translated(bench, trained):
    """a sentence that is too long, bytes that are no UTF-8 -> a blank line each, the others
    translated, a warning each, 3"""
    bench.write("in.txt", LINES)
    done = bench.run(*translate(trained, "--input", "in.txt", "--output", "out.txt"))
    alone = bench.works(*translate(trained, "They are watching.", "Help me!")).stdout.split("\n")
    assert (bench / "out.txt").read_text("utf-8").split("\n") == [alone[0], "", "", alone[1], ""]
    assert done.code == 3
    for says in "in.txt, line 2: 601 tokens", "in.txt, line 3: not UTF-8 at byte 4":
        assert done.stderr.count(says) == 1


def test_61_a_line_that_stops_it(bench, trained):
    """--too-long stop -> 3, the line named, the old output kept"""
    bench.write("in.txt", LINES)
    bench.write("out.txt", "old\n")
    more = "--too-long", "stop", "--input", "in.txt", "--output", "out.txt"
    bench.fails(3, ["in.txt, line 2", "601 tokens"], *translate(trained, *more))


def test_62_text_that_begins_with_a_dash(bench, trained):
    """TEXT "-5 degrees" -> translated; "--help-me" -> 2, what to put before it"""
    assert bench.works(*translate(trained, "-5 degrees", "- Hello.")).stdout.count("\n") == 2
    bench.fails(2, ["--help-me", "put -- before"], *translate(trained, "--help-me"))


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_63_standard_output_by_name(bench, trained, name):
    """--output - or /dev/stdout -> to where standard output goes; no file of that name"""
    done = bench.works(*translate(trained, "--output", name, "Hello."))
    assert done.stdout.count("\n") == 1 and not list(bench.folder.iterdir())


@pytest.mark.slow
def test_64_output_that_is_appended(bench, trained):
    """>> log with --output /dev/stdout -> what the log had stays"""
    log = bench.write("log", "before\n")
    with open(log, "ab") as stdout:
        more = translate(trained, "--output", "/dev/stdout", "Hello.")
        assert bench.run(*more, by=run_process, stdout=stdout).code == 0
    assert log.read_bytes().startswith(b"before\n") and log.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("option", ["--output", "--json"])
def test_65_a_private_file(bench, trained, option):
    """output over a file of mode 600 -> new content, mode 600"""
    path = bench.write("private", "old\n")
    path.chmod(0o600)
    command = (
        translate(trained, "Hello.") if option == "--output" else ("evaluate", "--model", trained)
    )
    bench.works(*command, option, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_text() != "old\n"


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["reader", "stderr"])
def test_66_readers_that_leave(bench, gone):
    """train | head -1, and train 2>&- -> trained to the end, 0"""
    settings = {"preexec_fn": lambda: os.close(2)} if gone == "stderr" else {}
    arguments = *bench.train("tiny", "out"), "--epochs", 3
    if gone == "reader":
        reader, settings["stdout"] = os.pipe()
        os.close(reader)
    done = bench.run(*arguments, by=run_process, **settings)
    assert done.code == 0 and gs.load_model(bench / "out", "cpu")


@pytest.mark.slow
def test_67_threads_as_batch_systems_set_them(bench, trained):
    """OMP_NUM_THREADS=2,1, a number for each level of nesting -> the first one"""
    environment = {**os.environ, "OMP_NUM_THREADS": "2,1"}
    done = bench.works("doctor", by=run_process, env=environment)
    assert "threads       2 of" in done.stdout
    bench.works(*translate(trained, "Hello."), by=run_process, env=environment)


def test_68_beams_that_take_all_memory(bench, trained, monkeypatch):
    """--beam-size 100000 -> 2; one for which memory does not suffice -> 5, what to make smaller"""
    says = ("100000 is not in the range 1<=x<=1000",)
    bench.fails(2, says, *translate(trained, "--beam-size", 100_000, "Hello."))
    monkeypatch.setattr(limits, "memory", lambda: 2**10)
    monkeypatch.setattr(step, "LITTLE", 0)
    says = "MB of memory", "--batch-size or --beam-size"
    bench.fails(5, says, *translate(trained, "--beam-size", 100, "Hello."))
