"""Cases 18 to 32: training."""

import itertools
import json
import random
import re
import resource
import shutil
import signal
import time

import numpy as np
import pytest
from conftest import signaller
from helpers import digest, file_size_limit, newest, restamp, run_process, start

from faults.faultbench import KILLS, Bench
from gluon_seq2seq.training import train_step

# The command line, which kills itself at a step, or at a write that reaches the disk.
KILLED = """
import os, signal, sys
from gluon_seq2seq.training import checkpoint
from gluon_seq2seq.training.train_step import Step
what, at = os.environ["KILL_AT"].split(":")
owner, name = {"step": (Step, "__call__"), "flush": (checkpoint, "_flush")}[what]
original, count = getattr(owner, name), [0]
def counting(*arguments):
    count[0] += 1
    if count[0] == int(at):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments)
setattr(owner, name, counting)
from gluon_seq2seq.cli import main
main()
"""
LONG = ("--epochs", 5, "--drop-prob", 0.5, "--teacher-forcing", 0.7, "--seed", 3)
WAIT = 60
PARTS = "state", "config"


def until(process, happened):
    """Wait until ``happened()``, at most a minute."""
    end = time.monotonic() + WAIT
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_18_kill_9(bench, environment, note):
    """kill -9 at random steps and inside saves, resumed -> the same bits as without"""
    draw, kills, runs = random.Random(240), 0, 0  # kills in steps and in saves, the first one too
    bench.works(*bench.train("tiny", "whole", *LONG))
    expected = digest(bench / "whole")
    while kills < KILLS:
        out, runs = bench / f"out-{runs}", runs + 1
        kills += killed_and_resumed(bench, out, draw, environment)
        assert digest(out) == expected
        drafts = [path for path in out.iterdir() if path.name.endswith(".draft")]
        assert not drafts, "a draft was left"
    note(f"{kills} kills in {runs} runs; parameters {digest(out)}")
    note(f"never killed: parameters {expected}")


def killed_and_resumed(bench, out, draw, environment):
    """Train to the end in spite of kills; how many there were."""
    resume, kills = ("train", "--resume", "--out", out), 0
    arguments = bench.train("tiny", out.name, *LONG)
    while True:
        what, most = draw.choice([("step", 12), ("flush", 40)])
        kill_at = environment(KILL_AT=f"{what}:{draw.randint(1, most)}")
        process = start(*arguments, program=KILLED, cwd=bench.folder, env=kill_at)
        _, error = process.communicate(timeout=WAIT)
        if process.returncode == 0:
            return kills
        assert process.returncode == -signal.SIGKILL, error
        kills += 1
        if list(out.glob("checkpoint-*")):
            arguments = resume
        elif list(out.glob("model-*")):
            arguments = (*bench.train("tiny", out.name, *LONG), "--overwrite")


def begun(bench, *more):
    """A training process that has done an epoch."""
    process = bench.start(*bench.train("tiny", "out", "--epochs", 10_000, *more))
    until(process, lambda: list((bench / "out").glob("checkpoint-*")))
    return process


@pytest.mark.slow
@pytest.mark.parametrize(
    "number, code",
    [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)],
    ids=["term", "int", "hup"],
)
def test_19_sigterm(bench, number, code):
    """SIGTERM -> 143 (Ctrl-C: 130, a lost connection: 129): the step is finished and saved, how to
    go on is said"""
    process = begun(bench)
    process.send_signal(number)
    _, error = process.communicate(timeout=WAIT)
    assert process.returncode == code, error
    assert re.fullmatch(
        rb"gluon-seq2seq: training stopped after step \d+ and is saved; .*\n", error
    )
    stopped = int(re.search(rb"step (\d+)", error)[1])
    state = json.loads((newest(bench / "out", "checkpoint") / "state.json").read_text())
    assert state["step"] == stopped
    bench.works("translate", "--model", bench / "out", "Hello.")


@pytest.mark.slow
def test_20_ctrl_c_twice(bench):
    """Ctrl-C twice -> 130 at once, what was saved is whole"""
    process = begun(bench)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.001)
    _, error = process.communicate(timeout=WAIT)
    assert process.returncode == 130, error
    assert b"Traceback" not in error
    bench.works("translate", "--model", bench / "out", "Hello.")


@pytest.mark.parametrize("limit", [3_000, 8_000])
def test_21_disk_full_during_save(bench, model, limit):
    """the disk is full while a model is saved -> 5, the model before it as it was"""
    arguments = bench.train("tiny", "model", "--overwrite", "--epochs", 2)
    with file_size_limit(limit):
        bench.fails(5, ["cannot save", str(model)], *arguments)
    bench.works("translate", "--model", model, "Hello.")


def test_22_unwritable_output(bench):
    """an output that cannot be written -> 5 before any training"""
    bench.write("file", "")
    done = bench.fails(5, ["file"], *bench.train("tiny", "file/out"))
    assert "epoch" not in done.stdout
    bench.fails(5, ["/proc"], *bench.train("tiny", "/proc/out"))


@pytest.fixture
def diverges(bench):
    def run(says):
        done = bench.run(*bench.train("tiny", "out", "--epochs", 20))
        assert done.code == 6, done
        assert re.fullmatch(rf"gluon-seq2seq: [^\n]*{says}[^\n]*step 12[^\n]*\n", done.stderr), done
        bench.works("translate", "--model", bench / "out", "Hello.")

    return run


def test_23_nan_loss(diverges, monkeypatch):
    """the loss is NaN -> 6, the step named, the best model as it was"""
    original, count = train_step.loss_and_gradient, itertools.count(1)

    def diverging(*arguments):
        total, gradient = original(*arguments)
        return (total * float("nan") if next(count) == 12 else total), gradient

    monkeypatch.setattr(train_step, "loss_and_gradient", diverging)
    diverges("the loss is nan")


def test_24_infinite_gradients(diverges, monkeypatch):
    """the gradient is infinite -> 6, the step named, the weights untouched by it"""
    original, count = train_step.Step._norm, itertools.count(1)
    monkeypatch.setattr(
        train_step.Step, "_norm", lambda self: original(self) * (np.inf if next(count) == 12 else 1)
    )
    diverges("norm of the gradient is inf")


@pytest.mark.slow
def test_25_memory_limit(bench):
    """more memory than there is -> 5 before training, in MB, with what to make smaller"""

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))

    arguments = (*bench.train("tiny", "out"), "--num-hiddens", 5000, "--embed-size", 5000)
    says = "MB of memory", "smaller --batch-size"
    bench.fails(5, says, *arguments, by=run_process, preexec_fn=limited)


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory):
    """A folder with data and a run on them that was stopped. Not to be changed."""
    bench = Bench(tmp_path_factory.mktemp("stopped"))
    bench.write("in.tsv", "".join(f"I see {i} cats.\tJe vois {i} chats.\n" for i in range(60)))
    with pytest.MonkeyPatch.context() as patch:
        signaller(patch)(10)
        assert bench.run(*bench.train("in.tsv", "out", "--epochs", 10_000)).code == 143
    return bench.folder


@pytest.fixture
def stopped(bench, stopped_once):
    """The directory of that run in a copy of the folder."""
    shutil.copytree(stopped_once, bench.folder, dirs_exist_ok=True)
    return bench / "out"


def test_26_resume_with_changed_settings(bench, stopped):
    """--resume with other settings -> 2, each with its old and new value"""
    says = "--batch-size is 4, was 16", "--seed is 9, was 0", "--num-hiddens is 16, was 8"
    options = "--batch-size", 4, "--seed", 9, "--num-hiddens", 16, "--drop-prob", 0.2
    bench.fails(2, says, "train", "--resume", "--out", stopped, *options)


def test_27_resume_with_changed_data(bench, stopped):
    """--resume after the data were changed, or with another --data -> 3"""
    resume = "train", "--resume", "--out", stopped
    bench.fails(3, ["other sentences"], *resume, "--data", "tiny")
    bench.fails(3, ["in.fr"], *resume, "--target", "in.fr")
    path = bench / "in.tsv"
    path.write_text(path.read_text("utf-8").replace("7 cats", "8 cats"), "utf-8")
    bench.fails(3, ["other sentences"], "train", "--resume", "--out", stopped)


def test_70_a_run_that_moves(bench, stopped):
    """run and data moved together -> goes on; the data alone -> 3, and with --data it goes on"""
    shutil.copytree(bench.folder, moved := bench.folder.parent / "moved")
    bench.write("in.tsv", "")
    resume = "train", "--resume", "--out", moved / "out", "--epochs"
    bench.works(*resume, 2)
    (moved / "in.tsv").rename(bench / "elsewhere.tsv")
    says = "in.tsv: no such file; give --data, where its sentences are now"
    bench.fails(3, [says], *resume, 3)
    bench.works(*resume, 3, "--data", bench / "elsewhere.tsv")
    bench.works(*resume, 4)  # it knows the new place
    bench.works("evaluate", "--model", moved / "out", "--data", bench / "elsewhere.tsv")
    for path in (moved / "out").rglob("*.json"):
        assert str(bench.folder.parent.parent) not in path.read_text("utf-8"), path


@pytest.mark.slow
def test_28_two_trainers(bench):
    """a second trainer in one directory -> 2, the process named; the first goes on"""
    process = begun(bench)
    for more in ("--overwrite",), ("--resume",):
        arguments = bench.train("tiny", "out", *more)
        if more == ("--resume",):
            arguments = "train", "--resume", "--out", bench / "out"
        done = bench.run(*arguments)
        assert (done.code, done.stderr.count("\n")) == (2, 1), done
        assert f"process {process.pid} trains there" in done.stderr
    assert process.poll() is None
    process.kill()
    process.communicate()
    shutil.rmtree(bench / "out")


@pytest.mark.slow
def test_29_same_seed(bench, environment, note):
    """the same seed in two processes -> the same bits; with two threads -> printed"""
    two_threads = {"by": run_process, "env": environment(OMP_NUM_THREADS="2")}
    for name, how in ("one", {}), ("again", {"by": run_process}), ("two", two_threads):
        bench.works(*bench.train("tiny", name, "--epochs", 2, "--drop-prob", 0.5), **how)
    one, again, two = (digest(bench / name) for name in ("one", "again", "two"))
    for text, hash_ in ("one process", one), ("another", again), ("two threads", two):
        note(f"{text}: parameters {hash_}")
    assert one == again


def test_30_an_existing_model(bench, model):
    """a model is there, neither --resume nor --overwrite -> 2"""
    says = str(model), "holds a model already", "--overwrite"
    bench.fails(2, says, *bench.train("tiny", "model"))


@pytest.mark.parametrize(
    "options",
    [
        ("--epochs", 0),
        ("--minutes", -1),
        ("--learning-rate", "nan"),
        ("--drop-prob", 1),
        ("--label-smoothing", 1),
        ("--seed", -1),
        ("--num-hiddens", "many"),
        ("--model", "transformer"),
        ("--direction", "en-de"),
    ],
)
def test_31_options_out_of_range(bench, options):
    """an option out of range -> 2, the option named"""
    says = [str(options[-1])]
    bench.fails(2, says, *bench.train("tiny", "out"), *options)


def test_32_gpu_on_a_cpu_build(bench):
    """--device gpu where MXNet has none -> 5, with what can be done"""
    from gluon_seq2seq import devices

    if devices.built_for():
        pytest.skip("this MXNet is built for GPUs")
    says = "gpu", "--device cpu"
    bench.fails(5, says, *bench.train("tiny", "out"), "--device", "gpu")


def test_71_a_checkpoint_with_a_whole_path(bench, stopped):
    """a checkpoint of an earlier version, whose model has the path of its data -> goes on"""
    folder = newest(stopped, "checkpoint")
    state, config = (json.loads((folder / f"{name}.json").read_text()) for name in PARTS)
    assert state.pop("places") == {"data": "./../in.tsv", "target": None}
    config["origin"]["data"] = str(bench / "in.tsv")
    for name, value in zip(PARTS, (state, config)):
        (folder / f"{name}.json").write_text(json.dumps(value), "utf-8")
        restamp(folder / f"{name}.json")
    bench.works("train", "--resume", "--out", stopped, "--epochs", 2)
    state["places"] = {"data": 3}
    for path in stopped.glob("checkpoint-*/state.json"):
        path.write_text(json.dumps(state), "utf-8")
        restamp(path)
    bench.fails(4, ["places are damaged"], "train", "--resume", "--out", stopped)
