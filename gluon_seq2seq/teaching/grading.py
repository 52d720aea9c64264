"""Grade a student's notebook: the course's own cells with the student's answers in their places.

The notebook that runs is put together anew. What was given, and every check, is the package's;
of the student come the answers and the cells that were added, at their places
(:func:`composed`). So a check that was deleted, edited or made to say ✓ is of no avail. It runs in
a process of its own; the checks are asked by :mod:`.verdicts`, whatever the student's cells have
made of the names in the notebook, and only what bears the seal of that question counts.

A student's cells run as code of whoever grades: they can read files, and one who sets out to
could reach into the objects of the checks. Grade strangers in a container.
"""

import ast
import asyncio
import logging
import os
import secrets
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ..errors import SystemProblem
from . import checks
from .verdicts import KIND

try:
    import nbformat
    import psutil
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from zmq import ZMQError
except ModuleNotFoundError as error:
    raise SystemProblem(
        f"{error.name} is not installed: pip install 'gluon-seq2seq[notebooks]'"
    ) from None

ASK = "__import__('gluon_seq2seq.teaching.verdicts', fromlist=['verdicts'])"
EVERY = 0.1  # seconds between two looks at the memory
SILENT = logging.getLogger(__name__)  # the row says what nbclient would
SILENT.disabled = True
PACKAGE = Path(__file__).parents[2]


class Graded(NamedTuple):
    """``points`` by exercise, and ``stopped``: ``None``, or why it ended early, ``(en, zh)``."""

    points: dict
    stopped: object


def asked(notebook):
    """``(number, names)`` of each check in order: ``("2.1", ["x_2"])``, ``(2, ["answers"])``."""
    return [question for question in map(_question, notebook.cells) if question]


def _question(cell):
    if "check" not in cell.metadata.get("tags", []):
        return None
    number, *answers = ast.parse(cell.source).body[-1].value.args
    return ast.literal_eval(number), [answer.id for answer in answers]


def composed(template, notebook):
    """``(code, question)`` of the cells to run; ``question`` is ``None`` or what a check asks.

    A cell of the student's ``notebook`` is the one of ``template`` with its id, or where a program
    has dropped ids the one with the same text; any other code was added, and keeps its place after
    the cell before it. An answer is the student's cell, and left out where there is none.
    """
    ids = {cell.id: cell for cell in template.cells}
    texts = {cell.source: cell.id for cell in template.cells}
    own, added, here = {}, {None: []}, None
    for cell in notebook.cells:
        known = cell.get("id") if cell.get("id") in ids else texts.get(cell.source)
        if known is not None and known not in own:
            own[known], here = cell, known
            added[here] = []
        elif cell.cell_type == "code":
            added[here].append((cell.source, None))
    cells = [*added[None]]
    for cell in template.cells:
        question = _question(cell)
        if question:
            cells.append(("", question))
        elif cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", []):
            cells.append((cell.source, None))
        elif cell.cell_type == "code" and cell.id in own:
            cells.append((own[cell.id].source, None))
        cells.extend(added.get(cell.id, ()))
    return cells


def grade(handed_in, minutes, megabytes):
    """Run a :class:`~.handed_in.HandedIn` in its folder: a :class:`Graded`.

    It may take ``minutes`` in all and ``megabytes`` of resident memory, its children counted.
    Memory is looked at ten times a second, and not limited by the system: of address space MXNet
    reserves gigabytes that it never touches, and macOS knows no other limit. Raises
    :class:`SystemProblem` where no kernel starts, or ``TMPDIR`` is too long for sockets.
    """
    cells = composed(handed_in.template, handed_in.notebook)
    points = {number: 0 for number, _ in asked(handed_in.template)}
    client = _Client.of(cells, handed_in.folder, 60 * minutes)
    stopped = asyncio.run(client.run(megabytes))
    for (_, question), holds in zip(cells, client.holds[1:]):
        if question:
            points[question[0]] = _points(checks.points(question[0]), holds)
    if stopped:
        after = (question[0] for _, question in cells[max(0, client.at - 1) :] if question)
        stopped = tuple(text + where for text, where in zip(stopped, _place(next(after, None))))
    return Graded(points, stopped)


def _place(number):
    if number is None:
        return " after the last check", "，在最后一个检查之后"
    if isinstance(number, int):
        return " before the check of the quiz", "，在小测验的检查之前"
    return f" before the check of exercise {number}", f"，在练习 {number} 的检查之前"


def _points(most, holds):
    """All of ``most`` in equal parts: an exercise has one, a quiz as many as it has questions."""
    return most * sum(holds) // len(holds) if holds else 0


class _Late(Exception):
    """The time of the whole notebook is over."""


class _OwnPython(KernelSpecManager):
    """Knows one kernel: this Python, whatever kernels people have registered."""

    def get_kernel_spec(self, kernel_name):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


class _Client(NotebookClient):
    """Runs cell after cell, past errors, until the time is over. Of each it keeps no output, but
    in ``holds`` what :func:`.verdicts.tell` has shown below it with the seal of its question."""

    @classmethod
    def of(cls, cells, folder, seconds):
        """A client for the ``cells`` of :func:`composed`; a cell that goes to ``folder`` is its
        first."""
        notebook = nbformat.v4.new_notebook()
        seals = [secrets.token_hex(16) for _ in range(1 + len(cells))]
        texts = [f"{ASK}.begin({str(folder)!r})"]
        texts += [
            f"{ASK}.tell({seal!r}, *{question!r})" if question else code
            for (code, question), seal in zip(cells, seals[1:])
        ]
        notebook.cells = [nbformat.v4.new_code_cell(text) for text in texts]
        client = cls(notebook, allow_errors=True, timeout_func=lambda _: client.left(), log=SILENT)
        client.at, client.until = 0, time.monotonic() + seconds
        client.seals, client.holds = seals, [[] for _ in seals]
        return client

    def left(self):
        """Seconds."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise _Late
        return left

    def process_message(self, msg, cell, cell_index):
        """Drops all but the end of a cell and verdicts: a cell may print, and fill widgets, without
        end."""
        if msg["msg_type"] == "status":
            super().process_message(msg, cell, cell_index)
        elif msg["msg_type"] == "display_data":
            told = msg["content"]["data"].get(KIND)
            if isinstance(told, dict) and told.get("seal") == self.seals[cell_index]:
                self.holds[cell_index] = told["holds"]

    async def run(self, megabytes):
        """Run all cells; returns ``None``, or why it stopped, ``(en, zh)``."""
        environment = {name: v for name, v in os.environ.items() if name != "NBGRADER_EXECUTION"}
        path = [str(PACKAGE), *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(path)
        with TemporaryDirectory() as sockets:  # TCP ports can be taken between choice and use
            self.km = AsyncKernelManager(
                transport="ipc",
                connection_file=f"{sockets}/kernel.json",
                kernel_spec_manager=_OwnPython(),
            )
            watch = None
            try:
                await self.async_start_new_kernel(env=environment, cwd=sockets)
                await self.async_start_new_kernel_client()
                watch = _Watch(self.km.provisioner.pid, megabytes)
                for at, cell in enumerate(self.nb.cells):
                    self.at = at
                    await self.async_execute_cell(cell, self.at)
            except (CellTimeoutError, _Late):
                return "its time was over", "时间用完"
            except DeadKernelError:
                if await self.km.is_alive():  # Ctrl-C, since Python 3.11
                    raise asyncio.CancelledError from None
                if watch.exceeded:
                    return f"more than {megabytes:,} MB of memory", f"内存超过 {megabytes:,} MB"
                return "its process ended", "进程意外结束"
            except (RuntimeError, ZMQError) as error:  # before the first cell
                raise SystemProblem(f"no kernel starts: {error}") from None
            except (AttributeError, LookupError, TypeError, ValueError):  # a cell can send anything
                return "its process sent what is no message", "进程发来的不是消息"
            finally:
                if watch:
                    watch.end()
                if self.km.has_kernel:
                    await self.km.shutdown_kernel(now=True)
                if self.kc:
                    self.kc.stop_channels()
        return None


class _Watch(threading.Thread):
    """Looks at the memory of a process and those it has started, and ends them."""

    def __init__(self, pid, megabytes):
        super().__init__(daemon=True)
        self.process, self.most, self.exceeded = psutil.Process(pid), megabytes * 2**20, False
        self.seen, self.over = {self.process}, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(EVERY):
            if self._used() > self.most:
                self.exceeded = True
                self._kill()
                return

    def _used(self):
        """Bytes."""
        used = 0
        with suppress(psutil.NoSuchProcess):
            self.seen.update(self.process.children(recursive=True))
        for one in self.seen:
            with suppress(psutil.Error):
                used += one.memory_info().rss
        return used

    def _kill(self):
        for one in self.seen:
            with suppress(psutil.Error):
                one.kill()

    def end(self):
        """Stop looking, and leave none of the processes behind."""
        self.over.set()
        self.join()
        self._used()
        self._kill()
