"""What this process may use: cores and memory, as the system and its control groups allow.

Containers and batch systems limit a process by Linux's control groups (cgroups). Version 1 has a
tree of folders for each kind of limit, version 2 one tree for all. A process is in one group of
each tree, and every group above it counts as well.
"""

import math
import os
import re
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc")


def cores():
    """How many cores this process may use: affinity, then the quotas of its control groups."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        allowed = os.cpu_count() or 1
    for group in _groups("cpu"):
        quota = _words(group / "cpu.max") or (  # version 2: "150000 100000" or "max 100000"
            _words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us")
        )
        if len(quota) == 2 and all(map(str.isdigit, quota)) and int(quota[1]):  # -1 is no limit
            allowed = min(allowed, math.ceil(int(quota[0]) / int(quota[1])))
    return max(1, allowed)


def memory():
    """How many bytes this process may still take, or None where the system does not say.

    The least of its own limit (``ulimit -v``), its control groups' and what is free.
    """
    import resource  # Windows has none

    found = []
    meminfo = _text(PROC / "meminfo")
    available = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo, re.MULTILINE)
    if available:
        found.append(1024 * int(available[1]))
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    size = re.search(r"^VmSize:\s+(\d+) kB", _text(PROC / "self" / "status"), re.MULTILINE)
    if soft != resource.RLIM_INFINITY and size:
        found.append(soft - 1024 * int(size[1]))
    for group in _groups("memory"):
        for most, used, cached in (
            ("memory.max", "memory.current", "file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache"),  # version 1
        ):
            most, used = _text(group / most).strip(), _text(group / used).strip()
            if most.isdigit() and used.isdigit():
                files = re.search(rf"^{cached} (\d+)$", _text(group / "memory.stat"), re.MULTILINE)
                given_up = int(files[1]) if files else 0  # what caches hold, when it is needed
                found.append(int(most) - int(used) + given_up)
    return min(found, default=None)


def _groups(kind):
    """The folders of the control groups that limit ``kind``, ``"cpu"`` or ``"memory"``, of this
    process. Within a container its own group is the root of what is mounted."""
    folders = dict.fromkeys((CGROUPS, CGROUPS / kind))
    for line in _text(PROC / "self" / "cgroup").splitlines():  # "5:cpu,cpuacct:/batch/job"
        number, _, rest = line.partition(":")
        kinds, _, place = rest.partition(":")
        if number == "0" or kind in kinds.split(","):
            trees = (CGROUPS, CGROUPS / "unified") if number == "0" else (CGROUPS / kind,)
            place = Path(place.lstrip("/"))
            folders.update(
                dict.fromkeys(tree / above for tree in trees for above in (place, *place.parents))
            )
    return folders


def _text(path):
    try:
        return path.read_text("utf-8", "replace")
    except OSError:  # no such limit, or no Linux
        return ""


def _words(path):
    return _text(path).split()
