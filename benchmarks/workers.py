"""What a second worker brings: ``python -m benchmarks.workers --data fra-eng.zip`` (five minutes).

Runs of one worker and of two, one thread each, take turns; two exchange their gradients through one
server of MXNet's on the same machine. Prints the table of benchmarks/README.md, "Workers".
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODELS = ("luong2015", "bahdanau2015")
ROUNDS, WARM_UP, STEPS = 3, 8, 30


def work(prepared, name, answer):
    """In one worker: train, and let the first write what it found into the file ``answer``."""
    from benchmarks.worker import Training
    from gluon_seq2seq.training.distributed import Workers, default_kvstore

    with Workers(default_kvstore()) as workers:
        exchange, waited = workers._exchange, [0.0]

        def timed(*arguments):
            begin = time.perf_counter()
            exchange(*arguments)
            waited[0] += time.perf_counter() - begin

        workers._exchange = timed
        training = Training(prepared, name, workers=workers)
        training.train(WARM_UP)
        waited[0] = 0.0
        found = training.train(STEPS)
        parameters = sum(p.data().size for p in training.model.collect_params().values())
        if not workers.rank:
            found.update(exchange=waited[0] / STEPS, parameters=parameters)
            Path(answer).write_text(json.dumps(found))


def measure(prepared, name, count, folder):
    """What ``count`` workers found: all target tokens, seconds, and seconds of exchange a step."""
    from gluon_seq2seq.cli.launch import run

    answer = folder / "answer.json"
    command = [sys.executable, "-m", "benchmarks.workers", "--work", prepared, name, answer]
    command = [str(word) for word in command]
    if count == 1:
        subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    elif run(command, count):
        sys.exit(f"{count} workers failed")
    return json.loads(answer.read_text())


def main(data):
    from benchmarks.__main__ import Suite

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        suite, folder = Suite(data, None, Path(folder), stack), Path(folder)
        print("| model | workers | tokens/s, all | times one | ms a step | exchanging | sent, MB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name in MODELS:
            found = {1: [], 2: []}
            for _ in range(ROUNDS):
                for count, answers in found.items():
                    answers.append(measure(suite.prepared, name, count, folder))
            speeds = {n: [a["tokens"] / a["seconds"] for a in found[n]] for n in found}
            for n, answers in found.items():
                ratio = statistics.median(b / a for a, b in zip(speeds[1], speeds[n]))
                step = statistics.median(a["seconds"] for a in answers) / STEPS
                exchange = statistics.median(a["exchange"] for a in answers)
                sent = 8 * answers[0]["parameters"] / 1e6 * (n > 1)
                print(
                    f"| {name} | {n} | {statistics.median(speeds[n]):,.0f} | {ratio:.2f} | "
                    f"{1000 * step:.0f} | {1000 * exchange:.0f} | {sent:.0f} |"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", help="Where the sentences are, as gluon-seq2seq train takes it.")
    names = "PREPARED", "MODEL", "ANSWER"
    parser.add_argument("--work", nargs=3, metavar=names, help="What this starts for each worker.")
    arguments = parser.parse_args()
    if arguments.work:
        work(*arguments.work)
    else:
        main(arguments.data)
