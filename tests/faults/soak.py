"""An endurance run, not a part of the tests: ``make soak`` (20 minutes; MINUTES=5 for fewer).

One core is kept busy all the time. Beside it a run of training is killed at random moments,
``kill -9`` or SIGTERM, and resumed until it is done, over and over: each time its parameters have
to be those of a run that nobody disturbed. Between kills sentences are translated by one
Translator that lives as long as the soak: they have to stay what they were. A server lives as long,
too: between runs thirty visitors ask at once, and 200 connections hang up (visitors.py). Memory is
looked at in this process, in a training run that is never interrupted and in the server.
"""

import argparse
import hashlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from visitors import VISITORS, Class

import gluon_seq2seq as gs

RUN_MAIN = "from gluon_seq2seq.cli import main; main()"
BUSY = "while True: pass"
SETTINGS = {
    "data": "tiny",
    "model": "bahdanau2015",
    "embed-size": 32,
    "num-hiddens": 32,
    "batch-size": 8,
    "drop-prob": 0.3,
    "epochs": 12,
    "patience": 99,
    "seed": 5,
}


def start(*arguments, **settings):
    """gluon-seq2seq train with ``arguments``, or with ``settings``."""
    command = [sys.executable, "-c", RUN_MAIN, "train", *map(str, arguments)]
    for name, value in settings.items():
        command += [f"--{name}", str(value)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def parameters(out):
    return hashlib.sha256((max(out.glob("model-*")) / "model.params").read_bytes()).hexdigest()


def megabytes(pid):
    """Resident memory of a process."""
    (line,) = (x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in x)
    return int(line.split()[1]) / 1024


def slope(samples):
    """MB a minute, by least squares over the second half, once everything is warm."""
    seconds, values = np.array(samples[len(samples) // 2 :]).T
    return 60 * np.polyfit(seconds, values, 1)[0]


def killed_and_resumed(out, draw, deadline, between):
    """Train to the end in spite of signals; how many there were."""
    shutil.rmtree(out, ignore_errors=True)
    arguments, settings, kills = ("--out", out), SETTINGS, 0
    while True:
        process = start(*arguments, **settings)
        end = time.monotonic() + draw.uniform(3, 25)
        while process.poll() is None and (time.monotonic() < end or time.monotonic() > deadline):
            between()
        if process.poll() is None:
            process.send_signal(draw.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
            kills += 1
        error = process.communicate()[1].decode()
        if process.returncode == 0:
            return kills
        # Before training begins SIGTERM ends it without a word, after that with 143.
        ended = -signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM
        assert process.returncode in ended, (process.returncode, error)
        if list(out.glob("checkpoint-*")):
            arguments, settings = ("--resume", "--out", out), {}
        elif list(out.glob("model-*")):
            arguments, settings = ("--overwrite", "--out", out), SETTINGS


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    began, draw = time.monotonic(), random.Random(args.seed)
    deadline = began + 60 * args.minutes
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        undisturbed = start("--out", folder / "reference", **SETTINGS)
        assert undisturbed.wait() == 0, undisturbed.stderr.read()
        expected = parameters(folder / "reference")
        translator = gs.Translator(gs.load_model("mini-luong2015"), beam_size=3)
        sources = [example.source for example in gs.load_corpus("mini").test][:100]
        translations, compared = translator.translate(sources), [0]
        own, others, server = [], [], []
        room = Class(sources)
        latest = [room.visit(draw)[int(0.95 * VISITORS)]]  # seconds
        endless = start(
            "--out", folder / "endless", **{**SETTINGS, "epochs": 10**6, "patience": 10**6}
        )
        busy = subprocess.Popen([sys.executable, "-c", BUSY])

        def between():
            chosen = draw.sample(range(len(sources)), 10)
            found = translator.translate([sources[i] for i in chosen])
            assert found == [translations[i] for i in chosen]
            compared[0] += len(found)
            now = time.monotonic() - began
            own.append((now, megabytes("self")))
            others.append((now, megabytes(endless.pid)))
            server.append((now, room.megabytes()))

        kills = runs = 0
        try:
            while time.monotonic() < deadline:
                kills += killed_and_resumed(folder / "out", draw, deadline, between)
                runs += 1
                assert parameters(folder / "out") == expected, "other parameters"
                room.hang_up(draw)
                latest.append(room.visit(draw)[int(0.95 * VISITORS)])
                minutes = (time.monotonic() - began) / 60
                print(f"{minutes:5.1f} min: {runs} runs, {kills} kills survived", flush=True)
        finally:
            busy.kill()
            endless.kill()
            ended = room.close()
    assert ended == 143, f"the server ended with {ended}"
    print(
        f"{runs} runs, {kills} kills survived, all with the parameters of the undisturbed run\n"
        f"{compared[0]:,} translations compared, all equal"
    )
    print(
        f"{len(latest)} times {VISITORS} visitors at once: none refused, 95 % answered in at most "
        f"{max(latest):.1f} s"
    )
    for what, samples in ("translating", own), ("training", others), ("serving", server):
        print(
            f"{what}: {samples[0][1]:.0f} MB at the start, {samples[-1][1]:.0f} MB at the end, "
            f"{slope(samples):+.2f} MB a minute"
        )


if __name__ == "__main__":
    main()
