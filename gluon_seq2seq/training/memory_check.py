"""Whether training fits into memory, before MXNet finds out: it may die of it without a word."""

import math
import re
import resource
from pathlib import Path

from ..errors import SystemProblem

CGROUP = Path("/sys/fs/cgroup")
MARGIN = 200 * 2**20  # for threads, kernels and Python
SMALLER = "batch_size", "max_length", "num_hiddens", "embed_size", "max_vocab"


def left():
    """How many bytes this process may still take, or None where the system does not say.

    The least of its own limit (``ulimit -v``), the container's (cgroup v2) and what is free.
    """
    found = []
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        meminfo = Path("/proc/meminfo").read_text("ascii")
        found.append(1024 * int(re.search(r"MemAvailable:\s+(\d+) kB", meminfo)[1]))
        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            found.append(soft - 1024 * int(re.search(r"VmSize:\s+(\d+) kB", status)[1]))
        most, used, parts = (
            (CGROUP / f"memory.{name}").read_text("ascii") for name in ("max", "current", "stat")
        )
        cached = re.search(r"^file (\d+)$", parts, re.MULTILINE)  # given up when it is needed
        found.append(int(most) - int(used) + int(cached[1]))  # ValueError where most is "max"
    except (OSError, ValueError, TypeError):  # no Linux, or no such limit
        pass
    return min(found, default=None)


def check(model, batches):
    """Raise :class:`SystemProblem` where training on ``batches`` cannot fit.

    Counted are the parameters four times (Adam's two moments, the gradient) and the logits of the
    longest batch once: less than it takes, so that nothing is refused that would fit.
    """
    parameters = sum(math.prod(p.shape) for p in model.collect_params().values())
    logits = batches.most_tokens() * len(model.tgt_vocab)
    needed, free = 4 * (4 * parameters + logits) + MARGIN, left()
    if free is not None and needed > free:
        raise SystemProblem(
            f"training needs more than {needed / 2**20:,.0f} MB of memory, "
            f"{max(free, 0) / 2**20:,.0f} MB are free: use a smaller "
            f"{', '.join(SMALLER[:-1])} or {SMALLER[-1]}"
        )
