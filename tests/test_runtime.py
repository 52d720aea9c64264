"""Threads, devices, and what an import costs."""

import os
import subprocess
import sys
import warnings

import mxnet as mx
import pytest

import gluon_seq2seq as gs
from gluon_seq2seq import SystemProblem, UsageError, devices, gpu, runtime

THREADS = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


def python(code, **settings):
    """What a fresh interpreter prints; thread settings are those given, no others."""
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
        env={**environment, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=True,
    ).stdout


SHOW_THREADS = f"import os, gluon_seq2seq; print(*[os.environ.get(name) for name in {THREADS}])"


def test_threads_are_set():
    assert python(SHOW_THREADS).split() == [str(runtime.cores()), "PASSIVE", runtime.SPINS]


def test_threads_of_the_user_are_kept():
    assert python(SHOW_THREADS, OMP_NUM_THREADS="7").split() == ["7", "PASSIVE", runtime.SPINS]
    shown = python(SHOW_THREADS, OMP_WAIT_POLICY="ACTIVE").split()
    assert shown == [str(runtime.cores()), "ACTIVE", "None"], "it would spin for a moment only"
    assert python(SHOW_THREADS, GOMP_SPINCOUNT="0").split()[2] == "0"


def test_a_list_of_threads_for_levels_of_nesting():
    """MXNet ends the process at any other form than a number, so it has to run, too."""
    run = SHOW_THREADS + "; import mxnet; print(int(mxnet.nd.ones(3).sum().asscalar()))"
    assert python(run, OMP_NUM_THREADS="2 , 4,1").split() == ["2", "PASSIVE", runtime.SPINS, "3"]


@pytest.mark.parametrize("value", ["1", "3", "0", "", None])
def test_threads_for_other_runtimes(value, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS")
    if value is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert runtime.threads() == (int(value) if value in ("1", "3") else runtime.cores())


def test_threads_that_are_no_number():
    shown = python(SHOW_THREADS + "; import mxnet", OMP_NUM_THREADS="many")
    assert shown.split("\n")[-2].split()[0] == str(runtime.cores())
    assert "OMP_NUM_THREADS='many' is no number of threads" in shown and "libgomp" not in shown


@pytest.mark.parametrize(
    "value, read",
    [
        *((value, "2") for value in ("2", "2,1", " 2 , 4,1 ", "+2", "02")),
        *((value, None) for value in ("many", "0", "-1", "2,", "2;1", "9" * 10, "", " ", "0,2")),
    ],
)
def test_threads_as_they_are_read(value, read, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    monkeypatch.delitem(sys.modules, "mxnet")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert runtime.read_threads() == (read is not None)
    assert os.environ["OMP_NUM_THREADS"] == (read or value)
    assert len(caught) == (read is None and bool(value.strip()))


def test_one_thread_where_the_user_has_not_decided():
    one = SHOW_THREADS.replace(";", "; gluon_seq2seq.runtime.use_one_thread();", 1)
    assert python(one).split()[0] == "1"
    assert python(one, OMP_NUM_THREADS="7").split()[0] == "7"
    too_late = one.replace("gluon_seq2seq;", "gluon_seq2seq, mxnet;", 1)
    assert python(too_late).split()[0] == str(runtime.cores())


@pytest.mark.parametrize("settings", [{}, {"OMP_NUM_THREADS": "2"}])
def test_one_warning_when_mxnet_came_first(settings):
    shown = python("import mxnet, gluon_seq2seq, gluon_seq2seq.errors", **settings)
    assert shown.count("import gluon_seq2seq first") == 1
    assert ("OMP_NUM_THREADS=" in shown) == (not settings), "what the user set is not missing"
    assert "OMP_WAIT_POLICY=PASSIVE" in shown


def test_no_warning_when_the_user_has_set_both():
    settings = dict(zip(THREADS, ("2", "ACTIVE")))
    assert "first" not in python("import mxnet, gluon_seq2seq", **settings)


@pytest.fixture
def two_gpus(monkeypatch):
    """MXNet as if built for CUDA, on a machine with two GPUs that it can use."""
    cards = (gpu.Gpu("NVIDIA A100", (8, 0), None),) * 2
    monkeypatch.setattr(devices, "built_for", lambda: (11, 7))
    monkeypatch.setattr(gpu, "look", lambda number=None: gpu.Found((12, 4), cards, None))


def test_device_with_gpus(two_gpus):
    chosen = {name: devices.device(name) for name in ("auto", "cpu", "gpu", "gpu:0", "gpu:1")}
    assert chosen == {
        "auto": mx.gpu(0),
        "cpu": mx.cpu(),
        "gpu": mx.gpu(0),
        "gpu:0": mx.gpu(0),
        "gpu:1": mx.gpu(1),
    }


def test_device_of_an_mxnet_for_cpu(monkeypatch):
    monkeypatch.setattr(devices, "built_for", lambda: None)
    monkeypatch.setattr(gpu, "look", None)  # the driver is not asked
    assert devices.device() == devices.device("auto") == devices.device("cpu") == mx.cpu()


def test_gpu_that_is_not_there(two_gpus):
    with pytest.raises(SystemProblem, match=r"sees 2 GPU.*device='cpu'"):
        devices.device("gpu:2")


def test_gpu_without_a_driver(two_gpus, monkeypatch):
    none = gpu.Found(None, (), "no NVIDIA driver is here")
    monkeypatch.setattr(gpu, "look", lambda number=None: none)
    with pytest.warns(RuntimeWarning, match="^device 'auto' is the CPU: no NVIDIA driver is here$"):
        assert devices.device("auto") == mx.cpu()
    with pytest.raises(SystemProblem, match="but no NVIDIA driver is here: use device='cpu'"):
        devices.device("gpu")


@pytest.mark.skipif(devices.built_for() is not None, reason="this MXNet has CUDA")
def test_gpu_with_a_cpu_build():
    with pytest.raises(SystemProblem, match=r"is built for CPU only.*: use device='cpu'"):
        devices.device("gpu")


@pytest.mark.parametrize(
    "name", ["", "tpu", "GPU", "cpu:1", "auto:0", "cpu:", "gpu:", "gpu:x", "gpu:-1", "gpu:²"]
)
def test_unknown_device(name, two_gpus):
    with pytest.raises(UsageError, match=r"unknown device .* use auto, cpu, gpu or gpu:1"):
        devices.device(name)


@pytest.mark.parametrize("value", [0, 7, -1, 2**40])
def test_seed_repeats_all_three_generators(value):
    import random

    import numpy as np

    def draw():
        runtime.seed(value)
        return random.random(), np.random.rand(), mx.nd.random.uniform().asscalar()

    assert draw() == draw()


def test_import_loads_nothing_slow():
    shown = python("import sys, gluon_seq2seq; print(*sys.modules)").split()
    assert {"mxnet", "gluonnlp", "d2l", "numpy", "matplotlib"}.isdisjoint(shown)


@pytest.mark.parametrize(
    "statement",
    ["import gluon_seq2seq.training.loop", "from gluon_seq2seq.training.loop import History"],
)
def test_train_stays_the_function(statement):
    code = f"import gluon_seq2seq as gs; {statement}; from gluon_seq2seq import train"
    assert python(f"{code}; print(train is gs.train, gs.train.__name__)") == "True train\n"


def test_every_public_name_resolves():
    assert "load_corpus" in gs.__all__ and "train" in gs.__all__
    for name in gs.__all__:
        assert getattr(gs, name).__name__ == name
        assert name in dir(gs)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'gluon_seq2seq' has no attribute 'nope'"):
        gs.nope  # noqa: B018


@pytest.mark.parametrize(
    "given, expected",
    [
        (mx.cpu(), [mx.cpu()]),
        (mx.cpu(1), [mx.cpu(1)]),
        (None, [mx.gpu(0)]),
        (mx.gpu(1), [mx.gpu(1)]),
        ([mx.gpu(0), mx.gpu(1)], [mx.gpu(0), mx.gpu(1)]),
        (("gpu:1", mx.cpu()), [mx.gpu(1), mx.cpu()]),
        ("gpu:0,gpu:1", [mx.gpu(0), mx.gpu(1)]),
    ],
)
def test_devices_as_gluon_takes_them(given, expected, two_gpus):
    assert devices.devices(given) == expected


def test_devices_that_are_none(two_gpus):
    for wrong in [], [mx.gpu(0), "gpu:0"], "cpu,", 0, True, [None, 1.5], {"cpu"}, b"cpu":
        with pytest.raises(UsageError, match="device"):
            devices.devices(wrong)
    with pytest.raises(SystemProblem, match=r"'gpu:2' was asked for.*sees 2"):
        devices.devices(mx.gpu(2))


def test_a_model_on_a_context(tiny):
    for device in mx.cpu(), [mx.cpu()], [mx.cpu(0), mx.cpu(1)]:
        model = gs.book(tiny.src_vocab, tiny.tgt_vocab, 4, 4, device=device)
        assert model.devices == (device if isinstance(device, list) else [device])


def test_seeds_of_numpy():
    import numpy as np

    runtime.seed(7)
    expected = np.random.rand()
    runtime.seed(np.int64(7))
    assert np.random.rand() == expected


@pytest.mark.parametrize("wrong", [None, 1.5, "1", True, float("nan"), [1]])
def test_what_is_no_seed(wrong):
    with pytest.raises(UsageError, match=r"seed is .*: use a whole number"):
        runtime.seed(wrong)
