"""Several devices, or workers, take the steps that one of them takes with the whole batch."""

import contextlib
import json
import os
import signal
import sys
import time

import mxnet as mx
import numpy as np
import pytest
from helpers import complaint, digest, start, weights

from gluon_seq2seq import UsageError, devices, runtime, train
from gluon_seq2seq.cli.launch import run
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.errors import Diverged, SystemProblem
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.training.distributed import Workers, default_kvstore
from gluon_seq2seq.training.train_step import Step

TWO = [mx.cpu(0), mx.cpu(1)]
EPOCHS = 16  # three times it is ended long before
SMALL = ["--model", "luong2015", "--embed-size", "8", "--num-hiddens", "8"]
SMALL += ["--drop-prob", "0", "--seed", "3", "--average", "0.9"]
ENDLESS = ["--epochs", "9999", "--patience", "9999"]


def weights_in_order(model):
    return [p.list_data()[0] for p in model.collect_params().values()]


def assert_close(one, other, tolerance=2e-5):
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], atol=tolerance, err_msg=name)


def on_two_devices(model):
    model.collect_params().reset_ctx(TWO)
    return model


def batches_of(corpus, batch_size, **settings):
    vocabs = corpus.src_vocab, corpus.tgt_vocab
    return Minibatches(pairs_of(corpus.train), *vocabs, batch_size, **settings)


# Several devices of one worker


@pytest.mark.parametrize("kvstore", ["local", "device"])
@pytest.mark.parametrize("name", ["book", "bahdanau2015", "luong2015"])
def test_two_devices_step_like_one(tiny, name, kvstore):
    one, two = (
        MODELS[name](tiny.src_vocab, tiny.tgt_vocab, 8, 8, drop_prob=0, device="cpu")
        for _ in range(2)
    )
    one(*next(iter(batches_of(tiny, 7)))[:3])  # shapes
    for parameter, value in zip(two.collect_params().values(), weights_in_order(one)):
        parameter.set_data(value)
    on_two_devices(two)
    steps = Step(one), Step(two, workers=Workers(kvstore))
    for batch in batches_of(tiny, 7):  # 4 sentences on the first device, 3 on the second
        (total, tokens), (total_of_two, tokens_of_two) = (step(batch, 1e-2) for step in steps)
        assert total_of_two == pytest.approx(total, rel=1e-5)
        assert tokens_of_two == tokens
    assert_close(weights(one), weights(two))
    assert_close(weights(two), weights(two, 1), 0)


def test_training_on_two_devices_is_that_on_one(tiny, small_model, tmp_path):
    settings = {"epochs": 2, "batch_size": 8, "quiet": True}
    history = train(small_model(), tiny, **settings)
    two = on_two_devices(small_model())
    history_of_two = train(two, tiny, **settings, out=tmp_path)
    for row, other in zip(history, history_of_two):
        assert other["train_loss"] == pytest.approx(row["train_loss"], rel=1e-4)
        assert other["dev_loss"] == pytest.approx(row["dev_loss"], rel=1e-4)


@pytest.mark.parametrize("words", [0, 20])
def test_two_devices_resume_with_the_same_bits(tiny, small_model, tmp_path, signal_at, words):
    settings = {"epochs": 2, "batch_size": 8, "average": 0.6, "sampled_words": words, "quiet": True}
    whole = on_two_devices(small_model(drop_prob=0.5))
    train(whole, tiny, **settings)
    signal_at(10)
    with pytest.raises(KeyboardInterrupt):
        train(on_two_devices(small_model(drop_prob=0.5)), tiny, **settings, out=tmp_path)
    model = on_two_devices(small_model(drop_prob=0.5))
    train(model, tiny, **settings, out=tmp_path, resume=True)
    for device in 0, 1:
        assert_close(weights(whole), weights(model, device), 0)


def test_devices_by_name():
    assert devices.devices("cpu") == [mx.cpu()]
    with pytest.raises(UsageError, match="names one of them twice"):
        devices.devices("cpu,cpu")
    with pytest.raises(UsageError, match="unknown device 'tpu'"):
        devices.devices("cpu,tpu")


# Shares of batches


@pytest.mark.parametrize("workers", [2, 3])
def test_shares_make_up_the_batches_of_one(tiny, workers):
    def rows(batches):
        runtime.seed(0)
        return [
            [
                (x[:m].tobytes(), y[:n].tobytes())
                for x, m, _, y, n in zip(*(array.asnumpy() for array in batch))
            ]
            for batch in batches
        ]

    whole = rows(batches_of(tiny, 4 * workers, shuffle=True))
    settings = {"workers": workers, "least": workers, "shuffle": True}
    shares = [rows(batches_of(tiny, 4, rank=rank, **settings)) for rank in range(workers)]
    full = [batch for batch in whole if len(batch) >= workers]
    assert len(full) == len(shares[0]) == len(batches_of(tiny, 4, **settings))
    for batch, *parts in zip(full, *shares):
        assert sorted(batch) == sorted(row for part in parts for row in part)


def test_too_small_a_last_batch_is_left_out(tiny):
    pairs = len(tiny.train)
    size = next(size for size in range(2, pairs) if pairs % size == 1)
    assert len(batches_of(tiny, size)) == len(batches_of(tiny, size, least=2)) + 1
    sizes = [len(batch.X) for batch in batches_of(tiny, size, least=2)]
    assert len(sizes) == len(batches_of(tiny, size, least=2))
    assert set(sizes) == {size}


# Several workers


def test_alone_nothing_is_exchanged():
    workers = Workers()
    assert (workers.rank, workers.count) == (0, 1)
    assert workers.sum(1, 2.5) == (1, 2.5)


def test_the_kvstore_has_to_be_known(monkeypatch):
    with pytest.raises(UsageError, match="unknown kvstore 'dist_async': use local, device, dist"):
        Workers("dist_async")
    with pytest.raises(UsageError, match=r"needs DMLC_ROLE, .*gluon-seq2seq launch, or set them"):
        Workers("dist_sync")
    assert default_kvstore() == "device"
    monkeypatch.setenv("DMLC_ROLE", "worker")
    assert default_kvstore() == "dist_sync"


SUMS = """
import threading
from gluon_seq2seq.training.distributed import Workers
import mxnet as mx
from mxnet import gluon, nd
with Workers("dist_sync", 60) as workers:
    rank = workers.rank
    assert workers.count == 3, workers.count
    wait = threading.Event().wait
    threading.Thread(target=lambda _: wait(), args=(workers,), daemon=True).start()  # to the end
    assert workers.sum(rank, 1, 2.5) == (3, 3, 7.5)
    layers = [gluon.nn.Dense(n, in_units=2) for n in (3, 1, 700_000)]  # the last one is cut up
    parameters = []
    for layer in layers:
        layer.initialize(mx.init.Constant(rank + 5.0))
        parameters += layer.collect_params().values()
    workers.broadcast(parameters)
    assert all((p.data() == parameters[0].data()[0, 0]).min() for p in parameters[::2])
    first = workers.sum(parameters[0].data()[0, 0].asscalar() if rank == 0 else 0)
    assert first == (5.0,), first
    for again in range(3):
        gradients = [[nd.full(p.shape, (rank + 1) * 10.0**i)] for i, p in enumerate(parameters)]
        assert workers.add(gradients, 1, rank) == (3, 3)
        for i, (gradient,) in enumerate(gradients):
            assert (gradient == 6 * 10.0**i).min() == 1, (i, gradient)
"""


@pytest.mark.slow
def test_sums_over_three_workers_and_two_servers():
    assert run([sys.executable, "-c", SUMS], 3, 2) == 0


def finish(process, seconds=120):
    out, err = (text.decode("utf-8") for text in process.communicate(timeout=seconds))
    return process.returncode, out, [line for line in err.splitlines() if "gluon-seq2seq:" in line]


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    """A run of two workers, each with batches of 8: its directory and what it was started with."""
    out = tmp_path_factory.mktemp("workers") / "two"
    command = ["train", "--data", "tiny", "--batch-size", "8", *SMALL]
    command += ["--epochs", EPOCHS, "--patience", EPOCHS]
    code, shown, complaints = finish(start("launch", *command, "--out", out))
    assert (code, complaints) == (0, [])
    assert shown.count("pairs read") == 1  # one of them speaks
    return out, command


@pytest.mark.slow
def test_two_workers_learn_like_one_with_twice_the_batch(two_workers, run_cli, tmp_path):
    out, command = two_workers
    command = [*command, "--out", tmp_path]
    command[command.index("--batch-size") + 1] = "16"
    assert run_cli(*command).code == 0
    histories = [json.loads((folder / "history.json").read_text()) for folder in (out, tmp_path)]
    assert len(histories[0]) == len(histories[1]) == EPOCHS
    for two, one in zip(*histories):
        assert two["step"] == one["step"]
        for name in "train_loss", "dev_loss":
            assert two[name] == pytest.approx(one[name], rel=2e-4)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children_of(process, role=""):
    """Process ids of the workers, servers and scheduler that a launch has started."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/environ") as environ:
                parent = int(stat.read().rpartition(")")[2].split()[1])
                if parent == process.pid and f"DMLC_ROLE={role}" in environ.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="finds workers in /proc")


@needs_proc
@pytest.mark.slow
def test_after_a_worker_or_the_launch_has_ended_the_run_goes_on(two_workers, run_cli, tmp_path):
    """One run, ended three times and gone on with three times."""
    whole, command = two_workers
    command = ["launch", *command, "--out", tmp_path]
    for number in signal.SIGKILL, signal.SIGTERM, signal.SIGHUP:
        before = set(tmp_path.glob("checkpoint-*"))
        process = start(*command)
        wait_for(lambda before=before: set(tmp_path.glob("checkpoint-*")) - before)
        victims = children_of(process, "worker")
        assert len(victims) == 2
        os.kill(victims[0] if number == signal.SIGKILL else process.pid, number)
        code, _, complaints = finish(process)
        assert len(complaints) == 1
        if number == signal.SIGKILL:
            assert code == SystemProblem.exit_code
            assert (
                "ended by SIGKILL, and all others with it; go on with the same command and --resume"
                in complaints[0]
            )
        else:
            assert code == 128 + number
            assert "go on with: gluon-seq2seq launch -n 2 train --resume --out" in complaints[0]
        assert not any(os.path.exists(f"/proc/{pid}") for pid in victims)
        alone = run_cli("train", "--resume", "--out", tmp_path)
        assert "workers is 1, was 2" in complaint(alone, 2)
        command = ["launch", "train", "--resume", "--out", tmp_path]
    assert finish(start(*command))[0] == 0
    assert digest(tmp_path) == digest(whole)


def runs(pid):
    """Whether a process is there, and is not one that ended and that process 1 has yet to take in,
    which in a container it may never do."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_first_seconds(tmp_path, number):
    process = start("launch", "train", "--data", "tiny", *SMALL, "--out", tmp_path / "out")
    wait_for(lambda: len(children_of(process, "worker")) == 2)
    children = children_of(process)
    process.send_signal(number)
    code, _, complaints = finish(process)
    says = f"stopped by {number.name} before there was anything new to save; what was saved before"
    assert (code, len(complaints)) == (128 + number, 1)
    assert says in complaints[0]
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)


@pytest.mark.slow
def test_a_worker_does_not_wait_for_ever(run_process, tmp_path):
    names = ["ROLE", "PS_ROOT_URI", "PS_ROOT_PORT", "NUM_WORKER", "NUM_SERVER"]
    values = ["worker", "127.0.0.1", "9", "2", "1"]  # nobody listens there
    environment = {**os.environ, **{f"DMLC_{k}": v for k, v in zip(names, values)}}
    arguments = ["train", "--data", "tiny", "--out", tmp_path, "--timeout", "1"]
    done = run_process(*arguments, env=environment)
    assert done.code == SystemProblem.exit_code
    assert "no answer from the other workers for 1 s" in done.stderr


def test_launch_starts_nothing_but_train(run_cli):
    done = run_cli("launch", "-n", "2", "translate", "--model", "mini-book")
    assert done.code == UsageError.exit_code
    assert "launch starts \"train\", not 'translate'" in done.stderr


def test_a_wrong_option_is_told_once(run_cli):
    done = run_cli("launch", "train", "--data", "tiny", "--no-such-option")
    assert done.code == UsageError.exit_code
    assert done.stderr.count("--no-such-option") == len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("rank, expected", [(0, Diverged), (1, SystemExit)])
def test_what_all_workers_meet_the_first_one_says(rank, expected):
    workers = Workers()
    workers.rank = rank
    with pytest.raises(expected) as caught, workers:
        raise Diverged("the loss is nan")
    assert rank == 0 or caught.value.code == Diverged.exit_code


@pytest.mark.slow
def test_what_is_wrong_ends_all(run_cli, tmp_path):
    done = run_cli("launch", "train", "--data", tmp_path / "none.tsv", "--out", tmp_path / "out")
    assert done.code == 3
    assert "none.tsv" in done.stderr


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """A launch whose workers have done an epoch, and go on until one of the tests ends it."""
    out = tmp_path_factory.mktemp("endless")
    process = start("launch", "train", "--data", "tiny", *SMALL, *ENDLESS, "--out", out)
    wait_for(lambda: list(out.glob("checkpoint-*")))
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        assert finish(process)[0] == 143


@needs_proc
@pytest.mark.slow
def test_all_listen_on_this_machine_alone(endless):
    """The parameter server knows no password: its ports are for nobody else."""
    addresses = [address for pid in children_of(endless) for address in listening(pid)]
    assert len(addresses) >= 4
    assert set(addresses) == {"127.0.0.1"}


def listening(pid):
    """The addresses on which a process listens, from /proc."""
    links = (os.path.join(f"/proc/{pid}/fd", name) for name in os.listdir(f"/proc/{pid}/fd"))
    sockets = {os.readlink(link) for link in links if os.path.islink(link)}
    for name in "tcp", "tcp6":
        with open(f"/proc/{pid}/net/{name}") as table:
            for words in (line.split() for line in list(table)[1:]):
                if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                    address = bytes.fromhex(words[1].partition(":")[0])
                    yield ".".join(map(str, reversed(address)))


@needs_proc
@pytest.mark.slow
def test_nothing_outlives_a_launch_that_is_killed(endless):
    children = children_of(endless)
    assert len(children) == 4
    endless.kill()
    try:
        wait_for(lambda: not any(map(runs, children)), 20)
    finally:
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    endless.communicate()
