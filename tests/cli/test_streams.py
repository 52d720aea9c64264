"""Lines in, lines out: each is a line, as soon as it is there, to wherever it is sent."""

import errno
import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time

import pytest
from helpers import RUN_MAIN, complaint, newest, start
from hypothesis import given, settings
from hypothesis import strategies as st

import gluon_seq2seq as gs
from gluon_seq2seq import limits
from gluon_seq2seq.cli.common import streams
from gluon_seq2seq.text.tokenizer import MAX_CHARACTERS
from gluon_seq2seq.translation import step

KNOWN = "They are watching."


@pytest.fixture
def translate(run_cli, saved):
    return lambda *more, **settings: run_cli("translate", "--model", saved, *more, **settings)


# Where it was sent.


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_by_name(output, translate, translator, tmp_path):
    done = translate("--output", output, "--input", "-", stdin=f"{KNOWN}\n", cwd=tmp_path)
    assert done == (0, f"{translator.translate(KNOWN)}\n", "")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_appended_and_through_a_process(saved, translator, tmp_path):
    (tmp_path / "log").write_text("before\n")
    name = f'{sys.executable} -c "{RUN_MAIN}" translate --model {saved}'
    lines = f"""
        {name} --output /dev/stdout '{KNOWN}' >> log
        {name} --output >(tr a-z A-Z > upper) 'Help me!'
        {name} --input <(echo 'Help me!') --output >(head -c 1 > first)
        sleep 1
    """
    done = subprocess.run(["bash", "-ec", lines], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"") and b"cannot" not in done.stderr, done
    one, other = translator.translate([KNOWN, "Help me!"])
    assert (tmp_path / "log").read_text("utf-8") == f"before\n{one}\n"
    assert (tmp_path / "upper").read_bytes().upper() == f"{other}\n".encode().upper()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "log", "upper"]


def test_json_on_standard_output(run_cli, saved, tmp_path):
    files = run_cli("evaluate", "--model", saved, "--json", tmp_path / "scores.json", "--show", 1)
    done = run_cli("evaluate", "--model", saved, "--json", "-", "--show", 1, cwd=tmp_path)
    scores, wanted = json.loads(done.stdout), json.loads((tmp_path / "scores.json").read_text())
    assert done.code == 0 and {**scores, "seconds": 0} == {**wanted, "seconds": 0}
    seconds = re.compile(r"translated in.*")
    assert seconds.sub("", done.stderr) == seconds.sub("", files.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["scores.json"]


# TEXT that begins with a dash.


@pytest.mark.parametrize(
    "text", ["-5 degrees outside.", "- Help me!", "-5", "-", "--", "—Help me!"]
)
def test_a_text_that_begins_with_a_dash(text, translate, translator):
    options = ("--alpha", "0.5", "--", text) if text == "--" else (text, "--alpha", "0.5")
    done = translate(*options, *(() if text == "--" else ("Help me!",)))
    wanted = translator.translate([text, *(() if text == "--" else ["Help me!"])])
    assert (done.code, done.stdout.splitlines()) == (0, wanted)


def test_a_text_that_looks_like_an_option(translate, translator):
    for text in "-Help", "--help-me", "--beamsize":
        assert "put -- before a TEXT" in complaint(translate(text), 2)
        assert translate("--", text).stdout == f"{translator.translate(text)}\n"
    assert "requires an argument" in complaint(translate(KNOWN, "--output"), 2)
    assert "not in the range" in complaint(translate("--seed", "-5", KNOWN), 2)


def test_a_picture_of_a_text_that_begins_with_a_dash(run_cli, tmp_path):
    for words in ("beam", "--model", "mini-book", "-5 apples."), ("bleu", "- Oui.", "- Non !"):
        done = run_cli("plot", *words, "--out", tmp_path / "picture.png")
        assert (done.code, done.stderr) == (0, "")


# A line is a line.

LINES = [KNOWN, "they " * 600, "caf\udce9 crème", "", "Help me!", "x" * (MAX_CHARACTERS + 1)]
BYTES = "\n".join(LINES).encode("utf-8", "surrogateescape")


def test_lines_that_cannot_be_translated_are_blank(translate, translator, tmp_path):
    (tmp_path / "in.txt").write_bytes(BYTES)
    done = translate("--input", "in.txt", "--output", "out.txt", cwd=tmp_path)
    one, other = translator.translate([KNOWN, "Help me!"])
    assert (tmp_path / "out.txt").read_text("utf-8").split("\n") == [one, "", "", "", other, "", ""]
    assert done.code == 3 and done.stdout == ""
    assert done.stderr.splitlines()[:-1] == [
        "gluon-seq2seq: in.txt, line 2: 601 tokens, at most 500 can be translated: cut it up; its "
        "line is left blank",
        "gluon-seq2seq: in.txt, line 3: not UTF-8 at byte 4 of the line: save it as UTF-8; its "
        "line is left blank",
        "gluon-seq2seq: in.txt, line 6: more than 10,000 characters are no sentence: cut it up; "
        "its line is left blank",
    ]
    listed = translate("--beam-size", 2, "--n-best", 2, stdin=BYTES).stdout.splitlines()
    numbers = [line.split("\t")[0] for line in listed]
    assert numbers == ["1", "1", "2", "3", "4", "5", "5", "6"]
    assert all(line.split("\t")[3] == "" for line in listed if line[0] in "2346")


def test_lines_that_are_cut(translate, translator):
    long = ["they are " * 300, "Tom's here, he isn't. " * 100, "é" * MAX_CHARACTERS + " they"]
    done = translate("--too-long", "cut", stdin="\n".join(long))
    tokenizer = translator.model.src_vocab.tokenizer
    beginnings = [tokenizer.detokenize(tokenizer.tokenize(line[:9000])[:499]) for line in long[:2]]
    for text in beginnings:
        assert len(tokenizer.tokenize(text)) == 499
    wanted = translator.translate([*beginnings, "é" * MAX_CHARACTERS])
    assert (done.code, done.stdout.splitlines()) == (3, wanted)
    assert done.stderr.count("its line is cut") == 3


def test_a_long_line_that_stops_it(translate, translator):
    done = translate("--too-long", "stop", stdin=BYTES)
    assert "standard input, line 2: 601 tokens" in complaint(done, 3)
    assert done.stdout == f"{translator.translate(KNOWN)}\n", "what came before it"


def test_many_lines_that_cannot_be_translated(translate):
    content = b"\xff\n" * 30
    done = translate(stdin=content)
    assert (done.code, done.stdout, done.stderr.count("\n")) == (3, "\n" * 30, 11)
    assert "30 lines in all could not be translated" in done.stderr
    assert translate("--verbose", stdin=content).stderr.count("\n") == 30


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_has_no_lines(encoding, translate):
    done = translate(stdin=f"{KNOWN}\n{KNOWN}\n".encode(encoding))
    assert "standard input: looks like UTF-16: save the file as UTF-8" in complaint(done, 3)


def test_a_text_of_other_bytes(translate):
    done = translate(KNOWN, "caf\udce9")
    assert done.code == 3 and done.stdout.count("\n") == 2 and done.stdout.endswith("\n\n")
    assert "TEXT 2: not UTF-8 at byte 4" in done.stderr


# Words that the model does not know.


def test_unknown_words_are_counted(translate):
    words = [KNOWN, "xyzzy are plugh, xyzzy.", "", "Zork!?"]
    done = translate(*words)
    assert done.code == 0 and done.stderr == (
        "gluon-seq2seq: 6 of 12 source words are not among the model's: it reads <unk> for them, "
        "and the model has no attention to copy them by; --verbose names them\n"
    )
    named = translate("--verbose", *words).stderr.splitlines()
    assert named[:-1] == [
        "gluon-seq2seq: TEXT 2: not among the model's words: xyzzy plugh ,",
        "gluon-seq2seq: TEXT 4: not among the model's words: Zork !?",
    ]
    assert "6 of 12" in named[-1]


# As they come.


class Slow:
    """The reading end of a pipe that gives a few bytes at a time."""

    def __init__(self, descriptor, sizes):
        self.descriptor, self.sizes = descriptor, sizes

    def fileno(self):
        return self.descriptor

    def read1(self, _):
        return os.read(self.descriptor, self.sizes.pop() if self.sizes else 1 << 16)


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=6)), st.lists(st.integers(1, 5)), st.integers(1, 4), st.booleans()
)
def test_lines_however_they_come(lines, sizes, most, ended):
    lines = [line.replace(b"\n", b"") for line in lines]
    content = b"\n".join(lines) + b"\n" * (ended and bool(lines))
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    found = list(streams.lines_that_came(Slow(reader, sizes), most))
    os.close(reader)
    wanted = content.split(b"\n")
    assert [line for chunk in found for line in chunk] == (wanted if wanted[-1] else wanted[:-1])
    assert all(1 <= len(chunk) <= most for chunk in found)


def test_lines_that_are_there_are_not_kept_waiting():
    reader, writer = os.pipe()
    with open(reader, "rb") as stream, open(writer, "wb", buffering=0) as end:
        chunks = streams.lines_that_came(stream, 2)
        end.write(b"one\ntw")
        assert next(chunks) == [b"one"]
        end.write(b"o\nthree\nfour\nfi")
        assert [next(chunks), next(chunks)] == [[b"two", b"three"], [b"four"]]
        end.write(b"ve")
        end.close()
        assert list(chunks) == [[b"five"]]


@pytest.mark.parametrize("letter", ["a", "é", "日", "😀"])
def test_the_beginning_of_a_long_line_is_kept(letter):
    reader, writer = os.pipe()
    content = letter.encode() * 50_000
    with open(reader, "rb") as stream, open(writer, "wb") as end:

        def write():
            end.write(b"one\n" + content + b"\nthree\n")
            end.close()

        thread = threading.Thread(target=write)  # it is more than the pipe holds
        thread.start()
        lines = [line for some in streams.sentences_that_came("in", stream, 10) for line in some]
        thread.join()
    assert [text for _, text, _ in lines[::2]] == ["one", "three"]
    assert MAX_CHARACTERS < len(lines[1][1]) <= 4 * (MAX_CHARACTERS + 1)
    assert set(lines[1][1]) == {letter} and lines[1][2] is None


def test_a_disk_that_fails(tmp_path):
    class Failing(Slow):
        def read1(self, _):
            if not self.sizes:
                raise OSError(errno.EIO, "Input/output error")
            return self.sizes.pop()

    with open(tmp_path / "in", "wb+") as always_ready:
        came = streams.sentences_that_came("in", Failing(always_ready.fileno(), [b"one\n"]), 1)
        assert next(came) == [("in, line 1", "one", None)]
        with pytest.raises(gs.DataError, match="in: cannot be read: Input/output error"):
            next(came)


@pytest.mark.slow
def test_a_program_that_writes_a_line_and_waits(saved, translator):
    with start("translate", "--model", saved) as process:
        try:
            for line in KNOWN, "Help me!", "caf\udce9", "I am hungry.":
                process.stdin.write(line.encode("utf-8", "surrogateescape") + b"\n")
                process.stdin.flush()
                shown = process.stdout.readline().decode("utf-8")
                assert shown == ("\n" if "\udce9" in line else f"{translator.translate(line)}\n")
            assert b"standard input, line 3" in process.stderr.readline()
            process.stdin.close()
            assert process.wait(60) == 3
        finally:
            process.kill()


def test_the_same_seed_draws_the_same_however_lines_come(saved, translator):
    sentences = [KNOWN, "Help me!", "I am hungry.", "Help me!"]
    together = translator.sample(sentences, 2.0, seed=5)
    alone = [translator.sample([s], 2.0, seed=5 + i)[0] for i, s in enumerate(sentences)]
    assert [one.tokens for one in together] == [one.tokens for one in alone]
    assert together[1].tokens != together[3].tokens


# Readers that leave.


@pytest.mark.slow
def test_training_goes_on_when_its_reader_has_left(tmp_path):
    out = tmp_path / "model"
    sizes = "--embed-size", 8, "--num-hiddens", 8, "--epochs", 100_000, "--patience", 100_000
    with start("train", "--data", "tiny", "--out", out, *sizes) as process:
        try:
            process.stdout.readline()
            process.stdout.close()
            deadline = time.monotonic() + 100
            while time.monotonic() < deadline and process.poll() is None:
                rows = (out / "history.csv").read_text() if (out / "history.csv").exists() else ""
                if rows.count("\n") > 5:
                    break
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)  # as after a Ctrl-C that ended tee as well
            errors = process.stderr.read().decode()
            assert process.wait(60) == 130
        finally:
            process.kill()
    assert re.fullmatch(
        r"gluon-seq2seq: training stopped after step \d+ and is saved; go on with: .*\n", errors
    )


@pytest.mark.slow
def test_training_in_a_terminal_that_closes(run_cli, tmp_path):
    """SIGHUP comes, and all three streams lead nowhere any more: saved, 129."""
    out, (terminal, inside) = tmp_path / "model", pty.openpty()

    def lead():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    sizes = "--embed-size", 8, "--num-hiddens", 8, "--epochs", 100_000, "--patience", 100_000
    streams_of_it = dict.fromkeys(("stdin", "stdout", "stderr"), inside)
    process = start(
        "train", "--data", "tiny", "--out", out, *sizes, preexec_fn=lead, **streams_of_it
    )
    os.close(inside)
    try:
        deadline = time.monotonic() + 100
        while not list(out.glob("checkpoint-*")):
            assert time.monotonic() < deadline and process.poll() is None
            os.read(terminal, 4096)
        os.close(terminal)
        assert process.wait(60) == 129
    finally:
        process.kill()
    assert run_cli("translate", "--model", out, KNOWN).code == 0
    state = json.loads((newest(out, "checkpoint") / "state.json").read_text())
    history = json.loads((out / "history.json").read_text())
    assert state["step"] >= history[-1]["step"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("closed", [[2], [0, 1, 2]], ids=str)
def test_training_without_standard_streams(closed, run_process, tmp_path):
    def close():
        for descriptor in closed:
            os.close(descriptor)

    out = tmp_path / "model"
    sizes = "--embed-size", 8, "--num-hiddens", 8, "--epochs", 1
    arguments = ("train", "--data", "tiny", "--out", out, *sizes)
    done = run_process(*arguments, stdin=None, preexec_fn=close)
    assert done.code == 0 and ("dev BLEU" in done.stdout) == (1 not in closed)
    assert gs.load_model(out, "cpu").recipe["name"] == "book"


@pytest.mark.slow
def test_evaluation_goes_on_when_its_reader_has_left(saved, tmp_path):
    with start("evaluate", "--model", saved, "--json", tmp_path / "scores.json") as process:
        try:
            process.stdout.close()
            assert (process.stderr.read(), process.wait(60)) == (b"", 0)
        finally:
            process.kill()
    assert json.loads((tmp_path / "scores.json").read_text())["sources"] == 6


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full disk to try")
@pytest.mark.parametrize("command", [["--help"], ["translate", KNOWN]], ids=lambda words: words[0])
def test_standard_output_on_a_full_disk(command, saved, run_process):
    more = ("--model", saved) if command[0] == "translate" else ()
    with open("/dev/full", "wb") as full:
        done = run_process(*command, *more, stdout=full)
    assert "No space left on device" in complaint(done, 5)


@pytest.mark.parametrize("stdout", [None, "broken"])
def test_training_from_python_goes_on(stdout, tiny, small_model, monkeypatch):
    class Broken:
        def write(self, _):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", stdout and Broken())
    monkeypatch.setattr(sys, "stderr", None)
    assert len(gs.train(small_model(), tiny, epochs=2)) == 2


# What has no end.


@pytest.mark.parametrize("language", ["en", "fr"])
def test_long_text_is_refused_before_it_is_normalised(language, translator, monkeypatch):
    tokenizer = gs.Tokenizer(language)
    assert tokenizer.tokenize("a" * MAX_CHARACTERS) == ["a" * MAX_CHARACTERS]
    monkeypatch.setattr("gluon_seq2seq.text.tokenizer.unicodedata", None)  # would be called
    long = "e" + "\u0301\u0316" * (MAX_CHARACTERS // 2)
    for read in tokenizer.normalize, tokenizer.tokenize, translator.model.src_vocab.encode:
        with pytest.raises(gs.DataError, match=r"^more than 10,000 characters are no sentence"):
            read(long)
    for read in translator.hidden_states, lambda text: translator.force([text], ["Oui."]):
        with pytest.raises(gs.DataError, match="more than 10,000 characters"):
            read(long)
    with pytest.raises(gs.DataError, match=r"^sentence 1: more than 10,000 characters"):
        translator.translate([long])


def test_the_widest_beam(translator, run_cli, saved):
    assert gs.Translator(translator.model, beam_size=1000).settings.beam_size == 1000
    with pytest.raises(gs.UsageError, match="beam_size is 1001: use a whole number of 1 to 1000"):
        gs.Translator(translator.model, beam_size=1001)
    for command in ["translate", KNOWN], ["evaluate"], ["plot", "beam", KNOWN]:
        done = run_cli(*command, "--model", saved, "--beam-size", 100_000)
        assert "100000 is not in the range 1<=x<=1000" in complaint(done, 2)


def test_a_beam_that_does_not_fit(translator, run_cli, saved, monkeypatch):
    """Of 3 sentences, 4 hypotheses each: log P of all words, float32, in MXNet and in NumPy."""
    needed = 2 * 4 * 3 * 4 * len(translator.model.tgt_vocab)
    monkeypatch.setattr(step, "LITTLE", needed - 1)
    wide = gs.Translator(translator.model, beam_size=4)
    monkeypatch.setattr(limits, "memory", lambda: needed)
    assert len(wide.translate([KNOWN] * 3)) == 3
    monkeypatch.setattr(limits, "memory", lambda: needed - 1)
    with pytest.raises(gs.SystemProblem, match=r"translating 3 sentences .* smaller batch_size"):
        wide.translate([KNOWN] * 3)
    done = run_cli("translate", "--model", saved, "--beam-size", 4, KNOWN, KNOWN, KNOWN)
    assert "use a smaller --batch-size or --beam-size" in complaint(done, 5)
    monkeypatch.setattr(step, "LITTLE", needed)  # so little is not asked for
    assert len(wide.translate([KNOWN] * 3)) == 3
