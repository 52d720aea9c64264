"""The queue: sentences of all requests, translated together by the one thread that owns MXNet.

A batch of 50 sentences takes a few times as long as a single one, so the thread waits a moment for
others to come (Crankshaw et al. 2017, "Clipper", section 4.3: adaptive batching). Ours, for servers
that batch (Triton, BentoML, Ray Serve) bring processes of their own, each with its models.
"""

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, Deque, Dict, List, NamedTuple, Optional, Sequence

from ..errors import Seq2SeqError
from ..training.checkpoint import load_model
from ..translation.translator import Translator

MOMENT = 0.005  # seconds in which others may come along
TOGETHER = 2_048  # hypotheses times tokens of a batch: some 50 sentences of 8 words with beam 5
STUCK = 120.0  # seconds that no batch takes


class Task(NamedTuple):
    """What sentences have to have in common to be translated together: ``model``, a name;
    ``beam_size``, ``alpha`` and ``attention`` as :class:`Translator` has them; whether it is the
    ``tree`` of the search that is wanted."""

    model: str
    beam_size: int
    alpha: float
    attention: bool = False
    tree: bool = False


class Job(NamedTuple):
    """A ``text`` in the queue, how many translations (``n_best``) are wanted, what it costs in
    hypotheses times tokens, and the ``future`` that gets them."""

    task: Task
    text: str
    n_best: int
    cost: int
    future: "Future[Any]"


class Full(Exception):
    """The queue takes no more sentences for now."""


class Worker:
    """A thread that loads each of ``folders`` once and translates what stands in its queue.

    ``models``: ``{name: Translator}``, in the order of the folders; only their vocabularies and
    settings may be read in other threads. ``waiting``: how many sentences may wait.
    """

    def __init__(self, folders: Sequence[str], waiting: int) -> None:
        self.folders, self.most = named(folders), waiting
        self.models: Dict[str, Translator] = {}
        self.began: Optional[float] = None  # the batch that is under way
        self._queue: Deque[Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._loaded: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="translating", daemon=True)

    def start(self) -> None:
        """Load the models; raises :class:`ModelError` for one that cannot be read."""
        self._thread.start()
        self._loaded.result()

    def close(self) -> None:
        """End the thread after its batch; what still waits is cancelled."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def submit(
        self, task: Task, texts: Sequence[str], costs: Sequence[int], n_best: int
    ) -> List["Future[Any]"]:
        """Queue ``texts``, all or none: a future for each, which may be cancelled until its batch
        begins. It gets a list of :class:`Translation`, or the record of a search. Raises
        :class:`Full`."""
        jobs = [Job(task, text, n_best, cost, Future()) for text, cost in zip(texts, costs)]
        with self._changed:
            if len(self._queue) + len(jobs) > self.most:  # those who hung up need no room
                self._queue = deque(job for job in self._queue if not job.future.cancelled())
            if self._closed or len(self._queue) + len(jobs) > self.most:
                raise Full
            self._queue.extend(jobs)
            self._changed.notify()
        return [job.future for job in jobs]

    @property
    def waiting(self) -> int:
        """How many sentences are in the queue."""
        return len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether it translates, and does not hang."""
        began = self.began
        return self._thread.is_alive() and (began is None or time.monotonic() - began < STUCK)

    def _run(self) -> None:
        try:
            for name, folder in self.folders.items():
                self.models[name] = Translator(load_model(folder, grad_req="null"))
        except BaseException as error:
            self._loaded.set_exception(error)
            return
        self._loaded.set_result(None)
        while self._wait():
            jobs = self._batch()
            if jobs:
                self.began = time.monotonic()
                self._answer(jobs)
                self.began = None

    def _wait(self) -> bool:
        """Wait for sentences; False when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if self._closed:
                for job in self._queue:
                    job.future.cancel()
                return False
        time.sleep(MOMENT)
        return True

    def _batch(self) -> List[Job]:
        """The first sentence of the queue and those after it that go with it."""
        jobs: List[Job] = []
        left: Deque[Job] = deque()
        room = TOGETHER
        with self._changed:
            for job in self._queue:
                if jobs and (job.task != jobs[0].task or job.cost > room):
                    left.append(job)
                elif job.future.set_running_or_notify_cancel():  # its asker has not hung up
                    jobs.append(job)
                    room -= job.cost
            self._queue = left
        return jobs

    def _answer(self, jobs: List[Job]) -> None:
        try:
            found = self._search(jobs)
        except Seq2SeqError as error:
            if len(jobs) > 1:  # one sentence's trouble is not the others'
                for job in jobs:
                    self._answer([job])
            else:
                jobs[0].future.set_exception(error)
        except BaseException as error:
            for job in jobs:
                job.future.set_exception(error)
        else:
            for job, result in zip(jobs, found):
                job.future.set_result(result)

    def _search(self, jobs: List[Job]) -> List[Any]:
        task, texts = jobs[0].task, [job.text for job in jobs]
        translator = self.models[task.model]
        translator.settings = replace(
            translator.settings, beam_size=task.beam_size, alpha=task.alpha
        )
        if task.tree:
            return [translator.beam_record(text) for text in texts]
        most = max(job.n_best for job in jobs)
        found = translator.n_best(texts, most, task.attention)
        return [best[: job.n_best] for job, best in zip(jobs, found)]


def named(folders: Sequence[str]) -> Dict[str, str]:
    """``{name: folder}``: the last part of a path, which tells visitors no more of this machine, or
    the path where another has the same."""
    names = [Path(folder).resolve().name for folder in folders]
    return {
        name if name and names.count(name) == 1 else str(folder): str(folder)
        for name, folder in zip(names, folders)
    }
