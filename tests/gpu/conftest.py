"""What needs an NVIDIA GPU: ``make gpu`` runs it and prints a table.

Elsewhere each test is skipped, and says why. ``pytest tests/gpu --rehearse`` lets two contexts of
the CPU take the place of GPUs: it shows that the tests themselves work.
"""

import mxnet as mx
import pytest

from gluon_seq2seq import devices, gpu


def pytest_addoption(parser):
    parser.addoption("--rehearse", action="store_true", help="run the tests of GPUs on the CPU")


@pytest.fixture(scope="session")
def gpus(request):
    """The contexts of every GPU that MXNet can use, one at least."""
    if request.config.getoption("--rehearse", False):
        return [mx.cpu(1), mx.cpu(2)]
    cuda = devices.built_for()
    if not cuda:
        pytest.skip("this MXNet is built for CPU only; make gpu GPU=1 brings the other, 4 GB")
    reasons = [devices.why_not(i, cuda) for i in range(max(1, len(gpu.look().gpus)))]
    if None not in reasons:
        pytest.skip(reasons[0])
    return [devices.device(f"gpu:{i}") for i, why in enumerate(reasons) if why is None]


@pytest.fixture(scope="session")
def device(gpus):
    """The first of them."""
    return gpus[0]


@pytest.fixture
def row(request):
    """``row(what, found)``: a line of the table."""
    return lambda what, found: request.node.user_properties.append(("row", (what, found)))


def pytest_terminal_summary(terminalreporter):
    reports = [
        (report, row)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, row in getattr(report, "user_properties", ())
        if name == "row" and report.when == "call"
    ]
    if not reports:
        return
    for number, one in enumerate(gpu.look().gpus):
        capability = gpu.dotted(one.capability)
        terminalreporter.write_line(f"GPU {number}: {one.name}, compute capability {capability}")
    width = max(len(what) for _, (what, _) in reports)
    for report, (what, found) in reports:
        terminalreporter.write_line(f"{report.outcome:<7} {what:<{width}}  {found}")
