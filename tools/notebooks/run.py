"""Run the notebooks as a student would: each exercise first untouched, then solved."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory
from typing import NamedTuple, Tuple

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from . import build

OUT = build.ROOT.parent / "build" / "notebooks"
MANIFEST = build.ROOT / "manifest.json"
# Whatever else a student answers is wrong, too, and must neither pass nor raise. The cell's own
# call follows, with another name: probe("2.1", answer).
PROBE = """
import numpy as np
from gluon_seq2seq.teaching import checks
from mxnet import nd

things = None, ..., 0, -1.5, "?", [], {}, (1, 2, 3), nd.zeros((1, 1)), np.zeros(2), lambda *_: 0

def probe(number, *answers):
    quiz = isinstance(number, int)
    for one in checks.of_quiz(number) if quiz else [checks.of_exercise(number)]:
        for wrong in things:
            fetched = one.verdict(answers, globals(), lambda: wrong)
            given = one.verdict([wrong] * len(answers), globals())
            for told in fetched, given:
                assert told and len(told) == 2 and all(told), (one.number, wrong, told)

"""
CALL = re.compile(r"^(check|quiz)\(", re.MULTILINE)


SET_NP = """
import gluon_seq2seq
from mxnet import npx

npx.set_np()
"""


class Result(NamedTuple):
    """How a notebook ran: seconds, what went wrong, and how many exercises were proven."""

    name: str
    lang: str
    seconds: float
    problems: Tuple[str, ...]
    exercises: int


def manifest():
    return json.loads(MANIFEST.read_text("utf-8"))


def run(source, lang, smoke=False, set_np=False):
    """Execute a :class:`~.build.Source`; leaves the solved notebook with its outputs in OUT.

    A problem is: an error, text on stderr, a stub that passes its check or a solution that does
    not, a check that some nonsense passes, a picture without alternative text, more time than the
    manifest grants. With ``smoke`` the
    values of the cell tagged ``parameters`` are those of the manifest; with ``set_np`` the first
    cell turns on NumPy semantics, as every chapter of the book's present edition does.
    """
    settings = manifest()[source.name]
    notebook = _proof(source, lang, settings["smoke"] if smoke else {})
    if set_np:
        notebook.cells.insert(0, _as(nbformat.v4.new_code_cell(SET_NP.strip()), "set_np"))
    folder = OUT / ("smoke" if smoke else "full") / lang
    folder.mkdir(parents=True, exist_ok=True)
    began, problems = time.monotonic(), []
    with TemporaryDirectory() as sockets:  # TCP ports can be taken between choice and use
        kernel = AsyncKernelManager(transport="ipc", connection_file=f"{sockets}/kernel.json")
        client = NotebookClient(
            notebook,
            kernel,
            timeout=settings["limit"],
            shutdown_kernel="immediate",  # all is said by then, and MXNet takes its time to end
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(cleanup_kc=True)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            problems.append(str(error))
    seconds = time.monotonic() - began
    if seconds > settings["limit"]:
        problems.append(f"took {seconds:.0f} s, may take {settings['limit']} s")
    problems += _problems(notebook)
    exercises = sum(cell.metadata.get("role") == "solved" for cell in notebook.cells)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("role") in (None, "solved")]
    nbformat.write(notebook, folder / f"{source.name}.ipynb")
    return Result(source.name, lang, seconds, tuple(problems), exercises)


def run_all(chosen, langs, smoke=False, jobs=2, report=lambda result: None, set_np=False):
    """Every :class:`Result`, ``jobs`` notebooks at a time; ``report`` hears of each at once."""

    def one(task):
        result = run(*task, smoke, set_np)
        report(result)
        return result

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, [(source, lang) for source in chosen for lang in langs]))


def _proof(source, lang, parameters):
    """The notebook with, at each check, the stub and its check before the solution and its."""
    solved, stubbed = (build.build(source, lang, solutions) for solutions in (True, False))
    cells, pending = [], []
    for cell, stub in zip(solved.cells, stubbed.cells):
        tags = cell.metadata.get("tags", [])
        if "check" in tags:
            cells += [_as(stub, "stub") for stub, _ in pending] + [_as(cell, "stub check")]
            cells += [cell for _, cell in pending] + [_as(cell, "solved")]
            cells.append(
                _as(nbformat.v4.new_code_cell(PROBE + CALL.sub("probe(", cell.source)), "probe")
            )
            pending = []
        elif "exercise" in tags and cell.cell_type == "code":
            pending.append((stub, cell))
        else:
            cells.append(cell)
        if "parameters" in tags and parameters:
            text = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
            cells.append(_as(nbformat.v4.new_code_cell(text), "parameters"))
    if pending:
        raise ValueError(f"{source.name}: an exercise has no check: {pending[0][0].source[:60]!r}")
    for i, cell in enumerate(cells):
        cell.id = f"{source.number}-run-{i:03d}"
    solved.cells = cells
    return solved


def _as(cell, role):
    return nbformat.from_dict({**cell, "metadata": {**cell.metadata, "role": role}})


def _problems(notebook):
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        where = f"cell {cell.source[:60]!r}"
        for output in outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield f"{where}: on stderr: {output.text[:300]}"
            data = output.get("data", {})
            pictured = any(kind.startswith("image/") for kind in data)
            if pictured and not re.match('<img alt="[^"]', data.get("text/html", "")):
                yield f"{where}: a picture without alternative text"
        text = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
        role = cell.metadata.get("role")
        lines = [line for line in text.splitlines() if line[:1] in "✓✗"]
        if role == "stub check" and not (lines and all(line.startswith("✗") for line in lines)):
            yield f"{where}: the untouched stub does not fail: {text!r}"
        if role == "solved" and not (lines and all(line.startswith("✓") for line in lines)):
            yield f"{where}: the solution does not pass: {text!r}"
