"""Fixtures of the tests of the server."""

import threading

import pytest

from gluon_seq2seq.serving.asked import Limits
from gluon_seq2seq.serving.batching import Worker
from serving.inprocess import MODELS, serving


@pytest.fixture(scope="session")
def worker():
    """The queue over the models that come along."""
    worker = Worker(MODELS, Limits().waiting)
    worker.start()
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def served(worker):
    with serving(worker) as served:
        yield served


@pytest.fixture
def fresh(worker):
    """A server whose log is empty."""
    with serving(worker) as served:
        yield served


@pytest.fixture
def held(worker, monkeypatch):
    """``held.release()`` lets the queue go on, which stands still after the batch that it is in;
    ``held.batches``: the texts of each that came."""
    whole, held = worker._search, threading.Event()
    held.batches, held.release = [], held.set

    def search(jobs):
        held.batches.append([job.text for job in jobs])
        assert held.wait(60)
        return whole(jobs)

    monkeypatch.setattr(worker, "_search", search)
    yield held
    held.set()
    monkeypatch.undo()
