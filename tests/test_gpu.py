"""GPUs that are not here: stand-ins for the driver, and what we say and do of what they say."""

import ctypes
import os
import platform
import subprocess
import sys
import warnings
from importlib import metadata
from pathlib import Path

import helpers
import mxnet as mx
import pytest
from helpers import complaint

from gluon_seq2seq import SystemProblem, cli, compat, devices, gpu

HERE = Path(__file__).parent
CUDA = (11, 7)  # of the wheel mxnet-cu117
linux_x86 = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="wheels for GPUs: Linux, x86-64",
)
for_cpu = pytest.mark.skipif(devices.built_for() is not None, reason="this MXNet has CUDA")
CARDS = {
    (3, 7): "Tesla K80",
    (5, 0): "GeForce GTX 750",
    (6, 1): "GeForce GTX 1080",
    (7, 0): "Tesla V100",
    (7, 5): "Tesla T4",
    (8, 0): "NVIDIA A100",
    (8, 6): "NVIDIA GeForce RTX 3060",
    (8, 9): "NVIDIA GeForce RTX 4090",
    (9, 0): "NVIDIA H200",
    (10, 0): "NVIDIA B200",
    (12, 0): "NVIDIA GeForce RTX 5090",
}
FITTING = [(5, 0), (6, 1), (7, 0), (7, 5), (8, 0), (8, 6), (8, 9)]
UNFIT = [(3, 7), (9, 0), (10, 0), (12, 0)]


# --- stand-ins --------------------------------------------------------------------------------


TEXTS = {2: b"out of memory", 100: b"no CUDA-capable device is detected"}


class Driver:
    """libcuda as ctypes would load it, in Python: ``gpus`` as ``{capability: name}``; ``errors``
    that its functions return, by name."""

    def __init__(self, gpus, version=12040, **errors):
        self.gpus, self.version, self.errors, self.called = list(gpus.items()), version, errors, []

    def __getattr__(self, name):
        answers = {
            "cuInit": lambda flags: None,
            "cuDriverGetVersion": lambda value: self.set(value, self.version),
            "cuDeviceGetCount": lambda value: self.set(value, len(self.gpus)),
            "cuDeviceGet": lambda value, i: self.set(value, i),
            "cuDeviceGetName": lambda text, size, i: self.name(text, size, i),
            "cuDeviceGetAttribute": lambda value, w, i: self.set(value, self.gpus[i][0][w - 75]),
            "cuDevicePrimaryCtxRetain": lambda value, i: self.set(value, 1),
            "cuDevicePrimaryCtxRelease_v2": lambda i: None,
            "cuGetErrorString": lambda code, value: self.set(value, TEXTS.get(code)),
        }

        def function(*arguments):
            self.called.append((name, *arguments))
            answers[name](*arguments)
            return self.errors.get(name, 0)

        return function

    def set(self, reference, value):
        reference._obj.value = value

    def name(self, text, size, i):
        text.value = self.gpus[i][1].encode()[: size - 1]


def compiler():
    """A C compiler's command: the machine's, or that of PyPI's ziglang; None where none is."""
    for command in (["cc"], ["gcc"], ["clang"], [sys.executable, "-m", "ziglang", "cc"]):
        try:
            subprocess.run([*command, "--version"], capture_output=True, check=True, timeout=60)
        except (OSError, subprocess.CalledProcessError):
            continue
        return command
    return None


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """A folder with the stand-in as libcuda.so.1 and libnvrtc.so.11.2."""
    command = compiler()
    if not sys.platform.startswith("linux") or command is None:
        pytest.skip("needs Linux and a C compiler; the stand-in in Python shows most of it")
    folder = tmp_path_factory.mktemp("driver")
    for name in gpu.DRIVER, "libnvrtc.so.11.2":
        how = ["-shared", "-fPIC", f"-Wl,-soname,{name}", "-o", folder / name]
        subprocess.run([*command, HERE / "standin_driver.c", *how], check=True, timeout=300)
    return folder


@pytest.fixture
def machine(libraries, monkeypatch):
    """``machine(capability, …)``: with these GPUs, as the driver, the C one, tells a process that
    asks it; ``settings`` of the stand-in by name."""

    def make(*capabilities, built=None, **settings):
        gpus = ";".join(f"{gpu.dotted(one)} {CARDS[one]}" for one in capabilities)
        settings = {"gpus": gpus, "driver": "12040", **settings}
        for name, value in settings.items():
            monkeypatch.setenv(f"STANDIN_{name.upper()}", value)
        monkeypatch.setenv("LD_LIBRARY_PATH", str(libraries))
        monkeypatch.setattr(devices, "built_for", lambda: built)
        monkeypatch.setattr(gpu, "installed_cuda", lambda: None)
        gpu.look.cache_clear()

    yield make
    gpu.look.cache_clear()


@pytest.fixture
def built_for_gpus(monkeypatch):
    """``built_for_gpus(found)``: MXNet as if from a wheel for GPUs, and what the driver says."""

    def make(found, cuda=CUDA):
        monkeypatch.setattr(devices, "built_for", lambda: cuda)
        monkeypatch.setattr(gpu, "look", lambda number=None: found)

    return make


def found(*capabilities, driver=(12, 4), problem=None):
    gpus = tuple(gpu.Gpu(CARDS[one], one, None) for one in capabilities)
    return gpu.Found(driver, gpus, problem)


# --- what the driver says ---------------------------------------------------------------------


def test_reading_the_driver():
    cuda = Driver(CARDS)
    gpus = [[name, list(capability), None] for capability, name in CARDS.items()]
    assert gpu.read(cuda) == [[12, 4], gpus, None]
    assert "cuDevicePrimaryCtxRetain" not in [name for name, *_ in cuda.called], "none is opened"
    assert gpu.read(Driver({}, 11080)) == [
        [11, 8],
        [],
        "the NVIDIA driver sees no GPU; CUDA_VISIBLE_DEVICES?",
    ]


@pytest.mark.parametrize("capability", CARDS)
def test_only_what_fits_is_opened(capability):
    cuda = Driver({(7, 5): "Tesla T4", capability: CARDS[capability]})
    gpu.read(cuda, len(cuda.gpus) - 1)
    opened = [words[0] for words in cuda.called if "PrimaryCtx" in words[0]]
    both = ["cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2"]
    assert opened == (both if capability in FITTING else [])


def test_errors_of_the_driver():
    assert gpu.read(Driver({}, cuInit=100)) == [
        [12, 4],
        [],
        "the NVIDIA driver says: no CUDA-capable device is detected (error 100); "
        "CUDA_VISIBLE_DEVICES may hide it",
    ]
    assert "unknown error (error 999)" in gpu.read(Driver({}, cuInit=999))[2]
    full = Driver({(8, 6): "A", (8, 9): "B"}, cuDevicePrimaryCtxRetain=2)
    _, gpus, problem = gpu.read(full, 1)
    assert problem is None and gpus[0][2] is None
    assert gpus[1][2].startswith("cannot be opened: out of memory (error 2); its memory is full")


def test_the_driver_is_asked_by_another_process(machine, libraries):
    machine((8, 6), (9, 0))
    card, other = (gpu.Gpu(CARDS[one], one, None) for one in ((8, 6), (9, 0)))
    assert gpu.look() == gpu.look(0) == ((12, 4), (card, other), None)
    assert str(libraries) not in Path("/proc/self/maps").read_text()


def test_a_driver_that_cannot_be_asked(monkeypatch):
    """No process can be started: of what this machine may do, or no Python is known."""
    monkeypatch.setattr(sys, "executable", "/no/python")
    gpu.look.cache_clear()
    assert gpu.look() == gpu.look(0)
    assert gpu.look().problem.startswith("the NVIDIA driver cannot be asked (No such file or dir")
    gpu.look.cache_clear()


@pytest.mark.parametrize(
    "how, says",
    [
        ("2", "cannot be opened: out of memory (error 2); its memory is full"),
        ("46", "busy or unavailable (error 46); another process has it"),
        ("999", "unknown error (error 999); does nvidia-smi work?"),
        ("abort", "ends the program that asks it (code -6)"),
        ("wait", "does not answer for 1 s"),
    ],
)
def test_a_device_that_cannot_be_opened(how, says, machine, monkeypatch, recwarn):
    monkeypatch.setattr(gpu, "PATIENCE", 1)
    machine((9, 0), (8, 6), built=CUDA, open=how)
    with pytest.raises(SystemProblem) as refused:
        devices.device("gpu:1")
    assert f"{CARDS[8, 6]} " in str(refused.value) and says in str(refused.value)
    assert str(refused.value).count("\n") == 0
    with pytest.warns(RuntimeWarning, match="device 'auto' is the CPU: NVIDIA H200"):
        assert devices.device("auto") == mx.cpu()


# --- which device it is -----------------------------------------------------------------------


@pytest.mark.parametrize("capability", FITTING)
def test_gpus_that_mxnet_has_code_for(capability, built_for_gpus):
    built_for_gpus(found(capability))
    assert devices.device("auto") == devices.device("gpu:0") == mx.gpu(0)
    built_for_gpus(found(capability), cuda=(10, 2))
    if capability <= (7, 5):
        assert devices.device("gpu") == mx.gpu(0)
    else:
        with pytest.raises(
            SystemProblem, match=r"needs a later wheel, which .*wheels --gpu brings"
        ):
            devices.device("gpu")


@pytest.mark.parametrize("capability", UNFIT)
def test_gpus_that_mxnet_has_no_code_for(capability, built_for_gpus):
    built_for_gpus(found(capability))
    age = "newer" if capability > (8, 9) else "older"
    says = (
        rf"{CARDS[capability]} \(compute capability {gpu.dotted(capability)}\) is {age} than any "
        r"that MXNet has code for, 5.0 to 8.9; no driver changes that"
    )
    with pytest.raises(SystemProblem, match=f"'gpu:0' was asked for, but {says}: use device='cpu'"):
        devices.device("gpu:0")
    with pytest.warns(RuntimeWarning, match=f"^device 'auto' is the CPU: {says}$"):
        assert devices.device() == mx.cpu()
    built_for_gpus(found(capability), cuda=gpu.OTHER)  # who built it knows for what
    assert devices.device() == mx.gpu(0)


def test_auto_takes_the_first_that_fits(built_for_gpus):
    built_for_gpus(found((9, 0), (8, 6), (8, 9)))
    assert devices.device("auto") == mx.gpu(1)
    assert devices.devices("gpu:1,gpu:2") == [mx.gpu(1), mx.gpu(2)]


def test_an_old_driver(built_for_gpus):
    built_for_gpus(found((7, 5), driver=(10, 2)))
    with pytest.raises(SystemProblem, match=r"for CUDA 10\.2, .* needs 11\.0 .*a newer driver"):
        devices.device("gpu")


@pytest.mark.parametrize(
    "version, newest",
    [((10, 2), (7, 5)), ((11, 0), (8, 0)), ((11, 2), (8, 6)), ((11, 7), (8, 6)), ((11, 8), (9, 0))],
)
def test_what_nvrtc_compiles_for(version, newest, built_for_gpus, monkeypatch):
    for capability in FITTING:
        assert gpu.compiles_for(version, capability) == (capability <= newest)
        monkeypatch.delenv("MXNET_USE_FUSION", raising=False)
        monkeypatch.setattr(gpu, "nvrtc", lambda: version)
        built_for_gpus(found(capability))
        assert devices.device("auto") == mx.gpu(0)
        off = os.environ.pop("MXNET_USE_FUSION", None)
        assert off == (None if capability <= newest else "0"), capability


def test_fusion_that_the_user_wants(built_for_gpus, monkeypatch):
    monkeypatch.setenv("MXNET_USE_FUSION", "1")
    monkeypatch.setattr(gpu, "nvrtc", lambda: (11, 2))
    built_for_gpus(found((8, 9)))
    assert devices.device("gpu") == mx.gpu(0) and os.environ["MXNET_USE_FUSION"] == "1"


def test_float32_and_random_numbers_on_gpus(run_process):
    """Set before MXNet is loaded, unless the user has done so."""
    names = "NVIDIA_TF32_OVERRIDE", "MXNET_GPU_PARALLEL_RAND_COPY"
    show = f"import os, gluon_seq2seq; print(*map(os.environ.get, {names}))"
    environment = {name: value for name, value in os.environ.items() if name not in names}
    assert run_process(program=show, env=environment).stdout == "0 1\n"
    environment.update(zip(names, "14"))
    assert run_process(program=show, env=environment).stdout == "1 4\n"


# --- the command line -------------------------------------------------------------------------


NO_DEVICE = "no CUDA-capable device is detected (error 100); CUDA_VISIBLE_DEVICES may hide it"
MIXED = "system has unsupported display driver / cuda driver combination (error 803)"
MACHINES = {  # name: GPUs, settings, and why an MXNet for GPUs cannot use them (None: it can)
    **{gpu.dotted(one): ([one], {}, None) for one in ((7, 5), (8, 6), (8, 9))},
    **{gpu.dotted(one): ([one], {}, "is newer than any") for one in UNFIT[1:]},
    "none": ([], {}, NO_DEVICE),
    "mixed": ([(8, 6)], {"init": "803"}, f"{MIXED}; the driver was renewed: restart the machine"),
    "locked": ([(8, 6)], {"open": "46"}, f"{CARDS[8, 6]} cannot be opened"),
    "crash": ([(8, 6)], {"open": "abort"}, "does nvidia-smi work, or a restart help?"),
    "old": ([(8, 6)], {"driver": "10020"}, "install a newer driver"),
}


@linux_x86
@pytest.mark.parametrize("name", MACHINES)
def test_doctor_and_devices_with_an_mxnet_for_gpus(name, machine, run_cli, saved, monkeypatch):
    capabilities, settings, why = MACHINES[name]
    machine(*capabilities, built=CUDA, **settings)
    done = run_cli("doctor")
    assert (done.code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    if capabilities and name != "mixed":
        mark, card = "ok  " if why is None else "note", capabilities[0]
        shown = f"{mark}  GPU 0         {CARDS[card]}, compute capability {gpu.dotted(card)}"
        shown += "; MXNet can use it" if why is None else ""
        assert shown in lines
        assert why is None or why in lines[lines.index(shown) + 1]
    else:
        assert why in next(line for line in lines if line.startswith("note  GPUs "))
    if why is None:
        assert devices.device("auto") == devices.device("gpu:0") == mx.gpu(0)
        return
    translate = "translate", "--model", saved, "They are watching."
    assert why in complaint(run_cli(*translate, "--device", "gpu:0"), 5)
    expected = run_cli(*translate, "--device", "cpu")
    monkeypatch.setattr(helpers, "ON_THE_CPU", "always")
    done = run_cli(*translate, "--device", "auto")
    assert (done.code, done.stdout) == (0, expected.stdout)
    for line in done.stderr.splitlines():
        assert line.startswith("gluon-seq2seq: device 'auto' is the CPU: ") and why in line
    assert done.stderr


@linux_x86
@pytest.mark.parametrize("name", MACHINES)
def test_doctor_and_devices_with_an_mxnet_for_cpu(name, machine, run_cli, saved):
    capabilities, settings, why = MACHINES[name]
    machine(*capabilities, built=None, **settings)
    done = run_cli("doctor")
    assert (done.code, "MXNet is for  CPU only" in done.stdout) == (0, True)
    remedy = "python -m gluon_seq2seq.wheels --gpu"
    assert (remedy in done.stdout) == (why is None)
    assert why is None or why in done.stdout
    translate = "translate", "--model", saved, "They are watching."
    said = complaint(run_cli(*translate, "--device", "gpu"), 5)
    assert "is built for CPU only" in said and said.endswith(": use --device cpu\n")
    assert why is None or why in said
    assert (f"{remedy} brings that for {CARDS[8, 9]}" in said) == (name == "8.9")
    done = run_cli(*translate, "--device", "auto")
    assert (done.code, done.stderr) == (0, ""), "nothing to say of what was chosen"


@for_cpu
def test_long_work_says_that_a_gpu_stays_idle(machine, run_process, tmp_path):
    machine((8, 9))
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    out = tmp_path / "model"
    sizes = "--embed-size", 4, "--num-hiddens", 4, "--epochs", 1
    train = "train", "--data", "tiny", "--out", out, *sizes
    done = run_process(*train, env=environment)
    assert done.code == 0
    assert done.stderr.startswith(
        "gluon-seq2seq: device 'auto' is the CPU: this MXNet is built for CPU only"
    )
    assert done.stderr.count("device 'auto'") == 1


def test_the_reason_is_one_line_of_the_command_line(built_for_gpus, capsys):
    built_for_gpus(found((9, 0)))
    with warnings.catch_warnings(), cli.short_warnings():
        warnings.simplefilter("always")
        assert devices.device("auto") == mx.cpu()
    said = capsys.readouterr().err
    assert said.startswith("gluon-seq2seq: device 'auto' is the CPU: NVIDIA H200")
    assert said.count("\n") == 1


@for_cpu
@linux_x86
def test_doctor_of_an_old_nvrtc(machine, run_cli, libraries):
    machine((8, 9), built=CUDA, nvrtc="11.7")
    ctypes.CDLL(str(libraries / "libnvrtc.so.11.2"))
    shown = run_cli("doctor").stdout
    assert "MXNet is for  CUDA, NVRTC 11.7" in shown and "MXNET_USE_FUSION=0 is set" in shown
    machine((8, 6), built=CUDA, nvrtc="11.7")
    assert "MXNET_USE_FUSION" not in run_cli("doctor").stdout


OF_MXNET = [
    (
        "CUDA: Check failed: e == cudaSuccess (209 vs. 0) : no kernel image is available for "
        "execution on the device",
        "this MXNet has no code for this GPU: use --device cpu",
    ),
    (
        "Check failed: compileResult == NVRTC_SUCCESS (5 vs. 0) : NVRTC Compilation failed. Please "
        "set environment variable MXNET_USE_FUSION to 0.",
        "set MXNET_USE_FUSION=0",
    ),
    ("cudaMalloc retry failed: out of memory", "MXNet is out of memory"),
    ("Check failed: err == cudaSuccess (2 vs. 0) : CUDA: out of memory", "MXNet is out of memory"),
    (
        "CUDA: Check failed: e == cudaSuccess (35 vs. 0) : CUDA driver version is insufficient for "
        "CUDA runtime version",
        "the NVIDIA driver is older than this MXNet's CUDA",
    ),
    (
        "CUDA: Check failed: e == cudaSuccess (719 vs. 0) : unspecified launch failure",
        "MXNet fails on the GPU (CUDA: Check failed: e == cudaSuccess (719 vs. 0) : unspecified",
    ),
    (
        "Check failed: e == CUDNN_STATUS_SUCCESS (1 vs. 0) : cuDNN: CUDNN_STATUS_NOT_INITIALIZED",
        "MXNet fails on the GPU (cuDNN: CUDNN_STATUS_NOT_INITIALIZED)",
    ),
]


@pytest.mark.parametrize("text, says", OF_MXNET)
def test_what_mxnet_says_of_a_gpu_is_one_line(text, says, monkeypatch):
    place = 'Traceback (most recent call last):\n  File "../stream_gpu-inl.h", line 81\n'
    monkeypatch.setattr(sys, "argv", ["gluon-seq2seq", "evaluate"])
    line = cli._fault_of_the_machine(mx.base.MXNetError(place + text))
    assert says in line and "\n" not in line


def test_an_error_of_a_gpu_ends_the_command(run_process):
    program = (
        "import mxnet, gluon_seq2seq.cli.doctor\n"
        "from gluon_seq2seq import cli\n"
        "def fail(): raise mxnet.base.MXNetError('CUDA: no kernel image is available')\n"
        "cli.doctor.examine = fail\n"
        "cli.main()"
    )
    said = complaint(run_process("doctor", program=program), 5)
    assert said == "gluon-seq2seq: this MXNet has no code for this GPU: use --device cpu\n"


def test_other_errors_of_mxnet_are_not_the_machines():
    wrong = mx.base.MXNetError("Error in operator dot0: Shape inconsistent")
    assert cli._fault_of_the_machine(wrong) is None
    assert cli._fault_of_the_machine(ValueError("no kernel image")) is None


# --- the wheel and its libraries --------------------------------------------------------------


@pytest.mark.parametrize(
    "name, cuda",
    [
        ("mxnet_cu117-1.9.1.dist-info", (11, 7)),
        ("mxnet_cu102-1.9.1.dist-info", (10, 2)),
        ("mxnet-1.9.1+cu117.np2.dist-info", (11, 7)),
        ("mxnet-1.9.1+np2.dist-info", None),
        ("mxnet-1.9.1.dist-info", None),
        ("torch-2.9.0+cu126.dist-info", None),
    ],
)
def test_which_wheel_it_is(name, cuda, tmp_path):
    (tmp_path / name).mkdir()
    assert gpu.cuda_of(tmp_path) == cuda
    assert gpu.cuda_of(tmp_path / "no") is None


USE = """
import ctypes, os, sys
folder, *arguments = sys.argv[1:]
sys.path.insert(0, folder)
vars(os).pop("memfd_create", None)  # as in a Python that was built with an old glibc
"""
SHOW = "print(*sorted(line.split()[5] for line in open('/proc/self/maps') if '.so' in line))\n"


@linux_x86
@pytest.mark.parametrize("begin", ["import gluon_seq2seq", "by a .pth"])
def test_libraries_of_pypis_packages_are_found(begin, tmp_path, run_process):
    """Without LD_LIBRARY_PATH, by what `import mxnet` does where the wheel for GPUs is; and
    without a driver, a stand-in takes its place."""
    for name, part in gpu.LIBRARIES.items():
        folder = tmp_path / "nvidia" / part / "lib"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(gpu.stand_in().replace(b"libcuda", b"libtest"))
    (tmp_path / "mxnet").mkdir()
    (tmp_path / "mxnet" / "__init__.py").write_text("")
    environment = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    if begin == "by a .pth":
        begin = Path(compat.install(str(tmp_path))).read_text()
    program = f"{USE}{begin}\nimport mxnet\nassert mxnet.__file__.startswith(folder)\n{SHOW}"
    assert "nvidia" not in run_process(tmp_path, program=program, env=environment).stdout
    (tmp_path / "mxnet_cu117-1.9.1.dist-info").mkdir()
    done = run_process(tmp_path, program=program, env=environment)
    assert done.code == 0, done
    shown = {Path(word).name for word in done.stdout.split()}
    assert set(gpu.LIBRARIES) <= shown
    assert any("libcuda.so" in name for name in shown)


@linux_x86
def test_a_wheel_for_gpus_without_its_libraries(tmp_path, run_process):
    (tmp_path / "mxnet").mkdir()
    (tmp_path / "mxnet" / "__init__.py").write_text(
        "import ctypes\nctypes.CDLL('libcudnn-of-a-test.so.8')\n"
    )
    (tmp_path / "mxnet_cu117-1.9.1.dist-info").mkdir()
    done = run_process(tmp_path, program=USE + "sys.argv[1:] = ['doctor']\n" + RUN)
    assert done.code == 5
    assert "FAIL  mxnet         is for GPUs; missing: " in done.stdout
    assert "-> python -m gluon_seq2seq.wheels --gpu brings what it is linked to" in done.stdout


RUN = "from gluon_seq2seq.cli import main; main()\n"


@linux_x86
def test_the_stand_in_for_a_driver_that_is_not_there(tmp_path, run_process):
    """A library like any other: its functions say "no device", other names it has not."""
    path = tmp_path / gpu.DRIVER
    path.write_bytes(gpu.stand_in())
    program = USE + (
        "library = ctypes.CDLL(folder + '/libcuda.so.1', ctypes.RTLD_GLOBAL)\n"
        "print(*(getattr(library, name)(0, 0) for name in arguments))\n"
        "print(hasattr(library, 'cuInit'), ctypes.CDLL('libcuda.so.1')._handle == library._handle)"
    )
    done = run_process(tmp_path, *gpu.CALLED, program=program)
    assert done.stdout.splitlines() == [" ".join(["100"] * len(gpu.CALLED)), "False True"]


@linux_x86
@pytest.mark.parametrize("both", [True, False])
def test_two_wheels_over_one_another(both, run_cli, monkeypatch):
    versions = {"mxnet-cu117": "1.9.1", **({"mxnet": "1.9.1"} if both else {})}
    really = metadata.version

    def version(name):
        if name.startswith("mxnet") and name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions.get(name) or really(name)

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(gpu, "installed_cuda", lambda: CUDA)
    monkeypatch.setattr(gpu, "look", lambda number=None: found(problem="no NVIDIA driver is here"))
    monkeypatch.setattr(devices, "built_for", lambda: CUDA)
    shown = run_cli("doctor").stdout
    assert "ok    mxnet         1.9.1\n" in shown
    assert ("pip uninstall -y mxnet mxnet-cu117, then" in shown) == both


# --- the tests of GPUs, and the set-up --------------------------------------------------------


def run_those_on_gpus(*options):
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests/gpu"]
    return subprocess.run(
        [*command, *options],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


@pytest.mark.slow
def test_the_tests_of_gpus_work():
    """On the CPU in a GPU's place; `make gpu` prints the table."""
    done = run_those_on_gpus("--rehearse", "-k", "resume or hybridize or products or cho2014")
    assert done.returncode == 0, done.stdout
    table = " ".join(done.stdout.split())
    for line in "resumed after step 10 loss off 0.0e+00", "cho2014 off the CPU by 0.0e+00":
        assert f"passed {line}" in table


@pytest.mark.slow
@for_cpu
def test_the_tests_of_gpus_say_why_they_are_skipped():
    done = run_those_on_gpus("-k", "products")
    assert done.returncode == 0 and "1 skipped" in done.stdout
    assert "this MXNet is built for CPU only; make gpu GPU=1 brings the other" in done.stdout


KEY = "$(cat $(sed -n 's/^INPUTS=\"\\(.*\\)\"/\\1/p' tools/setup_venv.sh) | cksum) $(pwd)"


@pytest.mark.skipif(sys.platform == "win32", reason="make needs a shell")
@pytest.mark.parametrize(
    "made, asked, extras, ready",
    [
        *(("0", "", "", 1), ("1", "", "", 1), ("0", "0", "", 1), ("1", "1", "", 1)),
        *(("1", "0", "", 0), ("0", "1", "", 0)),
        *(("0", "", "lint", 1), ("0", "", "lint,test", 1), ("0", "", "test,jupyter", 0)),
        ("0", "", "tes", 0),
    ],
)
def test_a_later_set_up_leaves_what_is_there(made, asked, extras, ready, tmp_path):
    """MXNet, and the extras that are asked for or more. What is not ready would be set up anew with
    a Python that will not do: one line."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    wrong = tmp_path / "python-without-venv"
    wrong.write_text(
        f'#!/bin/sh\ncase "$2" in *ensurepip*) echo no venv; exit 1;; esac\n'
        f'exec {sys.executable} "$@"\n'
    )
    wrong.chmod(0o755)
    root = HERE.parent
    key = subprocess.run(
        ["sh", "-c", f'printf "%s" "{KEY}"'], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "ready").write_text(f"{key}\ntest,lint\n{made}\n")
    settings = {"VENV": str(tmp_path), "PYTHON": str(wrong), "GPU": asked}
    done = subprocess.run(
        ["sh", "tools/setup_venv.sh", extras],
        cwd=root,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (0 if ready else 1), done
    assert (done.stderr == "") == bool(ready) and (ready or "will not do" in done.stderr)


@pytest.mark.parametrize("gpu_there", ["0", "1"])
def test_another_set_up_brings_up_to_date_what_is_there(gpu_there, tmp_path):
    """With more extras, and a newer Python on the PATH: neither the Python nor MXNet is changed."""
    venv, root, newer = tmp_path / "venv", HERE.parent, tmp_path / "python3.14"
    (venv / "bin").mkdir(parents=True)
    wheel = "mxnet-1.9.1+cu117.np2" if gpu_there == "1" else "mxnet-1.9.1+np2"
    (venv / "lib" / "python3.9" / "site-packages" / f"{wheel}.dist-info").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    asks = 'case "$*" in *installing.py*|*wheels.py*) echo "$*" >&2; exit 1;; esac'
    (venv / "bin" / "python").write_text(f'#!/bin/sh\n{asks}\nexec {sys.executable} "$@"\n')
    newer.write_text('#!/bin/sh\ncase "$2" in *"sys.version_info[:2])") echo "(3, 14)";; esac\n')
    for script in venv / "bin" / "python", newer:
        script.chmod(0o755)
    (venv / "ready").write_text(f"1 2 {root}\ntest\n{gpu_there}\n")
    done = subprocess.run(
        ["sh", "tools/setup_venv.sh", "lint"],
        cwd=root,
        env={
            **os.environ,
            **{"VENV": str(venv), "PYTHON": "", "GPU": ""},
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.startswith(f"Bringing {venv} up to date"), done
    assert "GB" not in done.stderr and (venv / "pyvenv.cfg").exists()
    if "installing.py" in done.stderr:
        assert "--editable .[lint,test] " in done.stderr, "an extra is lost"
    if "wheels.py" in done.stderr:  # of this Python, which has other wheels
        assert f"--{'gpu' if gpu_there == '1' else 'cpu'} " in done.stderr


def set_up(**settings):
    return subprocess.run(
        ["sh", "tools/setup_venv.sh"],
        cwd=HERE.parent,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_environment_in_a_folder_that_is_not_there_yet(tmp_path):
    """It said that the folder was read-only."""
    done = set_up(VENV=str(tmp_path / "build" / "venv"), PYTHON="no-such-python")
    assert done.returncode == 1
    assert "no-such-python" in done.stderr and "read-only" not in done.stderr


def test_a_gpu_that_the_set_up_does_not_know(tmp_path):
    done = set_up(VENV=str(tmp_path), GPU="2")
    assert (done.returncode, done.stderr) == (
        1,
        "gluon-seq2seq: GPU=2 will not do: GPU=1 or GPU=0.\n",
    )
