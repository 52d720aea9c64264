"""Cores and memory: the least of what affinity, control groups and the system say."""

import os
import resource

import pytest

from gluon_seq2seq import limits, runtime

NO_LIMIT = 9223372036854771712  # of version 1


@pytest.fixture
def system(tmp_path, monkeypatch):
    """``system(files)``: a machine of 8 cores, 64 MB free, with these files of control groups and
    this line for each of them that the process is in."""

    def make(files, *groups):
        proc = tmp_path / "proc" / "self"
        proc.mkdir(parents=True)
        (proc / "cgroup").write_text("".join(f"{group}\n" for group in groups))
        (proc / "status").write_text("VmPeak:\t    9000 kB\nVmSize:\t    1000 kB\n")
        (tmp_path / "proc" / "meminfo").write_text("MemFree: 1 kB\nMemAvailable:   64000 kB\n")
        for name, content in files.items():
            file = tmp_path / "cgroup" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{content}\n")

    monkeypatch.setattr(limits, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(limits, "PROC", tmp_path / "proc")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)
    return make


@pytest.mark.parametrize(
    "quota, expected",
    [
        ("150000 100000", 2),
        ("100000 100000", 1),
        ("20000 100000", 1),
        ("900000 100000", 8),
        ("max 100000", 8),
        ("", 8),
    ],
)
def test_cores_heed_affinity_and_quota(quota, expected, system):
    system({"cpu.max": quota}, "0::/")
    assert limits.cores() == expected == runtime.cores()


@pytest.mark.parametrize("quota, expected", [("150000", 2), ("20000", 1), ("-1", 8), ("", 8)])
@pytest.mark.parametrize("group", ["", "batch/job_7/"])
def test_cores_heed_version_1(quota, expected, group, system):
    files = {f"cpu/{group}cpu.cfs_quota_us": quota, f"cpu/{group}cpu.cfs_period_us": "100000"}
    system(files, "12:cpuset:/", "5:cpu,cpuacct:/batch/job_7/step_0", "1:name=systemd:/init")
    assert limits.cores() == expected


def test_cores_heed_every_group_above(system):
    files = {
        "job/cpu.max": "300000 100000",
        "job/step/cpu.max": "max 100000",
        "other/cpu.max": "1 1",
    }
    system(files, "0::/job/step")
    assert limits.cores() == 3


def test_cores_without_affinity_or_cgroups(system, monkeypatch):  # as on macOS
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert limits.cores() == 6


def version_2(most, used, cached, group=""):
    return {
        f"{group}memory.max": most,
        f"{group}memory.current": used,
        f"{group}memory.stat": f"anon 1\nfile {cached}\nactive_file 7",
    }


def version_1(most, used, cached, group=""):
    return {
        f"memory/{group}memory.limit_in_bytes": most,
        f"memory/{group}memory.usage_in_bytes": used,
        f"memory/{group}memory.stat": f"cache 3\ntotal_cache {cached}\ntotal_rss 7",
    }


@pytest.mark.parametrize("files", [version_1, version_2])
@pytest.mark.parametrize("group", ["", "batch/job_7/"])
def test_cached_files_are_free(files, group, system):
    line = "0::/batch/job_7" if files is version_2 else "4:memory:/batch/job_7"
    system(files(10_000_000, 9_000_000, 8_000_000, group), line)
    assert limits.memory() == 9_000_000


@pytest.mark.parametrize("files", [version_1(NO_LIMIT, 9, 8), version_2("max", 9, 8), {}])
def test_a_container_without_a_limit(files, system):
    system(files, "4:memory:/", "0::/")
    assert limits.memory() == 64000 * 1024


def test_the_least_limit_counts(system, monkeypatch):
    system(
        {**version_2(10**7, 9**7, 0, "job/"), **version_2(10**7, 0, 0, "job/step/")}, "0::/job/step"
    )
    assert limits.memory() == 10**7 - 9**7
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (2_000_000, 2_000_000))
    assert limits.memory() == 2_000_000 - 1000 * 1024


def test_a_system_that_does_not_say(system):
    assert limits.memory() is None


def test_this_system():
    assert limits.cores() >= 1 and (limits.memory() is None or limits.memory() > 0)
