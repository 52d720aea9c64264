"""What students of a JupyterHub cost who run notebooks 1 to 5 at once: ``python -m benchmarks.hub``

Needs root and what ``make hub`` installs. For each of ``--students`` (2 5 10) a hub gets so many
users (:mod:`tools.hub.classroom`); each runs the notebooks one after the other, as they are handed
out, kernels being shut down in between, with the small sizes of notebooks/manifest.json or, with
``--full``, their own. Prints

- memory: the proportional set size (PSS: a page that n processes share counts 1/n for each) of all
  of the students' processes, summed, the most of samples a second apart, and that of the servers
  before any kernel runs; of the hub and its proxy; of each notebook's kernel at its end,
- processor seconds of a student, server and kernels, which other programs change little,
- and for 30 students the line a + b n, least squares, through the peaks.
"""

import argparse
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.tables import table
from tools.hub.classroom import CHECKOUT, Classroom, enter, missing

NOTEBOOKS = (
    "01_sentences_to_tensors",
    "02_encoder",
    "03_two_directions",
    "04_decoder",
    "05_training",
)
CLASS = 30
TICKS = os.sysconf("SC_CLK_TCK")


def processes(uids):
    """The folders in /proc of all processes of these users."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid in uids:
                yield folder
        except OSError:  # it has ended
            continue


def megabytes(folders):
    """Their PSS, summed."""
    total = 0
    for folder in folders:
        try:
            lines = (folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def seconds(folders):
    """Processor seconds of processes and of their children that have ended."""
    ticks = 0
    for folder in folders:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / TICKS


def kernels(uid):
    return [f for f in processes({uid}) if b"ipykernel" in (f / "cmdline").read_bytes()]


class Peak(threading.Thread):
    """The most :func:`megabytes` of ``uids``, once stopped."""

    def __init__(self, uids):
        super().__init__(daemon=True)
        self.uids, self.most, self.ended = uids, 0, threading.Event()

    def run(self):
        while not self.ended.wait(1):
            self.most = max(self.most, megabytes(processes(self.uids)))

    def stop(self):
        self.ended.set()
        self.join()
        return self.most


def measured(students, parameters):
    """``{"idle" "peak" "seconds" "kernels"}`` of these students at work."""
    uids = {student.uid for student in students}
    ends = {name: [] for name in NOTEBOOKS}

    def work(student):
        for name in NOTEBOOKS:
            student.server.run(
                f"my-notebooks/en/{name}.ipynb",
                parameters[name],
                lambda kernel, name=name: ends[name].append(megabytes(kernels(student.uid))),
            )

    with ThreadPoolExecutor(len(students)) as pool:
        for student in students:
            student.log_in()
        list(pool.map(lambda student: student.start_server(), students))
        idle = megabytes(processes(uids))
        peak = Peak(uids)
        peak.start()
        list(pool.map(work, students))
    return {
        "idle": idle,
        "peak": peak.stop(),
        "seconds": seconds(processes(uids)),
        "kernels": ends,
    }


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hub", description=__doc__.split(":")[0]
    )
    parser.add_argument("--students", type=int, nargs="+", default=[2, 5, 10], metavar="N")
    parser.add_argument("--full", action="store_true", help="Train as long as the notebooks do.")
    args = parser.parse_args()
    if missing():
        parser.error(missing())
    enter("benchmarks.hub")
    manifest = json.loads((CHECKOUT / "notebooks" / "manifest.json").read_text("utf-8"))
    parameters = {name: {} if args.full else manifest[name]["smoke"] for name in NOTEBOOKS}
    rows, peaks = [], []
    for count in args.students:
        with Classroom(count, f"gs-hub-{count}") as room:
            found = measured(room.students, parameters)
            hub = megabytes(processes({0})) - megabytes([Path("/proc/self")])
        peaks.append(found["peak"])
        rows.append(
            [
                f"{count}",
                f"{found['peak']:,.0f}",
                f"{found['peak'] / count:.0f}",
                f"{found['idle'] / count:.0f}",
                f"{hub:.0f}",
                f"{found['seconds'] / count:.1f}",
            ]
        )
        print(count, found, file=sys.stderr, flush=True)
    names = "students at once", "MB at the most", "a student", "server alone", "hub and proxy"
    print(table([*names, "processor s a student"], rows))
    print(
        table(
            ["kernel of notebook", "MB at its end"],
            [[name, f"{np.median(mb):.0f}"] for name, mb in found["kernels"].items()],
        )
    )
    if len(args.students) > 1:
        b, a = np.polyfit(args.students, peaks, 1)
        print(f"{CLASS} students: {a:,.0f} + {b:,.0f} x {CLASS} = {a + b * CLASS:,.0f} MB")


if __name__ == "__main__":
    main()
